"""The table of rules, audited: mirror images, directions, ids; and what a user may change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from understudy.specs.errors import UnderstudyError
from understudy.specs.rules import LEVELS, RULES, Levels, Rule, read_levels

if TYPE_CHECKING:
    from pathlib import Path

OTHER = {"narrows": "widens", "widens": "narrows", "either": "either", "note": "note"}
SIDES = {"breaks clients": "breaks providers", "breaks providers": "breaks clients"}


def mirror(rule: Rule) -> Rule | None:
    return next(
        (
            r
            for r in RULES.values()
            if (r.area, r.direction, r.action) == (rule.area, rule.direction, rule.mirror)
        ),
        None,
    )


def test_each_rule_has_a_mirror_image_that_mirrors_back() -> None:
    images = {rule.id: mirror(rule) for rule in RULES.values()}
    assert [rule for rule, image in images.items() if image is None] == []
    wrong = [
        rule.id
        for rule in RULES.values()
        if (images[rule.id].mirror, images[rule.id].effect) != (rule.action, OTHER[rule.effect])
    ]
    assert wrong == []


def test_what_narrows_on_one_side_breaks_the_other_in_its_mirror() -> None:
    assert [
        rule.id
        for rule in RULES.values()
        if rule.effect in ("narrows", "widens") and rule.level in SIDES and mirror(rule).level in SIDES
        if mirror(rule).level != SIDES[rule.level]
    ] == []


def test_each_rule_about_schemas_stands_in_both_directions() -> None:
    flipped = {"request": "response", "response": "request"}
    assert [
        rule.id
        for rule in RULES.values()
        if rule.area == "schema" and rule.direction in flipped
        if f"{flipped[rule.direction]}-{rule.action}" not in RULES
    ] == []


def test_each_rule_is_named_in_kebab_case_and_says_a_sentence() -> None:
    assert [
        rule.id
        for rule in RULES.values()
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
        or not rule.id.endswith(rule.action)
        or not re.fullmatch(r"[A-Z].*\.", rule.sentence)
        or rule.level not in LEVELS
        or rule.otherwise not in ("warns", "compatible")
    ] == []


def test_the_audit_notices_a_missing_mirror() -> None:
    lonely = Rule(
        "request-x", "request", "schema", "x", "narrows", "breaks clients", "warns", "y", "A thing."
    )
    assert mirror(lonely) is None


def test_levels_are_read_and_used(tmp_path: Path) -> None:
    file = tmp_path / "levels.toml"
    file.write_text('response-enum-value-added = "breaks clients"\nrequest-default-changed = "compatible"\n')
    levels = read_levels(file)
    assert levels.level(RULES["response-enum-value-added"]) == "breaks clients"
    assert levels.level(RULES["request-default-changed"]) == "compatible"
    assert levels.level(RULES["operation-removed"]) == "breaks clients"


def test_a_raised_level_needs_a_witness_all_the_same() -> None:
    rule = RULES["request-max-length-decreased"]
    assert Levels({rule.id: "breaks clients"}).otherwise(rule) == "compatible"
    assert Levels({rule.id: "warns"}).otherwise(rule) == "warns"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('request-max-length-decreesed = "warns"', "no rule 'request-max-length-decreesed'"),
        ('operation-removed = "error"', "no level 'error' (known: breaks clients, breaks providers, warns"),
        ("operation-removed =", "is not TOML"),
    ],
)
def test_a_level_that_is_not_one_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "levels.toml"
    file.write_text(text)
    with pytest.raises(UnderstudyError, match=re.escape(message)):
        read_levels(file)


def test_levels_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="cannot read the levels"):
        read_levels(tmp_path / "none.toml")
