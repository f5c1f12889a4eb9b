"""Tables whose headings stand on one line and whose cells on lines of their own, as browsers copy some.

Field Type Default value Description
shape
string (enum)
16:9            ← the default, where one is given
Options:
16:9, 9:16
How wide it is
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.column_roles import role_of
from understudy.specs.readers.text.page_text import parse_type

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINE = 2_000
MAX_TABLE = 2_000
MAX_HEADS = 120
MIN_ROWS = 2

# A row: its line, and its cells, name, type, default and description.
Rows = list[tuple[int, list[str]]]
SHOWN = ("Field", "Type", "Default", "Description")

_HEADS = re.compile(r"[A-Z][a-z]+(?: [A-Za-z][a-z]+){2,6}\Z")
_NAME = re.compile(r"[A-Za-z_$][\w$.\[\]-]{0,79}\Z")
_TYPE = re.compile(
    r"(?P<type>[a-z]{3,10}(?:\[\w{0,12}\])?)(?:\s?\((?:enum|uri|url|date-time)\))?\Z|None\Z|Any\Z"
)
_ENDS = re.compile(
    r"(?:output|response|request|example|authentication|schema)s?\b.{0,30}\Z|[{}#`]|curl\b", re.IGNORECASE
)
_LABEL = re.compile(r"(?:options|allowed values|min|max|range)\s?:", re.IGNORECASE)
_SENTENCE = re.compile(r"\S+\s\S+\s\S+|.*[.。]\Z")


def heads_of(line: str) -> bool:
    """Whether a line is such headings: names, types, defaults among others, and descriptions last."""
    if len(line) > MAX_HEADS or not _HEADS.match(line.strip()):
        return False
    words = re.findall(r"[A-Z][a-z]+(?:\s[a-z]+)?", line)
    roles = [role_of(word) for word in words]
    return (
        roles[:2] == ["name", "type"] and "default" in roles and roles[-1:] == ["description"] and all(roles)
    )


def rows_of(lines: Sequence[str], start: int) -> tuple[Rows, int]:
    """The rows below the headings at `start`, and the index behind the last one."""
    rows: Rows = []
    index = start + 1
    while index < min(len(lines), start + MAX_TABLE):
        text = lines[index].strip()
        if not text:
            index += 1
        elif type_ := _type_below(lines, index):
            end = _end_of_row(lines, index + 2)
            cells = [line.strip() for line in lines[index + 2 : end] if line.strip()]
            rows.append((index + 1, [text, type_, *_default_and_words(cells)]))
            index = end
        else:
            break
    return (rows, index) if len(rows) >= MIN_ROWS else ([], start)


def _type_below(lines: Sequence[str], index: int) -> str:
    """The type on the line below a name, " " for one that says none; "" where no row begins."""
    if index + 1 >= len(lines) or not _NAME.match(lines[index].strip()[:90]):
        return ""
    found = _TYPE.match(lines[index + 1].strip()[:90])
    if found is None or parse_type(lines[index].strip()):
        return ""
    if not found["type"]:
        return " "
    return found["type"] if parse_type(found["type"]) else ""


def _end_of_row(lines: Sequence[str], index: int) -> int:
    while index < len(lines):
        if _type_below(lines, index) or _ENDS.match(lines[index].strip()[:200]):
            break
        index += 1
    return index


def _default_and_words(cells: list[str]) -> list[str]:
    """The default, if the first of several cells can be one, and everything else as the description."""
    default = ""
    if len(cells) > 1 and not _SENTENCE.match(cells[0]) and not _LABEL.match(cells[0]):
        default, cells = cells[0], cells[1:]
    return [cell.replace("|", "\\|") for cell in (default, "<br>".join(cells))]
