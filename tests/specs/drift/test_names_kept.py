"""A proof that what is sent under any name keeps to what is demanded there; True only where it does."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.specs.witness.names import names_kept

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def named(rest: Any = True, defs: Any = None, **patterns: Any) -> dict[str, Any]:
    """Properties by pattern; "p_x" stands for the pattern ^x."""
    schema = {"patternProperties": {f"^{key[2:]}": child for key, child in patterns.items()}}
    more = {"$defs": defs} if defs else {}
    return {**schema, "additionalProperties": rest, **more}


@pytest.mark.parametrize(
    ("sent", "demanded", "kept"),
    [
        (named(p_x=TEXT, rest=False), named(p_xy=TEXT), True),
        (named(p_x=NUMBER, rest=False), named(p_xy=TEXT), False),
        (named(p_x=NUMBER, rest=False), named(p_y=TEXT), True),
        (named(p_x=NUMBER), named(p_y=TEXT), False),  # what is not named may be called y
        (named(p_x=NUMBER, rest=TEXT), named(p_y=TEXT), True),
        (named(p_xy=TEXT, rest=False), named(p_x=TEXT, rest=False), True),
        (named(p_x=TEXT, rest=False), named(p_xy=TEXT, rest=False), False),
        (named(p_x=TEXT, rest=TEXT), named(p_x=TEXT, rest=TEXT), True),
        (named(p_x=TEXT), named(p_x=TEXT, rest=TEXT), False),
        ({"properties": {"x1": NUMBER}, "additionalProperties": False}, named(p_x=TEXT), False),
        ({"properties": {"x1": TEXT}, "additionalProperties": False}, named(p_x=TEXT), True),
        ({"type": "string"}, named(p_x=TEXT), True),
        ({"enum": [{"x": 1}]}, named(p_x=TEXT), False),  # values are not looked into
        (named(p_x={"$ref": "#/$defs/N"}, rest=False, defs={"N": NUMBER}), named(p_x=TEXT), False),
        (named(p_x={"$ref": "#/$defs/N"}, rest=False, defs={"N": TEXT}), named(p_x=TEXT), True),
        (named(p_x=TEXT, rest=False), {"required": ["x"], **named(p_x=TEXT)}, False),  # says more than names
        (named(p_x=TEXT), {"additionalProperties": True}, False),
    ],
)
def test_names_are_kept(sent: Any, demanded: Any, kept: bool) -> None:
    assert names_kept(sent, demanded) is kept
