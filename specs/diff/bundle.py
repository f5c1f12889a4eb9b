"""A schema of a document as one self-contained JSON Schema, as a sender or a taker of messages means it.

Policies (the same for every API; each is named in `understudy drift --help`):

* A sender does not send properties that its document does not declare, although JSON Schema would take them.
  So the sender's objects are closed, unless they declare no property at all (a free-form object) or say with
  a schema what further properties look like. `strict=True` leaves them open.
* `readOnly` properties are not sent in requests and never required there; when one arrives it is checked.
  `writeOnly` is the same for responses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from specs.diff.schema import ANNOTATIONS, upgrade
from specs.diff.source import DocumentError

if TYPE_CHECKING:
    from specs.algebra import Schema
    from specs.diff.document import Document, Raw

Direction = Literal["request", "response"]
# taker: as written; sender: what a sender of this document sends;
# strict: what JSON Schema lets a sender send, marked and undeclared properties too;
# documented: the document read strictly: undeclared properties are refused, and so are those that are
# inherited and promised by nobody (`x-undocumented`)
Role = Literal["taker", "strict", "sender", "documented"]
CLOSED: tuple[Role, ...] = ("sender", "documented")
UNDOCUMENTED = "x-undocumented"
MARK: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}
IN_PLACE = ("allOf", "anyOf", "oneOf")
# Children that are tested rather than sent: nothing is closed inside them.
TESTS = ("not", "if", "contains", "propertyNames")
VALUES = ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")


class Group(NamedTuple):
    """What the parts of a schema that apply to the same value declare together."""

    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    marked: frozenset[str] = frozenset()

    def join(self, other: Group) -> Group:
        return Group(self.names | other.names, self.patterns | other.patterns, self.marked | other.marked)


EMPTY = Group()


class Ref(NamedTuple):
    """A definition of a bundle: a schema (by id) as a whole value; or, with `around`, as one of several that
    apply to the same value: what the others declare, and which properties of the whole are not demanded."""

    target: int
    closed: bool
    around: Group | None = None
    marked: frozenset[str] = frozenset()


class Part(NamedTuple):
    """A schema that was written once: the schema, the references in it, and how many objects it has.

    relaxed: closing turned a oneOf into an anyOf in it.
    """

    schema: Schema
    refs: tuple[Ref, ...]
    objects: int
    relaxed: bool


class Bundler:
    """Makes bundles of one document for one direction. Bundles are cached; treat them as read-only."""

    def __init__(self, document: Document, direction: Direction) -> None:
        self.document = document
        self.direction = direction
        self._groups: dict[int, Group] = {}
        self._bundles: dict[tuple[int, Role], tuple[Schema, int]] = {}
        self._parts: dict[tuple[Ref, Role], Part] = {}
        # Definitions are called by number, the same in all bundles.
        self.names: dict[Ref, str] = {}
        self.targets: dict[Ref, Raw] = {}

    def bundle(self, raw: Raw, role: Role) -> Schema:
        """`raw` with all it needs. Raises DocumentError for references that are broken or endless."""
        return self._bundle(raw, role)[0]

    def size(self, raw: Raw, role: Role) -> int:
        """How many schema objects the bundle has."""
        return self._bundle(raw, role)[1]

    def _bundle(self, raw: Raw, role: Role) -> tuple[Schema, int]:
        key = (id(raw), role)
        if key not in self._bundles:
            schema, count, relaxed = self._gather(raw, role)
            if role in CLOSED and relaxed:
                # A closed branch may fit where the open ones clash, so the open form has to hold as well.
                strict, more = self._bundle(raw, "strict")
                schema, count = _both(schema, strict), count + more
            self._bundles[key] = (schema, count)
        return self._bundles[key]

    def _gather(self, raw: Raw, role: Role) -> tuple[Schema, int, bool]:
        """The written schema with the definitions that it reaches."""
        root = self._part(raw, Ref(id(raw), role in CLOSED), role)
        defs: dict[str, Schema] = {}
        count, relaxed, queue = root.objects, root.relaxed, list(root.refs)
        while queue:
            ref = queue.pop()
            if self.names[ref] in defs:
                continue
            part = self._part(self.targets[ref], ref, role)
            defs[self.names[ref]] = part.schema
            count, relaxed = count + part.objects, relaxed or part.relaxed
            queue += part.refs
        if not defs:
            return root.schema, count, relaxed
        schema = root.schema
        body: dict[str, Any] = {} if schema is True else {"not": {}} if schema is False else schema
        return {**body, "$defs": dict(sorted(defs.items()))}, count, relaxed

    def _part(self, raw: Raw, ref: Ref, role: Role) -> Part:
        key = (ref, role if role in CLOSED else "taker")
        if key not in self._parts:
            writer = _Writer(self, role)
            if ref.around is None:
                schema = writer.value(raw, ref.closed)
            else:
                schema = writer.part(raw, ref.closed, ref.around, ref.marked, top=ref.closed)
            self._parts[key] = Part(schema, tuple(writer.refs), writer.count, writer.relaxed)
        return self._parts[key]

    def group(self, raw: Raw, above: tuple[int, ...] = ()) -> Group:
        """What `raw` and its in-place parts declare."""
        if isinstance(raw, bool) or not isinstance(raw, dict):
            return EMPTY
        if id(raw) in self._groups:
            return self._groups[id(raw)]
        if id(raw) in above:
            raise DocumentError("a schema includes itself", where=str(self.document.place(raw)))
        schema = upgrade(raw, self.document)
        properties = schema.get("properties", {})
        marked = frozenset(name for name, child in properties.items() if self.marked(child))
        # Who demands a property declares it.
        names = frozenset((*properties, *schema.get("required", ())))
        group = Group(names, frozenset(schema.get("patternProperties", ())), marked)
        for part in self._in_place(raw, schema):
            group = group.join(self.group(part, (*above, id(raw))))
        self._groups[id(raw)] = group
        return group

    def _in_place(self, raw: Raw, schema: dict[str, Any]) -> list[Raw]:
        parts = [part for key in IN_PLACE for part in schema.get(key, ())]
        parts += [schema[key] for key in ("then", "else", "if") if key in schema]
        parts += schema.get("dependentSchemas", {}).values()
        if "$ref" in schema:
            parts.append(self.document.target(raw))
        return parts

    def marked(self, raw: Raw, depth: int = 0) -> bool:
        """Whether a property is not sent in this direction; the mark may stand behind `$ref`, in an `allOf`
        or in the only branch of a choice."""
        if not isinstance(raw, dict) or depth > 20:
            return False
        if raw.get(MARK[self.direction]) is True:
            return True
        lists = {key: raw[key] for key in IN_PLACE if isinstance(raw.get(key), list)}
        parts = [part for key, ms in lists.items() if key == "allOf" or len(ms) == 1 for part in ms]
        if "$ref" in raw:
            parts.append(self.document.target(raw))
        return any(self.marked(part, depth + 1) for part in parts)

    def undocumented(self, raw: Raw, depth: int = 0) -> bool:
        """Whether a property is inherited, and its owner's documents do not mention it."""
        if not isinstance(raw, dict) or depth > 20:
            return False
        if raw.get(UNDOCUMENTED) is True:
            return True
        parts = list(raw["allOf"]) if isinstance(raw.get("allOf"), list) else []
        if "$ref" in raw:
            parts.append(self.document.target(raw))
        return any(self.undocumented(part, depth + 1) for part in parts)


