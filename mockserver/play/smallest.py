"""The smallest request of an operation, for people to begin with."""

from __future__ import annotations

import copy


def smallest(schema: object) -> object:
    """The smallest value of the schemas that requests are made of."""
    if not isinstance(schema, dict):
        return None
    if schema.get("examples"):
        # What a vendor requires may follow from several fields; its own example keeps to that.
        return copy.deepcopy(schema["examples"][0])
    for key in ("default", "const"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if "x-image" in schema:
        return "https://example.com/cat.png"
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return smallest(alternatives[0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        return {name: smallest(schema.get("properties", {}).get(name)) for name in schema.get("required", ())}
    if kind == "array":
        return [smallest(schema.get("items"))] * schema.get("minItems", 0)
    return {"string": "two cats", "integer": 1, "number": 1, "boolean": False}.get(str(kind))
