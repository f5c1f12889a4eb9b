"""Pictures: the drawing as PNG or JPEG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from understudy.mockserver.media import drawing, palette

if TYPE_CHECKING:
    from understudy.mockserver.media.drawing import TitleCard


def png(card: TitleCard) -> bytes:
    """A PNG with 256 colours."""
    image = drawing.draw(card, card.size)
    image.putpalette([value for colour in palette.colours(card.seed) for value in colour])
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()


def webp(card: TitleCard) -> bytes:
    """A lossy WebP without metadata."""
    image = drawing.draw(card, card.size)
    image.putpalette([value for colour in palette.colours(card.seed) for value in colour])
    file = io.BytesIO()
    image.convert("RGB").save(file, "WEBP", quality=80)
    return file.getvalue()


def jpeg(card: TitleCard) -> bytes:
    """A baseline JPEG without metadata."""
    image = drawing.draw(card, card.size)
    image.putpalette([value for colour in palette.colours(card.seed) for value in colour])
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=88)
    return file.getvalue()
