"""Whether a value is one that the plain keywords of a schema allow: type, enum, const, limits, pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.tree import same

if TYPE_CHECKING:
    from collections.abc import Mapping

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether `value` keeps to the keywords of `schema` that say which values are meant."""
    return not unfitting(value, schema)


def unfitting(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """The keywords of `schema` that refuse `value`; those not named in this module refuse nothing."""
    return [word for word, allows in CHECKS.items() if word in schema and not allows(value, schema[word])]


def json_type(value: Any) -> str:
    """The type of a JSON value, the narrowest that JSON Schema names."""
    return next(name for name in ("boolean", "integer", *PYTHON_TYPES) if _is_of(value, name))


def _is_of(value: Any, types: Any) -> bool:
    names = types if isinstance(types, list) else [types]
    if isinstance(value, bool):
        return "boolean" in names
    whole = isinstance(value, float) and value.is_integer() and "integer" in names
    return whole or any(isinstance(value, PYTHON_TYPES[name]) for name in names if name in PYTHON_TYPES)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _matches(value: Any, pattern: Any) -> bool:
    if not isinstance(value, str):
        return True
    # Not `re`: a pattern is anybody's, and some take Python's engine for ever.
    import jsonschema_rs

    try:
        return jsonschema_rs.is_valid({"pattern": pattern}, value)
    except (ValueError, jsonschema_rs.ValidationError):
        return True


CHECKS: dict[str, Any] = {
    "type": _is_of,
    "enum": lambda value, names: any(same(value, name) for name in names),
    "const": same,
    "minimum": lambda value, limit: not _number(value) or value >= limit,
    "maximum": lambda value, limit: not _number(value) or value <= limit,
    "minLength": lambda value, limit: not isinstance(value, str) or len(value) >= limit,
    "maxLength": lambda value, limit: not isinstance(value, str) or len(value) <= limit,
    "pattern": _matches,
    "minItems": lambda value, limit: not isinstance(value, list) or len(value) >= limit,
    "maxItems": lambda value, limit: not isinstance(value, list) or len(value) <= limit,
}
