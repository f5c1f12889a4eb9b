"""Every promise fails on the bug planted for it, and nothing else does."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from contracts.checks import PROMISES, Judgement, judge
from contracts.failures import Verdict
from contracts.report import build
from contracts.runner.options import Options
from contracts.runner.run import hold
from contracts.target import read_target
from mockserver.server import understudy_server
from tests.broken_servers.bugs import BUGS
from tests.broken_servers.proxy import NONE, SECRET, BrokenServer, Bug, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.trace import Conversation
    from mockserver.server import Mock

TARGET = read_target("canonical")
# Some bugs are about videos; most are shown by the cheaper family.
VIDEO = {"duration-is-short"}


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    # Three times as fast as the clock on the wall: a task takes 0.7 s, each state is polled often.
    with understudy_server(pace="fast", rate=3.0, webhook_secrets=(SECRET,), journal=0) as running:
        yield running


def options(url: str, bug: Bug, **changes: object) -> Options:
    family = "multi-image2video" if bug.id in VIDEO else "multi-image2image"
    given = {
        "url": url,
        "api_key": f"v-{bug.id}",
        "other_api_key": f"v-other-{bug.id}",
        "families": (family,),
        "budget": Decimal(6),
        "pace": 0.04,
        "generated": 0,
        "grace": 0.6,
        "linger": 0.15,
        "timeout": 20.0,
        "closed": bug.promise == "auth-unknown-key-refused",
    }
    return Options(**{**given, **changes})


async def verify(url: str, bug: Bug, **changes: object) -> list[Judgement]:
    async with BrokenServer(url, bug) as server:
        conversation = await hold(options(server.url, bug, **changes), TARGET)
    return judge(conversation, TARGET, secrets=(SECRET,))


@pytest.fixture(scope="module")
def judgements(mock: Mock) -> dict[str, list[Judgement]]:
    """Bug -> what a run against it found. A run mostly waits, so several go on at once."""

    async def all_runs() -> dict[str, list[Judgement]]:
        gate = asyncio.Semaphore(6)

        async def one(bug: Bug) -> list[Judgement]:
            async with gate:
                return await verify(mock.url, bug)

        return dict(zip(BUGS, await asyncio.gather(*(one(b) for b in BUGS.values())), strict=True))

    return asyncio.run(all_runs())


def broken(judgements: list[Judgement]) -> set[str]:
    return {j.promise.id for j in judgements if j.verdict is Verdict.BROKEN}


@pytest.mark.parametrize("name", sorted(BUGS))
def test_a_planted_bug_breaks_its_promise_and_only_related_ones(
    name: str, judgements: dict[str, list[Judgement]]
) -> None:
    bug, found = BUGS[name], broken(judgements[name])
    assert bug.promise in found
    assert found - {bug.promise} <= bug.related


def test_a_faithful_server_behind_the_same_proxy_keeps_every_promise(mock: Mock) -> None:
    judgements = asyncio.run(verify(mock.url, NONE, families=(), budget=Decimal(10)))
    assert {j.promise.id: j.verdict for j in judgements if j.verdict is not Verdict.KEPT} == {
        "auth-unknown-key-refused": Verdict.UNCHECKED
    }


def test_every_promise_has_a_bug_of_its_own() -> None:
    assert {b.promise for b in BUGS.values()} == set(PROMISES)


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


def test_a_failure_is_shown_on_the_smallest_request_that_still_fails(mock: Mock) -> None:
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
    assert set(body) == {"subject_image_list", "n", "external_task_id", "callback_url"}
    assert body["n"] == 2
