"""Records: one rule, and quicker ways to write what it says."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mockserver.conftest import IMAGE
from tests.mockserver.play.records import a_task

from understudy.mockserver.errors import MockError
from understudy.mockserver.play import records
from understudy.mockserver.play.envelopes import Envelope
from understudy.mockserver.play.profile import build_profile, read_profile
from understudy.mockserver.play.records import RecordLayout
from understudy.mockserver.store.tasks import Task, TaskPlan, TaskRequest
from understudy.specs.behaviour.templates import VALUES
from understudy.specs.library import effective, profiles

EXTERNAL = ["", "mine", 'a "quoted" \u00e9\n']
TASKS = st.builds(
    a_task,
    external_id=st.sampled_from(["", "mine"]),
    plan=st.sampled_from(
        [
            TaskPlan(("submitted", "processing", "succeed"), (0, 500, 2000)),
            TaskPlan(("submitted", "failed"), (0, 10), "out of cats"),
        ]
    ),
    request=st.builds(
        TaskRequest,
        st.integers(1, 9),
        st.just("1:1"),
        st.sampled_from(["5", "10"]),
        st.just("x"),
        st.sampled_from([None, True, False]),
        st.just(""),
        st.just(1),
    ),
)


@given(
    TASKS,
    st.integers(0, 5000),
    st.sampled_from([0, 1]),
)
def test_the_literal_record_is_the_placed_one(task: Task, elapsed: int, family: int) -> None:
    """The quick way to write a record says what the general one says."""
    profile = read_profile("canonical")
    quick, general = Envelope(profile.families[family]), Envelope(profile.families[family])
    assert quick._layout is not None
    general._layout = general.records.layout = None
    now = task.created_at + elapsed
    index = task.index(now)
    assert quick.records.record(task, index, "http://x") == general.records.record(task, index, "http://x")
    assert quick.queried(task, now, "http://x", "r") == general.queried(task, now, "http://x", "r")
    assert quick.created(task, "r") == general.created(task, "r")


@pytest.mark.parametrize("elapsed", [0, 600, 5000])
def test_answers_of_ones_own_may_have_every_value_that_templates_know(elapsed: int) -> None:
    """Each is of the type that verify expects of it, and `$absent` leaves a member out."""
    mine = {name: f"${name}" for name in VALUES.keys() - {"request", "situation", "http_status"}}
    document = copy.deepcopy(effective("canonical"))
    record = {**mine, "done": {"$status": {"succeed": {"$each": "$item.url"}, "*": "$absent"}}}
    document["x-conventions"] |= {"answers": {"query": record}}
    task = a_task(plan=TaskPlan(("submitted", "processing", "succeed"), (0, 500, 2000)))

    made = build_profile("mine", document).families[0]
    body = Envelope(made).queried(task, task.created_at + elapsed, "http://x", "r")

    assert ("done" in body) == (elapsed > 2000)
    told = {name: part for name, part in body.items() if part != "" and name not in ("done", "results")}
    assert [
        name for name, part in told.items() if not jsonschema_rs.is_valid(VALUES[name], part)
    ] == []  # fmt: skip


def test_records_that_stand_elsewhere_are_placed() -> None:
    document = copy.deepcopy(effective("canonical"))
    x_task = document["paths"][IMAGE]["post"]["x-task"]
    x_task |= {"status": "/state/now", "record": "/answer/task"}
    profile = build_profile("mine", document)
    assert RecordLayout.of(profile.families[0].behaviour) is None
    body = Envelope(profile.families[0]).queried(a_task(), 1_700_000_000_600, "http://x", "r")
    assert body["answer"]["task"]["state"] == {"now": "processing"}


def test_members_can_be_added_to_every_record() -> None:
    profile = build_profile("mine", with_members(platform_id="$id", cost={"$status": {"*": 0}}))
    envelope = Envelope(profile.families[0])
    record = envelope.records.record(a_task(), 1, "http://x")
    assert (record["platform_id"], record["cost"]) == ("123456789012345678", 0)


def with_members(**members: Any) -> Any:
    """The canonical document whose conventions add members to every record."""
    document = copy.deepcopy(effective("canonical"))
    document["x-conventions"] |= {"record": members}
    return document


@pytest.mark.parametrize("name", profiles())
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5000), st.sampled_from(["http://x", "http://y"])))
)
def test_encoded_records_are_the_records(name: str, asked: list[tuple[int, int, str]]) -> None:
    """Whatever was listed before, at whatever times, under whatever address, and however plans change."""
    profile = read_profile(name)
    made = Envelope(profile.families[0]).records
    tasks = [a_task(id=str(n), external_id=EXTERNAL[n % 3]) for n in range(6)]
    for which, elapsed, origin in asked:
        if which == 5:
            tasks[elapsed % 6].plan = TaskPlan(("submitted", "failed"), (0, elapsed), 'no "cats"')
        now = tasks[0].created_at + elapsed
        page = tasks[which:][::-1]
        expected = [made.record(task, task.index(now), origin) for task in page]
        assert made.encoded(page, now, origin) == orjson.dumps(expected)


def test_what_is_remembered_of_encoded_records_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_REMEMBERED", 10_000)
    profile = read_profile("canonical")
    made = Envelope(profile.families[0]).records
    tasks = [a_task(id=str(n), external_id="x" * (n * 100)) for n in range(40)]
    now = tasks[0].created_at + 9000
    for _ in range(2):
        assert made.encoded(tasks, now, "http://x") == orjson.dumps(
            [made.record(task, 2, "http://x") for task in tasks]
        )
        kept = sum(len(text) + records.OVERHEAD for _, _, _, text in made._encoded.values())
        assert 0 < kept <= 10_000


def flat(answers: dict[str, Any]) -> Any:
    """The canonical profile, but its records stand in no member of their own."""
    document = copy.deepcopy(effective("canonical"))
    for item in document["paths"].values():
        if "x-task" in item.get("post", {}):
            item["post"]["x-task"]["record"] = ""
    document["x-conventions"] |= {"answers": answers}
    return build_profile("mine", document)


@pytest.mark.parametrize("changeable", [True, False])
def test_lists_of_flat_records_stand_where_a_template_says(changeable: bool) -> None:
    profile = flat({"list": {"tasks": "$record", "ok": "$code"}})
    envelope = Envelope(profile.families[0])
    task = a_task()
    assert envelope.created(task, "r")["task_id"] == task.id
    listed = envelope.listed([task], task.created_at, "http://x", "r", changeable=changeable)
    record = envelope.records.record(task, 0, "http://x")
    assert orjson.loads(orjson.dumps(listed)) == {"tasks": [record], "ok": 0}


def test_lists_of_flat_records_without_a_place_are_refused_at_the_start() -> None:
    with pytest.raises(MockError, match=r"x-conventions: the record of .* \(answers.list: a template with"):
        flat({})
