"""The query of a task that a page calls in the code of a client alone.

    POST https://api.example.com/v1/clips                  the call that the page states
    ```python
    answer = requests.get(f"{BASE}/clips/{task_id}")       →  GET /v1/clips/{task_id}
    ```

Guides often state how a task is created, show the answers, and poll in a program further down. Read where no line
says a query, and the programs ask for one thing by its id, at an address that begins like the one that is stated.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
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
    r"\s{0,40}f?[\"'`]https?://(?P<host>[^/\"'`\s{}]{1,200})(?P<path>/(?:[\w.~-]{1,80}/){1,9})(?:\$?\{(?P<id>[A-Za-z_][\w.]{0,60})\}(?P<more>/[a-z]{2,20})?[\"'`]|[\"'`]\s?\+\s?(?P<added>[A-Za-z_][\w.]{0,60})\b(?!\s?\+))"
)
_OTHER_METHOD = re.compile(r"method[\"']?\s?:\s?[\"'`](?!GET)[A-Z]{3,7}[\"'`]")
# A query that a line says, which is no word of a program.
_SAID = re.compile(r"(?<![\"'\w])GET(?![\"'\w])(?!\s+(?:request|the)\b)")
# So many lines below the address a call says its method.
MAX_OPTIONS = 4


def called_query(document: Document) -> tuple[str, int] | None:
    """The path of the one query that the page's programs alone call, and its line; None where there is none, or a
    line says one."""
    lines = document.lines[:MAX_LINES]
    if not any("get(" in line or "fetch(" in line or "urlopen(" in line for line in lines):
        return None
    stated = set(_stated(document))
    if not stated or None in stated:
        return None
    found: dict[str, tuple[str, int]] = {}
    for host, path, number in _called(document):
        if stated & {(host, _beginning(path)), ("", _beginning(path))}:
            found.setdefault(re.sub(r"\{\w+\}", "{}", path), (path, number))
    return next(iter(found.values())) if len(found) == 1 else None


def _stated(document: Document) -> Iterator[tuple[str, str] | None]:
    """The hosts to which something is sent, "" where none is said, and how the paths begin; None where a line says
    a query."""
    lines = [line[:MAX_LINE] for line in document.lines[:MAX_LINES]]
    for index, line in enumerate(lines):
        if _SAID.search(line):
            yield None
        elif (found := OPERATION.search(line[:500])) and found["method"].upper() == "POST":
            yield _host(found["host"] or ""), _beginning(path_of(found))
        elif is_curl(line) and (sent := curl("\n".join(lines[index : curl_lines(lines, index)]).lstrip())):
            yield (_host(sent.server), _beginning(sent.path)) if sent.method == "post" else None


def _called(document: Document) -> Iterator[tuple[str, str, int]]:
    """What the programs of the page ask for by an id: the host, the path, and the line of the call."""
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
        name = (address["id"] or address["added"]).rpartition(".")[2]
        yield address["host"], f"{address['path']}{{{name}}}{address['more'] or ''}", index + 1


def _host(server: str) -> str:
    return re.sub(r"\Ahttps?://", "", server).rstrip("/")


def _beginning(path: str) -> str:
    """The first step of a path."""
    return path.lstrip("/").partition("/")[0]