class _Writer:
    """Writes one schema; references become entries of `$defs`."""

    def __init__(self, bundler: Bundler, role: Role) -> None:
        self.bundler = bundler
        self.document = bundler.document
        self.role = role
        self.refs: dict[Ref, None] = {}
        self.count = 0
        self.relaxed = False

    def value(self, raw: Raw, closed: bool) -> Schema:
        """A schema for a whole value: a reference stays one."""
        if bare_reference(raw, self.document):
            target = self.document.follow(raw)
            return self.refer(target, Ref(id(target), closed))
        return self.whole(raw, closed)

    def refer(self, target: Raw, ref: Ref) -> Schema:
        """A reference to a definition, which is written once."""
        names = self.bundler.names
        if ref not in names:
            names[ref] = str(len(names))
            self.bundler.targets[ref] = target
        self.refs[ref] = None
        return {"$ref": f"#/$defs/{names[ref]}"}

    def whole(self, raw: Raw, closed: bool) -> Schema:
        if isinstance(raw, bool):
            return raw
        group = self.bundler.group(raw)
        return self.part(raw, closed, EMPTY, group.marked, top=True)

    def part(self, raw: Raw, closed: bool, around: Group, marked: frozenset[str], *, top: bool) -> Schema:
        """One schema object. `around` is what its neighbours declare for the same value."""
        if isinstance(raw, bool):
            return raw
        self.count += 1
        schema = upgrade(raw, self.document)
        out: dict[str, Any] = {k: v for k, v in schema.items() if k in PLAIN}
        if "required" in schema:
            out["required"] = sorted(set(schema["required"]) - marked - self._silent(schema))
        for key in VALUES:
            if key in schema:
                out[key] = self.value(schema[key], closed)
        for key in TESTS:
            if key in schema:
                out[key] = self.value(schema[key], False)
        if "prefixItems" in schema:
            out["prefixItems"] = [self.value(child, closed) for child in schema["prefixItems"]]
        self._properties(schema, out, closed)
        self._branches(raw, schema, out, closed, around, marked)
        if closed and top:
            self._close(schema, out, self.bundler.group(raw).join(around))
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

    def _branches(
        self,
        raw: Raw,
        schema: dict[str, Any],
        out: dict[str, Any],
        closed: bool,
        around: Group,
        marked: frozenset[str],
    ) -> None:
        """allOf, anyOf, oneOf, then, else, dependentSchemas and a reference with siblings."""
        names = frozenset((*schema.get("properties", ()), *schema.get("required", ())))
        own = Group(names, frozenset(schema.get("patternProperties", ())))
        parts = {key: list(schema.get(key, ())) for key in IN_PLACE}
        if "$ref" in schema:
            parts["allOf"].append(self.document.target(raw))
        for key, members in parts.items():
            others = [m for k, ms in parts.items() if k != key or k == "allOf" for m in ms]
            written = []
            for member in members:
                near = own.join(around)
                for other in others:
                    if other is not member:
                        near = near.join(self.bundler.group(other))
                if key != "allOf" and bare_reference(member, self.document):
                    # Written in place, alternatives that refer to each other would never end.
                    target = self.document.follow(member)
                    written.append(self.refer(target, Ref(id(target), closed, near, marked)))
                    continue
                written.append(self.part(member, closed, near, marked, top=closed and key != "allOf"))
            if written:
                if key == "oneOf" and closed:
                    self.relaxed, key = True, "anyOf" if "anyOf" not in out else "oneOf"  # noqa: PLW2901
                out[key] = written
        for key in ("then", "else"):
            if key in schema:
                out[key] = self.part(schema[key], False, EMPTY, marked, top=False)
        if "dependentSchemas" in schema:
            out["dependentSchemas"] = {
                name: self.part(child, False, EMPTY, marked, top=False)
                for name, child in schema["dependentSchemas"].items()
            }

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


