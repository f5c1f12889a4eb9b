"""A schema narrowed to the alternatives that a value could be takes and refuses what the whole one does."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from understudy.specs.algebra.narrowed import Narrower

KINDS = [f"k{n}" for n in range(50)]
SHAPES: list[Any] = [{"type": "object", "properties": {"kind": {"const": kind}}} for kind in KINDS]
# Alternatives that say nothing of what they are: a text is all of them but the first.
LOOSE = [SHAPES[0], *({"properties": {"kind": {"const": kind}}} for kind in KINDS[1:])]


@pytest.mark.parametrize(
    ("schema", "defs", "value"),
    [
        ({"oneOf": SHAPES}, {}, {"kind": "k7"}),
        ({"oneOf": SHAPES}, {}, {"kind": "unheard of"}),
        ({"oneOf": SHAPES}, {}, {"kind": 7}),
        ({"not": {"anyOf": SHAPES}}, {}, {"kind": "unheard of"}),
        ({"anyOf": [*SHAPES, {"properties": {"kind": {"enum": [7, "own"]}}}]}, {}, {"kind": "own"}),
        ({"items": {"anyOf": LOOSE}}, {}, [{"kind": "k0"}, "a text beside it"]),
        # A definition that nothing refers to, by a name that Python has for what is absent.
        ({"oneOf": SHAPES}, {"None": {"properties": {"kind": {"const": "k1"}}}}, {"kind": "k30"}),
    ],
    ids=["one", "none", "no text", "not", "mixed", "beside a text", "None"],
)
def test_what_is_left_of_a_large_choice_judges_as_all_of_it(
    schema: dict[str, Any], defs: dict[str, Any], value: Any
) -> None:
    whole = {**schema, "$defs": defs}
    narrower = Narrower(defs)
    narrower.narrowed(whole, narrower.shape(value))  # tells what marks the alternatives
    narrowed = narrower.narrowed(whole, narrower.shape(value))

    assert jsonschema_rs.is_valid(narrowed, value) == jsonschema_rs.is_valid(whole, value)
