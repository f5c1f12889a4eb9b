"""The pytest plugin: `understudy`, a mock for the session, and `provider`, a fresh account for each test.

@pytest.mark.understudy(scenario="fail:reason=internal", rate=0)
def test_client_reports_the_reason(provider):
    job = start_my_client(provider.url, provider.api_key)
    provider.clock.advance(120)
    assert job.error == "Internal error, please try again later"

It is a front door over `contracts.testing`, which is imported when a test asks for it, and not before: this
module is loaded in every run of pytest once the package is installed.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from contracts.testing import Provider, Understudy

# The suite of promises, `pytest --pyargs contracts.provider`: its options must be known before it is found.
pytest_plugins = ["contracts.provider.plugin"]

MARKER = "understudy"
ACCOUNT = pytest.StashKey["Provider"]()
# Of a conversation below a failed test, from its beginning and from its end.
SHOWN_LINES = 40
OPTIONS = ("provider", "scenario", "pace", "rate")
ABOUT = (
    f"{MARKER}(provider='kling', scenario='fail', pace='realistic', rate=0): what the fixture `provider` is. "
    "provider: a profile's name; scenario: see GET /__understudy__/scenarios; pace: instant, fast, realistic "
    "or 'after N polls'; rate: how fast the test's own clock runs, 0 by hand only."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("understudy", "a mock of asynchronous AI media APIs")
    group.addoption(
        "--understudy-server",
        metavar="URL",
        help="Use the mock that runs there (understudy serve) instead of starting one. Its webhook secret, "
        "if it has one, is taken from UNDERSTUDY_WEBHOOK_SECRET.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", ABOUT)


@pytest.fixture(scope="session")
def understudy(pytestconfig: pytest.Config) -> Iterator[Understudy]:
    """A mock server that plays every provider, for the whole session (of a worker, under xdist)."""
    from contracts import testing

    url = pytestconfig.getoption("--understudy-server")
    if url:
        yield testing.Understudy(url, webhook_secret=os.environ.get("UNDERSTUDY_WEBHOOK_SECRET", ""))
        return
    with testing.understudy() as server:
        yield server


@pytest.fixture
def provider(request: pytest.FixtureRequest, understudy: Understudy) -> Iterator[Provider]:
    """A fresh account at a provider: its own key, tasks, time, scenarios and journal."""
    from specs.errors import UnderstudyError

    wanted = _marked(request.node)
    try:
        account = understudy.provider(wanted.pop("provider", ""), **wanted)
    except UnderstudyError as error:
        pytest.fail(f"@pytest.mark.{MARKER}: {error}", pytrace=False)
    request.node.stash[ACCOUNT] = account
    yield account
    account.reset()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what was said between the client and the mock below a test that failed, or could not be set up."""
    report = yield
    if report.when != "teardown" and report.failed:
        for name, account in _accounts(item):
            title = "conversation with the mock" + ("" if name == "provider" else f" ({name})")
            report.sections.append((title, _said(account)))
    return report


def _accounts(item: pytest.Item) -> list[tuple[str, Provider]]:
    """(name of the fixture, account) of each account that the test was given."""
    testing = sys.modules.get("contracts.testing")
    if testing is None:
        return []
    found: dict[str, tuple[str, Provider]] = {}
    # Of a test that could not be set up the arguments are not complete.
    given = {"provider": item.stash.get(ACCOUNT, None), **getattr(item, "funcargs", {})}
    for name, value in given.items():
        if isinstance(value, testing.Provider):
            found.setdefault(value.api_key, (name, value))
    return list(found.values())


def _said(account: Provider) -> str:
    """The conversation; of a long one the beginning and the end."""
    try:
        lines = account.conversation().splitlines()
    except Exception as error:  # noqa: BLE001 - the test's own failure must be seen whatever happens here
        return f"cannot be shown: {error}"
    left_out = len(lines) - 2 * SHOWN_LINES
    if left_out > 0:
        lines[SHOWN_LINES:-SHOWN_LINES] = [f"… {left_out} lines more"]
    return "\n".join(lines)


def _marked(node: Any) -> dict[str, Any]:
    """The options of all markers on a test, those nearer to it winning."""
    wanted: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers(MARKER))):
        strange = [repr(a) for a in marker.args] + sorted(marker.kwargs.keys() - set(OPTIONS))
        if strange:
            known = ", ".join(f"{name}=" for name in OPTIONS)
            pytest.fail(f"@pytest.mark.{MARKER}: no option {strange[0]} (known: {known})", pytrace=False)
        wanted |= marker.kwargs
    return wanted
