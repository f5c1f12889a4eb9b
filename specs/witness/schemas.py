"""Proof for differences of schemas: subtract, generate, set into the whole payload, ask both validators."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Answer, Judge, Values, covers, is_empty, loosened, subtract
from understudy.specs.diff.definitions import body, complete
from understudy.specs.diff.facts import Child
from understudy.specs.recalled import Recalled
from understudy.specs.witness.budget import StepBudget, StepPool
from understudy.specs.witness.choices import chosen_among, is_choice_alone, within_one
from understudy.specs.witness.generate import values
from understudy.specs.witness.guesses import (
    around,
    beyond,
    concrete,
    distinct,
    finite,
    without,
)
from understudy.specs.witness.isolate import concerns, isolate
from understudy.specs.witness.language import spelled_alike, told_apart
from understudy.specs.witness.names import names_kept
from understudy.specs.witness.proof import (
    NOTHING_DEMANDED,
    ONLY_UNDECLARED,
    OTHER,
    Proof,
    SideName,
    Witness,
    sender_of,
)
from understudy.specs.witness.repeated import RepeatedProofs
from understudy.specs.witness.sent_texts import SentTexts
from understudy.specs.witness.surfaces import MAX_WHOLE, Question, SurfaceProver, ValueSets
from understudy.specs.witness.texts import way_of
from understudy.specs.witness.trails import PLACES, Trails
from understudy.specs.witness.wire import blank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.algebra import Schema
    from understudy.specs.diff.bundle import Bundler
    from understudy.specs.diff.compare import Comparison
    from understudy.specs.diff.facts import Fact, Pair, Surface
    from understudy.specs.witness.guesses import Path
    from understudy.specs.witness.message import Side
    from understudy.specs.witness.proof import Audience

# Counts, not seconds: the same documents always give the same proofs.
LOCAL = 60  # local witnesses that are set into a payload
SMALL = 60  # schema objects up to which subtraction is quick
MAX_SIZE = 2_000  # schema objects beyond which the algebra is not asked
MAX_SUBTRACT = 200  # beyond which nothing is subtracted from it
MAX_SAME = 500  # beyond which two schemas are not looked at as a whole
ENDED = "the search ended after its share of steps, and none was ruled out"


class SchemaProver:
    """Proves facts about schemas of one comparison."""

    def __init__(self, comparison: Comparison, sides: dict[SideName, Side]) -> None:
        self.comparison = comparison
        self.sides = sides
        self.pool = StepPool()
        self._sets = ValueSets()
        self._surfaces = SurfaceProver(comparison, sides, self.pool, self._sets)
        self.trails = Trails()
        self.repeated = RepeatedProofs(comparison, sides, self.trails)
        self._equal: dict[tuple[int, int, str], bool] = {}
        self._texts = SentTexts(comparison, sides, self.trails)

    # --- one fact

    def prove(self, fact: Fact, audience: Audience, *, formats: bool = False) -> Proof:
        """Whether something in this respect is sent by one side and refused by the other."""
        pair = fact.pair
        assert pair is not None  # noqa: S101 - facts about schemas have one
        sender = sender_of(pair.direction, audience)
        taker = OTHER[sender]
        limit = fact.base_limit if taker == "base" else fact.revision_limit
        if limit is True:
            return NOTHING_DEMANDED
        if self._unclear(pair):
            return Proof("open", "a part of the document was left out there")
        if self._texts.taken(pair, sender):
            return Proof("none", "as texts, all that the other side sends is taken")
        key = self.repeated.key(fact, audience, formats)
        proof = self.repeated.find(key, fact)
        if proof is None:
            proof = self._search(fact, self.limit(limit, taker, pair.direction), sender, formats)
            self.repeated.keep(key, proof)
        return proof

    def _search(self, fact: Fact, demanded: Schema, sender: SideName, formats: bool) -> Proof:
        """The same, for a fact that demands something of what `sender` sends."""
        budget = self.pool.budget()
        proof = self._try(fact, demanded, Question(sender, "sender", formats, budget))
        if proof.verdict == "none":
            strict = self._try(fact, demanded, Question(sender, "strict", formats, budget))
            if strict.witness is not None:
                proof = Proof("strict", ONLY_UNDECLARED, strict.witness)
        if proof.verdict == "open" and budget.spent:
            proof = Proof("open", ENDED)
        self.pool.returned(budget)
        return proof

    def _try(self, fact: Fact, demanded: Schema, asked: Question) -> Proof:
        pair = fact.pair
        assert pair is not None  # noqa: S101 - see prove
        sender, role, formats = asked.sender, asked.role, asked.formats
        raw = pair.base if sender == "base" else pair.revision
        bundler = self.sides[sender].bundlers[pair.direction]
        bundle, size = bundler.lazy(raw, role), bundler.size(raw)
        sent = None
        if size <= MAX_SIZE:
            sent = self._sets.of(bundler, raw, role, formats)
        wanted = self._wanted(demanded, formats)
        if self._covered(fact, asked, wanted, sent, bundle):
            return Proof("none", "every payload of the other side keeps to it")
        every = finite(bundle)
        mine = self.sides[sender].judge(raw, pair.direction, role, formats=formats)
        judges = mine, Judge(demanded, formats=formats)
        language = told_apart(bundle, demanded)
        reason = _all_fit(language, bundle, demanded)
        if reason:
            return Proof("none", reason)

        def tries(guesses: list[Schema]) -> Recalled[Any]:
            local = distinct(
                v
                for guess in guesses
                for v in (every or values(guess, formats=formats, budget=asked.budget))
                if asked.budget.spend() and judges[0].takes(v) and not judges[1].takes(v)
            )
            return Recalled(islice(local, LOCAL))

        plain: list[Schema] = [{"enum": every}]
        if not every:
            seed = bundler.lazy(raw, role)
            plain = [without(seed, demanded), *self._alternatives(fact, sender, role), seed]
            plain = [{"enum": language}, *plain] if language else plain
        found: Recalled[Any] = Recalled(iter(()))
        if size > SMALL:
            # To subtract from a large schema takes long, and often it is not needed.
            found = tries(plain)
            witness = self._lift(pair, found, asked, fact.subject)
            if witness is not None:
                return Proof("proven", witness=witness)
        subtracted = sent is not None and wanted is not None and size <= MAX_SUBTRACT
        rest = subtract(sent, wanted) if subtracted and sent and wanted else None
        if rest is not None or size <= SMALL:
            found = tries(([rest] if rest is not None else []) + plain)
            witness = self._lift(pair, found, asked, fact.subject)
            if witness is not None:
                return Proof("proven", witness=witness)
        tried = len(list(found))
        if every and not tried:
            return Proof("none", "each of the values that the other side sends was tried")
        if role == "strict":
            return Proof("open")  # only a witness counts there
        return self._why_not(pair, asked, demanded, tried)

    def _wanted(self, demanded: Schema, formats: bool) -> Values | None:
        """A limit as a set; None where it reaches too far."""
        whole = complete(demanded, MAX_SIZE)
        return None if whole is None else Values(whole, formats=formats)

    def _covered(
        self, fact: Fact, asked: Question, wanted: Values | None, sent: Values | None, bundle: Schema
    ) -> bool:
        """Whether it is proven that all of what is sent keeps to what is wanted."""
        if self._each_taken(fact, asked):
            return True
        if wanted is None or self._is_large_choice(fact, asked):
            return False
        answer = covers(wanted, sent) if sent is not None else Answer.UNKNOWN
        if answer is Answer.UNKNOWN:
            # A schema that refers to itself is too much for the algebra; a wider one without that may do.
            answer = covers(wanted, Values(loosened(bundle), formats=asked.formats))
        return answer is Answer.YES

    def _unclear(self, pair: Pair) -> bool:
        """Whether nothing is known of one of the schemas, because a reference to it is broken."""
        base, revision = self.comparison.base.document, self.comparison.revision.document
        return id(pair.base) in base.unclear or id(pair.revision) in revision.unclear

    def _alternatives(self, fact: Fact, side: SideName, role: Any) -> list[Schema]:
        """What the alternatives of a side are, where a fact is about a choice."""
        assert fact.pair is not None  # noqa: S101 - see prove
        bundler = self.sides[side].bundlers[fact.pair.direction]
        return [bundler.lazy(raw, role) for raw in chosen_among(fact, side)]

    def _each_taken(self, fact: Fact, asked: Question) -> bool:
        """Whether each alternative of the sender is one of the taker's, or within one: a choice that is too
        large for the algebra as a whole."""
        pair = fact.pair
        assert pair is not None  # noqa: S101 - see prove
        raw = pair.base if asked.sender == "base" else pair.revision
        sent, taken = chosen_among(fact, asked.sender), chosen_among(fact, asked.taker, "anyOf")
        if not (sent and taken and is_choice_alone(raw, self.sides[asked.sender].api.document)):
            return False
        same = self.comparison.walk.facts.same
        new = [
            one
            for one in sent
            if not any(same(one, o) if asked.sender == "base" else same(o, one) for o in taken)
        ]
        bundlers = [self.sides[side].bundlers[pair.direction] for side in (asked.sender, asked.taker)]
        known = [self._limited(bundlers[1], raw, "taker", asked.formats) for raw in taken]
        return within_one((self._limited(bundlers[0], raw, asked.role, asked.formats) for raw in new), known)

    def _is_large_choice(self, fact: Fact, asked: Question) -> bool:
        """Whether the algebra would take minutes: it holds each alternative against all sets of others."""
        assert fact.pair is not None  # noqa: S101 - see prove
        raw = fact.pair.base if asked.sender == "base" else fact.pair.revision
        size = self.sides[asked.sender].bundlers[fact.pair.direction].size(raw)
        return size > MAX_SAME and bool(chosen_among(fact, asked.sender))

    def _limited(self, bundler: Bundler, raw: Any, role: Any, formats: bool) -> Values | None:
        return self._sets.of(bundler, raw, role, formats) if bundler.size(raw) <= MAX_SAME else None

    def _why_not(self, pair: Pair, asked: Question, demanded: Schema, tried: int) -> Proof:
        """No witness: because all surfaces are covered, or because we did not find one."""
        if asked.budget.spent:
            return Proof("open", ENDED)
        places = list(islice(self.trails.places(pair), PLACES * 5))
        audience: Audience = (
            "clients" if sender_of(pair.direction, "clients") == asked.sender else "providers"
        )
        wholes = (self._surfaces.prove(s, audience, asked.role, asked.formats) for s, _ in places)
        if places and all(proof.verdict == "none" for proof in wholes):
            self._tell_empty(places[0][0], asked)
            return Proof("none", "the rest of the schema makes up for it")
        if places and all(self._ruled_out(*place, asked, demanded) for place in places):
            self._tell_empty(places[0][0], asked)
            return Proof("none", "the rest of the schema lets no such payload through")
        if tried:
            return Proof("open", f"{tried} payloads for the part alone, but none for the whole message")
        return Proof("open", "no payload was found, and none was ruled out")

    def _tell_empty(self, surface: Surface, asked: Question) -> None:
        """Note it where nothing differs because no value fits: that is hardly meant."""
        root = self.comparison.surfaces[surface][1 if asked.sender == "base" else 2].schema
        bundler = self.sides[asked.sender].bundlers[surface.direction]
        if bundler.size(root) <= MAX_WHOLE and is_empty(self._sets.of(bundler, root, asked.role, False)):
            self.sides[asked.sender].api.document.problem("no value is valid under this schema", root)

    def _ruled_out(self, surface: Surface, path: Path, asked: Question, demanded: Schema) -> bool:
        """Whether it is proven that no payload of the sender breaks `demanded` there."""
        root = self.comparison.surfaces[surface][1 if asked.sender == "base" else 2]
        bundler = self.sides[asked.sender].bundlers[surface.direction]
        if bundler.size(root.schema) > MAX_WHOLE:
            return False
        bundle = bundler.bundle(root.schema, asked.role)
        whole = complete(beyond(bundle, path, demanded), MAX_WHOLE)
        return whole is not None and is_empty(Values(whole, formats=asked.formats))

    def _lift(self, pair: Pair, found: Recalled[Any], asked: Question, subject: str) -> Witness | None:
        """A whole payload, one of `found` in its place, that one side takes and the other refuses."""
        if not found:
            return None
        sender, role = asked.sender, asked.role
        for surface, path, trail in islice(self.trails.trails(pair), PLACES):
            root = self.comparison.surfaces[surface][1 if sender == "base" else 2]
            bundler = self.sides[sender].bundlers[surface.direction]
            bundle = bundler.lazy(root.schema, role)
            branches = {
                n: bundler.lazy(at.base if sender == "base" else at.revision, role)
                for n, ((kind, _), at) in enumerate(zip(path, trail, strict=True))
                if kind == "branch"
            }
            wholes: Iterator[Any] = (
                whole
                for value in found
                for whole in (_wholes(bundle, path, value, branches, asked.budget) if path else (value,))
            )
            if surface.kind != "body":
                # A text that is not empty is easier to see; of many that do, the first is taken.
                wholes = iter(sorted(wholes, key=lambda whole: blank(root, whole)))
            for whole in wholes:
                witness = self._surfaces.check(surface, sender, whole, role, asked.formats)
                if witness is not None:
                    return self._alone(witness, surface, path, asked, subject)
        return None

    def _alone(
        self, witness: Witness, surface: Surface, path: Path, asked: Question, subject: str
    ) -> Witness:
        """The witness without what is refused for other reasons, where it can be mended."""
        _, before, after = self.comparison.surfaces[surface]
        if surface.kind != "body" or way_of(before) or way_of(after):
            return witness
        mine, theirs = (before, after) if asked.sender == "base" else (after, before)
        sides = self.sides[asked.sender], self.sides[asked.taker]
        direction, formats = surface.direction, asked.formats
        judge = sides[1].judge(theirs.schema, direction, "taker", formats=formats)
        about = concerns(concrete(path), subject)
        payload = isolate(
            witness.payload,
            (
                sides[0].bundlers[direction].lazy(mine.schema, asked.role),
                sides[0].judge(mine.schema, direction, asked.role, formats=formats),
            ),
            (sides[1].bundlers[direction].lazy(theirs.schema, "taker"), judge),
            about,
            asked.budget,
        )
        said = next((r.sentence for r in judge.refusals(payload, 40) if about(r)), witness.refusal)
        return replace(witness, payload=payload, refusal=said)

    def surface(self, surface: Surface, audience: Audience, effort: int) -> Proof:
        """Whether anything at all is sent on this surface that the other side refuses."""
        return self._surfaces.prove(surface, audience, effort=effort)

    # --- helpers

    def limit(self, limit: Any, side: SideName, direction: str) -> Schema:
        """A limit with the schemas in it: self-contained."""
        bundler = self.sides[side].bundlers[direction]
        return bundler.with_definitions(_filled(limit, bundler))

    def equal(self, pair: Pair) -> bool:
        """Whether both schemas of a pair have the same canonical form, so that only the writing differs."""
        key = (id(pair.base), id(pair.revision), pair.direction)
        if key not in self._equal:
            self._equal[key] = self._same_form(pair)
        return self._equal[key]

    def _same_form(self, pair: Pair) -> bool:
        if self._unclear(pair):
            return False
        sets = []
        sides: tuple[tuple[SideName, Any], ...] = (("base", pair.base), ("revision", pair.revision))
        for side, raw in sides:
            bundler = self.sides[side].bundlers[pair.direction]
            if bundler.size(raw) > MAX_SAME:
                return False
            sets.append(self._sets.of(bundler, raw, "taker", False))
        if sets[0] == sets[1]:
            return True
        alike = spelled_alike(sets[1].schema, sets[0].schema)
        return alike is not None and Values(alike) == sets[0]

    def forget(self) -> None:
        """Keep no sets of values and no compiled validators: the next part of a document seldom has use for
        them, and in a large one they take half of the memory."""
        self._sets.clear()
        for side in self.sides.values():
            side.forget()


def _filled(node: Any, bundler: Bundler) -> Any:
    """A limit with the children that stand in it written out."""
    if isinstance(node, Child):
        return body(bundler.lazy(node.raw, "taker"))
    if isinstance(node, dict):
        return {
            k: v if k in ("enum", "const") and not isinstance(v, dict | Child) else _filled(v, bundler)
            for k, v in node.items()
        }
    return [_filled(v, bundler) for v in node] if isinstance(node, list) else node


def _all_fit(language: list[str] | None, bundle: Schema, demanded: Schema) -> str:
    """Why every text, or every property, of one side keeps to a limit; "" where that is not proven."""
    if language == []:
        return "every text of the other side fits it"
    return "every property of the other side keeps to it" if names_kept(bundle, demanded) else ""


def _wholes(
    bundle: Schema, path: Path, value: Any, branches: dict[int, Schema], budget: StepBudget
) -> Iterator[Any]:
    """Payloads with `value` at the end of `path`; last, those in which it stands beside another item."""
    yield from islice(around(bundle, path, value, branches, budget), 6)
    if any(kind == "item" for kind, _ in path):
        yield from islice(around(bundle, path, value, branches, budget, items=2), 2)
