"""One schema object of OpenAPI 3.0 or 3.1 as JSON Schema 2020-12. Children stay as they are in the document.

Kept are the keywords that decide about acceptance and the few that the rules speak about; what has the wrong
shape is left out and noted as a problem of the document.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from specs import algebra

if TYPE_CHECKING:
    from collections.abc import Callable

    from specs.diff.document import Document, Raw

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
ANNOTATIONS += ("contentMediaType",)


def _schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _count(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value == int(value)
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


SHAPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "enum": (lambda v: isinstance(v, list) and bool(v), "a list of at least one value"),
    "const": (lambda _: True, "a value"),
    "multipleOf": (lambda v: _number(v) and v > 0, "a number above 0"),
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
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (_number, "a number")),
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


def upgrade(raw: Raw, document: Document) -> dict[str, Any]:
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


def _upgrade(raw: Raw, document: Document) -> dict[str, Any]:
    if not isinstance(raw, dict):
        document.problem("a schema is neither a mapping nor true or false", raw)
        return {}
    if "$ref" in raw and document.version == (3, 0):
        return {"$ref": raw["$ref"]}
    schema = dict(raw)
    if document.version == (3, 0):
        _old_bounds(schema)
    elif "$dynamicRef" in schema:
        document.problem("$dynamicRef is not followed; anything is taken there", raw, "$dynamicRef")
    kept = {}
    for key, value in schema.items():
        if key in SHAPES:
            shape, expected = SHAPES[key]
            if shape(value):
                kept[key] = value
            else:
                document.problem(f"{key} is not {expected}", raw, key)
        elif key == "$ref" or key.startswith("x-"):
            kept[key] = value
    types = _types(schema, raw, document)
    if types is not None:
        kept["type"] = types
    if document.version == (3, 0) and schema.get("nullable") is True:
        return _nullable(kept, raw, document)
    return kept


def _old_bounds(schema: dict[str, Any]) -> None:
    """3.0: `exclusiveMinimum: true` makes `minimum` exclusive."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and bound in schema:
            schema[exclusive] = schema.pop(bound)


def _types(schema: dict[str, Any], raw: Raw, document: Document) -> list[str] | None:
    """Sorted list of types, or None for any."""
    value = schema.get("type")
    if value is None:
        return None
    names = value if isinstance(value, list) else [value]
    known = [name for name in names if name in TYPES]
    if len(known) != len(names) or not names:
        document.problem(f"type {value!r} is not known", raw, "type")
    if "number" in known and "integer" in known:
        known.remove("integer")
    return sorted(set(known)) or None


def _nullable(kept: dict[str, Any], raw: Raw, document: Document) -> dict[str, Any]:
    """3.0.3: `nullable` adds null to a `type`. Beside a bare allOf, oneOf or anyOf it is read as meant."""
    if "type" in kept:
        return {**kept, "type": sorted({*kept["type"], "null"})}
    if any(key in kept for key in ("allOf", "anyOf", "oneOf")):
        rest = document.made({key: value for key, value in raw.items() if key != "nullable"}, raw)
        null = document.made({"enum": [None]}, raw)
        notes = {key: kept[key] for key in ANNOTATIONS if key in kept}
        return {"anyOf": [rest, null], **notes}
    return kept
