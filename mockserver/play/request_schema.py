"""The schema of a request as it is played: references resolved, and the empty values and numbers that are
accepted."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.pointers import Path


ITEMS = "[]"


def inline(schema: Any, document: Mapping[str, Any], seen: tuple[str, ...] = ()) -> Any:
    """`schema` with its local references replaced by what they name (a reference to itself is left open)."""
    if isinstance(schema, list):
        return [inline(part, document, seen) for part in schema]
    if not isinstance(schema, dict):
        return schema
    ref = schema.get("$ref")
    if isinstance(ref, str):
        if ref in seen:
            return {}
        target = resolve(document, ref)
        beside = {k: v for k, v in schema.items() if k != "$ref"}
        return inline({**target, **beside}, document, (*seen, ref))
    return {key: inline(value, document, seen) for key, value in schema.items()}


def resolve(document: Mapping[str, Any], ref: str) -> Any:
    """What the local reference `#/a/b` names."""
    value: Any = document
    for part in ref.removeprefix("#/").split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object schema inside an inlined schema, itself first."""
    if isinstance(schema, dict):
        yield schema
        for key in ("properties", "$defs"):
            for part in schema.get(key, {}).values():
                yield from subschemas(part)
        for key in ("items", "additionalProperties", "not"):
            yield from subschemas(schema.get(key))
        for key in ("anyOf", "oneOf", "allOf"):
            for part in schema.get(key, ()):
                yield from subschemas(part)


def as_played(schema: dict[str, Any], *, strict: bool) -> dict[str, Any]:
    """What the mock takes: null, "" and [] in an optional field count as absent.

    Clients depend on that: samples in documents send "", and the vendor's own nodes for ComfyUI send null for
    a picture that is not connected and for every option that was left alone.

    With `strict` the document is taken at its word, and fields that it does not name are refused too, as are
    those that a provider inherits and does not mention (`x-undocumented`).
    """
    played = copy.deepcopy(schema)
    for part in list(subschemas(played)):
        if "properties" not in part:
            continue
        if strict:
            named_only(part)
            continue
        required = part.get("required", ())
        for name, field in part["properties"].items():
            if name not in required:
                part["properties"][name] = or_null(or_empty(field))
    return played


def named_only(part: dict[str, Any]) -> None:
    """Leave only the fields that the document of this very provider names."""
    properties = part["properties"]
    part["properties"] = {n: f for n, f in properties.items() if not is_undocumented(f)}
    if "required" in part:
        part["required"] = [n for n in part["required"] if not is_undocumented(properties.get(n))]
    part.setdefault("additionalProperties", False)


def is_undocumented(field: Any) -> bool:
    return isinstance(field, dict) and field.get("x-undocumented") is True


def or_empty(field: Any) -> Any:
    if not isinstance(field, dict):
        return field
    kinds = field.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "string" in kinds and not jsonschema_rs.is_valid(field, ""):
        if "enum" in field and len(field.keys() - {"type", "enum", "default", "description"}) <= 1:
            return {**field, "enum": [*field["enum"], ""]}
        return {"anyOf": [{"const": ""}, field]}
    if "array" in kinds and not jsonschema_rs.is_valid(field, []):
        return {"anyOf": [{"type": "array", "maxItems": 0}, field]}
    return field


def or_null(field: Any) -> Any:
    """`field`, or null."""
    if not isinstance(field, dict) or jsonschema_rs.is_valid(field, None):
        return field
    kinds = field.get("type")
    if kinds is None or "const" in field or any(key in field for key in ("anyOf", "oneOf", "allOf", "not")):
        return {"anyOf": [{"type": "null"}, field]}
    kinds = [kinds] if isinstance(kinds, str) else kinds
    played = {**field, "type": [*kinds, "null"]}
    if "enum" in field:
        played["enum"] = [*field["enum"], None]
    return played


def with_numbers(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema`, with a number allowed wherever a text is that writes one: "5" and 5."""
    made = copy.deepcopy(schema)
    for part in list(subschemas(made)):
        if numbers := numbers_of(part):
            part["type"] = ["string", "number"]
            part["enum"] = [*part["enum"], *numbers]
    return made


def numbers_of(part: Mapping[str, Any]) -> list[int | float]:
    """The numbers that an enumeration of texts writes: {"type": "string", "enum": ["5", "10"]} -> [5, 10]."""
    if part.get("type") != "string":
        return []
    return [number for text in part.get("enum", ()) if (number := number_of(text)) is not None]


def numeric_places(schema: Any, path: Path = ()) -> Iterator[Path]:
    """Where in a request texts stand that write numbers."""
    if not isinstance(schema, dict):
        return
    if numbers_of(schema):
        yield path
    for name, part in schema.get("properties", {}).items():
        yield from numeric_places(part, (*path, name))
    yield from numeric_places(schema.get("items"), (*path, ITEMS))
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, ()):
            yield from numeric_places(part, path)


def number_of(text: Any) -> int | float | None:
    """The number that a text writes in the usual way, None for another."""
    for kind in (int, float):
        try:
            number = kind(text)
        except (TypeError, ValueError):
            continue
        if str(number) == text:
            return number
    return None


def as_texts(value: Any, schema: Any) -> Any:
    """`value` with the numbers that stand for texts in it written as texts: 5 -> "5"."""
    if not isinstance(schema, dict):
        return value
    if isinstance(value, list):
        return [as_texts(item, schema.get("items")) for item in value]
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {name: as_texts(part, properties.get(name)) for name, part in value.items()}
    return str(value) if is_number(value) and schema.get("type") == ["string", "number"] else value


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_empty(value: Any, field: Any) -> bool:
    """Whether a value stands for an absent one: null, "" where a text may be, [] where a list may be."""
    if value is None:
        return True
    if value not in ("", []) or not isinstance(field, dict):
        return False
    kinds = field.get("type", ())
    return ("string" if value == "" else "array") in ([kinds] if isinstance(kinds, str) else kinds)


def without_empty(value: Any, schema: Any) -> Any:
    """`value` with the empty values of optional fields taken out."""
    if isinstance(value, list):
        items = schema.get("items", {}) if isinstance(schema, dict) else {}
        return [without_empty(item, items) for item in value]
    if not isinstance(value, dict) or not isinstance(schema, dict):
        return value
    required = schema.get("required", ())
    properties = schema.get("properties", {})
    return {
        name: without_empty(part, properties.get(name, {}))
        for name, part in value.items()
        if name in required or name not in properties or not is_empty(part, properties[name])
    }


def pictures(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Where pictures stand in a request, and what they must be: (("image_list", "[]", "image"), x-image)."""
    if not isinstance(schema, dict):
        return
    if "x-image" in schema:
        yield path, schema["x-image"]
    for name, part in schema.get("properties", {}).items():
        yield from pictures(part, (*path, name))
    if isinstance(schema.get("items"), dict):
        yield from pictures(schema["items"], (*path, ITEMS))
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, ()):
            yield from pictures(part, path)
