"""Tables whose columns are set apart by several blanks, as manuals and terminals show them.

Parameters:                                     | Name | Type | Required | Description |
  video_url   string   required   At most       |---|---|---|---|
                                  500 MB     →  | video_url | string | required | At most 500 MB |
  options     object                            | options | object | | |
    speed     number   optional   0.5 to 2      | options.speed | number | optional | 0.5 to 2 |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import TYPE_WORDS
from understudy.specs.readers.torn.listed_rows import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADS = ("Name", "Type", "Required", "Description")
MAX_LINE = 2_000
MAX_TABLE = 3_000
MAX_NESTED = 12
MAX_MORE = 30  # lines on which a description goes on
# How much deeper than its field's name a line stands on which a description goes on.
DEEPER = 4

_TYPES = "|".join(sorted({*TYPE_WORDS, "enum", "枚举"} - {"text"}, key=len, reverse=True))
_TYPE = rf"(?:(?:array|list)[ ]of[ ]\w{{3,20}}|{_TYPES})(?:\[\]|<\w{{1,20}}>|\[\w{{1,20}}\]|\(\d{{1,6}}\))?"
_ROW = re.compile(
    rf"(?P<indent>[ ]{{0,40}})`?(?P<name>[A-Za-z_$][\w$.\[\]-]{{0,79}})`?(?P<star>\*?)"
    rf"(?P<gap>[ ]{{2,60}})(?P<type>{_TYPE})(?:[ ]{{2,60}}(?P<rest>\S.*))?\Z",
    re.IGNORECASE,
)
_REQUIRED = re.compile(
    r"(?P<said>yes|no|y|n|true|false|required|optional|是|否|必填|选填|可选|必选|必须|非必填|✓|✗|√|×)"
    r"(?:[ ]{2,60}(?P<rest>\S.*)|\s*)\Z",
    re.IGNORECASE,
)
_WITH_FIELDS = re.compile(r"object|array|list|map|dict|对象|数组|列表", re.IGNORECASE)

Rows = list[tuple[int, list[str]]]


def heads_of(line: str) -> list[str]:
    """What may be the headings of a table whose columns are set apart by blanks; [] for another line."""
    return re.split(r"[ ]{2,}", line.strip()[:300]) if "  " in line[:300] and "|" not in line else []


def headed_rows(lines: Sequence[str], index: int, heads: Sequence[str]) -> tuple[Rows, int]:
    """The rows below the headings at `index`, each with its line, and the index behind the last one."""
    rows: Rows = []
    index += 1
    while index < len(lines) and len(lines[index]) <= MAX_LINE and len(rows) < MAX_TABLE:
        text = lines[index].strip(" \t")
        cells = re.split(r"[ ]{2,}", text, maxsplit=len(heads) - 1)
        if set("".join(cells)) <= set("-= ") and not rows and text:
            index += 1
            continue
        if len(cells) < 2 or not NAME.match(cells[0][:120]):
            break
        rows.append((index + 1, cells))
        index += 1
    return rows, index


def begins(lines: Sequence[str], index: int) -> bool:
    """Whether a table without headings begins here: two rows, one below the other, with their types in one
    column."""
    first = _row(lines, index)
    if first is None or (index and _row(lines, index - 1)):
        return False
    return any(
        second is not None and _column(second) == _column(first)
        for second in (_row(lines, n) for n in range(index + 1, min(len(lines), index + 5)))
    )


def rows_of(lines: Sequence[str], index: int) -> tuple[Rows, int]:
    """The rows of the table without headings that begins at `index`, with cells as `HEADS` names them."""
    rows: Rows = []
    end = index
    above: list[tuple[int, str]] = []  # the fields that a row may belong to: how deep each stands, its place
    while index < len(lines) and len(rows) < MAX_TABLE:
        row = _row(lines, index)
        if row is not None:
            while above and above[-1][0] >= len(row["indent"]):
                above.pop()
            place = f"{above[-1][1]}.{row['name']}" if above and len(above) < MAX_NESTED else row["name"]
            if _WITH_FIELDS.search(row["type"]):
                is_list = not row["type"].lower().startswith(("object", "map", "dict", "对象"))
                above.append((len(row["indent"]), f"{place}[]" if is_list else place))
            rows.append((index + 1, [place + row["star"], row["type"], *_said(row["rest"] or "")]))
        elif rows and index - rows[-1][0] < MAX_MORE and _goes_on(lines[index], lines, rows[-1][0] - 1):
            rows[-1][1][-1] = f"{rows[-1][1][-1]} {lines[index].strip()}".strip()
        elif lines[index].strip() or index - end > 1:
            break
        if lines[index].strip():
            end = index + 1
        index += 1
    return rows, end


def _row(lines: Sequence[str], index: int) -> re.Match[str] | None:
    line = lines[index] if index < len(lines) else ""
    return _ROW.match(line.rstrip()) if len(line) <= MAX_LINE else None


def _column(row: re.Match[str]) -> int:
    return row.start("type")


def _goes_on(line: str, lines: Sequence[str], above: int) -> bool:
    """Whether the description of the row at `above` goes on here."""
    deep = len(line) - len(line.lstrip(" "))
    own = len(lines[above]) - len(lines[above].lstrip(" "))
    return bool(line.strip()) and len(line) <= MAX_LINE and deep >= own + DEEPER


def _said(rest: str) -> tuple[str, str]:
    """(whether it is required, the description) of what stands behind the type."""
    found = _REQUIRED.match(rest)
    return (found["said"], found["rest"] or "") if found else ("", rest)
