"""Proof for what breaks nothing: how each side reads a payload, or what one of them is silent about."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.drift.words import short
from understudy.specs.witness.budget import StepBudget
from understudy.specs.witness.generate import values
from understudy.specs.witness.guesses import around, concrete, within
from understudy.specs.witness.isolate import concerns, isolate
from understudy.specs.witness.proof import OTHER, Proof, SideName, Witness, sender_of, silence
from understudy.specs.witness.trails import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.diff.compare import Comparison
    from understudy.specs.diff.facts import Fact, Surface
    from understudy.specs.rules import Rule
    from understudy.specs.witness.guesses import Path
    from understudy.specs.witness.message import Side
    from understudy.specs.witness.proof import Audience
    from understudy.specs.witness.schemas import SchemaProver

AUDIENCES: tuple[Audience, Audience] = ("clients", "providers")
FORMATS = ("format-added", "format-removed", "format-changed")
DEFAULTS = ("default-added", "default-removed", "default-changed")
SILENCE = ("property-undocumented", "property-documented")
VALUES = 6  # values of a property that only one side documents
LEFT_OUT = 40  # payloads that leave out a property, so that its default speaks


class NoteProver:
    """Shows notes by payloads where there are some."""

    def __init__(self, comparison: Comparison, sides: dict[SideName, Side], schemas: SchemaProver) -> None:
        self.comparison, self.sides, self.schemas = comparison, sides, schemas

    def prove(self, fact: Fact, rule: Rule, surface: Surface, path: Path) -> dict[Audience, Proof]:
        """Notes change no acceptance: a format is shown where it is asserted, a default by its use."""
        if fact.action in FORMATS:
            proofs = {a: self.schemas.prove(fact, a, formats=True) for a in AUDIENCES}
            first = next((p for p in proofs.values() if p.witness is not None), None)
            if first is not None:
                reason = "only where validators assert formats"
                return {"clients": Proof("none", reason, first.witness)}
        if fact.action in DEFAULTS:
            witness = self._meaning(fact, surface, path)
            reason = "taken by both, with another meaning" if witness else "neither side leaves it out"
            return {"clients": Proof("none", reason, witness)}
        if fact.action in SILENCE:
            told = silence(fact.action, self._unmentioned(fact))
            return {"clients": told or Proof("none")}
        return {"clients": Proof("none", rule.sentence)}

    def _meaning(self, fact: Fact, surface: Surface, path: Path) -> Witness | None:
        """A payload that leaves the property out, so that the default speaks; None where none may."""
        sender = sender_of(surface.direction, "clients")
        _, before, after = self.comparison.surfaces[surface]
        mine, theirs = (before, after) if sender == "base" else (after, before)
        if surface.kind != "body":
            if before.required or after.required:
                return None
            payload: Any = {surface.operation: f"without {surface.kind} {surface.name}"}
            return self._read_otherwise(fact, payload, surface, sender)
        if not path or path[-1][0] != "property":
            return None
        taker = self.sides[OTHER[sender]].judge(theirs.schema, surface.direction)
        for payload in self._leaving_out(mine.schema, path, sender, surface.direction):
            if taker.takes(payload):
                return self._read_otherwise(fact, payload, surface, sender)
        return None

    def _read_otherwise(self, fact: Fact, payload: Any, surface: Surface, sender: SideName) -> Witness:
        meant = ["nothing" if value is None else short(value) for value in (fact.old, fact.new)]
        text = f"taken by both; where it is left out, {meant[0]} is meant by one and {meant[1]} by the other"
        return Witness("meaning", payload, str(surface), sender, OTHER[sender], text)

    def _unmentioned(self, fact: Fact) -> Witness | None:
        """A payload with a property that only one side documents: taken by it, and refused by the other when
        both are read strictly, without what is inherited (role "documented")."""
        pair = fact.pair
        assert pair is not None  # noqa: S101 - facts about schemas have one
        speaks: SideName = "base" if fact.action == "property-undocumented" else "revision"
        raw = pair.base if speaks == "base" else pair.revision
        budget = StepBudget()
        inner = self.sides[speaks].bundlers[pair.direction].lazy(raw, "documented")
        for surface, path in islice(self.schemas.trails.places(pair), PLACES):
            if surface.kind != "body" or not path:
                continue
            _, before, after = self.comparison.surfaces[surface]
            roots = (before, after) if speaks == "base" else (after, before)
            strict = [
                (
                    self.sides[side].bundlers[surface.direction].lazy(root.schema, "documented"),
                    self.sides[side].judge(root.schema, surface.direction, "documented"),
                )
                for side, root in zip((speaks, OTHER[speaks]), roots, strict=True)
            ]
            plain = self.sides[speaks].judge(roots[0].schema, surface.direction, "sender")
            about = concerns(concrete(path), "")
            for value in islice(values(inner, budget=budget), VALUES):
                for whole in islice(around(strict[0][0], path, value, budget=budget), 6):
                    if not (plain.takes(whole) and strict[0][1].takes(whole)):
                        continue
                    payload = isolate(whole, strict[0], strict[1], about, budget)
                    if plain.takes(payload) and any(about(r) for r in strict[1][1].refusals(payload, 40)):
                        said = f"its documents do not mention {path[-1][1] or 'it'}"
                        return Witness("silence", payload, str(surface), speaks, OTHER[speaks], said)
        return None

    def _leaving_out(self, schema: Any, path: Path, sender: SideName, direction: Any) -> Iterator[Any]:
        """What a sender may send that goes down `path`, and ends before its last property."""
        *above, (_, name) = path
        bundle = self.sides[sender].bundlers[direction].lazy(schema, "sender")
        judge = self.sides[sender].judge(schema, direction, "sender")
        without_it = {"type": "object", "properties": {name: False}}
        for payload in islice(within(bundle, tuple(above), without_it, StepBudget()), LEFT_OUT):
            if judge.takes(payload):
                yield payload
