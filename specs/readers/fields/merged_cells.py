"""Rows of a table whose first cell was merged with others, as a browser copies them: their cells stand one too far left.

Parameter  Sub-parameter  Type  Required      Field   Type    Required      merged cells of names, a line each
subjects                  list  yes           mask    object  no
id         string         yes                 mask                         → mask.area
                                              area
                                              string  no
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import parse_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.text.page_text import Line

# How deep names stand in one another, a line each.
MAX_CHAIN = 5
_NAME = re.compile(r"[A-Za-z_$][\w$-]{0,79}\Z")

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
