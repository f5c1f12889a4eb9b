"""Requests worth sending, read off a schema: what must be taken, and what must be refused."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from understudy.contracts import trace
from understudy.contracts.checks import PROMISES
from understudy.contracts.runner.plan import DEEP, enough_for, enough_for_all, few_results, make_plan, within
from understudy.contracts.skips import Skip, SkipKind, sentence
from understudy.contracts.strategies import covering, refusals, values
from understudy.contracts.strategies.generated import generated
from understudy.contracts.target import Target, read_target
from understudy.specs.behaviour.rules import RULE
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from understudy.contracts.target_family import TargetFamily

TWO = ("multi-image2image", "multi-image2video")


@pytest.fixture(scope="module")
def target() -> Target:
    return read_target("canonical")


@pytest.fixture(scope="module", params=[family.name for family in read_target("canonical").families])
def family(request: pytest.FixtureRequest, target: Target) -> TargetFamily:
    return target.family(request.param)


def test_every_planned_request_keeps_to_the_schema(family: TargetFamily) -> None:
    for planned in itertools.islice(covering.cover(family, seed=3), 40):
        odd = {c.pointer[1:] for c in planned.choices if c.kind == values.ODD}
        body = {name: value for name, value in planned.body.items() if name not in odd}
        assert family.request_shape.takes(body), planned.label


@pytest.mark.parametrize(
    ("provider", "odd"),
    [
        ("canonical", {"x_client_version": "1.0", "n": None, "aspect_ratio": None}),
        ("replicate", {"x_client_version": "1.0"}),
        ("openai-videos", {"x_client_version": "1.0"}),
    ],
)
def test_null_is_sent_only_where_it_is_known_to_count_as_absent(
    provider: str, odd: dict[str, object]
) -> None:
    family = read_target(provider).families[0]
    planned = next(p for p in covering.cover(family, seed=0) if p.kind is covering.PlannedKind.EMPTY)
    assert {c.pointer[1:]: c.value for c in planned.choices if c.kind == values.ODD} == odd


def test_every_refusal_breaks_the_schema(family: TargetFamily, target: Target) -> None:
    bad = [*refusals.refusals(family), *generated(family, target, 60)]
    for one in bad:
        rules = family.behaviour.rules if one.keyword == RULE else None
        assert (
            isinstance(one.body, bytes)
            or not family.request_shape.takes(one.body)
            or (rules is not None and rules.refusal(one.body) is not None)
        ), one.aim
    fields = len(family.request["properties"])
    assert len(bad) > min(40, 6 * fields)


def test_a_covering_set_reaches_every_value(family: TargetFamily) -> None:
    wanted = {c.goal for found in values.choices(family).values() for c in found}
    reached = set()
    for planned in covering.cover(family, seed=5):
        reached |= planned.goals()
    assert wanted <= reached


def plan(family: TargetFamily, seed: int) -> list[dict[str, object]]:
    return [p.body for p in itertools.islice(covering.cover(family, seed), 12)]


def test_the_same_seed_plans_the_same_requests(family: TargetFamily) -> None:
    assert plan(family, 1) == plan(family, 1)


@pytest.mark.parametrize("name", TWO)
def test_another_seed_plans_other_requests(target: Target, name: str) -> None:
    assert plan(target.family(name), 1) != plan(target.family(name), 2)


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
    ("pointer", "value"), [("/n", 1), ("/n", 9), ("/prompt", "猫" * 2499 + "🦊"), ("/scene_image", "")]
)
def test_a_value_just_inside_its_limit_is_planned(target: Target, pointer: str, value: object) -> None:
    found = values.choices(target.family("multi-image2image"))[pointer]
    assert value in [c.value for c in found]


def test_a_refusal_has_one_fault_only(family: TargetFamily) -> None:
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
    planned = make_plan(target, target.families, Decimal(budget), 1, sorted(PROMISES))
    assert planned.cost <= Decimal(budget)
    assert planned.cost == sum(target.family(p.family).cost(p.body) for p in planned.tasks)


def test_a_larger_budget_begins_with_the_same_requests(target: Target) -> None:
    families = [target.family(name) for name in TWO]
    small = make_plan(target, families, Decimal(10), 1, sorted(PROMISES))
    large = make_plan(target, families, Decimal(60), 1, sorted(PROMISES))
    assert [p.label for p in large.tasks[: len(small.tasks)]] == [p.label for p in small.tasks]


def test_what_cannot_be_afforded_is_named(target: Target) -> None:
    planned = make_plan(target, [target.family(name) for name in TWO], Decimal(1), 1, sorted(PROMISES))
    why = planned.skipped["multi-image2video", "result-count"]
    assert why == Skip(SkipKind.NOT_AFFORDED, Decimal(1), Decimal(10))
    assert sentence(why) == "not affordable with a budget of 1; --budget 10 buys a task for every promise"


@pytest.mark.parametrize("names", [(), ("multi-image2image",), ("multi-image2video",)])
def test_the_budget_that_is_advised_affords_everything(target: Target, names: tuple[str, ...]) -> None:
    families = [target.family(n) for n in names] or list(target.families)
    enough = enough_for(families, 1, sorted(PROMISES))
    afforded = make_plan(target, families, enough, 1, sorted(PROMISES))
    assert not [why for why in afforded.skipped.values() if why.kind is SkipKind.NOT_AFFORDED]
    short = make_plan(target, families, enough - 1, 1, sorted(PROMISES))
    assert [why for why in short.skipped.values() if why.kind is SkipKind.NOT_AFFORDED]


@pytest.mark.parametrize(
    ("budget", "asked"),
    [
        (1, ["multi-image2image"]),
        (10, ["multi-image2image"]),
        (12, ["multi-image2image"]),
        (13, ["multi-image2image", "text2video"]),
        (20, ["multi-image2image", "text2video", "lip-sync"]),
        (26, ["multi-image2image", "multi-image2video", "text2video", "lip-sync"]),
    ],
)
def test_one_family_is_asked_in_depth_before_the_budget_buys_another(
    target: Target, budget: int, asked: list[str]
) -> None:
    families = [f for f in target.families if f.name in (*TWO, "text2video", "lip-sync", "avatar")]
    names = sorted(PROMISES)
    found = within(families, Decimal(budget), 1, names)
    planned = make_plan(target, found, Decimal(budget), 1, names)
    first = [p for p in planned.tasks if p.family == "multi-image2image"]
    assert [f.name for f in found] == asked
    assert len(first) >= (DEEP if budget >= 10 else 1)


@pytest.mark.parametrize("spare", [0, -1])
def test_the_budget_that_asks_all_families_is_enough_and_no_less(target: Target, spare: int) -> None:
    names = sorted(PROMISES)
    enough = enough_for_all(target.families, 1, names)
    found = within(target.families, enough + spare, 1, names)
    assert (found == list(target.families)) == (spare == 0)


def test_without_a_budget_every_family_is_asked(target: Target) -> None:
    assert within(target.families, Decimal(0), 1, sorted(PROMISES)) == list(target.families)


@pytest.mark.parametrize(
    ("budget", "most", "said"),
    [
        (0, 0, ""),
        (10, 2, "no task with more than 2 results is bought: multi-image2image (2 of at most 9)"),
        (20, 5, ""),
    ],
)
def test_several_results_are_asked_for_where_the_budget_allows_it(
    target: Target, budget: int, most: int, said: str
) -> None:
    families = [target.family("multi-image2image")]
    plan = make_plan(target, families, Decimal(budget), 0, sorted(PROMISES))
    assert max((planned.body.get("n") or 1 for planned in plan.tasks), default=0) == most
    assert few_results(plan, families) == said


def test_older_model_names_are_planned_as_dated(target: Target) -> None:
    roles = {p.label: p.role for p in covering.cover(target.family("multi-image2image"), 1)}
    dated = [label for label, role in roles.items() if role == trace.DATED]
    names = target.family("multi-image2image").request["properties"]["model_name"]
    others = [n for n in names["enum"] if n != names["default"]]
    assert dated == [f"multi-image2image/dated-{n}" for n in others]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"examples": ["a", "b"]}, "a"),
        ({"examples": ["a", "b"], "enum": ["b", "c"]}, "b"),  # of the provider's own values
        ({"examples": ["a"], "enum": ["c"], "type": "string"}, "c"),
        (
            {
                "examples": [{"words": "a boat", "mode": "std", "shots": [{"n": 9}]}],
                "required": ["words", "model"],
                "properties": {
                    "model": {"type": "string", "enum": ["own-2"]},
                    "mode": {"type": "string", "enum": ["fast"]},
                    "shots": {
                        "items": {
                            "required": ["seconds"],
                            "properties": {"seconds": {"const": 5}, "n": {"maximum": 3, "type": "integer"}},
                        }
                    },
                },
            },
            {"words": "a boat", "mode": "fast", "shots": [{"n": 1, "seconds": 5}], "model": "own-2"},
        ),
    ],
)
def test_an_example_of_the_vendors_is_made_to_fit_the_providers_schema(schema, value):
    assert values.example(schema) == value
