"""The values of each request field that are worth trying, read off its schema."""

from __future__ import annotations

import base64
import copy
import struct
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour import UNDOCUMENTED
from understudy.specs.behaviour.forms import is_bytes
from understudy.specs.pointers import put, text_of, with_member
from understudy.specs.schema_values import fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from understudy.contracts.target_family import TargetFamily

# Not ASCII, beyond the basic plane, joined by zero width, in two lines: what breaks naive string handling.
UNICODE = "小猫 and a fox 🦊\nin the snow, é́ 👩‍🚀 «日本»"
PLAIN = "A red fox beside a lighthouse at dawn"

TYPICAL, TEXT, EDGE, EMPTY, ENUM = "typical", "unicode", "edge", "empty", "enum"
# An external id of a certain look, a callback URL, and what nobody documents: null, an unknown field.
IDENTIFIER, CALLBACK, ODD = "identifier", "callback", "odd"
IMAGE = "x-image"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of one field; `kind` says what a refusal of it would mean, `label` names it in reports."""

    pointer: str
    label: str
    kind: str
    value: Any = field(default=None, compare=False)

    @property
    def goal(self) -> str:
        return f"{self.pointer}={self.label}"


def png(width: int, height: int) -> bytes:
    """A valid PNG of one grey: some hundred bytes whatever its size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + b"\xaa" * ((width + 7) // 8)) * height
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def picture(rule: Mapping[str, Any]) -> str:
    """A picture inside the limits of an `x-image` rule, as raw Base64."""
    return _square(max(512, int(rule.get("min_side", 0))))


def small_picture(rule: Mapping[str, Any]) -> str | None:
    """A picture below the smallest side that the rule allows, or None when it names none."""
    side = int(rule.get("min_side", 0))
    return _square(max(1, side // 10)) if side > 1 else None


@cache  # a plan asks for the same picture some thousand times
def _square(side: int) -> str:
    return base64.b64encode(png(side, side)).decode()


def example(schema: Mapping[str, Any], image: str | None = None) -> Any:
    """The plainest value that a schema takes, its own example first; `image` stands for every picture.

    An example may be the vendor's where the provider takes other values or wants more: it is made to fit.
    """
    for one in schema.get("examples", ()):
        if fits(one, schema):
            return with_pictures(_whole(one, schema, image), schema, image)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema.get("default", schema["enum"][0])
    if IMAGE in schema or is_bytes(schema):
        return image or picture(schema.get(IMAGE, {}))
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        known = schema.get("properties", {})
        return {name: example(known.get(name, {}), image) for name in schema.get("required", ())}
    if kind == "array":
        return [example(schema.get("items", {}), image)] * max(1, int(schema.get("minItems", 0)))
    if kind in ("integer", "number"):
        return schema.get("default", schema.get("minimum", 1))
    if kind == "boolean":
        return True
    limit = int(schema.get("maxLength", len(PLAIN)))
    return PLAIN[:limit].ljust(int(schema.get("minLength", 0)), "a")


def _whole(value: Any, schema: Mapping[str, Any], image: str | None) -> Any:
    """An example with every field that is required, and without values that their fields do not take."""
    if isinstance(value, list):
        return [_whole(item, schema.get("items", {}), image) for item in value]
    if not isinstance(value, dict):
        return value
    known = schema.get("properties", {})
    whole = {}
    for name in (*value, *(name for name in schema.get("required", ()) if name not in value)):
        inner = known.get(name, {})
        fit = name in value and fits(value[name], inner)
        whole[name] = _whole(value[name], inner, image) if fit else example(inner, image)
    return whole


def with_pictures(value: Any, schema: Mapping[str, Any], image: str | None = None) -> Any:
    """A copy of an example in which every picture can be read: an example's address leads nowhere."""
    if IMAGE in schema and value:
        return image or picture(schema[IMAGE])
    if isinstance(value, dict):
        known = schema.get("properties", {})
        return {name: with_pictures(part, known.get(name, {}), image) for name, part in value.items()}
    if isinstance(value, list):
        return [with_pictures(part, schema.get("items", {}), image) for part in value]
    return value


def bare(family: TargetFamily, image: str | None = None) -> dict[str, Any]:
    """The smallest request that the family's schema takes."""
    body = example(family.request, image)
    return copy.deepcopy(body) if isinstance(body, dict) else {}


def largest(family: TargetFamily) -> dict[str, Any]:
    """The bare request with as many results as one may ask for."""
    path = family.behaviour.result.count.path or ()
    schema = family.request
    for name in path:
        schema = schema.get("properties", {}).get(name, {})
    body = bare(family)
    if path and isinstance(schema.get("maximum"), int):
        put(body, text_of(path), schema["maximum"])
    return body


def build(family: TargetFamily, chosen: tuple[Choice, ...], image: str | None = None) -> dict[str, Any]:
    """The bare request with the chosen values set."""
    body = bare(family, image)
    for choice in chosen:
        if choice.kind not in (IDENTIFIER, CALLBACK):  # those are filled in when it is sent
            put(body, choice.pointer, copy.deepcopy(choice.value))
    return body


def together(family: TargetFamily, chosen: Iterable[Choice], image: str | None = None) -> tuple[Choice, ...]:
    """Of some values those that fit together, the first ones first, by the rules across fields."""
    rules = family.behaviour.rules
    if rules is None:
        return tuple(chosen)
    kept: list[Choice] = []
    body = bare(family, image)
    fits = rules.fits(body)
    for choice in chosen:
        if choice.kind in (IDENTIFIER, CALLBACK):  # as in `build`
            kept += [choice] if fits else []
            continue
        tried = with_member(body, choice.pointer, choice.value)
        if rules.fits(tried):
            body, fits = tried, True
            kept.append(choice)
    return tuple(kept)


def identifiers(family: TargetFamily) -> list[Choice]:
    """Looks of external ids: `value` holds {} where the fresh part goes.

    A slash is not among them: many servers decode a path before they split it.
    """
    place = family.place("external_id") if "external_id" in family.sent else ""
    looks = {
        "upper and lower case": "Order-{}-AbC",
        "characters beyond ASCII": "订单-é-{}",
        "64 characters": "{}",
        "reserved characters": "a b?c=d&e#f%g+{}",
    }
    return [Choice(place, label, IDENTIFIER, text) for label, text in looks.items()] if place else []


def mixed(family: TargetFamily) -> Choice:
    """An external id with characters of all those looks."""
    return Choice(family.place("external_id"), "characters of all kinds", IDENTIFIER, "订单-é a&b+C<d>-{}")


def odd_choices(family: TargetFamily) -> tuple[Choice, ...]:
    """What clients send beside the documents: null for fields that are optional, a field nobody documents."""
    special = {family.place("external_id"), family.place("callback_url")}
    optional = [
        p for p, schema, required in fields(family)
        if not required and p not in special and p.count("/") == 1 and schema.get("type") != "object"
    ]  # fmt: skip
    nulls = tuple(Choice(p, "null", ODD, None) for p in optional[-2:])
    return (*nulls, Choice("/x_client_version", "an unknown field", ODD, "1.0"))


def fields(family: TargetFamily) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """(pointer, schema, required) of every field that can be set on its own; inner objects are flattened."""
    yield from _fields("", family.request)


def _fields(prefix: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        pointer = f"{prefix}/{name}"
        if inner.get(UNDOCUMENTED):
            continue
        if inner.get("type") == "object" and inner.get("properties") and not inner.get("required"):
            yield from _fields(pointer, inner)
        else:
            yield pointer, inner, name in required


def choices(family: TargetFamily, image: str | None = None) -> dict[str, list[Choice]]:
    """Field pointer -> the values to cover, the plain ones first; absence is not among them."""
    special = {family.place("external_id"), family.place("callback_url")}
    if family.behaviour.source is not None:
        special.add(text_of(family.behaviour.source.field))  # a result of the account, and nothing else
    out = {}
    for pointer, schema, required in fields(family):
        if pointer not in special:
            found = [c for c in _choices(pointer, schema, image) if not (required and c.kind == EMPTY)]
            out[pointer] = [c for c in found if _fits(family, c)]
    return {pointer: found for pointer, found in out.items() if found}


def _fits(family: TargetFamily, choice: Choice) -> bool:
    body = bare(family)
    put(body, choice.pointer, choice.value)
    rules = family.behaviour.rules
    return family.request_shape.takes(body) and (rules is None or rules.fits(body))


def _choices(pointer: str, schema: Mapping[str, Any], image: str | None) -> Iterator[Choice]:
    kind = schema.get("type")
    if "enum" in schema:
        # An enum that moves is dated evidence: only today's name is promised.
        names = [example(schema)] if "x-dated" in schema else schema["enum"]
        yield from (Choice(pointer, str(v), ENUM, v) for v in names)
    elif kind == "boolean":
        yield from (Choice(pointer, str(v).lower(), TYPICAL, v) for v in (True, False))
    elif kind == "integer":
        yield from _integers(pointer, schema)
    elif kind == "array":
        yield from _arrays(pointer, schema, image)
    elif IMAGE in schema:
        yield Choice(pointer, "picture", TYPICAL, image or picture(schema[IMAGE]))
        yield Choice(pointer, "empty", EMPTY, "")
    elif kind == "string" and "pattern" not in schema and not is_bytes(schema):
        yield from _strings(pointer, schema)


def _integers(pointer: str, schema: Mapping[str, Any]) -> Iterator[Choice]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None:
        yield Choice(pointer, f"minimum {low}", EDGE, low)
        if high is None or low + 1 < high:
            yield Choice(pointer, str(low + 1), TYPICAL, low + 1)
    if high is not None and high != low:
        yield Choice(pointer, f"maximum {high}", EDGE, high)


def _arrays(pointer: str, schema: Mapping[str, Any], image: str | None) -> Iterator[Choice]:
    item = example(schema.get("items", {}), image)
    low, high = int(schema.get("minItems", 1)), schema.get("maxItems")
    yield Choice(pointer, f"{max(1, low)} items", EDGE, [item] * max(1, low))
    if high is not None and high > max(1, low):
        yield Choice(pointer, f"maximum {high} items", EDGE, [item] * int(high))
    # Such a list chooses, which callbacks are sent for one: with a single word the others would go unseen.
    words = schema.get("items", {}).get("enum", ())
    if len(words) > 1 and (high is None or len(words) <= int(high)):
        yield Choice(pointer, f"all {len(words)} values", ENUM, list(words))


def _strings(pointer: str, schema: Mapping[str, Any]) -> Iterator[Choice]:
    yield Choice(pointer, "text", TYPICAL, example(schema))
    if "format" in schema:
        return
    high = schema.get("maxLength")
    if high is None or high >= len(UNICODE):
        yield Choice(pointer, "emoji, Chinese, two lines", TEXT, UNICODE)
    if high is not None:
        # Of three bytes each, and the last of two UTF-16 units: a limit that is counted in either is found.
        yield Choice(pointer, f"maximum {high} characters", EDGE, ("猫" * int(high) + "🦊")[-int(high) :])
    yield Choice(pointer, "empty", EMPTY, "")
