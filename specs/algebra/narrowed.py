"""What of a schema one value can reach: small, where the whole would take long to compile.

A schema of a large document reaches most of that document. A value is compared with the few parts that stand
in its way: properties that an object has, items where there are any, and the alternatives of a choice; of a
large one those alone that the value could be, by what it says of itself ("kind": "circle").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.specs.algebra.large_choices import LargeChoices

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

POINTER = "#/$defs/"
CONDITIONS = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
EVERY_PROPERTY = ("additionalProperties", "unevaluatedProperties")
EVERY_ITEM = ("items", "prefixItems", "unevaluatedItems")
CHOICES = ("anyOf", "oneOf")
MOST_SHAPES = 5_000  # that are kept; values of one comparison have more where each is of another property


class ValueShape(NamedTuple):
    """How values are built: their properties by name, sorted, and what their items are like together; None
    where they have none. `marks`: the texts that all of them have in properties that tell the alternatives
    of large choices apart."""

    properties: tuple[tuple[str, ValueShape], ...] = ()
    items: ValueShape | None = None
    marks: tuple[tuple[str, frozenset[str]], ...] = ()

    def inner(self) -> ValueShape:
        """What their properties are like together."""
        return merged([shape for _, shape in self.properties])


LEAF = ValueShape()


def shape_of(value: Any, marking: Set[str] = frozenset()) -> ValueShape:
    """The shape of one value; `marking`: the properties whose texts belong to it."""
    if isinstance(value, dict):
        properties = tuple((name, shape_of(value[name], marking)) for name in sorted(value))
        told = sorted(name for name in marking if isinstance(value.get(name), str))
        return ValueShape(properties, marks=tuple((name, frozenset((value[name],))) for name in told))
    if isinstance(value, list) and value:
        # Of a long list of one thing again and again, one is enough.
        several = {id(item): item for item in value if isinstance(item, dict | list)}
        shapes = [shape_of(item, marking) for item in several.values()]
        # What is no object has no kind: beside it, the kind of the others tells nothing of all items.
        if not all(isinstance(item, dict | list) for item in value):
            shapes.append(LEAF)
        return ValueShape(items=merged(shapes))
    return LEAF


def merged(shapes: list[ValueShape]) -> ValueShape:
    """The shape of all values that have one of these."""
    distinct = list(dict.fromkeys(shapes))
    if len(distinct) <= 1:
        return distinct[0] if distinct else LEAF
    names: dict[str, list[ValueShape]] = {}
    items: list[ValueShape] = []
    for shape in distinct:
        for name, inner in shape.properties:
            names.setdefault(name, []).append(inner)
        if shape.items is not None:
            items.append(shape.items)
    properties = tuple((name, merged(names[name])) for name in sorted(names))
    told = [dict(shape.marks) for shape in distinct]
    everywhere = sorted(name for name in told[0] if all(name in each for each in told))
    marks = tuple((name, frozenset().union(*(each[name] for each in told))) for name in everywhere)
    return ValueShape(properties, merged(items) if items else None, marks)


class Narrower:
    """Narrows schemas with one set of definitions; what was narrowed once for a shape is kept."""

    def __init__(self, defs: Mapping[str, Any]) -> None:
        self.defs = defs
        self.choices = LargeChoices(defs)
        self._numbers: dict[ValueShape, int] = {}
        self._inners: dict[ValueShape, dict[str, Any]] = {}
        self._made: dict[tuple[str, ValueShape], tuple[Any, list[tuple[str, ValueShape]]]] = {}

    def shape(self, value: Any) -> ValueShape:
        """The shape of a value, with what tells apart the alternatives of large choices met so far."""
        return shape_of(value, self.choices.marking)

    def narrowed(self, schema: dict[str, Any], shape: ValueShape) -> Any:
        """`schema` for values of one shape, as a plain self-contained schema."""
        if len(self._inners) > MOST_SHAPES:
            for kept in (self._numbers, self._inners, self._made):
                kept.clear()
        needed: list[tuple[str, ValueShape]] = []
        root = self._cut({k: v for k, v in schema.items() if k != "$defs"}, shape, needed)
        found: dict[str, Any] = {}
        while needed:
            name, at = needed.pop()
            label = self._label(name, at)
            if label in found:
                continue
            if (name, at) not in self._made:
                inner: list[tuple[str, ValueShape]] = []
                self._made[name, at] = (self._cut(self.defs[name], at, inner), inner)
            found[label], more = self._made[name, at]
            needed += more
        return {**root, "$defs": found} if found and isinstance(root, dict) else root

    def _label(self, name: str, shape: ValueShape) -> str:
        return f"{name}@{self._numbers.setdefault(shape, len(self._numbers))}"

    def _cut(self, node: Any, shape: ValueShape, needed: list[tuple[str, ValueShape]]) -> Any:
        if isinstance(node, list):
            return [self._cut(item, shape, needed) for item in node]
        if not isinstance(node, dict):
            return node
        inner = self._inner(shape)
        out: dict[str, Any] = {}
        for key, value in node.items():
            if key in inner:
                if inner[key] is not None:
                    those = self.choices.standing(value, dict(shape.marks)) if key in CHOICES else value
                    out[key] = self._cut(those, inner[key], needed)
            elif key in ("properties", "dependentSchemas"):
                out[key] = self._named(key, value, shape, needed)
            elif key == "patternProperties":
                every = inner["additionalProperties"]
                out[key] = {pattern: self._cut(child, every, needed) for pattern, child in value.items()}
            elif key == "$ref":
                out[key] = self._refer(value, shape, needed)
            else:
                out[key] = value
        return out

    def _inner(self, shape: ValueShape) -> dict[str, Any]:
        """By keyword the shape of what its schemas are about; None: nothing is there for them."""
        if shape not in self._inners:
            self._inners[shape] = {
                **dict.fromkeys(CONDITIONS, shape),
                **dict.fromkeys(EVERY_PROPERTY, shape.inner()),
                **dict.fromkeys(EVERY_ITEM, shape.items),
                "contains": shape.items or LEAF,  # an empty array holds nothing, and may have to
                "propertyNames": LEAF,
            }
        return self._inners[shape]

    def _named(
        self, key: str, value: dict[str, Any], shape: ValueShape, needed: list[tuple[str, ValueShape]]
    ) -> dict[str, Any]:
        """Schemas by the name of a property, those of properties that are there."""
        if key == "properties":
            return {n: self._cut(value[n], inner, needed) for n, inner in shape.properties if n in value}
        return {n: self._cut(value[n], shape, needed) for n, _ in shape.properties if n in value}

    def _refer(self, value: str, shape: ValueShape, needed: list[tuple[str, ValueShape]]) -> str:
        name = value.removeprefix(POINTER)
        if name not in self.defs:
            return value
        needed.append((name, shape))
        return f"{POINTER}{self._label(name, shape)}"


def narrower_of(defs: Any) -> Narrower:
    """The one narrower of a set of definitions that are made when they are asked for, kept with it."""
    found: Narrower | None = defs.narrower
    if found is None:
        found = defs.narrower = Narrower(defs)
    return found
