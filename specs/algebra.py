"""Sets of JSON values: the one place that knows jsonschema-rs's canonical API, which is young and moves.

A schema is a self-contained JSON Schema 2020-12 (references only into its own `$defs`). `format` is an
annotation unless `formats=True`. No pattern is tried for ever: a validator that gives up counts as refusing.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

import jsonschema_rs
from jsonschema_rs import canonical

Schema = dict[str, Any] | bool

NOTHING: Schema = {"not": {}}
# Combinations of choices beyond which the library is not asked.
MAX_CASES = 300
# Values of an enum beyond which it is not asked either: it compares them one by one.
MAX_VALUES = 1_000
# Steps that a regular expression may take on one string, and bytes that it may compile to.
PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=200_000, size_limit=4_000_000)


class Answer(Enum):
    """Whether one set holds the other. `UNKNOWN` is never read as `YES`."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Values:
    """A set of JSON values. Equal sets in canonical form compare equal and hash alike.

    Values of which the library cannot make a canonical form equal nothing but themselves.
    """

    __slots__ = ("formats", "schema", "shape")

    def __init__(self, schema: Schema, *, formats: bool = False) -> None:
        self.schema = schema
        self.formats = formats
        # Some keywords are compared only where no reference stands between; a ring of references stays.
        inlined = _Inliner(schema).run()
        self.shape = _canonicalize(schema if inlined is None else inlined, formats)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Values):
            return NotImplemented
        return self is other or (self.shape is not None and self.shape == other.shape)

    def __hash__(self) -> int:
        return hash(self.shape)


