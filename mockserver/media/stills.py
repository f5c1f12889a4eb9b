"""Pictures: the drawing as PNG or JPEG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from mockserver.media import drawing, palette

if TYPE_CHECKING:
    from mockserver.media.drawing import Card


def png(card: Card) -> bytes:
    """A PNG with 256 colours."""
    image = drawing.draw(card, card.size)
    image.putpalette([value for colour in palette.colours(card.seed) for value in colour])
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()


def jpeg(card: Card) -> bytes:
    """A baseline JPEG without metadata."""
    image = drawing.draw(card, card.size)
    image.putpalette([value for colour in palette.colours(card.seed) for value in colour])
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=88)
    return file.getvalue()
