"""Kinds of changes around and inside the schemas, each in several wordings and both directions.

A row gives what an operation says in the base and in the revision, and the verdicts that count (those that
`understudy drift` shows without --all) of either direction. `=` stands for: nothing.
"""

# ruff: noqa: E501 - a row of the table is a line
from __future__ import annotations

import json
from typing import Any

import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import Drift, compare
from understudy.specs.source import parse
from understudy.specs.witness.proof import ONLY_UNDECLARED

CLIENTS, PROVIDERS, WARNS = "breaks clients", "breaks providers", "warns"
OBJECT = {"type": "object"}
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def has(schema: dict[str, Any], name: str = "e") -> dict[str, Any]:
    return {"type": "object", "properties": {name: schema}, "required": [name]}


def body(schema: Any, media: str = "application/json") -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media: {"schema": schema}}}}


def answers(**by_status: Any) -> dict[str, Any]:
    """Answers by status ("s200"), each a schema of a JSON body, or None."""
    found = {}
    for status, schema in by_status.items():
        content = {} if schema is None else {"content": {"application/json": {"schema": schema}}}
        found[status.removeprefix("s")] = {"description": "x", **content}
    return {"responses": found}


def media(**kinds: Any) -> dict[str, Any]:
    return {
        "responses": {"200": {"description": "x", "content": {k: {"schema": v} for k, v in kinds.items()}}}
    }


def query(schema: Any, **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "p", "in": "query", "schema": schema, **more}]}


def in_path(schema: Any, **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "p", "in": "path", "required": True, "schema": schema, **more}]}


def header(schema: Any) -> dict[str, Any]:
    return {
        "responses": {"200": {"description": "x", "headers": {"X-A": {"required": True, "schema": schema}}}}
    }


def form(schema: Any, kind: str = "application/x-www-form-urlencoded") -> dict[str, Any]:
    return body({"type": "object", "properties": {"a": schema}}, kind)


def by_name(pattern: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "patternProperties": {pattern: TEXT}, **more}


