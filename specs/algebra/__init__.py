"""Sets of JSON values: the one place that knows jsonschema-rs's canonical API, which is young and moves.

A schema is a self-contained JSON Schema 2020-12 (references only into its own `$defs`). `format` is an
annotation unless `formats=True`. No pattern is tried for ever: a validator that gives up counts as refusing.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

import jsonschema_rs
from jsonschema_rs import canonical

from understudy.specs.algebra.combinations import MAX_CASES, MAX_ERRORS, cases, errors
from understudy.specs.algebra.ecma import spelled_out, with_classes
from understudy.specs.algebra.narrowed import narrower_of

Schema = dict[str, Any] | bool

NOTHING: Schema = {"not": {}}
# Values of an enum from which on a judge looks them up; the validator compares one after the other.
LOOKED_UP = 100
# What is said of a value where the validator is not asked why.
FITS_NOT = "fits not: alternatives within alternatives, too many to say where"
# Characters of a reason, and of a value that is quoted in it.
LONGEST, QUOTED = 400, 60
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


def _canonicalize(schema: Schema, formats: bool) -> jsonschema_rs.CanonicalSchema | None:
    if cases(schema) > MAX_CASES:
        return None  # the canonical form writes every combination out
    try:
        return jsonschema_rs.canonicalize(
            with_classes(schema),
            draft=jsonschema_rs.Draft202012,
            validate_formats=formats,
            pattern_options=PATTERNS,
            offline=True,
        )
    except (jsonschema_rs.ValidationError, canonical.CanonicalizationError, jsonschema_rs.ReferencingError):
        return None
    except ValueError:  # nested deeper than the library follows
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
    return _plain(schema) if isinstance(schema, dict | bool) else None


def _plain(node: Any) -> Any:
    """The library writes some numbers as decimals; here they are what JSON has."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, Decimal):
        whole = node == node.to_integral_value() or not math.isfinite(float(node))
        return int(node) if whole else float(node)
    return node


def is_empty(values: Values) -> bool:
    """Whether it is proven that no value is in the set."""
    return values.shape is not None and str(values.shape.satisfiability()).lower() == "no"


def is_pattern(pattern: str) -> bool:
    """Whether `pattern` is a regular expression that the validator takes."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": spelled_out(pattern)}, pattern_options=PATTERNS)
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True


class SchemaRefusal(NamedTuple):
    """Why a value is refused: the place in it, the keyword, a sentence, the property that is missing, and the
    part of the value that is at fault."""

    path: tuple[str | int, ...]
    keyword: str
    sentence: str
    missing: str = ""
    value: Any = None


_REQUIRED = jsonschema_rs.ValidationErrorKind.Required


class Judge:
    """The real validator of a schema.

    Of a schema whose definitions are made when they are asked for, only what a value can reach is compiled.
    """

    __slots__ = ("_formats", "_lazy", "_listed", "_rest", "_schema", "_tellable", "_validators")

    def __init__(self, schema: Any, *, formats: bool = False) -> None:
        self._schema = schema
        self._listed = _listed(schema)
        self._rest: Judge | None = None
        if self._listed is not None:
            self._rest = Judge({k: v for k, v in schema.items() if k != "enum"}, formats=formats)
        self._formats = formats
        self._lazy = isinstance(schema, dict) and not isinstance(schema.get("$defs", {}), dict)
        self._validators: dict[Any, jsonschema_rs.Draft202012Validator] = {}
        self._tellable: dict[Any, bool] = {}
        if not self._lazy:
            self._validators[None] = self._compiled(schema)

    def _compiled(self, schema: Schema) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            with_classes(schema), validate_formats=self._formats, pattern_options=PATTERNS, offline=True
        )

    def _validator(self, value: Any) -> jsonschema_rs.Draft202012Validator:
        if not self._lazy:
            return self._validators[None]
        key = narrower_of(self._schema["$defs"]).shape(value)
        if key not in self._validators:
            if len(self._validators) > MAX_COMPILED:
                self._validators.clear()
            self._validators[key] = self._compiled(self._reached(key))
        return self._validators[key]

    def _reached(self, shape: Any) -> Schema:
        """What of the schema a value of one shape can reach."""
        narrowed: Schema = narrower_of(self._schema["$defs"]).narrowed(self._schema, shape)
        return narrowed

    def _tells(self, value: Any) -> bool:
        """Whether the validator can say in time why it refuses `value`: it says so of every alternative, and
        of all alternatives within these."""
        key = narrower_of(self._schema["$defs"]).shape(value) if self._lazy else None
        if key not in self._tellable:
            schema = self._reached(key) if self._lazy else self._schema
            self._tellable[key] = errors(schema) <= MAX_ERRORS
        return self._tellable[key]

    def takes(self, value: Any) -> bool:
        """Whether `value` is valid."""
        if self._listed is not None and self._rest is not None:
            return _key(value) in self._listed and self._rest.takes(value)
        try:
            return self._validator(value).is_valid(value)
        except ValueError:
            return False

    def refusals(self, value: Any, limit: int = 5) -> list[SchemaRefusal]:
        """The first few reasons why `value` is refused; [] when it is taken."""
        if not self._tells(value):
            return [] if self.takes(value) else [SchemaRefusal((), "oneOf", FITS_NOT, "", value)]
        found = []
        for error in self._validator(value).iter_errors(value):
            missing = error.kind.property if isinstance(error.kind, _REQUIRED) else ""
            found.append(
                SchemaRefusal(
                    tuple(error.instance_path), error.kind.name, _sentence(error), missing, error.instance
                )
            )
            if len(found) == limit:
                break
        return found


def _listed(schema: Any) -> frozenset[Any] | None:
    """The values of a long enum, to be looked up; None where a schema has none."""
    listed = schema.get("enum") if isinstance(schema, dict) else None
    if not isinstance(listed, list) or len(listed) < LOOKED_UP:
        return None
    return frozenset(map(_key, listed))


def _key(value: Any) -> Any:
    """What equal JSON values have in common, and only they: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(value, dict):
        return frozenset((name, _key(part)) for name, part in value.items())
    if isinstance(value, list):
        return tuple(map(_key, value))
    return (bool, value) if isinstance(value, bool) else value


