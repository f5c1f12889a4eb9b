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
        self.shape = _canonicalize(schema, formats)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Values):
            return NotImplemented
        return self is other or (self.shape is not None and self.shape == other.shape)

    def __hash__(self) -> int:
        return hash(self.shape)


def _canonicalize(schema: Schema, formats: bool) -> jsonschema_rs.CanonicalSchema | None:
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
    """Why a value is refused: the place in it, the keyword, a sentence, and the property that is missing."""

    path: tuple[str | int, ...]
    keyword: str
    sentence: str
    missing: str = ""


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
            found.append(Refusal(tuple(error.instance_path), error.kind.name, error.message, missing))
            if len(found) == limit:
                break
        return found
