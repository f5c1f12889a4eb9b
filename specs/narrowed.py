"""What of a schema one value can reach: small, where the whole would take long to compile.

A schema of a large document reaches most of that document. A value is compared with the few parts that stand
in its way: properties that an object has, items where there are any, and all alternatives of a choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

POINTER = "#/$defs/"
CONDITIONS = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
EVERY_PROPERTY = ("additionalProperties", "unevaluatedProperties")
EVERY_ITEM = ("items", "prefixItems", "unevaluatedItems")


class ValueShape(NamedTuple):
    """How values are built: their properties by name, sorted, and what their items are like together; None
    where they have none."""

    properties: tuple[tuple[str, ValueShape], ...] = ()
    items: ValueShape | None = None

    def inner(self) -> ValueShape:
        """What their properties are like together."""
        return merged([shape for _, shape in self.properties])


LEAF = ValueShape()


def shape_of(value: Any) -> ValueShape:
    """The shape of one value."""
    if isinstance(value, dict):
        return ValueShape(tuple((name, shape_of(value[name])) for name in sorted(value)))
    if isinstance(value, list) and value:
        # Of a long list of one thing again and again, one is enough.
        several = {id(item): item for item in value if isinstance(item, dict | list)}
        return ValueShape(items=merged([shape_of(item) for item in several.values()]))
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
    return ValueShape(properties, merged(items) if items else None)


class Narrower:
    """Narrows schemas with one set of definitions; what was narrowed once for a shape is kept."""

    def __init__(self, defs: Mapping[str, Any]) -> None:
        self.defs = defs
        self._numbers: dict[ValueShape, int] = {}
        self._inners: dict[ValueShape, dict[str, Any]] = {}
        self._made: dict[tuple[str, ValueShape], tuple[Any, list[tuple[str, ValueShape]]]] = {}

    def narrowed(self, schema: dict[str, Any], shape: ValueShape) -> Any:
        """`schema` for values of one shape, as a plain self-contained schema."""
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
                    out[key] = self._cut(value, inner[key], needed)
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
