"""Calls of an HTTP library in a page's code, rewritten as a request line and the JSON that is sent.

    requests.post(                               POST https://api.example.com/v1/x
        "https://api.example.com/v1/x",       →  ```json
        json={"prompt": "a cat"},  # required    {"prompt": "a cat"},  # required
    )                                            ```

Read where nothing else of a page is, so that examples alone show its fields, and where what was read has no
path, which the calls then name. The rewritten text keeps its lines.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.named_addresses import MAX_LINE, MAX_LINES, bases, gives_name, whole
from understudy.specs.readers.text.page_text import FENCE
from understudy.specs.readers.trees.examples import with_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "client calls"
Lines = list[tuple[int, str]]

_METHOD = re.compile(
    r"\.(?P<call>post|put|patch|get|delete)(?:Form)?\s{0,2}\(|[\"'`](?P<quoted>POST|PUT|PATCH|GET|DELETE)[\"'`]|\bHttpMethod\.(?P<named>POST|PUT|GET)\b",
    re.IGNORECASE,
)
_URL = re.compile(
    r"[\"'`](?P<url>https?://[^\"'`\s/]{1,200}/(?:[^\"'`\s?]{1,300}|(?=\?(?:[\w.%=-]{1,80}&){0,8}Action=))|/(?:api/)?v\d[^\"'`\s?]{1,300})(?P<query>\?\w{1,60}=[^\"'`\s]{1,300})?"
)
_BODY = re.compile(
    r"(?:\b(?:json|data|body|payload|params|input|request_?body)[\"']?\s{0,2}[=:]\s{0,2}|\b(?:JSON\.stringify|json\.dumps)\(\s{0,2}|\.(?:post|put)\([^{\n]{1,300},\s{0,2})(?P<brace>\{)",
    re.IGNORECASE,
)
# What a call by GET asks with, as an object, and the names in it.
_PARAMS = re.compile(r"\bparams[\"']?\s{0,2}[=:]\s{0,2}(?P<brace>\{)")
_MEMBER = re.compile(r"[{,\s][\"']?([A-Za-z_]\w{0,60})[\"']?\s{0,2}:(?=\s)")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'")
_COMMENT = re.compile(r"(?<![:\w/])(?://|#).*\Z")


# A call of such a library, and how many lines one has.
_BARE_CALL = re.compile(
    r"\b(?:requests|httpx|axios|aiohttp|session|client)\.(?:get|post|put|patch|delete)\s?\(|\bfetch\s?\(\s?[\"'`]"
)
MAX_CALL = 40
# So many calls of one block are read.
MAX_CALLS = 20
_OPTIONS = re.compile(r"\s{0,8}(?:const|let|var)\s{1,3}(?P<name>[A-Za-z_$][\w$]{0,40})\s{0,3}=\s{0,3}\{")


def recognises(document: Document) -> bool:
    """Whether the code of the page calls an address with a method."""
    known = bases(document)
    return any(call_of(block, known) is not None for is_code, block in _parts(document) if is_code)


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a request line and a block of JSON where each such call stands."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with code are read", MAX_LINES + 1)
    out: Lines = []
    known = bases(document)
    for is_code, block in _parts(document):
        out += (calls_of(block, known) if is_code else None) or block
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _parts(document: Document) -> Iterator[tuple[bool, Lines]]:
    """The page in parts: lines beside fences, and fenced blocks with their fences; beside them a call that
    a copy has left without its fence."""
    block: Lines = []
    fenced = False
    behind = 0  # the last line of such a call
    lines = document.lines[:MAX_LINES]
    for number, line in enumerate(lines, 1):
        starts = _call_behind(number, lines) if not fenced and number > behind else 0
        if starts:
            if block:
                yield False, block
            options = [(n + 1, lines[n][:MAX_LINE]) for n in range(number - 1, starts - 1)]
            call = options + _balanced(
                [(n + 1, lines[n][:MAX_LINE]) for n in range(starts - 1, _end(starts, lines))], 0
            )
            yield True, call
            block, behind = [], call[-1][0]
        if number <= behind:
            continue
        is_fence = FENCE.match(line[:60]) is not None
        if is_fence and not fenced and block:
            yield False, block
            block = []
        block.append((number, line[:MAX_LINE]))
        if is_fence:
            if fenced:
                yield True, block
                block = []
            fenced = not fenced
    if block:
        yield fenced, block


def _call_behind(number: int, lines: Sequence[str]) -> int:
    """The line of the call that begins on a line, or for which the line begins an object of options:
    `const options = {method: 'POST', …}` above `fetch(url, options)`; 0 where neither is."""
    line = lines[number - 1][:MAX_LINE]
    if _BARE_CALL.search(line):
        return number
    named = _OPTIONS.match(line)
    if named is None:
        return 0
    uses = re.compile(rf"\bfetch\s?\(\s?[\"'`][^\"'`]{{1,300}}[\"'`],\s{{0,4}}{re.escape(named['name'])}\b")
    last = min(number + MAX_CALL, len(lines))
    return next((n + 1 for n in range(number, last) if uses.search(lines[n][:MAX_LINE])), 0)


def _end(number: int, lines: Sequence[str]) -> int:
    """Behind the last line that a call may have which begins on a line: at a fence it is over."""
    last = min(number + MAX_CALL, len(lines))
    return next((n for n in range(number, last) if FENCE.match(lines[n][:60])), last)


def calls_of(block: Sequence[tuple[int, str]], known: Mapping[str, str]) -> Lines | None:
    """The requests that a block of code sends, if each of its calls is one; else the first."""
    starts = [n for n, (_, line) in enumerate(block) if _BARE_CALL.search(line)][:MAX_CALLS]
    parts = [block[a:b] for a, b in pairwise([0, *starts[1:], len(block)])]
    made = [call_of(part, known) for part in parts]
    if all(made):
        return [line for one in made for line in one or ()]
    return call_of(block, known)


def call_of(block: Sequence[tuple[int, str]], known: Mapping[str, str]) -> Lines | None:
    """The request that a block of code sends; None where it sends none."""
    method = url = None
    for _, code in block:
        method = method or _METHOD.search(code)
        if gives_name(code, known):
            continue
        url = url or _URL.search(whole(code, known))
    if method is None or url is None:
        return None
    number = block[0][0]
    said = (method["call"] or method["quoted"] or method["named"]).upper()
    address = url["url"] if said in ("POST", "PUT", "PATCH") else with_parameter(url["url"])
    if said == "GET" and (query := _query(block, url["query"] or "")):
        return [(number, ""), (number, f"{said} {address}?{query}"), (number, "")]
    if "Action=" in (url["query"] or ""):
        address += url["query"]  # which of the calls at this address it is
    head: Lines = [(number, ""), (number, f"{said} {address}"), (number, "")]
    for index, (_, line) in enumerate(block):
        if body := _BODY.search(line):
            shown = _balanced(block[index:], body.start("brace"))
            return [*head, (number, "```json"), *shown, (shown[-1][0], "```"), (shown[-1][0], "")]
    return head


def _query(block: Sequence[tuple[int, str]], shown: str) -> str:
    """What a call by GET asks with: behind the question mark of its address, or as an object."""
    names = re.findall(r"[?&](\w{1,60})=", shown)
    for index, (_, line) in enumerate(block):
        if not names and (found := _PARAMS.search(line)):
            for _, text in _balanced(block[index:], found.start("brace")):
                names += _MEMBER.findall(text)
    return "&".join(f"{name}={{{name}}}" for name in dict.fromkeys(names))


def _balanced(lines: Sequence[tuple[int, str]], start: int) -> Lines:
    """The lines from the brace at `start` of the first one to the one that closes it."""
    out: Lines = []
    depth = 0
    for number, line in lines:
        text = line[start:]
        start = 0
        out.append((number, text))
        bare = _COMMENT.sub("", _STRING.sub("", text))
        depth += sum(map(bare.count, "{[(")) - sum(map(bare.count, "}])"))
        if depth <= 0:
            break
    return out
