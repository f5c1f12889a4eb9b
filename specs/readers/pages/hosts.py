"""Which host an operation is at, where the reader of the page's format found its path alone.

POST                                Base URL: https://api.example.com     | 域名 | https://api.example.com |    POST /v1/clips HTTP/1.1
https://api.example.com/v1/clips    POST /v1/clips                        POST /v1/clips                        Host: api.example.com
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.model import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Operation, Reading

MAX_LINES = 30_000
MAX_LINE = 1_000
MAX_ADDRESSES = 500

_ADDRESS = re.compile(r"(?P<host>https?://[\w.-]{1,200}(?::\d{1,5})?)(?P<path>/[\w.~/{}:-]{0,300})?")
# What a page calls the beginning of all its addresses, and what may stand between that and the address: a label's
# colon or the end of its cell, or the rest of a sentence: "The base URL of all requests is https://…".
_BASE = re.compile(
    r"(?:(?:\b(?:base|server|api|host|root|service)\s?(?:urls?|address|host|domain|endpoint)|服务(?:地址|域名)|(?:接口|请求|api|访问)\s?(?:基础)?(?:域名|根地址)|(?<!图片|视频|素材|文件|下载|资源)域名|基础(?:地址|路径|url))(?:\s[^.。:：|]{1,40}\s(?:is|are))?"
    r"|(?:\A|\|)[\s*`-]{0,6}(?:host|domain)|\ball\s(?:uris|urls|paths|routes|addresses)\sare\srelative\sto(?:\sthe)?)"
    r"\s{0,2}(?:[(（][^()（）]{0,30}[)）])?(?:\s?(?:is|are|为|是))?[\s*`\"'|:：=<(（]{0,12}\Z",
    re.IGNORECASE,
)
# The header of an HTTP message (RFC 9110, section 7.2).
_HOST = re.compile(
    r"\s{0,8}host\s?:\s?(?P<host>(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?::\d{1,5})?)\s{0,4}\Z",
    re.IGNORECASE,
)
# Before a label: the address is the reader's own.
_OF_THE_CLIENT = re.compile(r"callback|webhook|\byour\b|回调|通知", re.IGNORECASE)
MAX_LABEL = 100
# So far behind one base stands another one on the same line.
MAX_APART = 12
# Where nothing is sent to, and addresses of files.
_NO_API = re.compile(
    r"https?://(?:docs?|help|support|cdn|static|img|images?|console|dashboard)\.", re.IGNORECASE
)
# A heading of several of them, and one in the list below: "- Primary: `https://…`".
_BASES = re.compile(
    r"[#*\s\d.]{1,12}(?:base\s?urls?|(?:api\s)?servers?|(?:基础|服务)地址|服务器)[*:：\s]{0,4}\Z",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"\s{0,8}[-*•|][^/`]{0,60}[`\s<|:：]\Z")
MAX_BELOW = 12
MAX_ABOVE = 8
MAX_TOLD = 6
_VERSION = re.compile(r"\bv\d{1,2}\b")
_FILE = re.compile(r"\.[A-Za-z]\w{1,4}\Z")


def with_hosts(found: Reading, document: Document) -> Reading:
    """The reading, each operation that has a path and no host with the one that the page says of it."""
    addresses, named = _addresses(document.lines[:MAX_LINES])
    found = replace(found, operations=tuple(_with_base(one, addresses) for one in found.operations))
    if all(one.servers or not one.path for one in found.operations):
        return found
    bases = _without_paths(named, found.operations)
    settled = [
        one
        if one.servers or not one.path
        else replace(one, servers=_servers(one, addresses, bases) or _by_version(one, bases, document.lines))
        for one in found.operations
    ]
    notes = found.notes
    twice = {one.servers[0] for one in settled if one.path and one.servers and _repeated(one)}
    settled = [_once(one) if one.servers and one.servers[0] in twice else one for one in settled]
    for base in sorted(twice):
        what = f"the paths begin with the end of {base}: it is taken once"
        notes = (*notes, Note("mend", what, found.document, _line_of(base, document.lines)))
    if len(bases) > 1 and any(not one.servers for one in settled if one.path):
        what = f"which calls are at which of these addresses is not said: {', '.join(bases[:MAX_TOLD])}"
        notes = (*notes, Note("untold", what, found.document, _line_of(bases[0], document.lines)))
    return replace(found, operations=tuple(settled), notes=notes)


def _repeated(one: Operation) -> str:
    """The end of the only address of an operation with which its path begins: https://a.example/api, /api/x."""
    if len(one.servers) != 1:
        return ""
    steps = one.servers[0].partition("://")[2].split("/")[1:]
    ends = ("/" + "/".join(steps[n:]) for n in range(len(steps)))
    return next((end for end in ends if len(end) > 1 and one.path.startswith(f"{end}/")), "")


