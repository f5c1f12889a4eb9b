"""JSON Schemas of OpenAPI 3.0 and 3.1 to flat lists of fields: `$ref` resolved, allOf merged, plain oneOf
to a type list."""

from __future__ import annotations

import urllib.parse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.specs.model import Field
from understudy.specs.readers.trees.held_json import held_json
from understudy.specs.readers.trees.nodes import Node, plain_value, scalar_value
from understudy.specs.readers.trees.places import line_finder

if TYPE_CHECKING:
    from understudy.specs.model import FieldPath, Keyword
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.trees.several_files import Files

# Of one body, and of all bodies of a document.
MAX_FIELDS = 2_000
MAX_FIELDS_OF_ALL = 12_000
MAX_PATH = 24
MAX_REFERENCES = 16
_MAX_PARTS = 64

# Keywords taken over as they stand. `x-…` ones are those that the engine reads.
_COPIED = frozenset({
    "enum", "const", "default", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems",
    "minimum",
    "maximum", "multipleOf", "uniqueItems", "minProperties", "maxProperties", "deprecated", "readOnly",
    "writeOnly", "contentEncoding", "contentMediaType", "contentSchema",
    "x-image", "x-source", "x-unique", "x-dated",
})  # fmt: skip
# Of a body as a whole these say nothing about any field, or give an example of it.
_NOT_OF_A_BODY = ("type", "default", "required")


