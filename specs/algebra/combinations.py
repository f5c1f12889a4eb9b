"""How much a schema multiplies, told before a library that writes it all out is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Combinations of choices beyond which no canonical form is made.
MAX_CASES = 300
# Values of an enum beyond which none is made either: they are compared one by one.
MAX_VALUES = 1_000
# Errors beyond which a validator is not asked for them.
MAX_ERRORS = 30_000
# Keywords that hold schemas by name.
NAMED = ("properties", "patternProperties", "dependentSchemas")


def cases(schema: Any) -> int:
    """In how many ways the choices of a schema can be combined where they multiply most; a rough count."""
    if isinstance(schema, list):
        return max((cases(item) for item in schema), default=1)
    if not isinstance(schema, dict):
        return 1
    ways, below = 1, 1
    for key, value in schema.items():
        if key in ("anyOf", "oneOf") and isinstance(value, list):
            ways *= sum(min(cases(item), MAX_CASES + 1) for item in value)
        elif key == "allOf" and isinstance(value, list):
            for item in value:
                ways = min(ways, MAX_CASES + 1) * cases(item)
        elif key == "if":
            ways *= 2
        elif key == "enum" and isinstance(value, list) and len(value) > MAX_VALUES:
            ways = MAX_CASES + 1
        elif isinstance(value, dict | list) and key not in ("enum", "const"):
            below = (
                max(below, *(cases(v) for v in value.values()))
                if isinstance(value, dict) and value
                else below
            )
    return max(ways, below)


def errors(schema: Any, most: int = MAX_ERRORS) -> int:
    """About how many errors one value may have, those of all alternatives and of what is within these
    counted; beyond `most`, or nested too deep to be counted, one more than that.

    Ten choices of two that lead to each other have 2^10: a validator collects them all.
    """
    defs = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    try:
        return _Errors(defs, most).of(schema)
    except RecursionError:
        return most + 1


class _Errors:
    """Counts the errors that a value may have, of each definition once."""

    def __init__(self, defs: Mapping[str, Any], most: int) -> None:
        self.defs, self.most = defs, most
        self.known: dict[str, int] = {}

    def of(self, node: Any) -> int:
        if isinstance(node, list):
            return min(sum(map(self.of, node)), self.most + 1)
        if not isinstance(node, dict):
            return 0
        total = 1
        for key, value in node.items():
            if key == "$ref":
                total += self.referred(str(value).removeprefix("#/$defs/"))
            elif key in NAMED or key not in ("enum", "const", "default", "$defs"):
                total += self.of(list(value.values()) if key in NAMED and isinstance(value, dict) else value)
        return min(total, self.most + 1)

    def referred(self, name: str) -> int:
        if name not in self.known:
            self.known[name] = 1  # what leads back to itself is counted once
            self.known[name] = self.of(self.defs.get(name, True))
        return self.known[name]
