"""Further pairs of each kind, equal by meaning and different, in OpenAPI 3.0, 3.1 and 3.2, in both directions.

A row gives a kind, what an operation says in the base and in the revision, and the verdicts that count of
either direction; `=` stands for: nothing. Where a version has words of its own for something, a row says it
with `optional` (or null) and `exactly` (one value), or names the versions that it is for.
"""

# ruff: noqa: E501 - a row of the table is a line
from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import Drift, compare
from understudy.specs.source import parse

C, P, W = "breaks clients", "breaks providers", "warns"
VERSIONS = ("3.0.3", "3.1.1", "3.2.0")
NEW = VERSIONS[1:]
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
JSON, FORM, PARTS = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
Said = dict[str, Any]


class Row(NamedTuple):
    kind: str
    base: Said
    revision: Said
    forth: str
    back: str
    versions: tuple[str, ...] = VERSIONS


def row(kind: str, base: Said, revision: Said, forth: str, back: str, *versions: str) -> Row:
    return Row(kind, base, revision, forth, back, versions or VERSIONS)


def has(**properties: Any) -> Said:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def may(**properties: Any) -> Said:
    return {"type": "object", "properties": properties}


def optional(schema: Said) -> Said:
    return {"x-optional": schema}


def exactly(value: Any) -> Said:
    return {"x-exactly": value}


def sends(schema: Said | None, media: str = JSON, **more: Said) -> Said:
    """A request with a body; `more` are further media types, "text_plain"."""
    content = {media: {"schema": schema}, **{k.replace("_", "/"): {"schema": s} for k, s in more.items()}}
    return {"requestBody": {"required": True, "content": content}}


def reply(schema: Said | None, media: str = JSON) -> Said:
    return (
        {"description": "x"}
        if schema is None
        else {"description": "x", "content": {media: {"schema": schema}}}
    )


def gets(**by_status: Any) -> Said:
    """Answers by status, s200=schema or (schema, media) or None for no body."""
    found = {}
    for status, said in by_status.items():
        schema, media = said if isinstance(said, tuple) else (said, JSON)
        found[status.removeprefix("s")] = reply(schema, media)
    return {"responses": found}


def answers(content: dict[str, Any], status: str = "200") -> Said:
    return {
        "responses": {status: {"description": "x", "content": {k: {"schema": v} for k, v in content.items()}}}
    }


def asks(schema: Said, where: str = "query", name: str = "p", **more: Any) -> Said:
    return {"parameters": [{"name": name, "in": where, "schema": schema, **more}]}


def matching(pattern: str, **more: Any) -> Said:
    return sends(has(a={"type": "string", "pattern": pattern, **more}))


def pets(*alternatives: Said, way: str = "oneOf") -> Said:
    return {way: list(alternatives)}


A, N = has(e=TEXT), has(e=NUMBER)
OPEN_CAR, OPEN_BOAT = may(k=TEXT, doors=NUMBER), may(k=TEXT, sails=NUMBER)
MANY = [has(**{f"p{n}": TEXT}) for n in range(14)]
CSV = ({"type": "string"}, "text/csv")


