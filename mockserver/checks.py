"""Is a request what the document allows? One compiled validation, and a refusal that names the field."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from mockserver.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mockserver.lifecycle import Path

ITEMS = "[]"
MASK = "the value"
# Of a request that is wrong in thousands of places, the first problem is found among so many.
MOST_EXPLAINED = 1000
# Of a value that a message repeats, so many characters.
MOST_SHOWN = 60


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


def values_at(value: Any, path: tuple[str, ...], name: str = "") -> Iterator[tuple[str, Any]]:
    """(field name, value) for everything at a path: ("image_list[0].image", "https://…")."""
    if not path:
        yield name, value
    elif path[0] == ITEMS:
        if isinstance(value, list):
            for i, item in enumerate(value):
                yield from values_at(item, path[1:], f"{name}[{i}]")
    elif isinstance(value, dict) and path[0] in value:
        yield from values_at(value[path[0]], path[1:], f"{name}.{path[0]}" if name else path[0])


def field_name(path: Sequence[str | int]) -> str:
    """["image_list", 0, "image"] -> "image_list[0].image"."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a request: the field ("" for the body itself), the keyword broken, the words.

    `value` and `options` are for the provider's own words about an enumeration, as short texts.
    """

    field: str
    place: Path
    keyword: str
    reason: str
    value: str = ""
    options: str = ""


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(v if isinstance(v, str) else str(v) for v in values)


def listed_options(kind: Any) -> str:
    return _listed([option for option in kind.options if option != ""])


def shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


# JSON Schema keyword -> our words; `k` is jsonschema-rs's kind of the error.
WORDS: Mapping[str, Callable[[Any], str]] = {
    "type": lambda k: f"must be of type {_listed(sorted(k.types))}",
    "enum": lambda k: f"must be one of {listed_options(k)}",
    "const": lambda k: f"must be {k.expected_value}",
    "maxLength": lambda k: f"must have at most {k.limit} characters",
    "minLength": lambda k: (
        "must not be empty" if k.limit == 1 else f"must have at least {k.limit} characters"
    ),
    "maximum": lambda k: f"must be at most {k.limit}",
    "minimum": lambda k: f"must be at least {k.limit}",
    "exclusiveMaximum": lambda k: f"must be less than {k.limit}",
    "exclusiveMinimum": lambda k: f"must be more than {k.limit}",
    "maxItems": lambda k: f"must have at most {k.limit} items",
    "minItems": lambda k: "must not be empty" if k.limit == 1 else f"must have at least {k.limit} items",
    "pattern": lambda _: "does not have the required form",
    "uniqueItems": lambda _: "must not hold an item twice",
    "format": lambda k: f"must be a {k.format}",
}


def explain(error: Any) -> Problem:
    """The problem behind one error of jsonschema-rs; of alternatives, the one that came closest."""
    kind, path = error.kind, list(error.instance_path)
    name = kind.name
    if name in ("anyOf", "oneOf") and getattr(kind, "context", None):
        return closest([[explain(e) for e in branch] for branch in kind.context], path)
    if name == "required":
        path.append(kind.property)
        reason = "is required"
    elif name in ("additionalProperties", "unevaluatedProperties"):
        path.append(min(kind.unexpected))
        reason = "is not a field of this request"
    elif name in WORDS:
        reason = WORDS[name](kind)
    else:
        reason = error.message
    place = tuple(ITEMS if isinstance(part, int) else part for part in path)
    if name == "enum":
        return Problem(field_name(path), place, name, reason, shortened(error.instance), listed_options(kind))
    return Problem(field_name(path), place, name, reason)


def closest(branches: list[list[Problem]], path: list[str | int]) -> Problem:
    """Of each alternative's problems, one that is not about the type at the place itself, else the types."""
    here = field_name(path)
    deeper = [p for branch in branches for p in branch[:1] if not (p.keyword == "type" and p.field == here)]
    if deeper:
        return deeper[0]
    reasons = sorted({p.reason for branch in branches for p in branch})
    place = tuple(ITEMS if isinstance(part, int) else part for part in path)
    return Problem(here, place, "anyOf", " or ".join(reasons) or "has none of the allowed forms")


class RequestCheck:
    """The check of one operation's request body, compiled once."""

    __slots__ = ("_explained", "_strict", "is_valid", "pictures", "schema", "source")

    def __init__(self, schema: dict[str, Any], *, strict: bool) -> None:
        self.source = schema
        self._strict = strict
        self.schema = as_played(schema, strict=strict)
        self.is_valid = jsonschema_rs.validator_for(self.schema).is_valid
        told = as_played(schema, strict=True) if strict else schema
        self._explained = jsonschema_rs.validator_for(told, mask=MASK)
        self.pictures = dict(pictures(schema))

    def problem(self, request: Any) -> Problem:
        """What is wrong with a request that is not valid: the first problem in the order of field names."""
        bare = request if self._strict else without_empty(request, self.source)
        found = [explain(error) for error in islice(self._explained.iter_errors(bare), MOST_EXPLAINED)]
        if not found:
            return Problem("", (), "", "does not match the document")
        return min(found, key=lambda p: (p.field, p.keyword != "type", p.keyword))

    def refusal(self, request: Any) -> Refused:
        """The refusal of a request that is not valid."""
        problem = self.problem(request)
        if problem.keyword == "pattern" and problem.place in self.pictures:
            return Refused("invalid_base64", field=problem.field)
        if not problem.field:
            return Refused("invalid_request", reason=f"the body {problem.reason}")
        return Refused(
            "invalid_parameter",
            field=problem.field,
            keyword=problem.keyword,
            reason=problem.reason,
            value=problem.value,
            options=problem.options,
        )


class ParameterCheck:
    """The check of one query parameter: text to a value of the schema's type."""

    __slots__ = ("_validator", "default", "name", "type")

    def __init__(self, name: str, schema: dict[str, Any]) -> None:
        self.name = name
        self.type = schema.get("type", "string")
        self.default = schema.get("default")
        self._validator = jsonschema_rs.validator_for(schema)

    def read(self, texts: Sequence[str]) -> Any:
        """The last of the values given, each of which must be valid; the default when there is none."""
        value = self.default
        for text in texts:
            value = int(text) if self.type == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text) else text
            for error in self._validator.iter_errors(value):
                raise Refused("invalid_parameter", field=self.name, reason=explain(error).reason)
        return value
