"""Aspect ratios to pixel sizes."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import NamedTuple

from understudy.specs.errors import UnderstudyError

PICTURE_LONG_SIDE = 1024
FILM_LONG_SIDE = 1280
FILM_AREA = 640 * 360
SMALLEST_SIDE = 16

# Few digits on purpose: "1e999999999" must not be computed.
_RATIO = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*:\s*([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*")


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


def ratio(aspect_ratio: str) -> Fraction:
    """`"16:9"` → `Fraction(16, 9)`; both sides are positive decimal numbers, else UnderstudyError."""
    match = _RATIO.fullmatch(aspect_ratio)
    sides = [Fraction(side) for side in match.groups()] if match else []
    if not sides or not all(sides):
        raise UnderstudyError(
            f"{aspect_ratio!r} is not an aspect ratio",
            where="aspect_ratio",
            advice="use width:height in positive numbers, such as 16:9",
        )
    return sides[0] / sides[1]


def picture_size(aspect_ratio: str) -> Size:
    """The size of a picture, at most 1024 px on its long side: `"16:9"` → 1024×576, `"21:9"` → 1008×432.

    Exact to the ratio whenever so small a size can be. Beyond 64:1 the short side stays at 16 px.
    """
    shape = ratio(aspect_ratio)
    scale = PICTURE_LONG_SIDE // max(shape.numerator, shape.denominator)
    return _exact(shape, _round(scale, 1)) or _nearest(shape, PICTURE_LONG_SIDE)


def film_size(aspect_ratio: str) -> Size:
    """The size of a video, of 640×360 px in area and both sides even: `"9:16"` → 360×640, `"1:1"` → 480×480.

    Even, because 4:2:0 video has one colour sample for two pixels each way. At most 1280 px on its long side,
    and beyond 80:1 the short side stays at 16 px.
    """
    shape = ratio(aspect_ratio)
    long, short = max(shape.numerator, shape.denominator), min(shape.numerator, shape.denominator)
    scale = min(math.isqrt(FILM_AREA // (long * short)), FILM_LONG_SIDE // long)
    nearest = _nearest(shape, min(FILM_LONG_SIDE, math.isqrt(FILM_AREA * long // short)))
    return _exact(shape, _round(scale, 2)) or Size(*(side + side % 2 for side in nearest))


def _round(scale: int, least: int) -> int:
    """Down to a multiple of 16, as sizes of media often are, or of less where that would cost a twentieth."""
    steps = (step for step in (16, 8, 4, 2, 1) if step >= least)
    return next((scale - scale % step for step in steps if scale % step * 20 < scale), scale - scale % least)


def _exact(shape: Fraction, scale: int) -> Size | None:
    size = Size(shape.numerator * scale, shape.denominator * scale)
    return size if min(size) >= SMALLEST_SIDE else None


def _nearest(shape: Fraction, long: int) -> Size:
    short = max(SMALLEST_SIDE, round(long * min(shape, 1 / shape)))
    return Size(long, short) if shape > 1 else Size(short, long)
