"""How much a schema multiplies is told before a library writes it out."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.specs.algebra import FITS_NOT, Judge
from understudy.specs.algebra.combinations import errors


def chain(length: int) -> dict[str, Any]:
    """Choices of two, each of which leads to the next."""
    kinds = ("a", "b")
    defs: dict[str, Any] = {
        f"N{n}": {
            "oneOf": [
                {"properties": {"kind": {"const": kind}, "next": {"$ref": f"#/$defs/N{n + 1}"}}}
                for kind in kinds
            ]
        }
        for n in range(length)
    }
    return {"$ref": "#/$defs/N0", "$defs": {**defs, f"N{length}": {"type": "string"}}}


def value(length: int, leaf: Any) -> Any:
    for _ in range(length):
        leaf = {"kind": "a", "next": leaf}
    return leaf


@pytest.mark.parametrize(
    ("schema", "many"),
    [
        ({"type": "string"}, 1),
        ({"enum": [{"a": {}}], "properties": {"enum": {"const": {}}}}, 2),
        ({"$ref": "#/$defs/N", "$defs": {"N": {"items": {"$ref": "#/$defs/N"}}}}, 4),
        (chain(2), 26),
        (chain(30), 30_001),
    ],
)
def test_errors_are_counted_through_references_up_to_a_limit(schema: dict[str, Any], many: int) -> None:
    assert errors(schema) == many


def test_a_refusal_says_where_while_it_can_be_told() -> None:
    assert Judge(chain(3)).refusals(value(3, 5), 1)[0].sentence.endswith('5 is not of type "string"')


def test_a_value_that_fits_none_of_very_many_combinations_is_refused_without_a_place() -> None:
    judge = Judge(chain(18))
    assert (judge.takes(value(18, "x")), judge.takes(value(18, 5))) == (True, False)
    assert [r.sentence for r in judge.refusals(value(18, 5))] == [FITS_NOT]
    assert judge.refusals(value(18, "x")) == []
