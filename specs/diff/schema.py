"""One schema object of OpenAPI 3.0 to 3.2 as JSON Schema 2020-12. Children stay as they are in the document.

Kept are the keywords that decide about acceptance and the few that the rules speak about; what has the wrong
shape is left out and noted as a problem of the document.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

from understudy.specs import algebra
from understudy.specs.diff.children import with_children
from understudy.specs.diff.language import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.diff.document import ApiDocument, Raw

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
# In-place applicators and children, by the shape of their value.
CHILD: tuple[str, ...] = (
    "items",
    "additionalProperties",
    "propertyNames",
    "contains",
    "not",
    "if",
    "then",
    "else",
)
CHILD += ("unevaluatedProperties", "unevaluatedItems")
CHILDREN = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas")
ANNOTATIONS: tuple[str, ...] = (
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
    "contentEncoding",
)
ANNOTATIONS += ("contentMediaType", "contentSchema", "xml")
# Keywords that say nothing about values.
SILENT = frozenset(
    (
        *("title", "description", "summary", "example", "examples", "externalDocs", "$comment"),
        *("$id", "$schema", "$anchor", "$dynamicAnchor", "$defs", "definitions", "$vocabulary"),
    )
)
# Under this key `upgrade` keeps the keywords that are not known, by name.
UNKNOWN = "?"


LARGEST = int(sys.float_info.max)


def _schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _count(value: Any) -> bool:
    return _number(value) and value >= 0 and value == int(value)


def _number(value: Any) -> bool:
    """A number that a double can hold: others are read as one by hardly anybody, and as nothing here."""
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) <= LARGEST
    return isinstance(value, float) and math.isfinite(value)


def _words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


SHAPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "enum": (lambda v: isinstance(v, list) and bool(v), "a list of at least one value"),
    "const": (lambda _: True, "a value"),
    "multipleOf": (lambda v: _number(v) and v > 0, "a number above 0 (of those that a double can hold)"),
    "pattern": (lambda v: isinstance(v, str) and algebra.is_pattern(v), "a regular expression"),
    "format": (lambda v: isinstance(v, str), "a word"),
    "uniqueItems": (lambda v: isinstance(v, bool), "true or false"),
    "required": (_words, "a list of names"),
    "dependentRequired": (
        lambda v: isinstance(v, dict) and all(_words(item) for item in v.values()),
        "lists of names by name",
    ),
    "default": (lambda _: True, "a value"),
    "deprecated": (lambda v: isinstance(v, bool), "true or false"),
    "readOnly": (lambda v: isinstance(v, bool), "true or false"),
    "writeOnly": (lambda v: isinstance(v, bool), "true or false"),
    "discriminator": (lambda v: isinstance(v, dict), "a mapping"),
    "contentEncoding": (lambda v: isinstance(v, str), "a word"),
    "contentMediaType": (lambda v: isinstance(v, str), "a word"),
    "contentSchema": (_schema, "a schema"),
    "xml": (lambda v: isinstance(v, dict), "a mapping"),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        (_number, "a number (of those that a double can hold)"),
    ),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        (_count, "a count"),
    ),
    **dict.fromkeys(("minContains", "maxContains"), (_count, "a count")),
    **dict.fromkeys(CHILD, (_schema, "a schema")),
    **{
        k: (lambda v: isinstance(v, list) and bool(v) and all(map(_schema, v)), "a list of schemas")
        for k in CHILDREN
    },
    **{
        k: (lambda v: isinstance(v, dict) and all(map(_schema, v.values())), "schemas by name") for k in NAMED
    },
}


def upgrade(raw: Raw, document: ApiDocument) -> dict[str, Any]:
    """The keywords of `raw` in their 2020-12 form; {} takes everything, {"not": {}} nothing. Read-only.

    {"type": "string", "nullable": True} (3.0)            -> {"type": ["null", "string"]}
    {"minimum": 1, "exclusiveMinimum": True} (3.0)        -> {"exclusiveMinimum": 1}
    {"$ref": "#/…", "maxLength": 3} (3.0)                 -> {"$ref": "#/…"}: siblings mean nothing there
    """
    if isinstance(raw, bool):
        return {} if raw else {"not": {}}
    known = document.upgraded.get(id(raw))
    if known is None:
        known = (raw, _upgrade(raw, document))
        document.upgraded[id(raw)] = known
    return known[1]


def _upgrade(raw: Raw, document: ApiDocument) -> dict[str, Any]:
    if not isinstance(raw, dict):
        document.problem("a schema is neither a mapping nor true or false", raw)
        return {}
    if "$ref" in raw and document.version == (3, 0):
        beside = {k: v for k, v in raw.items() if k != "$ref" and k not in SILENT and not k.startswith("x-")}
        return {"$ref": raw["$ref"], **({UNKNOWN: beside} if beside else {})}
    schema = dict(raw)
    if document.version == (3, 0):
        _old_bounds(schema)
        schema.pop("nullable", None)
    elif "$dynamicRef" in schema:
        _dynamic(schema, raw, document)
    kept = _known(schema, raw, document)
    types = _types(schema, raw, document)
    if types is not None:
        kept["type"] = types
    _as_map(kept)
    with_children(kept, raw, document)
    if document.version == (3, 0):
        _optional(kept, document)
        if raw.get("nullable") is True:
            return _nullable(kept, raw, document)
    return kept


def _as_map(kept: dict[str, Any]) -> None:
    """One writing for objects whose names are free or follow a pattern.

    {"propertyNames": {"pattern": "^x"}, "additionalProperties": S}
        -> {"patternProperties": {"^x": S}, "additionalProperties": False}
    {"patternProperties": {".*": S}} -> {"additionalProperties": S}
    """
    if "properties" in kept:
        return
    names, patterns = kept.get("propertyNames"), kept.get("patternProperties")
    if patterns is None and "additionalProperties" in kept and isinstance(names, dict):
        said = {k: v for k, v in names.items() if k not in SILENT and (k, v) != ("type", "string")}
        if said.keys() == {"pattern"} and SHAPES["pattern"][0](said["pattern"]):
            del kept["propertyNames"]
            kept["patternProperties"] = {said["pattern"]: kept["additionalProperties"]}
            kept["additionalProperties"] = False
    elif patterns is not None and len(patterns) == 1:
        ((pattern, value),) = patterns.items()
        if texts((), (pattern,), most=1) == ():
            del kept["patternProperties"]
            kept["additionalProperties"] = value


def known() -> frozenset[str]:
    """The keywords that are understood."""
    return frozenset((*SHAPES, *SILENT, "$ref", "type"))


def _known(schema: dict[str, Any], raw: dict[str, Any], document: ApiDocument) -> dict[str, Any]:
    """The keywords whose value has the right shape; those that are not known apart."""
    kept: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for key, value in schema.items():
        if key in SHAPES:
            shape, expected = SHAPES[key]
            if shape(value):
                kept[key] = value
            else:
                document.problem(f"{key} is not {expected}", raw, key)
        elif key == "$ref" or key.startswith("x-"):
            kept[key] = value
        elif key not in SILENT and key != "type":
            unknown[key] = value
    return {**kept, UNKNOWN: unknown} if unknown else kept


def _dynamic(schema: dict[str, Any], raw: dict[str, Any], document: ApiDocument) -> None:
    """A `$dynamicRef` whose anchor one schema alone carries is a `$ref`: nothing can take its place. What
    others mean depends on the way there, and nothing is said about them."""
    name = str(schema.pop("$dynamicRef")).rpartition("#")[2]
    if "$ref" not in schema and len(document.dynamic(name)) == 1:
        schema["$ref"] = f"#{name}"
        return
    document.problem("$dynamicRef is not followed; nothing is said about what it demands", raw, "$dynamicRef")
    document.leave_out(raw)


def _optional(kept: dict[str, Any], document: ApiDocument) -> None:
    """3.0: an alternative that says `nullable: true` and nothing else means null (so write schemars, of
    `Option<T>`, and others); by the letter it would take anything."""
    for key in ("anyOf", "oneOf"):
        members = kept.get(key, ())
        if len(members) > 1 and any(_only_nullable(member) for member in members):
            kept[key] = [document.made({"enum": [None]}, m) if _only_nullable(m) else m for m in members]


def _only_nullable(raw: Raw) -> bool:
    if not isinstance(raw, dict) or raw.get("nullable") is not True:
        return False
    return all(key == "nullable" or key in SILENT or key.startswith("x-") for key in raw)


def _old_bounds(schema: dict[str, Any]) -> None:
    """3.0: `exclusiveMinimum: true` makes `minimum` exclusive."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and bound in schema:
            schema[exclusive] = schema.pop(bound)


