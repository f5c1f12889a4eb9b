"""Families that a document describes in short are read as if they were written out."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.errors import UnderstudyError
from understudy.specs.readers import read

FORM = """\
openapi: 3.1.0
info: {title: Two of a kind, version: '1'}
tags: [{name: old}]
paths: {}
x-forms:
  families:
    tags: [{name: <name>}]
    paths:
      <path>:
        post:
          operationId: create_<ident>
          summary: <summary>
          requestBody: {content: {application/json: {schema: <request>}}}
          responses:
            '200': {description: 'Takes <name>.', content: {application/json: {schema: {$ref: '#/<record>'}}}}
          callbacks: {changed: {'{$request.body#/callback_url}': {}}}
      <path>/{id}:
        get: {operationId: query_<ident>, responses: {'200': {description: <name>}}}
"""
ENTRIES = """\
x-families:
  paper-boats:
    path: /v1/boats
    record: Boat
    request: {type: object, required: [prompt], properties: {prompt: {type: string}}}
  kites:
    path: /v1/kites
    summary: Fly
    request:
      type: object
      properties:
        wind: {type: integer, minimum: 3}
"""


def document(text: str) -> Document:
    return Document(text=text, name="vendor.yaml")


def test_each_entry_becomes_the_operations_of_the_form() -> None:
    reading = read(document(FORM + ENTRIES), "vendor")
    assert reading.openapi is not None
    assert reading.openapi["tags"] == [{"name": "old"}, {"name": "paper-boats"}, {"name": "kites"}]
    assert "x-forms" not in reading.openapi
    assert "x-families" not in reading.openapi
    paths = reading.openapi["paths"]
    assert list(paths) == ["/v1/boats", "/v1/boats/{id}", "/v1/kites", "/v1/kites/{id}"]
    # What asks for a value that the entry does not have is left out, and only that.
    assert paths["/v1/kites"]["post"] == {
        "operationId": "create_kites",
        "summary": "Fly",
        "requestBody": {
            "content": {
                "application/json": {
                    "schema": {"type": "object", "properties": {"wind": {"type": "integer", "minimum": 3}}}
                }
            }
        },
        "responses": {
            "200": {"description": "Takes kites.", "content": {"application/json": {"schema": {}}}}
        },
        "callbacks": {"changed": {"{$request.body#/callback_url}": {}}},
    }
    assert paths["/v1/boats"]["post"]["operationId"] == "create_paper_boats"
    assert "summary" not in paths["/v1/boats"]["post"]
    answer = paths["/v1/boats"]["post"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/Boat"}


def test_facts_stand_on_the_lines_of_the_entry() -> None:
    reading = read(document(FORM + ENTRIES), "vendor")
    [wind] = [f for one in reading.operations for f in one.request if f.path == ("wind",)]
    lines = (FORM + ENTRIES).split("\n")
    assert {lines[k.evidence.line - 1].strip() for k in wind.keywords} == {
        "wind: {type: integer, minimum: 3}"
    }
    assert [lines[one.line - 1].strip() for one in reading.operations] == [
        "paper-boats:",
        "paper-boats:",
        "kites:",
        "kites:",
    ]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ("", "vendor.yaml:6: the form 'families' has no entries"),
        ("x-families: {kites: 5}\n", "vendor.yaml:19: kites is no mapping"),
    ],
)
def test_a_form_without_entries_is_refused_by_line(entries: str, said: str) -> None:
    with pytest.raises(UnderstudyError) as found:
        read(document(FORM + entries), "vendor")
    assert str(found.value).startswith(said)
