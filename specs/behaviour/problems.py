"""What is wrong in a description."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing to mend: where (a JSON Pointer, and a line from 1), what is wrong, what to write instead."""

    pointer: str
    line: int
    what: str
    advice: str
