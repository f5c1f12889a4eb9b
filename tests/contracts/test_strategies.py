"""Requests worth sending, read off a schema: what must be taken, and what must be refused."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from contracts import trace
from contracts.checks import PROMISES
from contracts.runner.plan import enough_for, make_plan
from contracts.shapes import at
from contracts.strategies import covering, refusals, values
from contracts.strategies.generated import generated
from contracts.target import Family, Target, read_target


@pytest.fixture(scope="module")
def target() -> Target:
    return read_target("canonical")


@pytest.fixture(scope="module", params=["multi-image2image", "multi-image2video"])
def family(request: pytest.FixtureRequest, target: Target) -> Family:
    return target.family(request.param)


def test_every_planned_request_keeps_to_the_schema(family: Family) -> None:
    for planned in itertools.islice(covering.cover(family, seed=3), 40):
        assert family.request_shape.takes(planned.body), planned.label


def test_every_refusal_breaks_the_schema(family: Family, target: Target) -> None:
    bad = [*refusals.refusals(family), *generated(family, target, 60)]
    for one in bad:
        assert isinstance(one.body, bytes) or not family.request_shape.takes(one.body), one.aim
    assert len(bad) > 60


def test_a_covering_set_reaches_every_value(family: Family) -> None:
    wanted = {c.goal for found in values.choices(family).values() for c in found}
    reached = set()
    for planned in covering.cover(family, seed=5):
        reached |= planned.goals()
    assert wanted <= reached


def test_the_same_seed_plans_the_same_requests(family: Family) -> None:
    def plan(seed: int) -> list[dict[str, object]]:
        return [p.body for p in itertools.islice(covering.cover(family, seed), 12)]

    assert plan(1) == plan(1)
    assert plan(1) != plan(2)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/n", 0),
        ("/n", 10),
        ("/prompt", "a" * 2501),
        ("/negative_prompt", "a" * 2501),
        ("/subject_image_list", []),
        ("/model_name", "no-such-model-9"),
        ("/aspect_ratio", "fast-and-wide"),
    ],
)
def test_a_value_just_outside_its_limit_is_tried(target: Target, pointer: str, value: object) -> None:
    bodies = [b.body for b in refusals.refusals(target.family("multi-image2image"))]
    assert any(isinstance(b, dict) and at(b, pointer) == value for b in bodies)


@pytest.mark.parametrize(
    ("pointer", "value"), [("/n", 1), ("/n", 9), ("/prompt", "a" * 2500), ("/scene_image", "")]
)
def test_a_value_just_inside_its_limit_is_planned(target: Target, pointer: str, value: object) -> None:
    found = values.choices(target.family("multi-image2image"))[pointer]
    assert value in [c.value for c in found]


def test_a_refusal_has_one_fault_only(family: Family) -> None:
    for bad in refusals.refusals(family):
        if isinstance(bad.body, dict):
            errors = list(family.request_shape.errors(bad.body))
            assert len({p for p, _, _ in errors}) <= 1, bad.aim


def test_fields_that_nobody_documented_are_left_alone(target: Target) -> None:
    family = target.family("multi-image2image")
    schema = {**family.request, "properties": dict(family.request["properties"])}
    schema["properties"]["n"] = {**schema["properties"]["n"], "x-undocumented": True}
    import dataclasses

    changed = dataclasses.replace(family, request=schema)
    assert "/n" not in values.choices(changed)
    assert not [b for b in refusals.refusals(changed) if b.pointer == "/n"]


@pytest.mark.parametrize("budget", ["0", "1", "2", "3.5", "10", "47"])
def test_a_plan_never_costs_more_than_the_budget(target: Target, budget: str) -> None:
    plan = make_plan(target, target.families, Decimal(budget), 1, sorted(PROMISES))
    assert plan.cost <= Decimal(budget)
    assert plan.cost == sum(target.family(p.family).cost(p.body) for p in plan.tasks)


def test_a_larger_budget_begins_with_the_same_requests(target: Target) -> None:
    small = make_plan(target, target.families, Decimal(10), 1, sorted(PROMISES))
    large = make_plan(target, target.families, Decimal(60), 1, sorted(PROMISES))
    assert [p.label for p in large.tasks[: len(small.tasks)]] == [p.label for p in small.tasks]


def test_what_cannot_be_afforded_is_named(target: Target) -> None:
    plan = make_plan(target, target.families, Decimal(1), 1, sorted(PROMISES))
    why = plan.skipped["multi-image2video", "result-count"]
    assert why == "not afforded with a budget of 1; --budget 10 buys a task for every promise"


@pytest.mark.parametrize("names", [(), ("multi-image2image",), ("multi-image2video",)])
def test_the_budget_that_is_advised_affords_everything(target: Target, names: tuple[str, ...]) -> None:
    families = [target.family(n) for n in names] or list(target.families)
    enough = enough_for(families, 1, sorted(PROMISES))
    afforded = make_plan(target, families, enough, 1, sorted(PROMISES))
    assert not [why for why in afforded.skipped.values() if "afforded" in why]
    short = make_plan(target, families, enough - 1, 1, sorted(PROMISES))
    assert [why for why in short.skipped.values() if "afforded" in why]


def test_older_model_names_are_planned_as_dated(target: Target) -> None:
    roles = {p.label: p.role for p in covering.cover(target.family("multi-image2image"), 1)}
    dated = [label for label, role in roles.items() if role == trace.DATED]
    names = target.family("multi-image2image").request["properties"]["model_name"]
    others = [n for n in names["enum"] if n != names["default"]]
    assert dated == [f"multi-image2image/dated-{n}" for n in others]
