"""What a task owes next is what stands at its place in the list of all that it owes, short cuts or not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.mockserver.callbacks.deliveries import next_owed, owed
from understudy.mockserver.play.scenario_table import NOTHING
from understudy.mockserver.store.tasks import ALL_DELIVERED, Task, TaskRequest, plan

ROUTE = ("submitted", "processing", "succeed")
EFFECTS = st.builds(
    lambda **chosen: replace(NOTHING, **chosen) if any(chosen.values()) else NOTHING,
    lost=st.booleans(),
    late_ms=st.sampled_from([0, 700]),
    doubled=st.booleans(),
    reversed=st.booleans(),
    terminal_only=st.booleans(),
)


def task(states: int, delivered: int) -> Task:
    request = TaskRequest(1, "16:9", "5", "", None, "", 1)
    plans = plan(ROUTE[:states], (0, 500, 2000)[:states])
    return Task(
        "1", "key", "kling", "image", "", 1_000, plans, request, "http://a.example/", "", "", 0, delivered
    )


@given(effects=EFFECTS, states=st.integers(1, 3), delivered=st.integers(0, 8))
def test_the_next_delivery_is_the_one_after_those_that_are_done(effects, states, delivered):  # type: ignore[no-untyped-def]
    every = owed(task(states, delivered), effects, lambda status: status == "succeed")
    expected = every[delivered] if delivered < len(every) else None
    assert next_owed(task(states, delivered), effects, lambda status: status == "succeed") == expected


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (None, [(1000, "submitted", False), (1000, "succeed", True), (1500, "processing", False)]),
        (frozenset({"succeed"}), [(2000, "succeed", True), (3000, "succeed", False)]),
    ],
)
def test_a_forged_end_is_told_long_before_the_true_one(wanted: frozenset[str], told: object) -> None:
    every = owed(task(3, 0), replace(NOTHING, forged=True), lambda _: False, wanted)
    assert [(one.due, ROUTE[one.change], one.forged) for one in every][:3] == told


def test_a_task_that_owes_nothing_any_more_has_no_next_delivery() -> None:
    assert next_owed(task(3, ALL_DELIVERED), NOTHING, lambda _: False) is None
