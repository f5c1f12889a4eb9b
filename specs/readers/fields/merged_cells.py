"""Rows of a table whose cells stand one too far left: the first was merged with others, or an empty one was dropped.

Parameter  Sub-parameter  Type  Required      Field   Type    Required      merged cells of names, a line each
subjects                  list  yes           mask    object  no
id         string         yes                 mask                         → mask.area
                                              area
                                              string  no

| Field | Type                       | Description |     an empty cell that a converter dropped
| clips | The pictures, one a scene. |             |     → clips, no type, the words as its description
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.presence import is_presence
from understudy.specs.readers.text.page_text import parse_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.text.page_text import Line

# How deep names stand in one another, a line each.
MAX_CHAIN = 5
_NAME = re.compile(r"[A-Za-z_$][\w$-]{0,79}\Z")
# Words of a sentence: no name of a type is so long.
_WORDS = re.compile(r"\S+(?:\s+\S+){2,}|.{0,80}[一-鿿]{4}.{0,40}[，。、；：,;:]|[^\x00-\x7F]{8}")

_IN_A_CASE = re.compile(
    r"[`*( ]{0,4}(?:required|optional|mandatory|conditional|depends|when|if|only|必|可选|选填|条件|当|若)",
    re.IGNORECASE,
)

# A row before it is one: its line, its cells, and the lines on which its last cell goes on.
Copied = tuple[int, tuple[str, ...], "list[Line]"]


def aligned(rows: Sequence[Copied], roles: Sequence[str]) -> list[Copied]:
    """The rows, those moved to their columns whose first cells are missing.

    Where the columns have no place for an inner name, it is taken from the lines above the row, which then
    are no part of the row before. A row whose name cannot be known has an empty one.
    """
    if "type" not in roles or roles[0] != "name":
        return list(rows)
    at = roles.index("type")
    known: dict[str, str] = {}
    out: list[Copied] = []
    for number, row, more in rows:
        cells = row
        if not _is_type(cells, at) and _is_type(("", *cells), at):
            above = out[-1][2] if out else []
            cells = ("" if "child" in roles else _name_above(above, known), *cells)
        name = cells[0].strip("`* ")
        known.setdefault(name.rpartition(".")[2], name)
        out.append((number, cells, more))
    return out


def with_empty(cells: tuple[str, ...], roles: Sequence[str]) -> tuple[str, ...]:
    """The cells of a row, moved to their columns where an empty one was dropped before them.

    The last one must be empty, and words must stand where the type or the presence of the field is said.
    """
    if len(cells) < len(roles) or len(roles) < 3 or cells[len(roles) - 1] or _fits(cells, roles):
        return cells
    for at in range(1, len(roles) - 1):
        moved = (*cells[:at], "", *cells[at : len(roles) - 1])
        if _fits(moved, roles):
            return moved
    return cells


def _fits(cells: Sequence[str], roles: Sequence[str]) -> bool:
    """Whether no words stand in a column of types, and nothing but a presence in one of presences."""
    for cell, role in zip(cells, roles, strict=False):
        if role == "type" and _WORDS.match(cell) and not _says_type(cell):
            return False
        if role in ("required", "optional") and cell and not (is_presence(cell) or _IN_A_CASE.match(cell)):
            return False
    return True


def _says_type(cell: str) -> bool:
    """Whether a cell is a type, or begins with one: "integer / no"."""
    first = re.split(r"\s?[,/;(|，]\s?", cell, maxsplit=1)[0]
    return any(parse_type(one.strip("`*_ ")) is not None for one in (cell, first))


def _is_type(cells: Sequence[str], at: int) -> bool:
    return at < len(cells) and parse_type(cells[at].partition(",")[0].strip("`*_ ")) is not None


def _name_above(above: list[Line], known: dict[str, str]) -> str:
    """The whole name that the last of these lines say, which are taken away; "" where they say none."""
    first = len(above)
    while first and len(above) - first < MAX_CHAIN and _NAME.match(above[first - 1].text):
        first -= 1
    chain = [line.text for line in above[first:]]
    begins = next((n for n, name in enumerate(chain[:-1]) if name in known), None)
    if begins is not None:
        name = ".".join([known[chain[begins]], *chain[begins + 1 :]])
        del above[first + begins :]
    elif len(chain) == 1:
        name = chain[0]
        del above[first:]
    else:
        return ""
    return name
