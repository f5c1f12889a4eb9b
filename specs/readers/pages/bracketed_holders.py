"""Headings that name in brackets the object whose fields the table below states.

**Request body parameters (audio)**      **请求体参数（audio）**
| `url` | string | required |            | `url` | string | 必填 |
| `rate` | int | optional |              | `rate` | int | 可选 |

One such heading alone may name a call, a model or a format. Several of the same wording, each with a name of its own
and a table below it, name parts of one body, unless the tables share half of their fields: then each is of another call.
"""

# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.table_rows import Table
from understudy.specs.readers.pages.page_state import PARAMETERS
from understudy.specs.readers.text.page_text import TYPE_WORDS, Line
from understudy.specs.readers.text.part_headings import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.fields.field_lists import FieldList

MIN_ALIKE = 2
MAX_BETWEEN = 3
_HEADING = re.compile(
    r"(?:#{1,6}\s{1,3}|\*\*)(?P<text>[^*#|]{1,80}?)\s{0,2}[(（]`?(?P<name>[a-z]\w{1,40})`?[)）]\*{0,2}\s?[:：]?\**\Z",
    re.ASCII,
)
_ANY_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]{1,80}\*\*\s?[:：]?\Z")
# In brackets behind such a heading: how a body is sent, whether it must be, or by which call.
_CALLS = "create submit start cancel stop fetch get list update delete poll upload status result sync async batch single"
_NO_NAMES = frozenset(
    (*PARAMETERS, *TYPE_WORDS, *_CALLS.split(), "body", "json", "form", "required", "optional", "raw")
)


@dataclass(frozen=True, slots=True)
class _Headed:
    line: int
    wording: str
    name: str
    fields: frozenset[str]


def holders_of(parts: Sequence[Table | FieldList | Line | list[Line]]) -> dict[int, str]:
    """The names of the objects by the lines of such headings."""
    found: dict[int, str] = {}
    run: list[_Headed] = []
    for index, part in enumerate(parts):
        if not isinstance(part, Line) or not _ANY_HEADING.match(part.text[:200]):
            continue
        headed = _headed(parts, index)
        if headed is None or (run and headed.wording != run[-1].wording):
            found |= _named(run)
            run = []
        run += [headed] if headed else []
    return found | _named(run)


def _headed(parts: Sequence[Table | FieldList | Line | list[Line]], index: int) -> _Headed | None:
    """The heading at `index`, if it names something in brackets and a table of fields stands below it."""
    part = parts[index]
    heading = _HEADING.match(part.text[:200]) if isinstance(part, Line) else None
    if not isinstance(part, Line) or heading is None or heading["name"] in _NO_NAMES:
        return None
    if part_of(heading["text"]) not in ("body", "response"):
        return None
    below = parts[index + 1 : index + 1 + MAX_BETWEEN]
    table = next((one for one in below if not isinstance(one, Line) or one.text), None)
    if not isinstance(table, Table) or not table.has_fields:
        return None
    at = table.roles.index("name")
    names = frozenset(row.cells[at].strip("`* ") for row in table.rows if len(row.cells) > at)
    return _Headed(part.number, heading["text"], heading["name"], names)


def _named(run: Sequence[_Headed]) -> dict[int, str]:
    """The names of a run of such headings, if they are of parts of one body."""
    together: set[str] = set()
    for one in run:
        if len(together & one.fields) * 2 >= len(one.fields) or one.name in together:
            return {}
        together |= one.fields
    names = {one.name for one in run}
    return {one.line: one.name for one in run} if MIN_ALIKE <= len(names) == len(run) else {}
