r"""Both engines of the validator read a class of characters as ECMA-262 has it."""

from __future__ import annotations

import pytest

from understudy.specs.algebra import Judge
from understudy.specs.algebra.ecma import spelled_out, with_classes

# Beside ASCII: letters and digits of other alphabets; blanks that only some engines count; the last.
CHARACTERS = [*map(chr, range(0x80)), *"\x85\xa0é٣\u1680\u180e\u2028\u200b\u3000\ufeff\uff11\U0010ffff"]


@pytest.mark.parametrize("name", "wdsWDS")
@pytest.mark.parametrize("form", [r"(?!zz)^\{}$", r"(?!zz)^[\{}]$", r"(?!zz)^(?![^\{}])(.|\n)$"])
def test_a_class_takes_the_same_beside_a_look_around(name: str, form: str) -> None:
    plain, beside = Judge({"pattern": rf"^\{name}$"}), Judge({"pattern": form.format(name)})
    wanted = [c for c in CHARACTERS if plain.takes(c)]
    assert [c for c in CHARACTERS if beside.takes(c)] == wanted


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"^\w+$", r"^\w+$"),
        (r"^\w+(?!x)$", "^[0-9A-Za-z_]+(?!x)$"),
        (r"^(a)\1[\d\]-]$", r"^(a)\1[0-9\]-]$"),
        (r"(?<=x)\\d", r"(?<=x)\\d"),
    ],
)
def test_a_pattern_is_spelled_out_only_where_it_must_be(pattern: str, written: str) -> None:
    assert spelled_out(pattern) == written


def test_a_boundary_beside_a_look_around_is_one_of_ascii_words() -> None:
    assert [text for text in ("é1", "x1", " 1") if Judge({"pattern": r"(?!x)\b1"}).takes(text)] == [
        "é1",
        " 1",
    ]


def test_a_schema_is_spelled_out_but_for_its_values() -> None:
    old, new = r"(?!x)\d", "(?!x)[0-9]"
    schema = {
        "pattern": old,
        "patternProperties": {old: {"items": {"pattern": old}}},
        "properties": {"pattern": {"const": {"pattern": old}}},
    }
    assert with_classes(schema) == {
        "pattern": new,
        "patternProperties": {new: {"items": {"pattern": new}}},
        "properties": {"pattern": {"const": {"pattern": old}}},
    }


def test_a_schema_without_such_a_pattern_stays_the_same_object() -> None:
    schema = {"allOf": [{"properties": {"a": {"pattern": r"\d"}}}], "patternProperties": {"^x": True}}
    assert with_classes(schema) is schema
