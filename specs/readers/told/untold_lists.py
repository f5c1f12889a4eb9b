"""Lists of alternatives that stand in a document and are in no fact: in a line, or in the cells of a table.

`a`, `b`        540p, 720p, 4k        16:9, 9:16        JPG、JPEG        std, pro Video …        (made/failed)

| Name  | Model        |
| Quick | clip-2-quick |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import Note
from understudy.specs.prose.values import FILE_KINDS
from understudy.specs.readers.text.page_text import METHODS, TYPE_WORDS
from understudy.specs.readers.told.excerpts import Unread

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Set

    from understudy.specs.documents import Document

LIST = "untold-list"
ALTERNATIVES = "alternatives"
MAX_LINES = 30_000
MAX_LINE = 2_000
MAX_SHOWN = 12

_CODE = r"(?:`(?![\s/{])[^`\n]{1,40}(?<!\s)`|\"(?![\s/{])[^\"\n]{1,40}(?<!\s)\")"
# What a value means may stand in brackets behind it, and blanks alone may set values apart.
_MEANING = r"(?:\s?\([^()\n]{1,60}\))?"
_JOINER = r"(?:,|/|\\?\||;|\b(?:or|ou|oder|o|y|e|et|und|и|или)\b|或|和|と|または|또는)"
_LISTS = re.compile(
    rf"{_CODE}(?:{_MEANING}\s{{0,2}}{_JOINER}\s{{0,2}}{_CODE}|\s{{1,2}}{_CODE}){{1,40}}", re.IGNORECASE
)
# The same without marks, of words that no language has: "model-1, model-2-fast".
_CODED = r"(?:(?=[A-Za-z._-]{0,40}\d)[A-Za-z][\w.-]{1,40}|\d{1,5}[A-Za-z]{1,4}\b|\d{3,4}\b(?![.:]))"
_BARE_LISTS = re.compile(rf"(?<![\w./-]){_CODED}(?:\s{{0,2}}[,、|]\s{{0,2}}{_CODED}){{1,40}}", re.ASCII)
# Kinds of files, which many pages list without marks: "JPG、JPEG、PNG", ".mp4 / .mov".
_KIND = rf"\.?(?:{'|'.join(sorted(FILE_KINDS, key=len, reverse=True))})(?![\w])"
_KINDS_LISTS = re.compile(
    rf"(?<![A-Za-z0-9_./]){_KIND}(?:\s{{0,2}}(?:,|、|/|\||\bor\b|\band\b|或|和)\s{{0,2}}(?:(?:or|and)\s)?{_KIND}){{1,12}}",
    re.IGNORECASE,
)
# A line of a rendered page that begins with values: "std, pro Length of the clip".
_LEADING = re.compile(
    r"\A\s{0,4}(?P<list>[a-z0-9][\w.:+-]{0,39}(?:,[ ][a-z0-9][\w.:+-]{0,39}){1,40})(?=[ ]?(?:\Z|[A-Z\"]))",
    re.ASCII,
)
_RATIOS = re.compile(
    r"(?<![\w:.])\d{1,2}:\d{1,2}(?:\s{0,2}(?:,|、|/|\||\bor\b|或)\s{0,2}(?:or\s)?\d{1,2}:\d{1,2}){1,20}(?![\w:])"
)
_SLASHED = re.compile(r"[(（]\s?(?P<list>[a-z][a-z_-]{1,30}(?:\s?/\s?[a-z][a-z_-]{1,30}){1,12})\s?[)）]")
# Plain words behind a colon with "or" before the last; and the comment of a key that is a list alone.
_WORDED = re.compile(
    r"[:：]\s?(?P<list>[A-Za-z0-9][\w.-]{0,30}(?:\s?[,、]\s?[A-Za-z0-9][\w.-]{0,30}){0,20}(?:\s?,)?(?:\sor\s|\s?或\s?)[A-Za-z0-9][\w-]{0,30})(?=[.;)。]|\s{0,3}(?:\||\Z))",
    re.ASCII,
)
_COMMENT = re.compile(
    r"\A\"[\w-]{1,80}\":\s?(?P<list>[\w.:+-]{1,40}(?:\s?[/·|]\s?[\w.:+-]{1,40}){1,20})\s{0,3}\Z", re.ASCII
)
_QUOTED_WORD = re.compile(r"(?<![\w'])'([\w.:+-]{1,30})'(?![\w'])", re.ASCII)
_OTHERS = tuple(
    (pattern, re.compile(separators))
    for pattern, separators in (
        (_BARE_LISTS, "[,、|]"),
        (_LEADING, r",\s"),
        (_RATIOS, r"[^\d:]+"),
        (_SLASHED, r"\s?/\s?"),
        (_WORDED, r"\s?[,、]\s?(?:or\s)?|\sor\s|\s?或\s?"),
        (_COMMENT, r"\s?[/·|]\s?"),
    )
)
_SURE = (_WORDED, _COMMENT)
# Several values in one span of code, and the unit behind the last: `5 / 10 s`.
_APART = re.compile(r"\s?[,|、]\s?|\s/\s")
_UNIT = re.compile(r"(?<=\d)\s?(?:s|secs?|seconds?|秒)\Z")
_ENTRY = re.compile(
    r"\s{0,8}[-*•·]\s{1,3}(?P<value>`?[\w.:+-]{2,60}`?)(?=\s{0,2}(?:[-–—:：(（]|\Z))", re.ASCII
)
_CELL_VALUE = re.compile(
    r"`?(?P<value>\d{1,2}:\d{1,2}|(?=[\w.:+-]*[A-Za-z])(?=[\w.:+-]*[\d_-])[A-Za-z0-9][\w.:+-]{1,60})`?\Z",
    re.ASCII,
)


# What stands behind a name and is no value: "`enum` `optional`".
_LABELS = frozenset([*TYPE_WORDS, "enum", "required", "optional", "URL", "url", "Base64", "base64"])
# The values that every boolean has, and the words of requests.
_NO_VALUES = frozenset(["true", "false", *(one.upper() for one in METHODS)])


def unread_lists(text: str, values: Set[str], names: Set[str]) -> Iterator[Unread]:
    """Lists of alternatives of which none is a value, and which are no names."""
    for match in _LISTS.finditer(text):
        codes = [one.strip('`"') for one in re.findall(_CODE, match.group())]
        if text.lstrip()[:1] == "|" and codes[0] in names:
            codes = codes[1:]  # the name of a row, before its cell of values
        several = {part for one in codes for part in _APART.split(_UNIT.sub("", one))}
        leaves = {one.rpartition(".")[2].removesuffix("[]") for one in several}
        if (
            len(several) > 1
            and not several - _LABELS <= values
            and not (several & _LABELS)
            and not leaves <= names | _NO_VALUES
        ):
            yield Unread(ALTERNATIVES, *match.span())
    for match in _KINDS_LISTS.finditer(text):
        several = {one.lower() for one in re.findall(r"\w+", match.group())} - {"or", "and"}
        if len(several) > 1 and not several <= {one.lower() for one in values}:
            yield Unread(ALTERNATIVES, *match.span())
    quoted = list(_QUOTED_WORD.finditer(text))
    several = {one[1] for one in quoted}
    if len(several) > 1 and not several <= values and not several & names:
        yield Unread(ALTERNATIVES, quoted[0].start(), quoted[-1].end())
    for pattern, separators in _OTHERS:
        for match in pattern.finditer(text):
            listed = match["list"] if "list" in pattern.groupindex else match.group()
            several = {one.strip(" .") for one in separators.split(listed)} - _LABELS
            # One of them may be what an example has; of a list that is sure to be one, all are read or none.
            is_read = several <= values
            if len(several) > 1 and not is_read and not several & names:
                yield Unread(ALTERNATIVES, *match.span())


def table_values(document: Document, told: Container[int], values: Set[str]) -> Iterator[Note]:
    """A note for each table that has values in its cells, in two rows or more, of which nothing is read."""
    first, found = 0, list[str]()
    for number, line in enumerate([*document.lines[:MAX_LINES], ""], 1):
        entry = _ENTRY.match(line[:MAX_LINE])
        is_row = line.lstrip().startswith("|") or "\t" in line.strip() or entry is not None
        line = entry["value"] if entry else line  # noqa: PLW2901
        new = _cells_of(line[:MAX_LINE], values) if is_row and number not in told else []
        if is_row and new:
            first = first or number
            found.append(new[0])
        elif not is_row:
            if len(set(found)) > 1:
                shown = ", ".join(dict.fromkeys(found[:MAX_SHOWN]))
                yield Note(
                    "untold",
                    f"values that are in no fact: {shown}",
                    document.name,
                    first,
                    code=LIST,
                )
            first, found = 0, []


def _cells_of(line: str, values: Set[str]) -> list[str]:
    cells = (cell.strip() for cell in re.split(r"[|\t]", line))
    several = (match["value"] for cell in cells if (match := _CELL_VALUE.match(cell)))
    return [one for one in several if one not in values]
