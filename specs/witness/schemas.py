"""Proof for differences of schemas: subtract, generate, set into the whole payload, ask both validators."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from specs.algebra import Answer, Judge, Values, covers, is_empty, loosened, subtract
from specs.diff.bundle import rename
from specs.diff.facts import Child
from specs.witness.generate import values
from specs.witness.guesses import around, beyond, concrete, distinct, finite, on_wire, without
from specs.witness.isolate import concerns, isolate
from specs.witness.proof import NOTHING_DEMANDED, OTHER, Proof, SideName, Witness, sender_of
from specs.witness.wire import blank, spelled, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specs.algebra import Schema
    from specs.diff.api import Parameter
    from specs.diff.compare import Comparison
    from specs.diff.facts import Fact, Pair, Surface
    from specs.witness.guesses import Path
    from specs.witness.message import Side
    from specs.witness.proof import Audience

# Counts, not seconds: the same documents always give the same proofs.
LOCAL = 60  # local witnesses that are set into a payload
PLACES = 4  # surfaces that are tried
SILENT = 6  # values of a property that only one side documents
SMALL = 60  # schema objects up to which subtraction is quick
MAX_SIZE = 2_000  # schema objects beyond which the algebra is not asked
MAX_SUBTRACT = 200  # beyond which nothing is subtracted from it
MAX_WHOLE = 200  # and beyond which it is not asked about a surface as a whole


class SchemaProver:
    """Proves facts about schemas of one comparison."""

    def __init__(self, comparison: Comparison, sides: dict[SideName, Side]) -> None:
        self.comparison = comparison
        self.sides = sides
        self._values: dict[tuple[Any, ...], Values] = {}
        self._surfaces: dict[tuple[Any, ...], Proof] = {}

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
        demanded = self.limit(limit, taker, pair.direction)
        proof = self._try(fact, pair, sender, demanded, "sender", formats)
        if proof.verdict == "none":
            strict = self._try(fact, pair, sender, demanded, "strict", formats)
            if strict.witness is not None:
                return Proof("strict", proof.reason, strict.witness)
        return proof

    def _try(
        self, fact: Fact, pair: Pair, sender: SideName, demanded: Schema, role: Any, formats: bool
    ) -> Proof:
        raw = pair.base if sender == "base" else pair.revision
        bundler = self.sides[sender].bundlers[pair.direction]
        bundle = bundler.bundle(raw, role)
        small = bundler.size(raw, role) <= MAX_SIZE
        sent = self._set((sender, id(raw), pair.direction, role, formats), bundle, formats) if small else None
        wanted = Values(demanded, formats=formats)
        answer = covers(wanted, sent) if sent is not None else Answer.UNKNOWN
        if answer is Answer.UNKNOWN:
            # A schema that refers to itself is too much for the algebra; a wider one without that may do.
            answer = covers(wanted, Values(loosened(bundle), formats=formats))
        if answer is Answer.YES:
            return Proof("none", "every payload of the other side keeps to it")
        every = finite(bundle)
        mine = self.sides[sender].judge(raw, pair.direction, role, formats=formats)
        judges = mine, Judge(demanded, formats=formats)

        def tries(guesses: list[Schema]) -> list[Any]:
            local = distinct(
                v
                for guess in guesses
                for v in (every or values(guess, formats=formats))
                if judges[0].takes(v) and not judges[1].takes(v)
            )
            return list(islice(local, LOCAL))

        plain: list[Schema] = [{"enum": every}]
        if not every:
            plain = [without(bundle, demanded), *self._alternatives(fact, sender, pair, role), bundle]
        found: list[Any] = []
        if bundler.size(raw, role) > SMALL:
            # To subtract from a large schema takes long, and often it is not needed.
            found = tries(plain)
            witness = self._lift(pair, sender, found, role, formats, fact.subject)
            if witness is not None:
                return Proof("proven", witness=witness)
        small = bundler.size(raw, role) <= MAX_SUBTRACT
        rest = subtract(sent, wanted) if sent is not None and small else None
        if rest is not None or bundler.size(raw, role) <= SMALL:
            found = tries(([rest] if rest is not None else []) + plain)
            witness = self._lift(pair, sender, found, role, formats, fact.subject)
            if witness is not None:
                return Proof("proven", witness=witness)
        if every and not found:
            return Proof("none", "each of the values that the other side sends was tried")
        if role == "strict":
            return Proof("open")  # only a witness counts there
        return self._why_not(pair, sender, role, formats, demanded, tried=len(found))

    def _alternatives(self, fact: Fact, sender: SideName, pair: Pair, role: Any) -> list[Schema]:
        """What the sender's alternatives are, where a fact is about a choice."""
        limit = fact.base_limit if sender == "base" else fact.revision_limit
        members = [
            v for key in ("oneOf", "anyOf") for v in (limit.get(key, ()) if isinstance(limit, dict) else ())
        ]
        bundler = self.sides[sender].bundlers[pair.direction]
        return [bundler.bundle(m.raw, role) for m in members if isinstance(m, Child)]

    def _why_not(
        self, pair: Pair, sender: SideName, role: Any, formats: bool, demanded: Schema, tried: int
    ) -> Proof:
        """No witness: because all surfaces are covered, or because we did not find one."""
        places = list(islice(self.places(pair), PLACES * 5))
        audience: Audience = "clients" if sender_of(pair.direction, "clients") == sender else "providers"
        if places and all(self.surface(s, audience, role, formats).verdict == "none" for s, _ in places):
            return Proof("none", "the rest of the schema makes up for it")
        if places and all(self._ruled_out(*place, sender, role, formats, demanded) for place in places):
            return Proof("none", "the rest of the schema lets no such payload through")
        if tried:
            return Proof("open", f"{tried} payloads for the part alone, but none for the whole message")
        return Proof("open", "no payload was found, and none was ruled out")

    def _ruled_out(
        self, surface: Surface, path: Path, sender: SideName, role: Any, formats: bool, demanded: Schema
    ) -> bool:
        """Whether it is proven that no payload of the sender breaks `demanded` there."""
        root = self.comparison.surfaces[surface][1 if sender == "base" else 2]
        bundler = self.sides[sender].bundlers[surface.direction]
        if bundler.size(root.schema, role) > MAX_WHOLE:
            return False
        bundle = bundler.bundle(root.schema, role)
        return is_empty(Values(beyond(bundle, path, demanded), formats=formats))

    def _lift(
        self, pair: Pair, sender: SideName, found: list[Any], role: Any, formats: bool, subject: str
    ) -> Witness | None:
        """A whole payload, one of `found` in its place, that one side takes and the other refuses."""
        if not found:
            return None
        for surface, path, trail in islice(self._trails(pair), PLACES):
            root = self.comparison.surfaces[surface][1 if sender == "base" else 2]
            bundler = self.sides[sender].bundlers[surface.direction]
            bundle = bundler.bundle(root.schema, role)
            branches = {
                n: bundler.bundle(at.base if sender == "base" else at.revision, role)
                for n, ((kind, _), at) in enumerate(zip(path, trail, strict=True))
                if kind == "branch"
            }
            wholes: Iterator[Any] = (
                whole
                for value in found
                for whole in (islice(around(bundle, path, value, branches), 6) if path else (value,))
            )
            if surface.kind != "body":
                # A text that is not empty is easier to see; of many that do, the first is taken.
                wholes = iter(sorted(wholes, key=lambda whole: blank(root, whole)))
            for whole in wholes:
                witness = self.check(surface, sender, whole, role, formats)
                if witness is not None:
                    return self._alone(witness, surface, sender, path, role, formats, subject)
        return None

    def _alone(
        self,
        witness: Witness,
        surface: Surface,
        sender: SideName,
        path: Path,
        role: Any,
        formats: bool,
        subject: str,
    ) -> Witness:
        """The witness without what is refused for other reasons, where it can be mended."""
        if surface.kind != "body":
            return witness
        _, before, after = self.comparison.surfaces[surface]
        mine, theirs = (before, after) if sender == "base" else (after, before)
        sides = self.sides[sender], self.sides[OTHER[sender]]
        direction = surface.direction
        judge = sides[1].judge(theirs.schema, direction, "taker", formats=formats)
        about = concerns(concrete(path), subject)
        payload = isolate(
            witness.payload,
            (
                sides[0].bundlers[direction].bundle(mine.schema, role),
                sides[0].judge(mine.schema, direction, role, formats=formats),
            ),
            (sides[1].bundlers[direction].bundle(theirs.schema, "taker"), judge),
            about,
        )
        said = next((r.sentence for r in judge.refusals(payload, 40) if about(r)), witness.refusal)
        return replace(witness, payload=payload, refusal=said)

    def unmentioned(self, fact: Fact) -> Witness | None:
        """A payload with a property that only one side documents: taken by it, and refused by the other when
        both are read strictly, without what is inherited (role "documented")."""
        pair = fact.pair
        assert pair is not None  # noqa: S101 - facts about schemas have one
        speaks: SideName = "base" if fact.action == "property-undocumented" else "revision"
        raw = pair.base if speaks == "base" else pair.revision
        inner = self.sides[speaks].bundlers[pair.direction].bundle(raw, "documented")
        for surface, path in islice(self.places(pair), PLACES):
            if surface.kind != "body" or not path:
                continue
            _, before, after = self.comparison.surfaces[surface]
            roots = (before, after) if speaks == "base" else (after, before)
            strict = [
                (
                    self.sides[side].bundlers[surface.direction].bundle(root.schema, "documented"),
                    self.sides[side].judge(root.schema, surface.direction, "documented"),
                )
                for side, root in zip((speaks, OTHER[speaks]), roots, strict=True)
            ]
            plain = self.sides[speaks].judge(roots[0].schema, surface.direction, "sender")
            about = concerns(concrete(path), "")
            for value in islice(values(inner), SILENT):
                for whole in islice(around(strict[0][0], path, value), 6):
                    if not (plain.takes(whole) and strict[0][1].takes(whole)):
                        continue
                    payload = isolate(whole, strict[0], strict[1], about)
                    if plain.takes(payload) and any(about(r) for r in strict[1][1].refusals(payload, 40)):
                        said = f"its documents do not mention {path[-1][1] or 'it'}"
                        return Witness("silence", payload, str(surface), speaks, OTHER[speaks], said)
        return None

    def check(
        self, surface: Surface, sender: SideName, payload: Any, role: Any = "sender", formats: bool = False
    ) -> Witness | None:
        """The witness that `payload` is, if it is one on this surface."""
        taker = OTHER[sender]
        _, before, after = self.comparison.surfaces[surface]
        mine, theirs = (before, after) if sender == "base" else (after, before)
        direction = surface.direction
        if not self.sides[sender].judge(mine.schema, direction, role, formats=formats).takes(payload):
            return None
        if surface.kind == "body":
            judge = self.sides[taker].judge(theirs.schema, direction, "taker", formats=formats)
            refused = judge.refusals(payload, 1)
            refusal = refused[0].sentence if refused else ""
        else:
            refusal = self._wire_refusal(mine, theirs, payload, taker, direction)
        if not refusal:
            return None
        return Witness("payload", payload, str(surface), sender, taker, refusal)

    def _wire_refusal(
        self, mine: Parameter, theirs: Parameter, payload: Any, taker: SideName, direction: str
    ) -> str:
        wire = write(mine, payload)
        if not wire or (mine.location == "path" and not wire[0][1]):
            return ""
        if self.sides[taker].takes_wire(theirs, wire, direction):
            return ""
        return f"{theirs.location} {theirs.name} cannot be {spelled(theirs, wire)}"

    # --- whole surfaces

    def surface(
        self,
        surface: Surface,
        audience: Audience,
        role: Any = "sender",
        formats: bool = False,
        effort: int = 300,
    ) -> Proof:
        """Whether anything at all is sent on this surface that the other side refuses."""
        sender = sender_of(surface.direction, audience)
        taker = OTHER[sender]
        _, before, after = self.comparison.surfaces[surface]
        mine, theirs = (before, after) if sender == "base" else (after, before)
        key = (
            id(mine.schema),
            id(theirs.schema),
            surface.direction,
            surface.kind,
            sender,
            role,
            formats,
            effort,
        )
        if key not in self._surfaces:
            self._surfaces[key] = self._whole(surface, mine, theirs, sender, taker, role, formats, effort)
        return self._surfaces[key]

    def _whole(
        self,
        surface: Surface,
        mine: Any,
        theirs: Any,
        sender: SideName,
        taker: SideName,
        role: Any,
        formats: bool,
        effort: int,
    ) -> Proof:
        bundlers = (
            self.sides[sender].bundlers[surface.direction],
            self.sides[taker].bundlers[surface.direction],
        )
        bundle = bundlers[0].bundle(mine.schema, role)
        demanded = bundlers[1].bundle(theirs.schema, "taker")
        rest: Schema | None = None
        if max(bundlers[0].size(mine.schema, role), bundlers[1].size(theirs.schema, "taker")) <= MAX_WHOLE:
            sent = self._set((sender, id(mine.schema), surface.direction, role, formats), bundle, formats)
            wire = surface.kind != "body" and not theirs.media
            wanted = Values(on_wire(demanded, theirs) if wire else demanded, formats=formats)
            if covers(wanted, sent) is Answer.YES:
                return Proof("none", "everything that one side sends is taken by the other")
            rest = subtract(sent, wanted)
        guesses = ([rest] if rest is not None else []) + [without(bundle, demanded), bundle]
        tried = 0
        if surface.kind != "body" and finite(bundle):
            guesses, effort = [{"enum": finite(bundle)}], len(finite(bundle))
        for value in (v for guess in guesses for v in islice(values(guess, formats=formats), effort)):
            tried += 1
            witness = self.check(surface, sender, value, role, formats)
            if witness is not None:
                return Proof("proven", witness=witness)
        every = finite(bundle)
        if every and tried >= len(every):
            return Proof("none", "each of the values that one side sends was tried")
        return Proof("open", f"{tried} payloads were tried and taken by both, and none was ruled out")

    # --- helpers

    def places(self, pair: Pair) -> Iterator[tuple[Surface, Path]]:
        """The surfaces that `pair` is part of with the way there, nearest first."""
        return ((surface, path) for surface, path, _ in self._trails(pair))

    def _trails(self, pair: Pair) -> Iterator[tuple[Surface, Path, tuple[Pair, ...]]]:
        """The same with the pair that each step leads to."""
        queue: deque[tuple[Pair, Path, tuple[Pair, ...]]] = deque([(pair, (), ())])
        seen = {id(pair)}
        while queue and len(seen) < 20_000:
            at, path, trail = queue.popleft()
            for surface in at.surfaces:
                yield surface, path, trail
            for parent, step in at.parents:
                if id(parent) not in seen:
                    seen.add(id(parent))
                    queue.append((parent, (step, *path), (at, *trail)))

    def limit(self, limit: Any, side: SideName, direction: str) -> Schema:
        """A limit with the schemas in it: self-contained."""
        defs: dict[str, Schema] = {}

        def fill(node: Any) -> Any:
            if isinstance(node, Child):
                bundle = self.sides[side].bundlers[direction].bundle(node.raw, "taker")
                if isinstance(bundle, bool):
                    return bundle
                prefix = f"{len(defs)}-"
                moved = {name: prefix + name for name in bundle.get("$defs", {})}
                defs.update({moved[n]: rename(s, moved) for n, s in bundle.get("$defs", {}).items()})
                return rename({k: v for k, v in bundle.items() if k != "$defs"}, moved)
            if isinstance(node, dict):
                return {
                    k: v if k in ("enum", "const") and not isinstance(v, dict | Child) else fill(v)
                    for k, v in node.items()
                }
            return [fill(v) for v in node] if isinstance(node, list) else node

        filled = fill(limit)
        return {**filled, "$defs": defs} if defs and isinstance(filled, dict) else filled

    def equal(self, pair: Pair) -> bool:
        """Whether both schemas of a pair have the same canonical form, so that only the writing differs."""
        sets = []
        for side, raw in (("base", pair.base), ("revision", pair.revision)):
            bundler = self.sides[side].bundlers[pair.direction]  # type: ignore[index]
            if bundler.size(raw, "taker") > MAX_SIZE:
                return False
            sets.append(Values(bundler.bundle(raw, "taker")))
        return sets[0] == sets[1]

    def _set(self, key: tuple[Any, ...], bundle: Schema, formats: bool) -> Values:
        if key not in self._values:
            self._values[key] = Values(bundle, formats=formats)
        return self._values[key]
