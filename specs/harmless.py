"""Text from outside, made safe to show: it cannot move a cursor, turn a line around or hide in it.

printable("a\\x1b[2Jb\\u202ec")  # -> "a\\ufffd[2Jb\\ufffdc"

What is replaced: control characters of ECMA-48 (C0 but tab and line feed, DEL, C1), the directional controls
of Unicode's bidirectional algorithm (UAX 9; CVE-2021-42574, "Trojan Source"), line and paragraph separators,
tag characters (invisible ASCII), lone surrogates and noncharacters. Each becomes one U+FFFD: positions stay.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

Shown = TypeVar("Shown")

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    """`text` with every character that is not safe to show replaced by U+FFFD; the length stays."""
    return _UNSAFE.sub("\ufffd", text)


def escaped(json_text: str) -> str:
    """JSON text with the same characters as \\uXXXX escapes: what it says stays, to the last character.

    Only for JSON written with indentation or without: line feeds between tokens are left alone.
    """
    return _UNSAFE.sub(_escape, json_text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def harmless(value: Shown) -> Shown:
    """A record (frozen dataclasses, tuples, strings, to any depth) with all its text printable."""
    return _harmless(value)  # type: ignore[no-any-return]


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(map(_harmless, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _harmless(getattr(value, field.name)) for field in fields(value)}
        )
    return value
