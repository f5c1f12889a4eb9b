"""Which comparison of a matrix is being made, on a terminal that waits for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ERASE = "\r\x1b[K"


@contextmanager
def progress(stream: TextIO) -> Iterator[Callable[[int, int, str, str], None]]:
    """A function to tell of each comparison: one line, written over, gone at the end; nothing in a pipe."""
    live = stream.isatty()

    def began(n: int, of: int, base: str, revision: str) -> None:
        if live:
            stream.write(f"{ERASE}comparing {n} of {of}: {base} to {revision}"[: len(ERASE) + 79])
            stream.flush()

    try:
        yield began
    finally:
        if live:
            stream.write(ERASE)
            stream.flush()
