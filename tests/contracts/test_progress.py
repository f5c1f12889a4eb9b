"""What a run says while it goes on, where nobody watches a live line."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

from understudy.contracts.cli.progress import listener, plan_line
from understudy.contracts.runner.events import Event, RunPlanned, RunProgress, Said

PLAN = RunPlanned(20, 2, Decimal(3), Decimal(4), 0, 0.0)


def told(*events: tuple[float, Event]) -> list[str]:
    """What is written when each event comes at its second."""
    times = iter([0.0])
    clock = [0.0]
    out = io.StringIO()
    with listener(out, [], lambda: next(times, clock[0])) as listen:
        for clock[0], event in events:
            listen(event)
    return out.getvalue().splitlines()


def locating(sent: int = 0) -> RunProgress:
    return RunProgress("waiting for an answer from http://h, at most 10 s", sent, 0, 0, 0, Decimal(0))


def working(sent: int) -> RunProgress:
    return RunProgress("tasks", sent, 20, 1, 2, Decimal(3))


def test_waiting_for_the_first_answer_is_told_once_after_two_seconds() -> None:
    beats = [(float(second), locating()) for second in range(1, 9)]
    assert told(*beats) == ["waiting for an answer from http://h, at most 10 s (2 s)"]


def test_why_nothing_happens_is_told() -> None:
    busy = replace(working(9), waiting="429 Requests come too fast, again in 4 s")
    line = "tasks: 9 requests, 1 of 2 tasks ended, 3 units; waiting: 429 Requests come too fast, again in 4 s"
    assert told((0.0, PLAN), (30.0, busy))[1:] == [f"{line} (30 s)"]


def test_a_quick_run_tells_the_plan_alone() -> None:
    lines = told((0.1, locating(1)), (0.2, PLAN), (1.0, working(9)), (5.0, working(30)))
    assert lines == [plan_line(PLAN)]


def test_a_long_run_gives_a_sign_of_life_every_half_minute() -> None:
    lines = told((0.0, PLAN), *((float(second), working(second)) for second in range(1, 70)))
    assert lines[1:] == [
        "tasks: 30 requests, 1 of 2 tasks ended, 3 units (30 s)",
        "tasks: 60 requests, 1 of 2 tasks ended, 3 units (60 s)",
    ]


def test_what_is_said_stands_on_a_line_of_its_own() -> None:
    assert told((0.1, Said("the API answers below http://h/kling"))) == [
        "the API answers below http://h/kling"
    ]
