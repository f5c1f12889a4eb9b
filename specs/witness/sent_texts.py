"""Proof that each text of one side is taken by the other: of parameters, headers and forms."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from understudy.specs.algebra import Answer, Values, covers
from understudy.specs.witness.proof import OTHER, SideName
from understudy.specs.witness.surfaces import MAX_WHOLE
from understudy.specs.witness.texts import (
    DEEPEST,
    as_texts,
    reads_what_is_written,
    takes_every_text,
    way_of,
    writes_one_text,
)
from understudy.specs.witness.trails import PLACES, Trails

if TYPE_CHECKING:
    from understudy.specs.algebra import Schema
    from understudy.specs.diff.compare import Comparison
    from understudy.specs.diff.facts import Pair
    from understudy.specs.witness.message import Side


class SentTexts:
    """Pairs of schemas of one comparison as they stand on the wire."""

    def __init__(self, comparison: Comparison, sides: dict[SideName, Side], trails: Trails) -> None:
        self.comparison = comparison
        self.sides = sides
        self.trails = trails
        self._known: dict[tuple[int, int, str, SideName], bool] = {}

    def taken(self, pair: Pair, sender: SideName) -> bool:
        """Whether a pair is sent as texts, and it is proven that each of the sender's is taken."""
        level = self._level(pair)
        if level is None:
            return False
        key = (id(pair.base), id(pair.revision), pair.direction, sender)
        if key not in self._known:
            mine, theirs = (pair.base, pair.revision) if sender == "base" else (pair.revision, pair.base)
            bundlers = [self.sides[side].bundlers[pair.direction] for side in (sender, OTHER[sender])]
            small = bundlers[0].size(mine) <= MAX_WHOLE and bundlers[1].size(theirs) <= MAX_WHOLE
            self._known[key] = small and self._taken_as_texts(
                pair, sender, bundlers[1].bundle(theirs, "taker"), bundlers[0].bundle(mine, "strict"), level
            )
        return self._known[key]

    def _taken_as_texts(
        self, pair: Pair, sender: SideName, demanded: Schema, bundle: Schema, level: int
    ) -> bool:
        sent = Values(bundle)
        if covers(Values(as_texts(demanded, level)), sent) is Answer.YES:
            return True
        taken = Values(demanded)
        for surface, path in islice(self.trails.places(pair), PLACES * 5):
            _, *sides = self.comparison.surfaces[surface]
            mine, theirs = sides if sender == "base" else reversed(sides)
            if path or surface.kind == "body" or not reads_what_is_written(mine, theirs):
                return False
            if not writes_one_text(mine, sent):
                return False
        return takes_every_text(taken)

    def _level(self, pair: Pair) -> int | None:
        """How deep below values that are sent as texts a pair stands; None where some of it is JSON."""
        deepest: int | None = None
        for surface, path in islice(self.trails.places(pair), PLACES * 5):
            _, before, after = self.comparison.surfaces[surface]
            steps = sum(kind != "branch" for kind, _ in path)
            if not (way_of(before) and way_of(after)) or steps > DEEPEST:
                return None
            if steps == DEEPEST and [kind for kind, _ in path if kind != "branch"][1] not in (
                "item",
                "prefix",
            ):
                return None  # what is an object in a form, or in a parameter, is JSON or not defined
            if steps and "text" in (way_of(before), way_of(after)):
                return None
            deepest = max(deepest or 0, steps)
        return deepest