ROWS = [
    # --- bodies along statuses
    row("the media type of a success goes", gets(s201=A, default=A), gets(s201=CSV, default=A), "C W", "C W"),
    row("the media type of a success goes", gets(s2XX=A, default=A), gets(s2XX=CSV, default=A), "C W", "C W"),
    row("the media type of a success goes", gets(s200=A, s4XX=A), gets(s200=CSV, s4XX=A), "C W", "C W"),
    row("the media type of a refusal goes", gets(s200=None, default=A), gets(s200=None, s404=CSV, default=A), "C W", "C W"),
    row("a status in other words", gets(s200=None, s404=A), gets(s200=None, default=A), "W", "="),
    row("a status in other words", gets(s200=None, s404=A), gets(s200=None, default=N), "C W", "C"),
    row("a status in other words", gets(s200=None, s500=A, s503=A), gets(s200=None, s5XX=A), "=", "="),
    row("a status in other words", gets(s200=None, s500=A, s503=A), gets(s200=None, s5XX=N), "C C", "C C"),
    row("a status in other words", gets(s200=None, s4XX=A, s404=A), gets(s200=None, s4XX=A), "=", "="),
    row("a status in other words", gets(s200=None, s4XX=A, s404=N), gets(s200=None, s4XX=A), "C", "C"),
    row("a status in other words", gets(s200=None, s4xx=A), gets(s200=None, s4XX=A), "=", "="),
    row("a status in other words", gets(s200=A), gets(s2XX=A), "W", "W"),
    row("a status in other words", gets(s201=A), gets(s2XX=N), "C W", "C W"),
    row("a status in other words", gets(default=A), gets(s200=A, default=A), "W", "W"),
    row("a status in other words", gets(default=A), gets(s200=N, default=A), "C W", "C W"),
    row("a body goes", gets(s200=A), gets(s2XX=None), "C W", "W W"),
    row("a body goes", gets(s200=None, s404=A), gets(s200=None, default=None), "W W", "W"),
    row("a body goes", gets(s200=None, s4XX=A), gets(s200=None, s404=CSV), "C W", "C W"),
    row("a refusal without a message", gets(s200=None, default=A), gets(s200=None, s404=None, default=A), "=", "="),
    row("a refusal without a message", gets(s200=None, default=A), gets(s200=None, s304=None, default=A), "=", "="),
    # --- bodies along media types
    row("a media type in other words", sends(A, "application/json;charset=UTF-8"), sends(A, "APPLICATION/json; charset=utf-8"), "=", "="),
    row("a media type in other words", gets(s200=(A, "application/json; charset=utf-8")), gets(s200=(N, "application/json")), "C", "C"),
    row("a media type in other words", gets(s200=(A, "application/problem+json")), gets(s200=(A, "Application/Problem+JSON")), "=", "="),
    row("a range of media types", sends(A), sends(A, "application/*"), "P", "C"),
    row("a range of media types", sends(A), sends(N, "*/*"), "C P", "C C"),
    row("a range of media types", sends(TEXT, "text/plain"), sends(NUMBER, "text/*"), "C P", "C P"),
    row("a range of media types", answers({"*/*": A}), answers({JSON: A}), "P", "W"),
    row("a range of media types", answers({"application/*": A}), answers({JSON: N}), "C P", "C W"),
    row("a range of media types", answers({JSON: A, "*/*": N}), answers({JSON: A, "*/*": A}), "C", "C"),
    row("a range of media types", sends(A, JSON, **{"application_*": A}), sends(A, "application/*"), "=", "="),
    row("a range of media types", sends(N, JSON, **{"application_*": A}), sends(A, "application/*"), "C", "C"),
    # --- alternatives that overlap
    row("alternatives that overlap", gets(s200=pets(OPEN_CAR, OPEN_BOAT)), gets(s200=pets(OPEN_CAR, may(k=TEXT, sails=TEXT))), "C W W", "C W W"),
    row("alternatives that overlap", gets(s200=has(i=pets(OPEN_CAR, OPEN_BOAT), n=NUMBER)), gets(s200=has(i=pets(OPEN_BOAT, OPEN_CAR), n=NUMBER)), "W W", "W W"),
    row("alternatives that overlap", sends(has(i=pets(OPEN_CAR, OPEN_BOAT), n=TEXT)), sends(has(i=pets(OPEN_CAR, OPEN_BOAT), n={"type": "string", "maxLength": 5})), "C W W", "P W W"),
    row("alternatives that overlap", sends(pets(TEXT, {"type": "string", "maxLength": 9})), sends(pets(TEXT, {"type": "string", "maxLength": 9})), "=", "="),
    # --- null in several ways
    row("null in other words", sends(has(a=optional(TEXT))), sends(has(a={"anyOf": [TEXT, {"enum": [None]}]})), "=", "=", *NEW),
    row("null in other words", gets(s200=has(a={"oneOf": [TEXT, {"type": "null"}]})), gets(s200=has(a=optional(TEXT))), "=", "=", *NEW),
    row("null in other words", gets(s200=has(a={"anyOf": [has(b=TEXT), {"type": "null"}]})), gets(s200=has(a={"anyOf": [has(b=NUMBER), {"type": "null"}]})), "C", "C", *NEW),
    row("null in other words", sends(has(a=optional(TEXT))), sends(has(a=TEXT)), "C", "P"),
    row("null in other words", gets(s200=has(a=optional(A))), gets(s200=has(a=A)), "P", "C"),
    row("null in other words", gets(s200=has(a={"allOf": [A], "nullable": True})), gets(s200=has(a={"anyOf": [A, {"nullable": True}]})), "=", "=", "3.0.3"),
    row("null in other words", gets(s200=has(a={"oneOf": [{"nullable": True}, A]})), gets(s200=has(a={"oneOf": [{"nullable": True}, N]})), "C", "C", "3.0.3"),
    row("null in other words", gets(s200=has(a={"anyOf": [A, N, {"nullable": True}]})), gets(s200=has(a={"anyOf": [N, A], "nullable": True})), "=", "=", "3.0.3"),
    row("null in other words", sends(has(a={"type": "string", "enum": ["a", "b", None], "nullable": True})), sends(has(a={"type": "string", "enum": [None, "b", "a"], "nullable": True})), "=", "=", "3.0.3"),
    # --- fields of parameters
    row("an empty value", asks(NUMBER, allowEmptyValue=True, required=True), asks(NUMBER, required=True), "C", "P"),
    row("an empty value", asks({"type": "boolean"}, allowEmptyValue=True), asks({"type": "boolean"}, allowEmptyValue=False), "C", "P"),
    row("an empty value", asks(NUMBER), asks(NUMBER, allowEmptyValue=False), "=", "="),
    row("reserved characters", asks(TEXT, allowReserved=True), asks(TEXT), "W", "W"),
    row("reserved characters", asks(TEXT, allowReserved=False), asks(TEXT), "=", "="),
    row("reserved characters", asks({"type": "array", "items": TEXT}, allowReserved=True), asks({"type": "array", "items": TEXT}, allowReserved=False), "W", "W"),
    row("what a text holds", sends(has(a={"type": "string", "contentMediaType": JSON, "contentSchema": A})), sends(has(a={"type": "string", "contentMediaType": JSON, "contentSchema": N})), "W", "W", *NEW),
    row("what a text holds", gets(s200=has(a={"type": "string", "contentSchema": A})), gets(s200=has(a={"type": "string", "contentSchema": {"allOf": [A]}})), "=", "=", *NEW),
    row("what a text holds", gets(s200=has(a={"type": "string", "contentMediaType": JSON, "contentSchema": A})), gets(s200=has(a={"type": "string", "contentMediaType": JSON})), "W", "W", *NEW),
    # --- texts on the wire
    row("a number as text", asks(NUMBER), asks({"type": "string", "pattern": "^-?[0-9]+$"}), "P", "C"),
    row("a number as text", asks(NUMBER, "header", "X-N"), asks(TEXT, "header", "x-n"), "P", "C"),
    row("a number as text", asks({"type": "string", "enum": ["1", "2"]}), asks({"type": "integer", "enum": [1, 2]}), "=", "="),
    row("a number as text", asks({"type": "string", "enum": ["true"]}), asks(FLAG), "P P", "C C"),
    row("a number as text", asks({"type": "array", "items": NUMBER}), asks({"type": "array", "items": TEXT}), "P", "C"),
    row("a number as text", asks({"type": "number"}), asks(NUMBER), "C", "P"),
    row("a list of one", asks(TEXT), asks({"type": "array", "items": TEXT}), "P", "C"),
    row("a list of one", asks({"type": "integer", "maximum": 5}), asks({"type": "array", "items": {"type": "integer", "maximum": 5}}), "P", "C"),
    row("a list of one", asks(NUMBER), asks({"type": "array", "items": NUMBER, "minItems": 2}), "C", "C"),
    row("a form is text", sends(may(a=NUMBER), FORM), sends(may(a=TEXT), FORM), "P", "C"),
    row("a form is text", sends(may(a=FLAG), PARTS), sends(may(a=TEXT), PARTS), "P", "C"),
    row("a form is text", sends(has(a={"type": "string", "maxLength": 5}), FORM), sends(has(a={"type": "string", "maxLength": 3}), FORM), "C", "P"),
    row("a form is text", sends(may(a={"type": "array", "items": NUMBER}), FORM), sends(may(a={"type": "array", "items": TEXT}), FORM), "P", "C"),
    row("a form is text", sends(may(o=may(a=NUMBER)), PARTS), sends(may(o=may(a=TEXT)), PARTS), "C", "C"),
    row("a plain text", sends(NUMBER, "text/plain"), sends({"type": "number"}, "text/plain"), "P", "C"),
    row("a plain text", gets(s200=(FLAG, "text/plain")), gets(s200=(TEXT, "text/plain")), "C", "P"),
    row("null as text", asks(optional(NUMBER)), asks(NUMBER), "C", "P"),
    row("null as text", asks(optional(TEXT), "header", "X-A"), asks(TEXT, "header", "X-A"), "=", "="),
    row("null as text", asks({"anyOf": [FLAG, {"type": "null"}]}), asks({"type": "string", "enum": ["true", "false", "null"]}), "=", "=", *NEW),
    row("null as text", asks({"type": "array", "items": optional(TEXT)}), asks({"type": "array", "items": TEXT}), "=", "="),
    row("null as text", asks(may(a=optional(TEXT)), explode=False, style="form"), asks(may(a=TEXT), explode=False, style="form"), "=", "="),
    # --- names and spellings
    row("the case of a header", asks(TEXT, "header", "X-Trace-Id"), asks(TEXT, "header", "x-trace-ID"), "=", "="),
    row("the case of a header", asks(TEXT, "header", "X-Trace-Id"), asks({"type": "string", "maxLength": 9}, "header", "x-trace-id"), "C", "P"),
    # --- patterns
    row("equal patterns", matching(r"^[0-9a-fA-F]+$"), matching(r"^[A-F\da-f]{1,}$"), "=", "="),
    row("equal patterns", matching(r"^a{1,}$"), matching("^a+$"), "=", "="),
    row("equal patterns", matching(r"^(?:ab)+$"), matching("^(ab)+$"), "=", "="),
    row("equal patterns", matching(r"^[a-z\-]*$"), matching("^[a-z-]*$"), "=", "="),
    row("equal patterns", matching(r"^(?:red|green|blue)$"), matching("^(blue|red|green)$"), "=", "="),
    row("equal patterns", matching(r"^\S+$"), matching(r"^[^\s]+$"), "=", "="),
    row("equal patterns", matching(r"^[A-Za-z0-9_]{2}$"), matching(r"^\w\w$"), "=", "="),
    row("equal patterns", matching(r"^a?$"), matching(r"^(a|)$"), "=", "="),
    row("equal patterns", matching(r"^[a-z]{3}$"), sends(has(a={"type": "string", "pattern": "^[a-z]+$", "minLength": 3, "maxLength": 3})), "=", "="),
    row("other patterns", matching(r"^\d{4}-\d{2}$"), matching(r"^[0-9]{4}-(0[1-9]|1[0-2])$"), "C", "P"),
    row("other patterns", matching(r"^[a-z]+$"), matching(r"^[a-z0-9]+$"), "P", "C"),
    row("other patterns", matching(r"^(cat|dog)$"), matching(r"^(cat|dog|cow)$"), "P", "C"),
    row("not regular", matching(r"^(?=.*\d)[a-z\d]+$"), matching(r"^[a-z\d]+$"), "P", "C"),
    row("not regular", matching(r"^(?<!a)b+$"), matching(r"^b+$"), "=", "="),
    row("not regular", matching(r"^(?!x)[a-z]+$"), matching(r"^[a-wyz][a-z]*$"), "=", "="),
    row("not regular", matching(r"^[a-z]*(?<=z)$"), matching(r"^[a-z]*z$"), "=", "="),
    row("not regular", matching(r"^(\w)\1$"), matching(r"^\w\w$"), "P", "C"),
    row("not regular", matching(r"^\bword\b$"), matching(r"^word$"), "=", "="),
    # --- limits
    row("large limits", sends(has(a={"type": "string", "maxLength": 20_971_520})), sends(has(a={"type": "string", "maxLength": 10_485_760})), "C", "P"),
    row("large limits", gets(s200={"type": "array", "items": TEXT, "minItems": 60_000}), gets(s200={"type": "array", "items": TEXT, "minItems": 50_000}), "C", "P"),
    row("large limits", sends(has(a={"type": "object", "maxProperties": 5_000, "additionalProperties": TEXT})), sends(has(a={"type": "object", "maxProperties": 4_000, "additionalProperties": TEXT})), "C", "P"),
    row("large limits", sends(has(a={"type": "array", "items": NUMBER, "uniqueItems": True, "maxItems": 3_000})), sends(has(a={"type": "array", "items": NUMBER, "uniqueItems": True, "maxItems": 2_500})), "C", "P"),
    row("large limits", sends(has(a={"type": "integer", "maximum": 10**30})), sends(has(a={"type": "integer", "maximum": 10**29})), "C", "P"),
    row("large limits", sends(has(a={"type": "string", "pattern": "^[a-z]*$", "maxLength": 100_000})), sends(has(a={"type": "string", "pattern": "^[a-z]*$", "maxLength": 50_000})), "C", "P"),
    # --- properties by pattern
    row("properties by pattern", sends(has(a={"type": "object", "patternProperties": {"^x": may(n=TEXT)}})), sends(has(a={"type": "object", "patternProperties": {"^x": may(n=NUMBER)}})), "C", "C", *NEW),
    row("properties by pattern", sends({"type": "object", "patternProperties": {"^[0-9]+$": TEXT}, "additionalProperties": False}), sends({"type": "object", "patternProperties": {r"^\d+$": TEXT}, "additionalProperties": False}), "=", "=", *NEW),
    row("properties by pattern", sends({"type": "object", "patternProperties": {"^a": TEXT, "^b": TEXT}, "additionalProperties": False}), sends({"type": "object", "patternProperties": {"^(a|b)": TEXT}, "additionalProperties": False}), "=", "=", *NEW),
    row("properties by pattern", sends({"type": "object", "patternProperties": {"^S_": TEXT}}), sends({"type": "object", "patternProperties": {"^S_": {"type": "string", "maxLength": 4}}}), "C", "P", *NEW),
    # --- alternatives
    row("a late alternative", sends(pets(*MANY, has(q=TEXT), way="anyOf")), sends(pets(*MANY, has(q=NUMBER), way="anyOf")), "C", "C"),
    row("a late alternative", gets(s200=pets(*MANY, has(q=TEXT))), gets(s200=pets(*MANY, has(q=TEXT), has(r=TEXT))), "C", "P"),
    row("a late alternative", sends(pets(*[has(t=exactly(f"k{n}"), v=TEXT) for n in range(20)])), sends(pets(*reversed([has(t=exactly(f"k{n}"), v=TEXT) for n in range(20)]))), "=", "="),
    row("a late alternative", sends(pets(*[has(t=exactly(f"k{n}"), v=TEXT) for n in range(20)])), sends(pets(*[has(t=exactly(f"k{n}"), v=TEXT if n != 17 else NUMBER) for n in range(20)])), "C", "C"),
    row("a late alternative", gets(s200=pets(*[has(t=exactly(f"k{n}")) for n in range(30)])), gets(s200=pets(*[has(t=exactly(f"k{n}")) for n in range(29)])), "P", "C"),
    # --- what nothing fits
    row("contradictory", gets(s200=may(m={"type": "string", "allOf": [NUMBER]}, v=TEXT)), gets(s200=may(m={"type": "string", "allOf": [NUMBER]}, v=NUMBER)), "C", "C"),
    row("contradictory", sends(may(m={"type": "integer", "minimum": 5, "maximum": 3})), sends(may(m={"type": "integer", "minimum": 5})), "P", "C"),
    row("contradictory", sends(may(m={"type": "string", "enum": [1, 2]})), sends(may(m={"type": "string", "enum": ["1"]})), "P", "C"),
    # --- fields that come from what is demanded
    row("demanded, not declared", sends({**may(a=TEXT), "required": ["a"]}), sends({**may(a=TEXT), "required": ["a", "z"]}), "C", "P"),
    row("only one way", gets(s200=may(a=TEXT)), gets(s200=may(a={**TEXT, "writeOnly": True})), "W", "="),
    row("only one way", sends(may(a=TEXT)), sends(may(a={**TEXT, "readOnly": True})), "W", "="),
    row("only one way", gets(s200=has(a=TEXT)), gets(s200=has(a={**TEXT, "writeOnly": True})), "C", "P"),
]  # fmt: skip


