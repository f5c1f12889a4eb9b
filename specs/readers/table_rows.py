"""Markdown tables as rows of cells, and what their headings mean, in English and Chinese."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specs.readers.page_text import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Characters and cells of one row.
MAX_ROW = 20_000
MAX_CELLS = 40

_SEPARATOR = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*\Z")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_TAG = re.compile(r"</?(?:b|i|em|strong|code|p|span|font|small|sup|a)\b[^<>]{0,200}>", re.IGNORECASE)

# Role -> what its heading says. A heading that says none of these has no role, and its cells are not read.
_ROLES = {
    "name": r"(?:parameter|param|field|property|attribute|argument|variable|key|body|query|path|header)?\s*(?:name|key)s?|parameters?|params?|fields?|property|properties|attributes?|arguments?|keys?|参数(?:名称?|字段)?|字段(?:名称?)?|名称|属性(?:名称?)?|变量(?:名)?|入参|出参",
    "type": r"(?:data\s*|value\s*)?types?|(?:数据|参数|字段)?类型|格式类型",
    "required": r"(?:is\s*)?(?:required|mandatory|necessary)\??|req\.?|必填(?:项)?|(?:是否)?(?:必填|必选|必须|必需|必传)(?:项)?",
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
    """One row: its line (from 1), its cells, cleaned of marks, and whether there was more than is read."""

    line: int
    cells: tuple[str, ...]
    cut: bool = False


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


def parts(lines: Sequence[str]) -> Iterator[Table | Line | list[Line]]:
    """A Markdown text as tables, fenced blocks (lists of lines) and other lines, in order."""
    index = 0
    while index < len(lines):
        line = lines[index]
        if fence := _FENCE.match(line):
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
        else:
            yield Line(index + 1, line.strip())
            index += 1


def _end_of_fence(lines: Sequence[str], start: int, fence: str) -> int:
    for index in range(start + 1, len(lines)):
        stripped = lines[index].strip(" \t>")
        if stripped[:1] == fence[0] and len(stripped) >= len(fence) and not stripped.strip(fence[0]):
            return index
    return len(lines)


def _table(lines: Sequence[str], start: int, end: int) -> Table:
    headings = cells_of(lines[start])
    roles: list[str] = []
    for heading in headings:
        role = next((name for name, pattern in _ROLE.items() if pattern.match(heading.strip(": ："))), "")
        # A second column of the same kind ("说明" and "备注") adds to the description; any other is not read.
        roles.append(role if role not in roles or role in ("description", "limits") else "")
    rows = [
        Row(index + 1, cells, len(lines[index]) > MAX_ROW or len(cells) > MAX_CELLS)
        for index in range(start + 2, end)
        for cells in [cells_of(lines[index])]
    ]
    return Table(tuple(roles), headings, tuple(rows), start + 1)


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
    return re.sub(r"\[([^\]\n]{1,200})\]\([^)\n]{1,500}\)", r"\1", cell).strip(" \t")
