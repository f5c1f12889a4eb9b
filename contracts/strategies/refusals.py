"""Requests that must be refused: one fault each in a bare request, so a finding is already small."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.contracts.strategies import values
from understudy.contracts.strategies.values import bare
from understudy.specs.behaviour import UNDOCUMENTED
from understudy.specs.behaviour.rules import RULE
from understudy.specs.pointers import at, put, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.contracts.target_family import TargetFamily

INVALID = ("invalid_request", "invalid_parameter", "invalid_base64")
ABSENT: Any = object()

MISSING = "refuses-missing-fields"
TYPES = "refuses-wrong-types"
LIMITS = "refuses-beyond-limits"
ENUMS = "refuses-unknown-values"
MODELS = "refuses-invented-models"
PICTURES = "refuses-malformed-pictures"
BODIES = "refuses-malformed-bodies"
MISFITS = "refuses-fields-that-do-not-fit"


@dataclass(frozen=True, slots=True)
class Bad:
    """A request that must be refused, the promise it holds the provider to, and the field at fault."""

    promise: str
    aim: str
    pointer: str
    keyword: str
    body: bytes | dict[str, Any]


def refusals(family: TargetFamily, image: str | None = None) -> Iterator[Bad]:
    """Every field's limits, just outside; each request is checked against the schema to be truly invalid."""
    seen = set()
    for bad in _all(family, image):
        if isinstance(bad.body, bytes):
            if not family.form:
                yield bad
            continue
        wrong = bad.keyword == RULE or not family.request_shape.takes(family.as_sent(bad.body))
        if wrong and repr(bad.body) not in seen:
            seen.add(repr(bad.body))
            yield bad


def _all(family: TargetFamily, image: str | None) -> Iterator[Bad]:
    base = bare(family, image)
    for pointer, schema in _places("", family.request, base):
        whole = _with_parents(base, pointer, family.request)
        for promise, aim, keyword, value in _faults(schema):
            yield _set(whole, promise, f"{pointer[1:]}: {aim}", pointer, keyword, value)
    for pointer, schema in [("", family.request), *_places("", family.request, base)]:
        for name in schema.get("required", ()) if isinstance(at(base, pointer), dict) else ():
            gone = f"{pointer}/{name}"
            yield _set(base, MISSING, f"without {gone[1:]}", gone, "required", ABSENT)
            yield _set(base, MISSING, f"null for {gone[1:]}", gone, "required", None)
    yield from _misfits(family, image)
    yield from _bodies()


def _misfits(family: TargetFamily, image: str | None) -> Iterator[Bad]:
    """The example of each rule across fields that breaks it, where such a request is known to be refused."""
    rules = family.behaviour.rules
    for rule in rules.rules if rules is not None else ():
        if rule.refuses and rule.breaks is not None:
            body = values.with_pictures(rule.breaks, family.request, image)
            yield Bad(MISFITS, f"{rule.id}: {rule.says}", text_of(rule.place), RULE, body)