def worded(node: Any, version: str) -> Any:
    """What a row says, in the words of a version."""
    if isinstance(node, list):
        return [worded(item, version) for item in node]
    if not isinstance(node, dict):
        return node
    if "x-optional" in node:
        inner = worded(node["x-optional"], version)
        kinds = [inner["type"], "null"]
        return {**inner, "nullable": True} if version < "3.1" else {**inner, "type": kinds}
    if "x-exactly" in node:
        return {"enum": [node["x-exactly"]]} if version < "3.1" else {"const": node["x-exactly"]}
    return {key: worded(value, version) for key, value in node.items()}


def document(operation: Said, version: str, **more: Any) -> ApiDocument:
    paths = {"/t": {"post": worded({"responses": {"200": {"description": "ok"}}, **operation}, version)}}
    data = {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": paths, **more}
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


LETTER = {C: "C", P: "P", W: "W", "undecided": "U"}


def counting(drift: Drift) -> str:
    return " ".join(sorted(LETTER[f.verdict] for f in drift.findings if f.verdict in LETTER)) or "="


CASES = [
    pytest.param(one, version, order, id=f"{one.kind} {n} {version} {order}")
    for n, one in enumerate(ROWS)
    for version in one.versions
    for order in ("forth", "back")
]


@pytest.mark.parametrize(("one", "version", "order"), CASES)
def test_a_change_is_told_in_every_version(one: Row, version: str, order: str) -> None:
    sides = (one.base, one.revision) if order == "forth" else (one.revision, one.base)
    found = compare(*(document(side, version) for side in sides))
    assert counting(found) == (one.forth if order == "forth" else one.back), [
        (f.verdict, f.rule, f.title, f.witness and f.witness.payload, f.reason) for f in found.findings
    ]
    assert [f for f in found.findings if f.verdict.startswith("breaks") and f.witness is None] == []
