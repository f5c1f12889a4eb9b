"""What stands around the schemas in other words: paths, servers, security, and how XML is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.source import parse

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
OK = {"responses": {"200": {"description": "x"}}}


def document(version: str = "3.2.0", **parts: Any) -> ApiDocument:
    data = {"openapi": version, "info": {"title": "t", "version": "1"}, **parts}
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def found(base: ApiDocument, revision: ApiDocument) -> list[tuple[str, str]]:
    quiet = ("no effect", "compatible")
    return [(f.verdict, f.rule) for f in compare(base, revision).findings if f.verdict not in quiet]


def secured(scheme: dict[str, Any], needed: dict[str, Any]) -> ApiDocument:
    return document(
        paths={"/t": {"get": OK}}, security=[needed], components={"securitySchemes": {"k": scheme}}
    )


def served(url: str) -> ApiDocument:
    return document(paths={"/t": {"get": OK}}, servers=[{"url": url}])


def sends(schema: dict[str, Any]) -> ApiDocument:
    content = {"application/xml": {"schema": {"type": "object", "properties": {"a": schema}}}}
    return document(paths={"/t": {"post": {"requestBody": {"content": content}, **OK}}})


def key(name: str) -> dict[str, Any]:
    return {"type": "apiKey", "in": "header", "name": name}


def xml(**said: Any) -> ApiDocument:
    return sends({"type": "string", "xml": said})


SAME = {
    "a header's case": (secured(key("X-Key"), {"k": []}), secured(key("x-key"), {"k": []})),
    "a scheme by its place": (
        secured(key("X-Key"), {"k": []}),
        secured(key("X-Key"), {"#/components/securitySchemes/k": []}),
    ),
    "a host's case": (served("https://A.example/v1"), served("HTTPS://a.example/v1/")),
    "the usual port": (served("https://a.example:443/v1"), served("https://a.example/v1")),
    "the usual port of http": (served("http://a.example:80"), served("http://a.example")),
    "an attribute": (xml(attribute=True), xml(nodeType="attribute")),
    "a wrapped list": (xml(wrapped=True, name="n"), xml(name="n", nodeType="element")),
    "no attribute": (xml(attribute=False), sends(TEXT)),
}
OTHER = {
    "a cookie's case": (
        secured({**key("Key"), "in": "cookie"}, {"k": []}),
        secured({**key("key"), "in": "cookie"}, {"k": []}),
        [("breaks clients", "security-changed"), ("warns", "scheme-changed")],
    ),
    "a path's case": (
        served("https://a.example/V1"),
        served("https://a.example/v1"),
        [("warns", "server-removed")],
    ),
    "another port": (
        served("https://a.example:8443"),
        served("https://a.example"),
        [("warns", "server-removed")],
    ),
    "an element for an attribute": (
        xml(nodeType="attribute"),
        xml(nodeType="element"),
        [("warns", "request-xml-changed")],
    ),
}


@pytest.mark.parametrize("kind", SAME)
@pytest.mark.parametrize("order", [1, -1])
def test_what_means_the_same_is_no_finding(kind: str, order: int) -> None:
    assert found(*SAME[kind][::order]) == []


@pytest.mark.parametrize("kind", OTHER)
def test_what_means_something_else_is_told(kind: str) -> None:
    base, revision, expected = OTHER[kind]
    assert found(base, revision) == expected


SHARED = {"pathItems": {"p": {"post": OK}}}
REFERENCE = {"$ref": "#/components/pathItems/p"}


def test_operations_beside_the_reference_of_a_path_count() -> None:
    both, one = ({"/t": {**REFERENCE, **more}} for more in ({"get": OK}, {}))
    base, revision = (document(paths=paths, components=SHARED) for paths in (both, one))
    assert found(base, revision) == [("breaks clients", "operation-removed")]
    assert found(base, document(paths={"/t": {"get": OK, "post": OK}})) == []


def test_an_operation_that_a_path_has_twice_is_told_at_its_line() -> None:
    paths = {"/t": {**REFERENCE, "post": {**OK, "deprecated": True}}}
    [finding] = [
        f for f in compare(*[document(paths=paths, components=SHARED)] * 2).findings if f.base is not None
    ]
    assert (finding.rule, finding.title) == (
        "not-understood",
        "post stands beside a $ref that has it too; read as it is here",
    )


@pytest.mark.parametrize("version", ["3.0.3", "3.1.1", "3.2.0"])
def test_further_operations_are_compared_in_every_version(version: str) -> None:
    sides = [document(version, paths={"/t": {"additionalOperations": {m: OK}}}) for m in ("COPY", "MOVE")]
    assert found(*sides) == [("breaks clients", "operation-removed"), ("breaks providers", "operation-added")]


def test_a_document_without_operations_says_that_nothing_was_compared() -> None:
    sides = [document(components={"schemas": {"A": schema}}) for schema in (TEXT, NUMBER)]
    assert found(*sides) == [("warns", "not-understood")] * 2
