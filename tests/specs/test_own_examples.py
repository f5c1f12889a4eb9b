"""A document's own example request is accepted, or the line of the document that forbids it is said."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.specs.documents import Document
from understudy.specs.importing.own_examples import refused_examples
from understudy.specs.model import ProviderSpec
from understudy.specs.readers import read

KEY = "POST /v1/images/x"
CANONICAL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "canonical", "version": "1"},
    "paths": {
        "/v1/images/x": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["prompt"],
                                "properties": {
                                    "prompt": {"type": "string"},
                                    "ratio": {"type": "string", "enum": ["1:1", "2:3"]},
                                    "n": {"type": "integer", "maximum": 9},
                                },
                            }
                        }
                    }
                },
                "responses": {"200": {"description": ""}},
            }
        }
    },
}
PAGE = """POST /v1/images/x

| Field | Type | Required | Description |
|---|---|---|---|
| prompt | string | Yes | Words |
| n | integer | No | 1 to 4 |
| ratio | string | No | Shape |
"""


def told(example: str) -> list[tuple[int, str]]:
    page = f"{PAGE}\n```json\n{example}\n```\n"
    (operation,) = read(Document("page.md", page)).operations
    spec = ProviderSpec("seller", "Seller", {KEY: operation})
    return [(note.line, note.text.partition("refused: ")[2]) for note in refused_examples(spec, CANONICAL)]


@pytest.mark.parametrize(
    ("example", "notes"),
    [
        ('{"prompt": "a boat", "n": 4, "ratio": "2:3"}', []),
        ('{"prompt": "a boat", "n": 5}', [(6, "n has 5, and maximum here is 4")]),
        ('{"n": 1}', [(5, "prompt has none, and required here is True")]),
        (
            '{"prompt": "a boat", "ratio": " 2:3"}',
            [(1, "ratio has ' 2:3', and the canonical enum forbids it")],
        ),
    ],
)
def test_own_example_that_is_refused_is_told_with_the_line_that_forbids_it(
    example: str, notes: list[tuple[int, str]]
) -> None:
    assert told(example) == notes
