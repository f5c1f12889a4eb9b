"""Calls at one address that a header tells apart, as signed cloud APIs have them.

POST / HTTP/1.1                               POST /?Action=SubmitLoop HTTP/1.1
Host: loops.example.com                  →    Host: loops.example.com
X-Acme-Action: SubmitLoop                     X-Acme-Action: SubmitLoop

For the readers each request line gets the header's value as `Action` of its query, by which calls are kept apart
already; in the reading it is the header again: `/#X-Acme-Action=SubmitLoop`. Lines stay where they are.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Operation, Reading

MAX_CHARACTERS, MAX_LINES, MAX_LINE = 400_000, 4_000, 500
# So many lines around a header, in one block or below one heading, its request line is looked for.
MAX_ABOVE, MAX_BELOW = 14, 8
# So many lines behind the beginning of a call in a program its address stands.
MAX_TO_ADDRESS = 2

_HEADER = re.compile(
    r"(?<![\w-])(?P<name>X-(?:[A-Za-z]{1,20}-)?(?:Action|Target|Operation))[`\"'*]{0,3}\s{0,3}(?:[:：=|]|\t)\s{0,3}[`\"'*]{0,3}(?P<value>[A-Za-z][\w.]{2,80})(?![\w-])",
    re.IGNORECASE,
)
# An address in a request line or a command: what stands before its path, the path, its query.
_CALL = re.compile(
    r"\b(?:GET|POST|PUT|DELETE|PATCH)[`*]{0,2}\s{1,4}[`*\"']{0,2}(?P<host>https?://[\w.{}:-]{1,120})?(?P<path>/[\w./{}~-]{0,200}|(?<=[\w}])(?![\w.]))(?P<query>\?[\w.%=&-]{1,200})?(?=[\s`*\"'|]|\Z)"
)
_URL = re.compile(
    r"(?P<host>https?://[\w.{}:-]{1,120})(?P<path>/[\w./{}~-]{0,200}|(?![\w./]))(?P<query>\?[\w.%=&-]{1,200})?(?=[\s`\"'\\]|\Z)"
)
# The same in a program: `requests.post("https://…", headers={…})`.
_PROGRAM = re.compile(
    r"\b\w{1,30}\.(?:post|get|put|patch|delete|request)\(|\b(?:fetch|axios)\(", re.IGNORECASE
)
_COMMAND = re.compile(r"\s{0,8}\$?\s?curl\b")
_HEADING = re.compile(r"#{1,6}\s")
_MARK = re.compile(r"\?Action=(?P<action>[A-Za-z]\w{1,80})\Z")


def with_actions(document: Document) -> tuple[Document, Mapping[str, str]]:
    """The document with such calls told apart by their queries, and the header of each action that it names so."""
    headers: dict[str, str] = {}
    if _HEADER.search(document.text, 0, MAX_CHARACTERS) is None:
        return document, headers
    lines = list(document.lines[:MAX_LINES])
    blocks = _blocks(lines)
    done: set[int] = set()
    for number, line in enumerate(lines):
        found = _HEADER.search(line[:MAX_LINE])
        at = _call_of(lines, number, blocks) if found else None
        if found is None or at is None or at in done:
            continue
        action = found["value"].rpartition(".")[2]
        if changed := _told_apart(lines[at], action):
            lines[at] = changed
            done.add(at)
            headers[action] = found["name"]
    if not headers:
        return document, {}
    return replace(document, text="\n".join([*lines, *document.lines[MAX_LINES:]])), headers


def by_header(reading: Reading, headers: Mapping[str, str]) -> Reading:
    """The reading with the actions of headers where they stand, and no more among the parameters."""
    return replace(reading, operations=tuple(_by_header(one, headers) for one in reading.operations))


def _by_header(one: Operation, headers: Mapping[str, str]) -> Operation:
    found = _MARK.search(one.path)
    name = headers.get(found["action"], "") if found else ""
    if found is None or not name:
        return one
    others = tuple(other for other in one.parameters if other.field.name.lower() != name.lower())
    return replace(one, path=f"{one.path[: found.start()]}#{name}={found['action']}", parameters=others)


def _blocks(lines: Sequence[str]) -> list[int]:
    """For each line the one where its block of code begins, -1 outside of any."""
    begun, out = -1, []
    for number, line in enumerate(lines):
        if FENCE.match(line[:40]):
            begun = number if begun < 0 else -1
        out.append(begun)
    return out


def _call_of(lines: Sequence[str], header: int, blocks: Sequence[int]) -> int | None:
    """The line with the address that a request with this header is sent to: of its own block, or the nearest above."""
    for at in range(header, max(header - MAX_ABOVE, -1), -1):
        text = lines[at][:MAX_LINE]
        if blocks[at] == blocks[header] and (
            _CALL.search(text) or (_is_of_command(lines, at) and _URL.search(text))
        ):
            return at
        if at < header and (_HEADING.match(text) or (_HEADER.search(text) and blocks[at] < 0)):
            return None
    for at in range(header + 1, min(header + MAX_BELOW, len(lines))):
        # In a command the address may stand last.
        if blocks[header] < 0 or blocks[at] != blocks[header] or _COMMAND.match(lines[at]):
            return None
        if _is_of_command(lines, at) and _URL.search(lines[at][:MAX_LINE]):
            return at
    return None


def _is_of_command(lines: Sequence[str], at: int) -> bool:
    """Whether a line is one of a `curl` command, its first, or one that goes on; or it sends a request in a program."""
    if any(_PROGRAM.search(line[:MAX_LINE]) for line in lines[max(at - MAX_TO_ADDRESS, 0) : at + 1]):
        return True
    for above in range(at, max(at - MAX_ABOVE, -1), -1):
        if _COMMAND.match(lines[above][:MAX_LINE]):
            return True
        if above < at and not lines[above].rstrip().endswith("\\"):
            return False
    return False


def _told_apart(line: str, action: str) -> str:
    """The line with the action in the query of its address; "" where that has one already."""
    found = _CALL.search(line[:MAX_LINE]) or _URL.search(line[:MAX_LINE])
    if found is None or "Action=" in (found["query"] or ""):
        return ""
    query = f"{found['query']}&Action={action}" if found["query"] else f"?Action={action}"
    start = found.end("path")
    return f"{line[:start]}{'' if found['path'] else '/'}{query}{line[found.end() :]}"
