"""Parents with a discriminator that list no children: these count all the same, each under its own value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.source import parse

CLIENTS, PROVIDERS, WARNS = "breaks clients", "breaks providers", "warns"
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
SCHEMAS = "#/components/schemas/"


def child(parent: str, required: list[str], **properties: Any) -> dict[str, Any]:
    own = {"type": "object", "properties": properties, "required": required}
    return {"allOf": [{"$ref": SCHEMAS + parent}, own]}


def document(
    mapping: dict[str, str] | None = None, use: str = "Job", kind: Any = TEXT, **schemas: Any
) -> ApiDocument:
    told = {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}
    job = {"type": "object", "required": ["kind"], "properties": {"kind": kind}, "discriminator": told}
    content = {"application/json": {"schema": {"$ref": SCHEMAS + use}}}
    data = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/jobs": {"post": {"requestBody": {"content": content}, "responses": {}}}},
        "components": {"schemas": {"Job": job, **schemas}},
    }
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def found(base: ApiDocument, revision: ApiDocument) -> list[tuple[str, str, Any]]:
    return [
        (f.verdict, f.where, f.witness and f.witness.payload)
        for f in compare(base, revision).findings
        if f.verdict not in ("no effect", "compatible", "strict")
    ]


INFER = child("Job", ["n"], n=NUMBER)
ROWS: list[tuple[str, Any, Any, Any, Any]] = [
    # what, base, revision, found forth, found back
    (
        "a property of a child",
        {"Infer": child("Job", [], n=TEXT)},
        {"Infer": child("Job", [], n=NUMBER)},
        [(CLIENTS, "(Infer).n", {"kind": "Infer", "n": ""})],
        [(CLIENTS, "(Infer).n", {"kind": "Infer", "n": 0})],
    ),
    (
        "what a child demands",
        {"Infer": child("Job", [], n=NUMBER)},
        {"Infer": INFER},
        [(CLIENTS, "(Infer)", {"kind": "Infer"})],
        [(PROVIDERS, "(Infer)", {"kind": "Infer"})],
    ),
    (
        "a child under the value of the mapping",
        {"mapping": {"i": SCHEMAS + "Infer"}, "Infer": child("Job", [], n=NUMBER)},
        {"mapping": {"i": "Infer"}, "Infer": INFER},
        [(CLIENTS, "(Infer)", {"kind": "i"})],
        [(PROVIDERS, "(Infer)", {"kind": "i"})],
    ),
    (
        "a child of a child",
        {"Infer": INFER, "Fast": child("Infer", [], m=NUMBER)},
        {"Infer": INFER, "Fast": child("Infer", [], m=TEXT)},
        [(CLIENTS, "(Fast).m", {"kind": "Fast", "m": 0, "n": 0})],
        [(CLIENTS, "(Fast).m", {"kind": "Fast", "m": "", "n": 0})],
    ),
    ("another child", {"Infer": INFER}, {"Infer": INFER, "Train": child("Job", ["d"], d=TEXT)}, [], []),
    ("a child in other words", {"Infer": INFER}, {"Infer": {**INFER, "description": "x"}}, [], []),
    (
        "a child under the value that it lists",
        {"Infer": child("Job", [], kind={"enum": ["i"]}, n=NUMBER)},
        {"Infer": child("Job", ["n"], kind={"enum": ["i"]}, n=NUMBER)},
        [(CLIENTS, "(Infer)", {"kind": "i"})],
        [(PROVIDERS, "(Infer)", {"kind": "i"})],
    ),
    (
        "another name of the parent",
        {"Infer": INFER},
        {"Infer": INFER, "Alias": {"allOf": [{"$ref": SCHEMAS + "Job"}], "description": "x"}},
        [],
        [],
    ),
    ("what takes no part", {"Infer": INFER, "X": TEXT}, {"Infer": INFER, "X": NUMBER}, [], []),
    (
        "a child where only the other is asked for",
        {"use": "Infer", "Infer": INFER, "Train": child("Job", [], d=TEXT)},
        {"use": "Infer", "Infer": INFER, "Train": child("Job", [], d=NUMBER)},
        [],
        [],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_children_are_compared_where_their_parent_is_asked_for(row: tuple[str, Any, Any, Any, Any]) -> None:
    _, old, new, forth, back = row
    assert found(document(**old), document(**new)) == forth
    assert found(document(**new), document(**old)) == back


@pytest.mark.parametrize("child_kind", [{}, {"kind": {"enum": ["i"]}}])
def test_values_that_a_parent_lists_are_sent_whatever_its_children_are_called(child_kind: Any) -> None:
    """Who calls children otherwise than their components, and maps nothing, is read as he means it."""
    infer = child("Job", [], **child_kind, n=NUMBER)
    wide, narrow = ({"type": "string", "enum": values} for values in (["i", "t", "u"], ["i", "t"]))
    assert found(document(kind=wide, Infer=infer), document(kind=narrow, Infer=infer)) == [
        (CLIENTS, "kind", {"kind": "u"})
    ]


def test_a_parent_whose_only_children_are_other_names_of_it_stays_as_it_is() -> None:
    alias = {"allOf": [{"$ref": SCHEMAS + "Job"}], "description": "x"}
    assert compare(document(), document(Alias=alias)).findings == ()


def test_other_names_in_a_mapping_are_said_once_for_each_place_and_break_nobody() -> None:
    sides = document({"i": "Infer"}, Infer=INFER), document({"j": "Infer"}, Infer=INFER)
    assert {verdict for verdict, _, _ in found(*sides)} == {WARNS}
