"""Schemas that say little: a reference alone, nothing about acceptance, or nothing with schemas below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.diff.document import MAX_CHAIN, reference
from understudy.specs.diff.schema import ANNOTATIONS, UNKNOWN, upgrade

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument, Raw

PLAIN = frozenset(
    (
        *("type", "enum", "const", "format", "pattern", "multipleOf", "uniqueItems", "dependentRequired"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"),
        *("minItems", "maxItems", "minContains", "maxContains", "minProperties", "maxProperties"),
    )
)
# Keywords of a schema that has nothing below it.
SIMPLE = PLAIN | {*ANNOTATIONS, UNKNOWN}


def bare_reference(raw: Raw, document: ApiDocument) -> bool:
    """Whether a schema is a `$ref` with nothing beside it that counts."""
    if not isinstance(raw, dict) or reference(raw) is None:
        return False
    kept = upgrade(raw, document)
    return "$ref" in kept and all(key in ("$ref", UNKNOWN) or key.startswith("x-") for key in kept)


def named(raw: Raw, document: ApiDocument) -> Raw:
    """A schema, or the one that it names in the end; a reference with limits beside it is a schema of its
    own, wherever it stands in the chain."""
    first = raw
    for _ in range(MAX_CHAIN):
        if not bare_reference(raw, document):
            return raw
        raw = document.target(raw)
    return document.schema(first)  # the chain has no end: told there, and nothing is known of it


def is_trivial(raw: Raw, document: ApiDocument) -> bool:
    """Whether a schema says nothing about acceptance."""
    if isinstance(raw, bool):
        return raw
    return all(key in ANNOTATIONS or key == UNKNOWN or key.startswith("x-") for key in upgrade(raw, document))


def is_scalar(raw: Raw, document: ApiDocument) -> bool:
    """Whether a schema surely takes no list and no object."""
    schema = upgrade(named(raw, document), document)
    if "type" in schema:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        return not {"array", "object"}.intersection(types)
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        return not any(isinstance(value, dict | list) for value in values)
    choices = [schema[key] for key in ("anyOf", "oneOf") if key in schema]
    return any(all(_is_listed(member, document) for member in members) for members in choices)


def _is_listed(raw: Raw, document: ApiDocument) -> bool:
    """The same of an alternative, without looking into choices of its own: these may lead back."""
    schema = upgrade(named(raw, document), document)
    return not {"anyOf", "oneOf"}.intersection(schema) and is_scalar(raw, document)
