"""Compares two documents: facts, then judgement, then proof; one finding for each, however far it reaches."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.api import read
from understudy.specs.diff.compare import Comparison
from understudy.specs.drift.finding import Finding, Verdict, fingerprint, order
from understudy.specs.drift.notes import AUDIENCES, SILENCE, NoteProver
from understudy.specs.drift.words import renames, spell, title
from understudy.specs.rules import RULES, Levels, Rule, rule_for
from understudy.specs.rules.table import CLIENTS, FINE, LEVEL_OF, PROVIDERS, WARNS
from understudy.specs.witness.message import Side
from understudy.specs.witness.messages import MessageProver
from understudy.specs.witness.overlap import Overlaps
from understudy.specs.witness.proof import Proof, Witness
from understudy.specs.witness.schemas import SchemaProver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.diff.document import ApiDocument
    from understudy.specs.diff.facts import Fact, Pair, Surface
    from understudy.specs.diff.records import Api
    from understudy.specs.witness.proof import Audience, SideName

BREAKS: dict[Audience, Verdict] = {"clients": "breaks clients", "providers": "breaks providers"}
# Surfaces that are compared as a whole, beyond the facts; and places that a finding lists.
WHOLE = 200
# Payloads that are tried where the algebra has no answer: long for the first surfaces about which no finding
# with a witness speaks, brief for all others.
BRIEF, LONG, LONG_ONES = 20, 300, 8
# Surfaces beyond which a finding about a part is enough, and the whole is not searched again.
MANY = 60
REACH = 5_000
# Findings beyond which further differences of schemas are counted, but not looked at: nobody reads more, and
# each takes a search and its payload.
MOST_FINDINGS = 15_000
MANY_FINDINGS = 2_000
# A property that is not sent any more; and what is said of its object where it was demanded.
NOT_SENT = ("read-only-added", "write-only-added")
NOT_DEMANDED = "property-became-optional"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Whether everything that is sent on a surface is still taken, whoever of `audience` stays behind."""

    surface: Surface
    audience: Audience
    proof: Proof


@dataclass(frozen=True, slots=True)
class Drift:
    """The findings of a comparison, worst first, and the acceptance of each surface that differs."""

    base: str
    revision: str
    findings: tuple[Finding, ...]
    acceptance: tuple[Acceptance, ...]


