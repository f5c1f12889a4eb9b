"""Rows of a table that stand above its headings, as some generators print all but the last one.

| **model** | **String** | which model |  |
| **size**  | **String** | how large   |  |
| Name      | Type       | Description | Notes |
| ---       | ---        | ---         | ---   |
| **seed**  | **Integer**| where from  |  |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.column_roles import role_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ABOVE = 200
MAX_LINE = 2_000
MIN_CELLS = 3
_SEPARATOR = re.compile(r"\|?\s{0,3}:?-{1,200}:?\s{0,3}(?:\|\s{0,3}:?-{1,200}:?\s{0,3}){2,40}\|?\s*\Z")
_NAME = re.compile(r"\s{0,3}[*`_]{0,3}[A-Za-z_][\w.\[\]-]{0,79}[*`_]{0,3}\s{0,3}\Z")


def headings_below(lines: Sequence[str], start: int) -> int:
    """The index of the headings below the rows that begin at `start`: 0 where no such rows do, each of which
    begins with a name and has as many cells as the headings."""
    width = _width(lines[start])
    if width < MIN_CELLS or (start and "|" in lines[start - 1]):
        return 0
    for index in range(start, min(len(lines) - 1, start + MAX_ABOVE)):
        if _SEPARATOR.match(lines[index + 1][:MAX_LINE].strip()):
            return index if index > start and _heads(lines[index]) else 0
        if _width(lines[index]) != width or not _NAME.match(_cells(lines[index])[0]):
            return 0
    return 0


def _cells(line: str) -> list[str]:
    return re.split(r"(?<!\\)\|", line[:MAX_LINE].strip().removeprefix("|").removesuffix("|"))


def _width(line: str) -> int:
    return len(_cells(line)) if "|" in line else 0


def _heads(line: str) -> bool:
    roles = [role_of(cell.strip(" *`")) for cell in _cells(line)]
    return roles[0] == "name" and bool({"type", "required", "description"} & set(roles[1:]))
