"""A document's own example request is accepted, or the line of the document that forbids it is said."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from understudy.specs.documents import Document
from understudy.specs.importing import import_documents
from understudy.specs.importing.own_examples import refused_examples
from understudy.specs.model import ProviderSpec
from understudy.specs.readers import read

if TYPE_CHECKING:
    from pathlib import Path

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
        ('{"prompt": "a boat", "n": 5}', [(6, "n is 5, and maximum here is 4")]),
        ('{"n": 1}', [(5, "prompt is missing, and it is required here")]),
        (
            '{"prompt": "a boat", "ratio": " 2:3"}',
            [(1, "ratio is ' 2:3', and the canonical enum forbids it")],
        ),
        # What stands for a value is none that is sent.
        ('{"prompt": "string", "n": 5}', []),
        ('{"prompt": "a boat", "ratio": "{{ratio}}"}', []),
        ('{"prompt": "a boat", "ratio": "16:..."}', []),
    ],
)
def test_own_example_that_is_refused_is_told_with_the_line_that_forbids_it(
    example: str, notes: list[tuple[int, str]]
) -> None:
    assert told(example) == notes


SELLERS_PAGE = """# Pictures from several

POST https://api.seller.test/v1/images/multi-image2image

| Field | Type | Description |
|---|---|---|
| model_name | string | Which model |
| prompt | string | Words |

```json
{"model_name": "sellers-own-2", "subject_image_list": [{"subject_image": "https://a.test/1.png"}]}
```
"""


def test_own_model_that_only_an_example_shows_is_accepted(tmp_path: Path) -> None:
    """The vendor has other models; the request that the seller publishes is taken all the same."""
    page = tmp_path / "page.md"
    page.write_text(SELLERS_PAGE)
    imported = import_documents(tmp_path, [str(page)], "seller", date(2026, 1, 1))
    assert imported.refused == ()
    (operation,) = imported.spec.operations.values()
    shown = {one.name: {word.name: word.value for word in one.keywords} for one in operation.request}
    assert shown["model_name"]["enum"][-1] == "sellers-own-2"