OWN = {"type": "object", "required": ["k"]}
CAR = {**OWN, "properties": {"k": TEXT, "doors": NUMBER}}
BOAT = {**OWN, "properties": {"k": TEXT, "sails": NUMBER}}
UNION = {"type": "object", "unevaluatedProperties": False}
CLOSED = {"type": "object", "additionalProperties": False}
ALL = "=", "="
# kind, base, revision, verdicts forth, verdicts back
ROWS: list[tuple[str, dict, dict, Any, Any]] = [
    ("a status under default", answers(s200=None, default=has(TEXT)), answers(s200=None, default=has(TEXT), s404=has(NUMBER)), [CLIENTS], [CLIENTS]),
    ("a status under default", answers(s200=None, default=has(TEXT)), answers(s200=None, default=has(TEXT), s404=has(TEXT)), *ALL),
    ("a status under default", answers(s200=None, default=has(TEXT)), answers(s200=None, default=has(TEXT), s5XX=has(NUMBER)), [CLIENTS], [CLIENTS]),
    ("a status under default", answers(s200=None, default=has(TEXT)), answers(s200=None, s4XX=has(TEXT), default=has(TEXT)), *ALL),
    ("a status under a range", answers(s200=has(TEXT)), answers(s2XX=has(NUMBER)), [CLIENTS, WARNS], [CLIENTS, WARNS]),
    ("a status under a range", answers(s200=None, s404=has(TEXT)), answers(s200=None, s4XX=has(TEXT)), *ALL),
    ("a status under a range", answers(s200=None, s404=has(TEXT)), answers(s200=None, s4XX=has(NUMBER)), [CLIENTS], [CLIENTS]),
    ("a success beside default", answers(s200=has(TEXT), default=has(NUMBER)), answers(s200=has(TEXT), s201=has(TEXT), default=has(NUMBER)), [WARNS], [WARNS]),
    ("a media type in a range", {**body(has(TEXT))}, body(has(NUMBER), "application/*"), [CLIENTS, PROVIDERS], [CLIENTS, CLIENTS]),
    ("a media type in a range", body(has(TEXT)), body(has(TEXT), "*/*"), [PROVIDERS], [CLIENTS]),
    ("a media type in a range", body(has(TEXT), "Application/JSON; charset=utf-8"), body(has(TEXT)), *ALL),
    ("a media type in a range", body(has(TEXT), "Application/JSON; charset=utf-8"), body(has(NUMBER)), [CLIENTS], [CLIENTS]),
    ("an answer's media type in a range", media(**{"*/*": has(TEXT)}), media(**{"application/json": has(NUMBER)}), [CLIENTS, PROVIDERS], [CLIENTS, WARNS]),
    ("an answer's media type goes", answers(s200=OBJECT, default=OBJECT), {"responses": {"200": {"description": "x", "content": {"text/csv": {}}}, "default": answers(s1=OBJECT)["responses"]["1"]}}, [CLIENTS, WARNS], [CLIENTS, WARNS]),
    ("a number as text", query(NUMBER), query(TEXT), [PROVIDERS], [CLIENTS]),
    ("a number as text", query(NUMBER), query({"type": "array", "items": NUMBER}), [PROVIDERS], [CLIENTS]),
    ("a number as text", form(NUMBER), form(TEXT), [PROVIDERS], [CLIENTS]),
    ("a number as text", form({"type": "boolean"}, "multipart/form-data"), form({"enum": ["true", "false"]}, "multipart/form-data"), *ALL),
    ("a number as text", body(NUMBER, "text/plain"), body(TEXT, "text/plain"), [PROVIDERS], [CLIENTS]),
    ("a number as text", form(TEXT), form({"type": ["string", "null"]}), *ALL),
    ("a list as one text", header({"type": "array", "items": TEXT}), header(TEXT), *ALL),
    ("a list as one text", header({"type": "array", "items": NUMBER}), header(TEXT), [CLIENTS], [PROVIDERS]),
    ("a list as one text", query(TEXT), query({"type": "array", "items": TEXT}, explode=False), *ALL),
    ("a list as one text", query(TEXT), query({"type": "array", "items": TEXT}), [PROVIDERS], [CLIENTS]),
    ("a list as one text", in_path({"type": "array", "items": TEXT}, style="label"), in_path(TEXT, style="label"), *ALL),
    ("a list as one text", in_path({"type": "array", "items": NUMBER}, style="matrix"), in_path(TEXT, style="matrix"), [PROVIDERS], [CLIENTS]),
    ("a list as one text", query(NUMBER), query({"type": "array", "items": NUMBER, "minItems": 1, "maxItems": 1}), *ALL),
    ("a single value has one writing", query(NUMBER), query(NUMBER, explode=False), *ALL),
    ("a single value has one writing", query({"type": "array", "items": TEXT}), query({"type": "array", "items": TEXT}, explode=False), [CLIENTS], [CLIENTS]),
    ("letters beside a look-around", body(has({"type": "string", "pattern": r"^(?!.*\.\.)[\w.]+$"})), body(has({"type": "string", "pattern": r"^[\w.]+$"})), [PROVIDERS], [CLIENTS]),
    ("null as text", query({"anyOf": [TEXT, {"type": "null"}]}), query(TEXT), *ALL),
    ("null as text", query({"type": "array", "items": {"type": ["string", "null"]}}), query({"type": "array", "items": TEXT}), *ALL),
    ("null as text", query({"type": ["integer", "null"]}), query(NUMBER), [CLIENTS], [PROVIDERS]),
    ("equal patterns", body(has({"type": "string", "pattern": r"^\d+$"})), body(has({"type": "string", "pattern": "^[0-9]+$"})), *ALL),
    ("equal patterns", body(has({"type": "string", "pattern": "^(cat|dog)$"})), body(has({"type": "string", "pattern": "^(?:dog|cat)$"})), *ALL),
    ("equal patterns", body(has({"type": "string", "minLength": 1})), body(has({"type": "string", "pattern": r"^[\s\S]+$"})), *ALL),
    ("equal patterns", body(has({"type": "string", "pattern": r"^\w{2,4}$"})), body(has({"type": "string", "pattern": "^[a-z]{2,4}$"})), [CLIENTS], [PROVIDERS]),
    ("patterns that are not regular", body(has({"type": "string", "pattern": r"^(a|b)\1$"})), body(has({"type": "string", "pattern": "^aa$"})), [CLIENTS], [PROVIDERS]),
    ("patterns that are not regular", body(has({"type": "string", "pattern": "^[a-z]+(?<!x)$"})), body(has({"type": "string", "pattern": "^[a-y]+$"})), [CLIENTS], [CLIENTS]),
    ("large limits", body(has({"type": "string", "maxLength": 2_000_000})), body(has({"type": "string", "maxLength": 1_000_000})), [CLIENTS], [PROVIDERS]),
    ("large limits", body(has({"type": "array", "items": NUMBER, "maxItems": 90_000})), body(has({"type": "array", "items": NUMBER, "maxItems": 80_000})), [CLIENTS], [PROVIDERS]),
    ("large limits", body(has({"type": "integer", "maximum": 2**63 - 1})), body(has({"type": "integer", "maximum": 2**53})), [CLIENTS], [PROVIDERS]),
    ("properties by pattern", body({"type": "object", "patternProperties": {"^a": TEXT}, "additionalProperties": False}), body({"type": "object", "patternProperties": {"^ab": TEXT}, "additionalProperties": False}), [CLIENTS], [PROVIDERS]),
    ("properties by pattern", body({"type": "object", "patternProperties": {"^a": TEXT}}), body({"type": "object", "patternProperties": {"^a": NUMBER}}), [CLIENTS], [CLIENTS]),
    ("properties by pattern", body(by_name("^[a-z]{2}$")), body(by_name("^[a-z]{2}(-[A-Z]{2})?$")), *ALL),
    ("properties by pattern", body(by_name("^[a-z]{2}$", additionalProperties=False)), body(by_name("^[a-z]{2}(-[A-Z]{2})?$", additionalProperties=False)), [PROVIDERS], [CLIENTS]),
    ("properties by pattern", body(by_name(".*")), body({"type": "object", "additionalProperties": TEXT}), *ALL),
    ("properties by pattern", body({"type": "object", "propertyNames": {"pattern": "^x"}, "additionalProperties": TEXT}), body(by_name("^x", additionalProperties=False)), *ALL),
    ("properties by pattern", body({"type": "object", "propertyNames": {"pattern": "^x"}, "additionalProperties": TEXT}), body(by_name("^xy", additionalProperties=False)), [CLIENTS], [PROVIDERS]),
    ("values as a pattern", body(has({"enum": ["a", "b.c"]})), body(has({"type": "string", "pattern": r"^(a|b\.c)$"})), *ALL),
    ("values as a pattern", body(has({"enum": ["a", "b.c"]})), body(has({"type": "string", "pattern": "^(a|b.c)$"})), [PROVIDERS], [CLIENTS]),
    ("large limits", body({"type": "object", "additionalProperties": TEXT, "maxProperties": 40_000}), body({"type": "object", "additionalProperties": TEXT, "maxProperties": 20_000}), [CLIENTS], [PROVIDERS]),
    ("large limits", body(has({"type": "string", "pattern": "^[a-z]{1,4096}$"})), body(has({"type": "string", "pattern": "^[a-z]{1,2048}$"})), [CLIENTS], [PROVIDERS]),
    ("null in schemars' way", answers(s200=has({"anyOf": [has(NUMBER), {"nullable": True}]}, "u")), answers(s200=has({"anyOf": [has(TEXT), {"nullable": True}]}, "u")), [CLIENTS], [CLIENTS]),
    ("null in schemars' way", body(has({"anyOf": [NUMBER, {"nullable": True}]})), body(has({"type": "integer", "nullable": True})), *ALL),
    ("an empty value", query(NUMBER, allowEmptyValue=True), query(NUMBER), [CLIENTS], [PROVIDERS]),
    ("an empty value", query(TEXT, allowEmptyValue=True), query(TEXT), *ALL),
    ("alternatives that overlap", answers(s200={"type": "object", "properties": {"i": {"oneOf": [CAR, BOAT]}, "n": NUMBER}, "required": ["i", "n"]}), answers(s200={"type": "object", "properties": {"i": {"oneOf": [CAR, BOAT]}, "n": TEXT}, "required": ["i", "n"]}), [CLIENTS, WARNS, WARNS], [CLIENTS, WARNS, WARNS]),
    ("alternatives that overlap", body({"oneOf": [CAR, BOAT]}), body({"oneOf": [CAR, {**BOAT, "properties": {"k": TEXT, "sails": TEXT}}]}), [CLIENTS, WARNS, WARNS], [CLIENTS, WARNS, WARNS]),
    ("contradictory types", body(has({"allOf": [TEXT, NUMBER]})), body(has(NUMBER)), [PROVIDERS, WARNS], [CLIENTS, WARNS]),
    ("what is demanded is declared", body({"type": "object", "properties": {"a": TEXT, "t": TEXT}, "required": ["a"]}), body({"type": "object", "properties": {"a": TEXT}, "required": ["a", "t"]}), [CLIENTS, PROVIDERS], [CLIENTS, PROVIDERS]),
    ("what nobody declares", body({**UNION, "oneOf": [has(TEXT, "u"), has(TEXT, "b")]}), body({**UNION, "oneOf": [has(TEXT, "u"), has({"type": ["string", "null"]}, "b")]}), [PROVIDERS], [CLIENTS]),
    ("what nobody declares", body({**UNION, "properties": {"a": TEXT}}), body({**UNION, "properties": {"a": TEXT, "s": NUMBER}}), [PROVIDERS], [CLIENTS]),
    ("what nobody declares", body({**UNION, "allOf": [{"properties": {"a": TEXT}}]}), body({**UNION, "allOf": [{"properties": {"b": TEXT}}]}), [CLIENTS, PROVIDERS], [CLIENTS, PROVIDERS]),
    ("what nobody declares", body({"allOf": [{"properties": {"a": TEXT}}], **CLOSED}), body({"properties": {"a": TEXT}, **CLOSED}), [PROVIDERS], [CLIENTS]),
    ("only written", answers(s200={"type": "object", "properties": {"a": TEXT}}), answers(s200={"type": "object", "properties": {"a": {"type": "string", "writeOnly": True}}}), [WARNS], "="),
    ("only read", body({"type": "object", "properties": {"a": TEXT}}), body({"type": "object", "properties": {"a": {"type": "string", "readOnly": True}}}), [WARNS], "="),
]  # fmt: skip


