"""Schemas that point the generator at the values that matter: around a part, beside a limit, on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specs.algebra import NOTHING, Answer, Values, covers
from specs.diff.bundle import rename
from specs.witness.generate import DEPTH, values
from specs.witness.isolate import ANY
from specs.witness.regex import breakers, strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specs.algebra import Schema
    from specs.diff.api import Parameter
    from specs.diff.facts import Step

Path = tuple["Step", ...]


def finite(schema: Schema) -> list[Any]:
    """All values that a schema could take, where it lists them; [] where it does not."""
    if isinstance(schema, bool):
        return []
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def around(
    bundle: Schema, path: Path, value: Any, branches: Mapping[int, Schema] | None = None
) -> Iterator[Any]:
    """Values of `bundle` that have `value` at the end of `path`, the smallest first.

    `branches`: by its index in the path, the alternative that a step enters, with the same `$defs`.
    """
    body: Any = {"const": value}
    defs = dict(bundle.get("$defs", {})) if isinstance(bundle, dict) else {}
    for n, (kind, what) in reversed(list(enumerate(path))):
        branch = (branches or {}).get(n)
        if isinstance(branch, dict):
            defs |= branch.get("$defs", {})
            body = {"allOf": [body, {k: v for k, v in branch.items() if k != "$defs"}]}
        body = _step(kind, what, body)
    if isinstance(bundle, bool):
        return values(body, depth=DEPTH + len(path))
    root = {k: v for k, v in bundle.items() if k != "$defs"}
    return values({"allOf": [body, root], "$defs": defs}, depth=DEPTH + len(path))


def _step(kind: str, what: Any, inner: Any) -> Any:
    """What a value must look like for `inner` to be at one step below it."""
    if kind == "property":
        return {"type": "object", "required": [what], "properties": {what: inner}}
    if kind == "item":
        return {"type": "array", "minItems": 1, "prefixItems": [inner]}
    if kind == "prefix":
        return {"type": "array", "minItems": what + 1, "prefixItems": [True] * what + [inner]}
    if kind == "pattern":
        name = next(strings(what), "x")
        return {"type": "object", "required": [name], "properties": {name: inner}}
    if kind == "additional":
        return {"type": "object", "required": ["x-1"], "properties": {"x-1": inner}}
    return inner


def beyond(bundle: Schema, path: Path, demanded: Schema) -> Schema:
    """At least all values of `bundle` that break `demanded` at the end of `path`: where it holds none, no
    value does."""
    if isinstance(bundle, bool) or isinstance(demanded, bool):
        return bundle
    moved = {name: f"w{name}" for name in demanded.get("$defs", {})}
    defs = {**bundle.get("$defs", {})}
    defs |= {moved[n]: rename(s, moved) for n, s in demanded.get("$defs", {}).items()}
    body: Any = {"not": rename({k: v for k, v in demanded.items() if k != "$defs"}, moved)}
    for kind, what in reversed(path):
        if kind == "property":
            body = {"type": "object", "required": [what], "properties": {what: body}}
        elif kind in ("item", "prefix"):
            body = {"type": "array", "contains": body}
        elif kind in ("pattern", "additional"):
            body = {"type": "object", "not": {"additionalProperties": {"not": body}}}
    return {"allOf": [body, {k: v for k, v in bundle.items() if k != "$defs"}], "$defs": defs}


def concrete(path: Path) -> tuple[Any, ...]:
    """Where a payload made by `around` has the part: names and indexes; ANY where a name was invented."""
    tokens = {"item": 0, "pattern": ANY, "additional": ANY}
    return tuple(tokens.get(kind, what) for kind, what in path if kind != "branch")


def without(bundle: Schema, demanded: Schema) -> Schema:
    """Values of `bundle` that break `demanded`, for the generator when the algebra has no answer."""
    if isinstance(bundle, bool) or isinstance(demanded, bool):
        return bundle if demanded is not True else NOTHING
    moved = {name: f"w{name}" for name in demanded.get("$defs", {})}
    defs = {**bundle.get("$defs", {})}
    defs |= {moved[n]: rename(s, moved) for n, s in demanded.get("$defs", {}).items()}
    inner = rename({k: v for k, v in demanded.items() if k != "$defs"}, moved)
    root = {k: v for k, v in bundle.items() if k != "$defs"}
    return {"allOf": [*(opposite for opposite in _opposites(inner)), root, {"not": inner}], "$defs": defs}


def _opposites(schema: dict[str, Any]) -> list[Schema]:
    """Plain schemas that say the contrary of a single limit, where there is one."""
    contrary: dict[str, Any] = {
        "maxLength": lambda v: {"minLength": v + 1},
        "minLength": lambda v: {"maxLength": max(0, v - 1)},
        "maxItems": lambda v: {"minItems": v + 1},
        "minItems": lambda v: {"maxItems": max(0, v - 1)},
        "maxProperties": lambda v: {"minProperties": v + 1},
        "minProperties": lambda v: {"maxProperties": max(0, v - 1)},
        "maximum": lambda v: {"exclusiveMinimum": v},
        "minimum": lambda v: {"exclusiveMaximum": v},
        "exclusiveMaximum": lambda v: {"minimum": v},
        "exclusiveMinimum": lambda v: {"maximum": v},
        "pattern": lambda v: {"enum": list(dict.fromkeys(breakers(v))) or [""]},
        "required": lambda v: {"properties": dict.fromkeys(v[:1], False)},
        "properties": lambda v: {"required": [*v][:1], "properties": {n: {"not": v[n]} for n in [*v][:1]}},
    }
    return [contrary[k](v) for k, v in schema.items() if k in contrary] if len(schema) == 1 else []


def on_wire(schema: Schema, taker: Parameter) -> Schema:
    """Texts are all that stands on the wire: who takes every text takes every number as well, and a list that
    is written with one text an item takes a single text that would do as an item."""
    if isinstance(schema, bool):
        return schema
    defs = schema.get("$defs", {})
    root = {k: v for k, v in schema.items() if k != "$defs"}
    ways: list[Schema] = [root]
    items = root.get("items", True)
    if root.get("type") == ["array"] and taker.explode and root.get("minItems", 0) <= 1:
        ways.append({"allOf": [{"type": ["boolean", "number", "string"]}, items]})
    whole = {"anyOf": ways, "$defs": defs}
    if covers(Values(whole), Values({"type": "string"})) is Answer.YES:
        ways.append({"type": ["boolean", "number"]})
    return whole


def distinct(found: Iterator[Any]) -> Iterator[Any]:
    seen = set()
    for value in found:
        key = repr(value)
        if key not in seen:
            seen.add(key)
            yield value