class SchemaReader:
    """Reads the schemas of one document. Fields come in the document's order, a parent before its
    children."""

    def __init__(self, root: Node, lines: list[str], log: FactLog, files: Files | None = None) -> None:
        self.root = root
        self.files = files
        self.lines = lines
        self.log = log
        self.read = 0

    def resolved(self, node: Node | None) -> Node | None:
        """The node, or what its chain of `$ref`s leads to; None where that leads nowhere."""
        start = node
        for _ in range(MAX_REFERENCES):
            ref = node.get("$ref") if node is not None and node.kind == "map" else None
            if ref is None:
                return node
            node = self._target(ref)
        if start is not None:
            self.log.cut(f"{MAX_REFERENCES} references, one leading to the next, are followed", start.line)
        return None

    def _target(self, ref: Node) -> Node | None:
        node: Node | None = self.root if self.files is None else self.files.root_with(ref)
        pointer = ref.text[1:]
        if not ref.text.startswith("#"):
            if self.files is None:
                self.log.note("problem", f"a reference out of the document: {ref.text[:120]!r}", ref.line)
                return None
            node, pointer = self.files.root_of(ref)
            if node is None:
                return None
        for part in urllib.parse.unquote(pointer).split("/")[1:]:
            step = part.replace("~1", "/").replace("~0", "~")
            if node is not None and node.kind == "seq":
                index = int(step) if step.isdecimal() and len(step) < 7 else len(node.items)
                node = node.items[index] if index < len(node.items) else None
            else:
                node = node.get(step) if node is not None else None
        if node is None:
            self.log.note(
                "problem", f"a reference to nothing: {ref.text[:120]!r}", ref.line, column=ref.column
            )
        return node

    def fields(self, schema: Node) -> list[Field]:
        """The fields of a body with this schema. No fields: the schema is empty, that is, unknown."""
        out: list[Field] = []
        self._walk(schema, (), [], out, ())
        return out

    def parameter(self, name: str, node: Node) -> Field:
        """A query, path, header or cookie parameter as a field of one step."""
        out: list[Field] = []
        given: list[Keyword] = []
        required = node.get("required")
        if required is not None:
            given.append(self.log.keyword("required", scalar_value(required) is True, required.line))
        description = node.get("description")
        schema = self.resolved(node.get("schema")) or Node("map", node.line, node.column)
        if description is not None and schema.get("description") is None:
            key = node.key("description")
            schema = Node(
                "map", schema.line, schema.column, pairs=[*schema.pairs, (key or description, description)]
            )
        self._walk(schema, (name,), given, out, ())
        return out[0] if out else Field((name,), tuple(given), line=node.line)

    def _walk(
        self,
        schema: Node,
        path: FieldPath,
        given: list[Keyword],
        out: list[Field],
        seen: tuple[int, ...],
        *,
        line: int = 0,
    ) -> None:
        if self.read >= MAX_FIELDS_OF_ALL or len(out) >= MAX_FIELDS or len(path) > MAX_PATH:
            of = f"{MAX_FIELDS:,} fields of a body, {MAX_FIELDS_OF_ALL:,} in all, and {MAX_PATH} levels"
            self.log.cut(f"{of} are read", schema.line)
            return
        self.read += 1
        parts, recursive = self._parts(schema, seen)
        if recursive:
            self.log.note("problem", "a schema that holds itself; not unfolded again", schema.line, path=path)
        seen = (*seen, *(id(part) for part in parts))
        variants = self._variants(parts)
        shapes = [shape for variant in variants for shape in self._parts(variant, seen)[0]]
        declared = self._declared(parts, variants, shapes)
        type_ = next((k.value for k in declared if k.name == "type"), None)
        keywords = [*given, *declared, *self._told(parts, shapes, type_, path)]
        kept = keywords if path else [k for k in keywords if _tells_of_a_body(k)]
        if path or kept:
            out.append(
                Field(
                    path,
                    self.log.combined(path, kept),
                    wording=self._wording(parts),
                    line=line or schema.line,
                    shown=_example(parts),
                )
            )
        self._children([*parts, *shapes], path, out, seen, sure=not shapes)

    def _parts(self, schema: Node, seen: tuple[int, ...]) -> tuple[list[Node], bool]:
        """The mappings that together make the schema: itself, what it refers to, and all of its allOf."""
        found: list[Node] = []
        recursive = False
        waiting = [schema]
        while waiting and len(found) < _MAX_PARTS:
            node = waiting.pop(0)
            if node.kind != "map":
                continue
            if id(node) in seen:
                recursive = True
                continue
            if any(known is node for known in found):
                continue
            ref = node.get("$ref")
            target = self._target(ref) if ref is not None else None
            found.append(node)
            all_of = node.get("allOf")
            waiting = [
                *([target] if target is not None else []),
                *(all_of.items if all_of is not None else []),
                *waiting,
            ]
        if waiting:
            self.log.cut(f"{_MAX_PARTS} parts of one schema are read", schema.line)
        return found, recursive

    def _variants(self, parts: list[Node]) -> list[Node]:
        for part in parts:
            for keyword in ("oneOf", "anyOf"):
                several = part.get(keyword)
                if several is not None and several.kind == "seq":
                    if len(several.items) > _MAX_PARTS:
                        what = f"{_MAX_PARTS} alternatives of one schema are read"
                        self.log.cut(what, several.items[_MAX_PARTS].line)
                    return several.items[:_MAX_PARTS]
        return []

    def _declared(self, parts: list[Node], variants: list[Node], shapes: list[Node]) -> list[Keyword]:
        keywords: list[Keyword] = []
        for part in parts:
            keywords += self._copied(part)
        if variants:
            keywords += self._of_variants(parts, variants)
            if len({id(shape) for shape in shapes if shape.get("properties") is not None}) > 1:
                self.log.note(
                    "problem", "one of several shapes; the fields of all are listed", variants[0].line
                )
        return _conjunction(keywords)

    def _copied(self, part: Node) -> list[Keyword]:
        out: list[Keyword] = []
        for key, value in part.pairs:
            if value.kind == "scalar" and value.plain and not value.text:
                continue  # nothing stands there: unknown, not null
            if key.text in _COPIED:
                out.append(self.log.keyword(key.text, _of_enum(value, key.text), key.line))
            elif key.text == "example":
                out += held_json(value, self.log)
            elif key.text == "type":
                out.append(self.log.keyword("type", _nullable(plain_value(value), part), key.line))
            elif key.text == "additionalProperties" and value.kind == "scalar":
                out.append(self.log.keyword(key.text, scalar_value(value), key.line))
            elif key.text in ("exclusiveMinimum", "exclusiveMaximum"):
                out += self._exclusive(part, key, value)
        # In OpenAPI 3.0 the bound itself stands under the other keyword, which then says nothing of its own.
        spent = {k.name.removeprefix("exclusive").lower() for k in out if k.name.startswith("exclusive")}
        return [k for k in out if not (k.name in spent and scalar_bool(part, k.name))]

    def _exclusive(self, part: Node, key: Node, value: Node) -> list[Keyword]:
        bound = scalar_value(value) if value.kind == "scalar" else None
        if isinstance(bound, bool):
            other = part.get(key.text.removeprefix("exclusive").lower())
            if not bound or other is None:
                return []
            bound = scalar_value(other)
        return [self.log.keyword(key.text, bound, key.line)]

    def _of_variants(self, parts: list[Node], variants: list[Node]) -> list[Keyword]:
        """Plain alternatives as one list of types, and as one enum where all of them have values."""
        line = min(
            (
                key.line
                for part in parts
                for name in ("oneOf", "anyOf")
                if (key := part.key(name)) is not None
            ),
            default=variants[0].line,
        )
        types: list[str] = []
        values: list[Any] = []
        all_valued = True
        rest: list[Keyword] = []
        for variant in variants:
            own = _conjunction([k for part in self._parts(variant, ())[0] for k in self._copied(part)])
            said = {k.name: k.value for k in own}
            type_ = said.get("type")
            types += [t for t in (type_ if isinstance(type_, list) else [type_]) if t and t not in types]
            if "enum" in said or "const" in said:
                values += said.get("enum") or [said.get("const")]
            elif type_ != "null":
                all_valued = False
            if type_ != "null":
                rest += [k for k in own if k.name not in ("type", "enum", "const")]
        out = [self.log.keyword("type", types if len(types) > 1 else types[0], line)] if types else []
        if values and all_valued:
            out.append(self.log.keyword("enum", values, line))
        several = len([v for v in variants if scalar_text(v, "type") != "null"]) > 1
        return out if several else [*out, *rest]

    def _told(self, parts: list[Node], shapes: list[Node], type_: Any, path: FieldPath) -> list[Keyword]:
        types = type_ if isinstance(type_, list) else [type_]
        one_type = next((t for t in types if isinstance(t, str) and t != "null"), None)
        out: list[Keyword] = []
        for part in [*parts, *(shapes if len(shapes) == 1 else ())]:
            for name in ("title", "description"):
                node = part.get(name)
                if node is not None and node.kind == "scalar":
                    out += self.log.told(node.text, one_type, line_finder(node, self.lines), path)
        return out

    def _wording(self, parts: list[Node]) -> str:
        texts = [part.get("description") or part.get("title") for part in parts]
        return next((node.text for node in texts if node is not None and node.kind == "scalar"), "")

    def _children(
        self, parts: list[Node], path: FieldPath, out: list[Field], seen: tuple[int, ...], *, sure: bool
    ) -> None:
        required = self._required(parts) if sure else {}
        lists = [
            node for part in parts if (node := part.key("required")) is not None and part.get("properties")
        ]
        done: set[str] = set()
        for part in parts:
            properties = part.get("properties")
            for key, value in properties.pairs if properties is not None else ():
                if key.text in done:
                    continue
                done.add(key.text)
                given = []
                if key.text in required:
                    given.append(self.log.keyword("required", True, required[key.text]))
                elif sure and lists:
                    given.append(self.log.keyword("required", False, lists[0].line))
                self._walk(value, (*path, key.text), given, out, seen, line=key.line)
            items = part.get("items")
            if items is not None and items.kind == "map" and "[]" not in done:
                done.add("[]")
                self._walk(items, (*path, "[]"), [], out, seen)

    def _required(self, parts: list[Node]) -> dict[str, int]:
        out: dict[str, int] = {}
        for part in parts:
            node = part.get("required")
            for item in node.items if node is not None else ():
                out.setdefault(item.text, item.line)
        return out


