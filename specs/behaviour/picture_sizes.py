"""How large pictures are that stand in a request as Base64, by their headers."""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from functools import lru_cache
from typing import Any

# Of a picture, so many characters are read: headers are shorter, but for cameras' notes.
MOST_READ = 1 << 18
# Ratios are the same that differ by so much of the greater one: sides are whole pixels.
RATIO_SLACK = 0.01


def size_of(text: Any) -> tuple[int, int] | None:
    """(width, height) in pixels; None for an address, and for what is no picture."""
    if not isinstance(text, str) or text.startswith(("http://", "https://")):
        return None
    return _size(text[:MOST_READ])


# Requests that are tried, or sent again, have the same few pictures: 16 of them are at most 4 MB.
@lru_cache(maxsize=16)
def _size(text: str) -> tuple[int, int] | None:
    from PIL import Image  # here: few requests have pictures that must go together

    try:
        content = base64.b64decode(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a size that only decoding would mind
            with Image.open(io.BytesIO(content)) as picture:
                return picture.size
    except (binascii.Error, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def same_size(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one == other


def same_ratio(one: tuple[int, int], other: tuple[int, int]) -> bool:
    wide, high = one[0] * other[1], other[0] * one[1]
    return abs(wide - high) <= RATIO_SLACK * max(wide, high)