def compare(
    base: ApiDocument, revision: ApiDocument, *, levels: Levels | None = None, whole: bool = True
) -> Drift:
    """Compare two documents. `whole=False` leaves out the pass over whole surfaces.

    Raises DocumentError, with file and line, for a document that cannot be read.
    """
    with _uncollected():
        found = _Engine(read(base), read(revision), levels or Levels()).run(whole=whole)
    if len(found.findings) > MANY_FINDINGS:
        gc.collect()  # who writes them all down needs the room
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: a comparison makes millions of objects that live to its end, and
    hardly a cycle; looking through them again and again takes a quarter of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Engine:
    def __init__(self, base: Api, revision: Api, levels: Levels) -> None:
        self.comparison = Comparison(base, revision)
        self.levels = levels
        bundlers = self.comparison.walk.bundlers
        for side, api in (("base", base), ("revision", revision)):
            overlaps = Overlaps(api.document)
            for direction in ("request", "response"):
                bundlers[side, direction].overlapping = overlaps
        self.sides: dict[SideName, Side] = {
            "base": Side(base, {d: bundlers["base", d] for d in ("request", "response")}),
            "revision": Side(revision, {d: bundlers["revision", d] for d in ("request", "response")}),
        }
        self.schemas = SchemaProver(self.comparison, self.sides)
        self.messages = MessageProver(self.sides)
        self.notes = NoteProver(self.comparison, self.sides, self.schemas)
        self.hints = renames(self.comparison)
        # (audience, surface) that some proven finding speaks about
        self.explained: dict[tuple[Audience, Surface], Witness] = {}
        self.explained_together: set[tuple[Audience, frozenset[Surface]]] = set()
        self.searched = 0

    def run(self, *, whole: bool) -> Drift:
        findings = [self._message(facts) for facts in self._grouped()]
        for n, pair in enumerate(self.comparison.walk.pairs):
            if len(findings) >= MOST_FINDINGS:
                findings += self._left_over(self.comparison.walk.pairs[n:])
                break
            findings += [self._schema(pair, fact) for fact in self._facts(pair)]
            self.schemas.forget()
        acceptance = self._acceptance() if whole else []
        findings += [self._unexplained(a) for a in acceptance if self._is_unexplained(a)]
        documents = self.comparison.base.document, self.comparison.revision.document
        findings += [f for n, document in enumerate(documents) for f in _problems(document, n)]
        return Drift(
            documents[0].name, documents[1].name, tuple(sorted(findings, key=order)), tuple(acceptance)
        )

    def _left_over(self, pairs: Sequence[Pair]) -> list[Finding]:
        """One finding for what differs beyond those that are looked at: how much it is, and that nothing is
        said about it."""
        number = sum(len(pair.facts) for pair in pairs)
        if not number:
            return []
        documents = self.comparison.base.document, self.comparison.revision.document
        return [
            Finding(
                rule="not-understood",
                verdict="undecided",
                title=f"{number:,} further differences are not looked at, beyond {MOST_FINDINGS:,} findings",
                area="document",
                base=documents[0].place(documents[0].root),
                revision=documents[1].place(documents[1].root),
                reason="mend what is listed first, or compare parts of the documents",
                fingerprint=fingerprint("not-understood", "further differences"),
            )
        ]

    # --- what is not about schemas

    def _grouped(self) -> list[list[Fact]]:
        """Facts that stand at the same two places are one: a server that five hundred operations use."""
        groups: dict[Any, list[Fact]] = {}
        for fact in self.comparison.facts:
            shown = repr((fact.old, fact.new))
            key = (fact.area, fact.action, fact.direction, fact.subject, shown, fact.base, fact.revision)
            groups.setdefault(key, []).append(fact)
        return list(groups.values())

    def _message(self, facts: list[Fact]) -> Finding:
        fact = facts[0]
        rule = rule_for(fact)
        proofs = {a: self.messages.prove(fact, a) for a in self._audiences(rule)}
        verdict, proof = self._verdict(rule, proofs)
        operations = tuple(sorted({f.operation for f in facts if f.operation}))
        surface = operations[0] if operations else ""
        return Finding(
            rule=rule.id,
            verdict=verdict,
            title=title(fact, ""),
            surface=surface,
            direction=fact.direction,
            area=fact.area,
            old=fact.old,
            new=fact.new,
            base=fact.base,
            revision=fact.revision,
            reach=operations,
            witness=proof.witness,
            reason=proof.reason or rule.sentence,
            fingerprint=fingerprint(rule.id, surface, fact.subject, fact.old, fact.new),
        )

    # --- schemas

    def _facts(self, pair: Pair) -> list[Fact]:
        """The facts of a pair; where both schemas are one set of values, only those that are notes."""
        facts = [
            fact
            for fact in pair.facts
            if not (fact.action in SILENCE and self._covered(pair, fact.action))
            if not ("held" in fact.data and self.schemas.equal(fact.data["held"]))
        ]
        if facts and (self.schemas.equal(pair) or self._written_otherwise(pair)):
            return [fact for fact in facts if rule_for(fact).effect == "note"]
        return facts

    def _written_otherwise(self, pair: Pair) -> bool:
        """Whether a pair is an alternative only of choices that take the same values on both sides."""
        return (
            bool(pair.parents)
            and not pair.surfaces
            and all(step[0] == "branch" and self.schemas.equal(parent) for parent, step in pair.parents)
        )

    def _covered(self, pair: Pair, action: str) -> bool:
        """Whether everything that `pair` is part of is said to be undocumented (documented) as a whole."""
        queue, seen = [pair], {id(pair)}
        while queue:
            at = queue.pop()
            if at.surfaces:
                return False
            above = [parent for parent, _ in at.parents if id(parent) not in seen]
            seen |= {id(parent) for parent in above}
            queue += [p for p in above if all(fact.action != action for fact in p.facts)]
        return True

    def _schema(self, pair: Pair, fact: Fact) -> Finding:
        rule = rule_for(fact)
        surface, path = self._nearest(pair)
        proofs: dict[Audience, Proof]
        if rule.effect == "note":
            proofs = self.notes.prove(fact, rule, surface, path)
        else:
            proofs = {a: self.schemas.prove(fact, a) for a in self._audiences(rule)}
        verdict, proof = self._verdict(rule, proofs)
        if fact.action in NOT_SENT and self._said_above(pair):
            verdict = self.levels.otherwise(rule)
        for whom, its in proofs.items():
            if its.witness is not None and its.witness.kind != "silence":
                self._explain(whom, its.witness, self.schemas.trails.reach(pair))
        where = spell(path)
        hint = self.hints.get(id(fact), "")
        return Finding(
            rule=rule.id,
            verdict=verdict,
            title=title(fact, self._named(surface, where)),
            surface=str(surface),
            where=where,
            direction=fact.direction,
            area=fact.area,
            old=fact.old,
            new=fact.new,
            base=fact.base,
            revision=fact.revision,
            reach=self.schemas.trails.names(pair),
            witness=proof.witness,
            reason="; ".join(part for part in (hint, proof.reason or rule.sentence) if part),
            fingerprint=fingerprint(rule.id, str(surface), where, fact.subject, fact.old, fact.new),
        )

    def _explain(self, whom: Audience, witness: Witness, surfaces: frozenset[Surface]) -> None:
        """A proven finding speaks about these surfaces. Many findings speak about the same ones."""
        if (whom, surfaces) not in self.explained_together:
            self.explained_together.add((whom, surfaces))
            for surface in surfaces:
                self.explained.setdefault((whom, surface), witness)

    def _said_above(self, pair: Pair) -> bool:
        """Whether each object that has `pair` as a property has a finding of its own: it was demanded."""
        return bool(pair.parents) and all(
            any(f.action == NOT_DEMANDED and ("property", f.subject) == step for f in parent.facts)
            for parent, step in pair.parents
        )

    def _nearest(self, pair: Pair) -> tuple[Surface, Any]:
        """Where a pair is used: the nearest place, and of these the first by name."""
        found: list[tuple[Surface, Any]] = []
        for place in islice(self.schemas.trails.places(pair), REACH):
            if found and len(place[1]) > len(found[0][1]):
                break
            found.append(place)
        return min(found, key=lambda p: (str(p[0]), repr(p[1])))

    def _named(self, surface: Surface, where: str) -> str:
        """A place in a parameter or header with its name: "[]" of "query ids" -> "query ids[]"."""
        if surface.kind == "body":
            return where
        _, _, parameter = self.comparison.surfaces[surface]
        name = f"{'header' if surface.kind == 'header' else parameter.location} {parameter.name}"
        return name + (where if where.startswith("[") or not where else f".{where}")

    # --- judgement

    def _audiences(self, rule: Rule) -> tuple[Audience, ...]:
        """Whom a rule may break, first whom it would rather."""
        if rule.effect in ("either", "note"):
            return AUDIENCES
        direction = "request" if rule.direction == "none" else rule.direction
        return ("clients",) if LEVEL_OF[direction, rule.effect] == CLIENTS else ("providers",)

    def _verdict(self, rule: Rule, proofs: dict[Audience, Proof]) -> tuple[Verdict, Proof]:
        """The verdict with the proof that it rests on."""
        level = self.levels.level(rule)
        first = next(iter(proofs.values()))
        for wanted in ("proven", "open"):
            for audience, proof in proofs.items():
                if proof.verdict == wanted:
                    return self._shown(rule, level, audience, proof), proof
        strict = next((proof for proof in proofs.values() if proof.verdict == "strict"), None)
        if rule.effect == "note":
            return level, first
        otherwise = self.levels.otherwise(rule)
        if strict is not None:
            return ("strict" if otherwise == FINE else otherwise), strict
        verdict: Verdict = otherwise
        if otherwise == FINE and level in (CLIENTS, PROVIDERS):
            verdict = "no effect"
        return verdict, first

    def _shown(self, rule: Rule, level: Any, audience: Audience, proof: Proof) -> Verdict:
        if rule.effect == "note":
            return level  # type: ignore[no-any-return]
        breaks = level in (CLIENTS, PROVIDERS)
        if proof.verdict == "open":
            return "undecided" if breaks else level
        if breaks and rule.effect == "either" and rule.id not in self.levels.changes:
            return BREAKS[audience]
        return level  # type: ignore[no-any-return]

    # --- whole surfaces

    def _acceptance(self) -> list[Acceptance]:
        """Ask for each surface as a whole, some hundred at most: the facts have spoken about all of them."""
        chosen: dict[Any, Surface] = {}
        for surface, (pair, _, _) in self.comparison.surfaces.items():
            chosen.setdefault((id(pair), surface.kind), surface)
        return [
            Acceptance(surface, audience, self._whole(surface, audience))
            for surface in list(chosen.values())[:WHOLE]
            for audience in AUDIENCES
        ]

    def _whole(self, surface: Surface, audience: Audience) -> Proof:
        """The surface as a whole; where a finding has a witness already, there is no need to search long."""
        explained = self.explained.get((audience, surface))
        many = len(self.comparison.surfaces) > MANY
        if many and explained is not None:
            witness = explained if explained.surface == str(surface) else None
            return Proof("proven", "shown by a finding", witness)
        if many and self.searched >= LONG_ONES:
            return Proof("open", "the single differences decide; not searched as a whole")
        brief = explained is not None or self.searched >= LONG_ONES
        proof = self.schemas.surface(surface, audience, effort=BRIEF if brief else LONG)
        self.searched += not brief and (many or proof.verdict == "open")
        return proof

    def _is_unexplained(self, acceptance: Acceptance) -> bool:
        proven = acceptance.proof.verdict == "proven"
        return proven and (acceptance.audience, acceptance.surface) not in self.explained

    def _unexplained(self, acceptance: Acceptance) -> Finding:
        rule = RULES["unexplained-difference"]
        level = self.levels.level(rule)
        surface = str(acceptance.surface)
        pair, _, _ = self.comparison.surfaces[acceptance.surface]
        comparison = self.comparison
        return Finding(
            rule=rule.id,
            verdict=BREAKS[acceptance.audience] if level == CLIENTS else level,
            title="one side takes what the other refuses",
            surface=surface,
            direction=acceptance.surface.direction,
            base=comparison.base.document.place(pair.base),
            revision=comparison.revision.document.place(pair.revision),
            reach=(surface,),
            witness=acceptance.proof.witness,
            reason=rule.sentence,
            fingerprint=fingerprint(rule.id, surface, acceptance.audience),
        )


def _problems(document: ApiDocument, side: int) -> list[Finding]:
    name: SideName = "revision" if side else "base"
    return [
        Finding(
            rule=problem.rule,
            verdict=WARNS,
            title=problem.text,
            area="document",
            base=None if side else problem.place,
            revision=problem.place if side else None,
            witness=None
            if problem.value is None
            else Witness("overlap", problem.value, name, name, name, "more than one alternative takes it"),
            reason=RULES[problem.rule].sentence,
            fingerprint=fingerprint(problem.rule, problem.text, side),
        )
        for problem in document.problems
    ]
