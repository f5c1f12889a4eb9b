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
        self._reach: dict[int, frozenset[Surface]] = {}
        self._sets: dict[frozenset[Surface], frozenset[Surface]] = {}
        self._names: dict[frozenset[Surface], tuple[str, ...]] = {}

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

    def reach(self, pair: Pair) -> frozenset[Surface]:
        """All surfaces that `pair` is part of. Of pairs with the same surfaces it is one and the same set."""
        if id(pair) not in self._reach:
            self._settle(pair)
        return self._reach[id(pair)]

    def _settle(self, pair: Pair) -> None:
        """Find what `pair` and all above it reach: those that are above each other reach the same (R. Tarjan,
        Depth-first search and linear graph algorithms, 1972)."""
        met: dict[int, int] = {}
        lowest: dict[int, int] = {}
        unsettled: list[Pair] = []
        work: list[tuple[Pair, Iterator[tuple[Pair, Step]]]] = []

        def meet(at: Pair) -> None:
            met[id(at)] = lowest[id(at)] = len(met)
            unsettled.append(at)
            work.append((at, iter(at.parents)))

        meet(pair)
        while work:
            at, parents = work[-1]
            for parent, _ in parents:
                if id(parent) in self._reach:
                    continue
                if id(parent) not in met:
                    meet(parent)
                    break
                lowest[id(at)] = min(lowest[id(at)], met[id(parent)])
            else:
                work.pop()
                if work:
                    before = id(work[-1][0])
                    lowest[before] = min(lowest[before], lowest[id(at)])
                if lowest[id(at)] == met[id(at)]:
                    first = next(n for n in range(len(unsettled) - 1, -1, -1) if unsettled[n] is at)
                    self._keep(unsettled[first:])
                    del unsettled[first:]

    def _keep(self, pairs: list[Pair]) -> None:
        """Keep what pairs reach that are above each other; all others above them are settled."""
        above = (self._reach.get(id(parent)) for pair in pairs for parent, _ in pair.parents)
        different = {id(reached): reached for reached in above if reached is not None}
        found = frozenset(surface for pair in pairs for surface in pair.surfaces).union(*different.values())
        found = self._sets.setdefault(found, found)
        self._reach |= {id(pair): found for pair in pairs}

    def names(self, pair: Pair) -> tuple[str, ...]:
        """The names of all surfaces that `pair` is part of, sorted."""
        reached = self.reach(pair)
        if reached not in self._names:
            self._names[reached] = tuple(sorted(map(str, reached)))
        return self._names[reached]


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
