"""Documents that say the same in other words: nothing is found, or nothing that breaks.

UNDERSTUDY_LONG=1 tries four times as many.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.library import load_yaml
from understudy.specs.source import parse

PAIRS = load_yaml(Path(__file__).parents[3] / "fixtures" / "specs" / "schemas.yaml")
POOL = [
    pair[side]
    for pair in PAIRS
    if "openapi" not in pair
    for side in ("old", "new")
    if isinstance(pair[side], dict)
]
# Keywords that may stand in an allOf of their own without meaning something else.
MOVABLE = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "required", "pattern")


class Rewriter:
    """Writes a schema in other words, as `draw` decides."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.components: dict[str, Any] = {}

    def schema(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        out = {key: self.value(key, schema[key]) for key in self.draw(st.permutations(list(schema)))}
        out = self.spelled_out(out)
        out = self.split(out)
        way = self.draw(st.sampled_from(["as it is", "as it is", "component", "allOf", "anyOf", "oneOf"]))
        if way == "component":
            name = f"C{len(self.components)}"
            self.components[name] = out
            return {"$ref": f"#/components/schemas/{name}"}
        return out if way == "as it is" or "discriminator" in out else {way: [out]}

    def value(self, key: str, value: Any) -> Any:
        if key in ("properties", "patternProperties", "dependentSchemas"):
            return {name: self.schema(value[name]) for name in self.draw(st.permutations(list(value)))}
        if key in ("items", "additionalProperties", "not", "contains", "propertyNames", "then", "else", "if"):
            return self.schema(value)
        if key in ("oneOf", "anyOf", "allOf"):
            return self.draw(st.permutations([self.schema(item) for item in value]))
        if key == "prefixItems":
            return [self.schema(item) for item in value]
        if key in ("enum", "required") or (key == "type" and isinstance(value, list)):
            return self.draw(st.permutations(value))
        return value

    def spelled_out(self, schema: dict) -> dict:
        defaults = {"deprecated": False, "readOnly": False, "description": "words", "title": "T"}
        kind = schema.get("type")
        if kind == "string":
            defaults |= {"minLength": 0}
        if kind == "array":
            defaults |= {"minItems": 0, "uniqueItems": False}
        if kind == "object" and "unevaluatedProperties" not in schema:
            defaults |= {"additionalProperties": True, "minProperties": 0, "required": []}
        chosen = self.draw(st.lists(st.sampled_from(sorted(defaults)), unique=True, max_size=3))
        return {**{key: defaults[key] for key in chosen}, **schema}

    def split(self, schema: dict) -> dict:
        """One limit in an allOf of its own."""
        movable = [key for key in MOVABLE if key in schema]
        if not movable or "allOf" in schema or not self.draw(st.booleans()):
            return schema
        key = self.draw(st.sampled_from(movable))
        rest = {k: v for k, v in schema.items() if k != key}
        return {**rest, "allOf": [{key: schema[key]}]}


def document(schema: Any, components: dict) -> ApiDocument:
    media = {"application/json": {"schema": schema}}
    operation = {
        "requestBody": {"required": True, "content": media},
        "responses": {"200": {"description": "ok", "content": media}},
    }
    data = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/t": {"post": operation}},
        "components": {"schemas": components},
    }
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


@st.composite
def pairs(draw: Any) -> tuple[ApiDocument, ApiDocument]:
    chosen = draw(st.lists(st.sampled_from(POOL), min_size=1, max_size=3))
    schema = {"type": "object", "properties": {f"p{n}": s for n, s in enumerate(chosen)}}
    rewriter = Rewriter(draw)
    return document(schema, {}), document(rewriter.schema(schema), rewriter.components)


@settings(max_examples=200 if os.environ.get("UNDERSTUDY_LONG") else 50)
@given(pairs())
def test_the_same_in_other_words_breaks_nobody(documents: tuple[ApiDocument, ApiDocument]) -> None:
    for base, revision in (documents, documents[::-1]):
        found = compare(base, revision).findings
        assert [(f.rule, f.title, f.verdict) for f in found if f.verdict != "no effect"] == []
