"""The checks of callbacks, accounts, leniency and files on a conversation written by hand: one fault each."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.contracts.checks.conversations import (
    BORN,
    JSON,
    broken,
    delivery,
    exchange,
    faithful,
    record,
)

from understudy.contracts import trace
from understudy.contracts.trace import Conversation, Delivery, Exchange, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

HOOK = "http://receiver.example/1?task=1"
MIDDLE = record("processing", updated_at=BORN + 500)


def kind(content: str) -> trace.Headers:
    return (("Content-Type", content),)


def asked_for_callbacks() -> list[Exchange]:
    first, *others = faithful()
    body = json.dumps({"external_task_id": "order-1", "n": 1, "callback_url": HOOK}).encode()
    return [replace(first, request=replace(first.request, body=body)), *others]


def told() -> list[Delivery]:
    return [delivery(0, MIDDLE, 0.6), delivery(1, record("succeed"), 24)]


def test_a_faithful_conversation_with_callbacks_breaks_nothing() -> None:
    assert broken(asked_for_callbacks(), told()) == set()


LATE = [delivery(0, MIDDLE, 0.6), delivery(1, record("succeed"), 30.4)]


@pytest.mark.parametrize(
    ("stalls", "found"),
    [
        ([], {"callback-in-time"}),
        ([(BORN + 27_000.0, 600.0)], set()),
        ([(BORN + 27_000.0, 300.0)], {"callback-in-time"}),
        ([(BORN + 12_000.0, 9_000.0)], {"callback-in-time"}),
    ],
    ids=["never", "long enough", "not long enough", "long before"],
)
def test_a_callback_that_our_own_machine_kept_waiting_accuses_nobody(
    stalls: list[tuple[float, float]], found: set[str]
) -> None:
    assert broken(asked_for_callbacks(), LATE, stalls=stalls) == found


@pytest.mark.parametrize(
    ("times", "late", "found"),
    [(20, 100.0, set()), (10, 100.0, {"callback-in-time"}), (50, 40.0, {"callback-in-time"})],
    ids=["often", "not often enough", "by what is usual"],
)
def test_a_machine_that_is_a_little_late_again_and_again_excuses_as_much_as_it_was_late(
    times: int, late: float, found: set[str]
) -> None:
    held = Conversation("canonical", "http://provider.example")
    for number in range(times):
        held.note_stall(BORN + 24_500 + number * 100, late)
    assert broken(asked_for_callbacks(), LATE, stalls=held.stalls) == found


CALLBACKS: dict[str, tuple[str, Callable[[list[Delivery]], list[Delivery]]]] = {
    "the end is not told": ("callback-on-each-change", lambda d: d[:1]),
    "out of order": ("callback-order", lambda d: [replace(d[0], received=d[1].received + 50), d[1]]),
    "in an envelope": ("callback-shape", lambda d: [d[0], delivery(1, {"data": record("succeed")}, 24)]),
    "as a form": (
        "callback-shape",
        lambda d: [d[0], replace(d[1], headers=(("Content-Type", "text/plain"),))],
    ),
    "without its query": ("callback-url-is-kept", lambda d: [d[0], replace(d[1], query="")]),
    "by PUT": ("callback-url-is-kept", lambda d: [d[0], replace(d[1], method="PUT")]),
    "long after the query": ("callback-in-time", lambda d: [d[0], replace(d[1], received=BORN + 34_000)]),
    "before the answer": ("callback-after-create", lambda d: [replace(d[0], received=BORN - 500), d[1]]),
    "other times": (
        "callback-agrees-with-query",
        lambda d: [d[0], delivery(1, record("succeed", updated_at=BORN + 24_001), 24)],
    ),
    "twice and different": (
        "callback-repeats-agree",
        lambda d: [*d, delivery(2, record("succeed", updated_at=BORN + 25_000), 25)],
    ),
    "refused, and not again": ("callback-is-retried", lambda d: [replace(d[0], answered=500), d[1]]),
}


@pytest.mark.parametrize(
    ("query", "found"),
    [("task=1&sig=a%2Bb+c", set()), ("task=1&sig=a+b%20c", {"callback-url-is-kept"})],
    ids=["spelled otherwise", "decoded"],
)
def test_a_query_string_may_be_spelled_otherwise_and_not_mean_something_else(
    query: str, found: set[str]
) -> None:
    url = f"{HOOK}&sig=a%2Bb%20c"
    came = [replace(d, url=url, query=query) for d in told()]
    assert broken(asked_for_callbacks(), came) == found


@pytest.mark.parametrize("name", CALLBACKS)
def test_one_fault_of_a_callback_breaks_its_promise(name: str) -> None:
    promise, bend = CALLBACKS[name]
    assert promise in broken(asked_for_callbacks(), bend(told()))


def test_a_refused_callback_that_comes_again_keeps_its_promise() -> None:
    first, second = told()
    again = replace(first, number=2, received=first.received + 700)
    assert broken(asked_for_callbacks(), [replace(first, answered=500), second, again]) == set()


@pytest.mark.parametrize(
    ("role", "case", "promise"),
    [
        (trace.OTHER_QUERY, {}, "other-account-cannot-query"),
        (trace.WRONG_KEY, {"must": "refuse", "aim": "without a key"}, "task-needs-its-key"),
        (trace.NEARLY, {"aim": "a wildcard, %"}, "external-ids-are-exact"),
        (trace.OTHER_FAMILY, {"other": "multi-image2video"}, "families-are-apart"),
        (trace.UNKNOWN, {"aim": "an id that does not exist"}, "unknown-task-refused"),
        (trace.REPEAT, {"aim": "an external id that is taken"}, "external-id-is-unique"),
    ],
)
def test_what_must_be_refused_and_is_answered_breaks_its_promise(
    role: str, case: dict[str, Any], promise: str
) -> None:
    one = exchange(8, role, record("succeed"), 31, case=case)
    assert broken([*faithful(), one], other_account=True) >= {promise}


@pytest.mark.parametrize(
    ("purpose", "method", "status", "promise"),
    [
        ("method", "HEAD", 500, "methods-without-server-errors"),
        ("charset", "POST", 415, "content-type-with-charset"),
        ("expect", "POST", 417, "expect-is-answered"),
        ("large", "POST", 413, "expect-is-answered"),
        ("fields", "POST", 500, "odd-fields-without-server-errors"),
        ("ids", "GET", 500, "odd-fields-without-server-errors"),
    ],
)
def test_what_clients_send_may_be_refused_and_not_choked_on(
    purpose: str, method: str, status: int, promise: str
) -> None:
    def probe(answered: int) -> list[Exchange]:
        case = {"purpose": purpose, "aim": purpose}
        made = exchange(8, trace.PROBE, {}, 31, case=case, request=Request(method, "http://provider.example"))
        body = json.dumps({"code": 1201, "message": "no", "request_id": "r-8"}).encode()
        return [*faithful(), replace(made, response=Response(answered, JSON, body))]

    assert broken(probe(400)) == set()
    assert broken(probe(status)) == {promise}


def fetched(number: int, **case: Any) -> Exchange:
    """The download of the task's result, as it is described in a recording."""
    facts: dict[str, Any] = {
        "media": {"kind": "image", "format": "png", "width": 1280, "height": 720, "seconds": 0.0},
        "bytes": 900, "sha256": "a1", "damage": "", "place": 0, **case,
    }  # fmt: skip
    made = exchange(number, trace.DOWNLOAD, {}, 25 + number / 10, case=facts)
    url = Request("GET", "https://cdn.example/1.png")
    return replace(made, request=url, response=Response(200, (("Content-Type", "image/png"),), b"\x89PNG"))


FILES: dict[str, tuple[str, Callable[[Exchange], Exchange]]] = {
    "cut": ("result-is-whole", lambda e: replace(e, case={**e.case, "damage": "it ends early"})),
    "square": (
        "result-aspect-ratio",
        lambda e: replace(e, case={**e.case, "media": {**e.case["media"], "width": 720}}),
    ),
    "a web page": ("result-type", lambda e: replace(e, response=Response(200, kind("text/html")))),
    "gone": ("result-downloads", lambda e: replace(e, response=Response(404, ()))),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_one_fault_of_a_file_breaks_its_promise(name: str) -> None:
    promise, bend = FILES[name]
    assert broken([*faithful(), fetched(8)]) == set()
    assert promise in broken([*faithful(), bend(fetched(8))])


def test_a_file_that_is_another_one_at_the_end_breaks_its_promise() -> None:
    later = fetched(9, purpose=trace.AGAIN, sha256="b2", first_place="https://cdn.example/1.png")
    assert broken([*faithful(), fetched(8), later]) == {"results-stay"}
