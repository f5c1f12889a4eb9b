"""The calls of libraries in a program, their addresses and bodies found by name where variables keep them.

    url = f"{API}/v1/clips"
    payload = {"prompt": "a cat"}             →  POST https://api.example.com/v1/clips
    resp = requests.post(url, json=payload)      {"prompt": "a cat"}

Python (requests, httpx, aiohttp) and JavaScript (axios, fetch).
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs.readers.text.named_addresses import MAX_LINE, MAX_LINES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.documents import Document

Lines = tuple[tuple[int, str], ...]

MAX_BLOCK = 400
MAX_CALLS = 20
MAX_BODY = 200
MAX_PARTS = 4

_NAME = r"[A-Za-z_$][\w$]{0,60}"
CALL = re.compile(
    r"\b(?:requests|httpx|axios|aiohttp|session|client)\.(?P<method>get|post|put|patch|delete)\s?\(\s?"
    r"|\b(?:requests|httpx|session|client)\.request\(\s?[\"'](?P<said>[A-Za-z]{3,6})[\"'],\s?"
    r"|\bfetch\s?\(\s?|\baxios\s?\(\s?(?=\{)"
)
_OPTION_METHOD = re.compile(r"\bmethod[\"']?\s?[:=]\s?[\"'`](?P<method>[A-Za-z]{3,6})[\"'`]", re.IGNORECASE)
_OPTION_URL = re.compile(r"\burl[\"']?\s?[:=]\s?")
_LITERAL = re.compile(
    r"\s{0,40}[fr]?(?:\"(?P<double>[^\"]{0,400})\"|'(?P<single>[^']{0,400})'|`(?P<tick>[^`]{0,400})`)"
)
_VARIABLE = re.compile(rf"\s{{0,40}}(?:{_NAME}\.)*(?P<name>{_NAME})")
_PLUS = re.compile(r"\s{0,3}\+\s{0,3}")
_GIVES = re.compile(
    rf"(?<![\w.$])(?:{_NAME}\.)?(?P<name>{_NAME})\s{{0,3}}(?::\s?[\w\[\], ]{{1,40}})?=(?!=)\s{{0,3}}"
)
_INSIDE = re.compile(rf"\$?\{{(?:{_NAME}\.)*(?P<name>{_NAME})[^{{}}]{{0,60}}\}}")
_ADDRESS = re.compile(
    r"(?:https?://(?P<host>[^/\s?#]{1,200}))?(?P<path>/[^\s?#]{0,300})(?:\?(?P<query>[^\s#]{0,300}))?\Z"
)
_UNKNOWN_BASE = re.compile(r"\A\{[\w$]{1,60}\}(?=/)")
# Which of the calls at one address it is.
_ACTION = re.compile(r"(?:[\w.%=-]{1,80}&){0,8}Action=[^&]{1,100}")
_BODY = re.compile(
    rf"(?<![\w.])(?:json|data|body|payload)[\"']?\s?[=:]\s?(?P<value>(?:(?:JSON\.stringify|json\.dumps)\(\s{{0,40}})?(?:\{{|{_NAME}))"
    r"|\b(?:JSON\.stringify|json\.dumps)\(\s{0,40}\{"
)
_PARAMS = re.compile(rf"(?<![\w.])params[\"']?\s?[=:]\s?(?P<value>\{{|{_NAME})")
# The second argument of a call, where that is what it sends; what has headers is none.
_SECOND = re.compile(
    rf"\A[^,{{]{{1,400}},\s{{0,40}}(?P<value>(?:JSON\.stringify\(\s?)?(?:\{{(?!\s{{0,40}}headers\b)|{_NAME}(?=\s{{0,4}}[,)])))"
)
_DUMPED = re.compile(r"(?:JSON\.stringify|json\.dumps)\(\s{0,40}")
_MEMBER = re.compile(r"[{,\s][\"']?([A-Za-z_]\w{0,60})[\"']?\s{0,2}:(?=\s)")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`[^`]*+`")
_COMMENT = re.compile(r"(?<![:\w/\"'])(?://|#).*\Z")


@dataclass(frozen=True, slots=True)
class LibraryCall:
    """A call as a program makes it: its method, host and path, the names that it asks with, the lines of the
    JSON that it sends, and the line on which it begins."""

    method: str
    host: str
    path: str
    query: tuple[str, ...]
    body: Lines
    line: int


def named_addresses(document: Document) -> dict[str, str]:
    """The addresses to which the code of a page gives a name, each that has one value alone."""
    found: dict[str, set[str]] = {}
    for line in document.lines[:MAX_LINES]:
        for given in _GIVES.finditer(line[:MAX_LINE]) if "http" in line else ():
            literal = _LITERAL.match(line[:MAX_LINE], given.end())
            text = _text_of(literal) if literal else ""
            if text.startswith("http"):
                found.setdefault(given["name"], set()).add(text.rstrip("/"))
    return {name: values.pop() for name, values in found.items() if len(values) == 1}


def library_calls(block: Sequence[tuple[int, str]], known: Mapping[str, str]) -> list[LibraryCall]:
    """The calls of a block whose method and path it says, in their order; `known` are addresses by their names."""
    lines = [(number, text[:MAX_LINE]) for number, text in block[:MAX_BLOCK]]
    values, found = dict(known), list[LibraryCall]()
    for index, (_, text) in enumerate(lines):
        call = CALL.search(_COMMENT.sub("", text))
        if call is not None and len(found) < MAX_CALLS:
            made = _call(lines, index, call, values)
            found += [made] if made else []
        for given in _GIVES.finditer(text):
            if (value := _value(text[given.end() :], values)) and "/" in value:
                values[given["name"]] = value.rstrip("/")
    return found


def _call(
    lines: Sequence[tuple[int, str]], index: int, call: re.Match[str], values: Mapping[str, str]
) -> LibraryCall | None:
    bracket = call.start() + call.group().index("(")
    own = _balanced(lines[index:], bracket)
    arguments = _text(own)[call.end() - bracket :]
    method = call["method"] or call["said"]
    options: Lines = ()
    if not method:
        options = () if _OPTION_METHOD.search(arguments) else _options(lines, index, arguments)
        option = _OPTION_METHOD.search(_text(options) or arguments)
        method = option["method"] if option else "get"
    first = arguments
    if arguments.startswith("{"):
        at = _OPTION_URL.search(arguments)
        first = arguments[at.end() :] if at else ""
    # Where nothing says the beginning of an address, what is behind it may be one that is stated.
    address = _ADDRESS.match(_UNKNOWN_BASE.sub("", _value(first, values) or "", count=1))
    if address is None:
        return None
    query = address["query"] or ""
    action = _ACTION.match(query)
    names = [] if action else re.findall(r"(?:\A|&)(\w{1,60})=", query)
    path = f"{address['path']}?{query}" if action else address["path"]
    body: Lines = ()
    if method.lower() in ("get", "delete"):
        asked = _object(lines, index, own, _PARAMS.search(arguments))
        names += [name for _, text in asked for name in _MEMBER.findall(text)]
    else:
        is_second = call["method"] and (second := _SECOND.search(arguments))
        sent = _BODY.search(arguments) or (second if is_second else None)
        body = _object(lines, index, options or own, _BODY.search(_text(options)) if options else sent)
    return LibraryCall(
        method.upper(), address["host"] or "", path, tuple(dict.fromkeys(names)), body, lines[index][0]
    )


def _options(lines: Sequence[tuple[int, str]], index: int, arguments: str) -> Lines:
    """The object of options that a call names: `fetch(url, options)`."""
    second = re.search(rf",\s{{0,4}}({_NAME})\s?\)", arguments[:400])
    held = _assigned(lines, index, second[1]) if second else None
    return _balanced(lines[held[0] :], held[1]) if held else ()


def _text(lines: Lines) -> str:
    return "\n".join(text for _, text in lines)


def _value(text: str, values: Mapping[str, str]) -> str | None:
    """What an expression of literals and names is; a name that has no address of its own stands in braces."""
    out, at = "", 0
    for _ in range(MAX_PARTS):
        if literal := _LITERAL.match(text, at):
            out += _INSIDE.sub(
                lambda used: values.get(used["name"], f"{{{used['name']}}}"), _text_of(literal)
            )
            at = literal.end()
        elif name := _VARIABLE.match(text, at):
            out += values.get(name["name"], f"{{{name['name']}}}")
            at = name.end()
        else:
            return None
        plus = _PLUS.match(text, at)
        if plus is None:
            return re.sub(r"/\{\}|/%s|/<\w{1,40}>", "/{id}", out)
        at = plus.end()
    return None


def _text_of(literal: re.Match[str]) -> str:
    return literal["double"] or literal["single"] or literal["tick"] or ""


def _object(lines: Sequence[tuple[int, str]], index: int, own: Lines, found: re.Match[str] | None) -> Lines:
    """The lines of the object to which a match in the arguments of a call comes: right there, or in the variable
    that it names."""
    if found is None:
        return ()
    if found.group().endswith("{"):
        text = _text(own)
        start = len(text) - len(found.string) + found.end() - 1
        row = text.count("\n", 0, start)
        return _balanced(own[row:], start - (text.rfind("\n", 0, start) + 1))
    name = _DUMPED.sub("", found["value"])
    for _ in range(2):  # `body = json.dumps(payload)` above names another one
        held = _assigned(lines, index, name)
        if held is None:
            return ()
        row, column = held
        text = lines[row][1]
        dumped = _DUMPED.match(text, column)
        column = dumped.end() if dumped else column
        if text[column : column + 1] == "{":
            return _balanced(lines[row:], column)
        other = _VARIABLE.match(text, column)
        if other is None:
            return ()
        name = other["name"]
    return ()


def _assigned(lines: Sequence[tuple[int, str]], before: int, name: str) -> tuple[int, int] | None:
    """The line of a block, and the place in it, behind the last `name =` above a line."""
    for row in reversed(range(before)):
        for given in _GIVES.finditer(lines[row][1]):
            if given["name"] == name:
                return row, given.end()
    return None


def _balanced(lines: Sequence[tuple[int, str]], start: int) -> Lines:
    """The lines from the bracket at `start` of the first one to the one that closes it, cut behind that."""
    out: list[tuple[int, str]] = []
    depth = 0
    for number, text in lines[:MAX_BODY]:
        bare = _COMMENT.sub(_blank, _STRING.sub(_blank, text))
        begins, start = start, 0
        for at in range(begins, len(bare)):
            depth += (bare[at] in "{[(") - (bare[at] in "}])")
            if depth <= 0 and bare[at] in "}])":
                return (*out, (number, text[begins : at + 1]))
        out.append((number, text[begins:]))
    return tuple(out)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())
