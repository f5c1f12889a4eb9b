"""Shapes in braces as people note them: names, perhaps with types and marks, and no quotes.

`{ text: string, look?: 'flat'|'deep', size?: { width } }`        `{id, status}`
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from understudy.specs.readers.text.page_text import parse_type

MAX_MEMBERS = 200
MAX_DEPTH = 6

_MEMBER = re.compile(
    r"[ \t]{0,4}(?:(?P<spread>\.{3}[\w.]{0,40})|(?P<name>[A-Za-z_$][\w$]{0,79})[ \t]{0,2}(?P<mark>\?)?[ \t]{0,2}(?P<colon>:)?)"
)
_PLAIN = re.compile(r"[^,;{}\[\]]{1,400}")
_PLAIN_LIST = re.compile(r"\[[^\[\]{}]{0,200}\]")
_MANY, _CLOSES = re.compile(r"\[\]"), re.compile(r"[ \t]{0,3}\]")
_LITERAL = re.compile(r"(?:true|false)\Z|(?P<number>-?\d[\d.]*)\Z|(?P<text>['\"][^'\"]{0,80}['\"])\Z")
_CHOICE = re.compile(r"['\"][^'\"|]{1,60}['\"](?:[ \t]{0,2}\|[ \t]{0,2}['\"][^'\"|]{1,60}['\"]){1,40}\Z")


@dataclass(frozen=True, slots=True)
class ShapeMember:
    """A member of a shape: its place, its type as a table has it, and its mark."""

    name: str
    type: str
    is_optional: bool


def members_of(text: str) -> list[ShapeMember]:
    """The fields of the shape with which a text begins; [] where it does not end, or is anything else."""
    text = text.lstrip("`")
    out: list[ShapeMember] = []
    end = _members(text, 1, "", out, 0)
    return out if end else []


def _members(text: str, at: int, above: str, out: list[ShapeMember], depth: int) -> int:
    """Behind the bracket that ends the members which begin at `at`; 0 where they are none."""
    while depth < MAX_DEPTH and len(out) < MAX_MEMBERS:
        found = _MEMBER.match(text, at)
        if found is None:
            return 0
        at = found.end()
        if found["name"]:
            place = f"{above}.{found['name']}" if above else found["name"]
            index = len(out)
            out.append(ShapeMember(place, "", found["mark"] is not None))
            type_, at = _type(text, at, place, out, depth) if found["colon"] else ("", at)
            if not at:
                return 0
            out[index] = replace(out[index], type=type_)
        at = _behind_blanks(text, at)
        if text[at : at + 1] in (",", ";"):
            at = _behind_blanks(text, at + 1)
        elif text[at : at + 1] != "}":
            return 0
        if text[at : at + 1] == "}":
            return at + 1
    return 0


def _behind_blanks(text: str, at: int) -> int:
    return at + len(text[at : at + 8]) - len(text[at : at + 8].lstrip(" \t"))


def _type(text: str, at: int, place: str, out: list[ShapeMember], depth: int) -> tuple[str, int]:
    """The type that stands at `at`, as a table has it, and the offset behind it, 0 where it has no end."""
    at = _behind_blanks(text, at)
    is_list = text[at : at + 1] == "["
    inner = _behind_blanks(text, at + 1) if is_list else at
    if text[inner : inner + 1] == "{":
        start = len(out)
        end = _members(text, inner + 1, f"{place}[]" if is_list else place, out, depth + 1)
        if not end:
            return "", 0
        closed = (_CLOSES if is_list else _MANY).match(text, end)
        if closed and not is_list:
            out[start:] = [replace(one, name=one.name.replace(place, f"{place}[]", 1)) for one in out[start:]]
        return ("array" if is_list or closed else "object"), closed.end() if closed else end
    if is_list:
        found = _PLAIN_LIST.match(text, at)
        return ("array", found.end()) if found else ("", 0)
    found = _PLAIN.match(text, at)
    if found is None:
        return "", 0
    end = found.end()
    named, many = _named(found.group().strip()), _MANY.match(text, end)
    if many is None:
        return named, end
    return (f"{named}[]" if named and not _CHOICE.match(named) else "array"), many.end()


def _named(text: str) -> str:
    """A plain type as a table has it; "" for one that nothing says what it is."""
    if literal := _LITERAL.match(text):
        return "number" if literal["number"] else "string" if literal["text"] else "boolean"
    if _CHOICE.match(text):
        return text
    return text if parse_type(text) else ""
