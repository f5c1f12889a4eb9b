"""Base64 text whose bytes are read where they are needed, without decoding the rest.

Strict, as RFC 4648 wants it where nothing else is said: no character outside the alphabet (section 3.3), so
no line breaks, spaces or URL-safe letters, and full padding (section 3.2). Real services differ (Java's
basic decoder refuses line breaks, Go's skips them), and a client that sends none is right everywhere. Bits
that are set behind the last byte are let through, as nearly all decoders do (section 3.5 leaves it open).
"""

from __future__ import annotations

import binascii
import re

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OUTSIDE = re.compile(rb"[^A-Za-z0-9+/]")
_STRETCH = 1 << 20  # characters looked at in one go, so that a large text is never copied whole


class NotBase64Error(ValueError):
    """The text is not Base64; the message says why, and where (characters from 0)."""


class Base64Text:
    """The bytes that a Base64 text stands for: `size` of them, readable anywhere."""

    def __init__(self, text: str | bytes | memoryview) -> None:
        """Check all of `text`; raises NotBase64Error."""
        self._text = text
        length = len(text)
        if not length:
            raise NotBase64Error("it is empty")
        end = length - self._padding(length)
        for start in range(0, end, _STRETCH):
            stretch = self._ascii(start, min(start + _STRETCH, end))
            # Deleting the alphabet is many times faster than matching it.
            if stretch.translate(None, _ALPHABET):
                self._refuse(stretch, start)
        if length % 4:
            raise NotBase64Error(
                f"its {length} characters are not a multiple of 4, so it is cut off or lacks padding"
            )
        self.size = length // 4 * 3 - (length - end)

    def read(self, start: int, count: int) -> bytes:
        """At most `count` bytes from byte `start` on; fewer where the text ends."""
        first, last = start // 3 * 4, -(-(start + count) // 3) * 4
        decoded = binascii.a2b_base64(self._ascii(first, min(last, len(self._text))))
        return decoded[start % 3 : start % 3 + count]

    def _padding(self, length: int) -> int:
        tail = self._ascii(max(0, length - 2), length)
        return len(tail) - len(tail.rstrip(b"="))

    def _ascii(self, start: int, end: int) -> bytes:
        part = self._text[start:end]
        # Every character outside ASCII becomes "?", which is outside the alphabet as well.
        return part.encode("ascii", "replace") if isinstance(part, str) else bytes(part)

    def _refuse(self, stretch: bytes, start: int) -> None:
        match = _OUTSIDE.search(stretch)
        at = start + (match.start() if match else 0)
        found = self._text[at : at + 1]
        shown = ascii(found if isinstance(found, str) else bytes(found).decode("latin-1"))
        raise NotBase64Error(f"character {at} is {shown}, which is not in the alphabet A-Z a-z 0-9 + /")