def document(operation: dict[str, Any], openapi: str, **more: Any) -> ApiDocument:
    paths = {"/t": {"post": {"responses": {"200": {"description": "ok"}}, **operation}}}
    data = {"openapi": openapi, "info": {"title": "t", "version": "1"}, "paths": paths, **more}
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def counting(drift: Drift) -> list[str]:
    return sorted(f.verdict for f in drift.findings if f.verdict not in ("no effect", "compatible", "strict"))


@pytest.mark.parametrize("order", ["forth", "back"])
@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {n}" for n, row in enumerate(ROWS)])
def test_a_change_is_seen_for_what_it_is(row: tuple[str, dict, dict, Any, Any], order: str) -> None:
    kind, old, new, forth, back = row
    version = "3.0.3" if "schemars" in kind else "3.1.0"
    expected = forth if order == "forth" else back
    sides = (old, new) if order == "forth" else (new, old)
    found = compare(*(document(side, version) for side in sides))
    assert counting(found) == sorted([] if expected == "=" else expected)
    assert [f for f in found.findings if f.verdict.startswith("breaks") and f.witness is None] == []


STREAM = {"200": {"description": "x", "content": {"application/jsonl": {"itemSchema": has(TEXT)}}}}
OTHER = {"200": {"description": "x", "content": {"application/jsonl": {"itemSchema": has(NUMBER)}}}}


