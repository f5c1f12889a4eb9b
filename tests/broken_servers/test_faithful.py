"""A faithful server of any profile is never accused, whatever the seed.

The short form takes one seed of each profile, and asks each family what its promises need;
UNDERSTUDY_LONG=1 takes fifty, and asks each family for thirty units.
"""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.broken_servers.proxy import SECRET
from tests.mocks import mock_account

from understudy.contracts.checks import PROMISES, judge
from understudy.contracts.failures import Verdict
from understudy.contracts.report import exit_code
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.plan import enough_for
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target
from understudy.specs.library import profiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

# What a provider's own documents do not state about the image family (ChainHub: about both) is no promise.
UNSTATED = {
    "chainhub": {"refuses-malformed-pictures"},
    "cometapi": {"refuses-malformed-pictures"},
    "powertokens": {"refuses-malformed-pictures"},
    # Nor does it mention external ids, by which tasks are looked up again.
    "yutoai": {
        "accepts-external-ids",
        "external-id-is-unique",
        "external-ids-are-exact",
        "refused-create-keeps-id-free",
        "query-by-external-id",
        "refusal-creates-nothing",
        "refuses-beyond-limits",
        "refuses-invented-models",
        "refuses-malformed-pictures",
        "refuses-unknown-values",
    },
}

Rows = list[tuple[int, str, str, str]]
# Families about which every promise says something: they have pictures, texts, numbers and choices.
TELLING = ("multi-image2image", "multi-image2video")

LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
SEEDS = range(50) if LONG else range(1, 2)
# What cannot be seen at a mock that takes any key, what ten units do not buy, what one family shows for all.
OPEN = {
    "any-client-is-answered",
    "auth-unknown-key-refused",
    "callback-is-retried",
    "external-ids-are-per-account",
}
# One family alone cannot be mixed up with another.
ALONE = {"families-are-apart", "list-families-apart"}
# A gateway whose create answers in seconds has no two times to compare.
SILENT = {"newapi": {"create-times-agree", "request-ids-differ", "families-are-apart"}}


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(rate=10.0, webhook_secrets=(SECRET,)) as running:
        yield running


def options(url: str, provider: str, seed: int, **changes: Any) -> Options:
    given: dict[str, Any] = {
        "url": url, "provider": provider, "seed": seed, "api_key": f"a-{provider}-{seed}", "pace": 0.04,
        "other_api_key": f"b-{provider}-{seed}", "budget": Decimal(10), "grace": 1.0, "linger": 0.1,
        "timeout": 180.0, "generated": 20 if seed else 0, "settle": 0.3,
    }  # fmt: skip
    return Options(**{**given, **changes})


@pytest.mark.parametrize("provider", profiles())
def test_a_faithful_server_keeps_every_promise_that_can_be_checked(provider: str) -> None:
    target = read_target(provider)
    unseen = OPEN | SILENT.get(provider, set()) | UNSTATED.get(provider, set())
    asked = tuple(family.name for family in target.asked() if family.name in TELLING)
    unseen |= ALONE if len(asked) == 1 else set()

    async def all_seeds(url: str) -> Rows:
        gate = asyncio.Semaphore(4)

        async def one(seed: int) -> Rows:
            async with gate:
                conversation = await hold(options(url, provider, seed, families=asked), target)
            assert conversation.stopped == ""
            assert Decimal(conversation.spent) in (Decimal(9), Decimal(10))
            return [
                (seed, j.promise.id, j.verdict.value, str(j.failures[:1] or j.reason))
                for j in judge(conversation, target, secrets=(SECRET,))
                if j.verdict is not Verdict.KEPT
                and not (j.verdict is Verdict.UNCHECKED and j.promise.id in unseen)
            ]

        return [row for rows in await asyncio.gather(*(one(s) for s in SEEDS)) for row in rows]

    with mock_account(provider=provider, rate=5.0, webhook_secrets=(SECRET,), journal=0) as mock:
        assert asyncio.run(all_seeds(mock.url)) == []