def _types(schema: dict[str, Any], raw: Raw, document: ApiDocument) -> list[str] | None:
    """Sorted list of types, or None for any."""
    value = schema.get("type")
    if value is None:
        return None
    names = value if isinstance(value, list) else [value]
    known = [name for name in names if isinstance(name, str) and name in TYPES]
    if not names:
        document.problem("type is an empty list: read as if it were not there", raw, "type")
    elif len(known) != len(names):
        document.problem(f"type {value!r} is not known", raw, "type")
    if "number" in known and "integer" in known:
        known.remove("integer")
    return sorted(set(known)) or None


def _nullable(kept: dict[str, Any], raw: Raw, document: ApiDocument) -> dict[str, Any]:
    """3.0.3: `nullable` adds null to a `type`. Beside a bare allOf, oneOf or anyOf it is read as meant."""
    if "type" in kept:
        return {**kept, "type": sorted({*kept["type"], "null"})}
    if any(key in kept for key in ("allOf", "anyOf", "oneOf")):
        rest = document.made({key: value for key, value in raw.items() if key != "nullable"}, raw)
        null = document.made({"enum": [None]}, raw)
        notes = {key: kept[key] for key in ANNOTATIONS if key in kept}
        return {"anyOf": [rest, null], **notes}
    return kept
