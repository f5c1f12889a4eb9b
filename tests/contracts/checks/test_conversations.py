"""Each check on a small conversation written by hand: one fault, and the promise that it breaks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.contracts.checks.conversations import (
    BORN,
    ENDED,
    JSON,
    URL,
    answer,
    broken,
    exchange,
    faithful,
    record,
)

from understudy.contracts import trace
from understudy.contracts.checks.causes import CAUSES, causes_of
from understudy.contracts.checks.table import ARGUABLE, PROMISES
from understudy.contracts.trace import Exchange, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_faithful_conversation_breaks_nothing() -> None:
    assert broken(faithful()) == set()


def said(number: int, data: Any, **more: Any) -> Callable[[list[Exchange]], None]:
    """Let exchange `number` answer with `data`."""

    def bend(exchanges: list[Exchange]) -> None:
        exchanges[number] = replace(exchanges[number], response=answer(data, number), **more)

    return bend


def refused(number: int) -> Callable[[list[Exchange]], None]:
    body = {"code": 1201, "message": "Task not found by id/external id: x", "request_id": f"r-{number}"}

    def bend(exchanges: list[Exchange]) -> None:
        response = Response(400, JSON, json.dumps(body).encode())
        exchanges[number] = replace(exchanges[number], response=response)

    return bend


FAULTS: dict[str, tuple[str, Callable[[list[Exchange]], None]]] = {
    "starts in the middle": ("create-starts-initial", said(0, record("processing", updated_at=BORN))),
    "times of a new task differ": ("create-times-agree", said(0, record("submitted", updated_at=BORN + 1))),
    "an unknown word": ("status-known", said(1, record("thinking", updated_at=BORN + 500))),
    "times in seconds": ("times-in-milliseconds", said(7, record("succeed", updated_at=ENDED // 1000))),
    "created_at moves": ("created-at-is-constant", said(3, record("succeed", created_at=BORN + 1))),
    "success without results": ("result-exactly-at-success", said(2, record("succeed", task_result={}))),
    "a reason for a success": ("reason-exactly-at-failure", said(2, record("succeed", task_status_msg="hm"))),
    "another task answers": ("query-by-external-id", said(3, record("succeed", task_id="9"))),
    "not found by its id": ("query-by-task-id", refused(4)),
    "queries of one instant differ": (
        "polls-of-one-instant-agree",
        said(5, record("succeed", updated_at=ENDED + 7)),
    ),
    "gone at the end": ("ended-tasks-stay", refused(7)),
    "other results at the end": (
        "terminal-is-final",
        said(7, record("succeed", task_result={"images": [{"index": 0, "url": "https://cdn.example/2.png"}]})),
    ),
    "not in the list": ("list-contains-tasks", said(6, [])),
    "another status in the list": ("list-agrees-with-query", said(6, [record("processing")])),
    "no results in the list": ("list-records-complete", said(6, [record("succeed", task_result={})])),
    "the external id in capitals": (
        "create-echoes-external-id",
        said(3, record("succeed", task_info={"external_task_id": "ORDER-1"})),
    ),
    "two results for one": (
        "result-count",
        said(2, record("succeed", task_result={"images": [
            {"index": 0, "url": "https://cdn.example/1.png"}, {"index": 1, "url": "https://cdn.example/3.png"},
        ]})),
    ),
    "a result without an address": (
        "result-urls-are-absolute",
        said(2, record("succeed", task_result={"images": [{"index": 0, "url": "/1.png"}]})),
    ),
    "charged twice": ("deduction-fits-request", said(2, record("succeed", final_unit_deduction="2"))),
    "a failure that costs": (
        "failed-tasks-are-free",
        said(2, record("failed", task_status_msg="no", final_unit_deduction="1", task_result={})),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_breaks_its_promise(name: str) -> None:
    promise, bend = FAULTS[name]
    exchanges = faithful()
    bend(exchanges)
    assert promise in broken(exchanges)


def test_results_that_vanish_for_good_are_no_disagreement_of_servers() -> None:
    gone, told = record("succeed", task_result={}), {"polls-of-one-instant-agree", "terminal-is-final"}
    exchanges = faithful()
    for number in (5, 7):
        said(number, gone)(exchanges)
    assert broken(exchanges) & told == {"terminal-is-final"}
    said(7, record("succeed"))(exchanges)
    assert broken(exchanges) & told == {"polls-of-one-instant-agree", "terminal-is-final"}


def test_each_page_of_a_list_begins_with_its_newest_task() -> None:
    newer = record("submitted", task_id="2", task_info={}, created_at=BORN + 9000, updated_at=BORN + 9000)
    sent = Request("POST", URL, (), b"{}")
    made = exchange(8, trace.CREATE, newer, 9, task="two", request=sent)

    def paged(*tasks: dict[str, Any]) -> set[str]:
        page = exchange(9, trace.LIST, [*tasks], 31, case={"purpose": "page", "size": 2, "page": 2})
        return broken([*faithful(), made, page]) & {"list-newest-first"}

    assert paged(newer, record("succeed")) == set()
    assert paged(record("succeed"), newer) == {"list-newest-first"}


def test_a_task_that_stays_behind_is_named_and_one_that_was_not_watched_long_is_not() -> None:
    def other(seconds: float, polls: int = 10) -> list[Exchange]:
        mine = record("submitted", task_id="2", task_info={})
        sent = Request("POST", URL, (), b"{}")
        return [
            exchange(8, trace.CREATE, mine, 0, task="two", request=sent),
            *(
                exchange(
                    9 + n, trace.POLL, {**mine, "task_status": "processing"}, seconds * n / polls, task="two"
                )
                for n in range(1, polls + 1)
            ),
        ]

    assert "every-task-ends" in broken([*faithful(), *other(200)])
    assert "every-task-ends" not in broken([*faithful(), *other(40)])
    assert "every-task-ends" not in broken([*faithful(), *other(200, polls=2)])


def test_what_another_breach_explains_stands_below_it() -> None:
    assert causes_of({"status-known", "callback-agrees-with-query", "result-count"}) == {
        "callback-agrees-with-query": "status-known"
    }


def test_causes_are_promises_and_none_explains_itself() -> None:
    named = set(CAUSES) | {name for followers in CAUSES.values() for name in followers}
    assert named <= set(PROMISES)
    assert not [root for root, followers in CAUSES.items() if root in followers]


def test_arguable_promises_are_in_the_table() -> None:
    assert set(PROMISES) >= ARGUABLE


def test_a_zone_is_told_and_a_clock_that_runs_faster_is_not() -> None:
    def made(took: int) -> list[Exchange]:
        hours = 8 * 3_600_000
        times = {"created_at": BORN + hours, "updated_at": BORN + hours}
        ended = {**times, "updated_at": BORN + hours + took}
        return [
            exchange(0, trace.CREATE, record("submitted", **times), 0),
            exchange(2, trace.POLL, record("succeed", **ended), 24),
        ]

    assert "times-in-milliseconds" in broken(renumbered(made(23_500)))
    assert "times-in-milliseconds" not in broken(renumbered(made(70_000)))


def renumbered(exchanges: list[Exchange]) -> list[Exchange]:
    return [replace(e, number=n) for n, e in enumerate(exchanges)]


@pytest.mark.parametrize("ids", [["1" * 5000, "2" * 5000, "3" * 5000], ["5", "5", "5"]])
def test_odd_ids_are_judged_like_any_other(ids: list[str]) -> None:
    def made(number: int) -> Exchange:
        mine = record("submitted", task_id=ids[number], task_info={})
        sent = Request("POST", URL, (), b"{}")
        return exchange(number, trace.CREATE, mine, number, task=f"task {number}", request=sent)

    assert "task-ids-cannot-be-guessed" not in broken([made(n) for n in range(3)])