def _places(prefix: str, schema: Mapping[str, Any], base: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(pointer, schema) of every field, and of what is inside the first item of a list."""
    for name, inner in schema.get("properties", {}).items():
        pointer = f"{prefix}/{name}"
        if inner.get(UNDOCUMENTED):
            continue
        yield pointer, inner
        yield from _places(pointer, inner, base)
        if isinstance(inner.get("items"), dict) and at(base, f"{pointer}/0") is not None:
            item = f"{pointer}/0"
            yield item, inner["items"]
            yield from _places(item, inner["items"], base)


def _with_parents(base: dict[str, Any], pointer: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the objects that a field stands in, each with all that it requires: one fault, not two."""
    body = copy.deepcopy(base)
    node: Any = body
    for name in pointer.split("/")[1:-1]:
        if not isinstance(node, dict) or name not in schema.get("properties", {}):
            break
        schema = schema["properties"][name]
        node = node.setdefault(name, values.example(schema))
    return body


def _set(base: dict[str, Any], promise: str, aim: str, pointer: str, keyword: str, value: Any) -> Bad:
    body = copy.deepcopy(base)
    if "/0" in pointer:
        _set_in_list(body, pointer, value)
    elif value is ABSENT:
        holder = at(body, pointer.rpartition("/")[0], body)
        holder.pop(pointer.rpartition("/")[2], None)
    else:
        put(body, pointer, value)
    return Bad(promise, aim, pointer, keyword, body)


def _set_in_list(body: dict[str, Any], pointer: str, value: Any) -> None:
    holder, _, last = pointer.rpartition("/")
    place = at(body, holder)
    if isinstance(place, list):
        place[int(last)] = value
    elif isinstance(place, dict) and value is ABSENT:
        place.pop(last, None)
    elif isinstance(place, dict):
        place[last] = value


def _faults(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """(promise, what is wrong, keyword, value) just outside each limit of one field."""
    yield from _wrong_types(schema)
    yield from _alike(schema)
    if "enum" in schema:
        dated = "x-dated" in schema
        word = "no-such-model-9" if dated else "fast-and-wide"
        aim = "an invented name" if dated else "an unknown value"
        yield (MODELS if dated else ENUMS), aim, "enum", word
    if schema.get("minimum", 0) > 0 and schema.get("type") == "integer":
        yield LIMITS, "-1, below the minimum", "minimum", -1
    if "minimum" in schema:
        yield LIMITS, f"{schema['minimum'] - 1}, below the minimum", "minimum", schema["minimum"] - 1
    if "maximum" in schema:
        yield LIMITS, f"{schema['maximum'] + 1}, above the maximum", "maximum", schema["maximum"] + 1
        if schema.get("type") == "integer":
            yield LIMITS, "a number of 30 digits", "maximum", 10**29
    if "maxLength" in schema:
        high = int(schema["maxLength"])
        yield LIMITS, f"{high + 1} characters", "maxLength", "a" * (high + 1)
    if schema.get("minLength") and values.IMAGE not in schema:
        yield LIMITS, "an empty text", "minLength", ""
    if schema.get("type") == "array":
        yield from _items(schema)
    if values.IMAGE in schema and "pattern" in schema:
        good = values.picture(schema[values.IMAGE])
        yield PICTURES, "a data: prefix before the Base64", "pattern", f"data:image/png;base64,{good}"
        yield PICTURES, "text that is no Base64", "pattern", "this is !! no Base64 *"


def _alike(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Values of a wrong type, or none of the enumeration, that a lenient reader takes for the right one."""
    if schema.get("type") == "integer":
        yield TYPES, "a number in quotes for an integer", "type", str(values.example(schema))
        yield TYPES, "true for an integer", "type", True
    words = [v for v in schema.get("enum", ()) if isinstance(v, str)] if "x-dated" not in schema else []
    if words:
        cased = words[0].swapcase()
        yield (
            (ENUMS, f"{cased!r}, in other case", "enum", cased)
            if cased not in schema["enum"]
            else (ENUMS, f"{words[0]!r} with a space behind it", "enum", f"{words[0]} ")
        )


def _items(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    item = values.example(schema.get("items", {}))
    if schema.get("items") and not isinstance(item, list):
        yield TYPES, "one item that is in no list for an array", "type", item
    if schema.get("minItems"):
        yield LIMITS, f"{schema['minItems'] - 1} items", "minItems", [item] * (int(schema["minItems"]) - 1)
    if "maxItems" in schema:
        yield LIMITS, f"{schema['maxItems'] + 1} items", "maxItems", [item] * (int(schema["maxItems"]) + 1)


def _wrong_types(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    wrong: dict[str, list[tuple[str, Any]]] = {
        "string": [("a number", 5), ("an object", {"a": 1})],
        "integer": [("a text", "many"), ("a fraction", 1.5)],
        "number": [("a text", "many")],
        "boolean": [("a text", "yes")],
        "array": [("a text", "one"), ("an object", {"0": "a"})],
        "object": [("a text", "one"), ("a list", [1])],
    }
    kind = schema.get("type")
    if not isinstance(kind, str):
        return
    for aim, value in wrong.get(kind, []):
        yield TYPES, f"{aim} for {'an' if kind[0] in 'aio' else 'a'} {kind}", "type", value


def _bodies() -> Iterator[Bad]:
    yield Bad(BODIES, "a body that is no JSON", "", "json", b'{"prompt": "a", ')
    yield Bad(BODIES, "a list for a body", "", "type", b"[]")
    yield Bad(BODIES, "no body", "", "json", b"")
    yield Bad(BODIES, "bytes that are no UTF-8", "", "json", b'{"prompt": "\xff\xfe"}')


def list_refusals(family: TargetFamily) -> Iterator[tuple[str, str, str]]:
    """(parameter, value, what is wrong) of query parameters just outside their limits."""
    for name, schema in family.list_parameters.items():
        for keyword, step in (("minimum", -1), ("maximum", 1)):
            if keyword in schema:
                side = "below" if step < 0 else "above"
                yield name, str(schema[keyword] + step), f"{name} {side} its {keyword}"
        if schema.get("type") == "integer":
            yield name, "many", f"{name} that is no number"


def list_edges(family: TargetFamily) -> Iterator[tuple[str, str, str]]:
    """(parameter, value, what it is) of query parameters just inside their limits."""
    for name, schema in family.list_parameters.items():
        for keyword in ("minimum", "maximum"):
            if keyword in schema:
                yield name, str(schema[keyword]), f"{name} at its {keyword}"
