"""Which comparison is being made, on a terminal that waits for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from understudy.specs.report.live import Stretch, live_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress(stream: TextIO) -> Iterator[Callable[[int, int, str, str], None]]:
    """A function to tell of each comparison: the live line on a terminal, nothing in a pipe."""
    now = Stretch("comparing")

    def began(n: int, of: int, base: str, revision: str) -> None:
        nonlocal now
        now = Stretch(f"comparing {n} of {of}: {base} to {revision}", n - 1, of)

    with live_line(stream, lambda: now):
        yield began