def test_openapi_3_2_streams_are_compared_by_their_items() -> None:
    sides = [document({"responses": responses}, "3.2.0") for responses in (STREAM, OTHER)]
    [finding] = compare(*sides).findings
    assert (finding.verdict, finding.witness.payload) == (CLIENTS, [{"e": 0}])


def test_what_a_version_does_not_know_is_told_where_it_changes() -> None:
    sides = [document({"responses": responses}, "3.1.0") for responses in (STREAM, OTHER)]
    assert [f.rule for f in compare(*sides).findings] == ["field-not-understood"]


def path(item: dict[str, Any], **more: Any) -> ApiDocument:
    data = {"openapi": "3.2.0", "info": {"title": "t", "version": "1"}, "paths": {"/t": item}, **more}
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def test_openapi_3_2_has_operations_of_further_methods() -> None:
    sides = [path({"additionalOperations": {"COPY": body(has(s))}}) for s in (TEXT, NUMBER)]
    assert [(f.verdict, f.surface) for f in compare(*sides).findings] == [
        (CLIENTS, "COPY /t application/json")
    ]
    sides = [path({"query": body(has(s))}) for s in (TEXT, NUMBER)]
    assert [(f.verdict, f.surface) for f in compare(*sides).findings] == [
        (CLIENTS, "QUERY /t application/json")
    ]


