"""Proofs of one difference that many operations have: an envelope, written out in each of their answers.

Where the whole schemas of two places have the same content on both sides, what is proven of a difference at
the one holds at the other, with the same payload. Only proofs with a witness are kept: a reason why there is
none may come with notes about the place.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from understudy.specs.witness.texts import way_of

if TYPE_CHECKING:
    from understudy.specs.diff.compare import Comparison
    from understudy.specs.diff.facts import Fact, Surface
    from understudy.specs.witness.message import Side
    from understudy.specs.witness.proof import Audience, Proof, SideName
    from understudy.specs.witness.trails import Trails

MAX_SIZE = 200  # schema objects beyond which a schema is not compared with others
ROLES: tuple[Literal["sender", "strict", "taker"], ...] = ("sender", "strict", "taker")


class RepeatedProofs:
    """The proofs with a witness, by the content of what they are about."""

    def __init__(self, comparison: Comparison, sides: dict[SideName, Side], trails: Trails) -> None:
        self._comparison = comparison
        self._sides = sides
        self._trails = trails
        self._kept: dict[Any, Proof] = {}
        self._content: dict[Surface, bytes] = {}

    def key(self, fact: Fact, audience: Audience, formats: bool) -> Any:
        """What a proof depends on; None for what is at several places, is no body, or is large."""
        pair = fact.pair
        assert pair is not None  # noqa: S101 - facts about schemas have one
        places = list(islice(self._trails.places(pair), 2))
        if len(places) != 1 or places[0][0].kind != "body":
            return None
        [(surface, path)] = places
        content = self._content_of(surface)
        about = (fact.area, fact.action, fact.subject, repr(fact.old), repr(fact.new))
        return (content, path, about, audience, formats) if content else None

    def find(self, key: Any, fact: Fact) -> Proof | None:
        """The proof that is kept, with its witness at the place of `fact`."""
        proof = self._kept.get(key) if key is not None else None
        if proof is None or proof.witness is None or fact.pair is None:
            return None
        surface, _ = next(self._trails.places(fact.pair))
        return replace(proof, witness=replace(proof.witness, surface=str(surface)))

    def keep(self, key: Any, proof: Proof) -> None:
        """Keep a proof, if it has a witness."""
        if key is not None and proof.witness is not None:
            self._kept[key] = proof

    def _content_of(self, surface: Surface) -> bytes:
        """A digest of both whole schemas, and of how they are written; empty for large ones."""
        if surface not in self._content:
            self._content[surface] = self._digest(surface)
        return self._content[surface]

    def _digest(self, surface: Surface) -> bytes:
        _, before, after = self._comparison.surfaces[surface]
        written: list[Any] = [surface.name, surface.direction, repr(way_of(before)), repr(way_of(after))]
        roots: tuple[tuple[SideName, Any], ...] = (("base", before.schema), ("revision", after.schema))
        for side, raw in roots:
            bundler = self._sides[side].bundlers[surface.direction]
            if bundler.size(raw) > MAX_SIZE or bundler.unclear(raw):
                return b""
            written += [bundler.bundle(raw, role) for role in ROLES]
        return hashlib.blake2b(json.dumps(written, sort_keys=True).encode(), digest_size=16).digest()
