"""Writes one schema of a document as JSON Schema, in a role; references become entries of `$defs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from understudy.specs.diff.definitions import POINTER
from understudy.specs.diff.inplace import IN_PLACE, NOTHING_ABOVE, Above
from understudy.specs.diff.parts import CLOSED, EMPTY, TESTS, VALUES, Group, Part, Ref, Where
from understudy.specs.diff.plain import PLAIN, SIMPLE, bare_reference, is_trivial, named
from understudy.specs.diff.schema import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from understudy.specs.algebra import Schema
    from understudy.specs.diff.document import ApiDocument, Raw
    from understudy.specs.diff.inplace import InPlace
    from understudy.specs.diff.parts import Role

BRANCHING = frozenset((*IN_PLACE, "$ref", "then", "else", "dependentSchemas"))
# Parts that one schema is written out to beyond the first time of each, where parts take others in.
MOST_PARTS = 20_000
TOO_MANY = "parts that take each other in multiply; nothing is said about what they demand"


class Around(Protocol):
    """What a writer asks about the document that a schema is of; a Bundler knows it."""

    document: ApiDocument
    in_place: InPlace
    overlapping: Callable[[Raw], bool]

    def name(self, target: Raw, ref: Ref, role: Role) -> str: ...
    def group(self, raw: Raw) -> Group: ...
    def own_group(self, raw: Raw, top: Raw) -> Group: ...
    def marked(self, raw: Raw) -> bool: ...
    def undocumented(self, raw: Raw) -> bool: ...


class SchemaWriter:
    """Writes one schema; references become entries of `$defs`."""

    def __init__(self, bundler: Around, role: Role) -> None:
        self.bundler = bundler
        self.document = bundler.document
        self.role = role
        self.refs: dict[str, None] = {}
        self.relaxed = False
        self.unclear = False
        self.repeated = 0
        self.seen: set[int] = set()
        # The schemas that are being written, by id: one that is met again below is referred to.
        self.open: list[int] = []

    def value(self, raw: Raw, closed: bool) -> Schema:
        """A schema for a whole value: a reference stays one."""
        if bare_reference(raw, self.document):
            target = named(raw, self.document)
            return self.refer(target, Ref(id(target), closed))
        return self.whole(raw, closed)

    def refer(self, target: Raw, ref: Ref) -> Schema:
        """A reference to a definition, which is written once."""
        name = self.bundler.name(target, ref, self.role)
        self.refs[name] = None
        return {"$ref": f"{POINTER}{name}"}

    def written(self, schema: Schema) -> Part:
        """What was written, with what it needs."""
        return Part(schema, tuple(self.refs), self.relaxed, self.unclear)

    def whole(self, raw: Raw, closed: bool) -> Schema:
        if isinstance(raw, bool):
            return raw
        simple = upgrade(raw, self.document).keys() <= SIMPLE
        marked = frozenset[str]() if simple else self.bundler.group(raw).marked
        return self.part(raw, Where(closed, EMPTY, marked, NOTHING_ABOVE, top=True))

    def _left_out(self, raw: Raw) -> bool:
        """Whether parts were written again too often to write this one as well; that nothing is known of
        those is noted."""
        self.repeated += id(raw) in self.seen
        self.seen.add(id(raw))
        many = self.repeated > MOST_PARTS
        if many and id(raw) not in self.document.unclear:
            self.document.problem(TOO_MANY, raw)
            self.document.leave_out(raw)
        self.unclear = self.unclear or id(raw) in self.document.unclear
        return many

    def part(self, raw: Raw, where: Where) -> Schema:
        """One schema object."""
        if isinstance(raw, bool):
            return raw
        if self._left_out(raw):
            return True
        schema = upgrade(raw, self.document)
        if schema.keys() <= SIMPLE:
            return {k: v for k, v in schema.items() if k in PLAIN}
        self.open.append(id(raw))
        closed = where.closed
        out: dict[str, Any] = {k: v for k, v in schema.items() if k in PLAIN}
        if "required" in schema:
            out["required"] = sorted(set(schema["required"]) - where.marked - self._silent(schema))
        for key in VALUES:
            if key in schema:
                out[key] = self.value(schema[key], closed)
        for key in TESTS:
            if key in schema:
                out[key] = self.value(schema[key], False)
        if "prefixItems" in schema:
            out["prefixItems"] = [self.value(child, closed) for child in schema["prefixItems"]]
        self._properties(schema, out, closed)
        self._branches(raw, schema, out, where)
        if closed and where.top:
            self._close(schema, out, self.bundler.group(raw).join(where.around))
        self.open.pop()
        return out

    def _silent(self, schema: dict[str, Any]) -> set[str]:
        """The properties that do not exist for who reads only what is documented."""
        if self.role != "documented":
            return set()
        return {n for n, child in schema.get("properties", {}).items() if self.bundler.undocumented(child)}

    def _properties(self, schema: dict[str, Any], out: dict[str, Any], closed: bool) -> None:
        never = self.role in CLOSED
        silent = self._silent(schema)
        for key in ("properties", "patternProperties"):
            if key in schema:
                out[key] = {
                    name: False
                    if (never and self.bundler.marked(child)) or name in silent
                    else self.value(child, closed)
                    for name, child in schema[key].items()
                }

    def _branches(self, raw: Raw, schema: dict[str, Any], out: dict[str, Any], where: Where) -> None:
        """allOf, anyOf, oneOf, then, else, dependentSchemas and a reference with siblings."""
        if not BRANCHING.intersection(schema):
            return
        parts = {key: list(schema.get(key, ())) for key in IN_PLACE}
        if "$ref" in schema:
            parts["allOf"].append(self.document.target(raw))
        for key in IN_PLACE:
            members = self._members(raw, key, parts[key], where.above)
            if not parts[key] or (key != "allOf" and members is None):
                continue
            written = []
            for member in members or ():
                near = self._near(schema, parts, member, key, where.around)
                if key == "allOf":
                    written.append(self._held(raw, member, where._replace(around=near, top=False)))
                else:
                    written.append(self._chosen(raw, member, where._replace(around=near, top=where.closed)))
            if key == "oneOf" and self.bundler.overlapping(raw) and not where.closed:
                written = self._apart(raw, members or (), written)
            self._put(raw, key, written, out, where.closed)
        beside = Where(False, EMPTY, where.marked, where.above.within(raw), top=False)
        for key in ("then", "else"):
            if key in schema:
                out[key] = self.part(schema[key], beside)
        if "dependentSchemas" in schema:
            out["dependentSchemas"] = {
                name: self.part(child, beside) for name, child in schema["dependentSchemas"].items()
            }

    def _members(self, raw: Raw, key: str, members: list[Raw], above: Above) -> list[Raw] | None:
        """The parts without those that lead back; None for a choice that does not bind here."""
        if key != "allOf" and self.bundler.in_place.bound(members, above):
            self.bundler.in_place.tell(raw)
            return None
        kept: list[Raw] = []
        met: set[int] = set()
        for member in members:
            target = named(member, self.document)
            if target is raw or target in above:
                self.bundler.in_place.tell(raw)
            elif key != "allOf" or id(target) not in met:  # what is demanded twice is demanded once
                met.add(id(target))
                kept.append(member)
        return kept

    def _near(
        self, schema: dict[str, Any], parts: dict[str, list[Raw]], member: Raw, key: str, around: Group
    ) -> Group:
        """What a member's neighbours declare; other alternatives of its own choice are none."""
        names = frozenset((*schema.get("properties", ()), *schema.get("required", ())))
        near = Group(names, frozenset(schema.get("patternProperties", ()))).join(around)
        for k, others in parts.items():
            for other in others if k != key or k == "allOf" else ():
                if other is not member:
                    near = near.join(self.bundler.group(other))
        return near

    def _held(self, raw: Raw, member: Raw, where: Where) -> Schema:
        """A part that has to hold; where it is being written already, a reference to it."""
        above = where.above.within(raw)
        if isinstance(member, dict) and id(member) in self.open:
            above = above.among(self.bundler.in_place.ids(member))
            return self.refer(
                member, Ref(id(member), where.closed, where.around, where.marked, above, top=False)
            )
        return self.part(member, where._replace(above=above))

    def _chosen(self, raw: Raw, member: Raw, where: Where) -> Schema:
        """An alternative. Written in place, those that refer to each other would never end."""
        if self.role in CLOSED:  # a sender sends no kinds that its document does not name
            member = self.document.unnamed.get(id(member), member)
        above = where.above.choosing(raw)
        if not bare_reference(member, self.document):
            return self.part(member, where._replace(above=above))
        target = named(member, self.document)
        above = above.among(self.bundler.in_place.ids(target))
        return self.refer(target, Ref(id(target), where.closed, where.around, where.marked, above))

    def _apart(self, raw: Raw, members: Iterable[Raw], written: list[Schema]) -> list[Schema]:
        """Alternatives that overlap as they are meant: none takes what only another one declares."""
        groups = [self.bundler.own_group(member, raw) for member in members]
        every = frozenset(name for group in groups for name in group.names)
        apart: list[Schema] = []
        for group, schema in zip(groups, written, strict=True):
            foreign = sorted(every - group.names)
            never: Schema = {"properties": dict.fromkeys(foreign, False)}
            apart.append({"allOf": [schema, never]} if foreign and group.names else schema)
        return apart

    def _put(self, raw: Raw, key: str, written: list[Schema], out: dict[str, Any], closed: bool) -> None:
        if key == "allOf":
            if written:
                out["allOf"] = written
            return
        if key == "oneOf" and self.bundler.overlapping(raw):
            out["allOf"] = [*out.get("allOf", ()), {"anyOf": written}]
            return
        if key == "oneOf" and closed:
            self.relaxed, key = True, "anyOf" if "anyOf" not in out else "oneOf"
        # An alternative that is the schema itself again adds nothing; where no other is, nothing fits.
        out[key] = written or [False]

    def _close(self, schema: dict[str, Any], out: dict[str, Any], group: Group) -> None:
        """Let nothing through that `group` does not declare."""
        if not (group.names or group.patterns) or "unevaluatedProperties" in schema:
            return
        if not is_trivial(schema.get("additionalProperties", True), self.document):
            return
        known = dict.fromkeys(sorted(group.names - set(out.get("properties", ()))), True)
        out["properties"] = {**out.get("properties", {}), **known}
        patterns = dict.fromkeys(sorted(group.patterns - set(out.get("patternProperties", ()))), True)
        if patterns:
            out["patternProperties"] = {**out.get("patternProperties", {}), **patterns}
        out["additionalProperties"] = False
