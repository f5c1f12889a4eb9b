"""Markdown tables as rows of cells, and which column says what."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.field_lists import FieldList, field_list
from understudy.specs.readers.fields.merged_cells import aligned, with_empty
from understudy.specs.readers.fields.rows_above import headings_below
from understudy.specs.readers.fields.table_cells import MAX_CELLS, MAX_ROW, cells_of, clean
from understudy.specs.readers.fields.table_roles import roles_of, roles_with_content
from understudy.specs.readers.text.page_front import end_of_front
from understudy.specs.readers.text.page_text import Line
from understudy.specs.readers.text.part_headings import part_of
from understudy.specs.readers.trees.examples import curl_lines, is_curl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

# Rows, lines and characters of a page.
MAX_ROWS = 1_000
MAX_LINES = 30_000
MAX_CHARACTERS = 600_000
# Lines of an example, and rows of a table whose cells are set apart by tabs.
MAX_BLOCK = 2_000
MAX_TABBED = 5_000

# GFM 4.10: one dash a cell is enough; without a pipe such a line is one of a list, or a rule.
_SEPARATOR = re.compile(r"(?=[^|]*+\||\s*+-{2})\|?\s*+:?-++:?\s*+(?:\|\s*+:?-++:?\s*+)*+\|?\s*\Z")
_HEADS = re.compile(
    r"type|required|mandatory|description|detail|explanation|comment|remark|meaning|notes|类型|必|说明|描述|详情|备注|含义",
    re.IGNORECASE,
)
_CODE_HEADING = re.compile(r"code|status|http|错误码|状态码|返回码|业务码", re.IGNORECASE)
_TYPE_HEADING = re.compile(r"(?:error\s)?types?|类型|错误类型", re.IGNORECASE)
_HTTP_REFUSALS = frozenset(str(one.value) for one in HTTPStatus if one.value >= HTTPStatus.BAD_REQUEST)
_CODE_CELL = re.compile(
    r"-?\d{1,7}(?:\s?[-~x*]{1,2}\s?\d{0,7})?(?:\s.{0,60})?\Z|[A-Z][A-Za-z]{2,40}\.[A-Z][A-Za-z.]{2,60}\Z"
)
# The name of a refusal, below a heading that says that they are: `MissingParameter`, `invalid_request`.
_ERROR_HEADING = re.compile(r"error|错误(?:码|代码)", re.IGNORECASE)
_CODE_WORD = re.compile(r"[A-Za-z][\w.-]{3,80}\Z")
# A line within an example, at whose end a copy may have been cut; and so many lines are looked at.
_MEMBER_LINE = re.compile(
    r"\s*+(?:\"[^\"]{0,400}\"\s?[:,]|\"[^\"]{0,400}\"\Z|[\[\]{}]|-?\d[\d.]{0,20},?\Z|\Z)"
)
MAX_CUT = 80
# What stands behind a table that was copied from a browser.
_ENDS_TABBED = re.compile(
    r"[#{}`|]|(?:request\s+)?(?:request|response|query|path|header)s?\s+(?:body|headers?|parameters?|params?|examples?|url)\Z|"
    r"(?:create|query|callback)\s+\S.*|请求\S{0,4}\Z|响应\S{0,4}\Z|返回\S{0,4}\Z|(?:\d{1,2}[.、]\s?)?(?:输入|输出)?(?:示例|样例)\d{0,2}(?:\s\S.{0,40})?\Z|"
    r"(?-i:POST|GET|PUT|PATCH|DELETE)\s/",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\A\d{1,2}[.、]\s?")
# A name alone on its line, and how many of them a cell holds: a field inside of one inside of a third.
_TORN_NAME = re.compile(r"[A-Za-z_]\w{0,79}(?:\[\])?\Z")
MAX_TORN = 3
# A text in JSON, or the rest of a line on which one has no end.
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)")
# JSON without the brackets around it: `"image_list":[`.
_FRAGMENT = re.compile(r"\"[A-Za-z_][\w-]{0,79}\"\s{0,3}[:：]\s{0,3}[\[{]")
# A line that is JSON in code, which stands for a block.
_SHOWN = re.compile(r"\s{0,8}`(?P<json>\{\s?\"[\w-]{1,60}\"\s?:[^`]{1,4000}\})`\s*\Z")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (from 1), its cells, cleaned of marks, whether there was more than is read, and the
    lines on which its last cell goes on."""

    line: int
    cells: tuple[str, ...]
    cut: bool = False
    more: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the role of each column ("" for none), the headings as written, and the rows."""

    roles: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    line: int

    @property
    def has_fields(self) -> bool:
        """Whether each row is a field: it has a name, and a type or whether it is required or a description."""
        return (
            "name" in self.roles
            and "method" not in self.roles
            and bool({"type", "required", "optional", "description", "enum"} & set(self.roles))
        )

    def repeats_headings(self, row: Row) -> bool:
        """Whether a row is the headings once more."""
        return (
            len(row.cells) == len(self.roles) and tuple(roles_of(row.cells)) == self.roles and all(row.cells)
        )

    @property
    def places_parameters(self) -> bool:
        """Whether a column says of a row that it is in the address or a header."""
        at = self.roles.index("place") if "place" in self.roles else -1
        return at >= 0 and any(
            row.cells[at].strip("` ").lower() in ("query", "path", "header")
            for row in self.rows
            if len(row.cells) > at
        )

    @property
    def lists_refusals(self) -> bool:
        """Whether each row is a code with what it means: HTTP statuses, or numbers of a provider's own."""
        codes = [row.cells[0].strip("`* ") for row in self.rows if row.cells and row.cells[0]]
        return (
            len(self.headings) > 1
            and (
                _CODE_HEADING.search(self.headings[0]) is not None
                or (
                    _TYPE_HEADING.fullmatch(self.headings[0]) is not None and _HTTP_REFUSALS.issuperset(codes)
                )
            )
            and len(codes) > 1
            and (
                all(map(_CODE_CELL.match, codes))
                or (_ERROR_HEADING.search(self.headings[0]) is not None and all(map(_CODE_WORD.match, codes)))
            )
        )

    @property
    def has_enums(self) -> bool:
        """Whether each row is a value of a field: only names and values."""
        return set(self.roles) - {""} == {"name", "value"}


