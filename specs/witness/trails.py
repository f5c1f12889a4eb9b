"""Where a pair of schemas is used: the surfaces that it is part of, and the way there."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.diff.facts import Pair, Step, Surface
    from understudy.specs.witness.guesses import Path

PLACES = 4  # surfaces that are tried
MOST_PAIRS = 20_000  # pairs that are looked at on the way up to the surfaces


class Trails:
    """The ways between pairs and surfaces, each set of surfaces looked up once."""

    def __init__(self) -> None:
        self._reach: dict[int, set[Surface]] = {}

    def places(self, pair: Pair) -> Iterator[tuple[Surface, Path]]:
        """The surfaces that `pair` is part of with the way there, nearest first."""
        return ((surface, path) for surface, path, _ in self.trails(pair))

    def trails(self, pair: Pair) -> Iterator[tuple[Surface, Path, tuple[Pair, ...]]]:
        """The same with the pair that each step leads to."""
        # Each pair is met once; the way back down is kept as the step to the pair before.
        below: dict[int, tuple[Pair, Step] | None] = {id(pair): None}
        queue: deque[Pair] = deque([pair])
        while queue and len(below) < MOST_PAIRS:
            at = queue.popleft()
            if at.surfaces:
                path, trail = _way_down(at, below)
                for surface in at.surfaces:
                    yield surface, path, trail
            for parent, step in at.parents:
                if id(parent) not in below:
                    below[id(parent)] = (at, step)
                    queue.append(parent)

    def reach(self, pair: Pair) -> set[Surface]:
        """All surfaces that `pair` is part of."""
        if id(pair) not in self._reach:
            found: set[Surface] = set()
            seen, stack = {id(pair)}, [pair]
            while stack and len(seen) < MOST_PAIRS:
                at = stack.pop()
                found.update(at.surfaces)
                for parent, _ in at.parents:
                    if id(parent) not in seen:
                        seen.add(id(parent))
                        stack.append(parent)
            self._reach[id(pair)] = found
        return self._reach[id(pair)]


def _way_down(at: Pair, below: dict[int, tuple[Pair, Step] | None]) -> tuple[Path, tuple[Pair, ...]]:
    """The steps from a pair down to the one that was asked about, and the pairs that they lead to."""
    path: list[Step] = []
    trail: list[Pair] = []
    link = below[id(at)]
    while link is not None:
        pair, step = link
        path.append(step)
        trail.append(pair)
        link = below[id(pair)]
    return tuple(path), tuple(trail)