def _tells_of_a_body(keyword: Keyword) -> bool:
    if keyword.name == "type":
        return bool(keyword.value != "object")
    return keyword.name not in _NOT_OF_A_BODY and (keyword.name, keyword.value) != (
        "additionalProperties",
        True,
    )


def _of_enum(value: Node, keyword: str) -> Any:
    """The keyword's value; an enum item like `- std: Standard`, which YAML takes for a mapping, is its
    key, and one like `- value: std`, which every item is, the value."""
    if keyword == "enum" and value.kind == "seq":
        held = [item.get("value") for item in value.items]
        if held and all(one is not None and one.kind == "scalar" for one in held):
            return [plain_value(one) for one in held if one is not None]
        return [plain_value(item.pairs[0][0] if len(item.pairs) == 1 else item) for item in value.items]
    return plain_value(value)


def _nullable(type_: Any, part: Node) -> Any:
    if not scalar_bool(part, "nullable"):
        return type_
    types = type_ if isinstance(type_, list) else [type_]
    return types if "null" in types else [*types, "null"]


def scalar_bool(node: Node, key: str) -> bool:
    """Whether `key` of the mapping is true; for a bound, whether its exclusive twin is (OpenAPI 3.0)."""
    name = f"exclusive{key.capitalize()}" if key in ("minimum", "maximum") else key
    value = node.get(name)
    return value is not None and value.kind == "scalar" and scalar_value(value) is True


def scalar_text(node: Node, key: str) -> str:
    value = node.get(key) if node.kind == "map" else None
    return value.text if value is not None else ""


# How two values of a keyword that must both hold become one.
_STRICTER: dict[str, Any] = {
    "minLength": max, "minItems": max, "minimum": max, "exclusiveMinimum": max, "minProperties": max,
    "maxLength": min, "maxItems": min, "maximum": min, "exclusiveMaximum": min, "maxProperties": min,
}  # fmt: skip


def _conjunction(keywords: list[Keyword]) -> list[Keyword]:
    """What several schemas that all must hold say together: the stricter bound, the common values."""
    out: dict[str, Keyword] = {}
    for keyword in keywords:
        known = out.get(keyword.name)
        if known is None:
            out[keyword.name] = keyword
        elif keyword.name in _STRICTER and _numbers(known.value, keyword.value):
            if _STRICTER[keyword.name](known.value, keyword.value) != known.value:
                out[keyword.name] = keyword
        elif (
            keyword.name in ("enum", "type")
            and isinstance(known.value, list)
            and isinstance(keyword.value, list)
        ):
            out[keyword.name] = replace(known, value=[v for v in known.value if v in keyword.value])
    return list(out.values())


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def _example(parts: list[Node]) -> tuple[Any, ...]:
    """The example of a schema's value, where it is a text, a number, a boolean or null."""
    found = next((part.get("example") for part in parts if part.get("example") is not None), None)
    return (scalar_value(found),) if found is not None and found.kind == "scalar" else ()
