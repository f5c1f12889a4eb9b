"""Tasks that an account had before the run show bugs of what has ended, for nothing: with a budget of 0.

The account has three of them: one with one result, one that failed, and one with two results.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from decimal import Decimal
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest
from tests.broken_servers.bugs import results
from tests.broken_servers.by_kind import drawn, gone
from tests.broken_servers.proxy import NONE, BrokenServer, Bug, Call
from tests.mocks import mock_account

from understudy.contracts.checks import PROMISES, Judgement, judge
from understudy.contracts.failures import Verdict
from understudy.contracts.har import read_har, write_har
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from understudy.contracts.handle import Account
    from understudy.contracts.trace import Conversation

TARGET = read_target("canonical")
IMAGES = "/v1/images/multi-image2image"
KEY, OTHER = "the-key-of-older-tasks", "another-key-altogether"
DAYS = 2 * 86_400_000


def create(url: str, name: str, key: str = KEY, scenario: str = "", **fields: Any) -> None:
    body = {"subject_image_list": [{"subject_image": "https://example.com/a.png"}], "external_task_id": name}
    request = Request(f"{url}{IMAGES}", json.dumps({**body, **fields}).encode(), method="POST")
    request.add_header("Authorization", f"Bearer {key}")
    if scenario:
        request.add_header("X-Understudy-Scenario", scenario)
    urlopen(request).close()


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(pace="instant", api_key=KEY, journal=0) as running:
        create(running.url, "Older-One")
        create(running.url, "Older-Two", scenario="fail:reason=internal")
        create(running.url, "Older-Three", n=2)
        create(running.url, "Older-One", key=OTHER)  # names are an account's own
        yield running


def hold_free(url: str, bug: Bug, *promises: str, key: str = KEY, budget: int = 0) -> Conversation:
    async def run() -> Conversation:
        async with BrokenServer(url, bug) as server:
            return await hold(
                Options(server.url, api_key=key, other_api_key=OTHER, budget=Decimal(budget), generated=0,
                        families=("multi-image2image",), promises=frozenset(promises), timeout=20.0,
                        settle=0.0, pace=0.01),
                TARGET,
            )  # fmt: skip

    return asyncio.run(run())


def verdicts(judgements: list[Judgement], *wanted: Verdict) -> set[str]:
    return {j.promise.id for j in judgements if j.verdict in wanted}


BUGS: dict[str, Bug] = {}


def after(name: str, promise: str) -> Callable[[Callable[[Call, dict[str, Any]], None]], None]:
    """A bug in how the record of each older task is answered."""

    def enter(bend: Callable[[Call, dict[str, Any]], None]) -> None:
        def run(call: Call) -> None:
            for record in call.records:
                bend(call, record)

        BUGS[name] = Bug(name, promise, after=run)

    return enter


@after("a-listed-task-is-not-found", "query-by-task-id")
def _(call: Call, record: dict[str, Any]) -> None:
    if call.kind == "query" and record["task_id"] in call.path:
        gone(call)


@after("a-listed-task-is-lost-by-its-external-id", "query-by-external-id")
def _(call: Call, record: dict[str, Any]) -> None:
    if call.kind == "query" and record["task_id"] not in call.path:
        gone(call)


@after("a-query-knows-of-no-end", "list-agrees-with-query")
def _(call: Call, record: dict[str, Any]) -> None:
    if call.kind == "query":
        record.update(task_status="processing", task_result={}, task_status_msg="")


@after("reading-touches", "ended-tasks-stay-unchanged")
def _(call: Call, record: dict[str, Any]) -> None:
    if call.kind == "query":
        call.state["read"] = call.state.get("read", 0) + 1
        record["updated_at"] += call.state["read"]


@after("one-has-run-for-two-days", "every-task-ends")
def _(call: Call, record: dict[str, Any]) -> None:
    if record["task_info"] == {"external_task_id": "Older-One"}:
        record.update(task_status="processing", task_result={}, created_at=record["created_at"] - DAYS)


@after("a-failure-is-charged", "failed-tasks-are-free")
def _(call: Call, record: dict[str, Any]) -> None:
    if record["task_status"] == "failed":
        record["final_unit_deduction"] = "1"


@after("a-success-has-nothing", "result-exactly-at-success")
def _(call: Call, record: dict[str, Any]) -> None:
    record["task_result"] = {}


@after("two-results-are-one", "result-urls-differ")
def _(call: Call, record: dict[str, Any]) -> None:
    for item in results(record):
        item["url"] = results(record)[0]["url"]


@after("a-result-is-cut", "result-is-whole")
def _(call: Call, record: dict[str, Any]) -> None:
    for item in results(record):
        name = f"{record['task_id']}-{item['index']}.png"
        call.state.setdefault("files", {})[name] = ("image/png", drawn(item["index"])[:600])
        item["url"] = f"{call.state['url']}/files/{name}"


@after("a-list-says-another-reason", "list-records-complete")
def _(call: Call, record: dict[str, Any]) -> None:
    if call.kind == "list" and record["task_status"] == "failed":
        record["task_status_msg"] = "failed"


def as_owner(call: Call) -> None:
    if call.kind != "create":
        call.headers["Authorization"] = f"Bearer {KEY}"


def in_any_case(call: Call) -> None:
    if call.kind == "query":
        call.path = call.path.replace("oLDER-tHREE", "Older-Three")


def as_new(call: Call) -> None:
    if call.kind == "create" and "Older-" in str(call.body):
        call.body = {n: v for n, v in call.body.items() if n != "external_task_id"}


BEFORE = {
    ("anybody-reads", "other-account-cannot-query"): as_owner,
    ("anybody-lists", "other-account-cannot-list"): as_owner,
    ("a-key-is-not-looked-at", "task-needs-its-key"): as_owner,
    ("a-name-has-no-case", "external-ids-are-exact"): in_any_case,
    ("a-name-is-free-again", "external-id-is-unique"): as_new,
}
BUGS |= {name: Bug(name, promise, before=bend) for (name, promise), bend in BEFORE.items()}


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_seen_in_older_tasks_without_a_task_of_ours(name: str, mock: Account) -> None:
    bug = BUGS[name]
    judgements = judge(hold_free(mock.url, bug, bug.promise), TARGET)
    assert verdicts(judgements, Verdict.BROKEN) == {bug.promise}


@pytest.mark.parametrize(
    ("name", "repeats"), [("a-name-has-no-case", []), ("a-name-is-free-again", ["older", "multi"])]
)
def test_names_of_older_tasks_are_tried_beside_those_of_tasks_that_are_bought(
    name: str, repeats: list[str], mock: Account
) -> None:
    """The tasks of the run itself are handled well."""
    create(mock.url, "Older-Three", key=name)
    bug = BUGS[name]
    conversation = hold_free(mock.url, bug, bug.promise, key=name, budget=6)
    (found,) = [j for j in judge(conversation, TARGET) if j.promise.id == bug.promise]
    tasks = {e.number: e.task for e in conversation.exchanges}
    guilty = {tasks[f.exchanges[0]].partition("/")[0] for f in found.failures}
    assert (found.verdict, guilty) == (Verdict.BROKEN, {"older-1"})
    repeated = [e.task for e in conversation.exchanges if e.role == "repeat"]
    assert [t.partition("-")[0] for t in repeated[:2]] == repeats


def over_once_fetched(call: Call) -> None:
    fetched = call.state.setdefault("expiring", {})
    for record in call.records if call.kind in ("query", "list") else ():
        for item in results(record):
            name = item["url"].partition("?")[0].rpartition("/results/")[2].replace("/", "-")
            fetched[name] = item["url"]
            item["url"] = f"{call.state['url']}/expiring/{name}"


def deleted_in_between(call: Call) -> None:
    if call.kind == "query" and call.records:
        seen = call.state.setdefault("seen", Counter())
        seen[call.path] += 1
        if seen[call.path] > 1:
            gone(call)


def with_a_clock_of_two_days_ago(call: Call) -> None:
    call.answer_headers["Date"] = formatdate(time.time() - DAYS / 1000, usegmt=True)
    for record in call.records:
        for name in ("created_at", "updated_at"):
            record[name] -= DAYS
    for record in [r for r in call.records if r["task_info"] == {"external_task_id": "Older-One"}]:
        record.update(task_status="processing", task_result={})


@pytest.mark.parametrize(
    ("bend", "promise", "verdict"),
    [
        (over_once_fetched, "results-stay", Verdict.UNCHECKED),
        (deleted_in_between, "ended-tasks-stay", Verdict.UNCLEAR),
        (with_a_clock_of_two_days_ago, "every-task-ends", Verdict.UNCHECKED),
    ],
)
def test_what_may_become_of_anybodys_tasks_is_held_against_nobody(
    bend: Callable[[Call], None], promise: str, verdict: Verdict, mock: Account
) -> None:
    judgements = judge(
        hold_free(mock.url, Bug(promise, promise, after=bend), promise, "result-downloads"), TARGET
    )
    (found,) = [(j.verdict, j.failures) for j in judgements if j.promise.id == promise]
    assert found == (verdict, ())


def test_older_tasks_of_a_faithful_server_keep_all_that_can_be_seen_of_them(
    mock: Account, tmp_path: Path
) -> None:
    """Also the one whose name another account uses, too; and judged again from a recording."""
    conversation = hold_free(mock.url, NONE)
    judgements = judge(conversation, TARGET)
    assert verdicts(judgements, Verdict.BROKEN, Verdict.ARGUABLE, Verdict.UNCLEAR) == set()
    assert conversation.spent == "0"
    kept = verdicts(judgements, Verdict.KEPT)
    # That an older task has ended says nothing of those that will be bought.
    assert {bug.promise for bug in BUGS.values()} - kept == {"every-task-ends"}
    assert len([p for p in kept if PROMISES[p].cost != "free"]) >= 25
    write_har(conversation, tmp_path / "run.har", "1")
    assert verdicts(judge(read_har(tmp_path / "run.har"), TARGET), Verdict.KEPT) == kept