# Validators of one schema that are kept.
MAX_COMPILED = 200


# The kinds of an error under which no alternative fits; too many fit under OneOfMultipleValid.
NONE_FITS = frozenset({"AnyOf", "OneOfNotValid"})


def _sentence(error: jsonschema_rs.ValidationError) -> str:
    """What is wrong; where no alternative fits, what is wrong with the nearest."""
    fits_none = type(error.kind).__name__ in NONE_FITS
    branches = getattr(error.kind, "context", None) if fits_none else None
    nearest = min(
        (b for b in branches or () if b), key=lambda b: _distance(b, len(error.instance_path)), default=None
    )
    if not nearest:
        return _shortened(error.message, error.instance)
    first = nearest[0]
    at = ".".join(map(str, list(first.instance_path)[len(error.instance_path) :]))
    said = f"{at}: {_sentence(first)}" if at else _sentence(first)
    return f"fits no alternative; nearest: {said}"


def _shortened(message: str, value: Any) -> str:
    """A message that quotes a large value, without it or without most of it."""
    if len(message) <= QUOTED:
        return message
    quoted = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(quoted) > QUOTED:
        message = message.replace(quoted, _counted(value), 1)
    return message if len(message) <= LONGEST else f"{message[:QUOTED]}…{message[-120:]}"


def _counted(value: Any) -> str:
    """A value by its kind and size: "a list of 12 items"."""
    if isinstance(value, list):
        return f"a list of {len(value)} item{'s' * (len(value) != 1)}"
    if isinstance(value, dict):
        return f"an object of {len(value)} propert{'y' if len(value) == 1 else 'ies'}"
    return f"a text of {len(value)} characters" if isinstance(value, str) else f"{value!s:.20}…"


# By how much a value misses an alternative, by keyword: who fails the first ones is another kind of thing.
WEIGHTS = {"const": 10, "enum": 10, "falseSchema": 10, "additionalProperties": 10, "required": 2}


def _distance(errors: list[jsonschema_rs.ValidationError], depth: int) -> tuple[int, int]:
    """How far a value, `depth` below the whole, is from an alternative; of those that are equally near, the
    one where it lies deep."""
    far = 0
    for error in errors:
        whole = error.kind.name == "type" and len(error.instance_path) == depth
        far += 10 if whole else WEIGHTS.get(error.kind.name, 1)
    return far, -max(len(error.instance_path) for error in errors)
