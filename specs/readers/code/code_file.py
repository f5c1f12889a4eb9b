"""A file of source code as a page: the operations that its comments name, and the types that are of each.

    // CreateRequest is the body of POST /v1/clips     →    POST /v1/clips
    type CreateRequest struct { … }                         ### Request body …

A type is of the operation that its own comment names, or that a comment names together with the type; of a
file with one operation the requests and the answers are of that one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.specs.readers.code.declared_types import Declared, Record, Writer
from understudy.specs.readers.pages.page_lines import OPERATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.readers.facts import FactLog

MAX_OPERATIONS = 100

_COMMENT = re.compile(r"\s{0,40}(?://|/\*|\*)")
_SENT = re.compile(r"request|body|param|input|payload|create|submit|generat", re.IGNORECASE)
# What a request and its answer are called beside the name that they share.
_KIND = re.compile(
    r"request|response|resp|req|create|submit|body|params?|input|output|payload|result|task|data|answer|reply|query|dto",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Named:
    """An operation that a comment names, and the types that are of it."""

    line: int
    method: str
    path: str
    records: list[Record] = field(default_factory=list)


def page(declared: Declared, lines: Sequence[tuple[int, str]], log: FactLog) -> Iterator[tuple[int, str]]:
    """The lines of the page, each with the line of the file that it was made of."""
    operations = _operations(declared, lines)
    rest = [one for one in declared.outermost() if all(one not in named.records for named in operations)]
    if len(operations) < 2:
        first = operations[0] if operations else _Named(0, "", "")
        sent = [one for one in rest if not one.is_answer]
        chosen = [one for one in sent if _SENT.search(one.name)] or sent
        taken = [*([] if any(not one.is_answer for one in first.records) else chosen[:1])]
        taken += [one for one in rest if one.is_answer][:1]
        operations = [_Named(first.line, first.method, first.path, [*first.records, *taken])]
    else:
        taken = list(_by_stem(operations, rest))
    for one in rest:
        if one not in taken:
            log.note("untold", f"the type {one.name}, which is of no operation that the file names", one.line)
    writer = Writer(declared, log)
    for named in operations:
        if named.path:
            yield named.line, f"{named.method.upper()} {named.path}"
        for record in sorted(named.records, key=lambda one: one.is_answer):
            yield from writer.section(record)


def _operations(declared: Declared, lines: Sequence[tuple[int, str]]) -> list[_Named]:
    """The operations of the comments, in order, each once."""
    found: dict[tuple[str, str], _Named] = {}
    outermost = {one.name: one for one in declared.outermost()}
    starts = {one.line: one for one in outermost.values()}
    above: list[_Named] = []  # what the comments right above name
    for number, line in lines:
        if number in starts:
            for named in above:
                _add(named, starts[number])
        if not _COMMENT.match(line):
            above = [] if line.strip() and not line.lstrip().startswith("@") else above
            continue
        for match in OPERATION.finditer(line):
            key = match["method"].lower(), match["path"]
            if key not in found and len(found) < MAX_OPERATIONS:
                found[key] = _Named(number, *key)
            if key in found:
                above.append(found[key])
                for name in re.findall(r"\w{1,80}", line):
                    if name in outermost:
                        _add(found[key], outermost[name])
    return list(found.values())


def _add(named: _Named, record: Record) -> None:
    if all(record is not one for one in named.records):
        named.records.append(record)


def _by_stem(operations: Sequence[_Named], rest: Sequence[Record]) -> Iterator[Record]:
    """The answers that share the rest of their name with the request of one operation; each is put to it."""
    for record in rest:
        stem = _KIND.sub("", record.name).lower()
        fitting = [
            named
            for named in operations
            if stem and any(_KIND.sub("", one.name).lower() == stem for one in named.records)
        ]
        if record.is_answer and len(fitting) == 1:
            _add(fitting[0], record)
            yield record
