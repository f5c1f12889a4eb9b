"""A text of an example that is JSON is read as that, with what it holds."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read

HELD = r'"{\"urls\": [\"https://a.example/1.mp4\"], \"n\": 2}"'
SCHEMA = {
    "type": "object",
    "properties": {"urls": {"type": "array", "items": {"type": "string"}}, "n": {"type": "integer"}},
}

ANSWER = f"""# Clip

POST /v1/clips

```json
{{"prompt": "a fox"}}
```

## Response

```json
{{"id": "1", "held": {HELD}}}
```
"""
TABLE = (
    ANSWER
    + """
| Field | Type | Description |
|---|---|---|
| id | string | Which one |
| held | string | What came out |
"""
)
OPENAPI = f"""openapi: 3.1.0
info: {{title: x, version: '1'}}
paths:
  /v1/clips:
    post:
      responses:
        '200':
          description: fine
          content:
            application/json:
              schema:
                type: object
                properties:
                  held: {{type: string, example: {HELD}}}
"""
WITH_EXAMPLE = (
    OPENAPI.replace(f", example: {HELD}", "").rstrip()
    + f"""
              example: {{held: {HELD}}}
"""
)
EXAMPLE_ALONE = (
    WITH_EXAMPLE.partition("              schema:")[0] + f"              example: {{held: {HELD}}}"
)


def held_in(name: str, text: str) -> tuple[object, object]:
    """The media type and the schema of the field `held` of the page's one answer."""
    [operation] = read(Document(name, text)).operations
    [one] = [field for field in operation.responses["200"] if field.name == "held"]
    return one.get("contentMediaType"), one.get("contentSchema")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("clip.md", ANSWER),
        ("clip.md", TABLE),
        ("api.yaml", OPENAPI),
        ("api.yaml", WITH_EXAMPLE),
        ("api.yaml", EXAMPLE_ALONE),
    ],
)
def test_a_text_that_is_json_is_read_with_what_it_holds(name: str, text: str) -> None:
    assert held_in(name, text) == ("application/json", SCHEMA)


@pytest.mark.parametrize("other", ['"{prompt}"', '"{}"', '"[]"', '"[1"', '"true"', '"12"', "{}", '"<json>"'])
@pytest.mark.parametrize("page", [ANSWER, TABLE])
def test_another_text_is_not(page: str, other: str) -> None:
    assert held_in("clip.md", page.replace(HELD, other)) == (None, None)
