"""Exchanges written as JSON, a request and what came back, rewritten as the examples of a page.

{"operation": "POST /v1/clips",                          POST /v1/clips
 "request": {"headers": {…}, "body": {"words": "a"}},  →  ## Request         {"words": "a"}
 "response": {"status": 201, "body": {"id": "7"}}}        ## Response 201    {"id": "7"}

One, a list of them, or an object that holds such a list; alone, or anywhere on a page. Those without an
address are none.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.exchange_keys import BODY, EXCHANGES, HEAD, METHOD, NAMED, STATUS, URL
from understudy.specs.readers.text.page_text import FENCE, METHODS
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import BrokenError, TooLargeError, scalar_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.trees.nodes import Node

FORMAT = EXCHANGES
MAX_CHARACTERS = 300_000
MAX_VALUES = 5_000
MAX_EXCHANGES = 50
MAX_DEPTH = 20
MAX_TRIED = 50  # values that may hold exchanges

_BEGINS = re.compile(r"[ \t]{0,200}(?=[{\[])")
_CALL = re.compile(
    rf"(?P<method>{'|'.join(METHODS)})[\s:]{{1,4}}(?:https?://(?P<host>[^/\s]{{1,200}}))?(?P<path>/[^\s?#]{{1,300}})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://(?P<host>[^/\s]{1,200}))?(?P<path>/[^\s?#]{1,300})")


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A call, "POST /v1/clips", its line, the bodies, and the status of what came back."""

    call: str
    line: int
    request: Node | None
    response: Node
    status: str


@dataclass(frozen=True, slots=True)
class _Found:
    """Exchanges in one JSON value, and the lines of it (from 1), its fences among them."""

    first: int
    last: int
    exchanges: list[_Exchange]


def recognises(document: Document) -> bool:
    """Whether JSON in the text holds a request and a response, and says the address of the call."""
    text = document.text
    if len(text) > MAX_CHARACTERS or '"request"' not in text or '"response"' not in text:
        return False
    return any(_found(document))


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The exchanges one below the other, the request before the response, each in a block of JSON.

    What stands around them stays as it is.
    """
    out: list[tuple[int, str]] = []
    done = 0
    for found in _found(document):
        out += list(enumerate(document.lines[done : found.first - 1], done + 1))
        for one in found.exchanges:
            out += _written(one)
        done = found.last
    out += list(enumerate(document.lines[done:], done + 1))
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _written(one: _Exchange) -> Iterator[tuple[int, str]]:
    yield from ((one.line, one.call), (one.line, ""))
    for heading, body in (("## Request", one.request), (f"## Response {one.status}", one.response)):
        if body is not None:
            yield from ((body.line, heading), (body.line, "```json"), *_shown(body, "", 0))
            yield from ((body.line, "```"), (body.line, ""))


def _found(document: Document) -> Iterator[_Found]:
    """Each value that begins on a line of its own and holds exchanges."""
    lines = document.lines
    index = tried = 0
    while index < len(lines) and tried < MAX_TRIED:
        begins = _BEGINS.match(lines[index])
        index += 1
        if begins is None:
            continue
        tried += 1
        start = document.offset_of(index) + begins.end()
        try:
            parsed = parse_json(document.text, start, index, MAX_VALUES)
        except (BrokenError, TooLargeError):
            continue
        if exchanges := _exchanges(parsed.root):
            last = document.line_at(parsed.end)
            is_fenced = index > 1 and last < len(lines) and FENCE.match(lines[index - 2]) is not None
            yield _Found(index - is_fenced, last + is_fenced, exchanges)
            index = last + is_fenced


def _exchanges(root: Node) -> list[_Exchange]:
    lists = [root.items, *(value.items for _, value in root.pairs)]
    found = (_exchange(one) for one in [root, *(one for items in lists for one in items[:MAX_EXCHANGES])])
    return [one for one in found if one is not None][:MAX_EXCHANGES]


def _exchange(node: Node) -> _Exchange | None:
    request, response = node.get("request"), node.get("response")
    if request is None or response is None or {request.kind, response.kind} != {"map"}:
        return None
    call = _call(node, request)
    if not call:
        return None
    head = {key.text for key, _ in request.pairs} <= HEAD
    body = _first(request, BODY) if head else request
    answer = _first(response, BODY)
    if answer is None:
        return _Exchange(call, node.line, body, response, "200")
    said = (value.text for key, value in response.pairs if STATUS.fullmatch(key.text))
    status = next((text for text in said if re.fullmatch(r"[1-5]\d\d", text)), "200")
    return _Exchange(call, node.line, body, answer, status)


def _call(node: Node, request: Node) -> str:
    """The method and address of a call: in its own words, or a key each; "" where no address is said."""
    for part in (request, node):
        method, url = _first(part, METHOD), _first(part, URL)
        address = _ADDRESS.fullmatch(url.text.partition("?")[0]) if url is not None else None
        if method is not None and address is not None:
            host = f"https://{address['host']}" if address["host"] else ""
            return f"{method.text.upper()} {host}{address['path']}"
    for name in NAMED:
        said = node.get(name)
        if said is not None and (call := _CALL.search(said.text[:500])):
            host = f"https://{call['host']}" if call["host"] else ""
            return f"{call['method'].upper()} {host}{call['path']}"
    return ""


def _first(node: Node, names: tuple[str, ...]) -> Node | None:
    return next((value for name in names if (value := node.get(name)) is not None), None)


def _shown(node: Node, key: str, depth: int) -> Iterator[tuple[int, str]]:
    """The value as JSON, a key or an item a line, each with the line on which it stands."""
    indent = "  " * depth
    if node.kind == "scalar":
        yield node.line, f"{indent}{key}{json.dumps(scalar_value(node), ensure_ascii=False)}"
        return
    opens, closes = "{}" if node.kind == "map" else "[]"
    inner = [(f"{json.dumps(name.text, ensure_ascii=False)}: ", value) for name, value in node.pairs]
    inner += [("", value) for value in node.items]
    inner = inner if depth < MAX_DEPTH else []
    yield node.line, f"{indent}{key}{opens}"
    for count, (name, value) in enumerate(inner, 1):
        lines = list(_shown(value, name, depth + 1))
        number, text = lines[-1]
        yield from [*lines[:-1], (number, f"{text}," if count < len(inner) else text)]
    yield node.line, f"{indent}{closes}"