def page_lines(document: Document, log: FactLog | None = None) -> Sequence[str]:
    """The first 30,000 lines of a page, up to 600,000 characters; of a line at most those count that are
    read of a row.

    With a `log`, the place where a limit ended the reading is noted.
    """
    total = 0
    for index, line in enumerate(document.lines):
        total += min(len(line), MAX_ROW)
        if index == MAX_LINES or total > MAX_CHARACTERS:
            if log is not None:
                limits = f"{MAX_LINES:,} lines and {MAX_CHARACTERS:,} characters"
                log.cut(f"a page is read up to {limits}", index + 1)
            return document.lines[:index]
    return document.lines


def parts(lines: Sequence[str]) -> Iterator[Table | FieldList | Line | list[Line]]:
    """A text as tables, lists of fields, blocks (lists of lines) and other lines, in order.

    A block is a fenced one, a `curl` command, or a JSON object that begins on a line of its own.
    """
    index = end_of_front(lines)  # what stands above the page holds no tables
    yield from (Line(number + 1, lines[number].strip()) for number in range(index))
    no_block_before = no_list_before = 0
    while index < len(lines):
        line = lines[index]
        if fence := _FENCE.match(line[:300]):
            end = _end_of_fence(lines, index, fence[1])
            yield [Line(number + 1, lines[number]) for number in range(index + 1, min(end, len(lines)))]
            index = end + 1
        elif "|" in line and (heads := _headings_of(lines, index)) >= 0:
            end = heads + 2
            while end < len(lines) and "|" in lines[end] and lines[end].strip():
                below = lines[end + 1].strip()[:2000] if end + 1 < len(lines) else ""
                if "-" in below and _SEPARATOR.match(below) and below.count("|") >= lines[end].count("|") - 1:
                    break  # the headings of the next table
                end += 1
            yield _table(lines, heads, end, above=index)
            index = end
        elif "\t" in line and _has_headings(line):
            table, index = _tabbed(lines, index)
            yield table
        elif shown := _SHOWN.match(line[:MAX_ROW]):
            yield [Line(index + 1, shown["json"])]
            index += 1
        elif index >= no_block_before and (end := _end_of_block(lines, index)) != index:
            if end < 0:
                no_block_before = index + MAX_BLOCK  # a bracket that nothing closes: it is no example
                continue
            yield [Line(number + 1, lines[number]) for number in range(index, end)]
            index = end
        else:
            fields = None
            if index >= no_list_before:
                fields, no_list_before = field_list(lines, index)
            yield fields or Line(index + 1, line.strip())
            index = no_list_before if fields else index + 1