@pytest.mark.parametrize("family", [family.name for family in read_target("canonical").families])
def test_a_faithful_server_of_any_family_is_not_accused(family: str, mock: Account) -> None:
    target = read_target("canonical")
    budget = Decimal(30) if LONG else enough_for([target.family(family)], 3, PROMISES)
    given = options(mock.url, "canonical", 3, api_key=f"a-{family}", families=(family,), budget=budget)
    conversation = asyncio.run(hold(given, target))
    found = [
        (j.promise.id, j.verdict.value, str(j.failures[:1] or j.reason))
        for j in judge(conversation, target, secrets=(SECRET,))
        if j.verdict is not Verdict.KEPT and j.verdict is not Verdict.UNCHECKED
    ]
    assert (conversation.stopped, found) == ("", [])
    # The budget bought tasks; what a family without a price makes costs none of it.
    assert [e.task for e in conversation.exchanges if e.role == "create" and e.task and e.status == 200]


@pytest.mark.parametrize("pace", ["instant", "after 3 polls"])
def test_a_faithful_server_of_another_pace_keeps_every_promise(pace: str) -> None:
    target = read_target("canonical")
    with mock_account(pace=pace, webhook_secrets=(SECRET,)) as mock:
        conversation = asyncio.run(hold(options(mock.url, "canonical", 0), target))
    found = [
        (j.promise.id, j.verdict.value, str(j.failures[:1]))
        for j in judge(conversation, target, secrets=(SECRET,))
        if j.verdict in (Verdict.BROKEN, Verdict.UNCLEAR)
    ]
    assert found == []


@pytest.mark.parametrize("provider", ["yutoai", "chainhub"])
def test_a_server_that_refuses_what_its_documents_do_not_mention_is_not_accused(provider: str) -> None:
    """The run sends no field that the provider never documented, not even an external id of its own."""
    target = read_target(provider)
    with mock_account(provider=provider, rate=5.0, strict=True, webhook_secrets=(SECRET,)) as mock:
        conversation = asyncio.run(hold(options(mock.url, provider, 0), target))
    broken = {
        j.promise.id for j in judge(conversation, target, secrets=(SECRET,)) if j.verdict is Verdict.BROKEN
    }

    assert broken == set()


# Scenario of the mock -> the promises that it breaks; none for what any provider may do, or what only keeps
# us from telling. `exit` is what the command would exit with.
SCENARIOS: dict[str, tuple[int, set[str]]] = {
    # No broken promise; but a run that saw no result must not say that all is well.
    "fail": (3, set()),
    "fail-at-once": (3, set()),
    "skip-processing": (0, set()),
    "extra-fields": (0, set()),
    "callbacks-doubled": (0, set()),
    "content_policy": (3, set()),
    "no_permission": (3, set()),
    "account_in_arrears": (3, set()),
    "authorization_expired": (3, set()),
    "unavailable": (3, set()),
    "html": (3, set()),
    "reset": (3, set()),
    "truncated": (3, set()),
    "never-finish": (3, set()),
    "callbacks-lost": (1, {"callback-on-each-change"}),
    "callbacks-terminal-only": (1, {"callback-on-each-change"}),
    "callbacks-reversed": (1, {"callback-order"}),
    "callbacks-badly-signed": (1, {"callback-signature"}),
    "results-expired": (1, {"result-downloads"}),
    "unknown-status": (1, {"status-known"}),
    "null-for-object": (1, {"create-answer-shape"}),
}


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_each_misbehaviour_is_named_and_nothing_else(scenario: str, mock: Account) -> None:
    target = read_target("canonical")
    account = mock.server.account(key=f"a-{scenario}-0")
    account.scenario(scenario)
    given = options(
        mock.url, "canonical", 0, api_key=account.api_key, families=("multi-image2image",), budget=Decimal(4),
        timeout=2.0 if scenario == "never-finish" else 30.0,
    )  # fmt: skip
    conversation = asyncio.run(hold(given, target))
    judgements = judge(conversation, target, secrets=(SECRET,))
    broken = {j.promise.id for j in judgements if j.verdict is Verdict.BROKEN}
    code, expected = SCENARIOS[scenario]
    assert (exit_code(judgements, conversation), expected <= broken) == (code, True), (
        conversation.stopped,
        [(j.promise.id, j.failures[:1] or j.reason) for j in judgements if j.verdict is not Verdict.KEPT],
    )
    assert bool(broken) == (code == 1)
