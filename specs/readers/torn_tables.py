"""Tables that copying broke, rewritten as Markdown tables: each row on the line on which it begins.

| Name |          Name           字段名类型必填描述           <table>…</table>
Type |            Type           modelstring是模型名          between lines of Markdown
| model |         model
string |          string
(torn at pipes)   (a cell a line) (cells glued together)     (HTML)
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers import html_page, spaced_columns
from understudy.specs.readers.derived import Derived
from understudy.specs.readers.page_text import TYPE_WORDS, parse_type
from understudy.specs.readers.table_rows import role_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "torn tables"
MAX_LINES = 30_000
MAX_COLUMNS = 8
MAX_LINE = 2_000
MAX_TABLE = 3_000  # lines of HTML in one table
MAX_MORE = 8  # lines on which the description of a glued row goes on

_TABLE = re.compile(r"\s{0,12}<table\b", re.IGNORECASE)
_END_OF_TABLE = re.compile(r"</table\s*>", re.IGNORECASE)
_TORN = re.compile(r"\|[^|]{1,40}\|\Z")
_NAME = re.compile(r"[A-Za-z_$][\w$.\[\]-]{0,79}\*?\Z")
_YES_NO = re.compile(
    r"(?:yes|no|y|n|true|false|required|optional|是|否|必填|选填|可选|必选|必须|非必须|非必填|✓|✗|√|×)\Z",
    re.IGNORECASE,
)
# The words that head columns where cells are glued, each with what it is; the longer ones first.
_HEADS = sorted(
    (
        "字段名称", "参数名称", "字段名", "参数名", "字段", "参数", "名称", "字段类型", "参数类型", "数据类型", "类型", "是否必填", "是否必选", "是否必须",
        "必填", "必选", "必须", "默认值", "默认", "描述", "说明", "备注", "示例值", "示例", "取值范围", "可选值",
        "Parameter", "Field", "Name", "Type", "Required", "Default", "Description", "Example", "Range", "Title", "Options",
    ),
    key=len, reverse=True,
)  # fmt: skip
_GLUED_HEADS = re.compile(rf"(?:(?:{'|'.join(_HEADS)})[ ]{{0,2}}){{3,{MAX_COLUMNS}}}\Z")
_HEAD = re.compile("|".join(_HEADS))
_TYPES = "|".join(sorted((word for word in TYPE_WORDS if word != "text"), key=len, reverse=True))
_GLUED_ROW = re.compile(
    rf"(?P<name>[a-zA-Z_$][\w$.\[\]-]{{0,79}}?)(?<!_)[ ]{{0,2}}(?P<type>(?:{_TYPES})(?:\[\]|<\w{{1,20}}>)?)[ ]{{0,2}}(?P<required>是(?!否)|否|必填|选填|可选|必选|Yes|No|yes|no|true|false|required|optional|Required|Optional)?[ ]{{0,2}}(?P<rest>(?(required)|(?![a-z])).*)\Z"
)
# A default and a range between the type and the description, glued too: 0.50.0 ~ 1.0Guidance.
_N = r"-?\d{1,9}(?:\.\d{1,4}?)?"
_SET_APART = re.compile(
    rf"(?P<default>\"[^\"]{{0,80}}\"|[“”][^“”]{{0,80}}[“”]|{_N}|true|false|-)(?P<limits>-(?!\d)|{_N}\s?[~–-]\s?-?\d{{1,9}}(?:\.\d{{1,4}})?)(?P<rest>(?![\d.]).*)\Z"
)


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
        or _GLUED_HEADS.match(line.strip())
        or spaced_columns.heads_of(line)
        or spaced_columns.torn_rows(lines, index)[0]
        or _aligned_heads(line)
    )


def rewritten(document: Document, log: FactLog) -> Derived:
    """The text with each such table as a Markdown table."""
    lines = document.lines
    out: list[tuple[int, str]] = []
    index, fenced = 0, False
    while index < len(lines):
        if lines[index].lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        found = None if fenced or index >= MAX_LINES else _table(document, lines, index, log)
        if found is None:
            out.append((index + 1, lines[index]))
            index += 1
        else:
            rows, index = found
            out += [(rows[0][0], ""), *rows, (rows[-1][0], "")]
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


Rows = list[tuple[int, str]]


def _table(document: Document, lines: Sequence[str], index: int, log: FactLog) -> tuple[Rows, int] | None:
    """The rows of the table that begins on this line, as Markdown, and the index behind it."""
    line = lines[index]
    if _TABLE.match(line[:100]):
        return _html(document, lines, index, log)
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
        return _listed(lines, index, heads)
    if _GLUED_HEADS.match(line.strip()):
        return _glued(lines, index)
    if heads := _aligned_heads(line):
        return _aligned(lines, index, heads)
    return None


def _row(number: int, cells: Sequence[str]) -> tuple[int, str]:
    return number, f"| {' | '.join(cell.strip() for cell in cells)} |"


def _with_heads(number: int, heads: Sequence[str], rows: Rows) -> Rows:
    return [_row(number, heads), (number, "|" + " --- |" * len(heads)), *rows]


def _html(document: Document, lines: Sequence[str], index: int, log: FactLog) -> tuple[Rows, int] | None:
    limit = min(len(lines), index + MAX_TABLE)
    end = next((n for n in range(index, limit) if _END_OF_TABLE.search(lines[n])), -1)
    if end < 0:
        return None
    # The lines above are empty, so that the rows have the lines of the document.
    part = replace(document, text="\n" * index + "\n".join(lines[index : end + 1]))
    made = html_page.rewritten(part, log)
    rows = [(made.line(n), text) for n, text in enumerate(made.document.lines, 1) if text.strip()]
    return (rows, end + 1) if rows else None


def _roles(heads: Sequence[str]) -> list[str]:
    return [role_of(head) for head in heads]


def _says_fields(heads: Sequence[str]) -> bool:
    roles = _roles(heads)
    return roles[:1] == ["name"] and len(heads) >= 3 and "type" in roles and all(roles)


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
    heads: list[str] = []
    for line in lines[index : index + MAX_COLUMNS]:
        text = line.strip()
        if not text or len(text) > 20 or not role_of(text) or (heads and role_of(text) == "name"):
            break
        heads.append(text)
    return heads if _says_fields(heads) else []


def _listed(lines: Sequence[str], index: int, heads: Sequence[str]) -> tuple[Rows, int] | None:
    """The rows below such headings: each begins where a name stands and its other cells fit."""
    roles = _roles(heads)
    start = index
    index += len(heads)
    begins: list[int] = []
    last = index
    for at in range(index, min(len(lines), index + MAX_TABLE)):
        if _begins_row(lines, at, roles):
            begins.append(at)
            last = at
        elif at - last > MAX_COLUMNS + 12 or (
            begins and lines[at].lstrip().startswith(("#", "{", "```", "curl"))
        ):
            break
    if not begins or begins[0] - index > 1:
        return None
    rows: Rows = []
    end = begins[0]
    for number, at in enumerate(begins):
        end = begins[number + 1] if number + 1 < len(begins) else min(len(lines), at + len(heads))
        cells = [line.strip().replace("|", "\\|") for line in lines[at:end] if line.strip()]
        rows.append(_row(at + 1, [*cells[: len(heads) - 1], "<br>".join(cells[len(heads) - 1 :])]))
    return _with_heads(start + 1, heads, rows), end


def _begins_row(lines: Sequence[str], at: int, roles: Sequence[str]) -> bool:
    """Whether the cells of a row begin here: a name, and a type and a yes or no at their places."""
    if not _NAME.match(lines[at].strip()[:90]):
        return False
    for place, role in enumerate(roles):
        cell = lines[at + place].strip() if at + place < len(lines) else ""
        if (role == "type" and parse_type(cell) is None) or (role == "required" and not _YES_NO.match(cell)):
            return False
    return True


def _aligned_heads(line: str) -> list[str]:
    """The headings of a table whose columns are set apart by blanks; [] for another line."""
    heads = re.split(r"[ ]{2,}", line.strip()[:300]) if "   " in line[:300] and "|" not in line else []
    return heads if _says_fields(heads) else []


def _aligned(lines: Sequence[str], index: int, heads: Sequence[str]) -> tuple[Rows, int] | None:
    start = index
    rows: Rows = []
    index += 1
    while index < len(lines) and len(lines[index]) <= MAX_LINE:
        cells = re.split(r"[ ]{2,}", lines[index].strip(), maxsplit=len(heads) - 1)
        if set("".join(cells)) <= set("-= ") and not rows and lines[index].strip():
            index += 1
            continue
        if len(cells) < 2 or not _NAME.match(cells[0][:90]):
            break
        rows.append(_row(index + 1, [cell.replace("|", "\\|") for cell in cells]))
        index += 1
    return (_with_heads(start + 1, heads, rows), index) if rows else None


def _glued(lines: Sequence[str], index: int) -> tuple[Rows, int] | None:
    """The rows below glued headings, as far as each is a name, a type, perhaps a yes or no, and a text."""
    heads = _HEAD.findall(lines[index])
    if heads and heads[0] in ("参数类型", "字段类型"):
        heads = [heads[0][:2], heads[0][2:], *heads[1:]]  # names come first: 参数 and 类型 glued
    roles = _roles(heads)
    if roles[:1] != ["name"] or "type" not in roles:
        return None
    start = index
    rows: Rows = []
    index += 1
    while found := _glued_row(lines, index):
        cells = [found[role] or "" if role in ("name", "type", "required") else "" for role in roles]
        more = _SET_APART.match(found["rest"]) if "default" in roles and "limits" in roles else None
        if more:
            cells[roles.index("default")], cells[roles.index("limits")] = more["default"], more["limits"]
        end = _end_of_row(lines, index)
        if "description" in roles:
            texts = [
                more["rest"] if more else found["rest"],
                *(line.strip() for line in lines[index + 1 : end]),
            ]
            cells[roles.index("description")] = "<br>".join(texts)
        rows.append(_row(index + 1, [cell.replace("|", "\\|") for cell in cells]))
        index = end
    return (_with_heads(start + 1, heads, rows), index) if rows else None


def _glued_row(lines: Sequence[str], index: int) -> re.Match[str] | None:
    return _GLUED_ROW.match(lines[index].strip()[:MAX_LINE]) if index < len(lines) else None


def _end_of_row(lines: Sequence[str], index: int) -> int:
    """Behind the row at `index`: the lines up to the next row go on with its description, where there is one near."""
    for end in range(index + 1, min(index + MAX_MORE + 1, len(lines))):
        if _glued_row(lines, end):
            return end
        if not lines[end].strip() or _GLUED_HEADS.match(lines[end].strip()):
            break
    return index + 1
