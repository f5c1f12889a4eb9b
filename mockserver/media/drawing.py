"""The drawing that every result shows: a pattern of the seed, the prompt, the facts, and a bar for videos.

Drawn in tones (one byte a pixel); `palette` gives the tones their colours. Edges stand on multiples of 16
where they can, because that is what `h264` sends for next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from understudy.mockserver.media import lettering, palette
from understudy.mockserver.media.lettering import Style

if TYPE_CHECKING:
    from PIL import Image, ImageDraw  # here: layouts are made without Pillow, which takes 20 ms

    from understudy.mockserver.media.shapes import Size

_CELLS = 5
_LEGIBLE = 96  # a side shorter than this has no room for text
_TALLEST_TITLE = 6
_TONES = (palette.SHADE, palette.QUIET, palette.ACCENT, palette.LIGHT)


@dataclass(frozen=True)
class TitleCard:
    """What a drawing says: title, facts below it, a mark in the corner or `""`; `seed` gives the pattern."""

    size: Size
    title: str
    facts: tuple[str, ...]
    mark: str
    seed: str
    film: bool = False


class Box(NamedTuple):
    """Left, top, right, bottom in pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Layout:
    """Where things stand. `clock` and `bar` are whole 16-pixel squares, as they alone change in a video."""

    small: int
    pattern: Box
    text: Box
    clock: Box
    bar: Box


