"""A result at the size of a card: drawn small, which costs less than drawing it whole and shrinking it."""

from __future__ import annotations

import functools

from understudy.mockserver.media import lettering, stills
from understudy.mockserver.media.drawing import TitleCard
from understudy.mockserver.media.shapes import Size

# Twice what the page shows, for fine screens.
SIDE = 128


@functools.lru_cache(maxsize=512)
def thumbnail(seed: str, text: str, *, film: bool) -> bytes:
    """A PNG with the colours and the pattern of the first result of task `seed`."""
    card = TitleCard(Size(SIDE, SIDE), lettering.first_words(text), ("", "", ""), "", seed, film)
    return stills.png(card)
