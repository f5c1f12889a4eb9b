"""The queries of a task that a page calls in the code of a client alone.

    POST https://api.example.com/v1/clips                         the call that the page states
    ```python
    answer = requests.get(f"{BASE}/clips/{task_id}")              →  GET /v1/clips/{task_id}
    state = requests.get(f"{BASE}/clip-state?task_id={task_id}")  →  GET /v1/clip-state with task_id in its query
    ```

Guides often state how a task is created, show the answers, and poll in a program further down. Read where no line
says a query, and the programs ask for one thing by its id, at an address that begins like the one that is stated.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs.readers.pages.page_lines import OPERATION
from understudy.specs.readers.text.named_addresses import MAX_LINE, MAX_LINES, bases, whole
from understudy.specs.readers.text.page_text import path_of
from understudy.specs.readers.trees.examples import curl, curl_lines, is_curl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.documents import Document

# A call by GET in Python or JavaScript; the address may stand on the next line.
_CALL = re.compile(
    r"\b(?:(?:requests|httpx|axios|session|client|http|got|ky|fetcher)\.get|fetch|urlopen)\(\s{0,8}(?P<argument>.*)\Z"
)
_ADDRESS = re.compile(
    r"\s{0,40}f?[\"'`]https?://(?P<host>[^/\"'`\s{}]{1,200})(?P<path>/(?:[\w.~-]{1,80}/){1,9})(?:(?P<last>[\w.~-]{1,80})\?(?P<name>\w{1,40}[iI][dD])=\$?\{[A-Za-z_][\w.]{0,60}\}[\"'`]|\$?\{(?P<id>[A-Za-z_][\w.]{0,60})\}(?P<more>/[a-z]{2,20})?[\"'`]|[\"'`]\s?\+\s?(?P<added>[A-Za-z_][\w.]{0,60})\b(?!\s?\+))"
)
_OTHER_METHOD = re.compile(r"method[\"']?\s?:\s?[\"'`](?!GET)[A-Z]{3,7}[\"'`]")
# A query that a line says, which is no word of a program.
_SAID = re.compile(r"(?<![\"'\w])GET(?![\"'\w])(?!\s+(?:request|the)\b)")
# So many lines below the address a call says its method.
MAX_OPTIONS = 4
# So many steps of a path are one service's own: "/api/v1/clips/make" and "/api/v1/clips/state".
MIN_COMMON = 2


@dataclass(frozen=True, slots=True)
class Called:
    """A query as a program calls it: host, path, the parameter that holds the id where it is not in the path, and
    the line."""

    host: str
    path: str
    parameter: str
    line: int


def called_queries(document: Document) -> list[Called]:
    """The queries that the page's programs alone call: one by a path, or those of the service that is stated which
    have the id behind a question mark; [] where a line says a query."""
    lines = document.lines[:MAX_LINES]
    if not any("get(" in line or "fetch(" in line or "urlopen(" in line for line in lines):
        return []
    stated = set(_stated(document))
    if not stated or None in stated:
        return []
    found: dict[str, Called] = {}
    for one in _called(document):
        if any(_is_of(one, sent) for sent in stated if sent):
            found.setdefault(re.sub(r"\{\w+\}", "{}", one.path), one)
    by_path = [one for one in found.values() if not one.parameter]
    return list(found.values()) if len(by_path) <= 1 else []


def _is_of(one: Called, sent: tuple[str, str]) -> bool:
    """Whether what is asked for begins like the address to which something is sent."""
    host, path = sent
    if host not in ("", one.host):
        return False
    if not one.parameter:
        return path.split("/")[1:2] == one.path.split("/")[1:2]
    mine, theirs = one.path.split("/")[1:-1], path.split("/")[1:-1]
    return len(mine) >= MIN_COMMON and mine == theirs


def _stated(document: Document) -> Iterator[tuple[str, str] | None]:
    """The hosts to which something is sent, "" where none is said, and the paths; None where a line says a query."""
    lines = [line[:MAX_LINE] for line in document.lines[:MAX_LINES]]
    for index, line in enumerate(lines):
        if _SAID.search(line):
            yield None
        elif (found := OPERATION.search(line[:500])) and found["method"].upper() == "POST":
            yield _host(found["host"] or ""), path_of(found)
        elif is_curl(line) and (sent := curl("\n".join(lines[index : curl_lines(lines, index)]).lstrip())):
            yield (_host(sent.server), sent.path) if sent.method == "post" else None


def _called(document: Document) -> Iterator[Called]:
    """What the programs of the page ask for by an id."""
    known = bases(document)
    lines = [line[:MAX_LINE] for line in document.lines[:MAX_LINES]]
    for index, line in enumerate(lines):
        call = _CALL.search(line)
        if call is None:
            continue
        argument = call["argument"] or (lines[index + 1] if index + 1 < len(lines) else "")
        address = _ADDRESS.match(whole(argument, known))
        if address is None or any(map(_OTHER_METHOD.search, lines[index : index + MAX_OPTIONS])):
            continue
        if address["name"]:
            yield Called(address["host"], address["path"] + address["last"], address["name"], index + 1)
            continue
        name = (address["id"] or address["added"]).rpartition(".")[2]
        path = f"{address['path']}{{{name}}}{address['more'] or ''}"
        yield Called(address["host"], path, "", index + 1)


def _host(server: str) -> str:
    return re.sub(r"\Ahttps?://", "", server).rstrip("/")
