"""A file of source code as a page: the operations that its comments name, and the types that are of each.

    // CreateRequest is the body of POST /v1/clips     →    POST /v1/clips
    type CreateRequest struct { … }                         ### Request body …

    // @Param request body CreateRequest true "words"        (annotations of Swagger, as Go's swag reads them)
    // @Failure 429 {object} Problem "too many"
    // @Router /v1/clips [post]

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


# Annotations above a function: the operation that it serves, what is sent, and what is answered.
_ROUTER = re.compile(
    r"\s{0,40}(?://|\*)?\s{0,4}@Router\s{1,8}(?P<path>/[\w./{}:~-]{0,300})\s{1,8}\[(?P<method>\w{3,7})\]",
    re.IGNORECASE,
)
_ANNOTATED = re.compile(
    r"\s{0,40}(?://|\*)?\s{0,4}@(?:Param\s{1,8}(?P<name>\w{1,60})\s{1,8}(?:(?P<query>query)\s{1,8}(?P<type>\w{1,20})|\w{1,10}\s{1,8}(?P<sent>[\w.\[\]]{1,120}))(?:\s{1,8}(?P<required>true|false))?(?:\s{1,8}\"(?P<about>[^\"]{0,300})\")?|Success\s{1,8}\d{3}\s{1,8}\{\w{1,20}\}\s{1,8}(?P<answered>[\w.\[\]]{1,120})|Failure\s{1,8}(?P<status>[45]\d\d)\s[^\"]{0,160}\"(?P<words>[^\"]{1,200})\")",
    re.IGNORECASE,
)
MAX_REFUSALS = 100


@dataclass(slots=True)
class _Named:
    """An operation that a comment names, and the types that are of it."""

    line: int
    method: str
    path: str
    records: list[Record] = field(default_factory=list)
    asked: list[tuple[int, str]] = field(default_factory=list)  # the parameters of its query, as entries


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
        if named.asked:
            yield from ((named.asked[0][0], text) for text in ("", "### Query parameters", ""))
            yield from named.asked
    yield from _refusals(lines)


def _refusals(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """A table of the refusals that annotations name, each status once."""
    found: dict[str, tuple[int, str]] = {}
    for number, line in lines:
        said = _ANNOTATED.match(line) if "@" in line[:60] else None
        if said is not None and said["status"] and len(found) < MAX_REFUSALS:
            found.setdefault(said["status"], (number, said["words"].replace("|", "/")))
    if found:
        first = next(iter(found.values()))[0]
        yield from (
            (first, text) for text in ("", "### Errors", "", "| HTTP status | Description |", "|---|---|")
        )
        yield from ((number, f"| {status} | {words} |") for status, (number, words) in found.items())


def _operations(declared: Declared, lines: Sequence[tuple[int, str]]) -> list[_Named]:
    """The operations of the comments, in order, each once."""
    found: dict[tuple[str, str], _Named] = {}
    outermost = {one.name: one for one in declared.outermost()}
    starts = {one.line: one for one in outermost.values()}
    above: list[_Named] = []  # what the comments right above name
    annotated: list[str] = []  # the types that annotations above name
    asked: list[tuple[int, str]] = []  # and parameters of the query
    for number, line in lines:
        if number in starts:
            for named in above:
                _add(named, starts[number])
        if not _COMMENT.match(line):
            annotated, asked = [], []
            above = [] if line.strip() and not line.lstrip().startswith("@") else above
            continue
        said = _ANNOTATED.match(line) if "@" in line[:60] else None
        if said is not None and said["query"]:
            asked.append((number, _entry(said)))
        elif said is not None and (name := said["sent"] or said["answered"]):
            annotated.append(name.strip("[]").rpartition(".")[2])
        route = _ROUTER.match(line)
        for match in [route] if route else OPERATION.finditer(line):
            key = match["method"].lower(), match["path"]
            if key not in found and len(found) < MAX_OPERATIONS:
                found[key] = _Named(number, *key)
            if key in found:
                above.append(found[key])
                found[key].asked += asked if route else ()
                for name in [*re.findall(r"\w{1,80}", line), *(annotated if route else ())]:
                    if name in outermost:
                        _add(found[key], outermost[name])
    return list(found.values())


def _entry(said: re.Match[str]) -> str:
    """A parameter of a query as an entry of a list."""
    presence = {"true": ", required", "false": ", optional"}.get((said["required"] or "").lower(), "")
    return f"- `{said['name']}` ({said['type']}{presence}): {said['about'] or ''}"


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
