"""Tables that copying broke, rewritten as Markdown tables: each row on the line on which it begins.

| Name |          Name           字段名类型必填描述           <table>…</table>
Type |            Type           modelstring是模型名          between lines of Markdown
| model |         model
string |          string
(torn at pipes)   (a cell a line) (cells glued together)     (HTML)
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.fields.column_roles import role_of
from understudy.specs.readers.rewritten import html_page
from understudy.specs.readers.torn import (
    aligned_columns,
    glued_tables,
    listed_cells,
    listed_rows,
    spaced_columns,
)
from understudy.specs.readers.trees.json_holders import holders_of

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "torn tables"
MAX_LINES = 30_000
MAX_COLUMNS = 8
MAX_LINE = 2_000
MAX_TABLE = 3_000  # lines of HTML in one table

_TABLE = re.compile(r"\s{0,12}<table\b", re.IGNORECASE)
_END_OF_TABLE = re.compile(r"</table\s*>", re.IGNORECASE)
_TORN = re.compile(r"\|[^|]{1,40}\|\Z")


def recognises(document: Document) -> bool:
    """Whether the text has a table that is broken in one of these ways."""
    if html_page.recognises(document):
        return False
    lines = document.lines[:MAX_LINES]
    return any(_broken(lines, index) for index in range(len(lines)))


def _broken(lines: Sequence[str], index: int) -> bool:
    line = lines[index]
    if len(line) > MAX_LINE and not _TABLE.match(line[:100]):
        return False
    return bool(
        _TABLE.match(line[:100])
        or _torn_heads(lines, index)
        or _listed_heads(lines, index)
        or glued_tables.heads_of(line)
        or listed_cells.heads_of(line)
        or spaced_columns.heads_of(line)
        or spaced_columns.torn_rows(lines, index)[0]
        or _says_fields(aligned_columns.heads_of(line))
        or aligned_columns.begins(lines, index)
    )


def rewritten(document: Document, log: FactLog) -> Derived:
    """The text with each such table as a Markdown table."""
    lines = document.lines
    out: list[tuple[int, str]] = []
    index, fenced = 0, False
    page = _Page(document, log)
    while index < len(lines):
        if lines[index].lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        found = None if fenced or index >= MAX_LINES else _table(page, index)
        if found is None:
            out.append((index + 1, lines[index]))
            index += 1
        else:
            rows, index = found
            out += [(rows[0][0], ""), *rows, (rows[-1][0], "")]
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


Rows = list[tuple[int, str]]


class _Page:
    """A page, and what is looked for once in all of it, when a table asks."""

    def __init__(self, document: Document, log: FactLog) -> None:
        self.document, self.lines, self.log = document, document.lines, log

    @cached_property
    def names(self) -> Set[str]:
        """The names that its examples have."""
        return holders_of(self.lines).keys()

    @cached_property
    def ends(self) -> list[int]:
        """The lines on which a table of HTML ends, by index."""
        return [index for index, line in enumerate(self.lines) if _END_OF_TABLE.search(line)]


def _table(page: _Page, index: int) -> tuple[Rows, int] | None:
    """The rows of the table that begins on this line, as Markdown, and the index behind it."""
    lines = page.lines
    line = lines[index]
    if _TABLE.match(line[:100]):
        return _html(page, index)
    if len(line) > MAX_LINE:
        return None
    torn, end = spaced_columns.torn_rows(lines, index)
    if torn:
        return torn, end
    if heads := spaced_columns.heads_of(line):
        rows, end = spaced_columns.rows_of(lines, index, heads)
        if rows:
            roles = _roles(heads)
            return _with_heads(index + 1, heads, [_row(one.line, one.texts(roles)) for one in rows]), end
    if heads := _torn_heads(lines, index):
        return _torn(lines, index, len(heads))
    if heads := _listed_heads(lines, index):
        return _listed(page, index, heads)
    if listed_cells.heads_of(line):
        cells, end = listed_cells.rows_of(lines, index)
        return (
            (_with_heads(index + 1, listed_cells.SHOWN, [_row(*one) for one in cells]), end)
            if cells
            else None
        )
    if heads := glued_tables.heads_of(line):
        glued, end = glued_tables.rows_of(lines, index, heads, lambda: page.names)
        if not glued:
            return None
        table = [_row(number, [cell for _, cell in cells]) for number, cells in glued]
        return _with_heads(index + 1, [head for head, _ in glued[0][1]], table), end
    return _in_columns(lines, index)


def _in_columns(lines: Sequence[str], index: int) -> tuple[Rows, int] | None:
    """A table whose columns are set apart by blanks."""
    heads: Sequence[str] = aligned_columns.heads_of(lines[index])
    if _says_fields(heads):
        rows, end = aligned_columns.headed_rows(lines, index, heads)
    elif aligned_columns.begins(lines, index):
        heads = aligned_columns.HEADS
        rows, end = aligned_columns.rows_of(lines, index)
    else:
        return None
    table = [_row(number, [cell.replace("|", "\\|") for cell in cells]) for number, cells in rows]
    return (_with_heads(index + 1, heads, table), end) if table else None


def _row(number: int, cells: Sequence[str]) -> tuple[int, str]:
    shown = [cell.strip(" \t") for cell in cells]  # wide blanks before a name say how deep its field stands
    return number, f"| {' | '.join(shown)} |"


def _with_heads(number: int, heads: Sequence[str], rows: Rows) -> Rows:
    return [_row(number, heads), (number, "|" + " --- |" * len(heads)), *rows]


def _html(page: _Page, index: int) -> tuple[Rows, int] | None:
    at = bisect_left(page.ends, index)
    if at == len(page.ends) or page.ends[at] - index >= MAX_TABLE:
        return None
    end = page.ends[at]
    part = replace(page.document, text="\n".join(page.lines[index : end + 1]))
    made = html_page.rewritten(part, page.log, above=index)
    rows = [(made.line(n), text) for n, text in enumerate(made.document.lines, 1) if text.strip()]
    return (rows, end + 1) if rows else None


def _roles(heads: Sequence[str]) -> list[str]:
    return [role_of(head) for head in heads]


def _says_fields(heads: Sequence[str]) -> bool:
    roles = _roles(heads)
    says = "type" in roles or ("" in roles and {"required", "description"} <= {*roles, "required"})
    return roles[:1] == ["name"] and len(heads) >= 3 and says and roles.count("") <= 1


def _torn_heads(lines: Sequence[str], index: int) -> list[str]:
    """The headings of a row that is torn at its pipes, a cell a line; [] for another line."""
    first = lines[index].strip()
    if not _TORN.match(first):
        return []
    heads = [first.strip("| ")]
    for line in lines[index + 1 : index + MAX_COLUMNS]:
        text = line.strip()
        if text.startswith("|") or not text.endswith("|"):
            break
        heads.append(text.strip("| "))
    return heads if _says_fields(heads) else []


def _torn(lines: Sequence[str], index: int, width: int) -> tuple[Rows, int]:
    heads = [line.strip().strip("| ") for line in lines[index : index + width]]
    start = index
    rows: Rows = []
    index += width
    while index < len(lines) and lines[index].strip().startswith("|"):
        cells = [lines[index].strip().strip("|")]
        end = index + 1
        while end < len(lines) and lines[end].strip() and not lines[end].strip().startswith("|"):
            text = lines[end].strip()
            if not text.endswith("|") and len(cells) >= width:
                break
            cells.append(text.removesuffix("|"))
            end += 1
        if not set("".join(cells)) <= set("-: "):
            rows.append(_row(index + 1, [*cells[: width - 1], " ".join(cells[width - 1 :])]))
        index = end
    return _with_heads(start + 1, heads, rows), index


def _listed_heads(lines: Sequence[str], index: int) -> list[str]:
    """The headings of a table whose cells stand a line each; [] for another line."""
    return listed_rows.heads_of(lines, index)


def _listed(page: _Page, index: int, heads: Sequence[str]) -> tuple[Rows, int] | None:
    found, end = listed_rows.rows_of(page.lines, index, heads, lambda: page.names)
    return (_with_heads(index + 1, heads, [_row(*one) for one in found]), end) if found else None