class _Inliner:
    """A schema with its references replaced, unless they form a ring or it grows beyond 2,000 objects."""

    LIMIT = 2_000
    # Keywords whose values are no schemas, but may look like one.
    VALUES = ("enum", "const")

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.defs = schema.get("$defs", {}) if isinstance(schema, dict) else {}
        self.left = self.LIMIT

    def run(self) -> Schema | None:
        """The schema without `$defs`, or None when it has to stay as it is."""
        if not self.defs or isinstance(self.schema, bool):
            return None
        try:
            result = self.inline({k: v for k, v in self.schema.items() if k != "$defs"}, ())
        except RecursionError:
            return None
        return result if isinstance(result, dict | bool) else None

    def inline(self, node: Any, above: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [self.inline(item, above) for item in node]
        if not isinstance(node, dict):
            return node
        self.left -= 1
        ref = node.get("$ref")
        name = ref.removeprefix("#/$defs/") if isinstance(ref, str) else None
        if name not in self.defs:  # a value that looks like a reference
            name = None
        if self.left < 0 or name in above:
            raise RecursionError
        out = {
            k: v if k in self.VALUES and not isinstance(v, dict) else self.inline(v, above)
            for k, v in node.items()
            if name is None or k != "$ref"
        }
        if name is None:
            return out
        target = self.inline(self.defs[name], (*above, name))
        return target if not out else {"allOf": [target, out]}


# How deep references are written out when a schema is loosened; and keywords that are dropped then: with a
# part of theirs missing they would say more.
LOOSE_DEPTH = 3
NOT_LOOSE = ("not", "if", "then", "else", "maxContains", "unevaluatedProperties", "unevaluatedItems")


def loosened(schema: Schema, limit: int = 300) -> Schema:
    """A schema without references for at least the values of `schema`: what refers to itself, or is met after
    `limit` objects, may be anything. The algebra decides about such a schema where it cannot about a ring."""
    if isinstance(schema, bool):
        return schema
    defs = schema.get("$defs", {})
    left = limit

    def loose(node: Any, above: tuple[str, ...]) -> Any:
        nonlocal left
        if isinstance(node, list):
            return [loose(item, above) for item in node]
        if not isinstance(node, dict):
            return node
        left -= 1
        out: dict[str, Any] = {}
        for key, value in node.items():
            if key in NOT_LOOSE or key in ("$ref", "$defs") or (key == "oneOf" and "anyOf" in node):
                continue
            if key in ("properties", "patternProperties", "dependentSchemas") and isinstance(value, dict):
                out[key] = {name: loose(child, above) for name, child in value.items()}
            elif key in ("enum", "const", "required", "type", "dependentRequired"):
                out[key] = value
            else:
                out["anyOf" if key == "oneOf" else key] = loose(value, above)
        name = str(node.get("$ref", "")).removeprefix("#/$defs/")
        if name not in defs or name in above or len(above) == LOOSE_DEPTH or left < 0:
            return out
        target = loose(defs[name], (*above, name))
        return {"allOf": [target, out]} if out else target

    result: Schema = loose(schema, ())
    return result


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


def _canonicalize(schema: Schema, formats: bool) -> jsonschema_rs.CanonicalSchema | None:
    if cases(schema) > MAX_CASES:
        return None  # the canonical form writes every combination out
    try:
        return jsonschema_rs.canonicalize(
            schema,
            draft=jsonschema_rs.Draft202012,
            validate_formats=formats,
            pattern_options=PATTERNS,
            offline=True,
        )
    except (jsonschema_rs.ValidationError, canonical.CanonicalizationError, jsonschema_rs.ReferencingError):
        return None


def covers(taker: Values, sender: Values) -> Answer:
    """Whether `taker` takes every value of `sender`."""
    if taker.shape is None or sender.shape is None:
        return Answer.UNKNOWN
    try:
        return Answer(str(taker.shape.covers(sender.shape)).lower())
    except canonical.CanonicalizationError:
        return Answer.UNKNOWN


def subtract(sender: Values, taker: Values) -> Schema | None:
    """A schema of exactly the values of `sender` that `taker` refuses; None when it cannot be written."""
    if taker.shape is None or sender.shape is None:
        return None
    try:
        left = sender.shape.subtract(taker.shape)
        schema = left.to_json_schema()
    except canonical.CanonicalizationError:
        return None
    return schema if isinstance(schema, dict | bool) else None


def is_empty(values: Values) -> bool:
    """Whether it is proven that no value is in the set."""
    return values.shape is not None and str(values.shape.satisfiability()).lower() == "no"


def is_pattern(pattern: str) -> bool:
    """Whether `pattern` is a regular expression that the validator takes."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=PATTERNS)
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True


class Refusal(NamedTuple):
    """Why a value is refused: the place in it, the keyword, a sentence, the property that is missing, and the
    part of the value that is at fault."""

    path: tuple[str | int, ...]
    keyword: str
    sentence: str
    missing: str = ""
    value: Any = None


_REQUIRED = jsonschema_rs.ValidationErrorKind.Required


class Judge:
    """The real validator of a schema."""

    __slots__ = ("_validator",)

    def __init__(self, schema: Schema, *, formats: bool = False) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(
            schema, validate_formats=formats, pattern_options=PATTERNS, offline=True
        )

    def takes(self, value: Any) -> bool:
        """Whether `value` is valid."""
        try:
            return self._validator.is_valid(value)
        except ValueError:
            return False

    def refusals(self, value: Any, limit: int = 5) -> list[Refusal]:
        """The first few reasons why `value` is refused; [] when it is taken."""
        found = []
        for error in self._validator.iter_errors(value):
            missing = error.kind.property if isinstance(error.kind, _REQUIRED) else ""
            found.append(
                Refusal(
                    tuple(error.instance_path), error.kind.name, _sentence(error), missing, error.instance
                )
            )
            if len(found) == limit:
                break
        return found


def _sentence(error: jsonschema_rs.ValidationError) -> str:
    """What is wrong; where no alternative fits, what is wrong with the nearest."""
    branches = getattr(error.kind, "context", None) if "not valid under any" in error.message else None
    nearest = min((b for b in branches or () if b), key=_distance, default=None)
    if not nearest:
        return error.message
    first = nearest[0]
    at = ".".join(map(str, list(first.instance_path)[len(error.instance_path) :]))
    said = f"{at}: {_sentence(first)}" if at else _sentence(first)
    return f"fits no alternative; nearest: {said}"


def _distance(errors: list[jsonschema_rs.ValidationError]) -> tuple[int, int]:
    """Few errors are near, and of these such that lie deep."""
    return len(errors), -max(len(error.instance_path) for error in errors)