def _end_of_block(lines: Sequence[str], start: int) -> int:
    """Behind the `curl` command or JSON object that begins on this line; `start` where none does, -1 where
    one never ends."""
    line = lines[start]
    if is_curl(line):
        return curl_lines(lines, start)
    if line.strip() != "{" and not re.match(r"\s*\{\s*\"[\w-]+\"\s*:", line[:500]):
        return start
    depth = 0
    is_indented = start + 1 < len(lines) and lines[start + 1][:1] in " \t"
    for index in range(start, min(len(lines), start + MAX_BLOCK)):
        bare = _STRING.sub("", lines[index])
        depth += bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
        # A bracket that stands where the first one does is the last, though one between is missing.
        if depth <= 0 or (is_indented and index > start and line[:1] == "{" and lines[index].rstrip() == "}"):
            return index + 1
    is_cut = len(lines) <= start + MAX_CUT and all(
        _MEMBER_LINE.match(one.rstrip()) for one in lines[start + 1 :]
    )
    return len(lines) if is_cut else -1  # a copy that ends within its last example


@functools.lru_cache(maxsize=64)
def _has_headings(line: str) -> bool:
    """Whether the cells of a line, set apart by tabs, head a table of fields or say where an operation is."""
    if len(line) > 500 or not _HEADS.search(line):
        return False
    return Table(tuple(roles_of(_tab_cells(line))), (), (), 0).has_fields


def _tab_cells(line: str) -> tuple[str, ...]:
    return tuple(clean(cell) for cell in line.strip("\n")[:MAX_ROW].split("\t", MAX_CELLS))


def _tabbed(lines: Sequence[str], start: int) -> tuple[Table, int]:
    """A table copied from a browser: its cells are set apart by tabs, and the last one may go on for lines,
    JSON among them."""
    headings = _tab_cells(lines[start])
    roles = roles_of(headings)
    found: list[tuple[int, str, list[Line]]] = []
    index = start + 1
    while index < len(lines) and len(found) < MAX_TABBED:
        line = lines[index]
        if found and (end := _end_of_cell_json(lines, index)):
            found[-1][2].extend(Line(n + 1, lines[n].strip()) for n in range(index, end))
            index = end
            continue
        if "\t" in line.strip() and not _has_headings(line):
            if found and line[:1] == "\t" and roles[0] == "name":
                line = _torn_name(found[-1][2]) + line
            found.append((index + 1, line, []))
        elif _ends_tabbed(line.strip()) or "\t" in line.strip() or not found or is_curl(line):
            break
        elif line.strip() and not line.strip().isdigit():  # digits alone: the lines of code, numbered
            found[-1][2].append(Line(index + 1, line.strip()))
        index += 1
    rows = [Row(number, cells, cut, tuple(more)) for (number, cells, more), cut in _aligned(found, roles)]
    return Table(
        roles_with_content(headings, [row.cells for row in rows]), headings, tuple(rows), start + 1
    ), index


