"""Fields that one line names, with what is said of each in brackets, below the field that holds them.

- `image_list`:
  - Fields: `image_url` (URL or Base64), `type` (`first_frame`/`end_frame`, optional)
  - 字段：`image_url`（URL 或 Base64）、`type`（`first_frame`/`end_frame`，可选）
"""

from __future__ import annotations

import re

from understudy.specs.readers.fields.field_lists import FieldList, Item
from understudy.specs.readers.text.page_text import Line

_LABEL = re.compile(
    r"[-*+•\s]{0,8}(?:\*\*)?"
    r"(?:(?:its |the )?(?:fields?|attributes?|members?|keys?)|(?:包含)?(?:字段|属性|成员|参数)|包含)"
    r"(?:\*\*)?\s{0,2}[:：](?:\*\*)?\s{0,3}(?=`)",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"(?P<name>`[A-Za-z_]\w{0,79}`)\s{0,2}(?:[(（](?P<said>[^()（）]{1,200})[)）])?(?:\s{0,3}(?:[,，、;；]|\band\b|和|及)\s{0,3}|[.。]?\s{0,3}\Z)",
)


def named_fields(line: Line) -> FieldList | None:
    """The fields that a line names and nothing else, or None."""
    label = _LABEL.match(line.text[:200])
    if label is None:
        return None
    text = line.text[:2_000]
    at, items = label.end(), []
    while at < len(text):
        entry = _ENTRY.match(text, at)
        if entry is None:
            return None
        said = f": {entry['said']}" if entry["said"] else ""
        items.append(Item(0, Line(line.number, entry["name"] + said)))
        at = entry.end()
    return FieldList(tuple(items)) if items else None
