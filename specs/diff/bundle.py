"""A schema of a document as one self-contained JSON Schema, as a sender or a taker of messages means it.

Policies (the same for every API; each is named in `understudy drift --help`):

* A sender does not send properties that its document does not declare, although JSON Schema would take them.
  So the sender's objects are closed, unless they declare no property at all (a free-form object) or say with
  a schema what further properties look like. `strict=True` leaves them open.
* `readOnly` properties are not sent in requests and never required there; when one arrives it is checked.
  `writeOnly` is the same for responses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.specs.diff.definitions import Definitions, body, complete, references
from understudy.specs.diff.document import reference
from understudy.specs.diff.inplace import IN_PLACE, InPlace
from understudy.specs.diff.parts import (
    CLOSED,
    EMPTY,
    MARK,
    TESTS,
    UNDOCUMENTED,
    VALUES,
    Direction,
    Group,
    Part,
    Ref,
    Role,
    Where,
    kind_of,
)
from understudy.specs.diff.schema import upgrade
from understudy.specs.diff.writer import SchemaWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.algebra import Schema
    from understudy.specs.diff.document import ApiDocument, Raw


class Definition(NamedTuple):
    """A definition by name: what is written there, and in which role ("taker" for all that leave open)."""

    ref: Ref
    target: Raw
    role: Role


# Keywords with one schema, and with several.
BELOW_ONE = frozenset((*VALUES, *TESTS, "then", "else"))
BELOW_MANY = frozenset((*IN_PLACE, "prefixItems", "properties", "patternProperties", "dependentSchemas"))
# Schema objects beyond which a bundle is not counted.
MOST = 2_001
# Bundles that are kept; of the properties of one large object each has its own.
MOST_KEPT = 5_000


class Bundler:
    """Makes bundles of one document for one direction. Bundles are cached; treat them as read-only.

    overlapping  whether a schema's `oneOf` is read as `anyOf`, because by the letter its alternatives shut
                 each other out (see specs.witness.overlap)
    """

    def __init__(self, document: ApiDocument, direction: Direction) -> None:
        self.document = document
        self.direction = direction
        self.overlapping: Callable[[Raw], bool] = lambda _: False
        self.in_place = InPlace(document)
        self._groups: dict[int, tuple[Raw, Group]] = {}
        self._alone: dict[int, tuple[Raw, Group]] = {}
        self._parts: dict[tuple[int, Role], tuple[Raw, Part]] = {}
        self._named: dict[str, Part] = {}
        self._sizes: dict[int, tuple[Raw, int]] = {}
        self._sums: dict[tuple[int, Role], tuple[bool, bool]] = {}
        # Definitions are called by number, the same in all bundles.
        self._names: dict[tuple[Ref, Role], str] = {}
        self.entries: dict[str, Definition] = {}
        self._defs = Definitions(self._definition)

    def bundle(self, raw: Raw, role: Role) -> Schema:
        """`raw` with all it needs, as a plain schema."""
        lazy = self.lazy(raw, role)
        if role in CLOSED and self._flags(raw, role)[0]:
            # A closed branch may fit where the open ones clash, so the open form has to hold as well.
            lazy = both(lazy, self.lazy(raw, "strict"))
        made = complete(lazy, len(self.entries) + MOST * 1_000)
        assert made is not None  # noqa: S101 - there is no such number of definitions
        return made

    def lazy(self, raw: Raw, role: Role) -> Schema:
        """`raw` with definitions that are written when they are asked for. In a role that closes objects it
        may take a little more than `bundle`: what fits the strict form as well is sent."""
        part = self._part(raw, role)
        return self._defining(part.schema) if part.refs else part.schema

    def forget(self) -> None:
        """Keep no more than some thousand bundles: those that are asked for again are made again."""
        if len(self._parts) > MOST_KEPT:
            for kept in (self._parts, self._sizes, self._sums):
                kept.clear()

    def with_definitions(self, schema: Schema) -> Schema:
        """A schema of parts of this document, with the definitions that they refer to."""
        return self._defining(schema) if any(True for _ in references(schema)) else schema

    def _defining(self, schema: Schema) -> Schema:
        return schema if isinstance(schema, bool) else {**schema, "$defs": self._defs}

    def size(self, raw: Raw) -> int:
        """How many schema objects the bundle has, about; beyond MOST they are not counted."""
        if id(raw) not in self._sizes:
            self._sizes[id(raw)] = (raw, self._count(raw))
        return self._sizes[id(raw)][1]

    def _count(self, raw: Raw) -> int:
        seen: set[int] = set()
        stack = [raw]
        while stack and len(seen) < MOST:
            node = stack.pop()
            if isinstance(node, dict) and id(node) not in seen:
                seen.add(id(node))
                schema = upgrade(node, self.document)
                if "$ref" in schema:
                    stack.append(self.document.target(node))
                for key, value in schema.items():
                    if key in BELOW_ONE:
                        stack.append(value)
                    elif key in BELOW_MANY:
                        stack += value.values() if isinstance(value, dict) else value
        return len(seen)

    def unclear(self, raw: Raw) -> bool:
        """Whether a part of what `raw` demands is not known."""
        return bool(self.document.unclear) and self._flags(raw, "taker")[1]

    def _flags(self, raw: Raw, role: Role) -> tuple[bool, bool]:
        """Whether closing relaxed a bundle, and whether a part of it is unclear."""
        key = (id(raw), kind_of(role))
        if key not in self._sums:
            root = self._part(raw, role)
            relaxed, unclear = root.relaxed, root.unclear
            seen, queue = set[str](), list(root.refs)
            while queue:
                name = queue.pop()
                if name not in seen:
                    seen.add(name)
                    part = self._written(name)
                    relaxed, unclear = relaxed or part.relaxed, unclear or part.unclear
                    queue += part.refs
            self._sums[key] = (relaxed, unclear)
        return self._sums[key]

    def _part(self, raw: Raw, role: Role) -> Part:
        key = (id(raw), kind_of(role))
        if key not in self._parts:
            writer = SchemaWriter(self, role)
            schema = writer.value(raw, role in CLOSED)
            self._parts[key] = (raw, writer.written(schema))
        return self._parts[key][1]

    def _definition(self, name: str) -> Schema | None:
        return self._written(name).schema if name in self.entries else None

    def _written(self, name: str) -> Part:
        if name not in self._named:
            ref, target, role = self.entries[name]
            writer = SchemaWriter(self, role)
            if ref.around is None:
                schema = writer.whole(target, ref.closed)
            else:
                where = Where(ref.closed, ref.around, ref.marked, ref.above, top=ref.closed and ref.top)
                schema = writer.part(target, where)
            self._named[name] = writer.written(schema)
        return self._named[name]

    def name(self, target: Raw, ref: Ref, role: Role) -> str:
        """What a definition is called."""
        key = (ref, kind_of(role))
        if key not in self._names:
            self._names[key] = str(len(self._names))
            self.entries[self._names[key]] = Definition(ref, target, kind_of(role))
        return self._names[key]

    def group(self, raw: Raw) -> Group:
        """What `raw` and its in-place parts declare."""
        if not isinstance(raw, dict):
            return EMPTY
        if id(raw) not in self._groups:
            self._groups[id(raw)] = (raw, self._declared(self.in_place.reached(raw)))
        return self._groups[id(raw)][1]

    def own_group(self, raw: Raw, top: Raw) -> Group:
        """What an alternative of `top` declares, without what only others of them do."""
        return self._declared(self.in_place.below(raw, top))

    def _declared(self, parts: list[Raw]) -> Group:
        """What several parts declare together."""
        groups = [self._own(part) for part in parts]
        several = ((group[n] for group in groups) for n in range(len(EMPTY)))
        return Group(*(frozenset[str]().union(*names) for names in several))

    def _own(self, part: Raw) -> Group:
        """What a part declares itself."""
        if id(part) not in self._alone:
            schema = upgrade(part, self.document)
            properties = schema.get("properties", {})
            marked = frozenset(name for name, child in properties.items() if self.marked(child))
            # Who demands a property declares it.
            names = frozenset((*properties, *schema.get("required", ())))
            made = Group(names, frozenset(schema.get("patternProperties", ())), marked)
            self._alone[id(part)] = (part, made)
        return self._alone[id(part)][1]

    def marked(self, raw: Raw) -> bool:
        """Whether a property is not sent in this direction; the mark may stand behind `$ref`, in an `allOf`
        or in the only branch of a choice."""
        return self._says(raw, MARK[self.direction], IN_PLACE)

    def undocumented(self, raw: Raw) -> bool:
        """Whether a property is inherited, and its owner's documents do not mention it."""
        return self._says(raw, UNDOCUMENTED, ("allOf",))

    def _says(self, raw: Raw, word: str, through: tuple[str, ...]) -> bool:
        """Whether `word` is true in `raw`, or in what certainly applies beside it."""
        stack, seen = [raw], set()
        while stack:
            node = stack.pop()
            if not isinstance(node, dict) or id(node) in seen:
                continue
            seen.add(id(node))
            if node.get(word) is True:
                return True
            lists = {key: node[key] for key in through if isinstance(node.get(key), list)}
            stack += [part for key, ms in lists.items() if key == "allOf" or len(ms) == 1 for part in ms]
            if reference(node) is not None:
                stack.append(self.document.target(node))
        return False


def both(first: Schema, second: Schema) -> Schema:
    """Values of both; they share their definitions."""
    if isinstance(first, bool) or isinstance(second, bool):
        return second if first is True else first if second is True else {"not": {}}
    if body(first) == body(second):
        return first
    made: dict[str, Any] = {"allOf": [body(first), body(second)]}
    defs = first.get("$defs", second.get("$defs"))
    return made if defs is None else {**made, "$defs": defs}
