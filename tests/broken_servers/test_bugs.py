"""Every promise fails on the bug planted for it, and nothing else does.

Each bug is looked for among the promises that cost as much as its own: those that need a task, or those that
need none. UNDERSTUDY_LONG=1 asks for all of them, so that a bug can be seen to break none of the others.
"""

from __future__ import annotations

import asyncio
import json
import os
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.broken_servers import around, strange, unasked  # noqa: F401 - they enter their bugs into the table
from tests.broken_servers.axis_faults import FAULTS
from tests.broken_servers.bugs import BUGS
from tests.broken_servers.by_kind import BOTH, RICHER
from tests.broken_servers.proxy import NONE, SECRET, BrokenServer, Bug, Call
from tests.mocks import mock_account

from understudy.contracts.checks import PROMISES, Judgement, judge
from understudy.contracts.checks.causes import CAUSES
from understudy.contracts.failures import Verdict
from understudy.contracts.report import build
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account
    from understudy.contracts.trace import Conversation

LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
TARGET = read_target("canonical")
# Some bugs are about videos; most are shown by the cheaper family.
VIDEO = {"duration-is-short"}
# What costs no task, but is asked of every answer, or of a list that must hold tasks.
ANYWHERE = {
    "answers-are-json",
    "answers-hide-the-key",
    "answers-without-internal-errors",
    "list-page-size-kept",
    "list-pages-without-loss",
    "refusal-leaks-nothing",
}
# Promises that Kling's API does not make; test_described.py and test_random_apis.py plant what breaks them.
OF_OTHER_APIS = {
    "private-results-need-their-key",
    *(fault.promise for fault in FAULTS.values() if PROMISES[fault.promise].offered is not None),
}
# Those about rules across fields need a family that has rules.
RULED = {"refuses-fields-that-do-not-fit": "text2video"}


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    # Three times as fast as the clock on the wall: a task takes 0.7 s, each state is polled often.
    with mock_account(pace="fast", rate=3.0, webhook_secrets=(SECRET,), journal=0) as running:
        yield running


def options(url: str, bug: Bug, **changes: object) -> Options:
    family = "multi-image2video" if bug.id in VIDEO else RULED.get(bug.promise, "multi-image2image")
    given = {
        "url": url,
        "api_key": f"v-{bug.id}",
        "other_api_key": f"v-other-{bug.id}",
        "families": ("multi-image2image", "multi-image2video") if bug.id in BOTH else (family,),
        "budget": Decimal(10 if bug.id in BOTH else RICHER.get(bug.id, 6)),
        "pace": 0.04,
        "generated": 0,
        "grace": 0.6,
        "linger": 0.15,
        "settle": 0.5,
        "timeout": 60.0,
        "closed": bug.promise == "auth-unknown-key-refused",
        "callback_retry": bug.promise == "callback-is-retried",
    }
    # A callback's bug never sees a request: what needs no task is answered as by the faithful server.
    unseen = bug.callbacks is not None and bug.before is None and bug.after is None
    if unseen or (bug is not NONE and not LONG and bug.promise not in ANYWHERE):
        given["promises"] = frozenset(name for name in PROMISES if of_a_kind(name, bug.promise))
    return Options(**{**given, **changes})


def of_a_kind(one: str, other: str) -> bool:
    """Whether two promises cost the same: both are seen without a task, or both by one."""
    return PROMISES[one].cost == PROMISES[other].cost


async def verify(url: str, bug: Bug, **changes: object) -> list[Judgement]:
    async with BrokenServer(url, bug) as server:
        conversation = await hold(options(server.url, bug, **changes), TARGET)
    if bug.promise == "callback-in-time":
        conversation.stalls.clear()  # late by so many seconds, however busy this machine was
    return judge(conversation, TARGET, secrets=(SECRET,))


NAMES = sorted(BUGS)
# Runs mostly wait, so several go on at once; in tests of their own, for several processes to share them.
AT_ONCE = 6
BATCHES = [NAMES[place : place + AT_ONCE] for place in range(0, len(NAMES), AT_ONCE)]


