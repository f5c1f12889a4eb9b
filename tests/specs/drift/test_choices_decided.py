"""Choices about which there is an answer, though no payload of the part alone shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.source import parse

Schema = dict[str, Any]
TEXT = {"type": "string"}


def document(body: Schema, answer: Schema, version: str = "3.1.0") -> ApiDocument:
    operation = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": {"description": "x", "content": {"application/json": {"schema": answer}}}},
    }
    info = {"title": "t", "version": "1"}
    data = {"openapi": version, "info": info, "paths": {"/t": {"post": operation}}}
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def found(old: Schema, new: Schema, version: str = "3.1.0") -> list[tuple[str, str, Any]]:
    """Rule, verdict and payload of what is found in the body, and in the answer, that changes so."""
    findings = compare(document(old, old, version), document(new, new, version)).findings
    return [(f.rule, f.verdict, f.witness and f.witness.payload) for f in findings]


def event(name: str, **more: Schema) -> Schema:
    own = {f"{name}_{n}": TEXT for n in range(60)}
    properties = {"id": TEXT, **own, **more}
    return {"type": "object", "title": name, "required": ["id", *more], "properties": properties}


def holding(*kinds: Schema) -> Schema:
    return {"type": "object", "properties": {"labels": {"type": "array", "items": {"anyOf": [*kinds]}}}}


NAMED = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
WRITTEN_OTHERWISE = {
    "an enum as a choice of its values": (
        {"enum": ["a", "b"]},
        {"oneOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
    ),
    "a type beside the values": (
        {"type": "string", "enum": ["a", "b"]},
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["b"]}]},
    ),
}


@pytest.mark.parametrize("name", WRITTEN_OTHERWISE)
def test_a_choice_that_takes_the_same_values_is_no_finding(name: str) -> None:
    old, new = ({"type": "object", "properties": {"kind": s}} for s in WRITTEN_OTHERWISE[name])
    assert (found(old, new), found(new, old)) == ([], [])


def test_a_list_that_may_be_mixed_now_is_shown_by_a_mixed_one() -> None:
    lists = [{"type": "array", "items": kind} for kind in (TEXT, NAMED)]
    old = {"type": "object", "required": ["labels"], "properties": {"labels": {"anyOf": lists}}}
    mixed = {"type": "array", "items": {"anyOf": [TEXT, NAMED]}}
    new = {"type": "object", "required": ["labels"], "properties": {"labels": mixed}}
    shown = [payload["labels"] for _, verdict, payload in found(old, new) if verdict.startswith("breaks")]
    assert {tuple(type(item) for item in labels) for labels in shown} <= {(str, dict), (dict, str)}
    assert [verdict for _, verdict, _ in found(old, new) if verdict == "undecided"] == []
    assert shown


def test_new_kinds_that_an_open_old_one_takes_break_nobody() -> None:
    old = [event(f"kind_{n}", **{f"kind_{n}_is": TEXT}) for n in range(8)] + [event("any")]
    new = [*old, *(event(f"new_{n}", **{f"new_{n}_is": TEXT}) for n in range(3))]
    assert {verdict for _, verdict, _ in found(holding(*old), holding(*new))} <= {"compatible", "no effect"}


def test_new_kinds_that_no_old_one_takes_break() -> None:
    old = [event(f"kind_{n}", **{f"kind_{n}_is": TEXT}) for n in range(8)] + [event("any")]
    new = [*old, event("other", id={"type": "integer"})]
    shown = {verdict for _, verdict, _ in found(holding(*old), holding(*new))}
    assert shown == {"breaks clients", "breaks providers"}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.1"])
@pytest.mark.parametrize("kept", [{}, {"rest": {"type": "array", "items": TEXT}}])
def test_of_a_closed_object_that_becomes_a_map_only_what_is_declared_is_sent(
    version: str, kept: Schema
) -> None:
    """Its further properties are refused, but nobody sends any: that is known, not undecided."""
    closed = {"type": "object", "properties": {"note": TEXT, "kind": {"enum": ["a", None]}}}
    limited = {"type": "object", "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 20}}
    old, new = (
        {"type": "object", "required": ["it", "own"], "properties": {"it": schema, "own": own, **kept}}
        for schema, own in ((closed, {"type": "string", "pattern": "^(?:ab|cd)+$"}), (limited, TEXT))
    )
    verdicts = {rule: verdict for rule, verdict, _ in found(old, new, version) if "length" in rule}
    assert verdicts == dict.fromkeys(
        (
            "request-max-length-added",
            "request-min-length-added",
            "response-max-length-added",
            "response-min-length-added",
        ),
        "strict",
    )
