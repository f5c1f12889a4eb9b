"""Tables whose columns are set apart by single blanks, as some browsers and converters copy them.

Field Type Required Default Description          | Field | Type | Required | Description |
mode string Optional std One of std, pro         |---|---|---|---|
sound                                            mode |
boolean Optional false Whether there is any      string | No | One of std, pro |
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.column_roles import role_of
from understudy.specs.readers.text.page_text import TYPE_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINE = 2_000
# Lines of one table, lines on which a description goes on, and lines of one torn row.
MAX_TABLE = 3_000
MAX_MORE = 30
MAX_TORN = 24
MIN_SENTENCE = 3  # words of a description, which no default has

_NAME = r"[A-Za-z_$][\w$.\[\]-]{0,79}(?:[ ][-–—>][ ][A-Za-z_]\w{0,79})?"
_TYPES = "|".join(
    sorted((word for word in TYPE_WORDS if word.isascii() and word != "text"), key=len, reverse=True)
)
_TYPE = rf"(?:array[ ]of[ ]\w{{3,20}}|{_TYPES})(?:\[\]|<\w{{1,20}}>|\[\w{{1,20}}\])?"
_REQUIRED = r"(?:\*\*)?(?:yes|no|required|mandatory|optional|true|false|是|否|非?必[填选须传需]|选填|可选|[✓✔✅❌✘×√●○-]|[ymno10](?=\s))(?:\*\*)?"
_REST = r"(?:[ ]{1,3}(?P<rest>\S.*))?\Z"
# What follows the name, by the order of the columns; the name may stand on the line before.
_AFTER = {
    ("type", "required"): rf"(?P<type>{_TYPE})[ ]{{1,3}}(?P<required>{_REQUIRED}){_REST}",
    ("type", "description"): rf"(?P<type>{_TYPE})(?P<required>){_REST}",
    ("required", "type"): rf"(?P<required>{_REQUIRED})[ ]{{1,3}}(?P<type>{_TYPE}){_REST}",
}
_UNNAMED = {order: re.compile(after, re.IGNORECASE) for order, after in _AFTER.items()}
_ROW = {
    order: re.compile(rf"(?P<name>{_NAME})[ ]{{1,3}}{after}", re.IGNORECASE)
    for order, after in _AFTER.items()
}
_USUAL = {
    ("name", *order, *default, "description") if order[-1] != "description" else ("name", *order)
    for order in _AFTER
    for default in ((), ("default",))
}
# Columns in any other order: what a cell of each may be.
_ANY_TYPE = rf"(?:(?:(?:enum|json)[ ])?{_TYPE}(?:[ ]\(enum\)|[ ]enum)?|enum(?:<\w{{3,10}}>)?|(?:对象|字符串|整数|数字)?数组|字符串|整型|整数|数字|浮点数|布尔值?|对象)"
_VALUE = r"(?:\"[^\"]{0,120}\"|`[^`]{0,120}`|[^\s,、|]{1,120})"
_BOUND = r"(?:(?:max|min)(?:imum)?(?:[ ](?:length|items|value))?[ :]{1,2}\d{1,9}|-?\d[\d.]{0,12}\s?[-~–～]\s?-?\d[\d.]{0,12})"
_CELLS = {
    "type": _ANY_TYPE,
    "required": _REQUIRED,
    "default": _VALUE,
    "example": _VALUE,
    "enum": rf"(?:{_BOUND}|{_VALUE}(?:\s?[,、|/]\s?{_VALUE}){{0,40}})",
    "limits": rf"(?:{_BOUND}|{_VALUE}(?:\s?[,、|/~]\s?{_VALUE}){{0,3}})",
}
_LEVEL = re.compile(r"(?P<level>[\u3000└├│─→>»]*)[ ]{0,3}")
_ALONE = re.compile(rf"{_NAME}\Z")
_ENDS = re.compile(
    r"[#{}`|]|curl\b|(?:request|response|return|query|path|header|result)s?\b.{0,20}\Z|(?:请求|响应|返回|输入|输出|查询|路径)[一-鿿]{0,4}\Z|[入出]参|(?:create|query)\s.{1,40}\Z",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*){1,12}\|?\Z")
_BEHIND_DEFAULT = re.compile(r"\s(?=(?:Options|Allowed|Range|Max|Min)\s?:)")
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(slots=True)
class SpacedRow:
    """A row: its line, its cells by role, and what its description goes on with."""

    line: int
    cells: dict[str, str]
    more: list[str] = field(default_factory=list)

    def texts(self, roles: Sequence[str]) -> list[str]:
        cells = dict(self.cells)
        cells["description"] = "<br>".join(filter(None, [cells.get("description", ""), *self.more]))
        return [cells.get(role, "").replace("|", "\\|") for role in roles]


def heads_of(line: str) -> list[str]:
    """The headings of such a table, each of one word or two; [] for another line."""
    words = line.split() if len(line) <= 120 and "|" not in line and "\t" not in line else []
    heads: list[str] = []
    while words and len(heads) < 8:
        two = " ".join(words[:2])
        taken = 2 if len(words) > 1 and role_of(two) else 1
        heads.append(" ".join(words[:taken]))
        if role_of(heads[0]) != "name":
            return []
        words = words[taken:]
    roles = [role_of(head) for head in heads]
    is_usual = roles[:1] == ["name"] and tuple(roles[1:3]) in _AFTER and roles[-1:] == ["description"]
    is_whole = is_usual or _is_table(roles)
    return heads if is_whole and len(set(roles)) == len(roles) and not words else []


def _is_table(roles: Sequence[str]) -> bool:
    """Whether columns in any order can be told apart: a name first, a type, and text in one of them."""
    return (
        len(roles) > 2
        and roles[0] == "name"
        and {"type", "description"} <= set(roles)
        and set(roles[1:]) <= {*_CELLS, "description"}
    )


@functools.lru_cache(maxsize=64)
def _row_of(roles: tuple[str, ...]) -> re.Pattern[str]:
    """A row whose cells stand in this order, the text perhaps left out."""
    parts = [rf"(?P<name>{_NAME})"]
    for role in roles[1:]:
        if role == "description":
            parts.append(rf"(?:[ ]{{1,3}}(?P<description>\S.*{'' if role == roles[-1] else '?'}))?")
        else:
            parts.append(rf"[ ]{{1,3}}(?P<{role}>{_CELLS[role]})")
    return re.compile("".join(parts) + r"\Z", re.IGNORECASE)


def _rows_in_order(lines: Sequence[str], start: int, roles: tuple[str, ...]) -> tuple[list[SpacedRow], int]:
    """The rows below the headings at `start`, each on a line of its own, and the index behind the last one."""
    rows: list[SpacedRow] = []
    index = start + 1
    pattern = _row_of(roles)
    while index < len(lines) and index - start < MAX_TABLE:
        text = lines[index].strip(" \t")[:MAX_LINE]
        level = _LEVEL.match(text)
        found = pattern.match(text, level.end() if level else 0)
        if found:
            cells = {role: found[role] or "" for role in roles}
            cells["name"] = "└" * len(level["level"] if level else "") + cells["name"]
            rows.append(SpacedRow(index + 1, cells))
        elif rows and roles[-1] == "description" and text and not _ENDS.match(text[:200]):
            rows[-1].more.append(text)
        elif text or not rows:
            break
        else:
            after = lines[index + 1].strip(" \t")[:MAX_LINE] if index + 1 < len(lines) else ""
            if not pattern.match(after):
                break
        index += 1
    return rows, index


def rows_of(lines: Sequence[str], start: int, heads: Sequence[str]) -> tuple[list[SpacedRow], int]:
    """The rows below the headings at `start`, and the index behind the last one."""
    roles = [role_of(head) for head in heads]
    ordered, behind = _rows_in_order(lines, start, tuple(roles)) if _is_table(roles) else ([], start)
    if tuple(roles) not in _USUAL:
        return ordered, behind
    rows, end = _usual_rows(lines, start, roles)
    return (ordered, behind) if len(ordered) > len(rows) else (rows, end)


def _usual_rows(lines: Sequence[str], start: int, roles: Sequence[str]) -> tuple[list[SpacedRow], int]:
    """The rows of the usual columns, whose names and descriptions may have lines of their own."""
    order, has_default = (roles[1], roles[2]), "default" in roles
    rows: list[SpacedRow] = []
    index = end = start + 1
    while index < len(lines) and index - end < MAX_MORE and index - start < MAX_TABLE:
        text = lines[index].strip()
        found = _ROW[order].match(text[:MAX_LINE])
        below = None
        if not found and _ALONE.match(text[:200]) and index + 1 < len(lines):
            below = _UNNAMED[order].match(lines[index + 1].strip()[:MAX_LINE])
        if match := (found or below):
            name = match["name"] if match is found else text
            rows.append(SpacedRow(index + 1, _cells(name, match, has_default)))
            index += 2 if below else 1
            end = index
        elif not rows or _ENDS.match(text[:200]):
            break
        else:
            rows[-1].more += [text] if text else []
            index += 1
    if rows:
        # What follows the last row up to an empty line belongs to it.
        last = next(
            (
                n
                for n in range(end, len(lines))
                if not lines[n].strip() or _ENDS.match(lines[n].strip()[:200])
            ),
            end,
        )
        rows[-1].more = [line.strip() for line in lines[end : min(last, end + MAX_MORE)]]
        end = min(last, end + MAX_MORE)
    return rows, end


def _cells(name: str, match: re.Match[str], has_default: bool) -> dict[str, str]:
    rest = match["rest"] or ""
    default, _, after = rest.partition(" ") if has_default else ("", "", rest)
    return {
        "name": re.sub(r"\.N(?=\.|\Z)", "[]", name),  # "Images.N": each of them, by its number
        "type": match["type"],
        "required": match["required"],
        "default": default,
        "description": after,
    }


def _in_order(row: str, roles: Sequence[str]) -> str:
    """The row; of the column of defaults what is no default, a sentence or options, is in the description."""
    cells = [cell.strip() for cell in row.strip()[1:-1].split("|")]
    if "default" not in roles or roles[-1:] != ["description"] or len(cells) != len(roles):
        return row
    at = roles.index("default")
    if not cells[-1] and len(cells[at].split()) >= MIN_SENTENCE:
        cells[at], cells[-1] = "", cells[at]
    if found := _BEHIND_DEFAULT.search(cells[at]):
        cells[-1] = f"{cells[-1]}<br>{cells[at][found.end() :]}".removeprefix("<br>")
        cells[at] = cells[at][: found.start()]
    return f"| {' | '.join(cells)} |"


def torn_rows(lines: Sequence[str], start: int) -> tuple[list[tuple[int, str]], int]:
    """The lines of a Markdown table at `start` whose rows are torn, each row on one line, and the index behind
    it; no lines where it is whole."""
    if not _is_head(lines, start):
        return [], start
    heads = lines[start].strip()
    width = len(_PIPE.findall(heads)) - heads.startswith("|")
    if width < 3 or not (heads.startswith("|") or heads.endswith("|")):
        return [], start
    roles = [role_of(cell) for cell in heads.strip("|").split("|")]
    bar = lines[start + 1].strip()
    rows: list[tuple[int, str]] = []
    index, is_torn = start + 2, False
    while index < len(lines) and "|" in lines[index] and index - start < MAX_TABLE:
        if _is_head(lines, index):
            break  # of the next table, which is looked at by itself
        text = lines[index].strip()
        wanted = width + text.startswith("|")
        end = index + 1
        while (
            len(_PIPE.findall(text)) < wanted
            and end < min(len(lines), index + MAX_TORN)
            and lines[end].strip()
        ):
            text += f" {lines[end].strip()}"
            end += 1
        if len(_PIPE.findall(text)) != wanted:
            break
        is_torn = is_torn or end > index + 1
        rows.append((index + 1, text if text.startswith("|") else f"| {text}"))
        index = end
    if not is_torn:
        return [], start
    head = (start + 1, heads if heads.startswith("|") else f"| {heads}")
    below = (start + 2, bar if bar.startswith("|") else f"|{bar}")
    return [head, below, *((number, _in_order(row, roles)) for number, row in rows)], index


def _is_head(lines: Sequence[str], index: int) -> bool:
    """Whether a line is the headings of a Markdown table: the one below it separates them from rows."""
    return (
        index + 1 < len(lines)
        and "|" in lines[index]
        and _SEPARATOR.match(lines[index + 1].strip()[:400]) is not None
    )
