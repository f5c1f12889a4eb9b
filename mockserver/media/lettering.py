"""Any Unicode text in the one font that ships with Pillow.

That font (Aileron) covers little more than ASCII. Accents are taken off letters that it knows; a character
that it does not know is drawn as a box with its code point in hexadecimal, as browsers do, so that a prompt
in Chinese still shows which prompt it was, the same on every machine.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import ImageDraw, ImageFont

_MISSING = "\uffff"
_LIKE = str.maketrans({"–": "-", "—": "-", "×": "x", "‚": ",", "•": "·", "\u00a0": " ", "−": "-"})
_UNSEEN = ("Cc", "Cf")  # controls, joiners, direction marks


class Style(NamedTuple):
    """Size in pixels and tone of a text."""

    size: int
    tone: int


def first_words(text: str, words: int = 14, characters: int = 72) -> str:
    """The start of `text` on one line, `…` where something is left out."""
    head = text[: 8 * characters]
    found = head.split()
    cut = " ".join(found[:words])
    short = cut[:characters].rstrip()
    return f"{short}…" if len(short) < len(cut) or len(found) > words or len(head) < len(text) else short


def wrap(text: str, size: int, width: int) -> list[str]:
    """Lines no wider than `width` pixels, broken at spaces, and inside words that are wider than a line."""
    lines, line, used = [], "", 0.0
    space = _advance(" ", size)
    for word in _legible(text).split():
        for piece in _pieces(word, size, width):
            length = sum(_advance(character, size) for character in piece)
            if line and used + space + length > width:
                lines.append(line)
                line, used = piece, length
            else:
                line, used = (f"{line} {piece}", used + space + length) if line else (piece, length)
    return [*lines, line] if line else lines


def measure(text: str, size: int) -> int:
    """The width of a line in pixels, rounded up."""
    return int(sum(_advance(character, size) for character in _legible(text))) + 1


def write(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, style: Style) -> None:
    """Draw one line with its upper left corner at `place`."""
    x, y = float(place[0]), place[1]
    for known, run in groupby(_legible(text), _known):
        if known:
            characters = "".join(run)
            draw.text((round(x), y), characters, fill=style.tone, font=_font(style.size))
            x += sum(_advance(character, style.size) for character in characters)
            continue
        for character in run:
            _box(draw, (round(x), y), character, style)
            x += _advance(character, style.size)


def _legible(text: str) -> str:
    return "".join(_folded(unicodedata.normalize("NFC", text).translate(_LIKE)))


def _folded(text: str) -> Iterator[str]:
    for character in text:
        if unicodedata.category(character) in _UNSEEN:
            yield " " if character in "\t\n\r\v\f" else ""
        elif _known(character):
            yield character
        else:
            base = unicodedata.normalize("NFKD", character)[0]
            yield base if _known(base) and not base.isspace() else character


def _pieces(word: str, size: int, width: int) -> Iterator[str]:
    piece, used = "", 0.0
    for character in word:
        length = _advance(character, size)
        if piece and used + length > width:
            yield piece
            piece, used = "", 0.0
        piece += character
        used += length
    yield piece


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont  # here, as in `drawing`

    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):  # pragma: no cover - Pillow built without FreeType
        raise TypeError("Pillow has no FreeType support; install a Pillow wheel from PyPI")
    return font


@lru_cache(maxsize=8192)
def _known(character: str) -> bool:
    """Whether the font has a glyph of its own for this character."""
    font = _font(16)
    mask, missing = font.getmask(character), font.getmask(_MISSING)
    return mask.size != missing.size or bytes(mask) != bytes(missing)


@lru_cache(maxsize=8192)
def _advance(character: str, size: int) -> float:
    if _known(character):
        return float(_font(size).getlength(character))
    columns = len(_code(character)) // 2
    return columns * _digit(size) * 0.62 + size * 0.22


def _digit(size: int) -> int:
    return max(5, round(size * 0.46))


def _code(character: str) -> str:
    code = f"{ord(character):04X}"
    return code if len(code) % 2 == 0 else f"0{code}"


def _box(draw: ImageDraw.ImageDraw, place: tuple[int, int], character: str, style: Style) -> None:
    """The character's code point in two rows of digits, framed."""
    left, top = place[0], place[1] + round(style.size * 0.12)
    right = place[0] + round(_advance(character, style.size) - style.size * 0.08)
    bottom = top + style.size
    draw.rectangle((left, top, right, bottom), outline=style.tone)
    code, small = _code(character), _digit(style.size)
    half = len(code) // 2
    for row, digits in enumerate((code[:half], code[half:])):
        x = (left + right) / 2 - _font(small).getlength(digits) / 2
        y = top + round(style.size * 0.04) + row * round(style.size * 0.46)
        draw.text((round(x), y), digits, fill=style.tone, font=_font(small))
