"""JSON texts: what reading one would cost (depth, number of values), and writing one."""

from __future__ import annotations

import re
from typing import Any

import orjson

# Requests of this kind of API are four deep. Python's own recursion ends at some hundreds.
MOST_DEPTH = 64
# A parsed value takes 60 bytes and more: 90 MB of "[],[]," would become 3 GB.
# Requests of this kind of API hold some dozens, and explaining what is wrong with each takes its time.
MOST_VALUES = 10_000
_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)


def too_many(text: bytes, most: int = MOST_VALUES) -> bool:
    """Whether JSON `text` may hold more than `most` values: each but the first follows a comma or bracket."""
    return text.count(b",") + text.count(b"[") + text.count(b"{") > most


def too_deep(text: bytes, most: int = MOST_DEPTH) -> bool:
    """Whether JSON `text` has more than `most` arrays and objects inside each other.

    >>> too_deep(b'[[1]]', 1), too_deep(b'["[["]', 1)
    (True, False)
    """
    # Nearly every body has fewer brackets than that: two counts, and no walk.
    if text.count(b"[") + text.count(b"{") <= most:
        return False
    depth = 0
    for found in _BRACKETS.finditer(text):
        mark = found[0]
        if mark in (b"[", b"{"):
            depth += 1
            if depth > most:
                return True
        elif mark in (b"]", b"}"):
            depth -= 1
    return False


def encode(value: Any) -> bytes:
    """`value` as JSON, copied: what orjson (3.13) gives holds at least 4 KB for as long as it lives."""
    return b"%b" % orjson.dumps(value)
