"""HTTP messages of a whole exchange in one block, rewritten as request lines, answers and the JSON of each.

```http                              POST /v1/clips
POST /v1/clips HTTP/1.1              ```json
Host: api.example.com            →   {"words": "a"}
                                     ```
{"words": "a"}                       ## Response 202
                                     ```json
HTTP/1.1 202 Accepted                {"id": "7"}
                                     ```
{"id": "7"}
```

Messages as RFC 9112, section 2, has them: a first line, headers, an empty line, the body. Read where nothing
else of a page is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import FENCE
from understudy.specs.readers.trees.examples import with_parameter

if TYPE_CHECKING:
    from collections.abc import Set

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "HTTP messages"
MAX_LINES = 10_000

Lines = list[tuple[int, str]]

_REQUEST = re.compile(
    r"\s{0,12}(?P<call>(?:GET|POST|PUT|PATCH|DELETE)\s(?:https?://|/)\S{1,400})(?:\sHTTP/\d(?:\.\d)?)?\s*\Z"
)
_ANSWER = re.compile(r"\s{0,12}HTTP/\d(?:\.\d)?\s(?P<status>[1-5]\d\d)\b.{0,60}\Z")
_HEADER = re.compile(r"\s{0,12}[A-Za-z][\w-]{1,60}\s?:\s?\S")
# What an answer says its id is, and a later request has in its address.
_ID = re.compile(r"\"(?:\w{0,40}_)?(?:id|Id|ID|[a-z]{2,20}Id)\"\s?:\s?\"(?P<id>[\w.-]{1,80})\"")
_BODY = re.compile(r"\s{0,12}[{\[]")


def recognises(document: Document) -> bool:
    """Whether a block of code holds a request's message, and a body or an answer's."""
    return any(
        any(_REQUEST.match(text) for _, text in block)
        and any(_ANSWER.match(text) or _BODY.match(text) for _, text in block)
        for block in _blocks(document)
    )


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with the messages of its blocks one after the other; other blocks stay."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page of HTTP messages are read", MAX_LINES + 1)
    out: Lines = []
    block: Lines | None = None
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if FENCE.match(line[:40]):
            if block is None:
                block = [(number, line)]
            else:
                out += _messages(block[1:]) if _has_messages(block) else [*block, (number, line)]
                block = None
        elif block is None:
            out.append((number, line))
        else:
            block.append((number, line))
    out += block or []
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _blocks(document: Document) -> list[Lines]:
    blocks: list[Lines] = []
    block: Lines | None = None
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if FENCE.match(line[:40]):
            blocks += [block] if block is not None else []
            block = [] if block is None else None
        elif block is not None:
            block.append((number, line[:2_000]))
    return blocks


def _has_messages(block: Lines) -> bool:
    return any(_REQUEST.match(text) or _ANSWER.match(text) for _, text in block)


def _messages(block: Lines) -> Lines:
    """The lines of a block, each message's first line as text, its body in a block of its own."""
    out: Lines = []
    is_body = False
    ids = {found["id"] for _, text in block for found in _ID.finditer(text[:2_000])}
    for number, line in block:
        request, answer = _REQUEST.match(line), _ANSWER.match(line)
        if request or answer:
            out += [(number, "```")] if is_body else []
            said = (
                _call(request["call"], ids)
                if request
                else f"## Response {answer['status'] if answer else ''}"
            )
            out += [(number, ""), (number, said), (number, "")]
            is_body = False
        elif is_body:
            out.append((number, line))
        elif _BODY.match(line):
            out += [(number, "```json"), (number, line)]
            is_body = True
        elif not _HEADER.match(line):
            out.append((number, line))
    return [*out, (block[-1][0], "```")] if is_body else out


def _call(call: str, ids: Set[str]) -> str:
    """A request's method and address, an id at its end as a parameter: /v1/clips/c1 → /v1/clips/{id}."""
    method, _, address = call.partition(" ")
    head, _, last = address.rpartition("/")
    address = f"{head}/{{id}}" if last in ids else with_parameter(address) if method == "GET" else address
    return f"{method} {address}"
