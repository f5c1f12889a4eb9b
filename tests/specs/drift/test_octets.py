"""Bytes as OpenAPI 3.0 and as 3.1 write them: the same, wherever they are sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from understudy.specs.diff.document import ApiDocument
from understudy.specs.drift import compare
from understudy.specs.source import parse

BINARY = {"type": "string", "format": "binary"}
OCTETS = {"contentMediaType": "application/octet-stream"}


def sends(version: str, media: str, schema: dict[str, Any] | None) -> ApiDocument:
    content = {media: {} if schema is None else {"schema": schema}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "ok"}}}
    data = {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {"/t": {"post": operation}}}
    return ApiDocument("t", parse(json.dumps(data), "t.json"))


def found(base: ApiDocument, revision: ApiDocument) -> list[tuple[str, str]]:
    quiet = ("no effect", "compatible")
    return [(f.verdict, f.rule) for f in compare(base, revision).findings if f.verdict not in quiet]


def holding(part: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"f": part}}


SAME = [
    ("image/png", BINARY, {}),
    ("image/*", BINARY, None),
    ("application/octet-stream", BINARY, OCTETS),
    ("application/pdf", BINARY, BINARY),
    ("multipart/form-data", holding(BINARY), holding(OCTETS)),
    ("multipart/form-data", holding(BINARY), holding({})),
    ("multipart/form-data", holding(BINARY), holding({"type": "string", **OCTETS})),
    (
        "application/json",
        {"type": "string", "format": "byte"},
        {"type": "string", "contentEncoding": "base64"},
    ),
    ("application/json", holding(BINARY), holding({"type": "string", **OCTETS})),
]


@pytest.mark.parametrize(("media", "old", "new"), SAME)
@pytest.mark.parametrize("order", [1, -1])
def test_bytes_in_the_other_version_s_words_are_no_change(media: str, old: Any, new: Any, order: int) -> None:
    assert found(*(sends("3.0.3", media, old), sends("3.1.1", media, new))[::order]) == []


GONE = ("warns", "request-format-removed")
BYTE = {"type": "string", "format": "byte"}
BASE32 = {"type": "string", "contentEncoding": "base32"}
OTHER = [
    ("application/json", holding(BINARY), holding({}), [("breaks providers", "request-type-widened"), GONE]),
    ("application/json", BYTE, BASE32, [("warns", "request-content-encoding-added"), GONE]),
    (
        "multipart/form-data",
        holding(BINARY),
        holding({"type": "integer"}),
        [("breaks clients", "request-type-changed"), GONE],
    ),
]


@pytest.mark.parametrize(("media", "old", "new", "expected"), OTHER)
def test_other_values_are_told(media: str, old: Any, new: Any, expected: list[tuple[str, str]]) -> None:
    assert found(sends("3.0.3", media, old), sends("3.1.1", media, new)) == expected
