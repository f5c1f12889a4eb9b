"""States that a page lists once a section: each list is of the calls of its own section alone.

    ## Films            ## Songs            the calls below "Films" are waiting or done,
    ### States          ### States      →   those below "Songs" new or over
    | waiting | … |     | new  | … |
    | done    | … |     | over | … |

One list alone is of all the calls of its page whose examples have some of its states, wherever it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import Evidence, Keyword
from understudy.specs.readers.fields.table_rows import Table, page_lines, parts
from understudy.specs.readers.pages.listed_apart import is_state
from understudy.specs.readers.pages.listed_values import lists_states
from understudy.specs.readers.text.page_text import FENCE
from understudy.specs.readers.text.part_headings import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Operation, Reading

_HEADING = re.compile(r"(?P<level>#{1,6})[ \t]{1,3}(?P<text>\S.{0,200})")
# What was noted of such a list while the page was read.
IN_NO_FACT = "values that are in no fact"
_STATE = re.compile(r"[A-Za-z][\w-]{1,39}")


@dataclass(frozen=True, slots=True)
class _Listed:
    """The states of one table, and the lines of the section that they are of."""

    values: tuple[str, ...]
    line: int
    first: int
    last: int


def with_section_states(found: Reading, document: Document) -> Reading:
    """The reading, the states of its answers with those of the section in which each call stands."""
    listed = list(_lists(document)) if any(line.startswith("|") for line in document.lines) else []
    kinds = {frozenset(one.values) for one in listed}
    if not kinds or (len(kinds) > 1 and _overlap(listed)):
        return found
    if len(kinds) == 1:
        if any(is_state(one.name) and one.get("enum") is not None for one in found.fields()):
            return found
        whole = replace(listed[0], first=1, last=len(document.lines))
        made = [_proven(one, whole, document.name) for one in found.operations]
    else:
        made = [_settled(one, listed, document.name) for one in found.operations]
    given = replace(found, operations=tuple(made))
    lines = {word.evidence.line for one in given.fields() for word in one.keywords if word.name == "enum"}
    told = {one.line + 2 for one in listed if one.line in lines}  # the first row, below the headings
    notes = [one for one in found.notes if not (one.line in told and one.text.startswith(IN_NO_FACT))]
    return replace(given, notes=tuple(notes))


def _lists(document: Document) -> list[_Listed]:
    headings = _headings(document.lines)
    out = []
    for table in parts(page_lines(document)):
        if not isinstance(table, Table) or not table.headings or not lists_states(table):
            continue
        values = tuple(row.cells[0].strip("`* ") for row in table.rows if row.cells)
        if len(values) > 1 and all(map(_STATE.fullmatch, values)):
            first, last = _section(table.line, headings, len(document.lines))
            out.append(_Listed(values, table.line, first, last))
    return out


def _headings(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """The headings of a page: line, level, text."""
    out = []
    fenced = False
    for number, line in enumerate(lines, 1):
        if FENCE.match(line[:40]):
            fenced = not fenced
        elif not fenced and (found := _HEADING.match(line[:220])):
            out.append((number, len(found["level"]), found["text"]))
    return out


def _section(line: int, headings: Sequence[tuple[int, int, str]], end: int) -> tuple[int, int]:
    """The first and last line of what a table is of: of the section around a part headed "States"."""
    above = [one for one in headings if one[0] < line]
    if above and part_of(above[-1][2]) in ("status", "error"):
        own = above[-1][1]
        above = [one for one in above if one[1] < own]
    if not above:
        return 1, end
    first, level, _ = above[-1]
    return first, next((number - 1 for number, other, _ in headings if number > line and other <= level), end)


def _overlap(listed: Sequence[_Listed]) -> bool:
    spans = sorted((one.first, one.last) for one in listed)
    return any(first <= before[1] for before, (first, _) in pairwise(spans))


def _settled(operation: Operation, listed: Sequence[_Listed], document: str) -> Operation:
    """An operation whose answers tell the states of the section in which they stand, and those alone."""
    responses = {}
    for status, fields in operation.responses.items():
        kept = list(fields)
        told = False  # the outer of several states is that of the task
        for at, one in enumerate(kept):
            own = _of_line(one.line or operation.line, listed) if is_state(one.name) else None
            if own is None:
                continue
            kept[at] = _without(one, [frozenset(other.values) for other in listed if other is not own])
            if not told and status[:1] in "2d" and _waits(kept[at], own.values):
                enum = Keyword("enum", list(own.values), Evidence(document, own.line, "declared"))
                kept[at] = replace(kept[at], keywords=(*kept[at].keywords, enum))
            told = told or kept[at].get("enum") is not None
        responses[status] = tuple(kept)
    return replace(operation, responses=MappingProxyType(responses))


def _proven(operation: Operation, whole: _Listed, document: str) -> Operation:
    """An operation whose examples have some of the states that the page lists."""
    fields = [one for several in operation.responses.values() for one in several if is_state(one.name)]
    has_some = any(value in whole.values for one in fields for value in one.shown)
    return _settled(operation, [whole], document) if has_some else operation


def _of_line(line: int, listed: Sequence[_Listed]) -> _Listed | None:
    return next((one for one in listed if one.first <= line <= one.last), None)


def _without(field: Field, others: Sequence[frozenset[str]]) -> Field:
    """A field without the states of another section."""
    words = tuple(
        one for one in field.keywords if one.name != "enum" or frozenset(map(str, one.value)) not in others
    )
    return field if len(words) == len(field.keywords) else replace(field, keywords=words)


def _waits(field: Field, values: Sequence[str]) -> bool:
    is_open = is_state(field.name) and field.get("enum") is None and field.get("type") in (None, "string")
    return is_open and all(one in values for one in field.shown if isinstance(one, str))
