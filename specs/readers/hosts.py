"""Which host an operation is at, where the reader of the page's format found its path alone.

POST                                    Base URL: https://api.example.com     | 域名 | https://api.example.com |
https://api.example.com/v1/clips        POST /v1/clips                        POST /v1/clips
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Operation, Reading

MAX_LINES = 30_000
MAX_LINE = 1_000
MAX_ADDRESSES = 500

_ADDRESS = re.compile(r"(?P<host>https?://[\w.-]{1,200}(?::\d{1,5})?)(?P<path>/[\w.~/{}:-]{0,300})?")
# What a page calls the beginning of all its addresses.
_BASE = re.compile(
    r"(?:base|server|api|host|root|service)\s?(?:urls?|address|host|domain|endpoint)|\bhost\b|\bdomain\b|服务(?:地址|域名)|(?:接口|请求|api|访问)\s?(?:基础)?(?:域名|根地址)|域名|基础(?:地址|路径|url)",
    re.IGNORECASE,
)


def with_hosts(found: Reading, document: Document) -> Reading:
    """The reading, each operation that has a path and no host with the one that the page says of it."""
    if all(one.servers or not one.path for one in found.operations):
        return found
    addresses, bases = _addresses(document.lines[:MAX_LINES])
    settled = [
        one if one.servers or not one.path else replace(one, servers=_servers(one, addresses, bases))
        for one in found.operations
    ]
    return replace(found, operations=tuple(settled))


def _addresses(lines: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """The hosts and paths of the page's addresses, and the bases that it names."""
    addresses: dict[tuple[str, str], None] = {}
    bases: dict[str, None] = {}
    for line in lines:
        text = line[:MAX_LINE]
        if "://" not in text:
            continue
        for match in _ADDRESS.finditer(text):
            addresses.setdefault((match["host"], (match["path"] or "").rstrip(".")))
            if _BASE.search(text[: match.start()]):
                bases.setdefault(match.group().rstrip("./"))
        if len(addresses) > MAX_ADDRESSES:
            break
    return list(addresses), list(bases)


def _servers(one: Operation, addresses: Sequence[tuple[str, str]], bases: Sequence[str]) -> tuple[str, ...]:
    path = one.path.partition("{")[0]
    for host, said in addresses:
        at = said.find(path)
        if at >= 0 and (said.endswith(path) or path.endswith("/")):
            return (host + said[:at],)
    return tuple(bases) if len(bases) == 1 else ()