def test_openapi_3_2_takes_the_whole_query_as_one_parameter() -> None:
    def whole(schema: Any) -> dict[str, Any]:
        content = {"application/x-www-form-urlencoded": {"schema": has(schema)}}
        return {"get": {"parameters": [{"name": "q", "in": "querystring", "content": content}]}}

    assert counting(compare(path(whole(NUMBER)), path(whole({"type": "boolean"})))) == [CLIENTS]
    assert counting(compare(path(whole(NUMBER)), path(whole(NUMBER)))) == []


def test_openapi_3_2_gives_a_document_an_address_of_its_own() -> None:
    schemas = {"components": {"schemas": {"A": has(TEXT)}}, "$self": "https://e.example/api.json"}
    ours = path({"post": body({"$ref": "#/components/schemas/A"})}, **schemas)
    theirs = path({"post": body({"$ref": "https://e.example/api.json#/components/schemas/A"})}, **schemas)
    assert counting(compare(ours, theirs)) == []


def test_many_alternatives_are_all_tried() -> None:
    def union(last: Any) -> dict[str, Any]:
        members = [has({"const": f"k{n}"}, f"p{n}") for n in range(24)]
        members[23]["properties"]["x"] = last
        return body({"oneOf": members})

    assert counting(compare(document(union(TEXT), "3.1.0"), document(union(NUMBER), "3.1.0")))[0] == CLIENTS


@pytest.mark.parametrize("demanded", [True, False])
def test_a_parent_that_lists_its_children_is_compared(demanded: bool) -> None:
    """Without a property that is demanded, each child takes the values of the other."""

    def needed(name: str) -> dict[str, Any]:
        return {"required": [name]} if demanded else {}

    def pets(name: Any) -> dict[str, Any]:
        pet = {
            **has(TEXT, "kind"),
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        }
        cat = {
            "allOf": [{"$ref": "#/components/schemas/Pet"}],
            "properties": {"name": name},
            **needed("name"),
        }
        dog = {
            "allOf": [{"$ref": "#/components/schemas/Pet"}],
            "properties": {"bark": NUMBER},
            **needed("bark"),
        }
        return {"components": {"schemas": {"Pet": pet, "Cat": cat, "Dog": dog}}}

    use = {"post": body({"$ref": "#/components/schemas/Pet"})}
    found = counting(compare(path(use, **pets(TEXT)), path(use, **pets(NUMBER))))
    assert found[0] == CLIENTS
    assert set(found[1:]) == {WARNS}


@pytest.mark.parametrize("way", ["allOf", "anyOf", "oneOf"])
def test_a_schema_that_refers_to_itself_in_a_choice_of_one_is_compared(way: str) -> None:
    def nodes(required: list[str]) -> dict[str, Any]:
        properties = {"v": TEXT, "next": {way: [{"$ref": "#/components/schemas/N"}], "description": "x"}}
        made = {"type": "object", "properties": properties, "required": required}
        return {"components": {"schemas": {"N": made}}}

    use = {"post": answers(s200={"$ref": "#/components/schemas/N"})}
    assert CLIENTS in counting(compare(path(use, **nodes(["v"])), path(use, **nodes([]))))


def test_a_refusal_speaks_of_the_alternative_that_a_witness_is_about() -> None:
    def union(last: Any) -> dict[str, Any]:
        members = [has(TEXT, f"p{n}") for n in range(12)]
        return body({"oneOf": [*members, has(last, "q")]})

    found = compare(document(union(TEXT), "3.1.0"), document(union(NUMBER), "3.1.0")).findings
    assert [f.witness.refusal for f in found if f.verdict == CLIENTS] == [
        'fits no alternative; nearest: q: "" is not of type "integer"'
    ]


def test_a_witness_that_only_a_strict_reading_sends_is_said_to_be_one() -> None:
    open_, closed = ({"type": "object", "properties": p} for p in ({"a": TEXT, "b": TEXT}, {"a": TEXT}))
    [finding] = compare(document(body(closed), "3.1.0"), document(body(open_), "3.1.0")).findings
    assert (finding.verdict, finding.witness.payload) == ("strict", {"b": None})
    assert finding.reason == ONLY_UNDECLARED
