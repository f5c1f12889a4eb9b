"""Calls set as outlines, the parts of each as entries with fields below, rewritten as parts of a page.

- Method: `POST`                     Method: `POST`
- Request parameters (JSON)          **Request parameters (JSON)**
  - `prompt` string (required)   →   - `prompt` string (required)
- Returns (202)                      **Returns (202)**
  - `task_id` string                 - `task_id` string
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import parse_type
from understudy.specs.readers.text.part_headings import part_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "outlined calls"
MAX_LINES = 30_000
MAX_LINE = 300

_ENTRY = re.compile(r"(?P<indent>[ \t]{0,40})[-*+•][ \t]{1,4}(?P<text>\S.*)\Z")
_FENCE = re.compile(r"\s{0,12}(?:`{3}|~{3})")
# An entry that names a field: in code or bold, or bare with its type behind.
_NAMED = re.compile(
    r"(?:(?:\*\*)?`[A-Za-z_$][\w$.\[\]-]{0,79}`|\*\*[A-Za-z_$][\w$.\[\]-]{0,79}\*\*)(?=[\s:：(（—–-]|\Z)"
    r"|[A-Za-z_$][\w$.\[\]-]{0,79}(?:\s?[(（:：]\s?|\s)(?P<type>[a-z]{3,10})(?![a-z])"
)
_WORD = re.compile(r"[`*_]{0,2}[A-Za-z]{3,10}(?![A-Za-z])")
_ASIDE = re.compile(r"\s?[(（][^()（）]{1,40}[)）]\Z")
# Of parameters that are in no body.
_PARAMETERS = re.compile(
    r"(?:query|path|url)\s?(?:string\s)?param(?:eter)?s?\Z|(?:查询|路径)(?:字符串)?参数\Z", re.IGNORECASE
)
_PARTS = ("body", "response")


def recognises(document: Document) -> bool:
    """Whether an entry of a list is a part of a call and has fields below it."""
    return any(_parts(document.lines[:MAX_LINES]))


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The page with those entries and their siblings as lines of their own; each line stays where it was."""
    lines = list(document.lines)
    shown = lines[:MAX_LINES]
    at = -1  # how deep the entries of the outline at hand stand
    inner = 0  # and those below the last of them
    starts = set(_parts(shown))
    for index, line in enumerate(shown):
        entry = _ENTRY.match(line[:MAX_LINE])
        depth = _depth(entry["indent"]) if entry else 0
        if index in starts and entry:
            at = depth
        if at < 0 or not line.strip():
            continue
        if entry is None:
            at = at if line[:1] in " \t" else -1
        elif depth < at or (depth == at and index not in starts and _is_field(entry["text"])):
            at = -1
        elif depth == at:
            below = _entry_below(shown, index)
            inner = _depth(below["indent"]) if below else 0
            text = entry["text"].strip()
            lines[index] = f"**{_bare(text)}**" if inner > at else text
        else:
            lines[index] = " " * (depth - inner) + line.lstrip()
    return Derived(replace(document, text="\n".join(lines)), range(1, len(lines) + 1))


def _parts(lines: Sequence[str]) -> Iterator[int]:
    """The indices of the entries that are a part of a call, with at least one field right below them."""
    is_code = False
    for index, line in enumerate(lines):
        if _FENCE.match(line):
            is_code = not is_code
        entry = None if is_code or len(line) > MAX_LINE else _ENTRY.match(line)
        if entry is None or not _is_part(entry["text"]):
            continue
        below = _entry_below(lines, index)
        if below and _depth(below["indent"]) > _depth(entry["indent"]) and _describes(below["text"]):
            yield index


def _is_part(text: str) -> bool:
    bare = _ASIDE.sub("", _bare(text)).strip()
    return part_of(bare) in _PARTS or _PARAMETERS.match(bare) is not None


def _is_field(text: str) -> bool:
    named = _NAMED.match(text)
    return named is not None and (named["type"] is None or parse_type(named["type"]) is not None)


def _describes(text: str) -> bool:
    """Whether an entry says something of its field: "`prompt` section" of a table of contents does not."""
    named = _NAMED.match(text)
    behind = text[named.end() :].lstrip() if named else ""
    word = _WORD.match(behind)
    says = behind[:1] in ":：(（—–-*" or (
        word is not None and parse_type(word.group().strip("`*_")) is not None
    )
    return _is_field(text) and (not behind or says or bool(named and named["type"]))


def _bare(text: str) -> str:
    return text.strip("*:： ")


def _entry_below(lines: Sequence[str], index: int) -> re.Match[str] | None:
    """The entry on the next line that says something; None where that is none."""
    below = next((line for line in lines[index + 1 : index + 3] if line.strip()), "")
    return _ENTRY.match(below[:MAX_LINE])


def _depth(indent: str) -> int:
    return len(indent.expandtabs(4))
