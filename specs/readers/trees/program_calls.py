"""The calls that the programs of a page send: method, address, and the lines of the JSON that is sent.

requests.post(                               →  POST https://api.example.com/v1/x
    "https://api.example.com/v1/x",             {"prompt": "a cat"},  # required
    json={"prompt": "a cat"},  # required
)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from understudy.specs.readers.text.named_addresses import MAX_LINE, MAX_LINES, gives_name, whole
from understudy.specs.readers.text.page_text import FENCE
from understudy.specs.readers.trees.examples import is_media, with_parameter
from understudy.specs.readers.trees.library_calls import library_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.trees.library_calls import LibraryCall

Lines = list[tuple[int, str]]

_METHOD = re.compile(
    r"\.(?P<call>post|put|patch|get|delete)(?:Form)?\s{0,2}\(|[\"'`](?P<quoted>POST|PUT|PATCH|GET|DELETE)[\"'`]|\bHttpMethod\.(?P<named>POST|PUT|GET)\b",
    re.IGNORECASE,
)
_URL = re.compile(
    r"[\"'`](?P<url>https?://[^\"'`\s/]{1,200}/(?:[^\"'`\s?]{1,300}|(?=\?(?:[\w.%=-]{1,80}&){0,8}Action=))|/(?:api/)?v\d[^\"'`\s?]{1,300})(?P<query>\?\w{1,60}=[^\"'`\s]{1,300})?"
)
# No address that is called: a file, or what a member of a body holds, whose name is none of an address.
_FILE = re.compile(r"\.(?:mp[34]|mov|webm|wav|m4a|ogg|png|jpe?g|webp|gif|pdf|zip|glb)\Z", re.IGNORECASE)
_OF_MEMBER = re.compile(r"(?:\A|[\"'{,\s])(?P<name>[A-Za-z_]\w{0,60})[\"']?\s{0,2}:\s{0,2}\Z")
_OF_ADDRESS = ("url", "uri", "endpoint", "path", "address", "host", "baseurl", "apiurl", "requesturl")
MAX_BEFORE = 100
# Behind an address what is added to it: "https://…/clips/" + taskId.
_ADDED = re.compile(r"[\"'`]\s{0,2}\+\s{0,2}(?:[A-Za-z_]\w{0,40}\.){0,3}(?P<name>[A-Za-z_]\w{0,40})")
_BODY = re.compile(
    r"(?:\b(?:json|data|body|payload|params|input|request_?body)[\"']?\s{0,2}[=:]\s{0,2}|\b(?:JSON\.stringify|json\.dumps)\(\s{0,2}|\.(?:post|put)\([^{\n]{1,300},\s{0,2})(?P<brace>\{)",
    re.IGNORECASE,
)
# What a call by GET asks with, as an object, and the names in it.
_PARAMS = re.compile(r"\bparams[\"']?\s{0,2}[=:]\s{0,2}(?P<brace>\{)")
_MEMBER = re.compile(r"[{,\s][\"']?([A-Za-z_]\w{0,60})[\"']?\s{0,2}:(?=\s)")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'")
_COMMENT = re.compile(r"(?<![:\w/])(?://|#).*\Z")

# The name of a file that is a program.
_PROGRAM = re.compile(r"\.(?:[cm]?[jt]sx?|py|rb|php|go|java|kt|cs|swift)\Z", re.IGNORECASE)
# A call of such a library, and how many lines one has.
_BARE_CALL = re.compile(
    r"\b(?:requests|httpx|axios|aiohttp|session|client)\.(?:get|post|put|patch|delete)\s?\(|\bfetch\s?\(\s?[\"'`]"
)
MAX_CALL = 40
# So many calls of one block are read.
MAX_CALLS = 20
# The path of an address whose host is not said.
_IS_OF_API = re.compile(r"/(?:api/)?v\d")
_OPTIONS = re.compile(r"\s{0,8}(?:const|let|var)\s{1,3}(?P<name>[A-Za-z_$][\w$]{0,40})\s{0,3}=\s{0,3}\{")


@dataclass(frozen=True, slots=True)
class ProgramCall:
    """A call in a program: its method, its address with what it asks with, and the lines of the JSON that it
    sends, each with its number."""

    method: str
    address: str
    line: int
    body: tuple[tuple[int, str], ...] = ()


def parts_of(document: Document) -> Iterator[tuple[bool, Lines]]:
    """The page in parts: lines beside fences, and fenced blocks with their fences; beside them a call that
    a copy has left without its fence. A program is one block."""
    if _is_program(document):
        yield True, [(n, line[:MAX_LINE]) for n, line in enumerate(document.lines[:MAX_LINES], 1)]
        return
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


def _is_program(document: Document) -> bool:
    """Whether a file is one program that makes one call, what that sends perhaps far above it."""
    if not _PROGRAM.search(document.name):
        return False
    lines = [line[:MAX_LINE] for line in document.lines[:MAX_LINES]]
    is_page = any(FENCE.match(line[:60]) for line in lines)
    return not is_page and sum(1 for line in lines if _BARE_CALL.search(line)) == 1


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


def calls_in(block: Sequence[tuple[int, str]], known: Mapping[str, str]) -> list[ProgramCall]:
    """The calls that a block of code sends, if each of its calls is understood; else those of libraries that
    are, the first, or none."""
    parts = call_parts(block)
    made = [call_in(part, known) for part in parts]
    if all(made):
        return [one for one in made if one]
    exact = [_exact(part, known) for part in parts]
    if any(exact):
        return [one for one in exact if one]
    first = call_in(block, known)
    return [first] if first else []


def followed_calls(block: Sequence[tuple[int, str]]) -> Iterator[tuple[Lines, Lines, int]]:
    """Of each call of a block its part, the lines from the call up to where the next one begins, and where it
    begins in the first of those."""
    starts = [n for n, (_, line) in enumerate(block) if _BARE_CALL.search(line)][:MAX_CALLS]
    for part, (start, end) in zip(
        call_parts(block) if starts else (), pairwise([*starts, len(block)]), strict=True
    ):
        found = _BARE_CALL.search(block[start][1])
        # The next call may ask with what it takes out of this answer: `get(f"{API}/jobs/{job['id']}")`.
        yield list(part), list(block[start : end + 1]), found.start() if found else 0


def call_parts(block: Sequence[tuple[int, str]]) -> list[Sequence[tuple[int, str]]]:
    """The block in parts, one a call: what stands above it, as what it sends, and the call up to its last
    bracket; the last part has the rest."""
    starts = [n for n, (_, line) in enumerate(block) if _BARE_CALL.search(line)][:MAX_CALLS]
    ends = [
        min(start + len(_balanced(block[start : start + MAX_CALL], 0)), following)
        for start, following in pairwise([*starts, len(block)])
    ]
    return [block[a:b] for a, b in pairwise([0, *ends[:-1], len(block)])] if starts else [block]


def call_in(block: Sequence[tuple[int, str]], known: Mapping[str, str]) -> ProgramCall | None:
    """The call that a block of code sends; None where it sends none."""
    if exact := _exact(block, known):
        return exact
    method = _first(_METHOD, block)
    lines = [(number, whole(line, known)) for number, line in block if not gives_name(line, known)]
    url = _first_called(lines)
    if method is None or url is None:
        return None
    number = block[0][0]
    said = (method["call"] or method["quoted"] or method["named"]).upper()
    address = url["url"] if said in ("POST", "PUT", "PATCH") else with_parameter(url["url"])
    if url["url"].endswith("/") and (added := _ADDED.match(url.string, url.end())):
        address = f"{url['url']}{{{added['name']}}}"
    if said == "GET" and (query := _query(block, url["query"] or "")):
        return ProgramCall(said, f"{address}?{query}", number)
    if "Action=" in (url["query"] or ""):
        address += url["query"]  # which of the calls at this address it is
    return ProgramCall(said, address, number, tuple(_body(block)))


def _exact(block: Sequence[tuple[int, str]], known: Mapping[str, str]) -> ProgramCall | None:
    """The first call of a library in a block, if its address is said; what fetches a result is none."""
    for call in library_calls(block, known)[:1]:
        if (call.host or _IS_OF_API.match(call.path)) and not is_media(call.path):
            return _of_library(call, block[0][0])
    return None


def _of_library(call: LibraryCall, line: int) -> ProgramCall:
    """The call of a library, its address in one piece."""
    is_sent = call.method in ("POST", "PUT", "PATCH")
    address = (f"https://{call.host}" if call.host else "") + (
        call.path if is_sent else with_parameter(call.path)
    )
    if call.query and call.method == "GET":
        address += "?" + "&".join(f"{name}={{{name}}}" for name in call.query)
    return ProgramCall(call.method, address, line, call.body)


def _first(pattern: re.Pattern[str], lines: Sequence[tuple[int, str]]) -> re.Match[str] | None:
    return next((found for _, line in lines if (found := pattern.search(line))), None)


def _first_called(lines: Sequence[tuple[int, str]]) -> re.Match[str] | None:
    return next((found for _, line in lines if (found := _called(line))), None)


def _called(code: str) -> re.Match[str] | None:
    """The first address on a line of code that may be called."""
    for found in _URL.finditer(code):
        member = _OF_MEMBER.search(code[max(0, found.start() - MAX_BEFORE) : found.start()])
        is_of_body = member is not None and member["name"].lower().replace("_", "") not in _OF_ADDRESS
        if not is_of_body and not _FILE.search(found["url"]):
            return found
    return None


def _body(block: Sequence[tuple[int, str]]) -> Lines:
    """The lines of the first JSON of a block that is sent."""
    for index, (_, line) in enumerate(block):
        if body := _BODY.search(line):
            return _balanced(block[index:], body.start("brace"))
    return []


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