PLAIN = frozenset(
    (
        *("type", "enum", "const", "format", "pattern", "multipleOf", "uniqueItems", "dependentRequired"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"),
        *("minItems", "maxItems", "minContains", "maxContains", "minProperties", "maxProperties"),
    )
)


def bare_reference(raw: Raw, document: Document) -> bool:
    """Whether a schema is a `$ref` with nothing beside it that counts."""
    if not (isinstance(raw, dict) and "$ref" in raw):
        return False
    return all(key == "$ref" or key.startswith("x-") for key in upgrade(raw, document))


def is_trivial(raw: Raw, document: Document) -> bool:
    """Whether a schema says nothing about acceptance."""
    if isinstance(raw, bool):
        return raw
    return all(key in ANNOTATIONS or key.startswith("x-") for key in upgrade(raw, document))


def _both(first: Schema, second: Schema) -> Schema:
    """Values of both. The definitions of the second are renamed."""
    if isinstance(first, bool) or isinstance(second, bool):
        return second if first is True else first if second is True else {"not": {}}
    defs = dict(first.get("$defs", {}))
    moved = {name: f"o{name}" for name in second.get("$defs", {})}
    defs |= {moved[name]: rename(schema, moved) for name, schema in second.get("$defs", {}).items()}
    parts = [{k: v for k, v in first.items() if k != "$defs"}]
    parts.append(rename({k: v for k, v in second.items() if k != "$defs"}, moved))
    return {"allOf": parts, "$defs": defs} if defs else {"allOf": parts}


def rename(schema: Any, moved: dict[str, str]) -> Any:
    """`schema` with its references into `$defs` renamed. Values of `enum` and `const` stay as they are."""
    if isinstance(schema, list):
        return [rename(item, moved) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            name = value.removeprefix("#/$defs/")
            out[key] = f"#/$defs/{moved.get(name, name)}"
        elif key in ("enum", "const") and not isinstance(value, dict):
            out[key] = value  # values, not schemas (a property may be called so, then it is a mapping)
        else:
            out[key] = rename(value, moved)
    return out
