"""A schema as cases without allOf, anyOf, oneOf, if or $ref, each a plain conjunction to make a value for.

In a flat case `pattern`, `format`, `multipleOf`, `not`, `contains` and `propertyNames` are lists (`patterns`,
`formats`, `multiples`, `nots`, `contains`, `names`), `dependentRequired` is `dependents`, and what
`unevaluatedProperties` demands stands in `additionalProperties`.
"""

from __future__ import annotations

import json
from collections import ChainMap
from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Judge
from understudy.specs.algebra.large_choices import LARGE
from understudy.specs.algebra.narrowed import narrower_of
from understudy.specs.diff.definitions import Definitions
from understudy.specs.witness.budget import StepBudget

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from understudy.specs.algebra import Schema

    Properties = dict[str, Schema] | ChainMap[str, Schema]

MAX_CASES = 200
MANY = 200  # properties beyond which those of an object are not copied
LARGEST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
SMALLEST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
LISTS = {
    "pattern": "patterns",
    "format": "formats",
    "multipleOf": "multiples",
    "not": "nots",
    "propertyNames": "names",
}
# What `merge` looks at; a schema without any of it leads elsewhere, and narrows nothing itself.
PLAIN = frozenset((
    *LARGEST, *SMALLEST, *LISTS, "uniqueItems", "required", "type", "const", "enum", "properties",
    "additionalProperties", "patternProperties", "unevaluatedProperties", "dependentRequired", "prefixItems",
    "items", "contains",
))  # fmt: skip
# Choices within choices; a schema that leads to itself through one has no end of them.
MAX_CHOICES = 100
ALL_TYPES = frozenset(("null", "boolean", "number", "string", "array", "object"))


def flatten(
    schema: Schema, defs: Mapping[str, Schema], budget: StepBudget | None = None
) -> Iterator[dict[str, Any]]:
    """The cases of `schema`, at most 200. An impossible case may be among them."""
    return islice(_cases([schema], {}, defs, budget or StepBudget()), MAX_CASES)


def _cases(
    todo: list[Schema], flat: dict[str, Any], defs: Mapping[str, Schema], budget: StepBudget, within: int = 0
) -> Iterator[dict[str, Any]]:
    """`flat` and everything in `todo`, one case for each way to choose; `within`: choices that lead there."""
    if within > MAX_CHOICES:
        return
    while todo:
        if not budget.spend():
            return
        schema, todo = todo[0], todo[1:]
        if schema is True:
            continue
        opened = _open(schema, todo, defs)
        if opened is None or isinstance(schema, bool):
            return
        # Patterns are worked into properties anew with each schema.
        if "patternProperties" in flat or not PLAIN.isdisjoint(schema):
            merged = merge(flat, schema)
            if merged is None or _dead(merged, flat, defs):
                return
            flat = merged
        todo = opened
        choices = [_standing(choice, flat, defs) for choice in _choices(schema)]
        if choices:
            for chosen in _product(choices):
                yield from _cases([*chosen, *todo], flat, defs, budget, within + 1)
                if budget.spent:
                    return
            return
    if flat.get("type", True) and flat.get("enum", True):
        yield _evaluated(flat)


def _evaluated(flat: dict[str, Any]) -> dict[str, Any]:
    """A whole case: what no part of it declares is what `unevaluatedProperties` speaks about."""
    if "unevaluated" not in flat:
        return flat
    rest = _both(flat.get("additionalProperties", True), flat["unevaluated"])
    return {**{k: v for k, v in flat.items() if k != "unevaluated"}, "additionalProperties": rest}


def _open(schema: Schema, todo: list[Schema], defs: Mapping[str, Schema]) -> list[Schema] | None:
    """What is left to do after `schema`: what it refers to and takes in first; None: it takes nothing."""
    if isinstance(schema, bool):
        return todo if schema else None
    if "$ref" in schema:
        target = defs.get(str(schema["$ref"]).removeprefix("#/$defs/"))
        if target is None:
            return None
        todo = [target, *todo]
    return [*schema.get("allOf", ()), *todo]


def _choices(schema: Schema) -> list[list[Schema]]:
    if isinstance(schema, bool):
        return []
    choices = [schema[key] for key in ("anyOf", "oneOf") if key in schema]
    return [*choices, _conditions(schema)] if "if" in schema else choices


