"""What several examples of one body show together."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read

PAGE = """POST /v1/clips

```json
{"prompt": "a fox"}
```

## Response
"""


def shown(*examples: str) -> dict[str, tuple[tuple[object, ...], bool]]:
    """Of each field of the answer the values that examples have, and whether one of them is without it."""
    blocks = "".join(f"\n```json\n{one}\n```\n" for one in examples)
    [operation] = read(Document("clip.md", PAGE + blocks)).operations
    return {".".join(one.path): (one.shown, one.is_left_out) for one in operation.responses["200"]}


@pytest.mark.parametrize(
    ("examples", "told"),
    [
        (['{"state": "new"}'], {"state": (("new",), False)}),
        (['{"state": "new"}', '{"state": "done"}', '{"state": "new"}'], {"state": (("new", "done"), False)}),
        (['{"n": 1}', '{"n": true}', '{"n": 1.0}'], {"n": ((1, True, 1.0), False)}),
        (['{"id": "1", "url": null}', '{"id": "2", "url": "u"}'],
         {"id": (("1", "2"), False), "url": ((None, "u"), False)}),
        (['{"id": "1"}', '{"id": "1", "url": "u"}'], {"id": (("1",), False), "url": (("u",), True)}),
        (['{"id": "1", "out": {"a": 1}}', '{"id": "1"}'],
         {"id": (("1",), False), "out": ((), True), "out.a": ((1,), False)}),
        (['{"id": "1", "out": {"a": 1}}', '{"id": "1", "out": {"b": 2}}'],
         {"id": (("1",), False), "out": ((), False), "out.a": ((1,), True), "out.b": ((2,), True)}),
        (['{"id": "<id>", "state": "string"}'], {"id": ((), False), "state": ((), False)}),
        (['{"id": "your-clip", "url": "https://..."}'], {"id": ((), False), "url": ((), False)}),
    ],
)  # fmt: skip
def test_values_and_what_is_left_out(examples: list[str], told: dict[str, object]) -> None:
    assert shown(*examples) == told


BOTH = """POST https://api.clips.example/v1/clips

| Field | Type | Required |
|---|---|---|
| prompt | string | yes |
| seconds | number | no |
| loop | boolean | no |
| files | string[] | no |

```json
{"files": ["a.png"]}
```

```json
{"prompt": "a fox", "seconds": 4, "loop": true}
```

```bash
curl https://api.clips.example/v1/clips -F prompt=12 -F seconds=5 -F loop=true -F files=@a.png -F other=7
```
"""


def test_forms_are_bodies_whose_values_are_texts_and_a_single_field_is_no_body() -> None:
    [operation] = read(Document("clip.md", BOTH)).operations

    assert operation.examples == (
        {"prompt": "a fox", "seconds": 4, "loop": True},
        {"prompt": "12", "seconds": 5, "loop": True, "files": ["@a.png"], "other": "7"},
    )
