"""A sentence that is about another field than the one in whose row it stands."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read

PAGE = """\
# Create a clip

`POST /v1/clips`

| Parameter | Type | Required | Description |
|---|---|---|---|
| prompt | string | yes | At most 500 characters. {said} |
| resolution | string | no | The size. {own} |
| aspect_ratio | string | no | The shape. |
| frame | string | no | The first one. |
| frame_tail | string | no | The last one. {tail} |
"""


def limits(said: str = "", own: str = "", tail: str = "") -> dict[str, Any]:
    """By field what is read of it beside its type."""
    text = PAGE.format(said=said, own=own, tail=tail)
    [operation] = read(Document.from_bytes("page.md", text.encode())).operations
    return {
        str(one.path[-1]): limits
        for one in operation.request
        if (limits := {k.name: k.value for k in one.keywords if k.name not in ("type", "required")})
    }


OF_PROMPT = {"prompt": {"maxLength": 500}}
VALUES = {"enum": ["540p", "720p"]}


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ({"said": "Resolution can be 540p or 720p."}, {**OF_PROMPT, "resolution": VALUES}),
        ({"said": "The resolution is one of 540p or 720p."}, {**OF_PROMPT, "resolution": VALUES}),
        (
            {"said": "Aspect ratio can be 16:9 or 1:1."},
            {**OF_PROMPT, "aspect_ratio": {"enum": ["16:9", "1:1"]}},
        ),
        ({"own": "Resolution can be 540p or 720p."}, {**OF_PROMPT, "resolution": VALUES}),
        # What the field's own row says of it counts, and what the other one says is told.
        (
            {"own": "Can be 540p or 720p.", "said": "Resolution can be 540p or 1080p."},
            {**OF_PROMPT, "resolution": VALUES},
        ),
        # Part of its own name is no other field.
        ({"tail": "Frame can be 540p or 720p."}, {**OF_PROMPT, "frame_tail": VALUES}),
    ],
)
def test_what_a_sentence_says_is_of_the_field_that_it_names(given: dict[str, str], read_as: Any) -> None:
    assert limits(**given) == read_as