def _standing(choice: list[Schema], flat: dict[str, Any], defs: Mapping[str, Schema]) -> list[Schema]:
    """The alternatives that can hold beside `flat`, of a large choice; of others all."""
    if len(choice) <= LARGE or not isinstance(defs, Definitions):
        return choice
    choices = narrower_of(defs).choices
    told = {}
    for name in flat.get("required", ()):
        texts = listed(flat.get("properties", {}).get(name, True), defs)
        values = None if texts is None else [json.loads(text) for text in texts]
        if values is not None and all(isinstance(value, str) for value in values):
            told[name] = frozenset(values)
    return choices.standing(choice, told)


def _dead(flat: dict[str, Any], before: dict[str, Any], defs: Mapping[str, Schema]) -> bool:
    """Whether a property that has to be there can have no value, as the kind of one alternative with the
    properties of another: told early, alternatives are not combined.

    `before`: what `flat` was narrowed from. What had to be there, and has not changed since, was looked at.
    """
    properties, known = flat.get("properties", {}), before.get("properties", {})
    looked_at = before.get("required", ())
    return any(
        name in properties
        and not (name in looked_at and name in known and properties[name] is known[name])
        and listed(properties[name], defs) == frozenset()
        for name in flat.get("required", ())
    )


def listed(schema: Schema, defs: Mapping[str, Schema], depth: int = 4) -> frozenset[str] | None:
    """The values that a schema lists, as texts; None where it does not list them."""
    if schema is False:
        return frozenset()
    if schema is True or depth == 0:
        return None
    found: frozenset[str] | None = None
    parts: list[frozenset[str] | None] = []
    parts += [
        frozenset(map(key_of, values))
        for values in ([schema["const"]] if "const" in schema else None, schema.get("enum"))
        if values is not None
    ]
    if "$ref" in schema:
        parts.append(listed(defs.get(str(schema["$ref"]).removeprefix("#/$defs/"), True), defs, depth - 1))
    parts += [listed(part, defs, depth - 1) for part in schema.get("allOf", ())]
    for part in parts:
        if part is not None:
            found = part if found is None else found & part
    return found


def _conditions(schema: dict[str, Any]) -> list[Schema]:
    return [
        {"allOf": [schema["if"], schema.get("then", True)]},
        {"allOf": [{"not": schema["if"]}, schema.get("else", True)]},
    ]


def _product(choices: list[list[Schema]]) -> Iterator[list[Schema]]:
    if not choices:
        yield []
        return
    for first in choices[0]:
        for others in _product(choices[1:]):
            yield [first, *others]


def merge(flat: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any] | None:
    """`flat` narrowed by the plain keywords of `schema`; None when no value is left."""
    out = dict(flat)
    for key in LARGEST:
        if key in schema:
            out[key] = max(out.get(key, schema[key]), schema[key])
    for key in SMALLEST:
        if key in schema:
            out[key] = min(out.get(key, schema[key]), schema[key])
    for key, name in LISTS.items():
        if key in schema:
            out[name] = [*out.get(name, ()), schema[key]]
    if schema.get("uniqueItems"):
        out["uniqueItems"] = True
    if "required" in schema:
        out["required"] = sorted({*out.get("required", ()), *schema["required"]})
    if "type" in schema:
        out["type"] = _types(out.get("type"), schema["type"])
        if not out["type"]:
            return None
    _merge_values(out, schema)
    _merge_object(out, flat, schema)
    _merge_array(out, schema)
    _exclude(out)
    return out


def _types(old: list[str] | None, new: str | list[str]) -> list[str]:
    names = [new] if isinstance(new, str) else list(new)
    if old is None:
        return names
    both = [name for name in old if name in names]
    if "integer" in old and "number" in names:
        both.append("integer")
    if "integer" in names and "number" in old:
        both.append("integer")
    return list(dict.fromkeys(both))


def _merge_values(out: dict[str, Any], schema: dict[str, Any]) -> None:
    for values in ([schema["const"]] if "const" in schema else None, schema.get("enum")):
        if values is not None:
            known = {key_of(value) for value in values}
            out["enum"] = [v for v in out.get("enum", values) if key_of(v) in known]