def layout(card: TitleCard) -> Layout:
    """Pattern left of the text in a wide picture and above it in others; the bar at the bottom of a video."""
    width, height = card.size
    scale = _scale(card.size)
    margin = max(16, _grid(scale // 12))
    small = max(11, scale // 22)
    foot = height - margin - small * 3 // 2 - (small * 3 // 2 + 32 if card.film else 0)
    bar_top = _grid(height - margin - 8)
    bar = Box(margin, bar_top, max(margin + 16, _grid(width - margin)), bar_top + 16)
    lift = -(-small * 3 // 2 // 16) * 16
    clock = Box(margin, bar_top - lift - 16, _grid(margin + 7 * small) + 16, bar_top - 16)
    cell = max(16, _grid(scale * 11 // 20 // _CELLS))
    if width * 5 >= height * 6:
        top = max(margin, _grid((foot - cell * _CELLS) // 2))
        pattern = Box(margin, top, margin + cell * _CELLS, top + cell * _CELLS)
        text = Box(pattern.right + margin, top, width - margin, foot)
    else:
        pattern = Box(margin, margin, margin + cell * _CELLS, margin + cell * _CELLS)
        text = Box(margin, pattern.bottom + margin, width - margin, foot)
    return Layout(small, pattern, text, clock, bar)


def draw(card: TitleCard, canvas: Size) -> Image.Image:
    """The drawing without clock and bar, on a canvas at least as large as the card, in tones (mode L)."""
    from PIL import Image, ImageDraw  # here: layouts are made without Pillow, which takes 20 ms

    image = Image.new("L", canvas, palette.BACKGROUND)
    pen = ImageDraw.Draw(image)
    places = layout(card)
    if min(card.size) < _LEGIBLE:
        _stripes(pen, card)
        return image
    _pattern(pen, places.pattern, card.seed)
    _text(pen, card, places)
    if card.mark:
        _mark(pen, card, places)
    return image


def draw_progress(image: Image.Image, card: TitleCard, clock: str, part: float) -> tuple[Box, ...]:
    """Draw clock and bar anew, `part` of the bar full (0 to 1); returns the boxes that may have changed."""
    from PIL import Image, ImageDraw  # here: layouts are made without Pillow, which takes 20 ms

    pen = ImageDraw.Draw(image)
    places = layout(card)
    if min(card.size) < _LEGIBLE:
        whole = Box(0, 0, card.size.width // 16 * 16 or 16, 16)
        _bar(pen, whole, part)
        return (whole,)
    # On a sheet of its own, so that a long text ends at the edge of the box.
    box = places.clock
    sheet = Image.new("L", (box.right - box.left, box.bottom - box.top), palette.BACKGROUND)
    lettering.write(ImageDraw.Draw(sheet), (0, 0), clock, Style(places.small, palette.INK))
    image.paste(sheet, box)
    _bar(pen, places.bar, part)
    return places.clock, places.bar


def _scale(size: Size) -> int:
    """The length that margins and text follow: the short side, and less where it is nearly square."""
    return min(*size, max(size) * 9 // 16)


def _grid(length: int) -> int:
    return length - length % 16


def _inside(box: Box) -> Box:
    """The same box as Pillow names it, right and bottom included."""
    return Box(box.left, box.top, box.right - 1, box.bottom - 1)


def _bar(pen: ImageDraw.ImageDraw, box: Box, part: float) -> None:
    edge = box.left + round((box.right - box.left) * part)
    pen.rectangle(_inside(box), fill=palette.SHADE)
    if edge > box.left:
        pen.rectangle(_inside(box._replace(right=edge)), fill=palette.ACCENT)


def _pattern(pen: ImageDraw.ImageDraw, box: Box, seed: str) -> None:
    """Five by five squares, left and right alike, that tell one seed from another at a glance."""
    bits = palette.digest(f"pattern {seed}")
    cell = (box.right - box.left) // _CELLS
    for row in range(_CELLS):
        for column in range(_CELLS):
            mirrored = min(column, _CELLS - 1 - column)
            value = bits[row * 3 + mirrored]
            tone = _TONES[value % len(_TONES)]
            left, top = box.left + column * cell, box.top + row * cell
            pen.rectangle(_inside(Box(left, top, left + cell, top + cell)), fill=tone)


def _stripes(pen: ImageDraw.ImageDraw, card: TitleCard) -> None:
    width, height = card.size
    for at, value in enumerate(palette.digest(f"pattern {card.seed}")):
        tone = _TONES[value % len(_TONES)]
        left, top = (at * 32, 0) if width > height else (0, at * 32)
        pen.rectangle((left, top, left + 31, top + 31), fill=tone)


def _text(pen: ImageDraw.ImageDraw, card: TitleCard, places: Layout) -> None:
    box = places.text
    width, height = box.right - box.left, box.bottom - box.top
    step = places.small * 3 // 2
    room = height - len(card.facts) * step - places.small // 2
    size, lines = _fit(card.title, width, room, _scale(card.size) // 10, places.small)
    y = box.top
    for line in lines:
        lettering.write(pen, (box.left, y), line, Style(size, palette.INK))
        y += size * 5 // 4
    y += places.small // 2
    for fact in card.facts:
        lettering.write(pen, (box.left, y), fact, Style(places.small, palette.LIGHT))
        y += step


def _fit(title: str, width: int, room: int, largest: int, smallest: int) -> tuple[int, list[str]]:
    """The largest size at which the title fits; at the smallest, what does not fit is left out."""
    size = largest
    while True:
        lines = lettering.wrap(title, size, width)
        most = max(1, min(_TALLEST_TITLE, room // (size * 5 // 4)))
        if len(lines) <= most:
            return size, lines
        if size <= smallest:
            return size, [*lines[: most - 1], lines[most - 1] + "…"]
        size = max(smallest, size * 7 // 8)


def _mark(pen: ImageDraw.ImageDraw, card: TitleCard, places: Layout) -> None:
    """The watermark: a light badge in the lower right corner, above the bar."""
    size = places.small
    width = lettering.measure(card.mark, size) + size
    right, bottom = places.bar.right, places.clock.top - 8 if card.film else places.bar.top
    box = Box(right - width, bottom - size * 3 // 2, right, bottom)
    pen.rectangle(_inside(box), fill=palette.INK)
    lettering.write(
        pen, (box.left + size // 2, box.top + size // 6), card.mark, Style(size, palette.BACKGROUND)
    )