def _once(one: Operation) -> Operation:
    """The operation, its address without what its path begins with."""
    return replace(one, servers=(one.servers[0].removesuffix(_repeated(one)),)) if _repeated(one) else one


def _by_version(one: Operation, bases: Sequence[str], lines: Sequence[str]) -> tuple[str, ...]:
    """The only base of the version that the heading of an operation says: "Create a clip (v2)"."""
    above = lines[max(0, one.line - 1 - MAX_ABOVE) : one.line]
    heading = next((line for line in reversed(above) if line.startswith("#")), "")
    versions = set(_VERSION.findall(heading[:200]))
    of_it = [base for base in bases if base.rpartition("/")[2] in versions]
    return tuple(of_it) if len(of_it) == 1 else ()


def _line_of(base: str, lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines[:MAX_LINES], 1) if base in line), 1)


def _with_base(one: Operation, addresses: Sequence[tuple[str, str]]) -> Operation:
    """The operation, its host with the beginning of the path that an address of the page has before its own,
    where the page has none without: POST /clips, and a command calls https://api.example.com/v1/clips."""
    hosts = [(host, said) for host, said in addresses if (host,) == one.servers and said.endswith(one.path)]
    longer = {said for _, said in hosts}
    if not one.path.strip("/") or len(longer) != 1 or one.path in longer:
        return one
    return replace(one, servers=(one.servers[0] + longer.pop().removesuffix(one.path),))


def _addresses(lines: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """The hosts and paths of the page's addresses, and the bases that it names."""
    addresses: dict[tuple[str, str], None] = {}
    bases: dict[str, None] = {}
    headed = -MAX_BELOW  # the line of the last heading of bases
    for number, line in enumerate(lines):
        text = line[:MAX_LINE]
        if text.startswith("#"):
            headed = number if _BASES.match(text[:80]) else -MAX_BELOW
        if header := _HOST.match(text):
            bases.setdefault(f"https://{header['host']}")
        if "://" not in text:
            continue
        end = -MAX_LINE  # of the last base
        for match in _ADDRESS.finditer(text):
            addresses.setdefault((match["host"], (match["path"] or "").rstrip(".")))
            before = text[max(0, match.start() - MAX_LABEL) : match.start()]
            is_listed = number - headed < MAX_BELOW and _ENTRY.match(text[: match.start()])
            is_base = (is_listed or _BASE.search(before)) and not _OF_THE_CLIENT.search(before)
            if (is_base or match.start() - end <= MAX_APART) and "{" not in match.group():
                bases.setdefault(match.group().rstrip("./"))
                end = match.end()
        if len(addresses) > MAX_ADDRESSES:
            break
    return list(addresses), list(bases)


def _without_paths(bases: Sequence[str], operations: Sequence[Operation]) -> list[str]:
    """The bases, each without the path of an operation with which it ends: an "API endpoint" may be one."""
    paths = sorted({one.path for one in operations if one.path.strip("/")}, key=len, reverse=True)
    ends = ((base, next((path for path in paths if base.endswith(path)), "")) for base in bases)
    return list(dict.fromkeys(base.removesuffix(path) for base, path in ends))


def _servers(one: Operation, addresses: Sequence[tuple[str, str]], bases: Sequence[str]) -> tuple[str, ...]:
    path, _, inner = one.path.partition("{")
    for host, said in addresses:
        at = said.find(path) if path.strip("/") else -1
        if at < 0 or _NO_API.match(host) or _FILE.search(said):
            continue
        rest = said[at + len(path) :]
        if (rest and rest.count("/") == inner.count("/")) if inner else not rest:
            return (host + said[:at],)
    return tuple(bases) if len(bases) == 1 else ()
