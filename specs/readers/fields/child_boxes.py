"""Boxes of HTML in Markdown that open at a click, and hold the fields inside of the one above them.

**camera** `object`
<details><summary>Show child attributes</summary>
**kind** `string` required                           → camera.kind
</details>
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re

MAX_BOXES = 12
# How much further in the fields in such a box stand.
DEEPER = 4

# Tags of a box that opens at a click, and what its head says where the fields inside of another are in it.
_BOX = re.compile(
    r"(?=<)(?P<open><details[^<>]{0,80}>)?\s{0,3}(?:<summary>(?P<summary>[^<>]{1,80}(?:<(?:b|strong|code)>[^<>]{1,60}</(?:b|strong|code)>[^<>]{0,40})?)</summary>)?\s{0,3}(?P<close></details>)?\Z",
    re.IGNORECASE,
)
_OF_CHILDREN = re.compile(
    r"\b(?:child(?:ren)?|nested|inner|sub-?)\s?(?:attributes|properties|parameters|fields|params)?\b|\b(?:show|hide|view)\s(?:attributes|properties|parameters|fields)\b|子(?:属性|字段|参数)",
    re.IGNORECASE,
)


def is_box(text: str, boxes: list[int]) -> bool:
    """Whether a line opens or closes a box; `boxes` are those that are open, each with how much deeper its fields
    stand."""
    tags = _BOX.match(text)
    if tags is None:
        return False
    if tags["open"] and len(boxes) < MAX_BOXES:
        boxes.append(0)
    if boxes and tags["summary"]:
        boxes[-1] = DEEPER if _OF_CHILDREN.search(tags["summary"]) else 0
    if tags["close"] and boxes:
        boxes.pop()
    return True
