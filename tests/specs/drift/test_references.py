"""References with limits beside them, and templates: schemas whose parts a `$dynamicRef` leaves open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.source import parse

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
HOME = "https://e.example/"


def document(schema: dict[str, Any], version: str = "3.1.0", **schemas: Any) -> ApiDocument:
    answer = {"200": {"description": "x", "content": {"application/json": {"schema": schema}}}}
    data = {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/t": {"get": {"responses": answer}}},
        "components": {"schemas": schemas},
    }
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def found(base: ApiDocument, revision: ApiDocument) -> list[tuple[str, str, Any]]:
    findings = [f for f in compare(base, revision).findings if f.verdict not in ("no effect", "compatible")]
    return [(f.verdict, f.rule, f.witness and f.witness.payload) for f in findings]


PLACES = {
    "the body": ref("A"),
    "a property": {"type": "object", "properties": {"p": ref("A")}},
    "an item": {"type": "array", "items": ref("A")},
    "a part": {"allOf": [ref("A")]},
    "an alternative": {"anyOf": [ref("A"), {"type": "null"}]},
    "two steps away": ref("Z"),
}


@pytest.mark.parametrize("place", PLACES)
def test_limits_beside_a_reference_count_wherever_they_stand_in_a_chain(place: str) -> None:
    """A refers to B and says more; that was lost where A was reached through a reference."""
    sides = [
        document(PLACES[place], A={**ref("B"), "maxLength": most}, B=TEXT, Z=ref("A")) for most in (3, 5)
    ]
    assert [row[:2] for row in found(*sides)] == [("breaks clients", "response-max-length-increased")]
    assert [row[:2] for row in found(*sides[::-1])] == [("breaks providers", "response-max-length-decreased")]


def template(kind: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Schemas: `List` is a template, `Names` a list of `kind`."""
    items = {"type": "array", "items": {"$dynamicRef": "#T"}, "$defs": {"T": {"$dynamicAnchor": "T"}}}
    own = {"T": {"$dynamicAnchor": "T", **kind}}
    return {
        "List": {"$id": f"{HOME}List", **items, **more},
        "Names": {"$id": f"{HOME}Names", "$ref": f"{HOME}List", "$defs": own},
    }


def test_a_template_is_compared_as_each_schema_fills_it() -> None:
    sides = [document(ref("Names"), **template(kind)) for kind in (TEXT, NUMBER)]
    assert found(*sides) == [("breaks clients", "response-type-changed", [0])]
    assert found(*sides[::-1]) == [("breaks clients", "response-type-changed", [""])]


def test_a_filled_template_is_the_list_written_out() -> None:
    sides = document(ref("Names"), **template(TEXT)), document({"type": "array", "items": TEXT})
    assert [found(*sides), found(*sides[::-1])] == [[], []]


def test_what_a_template_says_itself_counts() -> None:
    sides = [document(ref("Names"), **template(TEXT, **more)) for more in ({}, {"maxItems": 1})]
    assert found(*sides[::-1]) == [("breaks clients", "response-max-items-removed", ["", ""])]


def test_two_ways_into_a_template_fill_it_each_in_its_own_way() -> None:
    both = {"type": "object", "properties": {"a": ref("Names"), "b": ref("Counts")}}

    def filled(kind: dict[str, Any]) -> ApiDocument:
        own = {"T": {"$dynamicAnchor": "T", **kind}}
        counts = {"$id": f"{HOME}Counts", "$ref": f"{HOME}List", "$defs": own}
        return document(both, **template(TEXT), Counts=counts)

    assert found(filled(NUMBER), filled(TEXT)) == [("breaks clients", "response-type-changed", {"b": [""]})]


def test_a_tree_is_of_the_outermost_kind() -> None:
    """JSON Schema 2020-12, 8.2.3.2: a strict tree has strict children, though a loose one lists them."""
    children = {"type": "array", "items": {"$dynamicRef": "#node"}}
    tree = {
        "$id": f"{HOME}Tree",
        "$dynamicAnchor": "node",
        "properties": {"data": TEXT, "children": children},
    }
    strict = {"$id": f"{HOME}S", "$dynamicAnchor": "node", "$ref": f"{HOME}Tree", "required": ["data"]}
    top = {**strict, "$dynamicAnchor": "other"}  # strict at the top alone
    base, revision = (document(ref("S"), Tree={**tree, "type": "object"}, S=s) for s in (strict, top))
    [(verdict, rule, payload)] = found(base, revision)
    assert (verdict, rule) == ("breaks clients", "response-property-became-optional")
    assert payload == {"children": [{}], "data": ""}


# An address, and what names it from within HOME.
NAMES = [
    ("B", "B"),
    ("/B", f"{HOME}B"),
    ("B.json", "./B.json"),
    (f"{HOME}B", "B#"),
    (f"{HOME}sub/B", "sub/B"),
]


@pytest.mark.parametrize(("address", "name"), NAMES)
def test_a_reference_is_resolved_against_the_address_around_it(address: str, name: str) -> None:
    def holding(kind: dict[str, Any]) -> ApiDocument:
        below = {"$id": address, **kind}
        top = {
            "$id": f"{HOME}A",
            "type": "object",
            "properties": {"b": {"$ref": name}},
            "$defs": {"B": below},
        }
        return document(ref("A"), A=top)

    assert found(holding(TEXT), holding(NUMBER)) == [("breaks clients", "response-type-changed", {"b": 0})]


def test_one_reference_names_two_schemas_from_two_addresses() -> None:
    def homes(far: dict[str, Any]) -> ApiDocument:
        parts = {
            f"{home}{name}": {"$id": f"https://{home}.example/{name}", **schema}
            for home, kind in (("near", TEXT), ("far", far))
            for name, schema in (("A", {"items": {"$ref": "B"}, "type": "array"}), ("B", kind))
        }
        both = {"type": "object", "properties": {"n": ref("nearA"), "f": ref("farA")}}
        return document(both, **parts)

    assert found(homes(TEXT), homes(NUMBER)) == [("breaks clients", "response-type-changed", {"f": [0]})]
