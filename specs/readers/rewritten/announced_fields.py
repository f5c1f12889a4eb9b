"""Fields that stand a paragraph each below a heading which says of all whether they are required, as a list.

Required parameters                        Required parameters
                                           - `engine` (Any): Must be set to `fast_2`.
engine: Must be set to fast_2.             - `wish` (Any): What to do:
wish: What to do:                     →      - `words` (string): A text value that leads it.
  • words: A text value that leads it.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import FENCE, parse_type
from understudy.specs.readers.text.part_headings import PRESENCE_LINE, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "announced fields"
MAX_LINES = 30_000
MAX_LINE = 2_000
MIN_FIELDS = 2

_NAME = r"(?P<mark>`?)(?P<name>[a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){0,6}|[a-z]{1,30}(?:[A-Z][a-z0-9]{0,30}){1,6})(?P=mark)"
_ASIDE = r"(?:\s?[(（](?P<said>[^()（）]{1,40})[)）])?"
_PARAGRAPH = re.compile(rf"{_NAME}{_ASIDE}\s?[:：]\s{{0,3}}(?P<words>(?![{{\[/])\S.*)\Z")
_BULLET = re.compile(
    rf"(?P<indent>[ \t]{{0,24}})[-*+•◦][ \t]{{1,3}}{_NAME}{_ASIDE}\s?[:：]\s{{0,3}}(?P<words>\S.*)\Z"
)
# "A bool value to …", "An integer between …": a type, and what is said of it.
_TYPED = re.compile(
    r"(?:an?|the)\s(?P<type>bool|boolean|string|text|integer|int|number|float|object|array|list)\s(?:values?\b|that\b|which\b|of\b|to\b|between\b|with\b|for\b)",
    re.IGNORECASE,
)
# Before a colon: what is no name of a field.
_NO_NAMES = frozenset(
    [
        "note",
        "notes",
        "tip",
        "tips",
        "info",
        "hint",
        "hints",
        "warning",
        "warnings",
        "important",
        "caution",
        "remark",
        "remarks",
        "example",
        "examples",
        "step",
        "steps",
        "see",
        "contact",
        "curl",
        "usage",
        "returns",
        "response",
        "request",
        "default",
        "defaults",
        "http",
        "https",
        "todo",
        "fixme",
    ]
)
# Between two fields: a remark, which ends nothing.
_REMARK = re.compile(
    r"(?:notes?|tips?|info|warning|important|caution|注意|说明|提示)\s?[:：]?\Z", re.IGNORECASE
)
_TITLE = re.compile(r"[A-Z一-鿿][^.。:：,，;；]{1,50}\Z")
_PRESENCE = re.compile(r"optional|required|mandatory|可选|选填|必填|必选", re.IGNORECASE)

# An entry: the index of its line, how deep its bullet stands (-1 for a paragraph), and what it says.
Entry = tuple[int, int, "re.Match[str]"]


def recognises(document: Document) -> bool:
    """Whether two fields or more stand there a paragraph each below such a heading."""
    found = 0
    for _, depth, _match in _entries(document.lines[:MAX_LINES]):
        found += depth < 0
        if found == MIN_FIELDS:
            return True
    return False


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The page with an entry of a list for each of them; each line stays where it was."""
    lines = list(document.lines)
    open_: list[int] = []
    for index, depth, match in _entries(lines[:MAX_LINES]):
        while open_ and open_[-1] >= depth:
            open_.pop()
        open_.append(depth)
        lines[index] = f"{'  ' * (len(open_) - 1)}- `{match['name']}` ({_said(match)}): {match['words']}"
    return Derived(replace(document, text="\n".join(lines)), range(1, len(lines) + 1))


def _said(match: re.Match[str]) -> str:
    """What stands in brackets behind the name of an entry: its type, and whether it is required."""
    typed = _TYPED.match(match["words"])
    presence = _PRESENCE.search(match["said"] or "")
    types = parse_type(typed["type"].lower()) if typed else None
    words = [
        str(types[0][1]) if types and len(types) == 1 else "",
        presence.group().lower() if presence else "",
    ]
    return ", ".join(filter(None, words)) or "Any"


def _entries(lines: Sequence[str]) -> Iterator[Entry]:
    """The paragraphs that are fields, and the entries below them, on lines below such a heading."""
    is_below = is_field = is_code = False
    for index, line in enumerate(lines):
        text = line.strip()[:MAX_LINE]
        if FENCE.match(line[:60]):
            is_code = not is_code
        if not text or is_code:
            continue
        heading = text.strip("#*:： ")
        if PRESENCE_LINE.fullmatch(heading[:80]):
            is_below, is_field = True, False
        elif not is_below or _REMARK.fullmatch(heading[:40]):
            is_field = False
        elif text.startswith(("#", "|", "**")) or part_of(text) or _TITLE.match(text):
            is_below = is_field = False
        elif paragraph := _PARAGRAPH.match(line[:MAX_LINE].rstrip()):
            is_field = bool(paragraph["mark"]) or paragraph["name"] not in _NO_NAMES
            if is_field:
                yield index, -1, paragraph
        elif is_field and (bullet := _BULLET.match(line[:MAX_LINE].rstrip())):
            yield index, len(bullet["indent"].expandtabs(4)), bullet