def key_of(value: Any) -> str:
    """A text that equal JSON values share: true is not 1, but 1.0 is."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, default=str)


def _merge_object(out: dict[str, Any], flat: dict[str, Any], schema: dict[str, Any]) -> None:
    ours, theirs = flat.get("properties", {}), schema.get("properties", {})
    our_rest, their_rest = flat.get("additionalProperties", True), schema.get("additionalProperties", True)
    if "unevaluatedProperties" in schema:
        out["unevaluated"] = _both(flat.get("unevaluated", True), schema["unevaluatedProperties"])
    if ours or theirs:
        mine, other = flat.get("patternProperties", {}), schema.get("patternProperties", {})
        names: Collection[str]
        # A name that only one side speaks of stays as it is: of thousands, few are looked at.
        if mine or other or (our_rest is not True and their_rest is not True):
            names = {**ours, **theirs}
        elif our_rest is True:
            names = ours.keys() & theirs.keys() if their_rest is True else ours
        else:
            names = theirs
        out["properties"] = _layered(ours, theirs) | {
            n: _both(_one(n, ours, mine, our_rest), _one(n, theirs, other, their_rest)) for n in names
        }
    rest = _both(our_rest, their_rest)
    if rest is not True:
        out["additionalProperties"] = rest
    if "patternProperties" in schema:
        out["patternProperties"] = {**flat.get("patternProperties", {}), **schema["patternProperties"]}
    if "dependentRequired" in schema:
        out["dependents"] = {**flat.get("dependents", {}), **schema["dependentRequired"]}


def _layered(ours: Properties, theirs: Properties) -> Properties:
    """The properties of both; those of an object with thousands are not copied."""
    for few, many in ((ours, theirs), (theirs, ours)):
        layers = many.maps if isinstance(many, ChainMap) else [many]
        if len(layers[-1]) > MANY and not isinstance(few, ChainMap) and len(few) < MANY:
            return ChainMap({**few}, *layers)
    return {**ours, **theirs}


def _one(name: str, named: Properties, patterns: dict[str, Schema], rest: Schema) -> Schema:
    """What an object schema demands of one property: by its name, by patterns, or as one of the rest."""
    found: Schema = named.get(name, True)
    fitting = [pattern for pattern in patterns if _fits(pattern, name)]
    for pattern in fitting:
        found = _both(found, patterns[pattern])
    return found if fitting or name in named else rest


def _fits(pattern: str, name: str) -> bool:
    return Judge({"pattern": pattern}).takes(name)


def _merge_array(out: dict[str, Any], schema: dict[str, Any]) -> None:
    prefix, more = out.get("prefixItems", []), schema.get("prefixItems", [])
    rest, more_rest = out.get("items", True), schema.get("items", True)
    if prefix or more:
        length = max(len(prefix), len(more))
        ours = [*prefix, *[rest] * (length - len(prefix))]
        theirs = [*more, *[more_rest] * (length - len(more))]
        out["prefixItems"] = [_both(a, b) for a, b in zip(ours, theirs, strict=True)]
    if "items" in schema:
        out["items"] = _both(rest, more_rest)
    if "contains" in schema:
        want = {"schema": schema["contains"], "least": schema.get("minContains", 1)}
        out["contains"] = [*out.get("contains", ()), want]


def _exclude(out: dict[str, Any]) -> None:
    """Use the negations that are simple: types, values, names that must be absent or present."""
    for schema in out.get("nots", ()):
        if not isinstance(schema, dict):
            continue
        keys = set(schema)
        if keys == {"type"}:
            refused = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
            known = out.get("type", sorted(ALL_TYPES))
            out["type"] = [
                t for t in known if t not in refused and not (t == "integer" and "number" in refused)
            ]
        elif keys in ({"enum"}, {"const"}) and "enum" in out:
            values = schema.get("enum", [schema.get("const")])
            known = {key_of(value) for value in values}
            out["enum"] = [v for v in out["enum"] if key_of(v) not in known]
        elif keys == {"multipleOf"} and schema["multipleOf"] == 1 and "integer" in out.get("type", ()):
            out["type"] = [t for t in out["type"] if t != "integer"]


def _both(first: Schema, second: Schema) -> Schema:
    if first is True:
        return second
    if second is True or first is False:
        return first
    if second is False:
        return False
    return {"allOf": [first, second]}
