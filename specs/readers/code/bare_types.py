"""Types of TypeScript without a name, as a page's block shows a body, rewritten as JSON with what is said of each field.

    ```ts                                          ```json
    {                                              {
      prompt: string;                              "prompt": "string", // string, required
      mode?: "std" | "pro"; // how          →      "mode": "string", // string, optional. One of `std`, `pro`. how
      images?: { url: string }[];                  "images": [ // optional
    }                                              { "url": "string" // string, required
    ```                                            }]
                                                   }
They are read as examples are: beside a table of the fields they say nothing more.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.code import typescript_types
from understudy.specs.readers.code.declared_types import MAX_NESTED, choice
from understudy.specs.readers.derived import Derived
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.code.declared_types import Member

FORMAT = "types without a name"
MAX_LINES = 10_000
MAX_LINE = 1_000
MAX_BLOCK = 300
MIN_MEMBERS = 2

Lines = list[tuple[int, str]]

_OPENS, _CLOSES = re.compile(r"\s{0,12}\{\s{0,4}\Z"), re.compile(r"\s{0,12}\}\s{0,4};?\s{0,4}\Z")
# A member whose value is a type: it may be left out, or a full type word or a list of texts stands alone behind it.
_MEMBER = re.compile(
    r"\s{1,40}[A-Za-z_$][\w$]{0,79}(?:\?\s{0,4}:\s{0,4}\S|\s{0,4}:\s{0,4}(?:string|number|boolean|(?:\"[^\"]{1,60}\"|'[^']{1,60}')\s?\|)(?:\[\])?\s{0,4}(?:[;|]|//|\Z))"
)
# A key of JSON: then it is an example, or a mixture of both that is read as one.
_JSON_KEY = re.compile(r"\s{0,40}[\"'][\w-]{1,80}[\"']\s{0,4}:")
_EXAMPLES = {"string": '"string"', "number": "0.5", "boolean": "true", "object": "{}"}


def recognises(document: Document) -> bool:
    """Whether a fenced block is such a type."""
    return any(is_type for is_type, _ in _blocks(document))


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with JSON in place of each such type."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with types are read", MAX_LINES + 1)
    out: Lines = []
    for is_type, block in _blocks(document):
        out += _shown(block, log) if is_type else block
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _blocks(document: Document) -> Iterator[tuple[bool, Lines]]:
    """The lines of the page in parts, each with whether it is the inside of a block that is a type."""
    part: Lines = []
    fenced = False
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if FENCE.match(line[:60]):
            yield (fenced and _is_type(part, document), part)
            yield False, [(number, line)]
            part, fenced = [], not fenced
        else:
            part.append((number, line))
    yield False, part


def _is_type(block: Lines, document: Document) -> bool:
    """Whether a block has members between braces and nothing else."""
    inside = [text[:MAX_LINE] for _, text in block if text.strip()]
    if not MIN_MEMBERS + 2 <= len(inside) <= MAX_BLOCK or any(map(_JSON_KEY.match, inside)):
        return False
    is_closed = _OPENS.match(inside[0]) and _CLOSES.match(inside[-1])
    if not is_closed or sum(_MEMBER.match(line) is not None for line in inside) < MIN_MEMBERS:
        return False
    quiet = FactLog(document)
    typescript_types.parse(_declared(block), quiet)
    return not quiet.notes


def _declared(block: Lines) -> Lines:
    """The lines of a type with a name for it."""
    first = next(index for index, (_, text) in enumerate(block) if text.strip())
    return [*block[:first], (block[first][0], "interface Body {"), *block[first + 1 :]]


def _shown(block: Lines, log: FactLog) -> Lines:
    record = typescript_types.parse(_declared(block), log).records["Body"]
    return [(record.line, "{"), *_members(record.members, 0), (block[-1][0], "}")]


def _members(members: Sequence[Member], depth: int) -> Iterator[tuple[int, str]]:
    for member in members:
        comma = "" if member is members[-1] else ","
        presence = "required" if member.required else "optional"
        words = [choice(member.values), *(word.strip().rstrip(".") for word in member.words)]
        said = ". ".join(filter(None, [presence, *words]))
        opening, closing = ("[", "]") if member.is_list else ("", "")
        if member.record is not None and depth < MAX_NESTED:
            yield member.line, f'"{member.name}": {opening or "{"} // {said}'
            yield from [(member.line, "{")] if member.is_list else []
            yield from _members(member.record.members, depth + 1)
            yield member.line, f"}}{closing}{comma}"
        else:
            type_ = "string" if member.values and member.type == "any" else member.type
            value = _EXAMPLES.get(type_, "null")
            of_value = "" if member.is_list or value == "null" or type_ == "object" else f"{type_}, "
            yield member.line, f'"{member.name}": {opening}{value}{closing}{comma} // {of_value}{said}'
