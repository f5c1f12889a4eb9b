"""Options and fixtures of the suite. Loaded in every run of pytest once the package is installed: kept light.

def test_every_result_is_on_our_cdn(understudy_views):
    for view in understudy_views.values():
        for task in view.tasks:
            assert all(item["url"].startswith("https://cdn.example.com/") for item in task.results)
"""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from understudy.contracts.checks import Judgement
    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.runner.options import Options
    from understudy.contracts.target import Target
    from understudy.contracts.trace import Conversation

# Imports stand in the functions that need them: pytest starts 220 ms sooner.


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup(
        "understudy suite", "pytest --pyargs contracts.suite: hold a provider to its promises"
    )
    add = group.addoption
    add("--understudy-url", metavar="URL", help="The provider's URL, up to /v1/...")
    add("--understudy-provider", default="canonical", metavar="P", help="Whose promises (a profile's name).")
    add("--understudy-family", action="append", default=[], metavar="F", help="Only this family of tasks.")
    add("--understudy-budget", default="10", metavar="UNITS", help="Units to spend at most.")
    add(
        "--understudy-explore",
        default="0",
        metavar="UNITS",
        help="Units for a search through orders of requests.",
    )
    add("--understudy-seed", type=int, default=0, metavar="N", help="Chooses the requests.")
    add("--understudy-timeout", type=float, default=600.0, metavar="SECONDS", help="In all.")
    add("--understudy-pace", type=float, default=None, metavar="SECONDS", help="Between two polls.")
    add("--understudy-generated", type=int, default=40, metavar="N", help="Bad values from Schemathesis.")
    add("--understudy-callback-url", default="", metavar="URL", help="Public URL of our callback receiver.")


def options_of(config: pytest.Config, units: str) -> Options:
    """The run's options; keys come from UNDERSTUDY_API_KEY and UNDERSTUDY_OTHER_API_KEY."""
    from understudy.contracts.runner.options import options_for

    try:
        budget = Decimal(units)
    except InvalidOperation:
        raise pytest.UsageError(f"--understudy-budget {units}: units must be a number") from None
    return options_for(
        config.getoption("--understudy-url"),
        api_key=os.environ.get("UNDERSTUDY_API_KEY", ""),
        other_api_key=os.environ.get("UNDERSTUDY_OTHER_API_KEY", ""),
        provider=config.getoption("--understudy-provider"),
        families=tuple(config.getoption("--understudy-family")),
        budget=budget,
        seed=config.getoption("--understudy-seed"),
        timeout=config.getoption("--understudy-timeout"),
        pace=config.getoption("--understudy-pace"),
        generated=config.getoption("--understudy-generated"),
        callback_url=config.getoption("--understudy-callback-url"),
    )


@pytest.fixture(scope="session")
def understudy_target(pytestconfig: pytest.Config) -> Target:
    """The promises of the provider under test."""
    from understudy.contracts.target import read_target

    return read_target(pytestconfig.getoption("--understudy-provider"))


@pytest.fixture(scope="session")
def understudy_conversation(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, understudy_target: Target
) -> Conversation:
    """The one conversation of this session, held within the budget.

    When nobody is there, it is said once and the session ends: each test would only say it again.
    """
    from understudy.contracts.runner.run import hold

    if not pytestconfig.getoption("--understudy-url"):
        pytest.skip("give --understudy-url URL")
    options = options_of(pytestconfig, pytestconfig.getoption("--understudy-budget"))
    conversation = asyncio.run(hold(options, understudy_target))
    if conversation.not_located:
        request.session.shouldfail = "nothing was sent to be judged"
        pytest.fail(f"could not tell: {conversation.stopped}", pytrace=False)
    return conversation


@pytest.fixture(scope="session")
def understudy_views(understudy_target: Target, understudy_conversation: Conversation) -> dict[str, TaskView]:
    """Family -> its tasks, with everything that was seen of each."""
    from understudy.contracts.checks.view import TaskView

    return {
        name: TaskView(understudy_target, understudy_target.family(name), understudy_conversation)
        for name in understudy_conversation.families
    }


@pytest.fixture(scope="session")
def understudy_judgements(
    understudy_target: Target, understudy_conversation: Conversation
) -> dict[tuple[str, str], Judgement]:
    """(promise, family) -> verdict, with failures and the reason."""
    from understudy.contracts.checks import judge

    secrets = tuple(os.environ.get("UNDERSTUDY_WEBHOOK_SECRET", "").split())
    found = judge(understudy_conversation, understudy_target, secrets=secrets)
    return {(j.promise.id, j.family): j for j in found}