def _torn_name(before: list[Line]) -> str:
    """The name of a row whose first cell is empty: the lines of names right above it, which are taken from
    `before`, the one of a holder over that of a field inside of it; "" where none are there."""
    names: list[str] = []
    while before and len(names) < MAX_TORN and _TORN_NAME.match(before[-1].text):
        names.insert(0, before.pop().text)
    return ".".join(names)


def _ends_tabbed(text: str) -> bool:
    """Whether a line stands behind such a table: what follows one, or the heading of another part."""
    return _ENDS_TABBED.match(text[:200]) is not None or part_of(_NUMBERED.sub("", text[:200])) != ""


def _end_of_cell_json(lines: Sequence[str], start: int) -> int:
    """Behind the JSON that begins on this line inside of a cell; 0 where none does. A fragment under a name
    is one; an object or list only where rows follow it before anything else does."""
    line = lines[start].strip()
    if not _FRAGMENT.match(line[:200]) and line[:2] not in ("{", "[", "[{", '{"'):
        return 0
    depth = 0
    for index in range(start, min(len(lines), start + MAX_BLOCK)):
        bare = _STRING.sub("", lines[index])
        depth += bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
        if depth <= 0:
            break
    else:
        return 0
    if _FRAGMENT.match(line[:200]):
        return index + 1
    for after in range(index + 1, min(len(lines), index + 40)):
        text = lines[after].strip()
        if "\t" in text and not _has_headings(lines[after]):
            return index + 1
        if _ends_tabbed(text) or is_curl(text):
            return 0
    return 0


def _aligned(
    found: Sequence[tuple[int, str, list[Line]]], roles: Sequence[str]
) -> Iterator[tuple[tuple[int, tuple[str, ...], list[Line]], bool]]:
    """The cells of such rows, each with whether it was cut."""
    copied = [(number, _tab_cells(line), more) for number, line, more in found]
    for row, (_, line, _more) in zip(aligned(copied, roles), found, strict=True):
        yield row, len(line) > MAX_ROW or len(row[1]) > MAX_CELLS


def _end_of_fence(lines: Sequence[str], start: int, fence: str) -> int:
    lead = len(lines[start]) - len(lines[start].lstrip(" \t>"))
    for index in range(start + 1, len(lines)):
        stripped = lines[index].strip(" \t>")
        if len(lines[index]) - len(lines[index].lstrip(" \t>")) > lead + 3:
            continue  # CommonMark, section 4.5: a fence that stands deeper is a line of the block
        if stripped[:1] == fence[0] and len(stripped) >= len(fence) and not stripped.strip(fence[0]):
            return index
    return len(lines)


def _headings_of(lines: Sequence[str], index: int) -> int:
    """The index of the headings of a table that begins at `index`, mostly the same; -1 where none does."""
    below = lines[index + 1] if index + 1 < len(lines) else ""
    if "-" in below and _SEPARATOR.match(below.strip()[:2000]):
        return index
    return headings_below(lines, index) or -1


def _table(lines: Sequence[str], start: int, end: int, above: int) -> Table:
    """The table whose headings stand at `start`, with the rows from `above` to those."""
    headings = cells_of(lines[start])
    rows = [
        Row(index + 1, cells, len(lines[index]) > MAX_ROW or len(cells) > MAX_CELLS)
        for index in (*range(above, start), *range(start + 2, min(end, start + 3 + MAX_ROWS)))
        for cells in [cells_of(lines[index], len(headings))]
    ]
    roles = roles_with_content(headings, [row.cells for row in rows])
    if "type" in roles or "required" in roles:
        rows = [replace(row, cells=with_empty(row.cells, roles)) for row in rows]
    return Table(roles, headings, tuple(rows), start + 1)
