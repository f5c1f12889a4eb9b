"""Types as TypeScript declares them, in the cell of a table: a choice of literals, an object with its members.

'waits' | 'runs' | 'ends'          Array<{ url?: string; [key: string]: unknown }>        { code: string } | null
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import Line, parse_type

if TYPE_CHECKING:
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.text.page_text import FieldDraft

_LITERAL = r"(?:'[^'|]{1,60}'|\"[^\"|]{1,60}\")"
_LITERALS = re.compile(rf"{_LITERAL}(?:\s{{0,2}}\|\s{{0,2}}(?:{_LITERAL}|null)){{1,40}}\Z")
_OBJECT = re.compile(
    r"(?P<list>(?:Array|List)<\s?)?\{(?P<members>[^{}]{1,600})\}\s?(?P<many>\[\])?(?(list)>)(?:\s?\|\s?(?:null|undefined))?\Z"
)
_MEMBER = re.compile(r"\s{0,3}(?P<name>[A-Za-z_$][\w$]{0,79})\s?\??\s?:\s?(?P<type>\S.{0,80})\Z")


def take(draft: FieldDraft, cell: str, line: int, log: FactLog) -> bool:
    """Whether a cell is such a type; then the field has its type, its values, and an example of what it holds."""
    text = cell.strip("`* ")
    if _LITERALS.match(text):
        values = re.findall(r"['\"]([^'\"]+)['\"]", text)
        draft.keywords.append(log.keyword("type", "string", line))
        draft.keywords.append(log.keyword("enum", values, line))
        return True
    found = _OBJECT.match(text)
    members = _members(found["members"]) if found else {}
    if found is None or not members:
        return False
    is_list = bool(found["list"] or found["many"])
    draft.keywords.append(log.keyword("type", "array" if is_list else "object", line))
    draft.samples.append(Line(line, json.dumps([members] if is_list else members)))
    return True


def _members(text: str) -> dict[str, str]:
    """The members of an object, each with the word for its type: "string"; "" where that is no plain one."""
    out: dict[str, str] = {}
    for part in re.split(r"[;,]", text):
        if found := _MEMBER.match(part.rstrip()):
            types = parse_type(found["type"])
            out[found["name"]] = types[0][1] if types and isinstance(types[0][1], str) else ""
    return out
