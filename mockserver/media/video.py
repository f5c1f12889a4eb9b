"""Videos: the drawing with a moving bar, as H.264 in MP4."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from understudy.mockserver.media import drawing, h264, palette
from understudy.mockserver.media.drawing import Box, TitleCard
from understudy.mockserver.media.h264 import Encoder, Frame, Macroblock
from understudy.mockserver.media.mp4 import TIMESCALE, Track, mux
from understudy.mockserver.media.shapes import Size
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

STEP = 125  # milliseconds a picture is shown: eight a second
MOST_PICTURES = 240  # a longer video shows each of them longer
LONGEST = 24 * 3600  # seconds


def film(card: TitleCard, duration_seconds: float) -> bytes:
    """An MP4 of `duration_seconds`, to the millisecond. Raises UnderstudyError beyond 0.001 to 86,400."""
    if not 0.001 <= duration_seconds <= LONGEST:
        raise UnderstudyError(
            f"a video of {duration_seconds} seconds cannot be made",
            where="duration_seconds",
            advice=f"use a number of seconds from 0.001 to {LONGEST}",
        )
    frame = coded(card.size)
    encoder = Encoder(frame)
    tables = palette.bt601(palette.colours(card.seed))
    shown = durations(duration_seconds)
    pictures: list[bytes] = []
    blocks = partial(_macroblocks, tables=tables, columns=frame.columns)
    for image, changed in drawn(card, shown):
        if not pictures:
            whole = dict(blocks(image, Box(0, 0, *image.size)))
            pictures.append(encoder.key_frame([whole[address] for address in sorted(whole)]))
        else:
            pictures.append(encoder.next_frame({a: b for box in changed for a, b in blocks(image, box)}))
    return mux(Track(*card.size, h264.sequence_parameters(frame), h264.picture_parameters(), pictures, shown))


def coded(size: Size) -> Frame:
    """The whole macroblocks that hold a picture of this size."""
    return Frame(-(-size.width // 16), -(-size.height // 16), *size)


def durations(seconds: float) -> list[int]:
    """How long each picture is shown, in milliseconds: `1.1` → eight of 125 and one of 100."""
    total = max(1, round(seconds * TIMESCALE))
    step = max(STEP, math.ceil(total / MOST_PICTURES))
    whole, rest = divmod(total, step)
    return [step] * whole + ([rest] if rest else [])


def drawn(card: TitleCard, shown: list[int]) -> Iterator[tuple[Image.Image, tuple[Box, ...]]]:
    """Each picture and the boxes in which it may differ from the one before; one image, drawn over."""
    frame = coded(card.size)
    image = drawing.draw(card, Size(frame.columns * 16, frame.rows * 16))
    total, now = sum(shown), 0
    for duration in shown:
        clock = f"{now // TIMESCALE} s of {total / TIMESCALE:g} s"
        now += duration
        yield image, drawing.draw_progress(image, card, clock, now / total)


def _macroblocks(
    image: Image.Image, box: Box, *, tables: palette.Tables, columns: int
) -> Iterator[tuple[int, Macroblock]]:
    """The macroblocks of a box on multiples of 16, by address; colour has half the size (4:2:0)."""
    part = image.crop(box)
    width, height = part.size
    y = part.point(tables.y).tobytes()
    cb, cr = (part.point(table).reduce(2).tobytes() for table in (tables.cb, tables.cr))
    half = width // 2
    for row in range(height // 16):
        for column in range(width // 16):
            luma, chroma = row * 16 * width + column * 16, row * 8 * half + column * 8
            block = Macroblock(
                b"".join([y[at : at + 16] for at in range(luma, luma + 16 * width, width)]),
                b"".join([cb[at : at + 8] for at in range(chroma, chroma + 8 * half, half)]),
                b"".join([cr[at : at + 8] for at in range(chroma, chroma + 8 * half, half)]),
            )
            yield (box.top // 16 + row) * columns + box.left // 16 + column, block
