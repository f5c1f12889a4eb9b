"""What a provider's documents do not mention: unknown, told as such, and shown by a strict reading."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import Drift, compare
from understudy.specs.source import parse

PROPERTIES = {"cat": {"type": "string", "minLength": 2}, "dog": {"type": "integer"}}
MARK = {"x-undocumented": True}


def document(schema: dict[str, Any]) -> ApiDocument:
    content = {"application/json": {"schema": schema}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "ok"}}}
    data = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/t": {"post": operation}},
    }
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def animals(required: tuple[str, ...] = (), **changed: dict[str, Any]) -> dict[str, Any]:
    properties = {name: {**schema, **changed.get(name, {})} for name, schema in PROPERTIES.items()}
    return {"type": "object", "required": list(required), "properties": properties}


def strictly(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    """The strict reading, written without our bundles: what is not mentioned is not there."""
    said = {n: s for n, s in schema["properties"].items() if "x-undocumented" not in s}
    required = [n for n in schema["required"] if n in said]
    return jsonschema.Draft202012Validator(
        {**schema, "properties": said, "required": required, "additionalProperties": False}
    )


def told(drift: Drift) -> list[tuple[str, str, str, str]]:
    return [(f.rule, f.verdict, f.where, f.reason) for f in drift.findings]


UNKNOWN = "the provider's documents do not mention it: unknown, neither promised nor refused"
KNOWN = "the provider's documents mention it now, and did not before"


def test_a_field_that_is_not_mentioned_is_unknown() -> None:
    drift = compare(document(animals()), document(animals(cat=MARK)))
    assert told(drift) == [("request-property-undocumented", "warns", "cat", UNKNOWN)]


def test_a_field_that_is_mentioned_again_is_fine() -> None:
    drift = compare(document(animals(cat=MARK)), document(animals()))
    assert told(drift) == [("request-property-documented", "compatible", "cat", KNOWN)]


@pytest.mark.parametrize("required", [(), ("dog",), ("cat", "dog")])
@pytest.mark.parametrize("forth", [True, False])
def test_the_witness_is_what_only_one_strict_reading_refuses(forth: bool, required: tuple[str, ...]) -> None:
    spoken, silent = animals(required), animals(required, cat=MARK)
    base, revision = (spoken, silent) if forth else (silent, spoken)
    (finding,) = compare(document(base), document(revision)).findings
    witness = finding.witness
    assert witness is not None
    sides = ("base", "revision") if forth else ("revision", "base")
    assert (witness.kind, witness.taken_by, witness.refused_by) == ("silence", *sides)
    assert witness.payload == {"cat": "aa"} | ({"dog": 0} if "dog" in required else {})
    assert witness.refusal == "its documents do not mention cat"
    readings = [strictly(schema).is_valid(witness.payload) for schema in (spoken, silent)]
    plain = [jsonschema.Draft202012Validator(s).is_valid(witness.payload) for s in (spoken, silent)]
    assert (readings, plain) == ([True, False], [True, True])


def test_the_witness_has_no_other_reason_to_be_refused_where_it_can_be_mended() -> None:
    base, revision = animals(), animals(("dog",), cat=MARK)
    (finding,) = [f for f in compare(document(base), document(revision)).findings if "undocumented" in f.rule]
    assert finding.witness is not None
    assert finding.witness.payload == {"cat": "aa", "dog": 0}


def test_an_undocumented_object_speaks_for_the_fields_in_it() -> None:
    inner = animals()
    base = {"type": "object", "required": [], "properties": {"zoo": inner}}
    marked = {**animals(cat=MARK, dog=MARK), **MARK}
    revision = {**base, "properties": {"zoo": marked}}
    drift = compare(document(base), document(revision))
    assert [f.where for f in drift.findings] == ["zoo"]
    both = compare(document(base), document({**base, "properties": {"zoo": animals(cat=MARK, dog=MARK)}}))
    assert [f.where for f in both.findings] == ["zoo.cat", "zoo.dog"]


def test_silence_hides_no_difference_that_breaks() -> None:
    """A witness of silence explains nothing about what the schemas take."""
    narrower = {**MARK, "minLength": 3}
    drift = compare(document(animals()), document(animals(cat=narrower)))
    assert [(f.rule, f.verdict) for f in drift.findings] == [
        ("request-min-length-increased", "breaks clients"),
        ("request-property-undocumented", "warns"),
    ]
