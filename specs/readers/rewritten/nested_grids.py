"""Grids in reStructuredText of which a cell has rows of its own: what the parts of a field are, a row each.

| seconds | `Description`    | How long it is       |
|         +------------------+----------------------+
|         | `Allowed Values` | Integer              |
+---------+------------------+----------------------+
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_TEXT = 4_000
MAX_VALUES = 400
_FULL = re.compile(r"\s{0,12}\+[-=+]{2,2000}\+\s*\Z")
_WITHIN = re.compile(r"\s{0,12}\|[^|+]{1,200}\+-{2,200}(?:\+-{2,200}){0,20}\+\s*\Z")
_TYPE = re.compile(
    r"(?:(?!(?:of|or|and)\b)[\w-]{1,20}\s){0,2}(?P<type>string|integer|int|number|float|boolean|bool|array|list|object)s?\Z",
    re.IGNORECASE,
)
_AS_TEXT = re.compile(r"\A(?:stringified|serialized|encoded)\s\w{1,20}\Z", re.IGNORECASE)
_VALUES = re.compile(r"[\w.-]{1,60}(?:\s?(?:,|;|/|\bor\b)\s?[\w.-]{1,60}){0,40}")
_RANGE = re.compile(r"(?P<low>\d{1,9}(?:\.\d{1,6})?)\s?(?:-|to|\.\.)\s?(?P<high>\d{1,9}(?:\.\d{1,6})?)")
_WORD = re.compile(r"(?<![\w.-])(?!or\b)[\w.-]{1,60}")
_MARKUP = re.compile(r"\.\.\sraw::\shtml|</?\w{1,10}\s?/?>|``")
_LABELS = {
    "type": ("type", "data type", "format"),
    "default": ("default", "default value"),
    "required": ("required", "mandatory"),
    "values": ("allowed values", "values", "valid values", "possible values", "accepted values"),
    "description": ("description", "details", "meaning"),
}
_COLUMNS = ("Name", "Type", "Required", "Default", "Description")


def nested_rows(lines: Sequence[str], start: int, end: int) -> list[tuple[int, list[str]]]:
    """The rows of a grid whose second column has rows of its own, the headings first; none of others."""
    if not any(_WITHIN.match(line) for line in lines[start:end]):
        return []
    fields: list[tuple[int, str, list[list[str]]]] = []
    fresh = True
    for at in range(start, end):
        line = lines[at]
        if _FULL.match(line):
            fresh = True
            continue
        if _WITHIN.match(line) and fields:
            fields[-1][2].append(["", ""])
            continue
        name, *cells = (cell.strip() for cell in line.strip().strip("|").split("|"))
        if fresh:
            fields.append((at + 1, name, [["", ""]]))
            fresh = False
        _add(fields[-1][2][-1], cells)
    rows = [(line, [name, *_cells(parts)]) for line, name, parts in fields[1:] if name]
    rows = [(fields[0][0] if fields else 0, list(_COLUMNS)), *rows]
    said = [at for at in range(len(_COLUMNS)) if any(cells[at] for _, cells in rows[1:])]
    return [(line, [cells[at] for at in said]) for line, cells in rows] if set(said) & {1, 2, 3} else []


def _add(part: list[str], cells: Sequence[str]) -> None:
    """What a line adds to a part: to its label and to what it says, or to the latter alone."""
    label, said = (cells[0], " / ".join(cells[1:])) if len(cells) > 1 else ("", "".join(cells))
    part[0] = f"{part[0]} {label}".strip()[:MAX_VALUES]
    part[1] = f"{part[1]} {_MARKUP.sub('', said).strip()}".strip()[:MAX_TEXT]


def _cells(parts: Sequence[Sequence[str]]) -> tuple[str, str, str, str]:
    said = {_role(label): text for label, text in reversed(parts)}
    values, text = said.get("values", "")[:MAX_VALUES], said.get("description", "")
    typed = said.get("type", "") or _type(values)
    if (values and not typed) or "type" in said:
        text = f"{text.rstrip('. ')}. {_said(values)}".strip(". ")
    return typed, said.get("required", ""), said.get("default", ""), text


def _type(words: str) -> str:
    """The type that words in place of values say, as "Hex String" does: none of several, nor of items."""
    if _AS_TEXT.match(words):
        return "string"
    found = _TYPE.match(words)
    return found["type"].lower() if found else ""


def _said(values: str) -> str:
    """A sentence that has the values: a range, several words, a number; else what is said as it stands."""
    if found := _RANGE.fullmatch(values):
        return f"Range: {found['low']}-{found['high']}"
    words = _WORD.findall(values) if _VALUES.fullmatch(values) else []
    if (len(words) > 1 or values.isdecimal()) and not any(map(_type, words)):
        return f"Allowed values: {', '.join(f'`{one}`' for one in words)}"
    return values


def _role(label: str) -> str:
    plain = label.strip("`*: ").lower()
    return next((role for role, labels in _LABELS.items() if plain in labels), "" if plain else "description")
