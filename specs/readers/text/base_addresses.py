"""The addresses with which all the others of a page begin, and which are no operation themselves.

Base URL: https://api.example.com/v3        **基础 URL**：`https://api.example.com/v3`        ## Base URL
                                                                                             https://api.example.com/v3
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINES = 10_000
MAX_LINE = 1_000
MAX_BASES = 20
MAX_BELOW = 3  # lines from a label to its address

_LABEL = (
    r"(?:\b(?:base|root)[\s_-]?(?:api[\s_-]?)?(?:urls?|uri|address|endpoint|path)?|\bapi[\s_-]base(?:[\s_-]?url)?|(?:基础|基本|根|基准)\s?(?:url|地址|路径|域名)|(?:url|地址|路径)前缀|\ball\s(?:uris|urls|paths|routes)\sare\srelative\sto(?:\sthe)?)"
    r"(?:\s?[(（][^()（）]{0,30}[)）])?"
)
_WHOLE = r"(?P<host>https?://[\w.-]{1,200}(?::\d{1,5})?)?(?P<path>/[\w.~/-]{0,200}[\w/])"
_BASE = re.compile(rf"{_LABEL}[\s*`\"'|:：=<]{{1,12}}{_WHOLE}", re.IGNORECASE)
# The same on two lines.
_HEAD = re.compile(rf"[#*\s\d.-]{{0,12}}{_LABEL}[*:：\s]{{0,4}}\Z", re.IGNORECASE)
_ALONE = re.compile(rf"[`\s<*-]{{0,6}}{_WHOLE}[`\s>]{{0,4}}\Z")
# A path that stands behind a method, or a longer address.
_CALL = re.compile(
    r"\b(?:POST|GET|PUT|PATCH|DELETE)[\s:`*|]{1,6}(?:https?://[^/\s`]{1,200})?(?P<path>/[\w{])"
)
_STEP = re.compile(r"/[\w{$<:]")


def base_paths(lines: Sequence[str]) -> frozenset[str]:
    """The paths of what the page calls a base address and calls something else than."""
    named: dict[str, tuple[str, int]] = {}  # by the path: the whole address, and its line
    headed = -MAX_BELOW  # the line of the last label that stands alone
    for number, line in enumerate(lines[:MAX_LINES]):
        if _HEAD.match(line[:100]):
            headed = number
        found = _BASE.search(line[:MAX_LINE]) if "/" in line else None
        if found is None and number - headed <= MAX_BELOW:
            found = _ALONE.match(line[:MAX_LINE])
        if found and len(named) < MAX_BASES:
            path = found["path"].rstrip("/")
            named.setdefault(path, ((found["host"] or "") + path, number))
    return frozenset(
        path for path, (whole, number) in named.items() if path and _goes_on(whole, lines, number)
    )


def _goes_on(whole: str, lines: Sequence[str], own: int) -> bool:
    """Whether an address of the page is longer than `whole`, or a call says the rest of one alone."""
    for number, line in enumerate(lines[:MAX_LINES]):
        text = line[:MAX_LINE]
        at = text.find(whole)
        while at >= 0:
            if _STEP.match(text, at + len(whole)):
                return True
            at = text.find(whole, at + 1)
        if number != own and (call := _CALL.search(text)) and not text.startswith(whole, call.start("path")):
            return True
    return False
