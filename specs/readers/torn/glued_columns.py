"""Rows whose cells a copy glued together, taken apart in the order of their headings.

ArgumentMandatory?typeInfo            FieldDataTypeRequired?DefaultExplanation
voiceText✅STRINGWhat is said.         fpsint64requiredNoneHow long it is.

Every column but that of words, the last one, has few values, so that where each ends is known.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.column_roles import role_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINE = 2_000
MIN_ROWS = 2
MAX_COLUMNS = 8

_NAME = r"(?P<name>[　»›└─>]{0,6}[ ]{0,2}[a-zA-Z_$][\w$.\[\]-]{0,79}?\*?)(?<!_)"
_OF = r"(?:\[\s?\w{0,12}\s?\]|<\w{1,20}>|\(\w{1,12}\))?"
_TYPE = (
    r"(?P<type>(?:(?i:(?:array|list)\sof\s(?:strings?|objects?|integers?|numbers?)|json\s(?:object|array)|(?:string|object|integer|number)\s(?:array|list)|enum\sstring"
    rf"|string|str|integer|int32|int64|int|long|number|float|double|decimal|boolean|bool|object|array|list|dict|map|json|enum|text|file){_OF}"
    r"|字符串数组|对象数组|字符串|文本|整数|整型|数字|浮点数|布尔值|布尔|对象|数组))(?:(?![a-z_])|(?=required|optional|yes|no|true|false|mandatory))"
)
_PRESENCE = (
    r"(?P<required>\*{0,2}(?:是(?!否)|否|非必[填选传须需]|必[填选传须需]|可选|选填|(?i:required|optional|mandatory|yes|no|true|false)(?![a-z_])"
    r"|[✓✔✅❌✘×√●○☑]|[YNMO](?![a-z_])|[10-](?=\D|\Z))\*{0,2})"
)
# The same before a default in small letters: "Nostandard".
_BEFORE_DEFAULT = _PRESENCE.removesuffix(r"\*{0,2})").removesuffix(")") + r"|(?:Yes|No)(?=[a-z]))\*{0,2})"
_DEFAULT = (
    r"(?P<default>`[^`]{0,80}`|\"[^\"]{0,80}\"|[“”][^“”]{0,80}[“”]|None|none|null|N/A|n/a|无|空|[-—–/]{1,2}(?!\d)|(?:true|false|True|False)(?![a-z])"
    r"|-?\d{1,9}(?:\.\d{1,4})?(?![\w.])|-?\d{1,9}(?:\.\d{1,4})?(?=[A-Z一-鿿])|[a-z0-9][\w.:*/-]{0,40}?(?=[A-Z一-鿿]|\Z))"
)
# A column of one bound: a number that no other digit follows, or a dash for none. A default before it ends there.
_BOUND = r"(?P<limits>[-—–](?!\d)|-?\d{1,9}(?:\.\d{1,4})?(?![\d.]))"
_BEFORE_BOUND = _DEFAULT.removesuffix(")") + r"|[a-z0-9][\w.:*/-]{0,40}?(?=[-—–]))"
# Values set apart by commas, the last of which ends where a capital begins the description; or a dash.
_VALUES = r"(?P<enum>[-—–]|[^\s,][^,\n]{0,60}(?:,[ ]?[^,\n]{1,60}?){1,40}(?<=[a-z0-9_)])(?=[A-Z]))"
_COLUMNS = {
    "name": _NAME,
    "type": _TYPE,
    "required": _PRESENCE,
    "default": _DEFAULT,
    "limits": _BOUND,
    "enum": _VALUES,
}

# The rows of a table: the line of each (index), and its cells in the order of the headings.
Rows = list[tuple[int, list[str]]]


def rows_of(lines: Sequence[str], index: int, heads: Sequence[str]) -> tuple[Rows, int]:
    """The rows below the headings at `index`, and the index behind the last one; none where the columns are others,
    or where fewer than two rows follow that have all of them."""
    rows: Rows = []
    index += 1
    while index < len(lines) and (cells := cells_of(lines[index], heads)):
        rows.append((index, cells))
        index += 1
    return (rows, index) if len(rows) >= MIN_ROWS else ([], index)


def cells_of(line: str, heads: Sequence[str]) -> list[str]:
    """The cells of a row in the order of its headings; [] where it is none."""
    pattern = _row_of(tuple(map(role_of, heads)))
    found = pattern.match(line.strip(" \t\n")[:MAX_LINE]) if pattern is not None else None
    return [cell or "" for cell in found.groups()] if found else []


@functools.lru_cache(maxsize=64)
def _row_of(roles: tuple[str, ...]) -> re.Pattern[str] | None:
    """What a row of these columns looks like; None where nothing tells where their cells end."""
    if (
        roles[:1] != ("name",)
        or "type" not in roles
        or len(roles) > MAX_COLUMNS
        or any(role != "limits" and roles.count(role) > 1 for role in roles)
    ):
        return None
    if not set(roles[:-1]) <= _COLUMNS.keys() or roles[-1] not in (*_COLUMNS, "description"):
        return None  # nothing tells where words end that are not the last
    before = {("default", "limits"): _BEFORE_BOUND, ("required", "default"): _BEFORE_DEFAULT}
    columns = [
        before.get((role, behind)) or _COLUMNS.get(role, r"(?P<description>.*)")
        for role, behind in zip(roles, [*roles[1:], ""], strict=True)
    ]
    return re.compile("".join(re.sub(r"\(\?P<\w+>", "(", column) for column in columns) + r"\s{0,4}\Z")
