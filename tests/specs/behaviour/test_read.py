"""The behaviour that documents describe, as typed records: Kling's own, and what cannot be understood."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from understudy.specs import library
from understudy.specs.behaviour import Behaviour, SituationKind, StateClass, Twin, read
from understudy.specs.errors import UnderstudyError
from understudy.specs.tree import copied

IMAGE = "/v1/images/multi-image2image"


@pytest.fixture(scope="module")
def kling() -> Behaviour:
    return read(library.canonical(), "canonical")


def changed(task: dict[str, Any] | None = None, **root: Any) -> dict[str, Any]:
    """The canonical document with members of its first `x-task` and of its root replaced."""
    document = copied(library.canonical())
    document["paths"][IMAGE]["post"]["x-task"] |= task or {}
    return document | root


def test_operations_of_a_family_are_found_by_the_link_named_query(kling: Behaviour) -> None:
    found = kling.families[0].operations
    assert (found.create.key, found.query.key, found.id_parameter, found.list and found.list.key) == (
        f"POST {IMAGE}",
        f"GET {IMAGE}/{{id}}",
        "id",
        f"GET {IMAGE}",
    )


def test_every_state_has_a_class(kling: Behaviour) -> None:
    assert {s.name: s.kind for s in kling.families[0].lifecycle.states} == {
        "submitted": StateClass.QUEUED,
        "processing": StateClass.RUNNING,
        "succeed": StateClass.SUCCESS,
        "failed": StateClass.FAILED,
    }


def test_route_leads_around_states_that_are_not_usual() -> None:
    task = {
        "states": ["new", "held", "busy", "done", "broken"],
        "initial": "new",
        "transitions": {
            "new": ["held", "busy"], "held": ["busy"], "busy": ["done", "broken"], "done": [], "broken": [],
        },
        "classes": {"held": "throttled", "done": "success", "broken": "failed"},
    }  # fmt: skip
    life = read(changed(task)).families[0].lifecycle
    assert life.route("done") == ("new", "busy", "done")
    assert life.route("broken") == ("new", "busy", "broken")
    assert (life.reachable("held", "done"), life.reachable("done", "held")) == (True, False)
    assert [life.is_terminal(one) for one in ("new", "done", "nonsense")] == [False, True, False]


@pytest.mark.parametrize(
    ("request_body", "units"),
    [({}, "1"), ({"n": 3}, "3"), ({"n": ""}, "1"), ({"n": None}, "1"), ({"n": True}, "1"), (None, "1")],
)
def test_cost_is_units_for_every_result_that_is_asked_for(
    kling: Behaviour, request_body: Any, units: str
) -> None:
    assert kling.families[0].units(request_body) == Decimal(units)


def test_cost_without_a_price_is_one_unit_a_result() -> None:
    family = read(changed({"deduction": {}})).families[0]
    assert (family.units({"n": 2}), family.cost.at, family.cost.text(2)) == (Decimal(2), (), "2")


@pytest.mark.parametrize(
    ("situation", "kind", "permanent"),
    [
        ("invalid_parameter", SituationKind.REQUEST, False),
        ("authorization_expired", SituationKind.ACCOUNT, False),
        ("account_in_arrears", SituationKind.ACCOUNT, True),
        ("ip_not_allowed", SituationKind.ACCOUNT, True),
        ("too_many_tasks", SituationKind.PACE, False),
        ("unavailable", SituationKind.SERVER, False),
    ],
)
def test_situations_say_whose_fault_they_are(
    kling: Behaviour, situation: str, kind: SituationKind, permanent: bool
) -> None:
    found = kling.refusals.situations[situation]
    assert (found.kind, found.permanent) == (kind, permanent)


def test_twins_are_played_in_place_of_their_situation(kling: Behaviour) -> None:
    form = kling.refusals
    assert (form.situations["unknown_task_documented"].twin_of, form.situations["unknown_task"].twin) == (
        "unknown_task",
        None,
    )
    assert form.situations["duplicate_external_id_textbook"].twin is Twin.TEXTBOOK
    names = ("unknown_task", "duplicate_external_id", "unknown_method")
    assert [form.played(textbook=False)[one].status for one in names] == [400, 400, 405]
    assert [form.played(textbook=True)[one].status for one in names] == [404, 409, 405]


REFUSED = {
    "canonical": (400, {"code": 1201, "message": "no", "request_id": "1"}),
    "cometapi": (200, {"code": "1201", "message": "no", "request_id": "1"}),
    "newapi": (400, {"code": "invalid_request", "message": "no", "data": None}),
}


@pytest.mark.parametrize("provider", REFUSED)
def test_refusal_is_recognised_by_status_and_code(provider: str) -> None:
    form = read(library.effective(provider), provider).refusals
    status, body = REFUSED[provider]
    assert "invalid_parameter" in {one.name for one in form.recognised(status, body)}
    assert form.recognised(418, body) == ()
    assert (form.is_error(body), form.message_in(body)) == (True, "no")
    assert not form.is_error({"code": form.success_code, "message": "SUCCEED"})
    assert not form.is_error(None)


RECORD = {"task_id": "7", "task_status": "processing", "task_info": {}}
BODIES = [
    ("canonical", {"code": 0, "data": RECORD}, RECORD),
    ("canonical", {"code": 0, "data": {"inner": RECORD}}, RECORD),
    ("canonical", {"code": 1201, "message": "no"}, None),
    ("canonical", ["nothing"], None),
    (
        "newapi",
        {
            "id": "7", "task_id": "7", "object": "video", "model": "m", "progress": 0, "created_at": 1,
            "status": "queued",
        },
        {"task_id": "7", "task_status": "submitted"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "body", "record"), BODIES)
def test_record_is_read_out_of_any_wrapper(provider: str, body: Any, record: Any) -> None:
    family = read(library.effective(provider), provider).families[0]
    assert family.record(body) == record


def test_records_of_a_list_are_read(kling: Behaviour) -> None:
    family = kling.families[0]
    assert family.records({"code": 0, "data": [RECORD, "noise"]}) == [RECORD]
    assert family.records([RECORD]) == [RECORD]
    assert family.records({"code": 0, "data": RECORD}) is None


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no x-task": ({"paths": {}}, "no operation has x-task"),
    "an unknown class": (changed({"classes": {"succeed": "won"}}), "unknown class 'won' of state 'succeed'"),
    "no success": (changed({"carries": {}}), "no terminal state carries /task_result/images"),
    "an unknown answer": (changed(**{"x-conventions": {"answers": {"ask": {}}}}), "unknown answer 'ask'"),
    "an unknown value": (changed(**{"x-conventions": {"record": {"a": "$b"}}}), r"unknown value '\$b'"),
    "an unknown code": (
        changed(**{"x-conventions": {"error": {"code": "roman"}}}),
        "unknown kind of code 'roman'",
    ),
    "an unknown status": (
        changed(**{"x-conventions": {"error": {"http_status": "all"}}}),
        "unknown http_status 'all'",
    ),
    "an unknown kind": (
        changed(**{"x-errors": {"a": {"status": 400, "kind": "fate"}}}),
        "unknown kind 'fate' of situation 'a'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_understood_is_refused_by_name(name: str) -> None:
    document, message = BROKEN[name]
    with pytest.raises(UnderstudyError, match=message):
        read(document, "x")


def test_create_without_a_link_to_a_query_is_refused() -> None:
    document = copied(library.canonical())
    document["paths"][IMAGE]["post"]["responses"]["200"].pop("links")
    with pytest.raises(UnderstudyError, match=r"POST .*no link leads from the create's answer to the query"):
        read(document)
