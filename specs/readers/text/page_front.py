"""What stands above a page between dashes, as many generators of sites have it: "title: …"."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_FRONT = 60


def end_of_front(lines: Sequence[str]) -> int:
    """Behind the dashes that end what a page says of itself between such; 0 where it says nothing so."""
    if not lines or lines[0].strip() != "---":
        return 0
    ends = (n + 1 for n in range(1, min(len(lines), MAX_FRONT)) if lines[n].strip() == "---")
    return next(ends, 0)