def broken(judgements: list[Judgement]) -> set[str]:
    return {j.promise.id for j in judgements if j.verdict in (Verdict.BROKEN, Verdict.ARGUABLE)}


@pytest.mark.parametrize("names", BATCHES, ids=lambda names: f"{names[0]}..{names[-1]}")
def test_planted_bugs_break_their_promises_and_only_related_ones(names: list[str], mock: Account) -> None:
    async def all_runs() -> list[list[Judgement]]:
        return await asyncio.gather(*(verify(mock.url, BUGS[name]) for name in names))

    found = {name: broken(rows) for name, rows in zip(names, asyncio.run(all_runs()), strict=True)}
    missed = {name: BUGS[name].promise for name in names if BUGS[name].promise not in found[name]}
    accused = {name: found[name] - explained(BUGS[name]) for name in names}
    assert (missed, {name: rows for name, rows in accused.items() if rows}) == ({}, {})


def explained(bug: Bug) -> set[str]:
    """The promises that may fail along with the one that a bug breaks."""
    return {bug.promise, *CAUSES.get(bug.promise, ()), *bug.related}


def test_a_faithful_server_behind_the_same_proxy_keeps_every_promise(mock: Account) -> None:
    both = ("multi-image2image", "multi-image2video")
    judgements = asyncio.run(verify(mock.url, NONE, families=both, budget=Decimal(14)))
    assert {j.promise.id: j.verdict for j in judgements if j.verdict is not Verdict.KEPT} == {
        "auth-unknown-key-refused": Verdict.UNCHECKED,
        "any-client-is-answered": Verdict.UNCHECKED,  # of videos: one family shows it
        "callback-is-retried": Verdict.UNCHECKED,  # nobody asked for it
        "external-ids-are-per-account": Verdict.UNCHECKED,  # of videos: the cheaper family shows it
    }


def test_a_callback_that_was_answered_500_comes_again_from_the_mock(mock: Account) -> None:
    given = {"promises": frozenset({"callback-is-retried"}), "callback_retry": True}
    judgements = asyncio.run(verify(mock.url, NONE, **given))
    assert [j.verdict for j in judgements if j.promise.id == "callback-is-retried"] == [Verdict.KEPT]


def test_every_promise_has_a_bug_of_its_own() -> None:
    assert {b.promise for b in BUGS.values()} == set(PROMISES) - OF_OTHER_APIS


def test_related_promises_exist() -> None:
    assert not {r for b in BUGS.values() for r in b.related} - set(PROMISES)


def three_for_two(call: Call) -> None:
    """One result too many, but only when two are asked for."""
    if call.kind == "create" and call.accepted and isinstance(call.body, dict) and call.body.get("n") == 2:
        call.state.setdefault("twos", set()).add(call.record["task_id"])
    if call.kind in ("query", "list"):
        for record in call.records:
            items = record.get("task_result", {}).get("images")
            if items and record["task_id"] in call.state.get("twos", ()):
                items.append({"index": 2, "url": items[0]["url"]})


def test_a_failure_is_shown_on_the_smallest_request_that_still_fails(mock: Account) -> None:
    bug = Bug("three-for-two", "result-count", after=three_for_two)

    async def run() -> Conversation:
        async with BrokenServer(mock.url, bug) as server:
            return await hold(options(server.url, bug, budget=Decimal(25)), TARGET)

    conversation = asyncio.run(run())
    assert Decimal(conversation.spent) <= 25
    [guilty] = [j for j in judge(conversation, TARGET) if j.promise.id == "result-count"]
    [row] = build([guilty], conversation, TARGET).rows
    sent = next(d.text for d in row.details if d.title.startswith("request "))
    body = json.loads(sent.partition("\n")[2])
    assert set(body) == {"subject_image_list", "n"}
    assert body["n"] == 2
