"""What the columns of a table say, by their headings, and by what stands below those that do not say it."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.column_roles import role_of
from understudy.specs.readers.fields.language_types import in_plain_words
from understudy.specs.readers.text.page_text import parse_type

if TYPE_CHECKING:
    from collections.abc import Sequence


# Behind a name: whether the field is required.
_BADGE = re.compile(r"(?<=[\w`])\s{1,4}[*_`]{0,3}(?:required|optional|必填|选填)[*_`]{0,3}\Z", re.IGNORECASE)
_NAME_CELL = re.compile(r"[\s»›>\-–—+*·•└├│─↳`]{0,12}[A-Za-z_$][\w$.\[\]-]{0,79}[`*\s]{0,4}\Z")
_YES_NO = re.compile(
    r"[`*]{0,3}(?:yes|no|y|n|true|false|required|optional|是|否|必填|选填|可选|必选|✓|✔️?|✅|×|✗|❌)[`*]{0,3}\Z",
    re.IGNORECASE,
)
# The same in words of their own, below a heading that says nothing of it: "Remark".
_PRESENCE_CELL = re.compile(
    r"[`*]{0,3}(?:required|optional|mandatory|必填|选填|可选|必选|必须|非必填)[`*]{0,3}\Z", re.IGNORECASE
)
_SAID = {"required", "optional"}
_PLACE_CELL = re.compile(
    r"[`*]{0,3}(?:body|query|path|header|form(?:-?data)?|cookie)[`*]{0,3}\Z", re.IGNORECASE
)
# A column of the values of fields, where there is none of their types: and what stands in its cells.
_VALUES_HEADING = re.compile(r"values?|取值|值", re.IGNORECASE)
_FIELD_CELL = re.compile(r"[A-Za-z_][\w.]{0,60}(?:\[\])?")
_ALTERNATIVES = re.compile(r"[\w`\"]\s?[/,|、，]\s?[\w`\"]|\bor\b|或")
_CALL_OR_PRICE = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b|https?:|[$¥€£￥]\s?\d")
_WORDS_HEADING = re.compile(r"descri|说明|描述|備考|備註|备注", re.IGNORECASE)
_LIMIT_HEADING = re.compile(
    r"max|min|limit|length|range|count|most|least|限|最|长度|范围|个数", re.IGNORECASE
)


def roles_with_content(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The roles of the columns by their headings; where these do not say which column has the names, by what
    stands below: names in the first column, types in another. A column of such a table whose heading says
    nothing adds to the description."""
    roles = roles_of(headings)
    if _are_values_of_fields(headings, roles, rows):
        return ("name", "enum")
    if not rows or "method" in roles or {"name", "value"} == set(roles) - {""}:
        return tuple(roles)
    columns = [[cells[n] for cells in rows[:40] if n < len(cells) and cells[n]] for n in range(len(headings))]
    typed = next((n for n, cells in enumerate(columns) if cells and all(map(_is_type_cell, cells))), None)
    if "name" in roles and "type" not in roles and typed and not roles[typed]:
        roles[typed] = "type"
    if "name" not in roles and typed and roles[typed] in ("", "type") and columns[0]:
        bare = [_BADGE.sub("", cell) for cell in columns[0]]
        names = [cell for cell in bare if _NAME_CELL.match(cell) and not _is_type_cell(cell)]
        if len(names) * 10 >= len(columns[0]) * 6 and any(
            "_" in name or name[:1].islower() for name in names
        ):
            roles[0], roles[typed] = "name", "type"
    if "name" not in roles or not {"type", "required", "optional", "description"} & set(roles):
        return tuple(roles)
    for n, cells in enumerate(columns):
        is_second = roles[n] == "description" and "description" in roles[:n]
        if is_second and cells and all(map(_PRESENCE_CELL.match, cells)) and not _SAID & set(roles):
            roles[n] = "required"
        elif not roles[n] and cells and "place" not in roles and all(map(_PLACE_CELL.match, cells)):
            roles[n] = "place"
        elif not roles[n] and cells:
            said = all(_YES_NO.match(cell) for cell in cells) and not {"required", "optional"} & set(roles)
            roles[n] = "required" if said else "limits" if _is_of_limits(headings[n]) else "description"
    return tuple(roles)


def _is_of_limits(heading: str) -> bool:
    """Whether a column has limits alone: not one of "Description and limits", 描述与限制."""
    return _LIMIT_HEADING.search(heading) is not None and not _WORDS_HEADING.search(heading)


def _are_values_of_fields(
    headings: Sequence[str], roles: Sequence[str], rows: Sequence[Sequence[str]]
) -> bool:
    """Whether each row is a field with all of its values, `mode` and `fast / slow`: of a table that has nothing else,
    no name twice, and alternatives in some cell."""
    if list(roles) not in (["name", "value"], ["name", "limits"]) or not _VALUES_HEADING.fullmatch(
        headings[1]
    ):
        return False
    cells = [one for one in rows if len(one) > 1]
    names = [cell[0].strip("`* ") for cell in cells]
    return (
        len(set(names)) == len(names) > 0
        and all(_FIELD_CELL.fullmatch(name) for name in names)
        and any(_ALTERNATIVES.search(cell[1]) for cell in cells)
        and not any(_CALL_OR_PRICE.search(cell[1]) for cell in cells)
    )


def _is_type_cell(cell: str) -> bool:
    return parse_type(cell.partition(",")[0].strip("`*_ ")) is not None or bool(in_plain_words(cell))


def roles_of(headings: Sequence[str]) -> list[str]:
    roles: list[str] = []
    for heading in headings:
        role = role_of(heading)
        # A second column of the same kind ("说明" and "备注") adds to the description; any other is not read.
        roles.append(role if role not in roles or role in ("description", "limits") else "")
    if "name" not in roles and roles[:1] == ["child"]:
        roles[0] = "name"  # of the fields inside of the one that stands above the table
    return roles
