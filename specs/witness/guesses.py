"""Schemas that point the generator at the values that matter: around a part, beside a limit, on the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import NOTHING
from understudy.specs.diff.definitions import body, complete, definitions, joined
from understudy.specs.witness.generate import DEPTH, values
from understudy.specs.witness.isolate import ANY
from understudy.specs.witness.regex import breakers, strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.algebra import Schema
    from understudy.specs.diff.facts import Step
    from understudy.specs.witness.budget import StepBudget

Path = tuple["Step", ...]
# Keywords by which a schema may treat a property otherwise that it does not mention by name, and how many
# schemas are looked through for them.
TELL_NAMES = frozenset(("patternProperties", "propertyNames", "unevaluatedProperties"))
MOST_TOLD = 200


def finite(schema: Schema) -> list[Any]:
    """All values that a schema could take, where it lists them; [] where it does not."""
    if isinstance(schema, bool):
        return []
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def around(
    bundle: Schema,
    path: Path,
    value: Any,
    branches: Mapping[int, Schema] | None = None,
    budget: StepBudget | None = None,
    *,
    items: int = 1,
) -> Iterator[Any]:
    """Values of `bundle` that have `value` at the end of `path`, the smallest first.

    `branches`: by its index in the path, the alternative that a step enters, with the same `$defs`; `items`:
    how many the lists on the way have at least.
    """
    return within(bundle, path, {"const": value}, budget, branches, items=items)


def within(
    bundle: Schema,
    path: Path,
    wanted: Any,
    budget: StepBudget | None = None,
    branches: Mapping[int, Schema] | None = None,
    *,
    items: int = 1,
) -> Iterator[Any]:
    """Values of `bundle` that fit the schema `wanted` at the end of `path`, the smallest first."""
    defs = definitions(bundle)
    inner = wanted
    for n, (kind, what) in reversed(list(enumerate(path))):
        branch = (branches or {}).get(n)
        if isinstance(branch, dict):
            defs = defs or definitions(branch)  # those of one document are the same
            inner = {"allOf": [inner, body(branch)]}
        inner = _step(kind, what, inner, items)
    if isinstance(bundle, bool):
        return values(inner, depth=DEPTH + len(path), budget=budget)
    whole = {"allOf": [inner, body(bundle)], "$defs": defs}
    return values(whole, depth=DEPTH + len(path), budget=budget)


def _step(kind: str, what: Any, inner: Any, items: int) -> Any:
    """What a value must look like for `inner` to be at one step below it."""
    if kind == "property":
        return {"type": "object", "required": [what], "properties": {what: inner}}
    if kind == "item":
        return {"type": "array", "minItems": items, "prefixItems": [inner]}
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
    parts, defs = joined({"s": bundle, "w": demanded})
    inner: Any = {"not": parts["w"]}
    for kind, what in reversed(path):
        if kind == "property":
            inner = {"type": "object", "required": [what], "properties": {what: inner}}
        elif kind in ("item", "prefix"):
            inner = {"type": "array", "contains": inner}
        elif kind == "additional" and (name := _like_any_other(bundle)):
            inner = {"type": "object", "required": [name], "properties": {name: inner}}
        elif kind in ("pattern", "additional"):
            inner = {"type": "object", "not": {"additionalProperties": {"not": inner}}}
    return {"allOf": [inner, parts["s"]], "$defs": defs}


def _like_any_other(bundle: Schema) -> str:
    """A name of a property that a schema treats as every other that it does not mention; "" where it may tell
    such names apart."""
    whole = complete(bundle, MOST_TOLD)
    if whole is None or _tells_names_apart(whole):
        return ""
    text = json.dumps(whole)
    return next(name for name in (f"x-{n}" for n in range(1, len(text) + 2)) if f'"{name}"' not in text)


def _tells_names_apart(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_tells_names_apart, node))
    if not isinstance(node, dict):
        return False
    listed = [*node.get("enum", ()), node.get("const")]
    return (
        not TELL_NAMES.isdisjoint(node)
        or any(isinstance(value, dict | list) for value in listed)
        or any(map(_tells_names_apart, node.values()))
    )


def concrete(path: Path) -> tuple[Any, ...]:
    """Where a payload made by `around` has the part: names and indexes; ANY where a name was invented."""
    tokens = {"item": 0, "pattern": ANY, "additional": ANY}
    return tuple(tokens.get(kind, what) for kind, what in path if kind != "branch")


def without(bundle: Schema, demanded: Schema) -> Schema:
    """Values of `bundle` that break `demanded`, for the generator when the algebra has no answer."""
    if isinstance(bundle, bool) or isinstance(demanded, bool):
        return bundle if demanded is not True else NOTHING
    parts, defs = joined({"s": bundle, "w": demanded})
    inner = parts["w"]
    opposites = _opposites(inner) if isinstance(inner, dict) else []
    return {"allOf": [*opposites, parts["s"], {"not": inner}], "$defs": defs}


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


def distinct(found: Iterator[Any]) -> Iterator[Any]:
    seen = set()
    for value in found:
        key = repr(value)
        if key not in seen:
            seen.add(key)
            yield value
