"""Markdown tables as rows of cells, and what their headings mean, in English and Chinese."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specs.readers.examples import curl_lines, is_curl
from specs.readers.field_lists import FieldList, field_list
from specs.readers.page_text import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from specs.documents import Document
    from specs.readers.facts import Scribe

# Characters and cells of one row.
MAX_ROW = 20_000
MAX_CELLS = 40
# Rows, lines and characters of a page.
MAX_ROWS = 3_000
MAX_LINES = 30_000
MAX_CHARACTERS = 600_000
# Lines of an example, and rows of a table whose cells are set apart by tabs.
MAX_BLOCK = 2_000
MAX_TABBED = 5_000

_SEPARATOR = re.compile(r"\|?\s*+:?-{2,}+:?\s*+(?:\|\s*+:?-{2,}+:?\s*+)*+\|?\s*\Z")
_HEADS = re.compile(r"type|required|description|类型|必填|说明|描述", re.IGNORECASE)
# What stands behind a table that was copied from a browser.
_ENDS_TABBED = re.compile(
    r"[#{}`|]|(?:request|response|query|path|header)s?\s+(?:body|headers?|parameters?|params?|examples?|url)\Z|"
    r"(?:create|query|callback)\s+\S.*|请求\S{0,4}\Z|响应\S{0,4}\Z|返回\S{0,4}\Z",
    re.IGNORECASE,
)
# A text in JSON, or the rest of a line on which one has no end.
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\([^)\n]{1,500}\)")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_TAG = re.compile(r"</?(?:b|i|em|strong|code|p|span|font|small|sup|a|mark)\b[^<>]{0,200}>", re.IGNORECASE)

# Role -> what its heading says. A heading that says none of these has no role, and its cells are not read.
_ROLES = {
    "name": r"(?:parameter|param|field|property|attribute|argument|variable|key|body|query|path|header)?\s*(?:name|key)s?|parameters?|params?|fields?|property|properties|attributes?|arguments?|keys?|参数(?:名称?|字段)?|字段(?:名称?)?|名称|属性(?:名称?)?|变量(?:名)?|入参|出参",
    "type": r"(?:data\s*|value\s*)?types?|(?:数据|参数|字段)?类型|格式类型",
    "required": r"(?:is\s*)?(?:required(?:\s+fields?)?|mandatory|necessary)\??|req\.?|必填(?:项)?|(?:是否)?(?:必填|必选|必须|必需|必传)(?:项)?",
    "optional": r"(?:is\s*)?optional\??|(?:是否)?(?:可选|选填)",
    "default": r"defaults?(?:\s*values?)?|默认值?|缺省值?",
    "enum": r"enum(?:s|eration|erated)?(?:\s*values?)?|(?:allowed|possible|available|valid|supported)\s*(?:values?|options?)|options?|choices|枚举值?|可选值|可用值|选项",
    "description": r"descriptions?|desc\.?|notes?|remarks?|details?|meaning|comments?|explanation|about|描述|(?:参数|字段)?(?:说明|描述|备注|含义|解释)|备注",
    "limits": r"(?:limit(?:s|ations?)?|constraints?|restrictions?|rules?|range|(?:max(?:imum)?|min(?:imum)?)?\s*(?:length|size|value|count)|max(?:imum)?|min(?:imum)?|validation|限制|约束|规则|(?:取值)?范围|取值|长度(?:限制)?|(?:最大|最小)(?:长度|值)|数量限制)",
    "place": r"in|location|position|place|where|位置|所在位置|参数位置",
    "value": r"values?|值|取值",
    "example": r"examples?(?:\s*values?)?|samples?|示例值?|例子|样例",
}
_ROLE = {role: re.compile(rf"(?:{pattern})\Z", re.IGNORECASE) for role, pattern in _ROLES.items()}


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
        return "name" in self.roles and bool(
            {"type", "required", "optional", "description"} & set(self.roles)
        )

    @property
    def has_enums(self) -> bool:
        """Whether each row is a value of a field: only names and values."""
        return set(self.roles) - {""} == {"name", "value"}


def page_lines(document: Document, scribe: Scribe | None = None) -> Sequence[str]:
    """The first 30,000 lines of a page, up to 600,000 characters; of a line at most those count that are
    read of a row.

    With a `scribe`, the place where a limit ended the reading is noted.
    """
    total = 0
    for index, line in enumerate(document.lines):
        total += min(len(line), MAX_ROW)
        if index == MAX_LINES or total > MAX_CHARACTERS:
            if scribe is not None:
                limits = f"{MAX_LINES:,} lines and {MAX_CHARACTERS:,} characters"
                scribe.cut(f"a page is read up to {limits}", index + 1)
            return document.lines[:index]
    return document.lines


def parts(lines: Sequence[str]) -> Iterator[Table | FieldList | Line | list[Line]]:
    """A text as tables, lists of fields, blocks (lists of lines) and other lines, in order.

    A block is a fenced one, a `curl` command, or a JSON object that begins on a line of its own.
    """
    index = 0
    no_block_before = no_list_before = 0
    while index < len(lines):
        line = lines[index]
        if fence := _FENCE.match(line[:300]):
            end = _end_of_fence(lines, index, fence[1])
            yield [Line(number + 1, lines[number]) for number in range(index + 1, min(end, len(lines)))]
            index = end + 1
        elif (
            "|" in line
            and index + 1 < len(lines)
            and "-" in lines[index + 1]
            and _SEPARATOR.match(lines[index + 1].strip()[:2000])
        ):
            end = index + 2
            while end < len(lines) and "|" in lines[end] and lines[end].strip():
                end += 1
            yield _table(lines, index, end)
            index = end
        elif "\t" in line and _has_headings(line):
            table, index = _tabbed(lines, index)
            yield table
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
    for index in range(start, min(len(lines), start + MAX_BLOCK)):
        bare = _STRING.sub("", lines[index])
        depth += bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
        if depth <= 0:
            return index + 1
    return -1


@functools.lru_cache(maxsize=64)
def _has_headings(line: str) -> bool:
    """Whether the cells of a line, set apart by tabs, head a table of fields or say where an operation is."""
    if len(line) > 500 or not _HEADS.search(line):
        return False
    return Table(tuple(_roles(_tab_cells(line))), (), (), 0).has_fields


def _tab_cells(line: str) -> tuple[str, ...]:
    return tuple(_clean(cell) for cell in line.strip("\n")[:MAX_ROW].split("\t", MAX_CELLS))


def _tabbed(lines: Sequence[str], start: int) -> tuple[Table, int]:
    """A table copied from a browser: its cells are set apart by tabs, and the last one may go on for lines."""
    headings = _tab_cells(lines[start])
    roles = _roles(headings)
    found: list[tuple[int, str, list[Line]]] = []
    index = start + 1
    while index < len(lines) and len(found) < MAX_TABBED:
        line = lines[index]
        if "\t" in line.strip() and not _has_headings(line):
            found.append((index + 1, line, []))
        elif _ENDS_TABBED.match(line.strip()[:200]) or "\t" in line or not found or is_curl(line):
            break
        elif line.strip():
            found[-1][2].append(Line(index + 1, line.strip()))
        index += 1
    rows = [_tabbed_row(*one) for one in found]
    return Table(tuple(roles), headings, tuple(rows), start + 1), index


def _tabbed_row(number: int, line: str, more: list[Line]) -> Row:
    cells = _tab_cells(line)
    return Row(number, cells, len(line) > MAX_ROW or len(cells) > MAX_CELLS, tuple(more))


def _end_of_fence(lines: Sequence[str], start: int, fence: str) -> int:
    for index in range(start + 1, len(lines)):
        stripped = lines[index].strip(" \t>")
        if stripped[:1] == fence[0] and len(stripped) >= len(fence) and not stripped.strip(fence[0]):
            return index
    return len(lines)


def _table(lines: Sequence[str], start: int, end: int) -> Table:
    headings = cells_of(lines[start])
    roles = _roles(headings)
    rows = [
        Row(index + 1, cells, len(lines[index]) > MAX_ROW or len(cells) > MAX_CELLS)
        for index in range(start + 2, min(end, start + 3 + MAX_ROWS))
        for cells in [cells_of(lines[index])]
    ]
    return Table(tuple(roles), headings, tuple(rows), start + 1)


@functools.lru_cache(maxsize=1024)
def _role(heading: str) -> str:
    return next((name for name, pattern in _ROLE.items() if pattern.match(heading.strip(": ："))), "")


def _roles(headings: Sequence[str]) -> list[str]:
    roles: list[str] = []
    for heading in headings:
        role = _role(heading)
        # A second column of the same kind ("说明" and "备注") adds to the description; any other is not read.
        roles.append(role if role not in roles or role in ("description", "limits") else "")
    return roles


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of a row, without the marks of Markdown and HTML around their text."""
    line = line.strip()[:MAX_ROW]
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return tuple(_clean(cell) for cell in re.split(r"(?<!\\)\|", line, maxsplit=MAX_CELLS))


def _clean(cell: str) -> str:
    cell = (
        cell.replace("\\|", "|").replace("\\_", "_").replace("&nbsp;", "\u2003").replace("&emsp;", "\u2003")
    )
    cell = (
        cell.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace("&le;", "≤")
        .replace("&ge;", "≥")
    )
    cell = _TAG.sub("", cell).replace("**", "").replace("~~", "")
    return _LINK.sub(r"\1", cell).strip(" \t")
