"""Body schemas to fields: references, allOf, oneOf, nullable, bounds of OpenAPI 3.0, and evidence of any kind."""
# ruff: noqa: E501 - one schema a row

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from understudy.specs.documents import Document, load_file
from understudy.specs.readers import read

PROMISE = Path(__file__).parents[3] / "specs" / "providers" / "kling" / "promise.yaml"
HEAD = """openapi: {version}
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema: {schema}
      responses: {{}}
components:
  schemas:
    Name: {{type: string, maxLength: 20, minLength: 1}}
"""


def fields(schema: str, version: str = "3.1.0") -> dict[str, dict[str, Any]]:
    """The fields of a body with `schema`: path -> keyword -> value."""
    reading = read(Document("a.yaml", HEAD.format(schema=schema, version=version)))
    return {".".join(f.path): {k.name: k.value for k in f.keywords} for f in reading.operations[0].request}


@pytest.mark.parametrize(
    ("property_", "keywords"),
    [
        ("{$ref: '#/components/schemas/Name'}", {"type": "string", "maxLength": 20, "minLength": 1}),
        ("{$ref: '#/components/schemas/Name', maxLength: 9}", {"type": "string", "maxLength": 9, "minLength": 1}),
        ("{allOf: [{type: string, maxLength: 9}, {maxLength: 5, minLength: 2}]}", {"type": "string", "maxLength": 5, "minLength": 2}),
        ("{allOf: [{enum: [a, b, c]}, {enum: [b, c, d]}]}", {"enum": ["b", "c"]}),
        ("{oneOf: [{type: integer}, {type: string}]}", {"type": ["integer", "string"]}),
        ("{anyOf: [{type: string, maxLength: 5}, {type: 'null'}]}", {"type": ["string", "null"], "maxLength": 5}),
        ("{oneOf: [{const: a}, {const: b}]}", {"enum": ["a", "b"]}),
        ("{oneOf: [{type: string, maxLength: 5}, {type: string, maxLength: 9}]}", {"type": "string"}),
        ("{type: string, nullable: true}", {"type": ["string", "null"]}),
        ("{type: [string, 'null']}", {"type": ["string", "null"]}),
        ("{type: number, minimum: 0, exclusiveMinimum: true, maximum: 1}", {"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
        ("{type: number, minimum: 0, exclusiveMinimum: false}", {"type": "number", "minimum": 0}),
        ("{type: number, exclusiveMaximum: 5}", {"type": "number", "exclusiveMaximum": 5}),
        ("{type: string, enum: [std: Standard, pro]}", {"type": "string", "enum": ["std", "pro"]}),
        ("{type: string, description: At most 9 characters.}", {"type": "string", "maxLength": 9}),
        ("{type: string, x-unique: account, x-unknown: 1}", {"type": "string", "x-unique": "account"}),
        ("{}", {}),
        ("", {}),
        ("[1, 2]", {}),
    ],
)  # fmt: skip
def test_property_gives_its_keywords(property_: str, keywords: dict[str, Any]) -> None:
    assert fields(f"{{properties: {{p: {property_}}}}}") == {"p": keywords}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{}", {}),
        ("{type: object, properties: {}}", {}),
        ("{type: array, maxItems: 4, items: {type: string}}", {"": {"type": "array", "maxItems": 4}, "[]": {"type": "string"}}),
        ("{required: [a], properties: {a: {}, b: {}}}", {"a": {"required": True}, "b": {"required": False}}),
        ("{properties: {a: {}}}", {"a": {}}),
        ("{properties: {a: {}}, default: {a: 1}, additionalProperties: true}", {"a": {}}),
        (
            "{properties: {a: {type: array, items: {type: object, required: [b], properties: {b: {type: string}}}}}}",
            {"a": {"type": "array"}, "a.[]": {"type": "object"}, "a.[].b": {"type": "string", "required": True}},
        ),
        (
            "{properties: {a: {type: array, description: 'JPG or PNG', items: {type: string}}}}",
            {"a": {"type": "array"}, "a.[]": {"type": "string", "x-image": {"formats": ["jpg", "png"]}}},
        ),
    ],
)  # fmt: skip
def test_body_gives_its_fields(schema: str, expected: dict[str, dict[str, Any]]) -> None:
    assert fields(schema) == expected


@pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1", "3.2.0"])
def test_known_versions_are_read(version: str) -> None:
    assert fields("{properties: {a: {}}}", version) == {"a": {}}


def test_schema_that_holds_itself_is_unfolded_once_and_said() -> None:
    text = HEAD.format(schema="{$ref: '#/components/schemas/Tree'}", version="3.1.0")
    text += "    Tree: {type: object, properties: {left: {$ref: '#/components/schemas/Tree'}}}\n"

    reading = read(Document("a.yaml", text))

    assert [f.path for f in reading.operations[0].request] == [("left",)]
    assert [(n.kind, n.field) for n in reading.notes] == [("problem", ("left",))]


def test_promise_of_the_vendor_is_read_with_its_own_kind_of_evidence() -> None:
    reading = read(load_file(PROMISE), "vendor")

    assert reading.notes == ()
    assert sorted((o.method, o.path.rsplit("/", 1)[-1]) for o in reading.operations) == sorted(
        (method, name)
        for path, item in (reading.openapi or {})["paths"].items()
        for method in item
        for name in [path.rsplit("/", 1)[-1]]
    )
    kinds = {k.evidence.kind for o in reading.operations for f in o.request for k in f.keywords}
    assert kinds == {"vendor"}


def test_raw_operation_and_whole_document_are_kept() -> None:
    reading = read(Document("a.yaml", HEAD.format(schema="{}", version="3.1.0")))

    assert reading.openapi is not None
    assert reading.operations[0].raw == reading.openapi["paths"]["/a"]["post"]
