"""Pairs made to keep a comparison from ending, or to break it: each ends, with findings or an honest refusal.

The figures are steps and sizes, not seconds: what does not end here does not end at all.
UNDERSTUDY_LONG=1 makes the pairs that grow with each step as long as they were when they hung.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from understudy.specs.algebra.large_choices import FEW, LargeChoices
from understudy.specs.diff import joins, writer
from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare, engine
from understudy.specs.source import parse
from understudy.specs.witness import flat
from understudy.specs.witness.flat import flatten

# Steps of the pairs whose payloads double with each.
LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
WAYS, CHOICES = (12, 10) if LONG else (8, 8)

Schema = Any
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def document(schemas: dict[str, Schema], version: str) -> ApiDocument:
    content = {"application/json": {"schema": to("A")}}
    operation = {
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "x", "content": content}},
    }
    data = {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/t": {"post": operation}},
        "components": {"schemas": schemas},
    }
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def holding(properties: dict[str, Schema], **more: Schema) -> dict[str, Schema]:
    return {"type": "object", "properties": properties, "required": sorted(properties), **more}


def nested(depth: int, way: Any, leaf: Schema) -> Schema:
    for n in range(depth):
        leaf = way(leaf, n)
    return leaf


def chain(length: int, link: Any, leaf: Schema) -> dict[str, Schema]:
    links = {f"C{n}": link(to(f"C{n + 1}")) for n in range(length)}
    return {"A": to("C0"), **links, f"C{length}": leaf}


def kinds(n: int, changed: int, leaf: Schema) -> list[Schema]:
    return [holding({"t": {"enum": [f"k{i}"]}, "v": leaf if i == changed else TEXT}) for i in range(n)]


def choices(factors: int, ways: int, leaf: Schema) -> Schema:
    parts = [{"oneOf": [holding({f"p{n}": {"enum": [way]}}) for way in range(ways)]} for n in range(factors)]
    return {"allOf": parts, "properties": {"z": leaf}}


PAIRS: dict[str, Any] = {
    "itself in allOf": lambda leaf: {"A": {"allOf": [to("A")], **holding({"v": leaf})}},
    "itself in oneOf": lambda leaf: {"A": {"oneOf": [to("A"), leaf]}},
    "itself in anyOf alone": lambda leaf: {"A": {"anyOf": [to("A")], "properties": {"v": leaf}}},
    "itself in not": lambda leaf: {"A": {"not": to("A"), "properties": {"v": leaf}}},
    "itself in items": lambda leaf: {"A": {"type": "array", "items": to("A"), "contains": leaf}},
    "itself in items of allOf": lambda leaf: {
        "A": holding({"v": leaf}, additionalProperties={"type": "array", "items": {"allOf": [to("A")]}})
    },
    "itself in a condition": lambda leaf: {"A": {"if": to("A"), "then": leaf, "else": to("A")}},
    "itself in dependents": lambda leaf: {"A": {"dependentSchemas": {"v": to("A")}, **holding({"v": leaf})}},
    "itself in names": lambda leaf: {"A": {"propertyNames": to("A"), **holding({"v": leaf})}},
    "itself in what is not evaluated": lambda leaf: {
        "A": {"unevaluatedProperties": to("A"), **holding({"v": leaf})}
    },
    "parts of allOf that meet again below": lambda leaf: {
        "A": {"allOf": [to("B"), {"properties": {"l": to("A"), "r": to("B")}}]},
        "B": holding({"l": to("C"), "r": to("A"), "v": TEXT}),
        "C": holding({"l": to("B"), "r": to("C"), "v": leaf}),
    },
    "a ring of choices": lambda leaf: {
        "A": {"oneOf": [to("B"), TEXT]},
        "B": {"oneOf": [to("C"), {"type": "boolean"}]},
        "C": {"oneOf": [to("A"), holding({"v": leaf})]},
    },
    "a ring of references": lambda leaf: {"A": to("B"), "B": to("A") if leaf is TEXT else TEXT},
    "types that contradict": lambda leaf: {"A": holding({"a": {"allOf": [TEXT, NUMBER]}, "v": leaf})},
    "no type at all": lambda leaf: {"A": {"type": [], "properties": {"v": leaf}}},
    "a long chain of allOf": lambda leaf: chain(150, lambda link: {"allOf": [link]}, leaf),
    "a long chain of properties": lambda leaf: chain(150, lambda link: holding({"n": link}), leaf),
    "two ways at each of many steps": lambda leaf: chain(
        WAYS, lambda link: holding({"l": link, "r": link}), leaf
    ),
    "allOf twice at each of many steps": lambda leaf: chain(16, lambda link: {"allOf": [link, link]}, leaf),
    "a choice at each of many steps": lambda leaf: chain(
        CHOICES, lambda link: {"oneOf": [link, {"type": "array", "items": link}]}, leaf
    ),
    "deep objects": lambda leaf: {"A": nested(60, lambda inner, _: holding({"n": inner}), leaf)},
    "deep negations": lambda leaf: {"A": nested(40, lambda inner, _: {"not": inner}, leaf)},
    "deep choices": lambda leaf: {
        "A": nested(16, lambda inner, n: {"anyOf": [inner, holding({f"n{n}": TEXT})]}, leaf)
    },
    "many values": lambda leaf: {"A": {"enum": [f"v{n}" for n in range(3_000 + (leaf is TEXT))]}},
    "many alternatives": lambda leaf: {"A": {"oneOf": kinds(300, 250, leaf)}},
    "choices that multiply": lambda leaf: {"A": choices(8, 6, leaf)},
    "repeats in repeats": lambda leaf: {
        "A": {"pattern": "^(?:a{1,1000}){1,1000}$" if leaf is TEXT else "^(?:a{1,999}){1,1000}$"}
    },
    "backtracking": lambda leaf: {"A": {"pattern": "^(([a-z])+.)+[A-Z]([a-z])+$", **leaf}},
    "look-arounds that pile up": lambda leaf: {
        "A": {"pattern": f"^(?:(?!ab)(?=.*c)(?<!{'d' if leaf is TEXT else 'e'})\\b.)*$"}
    },
    "too many look-aheads": lambda leaf: {
        "A": {"pattern": "^" + "".join(f"(?=.*{c})" for c in "abcdef") + leaf["type"]}
    },
    "every one of many alternatives": lambda leaf: {
        "A": {"oneOf": [holding({"t": {"enum": [f"k{i}"]}, "v": leaf}) for i in range(60)]}
    },
    "every one of many properties": lambda leaf: {"A": {"properties": {f"p{i}": leaf for i in range(250)}}},
    "lengths beyond memory": lambda leaf: {"A": {"minLength": 10**12 + (leaf is TEXT)}},
    "lists beyond memory": lambda leaf: {
        "A": {
            "type": "array",
            "minItems": 9_000,
            "items": {"type": "array", "minItems": 9_000, "items": leaf},
        }
    },
    "numbers beyond doubles": lambda leaf: {"A": {"type": "integer", "multipleOf": 2**70 + (leaf is TEXT)}},
    "texts that are none": lambda leaf: {"A": {"enum": ["\x00", "\u202e"][: 1 + (leaf is TEXT)]}},
}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.1"])
@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_made_to_hang_or_break_it_is_compared(name: str, version: str) -> None:
    old, new = (document(PAIRS[name](leaf), version) for leaf in (TEXT, NUMBER))
    for base, revision in ((old, new), (new, old)):
        found = compare(base, revision).findings
        # A version that does not know a keyword says so; nothing is passed over in silence.
        assert found
        assert [f.rule for f in found if f.verdict.startswith("breaks") and f.witness is None] == []


def sets(last: int) -> ApiDocument:
    """Schemas that take each other in and say more of the same two properties: as many joins as sets."""
    schemas: dict[str, Schema] = {}
    for n in range(30):
        limits = {"v": {"type": "string", "maxLength": n + 1}}
        schemas[f"C{n}"] = {"properties": {"l": to(f"C{(n + 1) % 30}"), "r": to(f"C{n * 3 % 30}"), **limits}}
        more = {"properties": {"l": to(f"D{(n * 2 + 1) % 30}"), "r": to(f"D{(n + 2) % 30}")}}
        schemas[f"D{n}"] = {"allOf": [to(f"C{n}"), more]}
    schemas["C29"]["properties"]["v"]["maxLength"] = last
    return document({"A": to("D0"), **schemas}, "3.1.1")


def test_parts_that_meet_in_too_many_combinations_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joins, "MOST", 20)
    findings = compare(sets(30), sets(31)).findings
    assert [f.title for f in findings if f.area == "document"][:1] == [joins.TOO_MANY]


def test_of_a_large_choice_only_alternatives_that_a_value_could_be_are_asked() -> None:
    kind = [{"const": "k7"}, {"enum": ["k7", "k8"]}, {"$ref": "#/$defs/K7"}]
    choice = [holding({"t": {"enum": [f"k{i}"]}}) for i in range(60)]
    choice += [{"properties": {"t": one}} for one in kind[:2]]
    choice += [{"allOf": [{"properties": {"t": kind[0]}}]}, {"properties": {"t": TEXT}}]
    choices = LargeChoices({"K7": kind[0]})
    standing = {
        told: [choice.index(one) for one in choices.standing(choice, {"t": frozenset(told.split())})]
        for told in ("k7", "k8", "k7 k9", "other")
    }
    assert standing == {
        "k7": [7, 60, 61, 62, 63], "k8": [8, 61, 63], "k7 k9": [7, 9, 60, 61, 62, 63], "other": [63]
    }  # fmt: skip
    assert choices.standing(choice, {}) is choice
    assert choices.standing(choice[:60], {"t": frozenset(["none"])}) == choice[:FEW]


def test_differences_beyond_the_most_findings_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_FINDINGS", 4)
    old, new = ({f"p{i}": {"type": "string", "maxLength": size} for i in range(9)} for size in (9, 8))
    both = [document({"A": {"properties": properties}}, "3.1.1") for properties in (old, new)]
    left = [(f.verdict, f.title) for f in compare(*both).findings if f.area == "document"]
    assert left == [("undecided", "14 further differences are not looked at, beyond 4 findings")]
    monkeypatch.setattr(engine, "MOST_FINDINGS", 18)
    assert len(compare(*both).findings) == 18


def test_properties_of_a_large_object_are_no_parts_that_multiply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MOST_PARTS", 50)
    old, new = ({f"p{i}": {"type": "string", "maxLength": size} for i in range(60)} for size in (9, 8))
    found = compare(*(document({"A": {"properties": properties}}, "3.1.1") for properties in (old, new)))
    assert {f.verdict for f in found.findings} == {"breaks clients", "breaks providers"}


def test_properties_of_a_large_object_are_merged_as_those_of_a_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few, many = {"a": TEXT, "b": NUMBER}, {"b": {"minimum": 1}, "c": TEXT, "d": NUMBER, "e": TEXT}
    rests = [
        {},
        {"additionalProperties": False},
        {"additionalProperties": TEXT},
        {"patternProperties": {"^[ad]": NUMBER}},
    ]
    schemas = [
        {"allOf": [{"properties": one, **its}, {"properties": other, **theirs}, {"properties": {"d": TEXT}}]}
        for one, other in ((few, many), (many, few))
        for its in rests
        for theirs in rests
    ]
    plain = [[*flatten(schema, {})] for schema in schemas]
    monkeypatch.setattr(flat, "MANY", 3)
    layered = [
        [{**case, "properties": {**case["properties"]}} for case in flatten(schema, {})] for schema in schemas
    ]
    assert layered == plain
