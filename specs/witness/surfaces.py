"""Proof for a whole surface: anything at all that one side sends there, and the other side refuses."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Answer, Values, covers, subtract
from understudy.specs.witness.generate import values
from understudy.specs.witness.guesses import finite, without
from understudy.specs.witness.proof import OTHER, Proof, SideName, Witness, sender_of
from understudy.specs.witness.texts import as_texts, body_taken, way_of
from understudy.specs.witness.wire import spelled, write

if TYPE_CHECKING:
    from understudy.specs.algebra import Schema
    from understudy.specs.diff.bundle import Bundler
    from understudy.specs.diff.compare import Comparison
    from understudy.specs.diff.facts import Surface
    from understudy.specs.diff.records import ApiParameter
    from understudy.specs.witness.budget import StepBudget, StepPool
    from understudy.specs.witness.message import Side
    from understudy.specs.witness.proof import Audience

MAX_WHOLE = 200  # schema objects beyond which the algebra is not asked about a surface as a whole


@dataclass(frozen=True, slots=True)
class Question:
    """Whether `sender`, in `role`, sends what the other side refuses.

    budget  the steps that the search may take
    """

    sender: SideName
    role: Any
    formats: bool
    budget: StepBudget

    @property
    def taker(self) -> SideName:
        return OTHER[self.sender]


class ValueSets:
    """The schemas of one comparison as sets of values, each worked out once."""

    def __init__(self) -> None:
        self._sets: dict[tuple[Any, ...], Values] = {}

    def of(self, bundler: Bundler, raw: Any, role: Any, formats: bool) -> Values:
        key = (id(bundler), id(raw), role, formats)
        if key not in self._sets:
            self._sets[key] = Values(bundler.bundle(raw, role), formats=formats)
        return self._sets[key]

    def clear(self) -> None:
        self._sets.clear()


class SurfaceProver:
    """Tries payloads on the surfaces of one comparison, and looks for one there is."""

    def __init__(
        self, comparison: Comparison, sides: dict[SideName, Side], pool: StepPool, sets: ValueSets
    ) -> None:
        self._comparison = comparison
        self._sides = sides
        self._pool = pool
        self._sets = sets
        self._proofs: dict[tuple[Any, ...], Proof] = {}

    def check(
        self, surface: Surface, sender: SideName, payload: Any, role: Any = "sender", formats: bool = False
    ) -> Witness | None:
        """The witness that `payload` is, if it is one on this surface."""
        taker = OTHER[sender]
        _, before, after = self._comparison.surfaces[surface]
        mine, theirs = (before, after) if sender == "base" else (after, before)
        direction = surface.direction
        if not self._sides[sender].judge(mine.schema, direction, role, formats=formats).takes(payload):
            return None
        if surface.kind == "body":
            judge = self._sides[taker].judge(theirs.schema, direction, "taker", formats=formats)
            way = way_of(theirs) if way_of(mine) else ""
            refused = [] if way and body_taken(way, payload, judge) else judge.refusals(payload, 1)
            refusal = refused[0].sentence if refused else ""
        else:
            refusal = self._wire_refusal(mine, theirs, payload, taker, direction)
        if not refusal:
            return None
        return Witness("payload", payload, str(surface), sender, taker, refusal)

    def _wire_refusal(
        self, mine: ApiParameter, theirs: ApiParameter, payload: Any, taker: SideName, direction: str
    ) -> str:
        wire = write(mine, payload)
        if not wire or (mine.location == "path" and not wire[0][1]):
            return ""
        if self._sides[taker].takes_wire(theirs, wire, direction):
            return ""
        return f"{theirs.location} {theirs.name} cannot be {spelled(theirs, wire)}"

    def prove(
        self,
        surface: Surface,
        audience: Audience,
        role: Any = "sender",
        formats: bool = False,
        effort: int = 300,
    ) -> Proof:
        """Whether anything at all is sent on this surface that the other side refuses."""
        sender = sender_of(surface.direction, audience)
        _, before, after = self._comparison.surfaces[surface]
        key = (id(before), id(after), surface.direction, surface.kind, sender, role, formats, effort)
        if key not in self._proofs:
            budget = self._pool.budget()
            self._proofs[key] = self._whole(surface, Question(sender, role, formats, budget), effort)
            self._pool.returned(budget)
        return self._proofs[key]

    def _whole(self, surface: Surface, asked: Question, effort: int) -> Proof:
        sender, role, formats = asked.sender, asked.role, asked.formats
        _, before, after = self._comparison.surfaces[surface]
        mine, theirs = (before, after) if sender == "base" else (after, before)
        direction = surface.direction
        bundlers = self._sides[sender].bundlers[direction], self._sides[asked.taker].bundlers[direction]
        bundle = bundlers[0].lazy(mine.schema, role)
        demanded = bundlers[1].lazy(theirs.schema, "taker")
        rest: Schema | None = None
        if max(bundlers[0].size(mine.schema), bundlers[1].size(theirs.schema)) <= MAX_WHOLE:
            sent = self._sets.of(bundlers[0], mine.schema, role, formats)
            wire = bool(way_of(mine) and way_of(theirs))
            whole = bundlers[1].bundle(theirs.schema, "taker")
            wanted = Values(as_texts(whole) if wire else whole, formats=formats)
            if covers(wanted, sent) is Answer.YES:
                return Proof("none", "everything that one side sends is taken by the other")
            rest = subtract(sent, wanted)
        if bundlers[0].unclear(mine.schema) or bundlers[1].unclear(theirs.schema):
            return Proof("open", "a part of the document was left out there")
        guesses = ([rest] if rest is not None else []) + [without(bundle, demanded), bundle]
        tried = 0
        every = finite(bundle)
        if surface.kind != "body" and every:
            guesses, effort = [{"enum": every}], len(every)
        for value in (
            v
            for guess in guesses
            for v in islice(values(guess, formats=formats, budget=asked.budget), effort)
        ):
            tried += 1
            witness = self.check(surface, sender, value, role, formats)
            if witness is not None:
                return Proof("proven", witness=witness)
        if every and tried >= len(every):
            return Proof("none", "each of the values that one side sends was tried")
        return Proof("open", f"{tried} payloads were tried and taken by both, and none was ruled out")
