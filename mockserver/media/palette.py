"""Colours: one picture is drawn in 256 tones, and a seed says what colour each tone has."""

from __future__ import annotations

import colorsys
import hashlib
from itertools import pairwise
from typing import NamedTuple

# Tones that drawings use; the palette keeps their contrast whatever the hue.
BACKGROUND, SHADE, QUIET, ACCENT, LIGHT, INK = 28, 52, 92, 150, 200, 255


class Tables(NamedTuple):
    """The luma and colour-difference value of each of the 256 tones."""

    y: list[int]
    cb: list[int]
    cr: list[int]


def digest(seed: str) -> bytes:
    """Thirty-two bytes that depend on nothing but `seed`; any text, also with lone surrogates."""
    return hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()


def colours(seed: str) -> list[tuple[int, int, int]]:
    """256 RGB colours from dark to nearly white, through a strong one in the middle."""
    bits = digest(seed)
    hue = int.from_bytes(bits[:2], "big") / 65536
    away = (bits[2] / 255 - 0.5) / 3
    dark = colorsys.hsv_to_rgb(hue, 0.65, 0.08)
    strong = colorsys.hsv_to_rgb((hue + away) % 1, 0.62, 0.80)
    light = colorsys.hsv_to_rgb(hue, 0.03, 1.0)
    stops = ((0, dark), (160, strong), (255, light))
    ramp = []
    for (low, first), (high, last) in pairwise(stops):
        for tone in range(low, high):
            part = (tone - low) / (high - low)
            ramp.append(tuple(a + (b - a) * part for a, b in zip(first, last, strict=True)))
    ramp.append(light)
    return [(round(red * 255), round(green * 255), round(blue * 255)) for red, green, blue in ramp]


def bt601(palette: list[tuple[int, int, int]]) -> Tables:
    """Y′CbCr of each colour, limited range (16–235, 16–240): ITU-R BT.601, section 2.5."""
    rows = [_bt601(red / 255, green / 255, blue / 255) for red, green, blue in palette]
    return Tables(*(list(column) for column in zip(*rows, strict=True)))


def _bt601(red: float, green: float, blue: float) -> tuple[int, int, int]:
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return (
        round(16 + 219 * luma),
        round(128 + 224 * (blue - luma) / 1.772),
        round(128 + 224 * (red - luma) / 1.402),
    )
