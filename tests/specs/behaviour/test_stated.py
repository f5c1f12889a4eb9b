"""What half an `x-task` says: nothing is refused, and nothing completed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.behaviour.stated import StatedTask, stated_task

TASK = {
    "family": "images",
    "states": ["queued", "running", "done", "failed"],
    "initial": "queued",
    "transitions": {"queued": ["running"], "running": ["done", "failed", "queued"], "done": ["done"]},
    "carries": {"done": ["/result"]},
    "status": "/state",
    "request": {"external_id": "/order"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*TASK, "queued", "done"]) | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


def read(**changes: Any) -> StatedTask:
    stated = stated_task({**TASK, **changes})
    assert stated is not None
    return stated


def test_whole_task_is_read_as_it_stands() -> None:
    places = dict.fromkeys(["record", "id", "external_id", "reason", "created_at", "updated_at"])
    assert read() == StatedTask(
        states=("queued", "running", "done", "failed"),
        transitions={
            "queued": ("running",), "running": ("done", "failed", "queued"), "done": ("done",)
        },
        carries={"done": ("/result",)},
        initial="queued",
        places={**places, "status": "/state"},
        others={"family": "images", "request": {"external_id": "/order"}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "read_as"),
    [
        ({"states": "queued"}, {"states": ()}),
        ({"states": ["queued", 7, None]}, {"states": ("queued",)}),
        ({"transitions": ["queued"]}, {"transitions": {}, "moves": frozenset()}),
        ({"transitions": {"queued": "running", 1: ["done"]}}, {"transitions": {"queued": ()}}),
        ({"carries": None}, {"carries": {}}),
        ({"request": "none"}, {"request_external_id": ""}),
        ({"request": {"external_id": 3}}, {"request_external_id": ""}),
        ({}, {"request_external_id": "/order"}),
    ],
)
def test_what_is_not_in_its_shape_is_left_out(changes: dict[str, Any], read_as: dict[str, Any]) -> None:
    stated = read(**changes)
    assert {name: getattr(stated, name) for name in read_as} == read_as


def test_courses_begin_with_the_initial_state_and_repeat_none() -> None:
    assert list(read().courses()) == [
        ["queued"],
        ["queued", "running"],
        ["queued", "running", "done"],
        ["queued", "running", "failed"],
    ]
    assert list(read().courses(2)) == [["queued"], ["queued", "running"]]
    assert list(read(initial=None).courses()) == []


@pytest.mark.parametrize(
    ("course", "said"),
    [
        (["queued", "running", "done", "done"], ""),
        (["running"], "a task starts as queued, not running"),
        (["queued", "lost"], "there is no state lost"),
        (["queued", "done"], "queued does not go to done"),
    ],
)
def test_course_that_no_task_takes_is_told_with_its_first_wrong_step(course: list[str], said: str) -> None:
    assert read().refuses(course) == said


@given(JSON)
def test_any_json_is_read_and_takes_the_courses_that_it_offers(task: Any) -> None:
    stated = stated_task(task)
    assert (stated is None) is not isinstance(task, dict)
    if stated is not None:
        for course in stated.courses():
            assert stated.refuses(course) in {"", *(f"there is no state {state}" for state in course)}
