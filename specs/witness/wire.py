"""Parameter and header values as they stand in a message, and what a reader takes them for.

The styles are those of OpenAPI 3.1, Parameter Object, "Style Values". Percent-encoding is left out: it is the
same on both sides.
"""

from __future__ import annotations

import json
import math
import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.algebra import Judge
    from understudy.specs.diff.records import ApiParameter

# (key, text) pairs: several for an exploded query parameter, one for most others
Wire = tuple[tuple[str, str], ...]
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
# Digits beyond which a text is no number: longer ones are read by nobody.
LONGEST_NUMBER = 400
FORM = "application/x-www-form-urlencoded"


class _Unread:
    """No value at all, which None is not."""


UNREAD: Any = _Unread()
SEPARATORS = {
    "form": ",",
    "simple": ",",
    "spaceDelimited": " ",
    "pipeDelimited": "|",
    "label": ",",
    "matrix": ",",
}


def text_of(value: Any) -> str:
    """A scalar as text: True -> "true", 1.0 -> "1", None -> "null"."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(parameter: ApiParameter, value: Any) -> Wire:
    """`value` in the style of `parameter`.

    ids, form, exploded: [1, 2] -> (("ids", "1"), ("ids", "2")); not exploded: (("ids", "1,2"),)
    """
    name = parameter.name
    if parameter.media == FORM and isinstance(value, dict):
        return ((name, urlencode({k: text_of(v) for k, v in value.items()})),)
    if parameter.media:
        return ((name, json.dumps(value, ensure_ascii=False)),)
    if isinstance(value, dict):
        return _write_object(parameter, {k: text_of(v) for k, v in value.items()})
    if isinstance(value, list):
        return _write_array(parameter, [text_of(v) for v in value])
    return ((name, _prefix(parameter) + text_of(value)),)


def _prefix(parameter: ApiParameter) -> str:
    return {"label": ".", "matrix": f";{parameter.name}="}.get(parameter.style, "")


def _write_array(parameter: ApiParameter, texts: list[str]) -> Wire:
    name, style = parameter.name, parameter.style
    separator = SEPARATORS.get(style, ",")
    if not texts:
        return ((name, ""),)  # "ids=": the styles leave an empty list open, and this is what senders write
    if style == "label":
        return ((name, "." + (".", ",")[not parameter.explode].join(texts)),)
    if style == "matrix":
        parts = [f";{name}={text}" for text in texts]
        return ((name, "".join(parts) if parameter.explode else f";{name}=" + ",".join(texts)),)
    if parameter.explode and style in ("form", "spaceDelimited", "pipeDelimited"):
        return tuple((name, text) for text in texts)
    return ((name, separator.join(texts)),)


def _write_object(parameter: ApiParameter, texts: dict[str, str]) -> Wire:
    name, style = parameter.name, parameter.style
    flat = [part for pair in texts.items() for part in pair]
    if style == "deepObject":
        return tuple((f"{name}[{key}]", text) for key, text in texts.items())
    if style == "form" and parameter.explode:
        return tuple(texts.items())
    if style in ("label", "matrix") or parameter.explode:
        between = {"label": ".", "matrix": ";"}.get(style, SEPARATORS.get(style, ","))
        lead = {"label": ".", "matrix": ";"}.get(style, "")
        if parameter.explode:
            return ((name, lead + between.join(f"{key}={text}" for key, text in texts.items())),)
        return ((name, _prefix(parameter) + ",".join(flat)),)
    return ((name, SEPARATORS.get(style, ",").join(flat)),)


def blank(parameter: ApiParameter, value: Any) -> bool:
    """Whether some of what stands on the wire for `value` is empty, which is hard to see."""
    wire = write(parameter, value)
    return not wire or any(text in ("", _prefix(parameter)) for _, text in wire)


def spelled(parameter: ApiParameter, wire: Wire) -> str:
    """What stands on the wire, for a person: "ids=a&ids=b"; of a single text that alone."""
    if len(wire) == 1 and (wire[0][0] == parameter.name or parameter.location == "path"):
        return wire[0][1] or "empty"
    return "&".join(f"{key}={text}" for key, text in wire)


def shapes(parameter: ApiParameter, wire: Wire) -> list[Any]:
    """What `wire` may be read as, texts not yet made numbers: a text, a list of texts, a mapping of texts.

    The reader's schema decides which of them it is.
    """
    name = parameter.name
    if parameter.media == FORM:
        return [dict(parse_qsl(wire[0][1], keep_blank_values=True))] if len(wire) == 1 else []
    if parameter.media:
        try:
            return [json.loads(wire[0][1])] if len(wire) == 1 else []
        except ValueError:
            return []
    found: list[Any] = []
    own = [text for key, text in wire if key.lower() == name.lower()]
    if len(own) == 1 and len(wire) == 1:
        found.append(_scalar(parameter, own[0]))
    if own and len(own) == len(wire):
        found.append(_array(parameter, own))
    mapping = _object(parameter, wire, own)
    if mapping is not None:
        found.append(mapping)
    return [shape for shape in found if shape is not None]


def _scalar(parameter: ApiParameter, text: str) -> str | None:
    prefix = _prefix(parameter)
    return text[len(prefix) :] if text.startswith(prefix) else None


def _array(parameter: ApiParameter, own: list[str]) -> list[str] | None:
    style = parameter.style
    if own == [""]:
        return []
    if parameter.explode and style in ("form", "spaceDelimited", "pipeDelimited"):
        return own
    if len(own) != 1:
        return None
    text = _scalar(parameter, own[0])
    if text is None:
        return None
    if style == "matrix" and parameter.explode:
        return text.split(f";{parameter.name}=")
    separator = "." if style == "label" and parameter.explode else SEPARATORS.get(style, ",")
    return text.split(separator) if text else []


def _object(parameter: ApiParameter, wire: Wire, own: list[str]) -> dict[str, str] | None:
    style = parameter.style
    if style == "deepObject":
        found = {}
        for key, text in wire:
            match = re.fullmatch(rf"{re.escape(parameter.name)}\[(.*)\]", key, re.DOTALL)
            if match is None:
                return None
            found[match[1]] = text
        return found
    if style == "form" and parameter.explode:
        return dict(wire)
    if len(own) != 1 or len(wire) != 1:
        return None
    whole = _scalar(parameter, own[0])
    if style in ("label", "matrix") and parameter.explode:
        whole = own[0].lstrip(".;")
    if whole is None:
        return None
    separator = (
        {"label": ".", "matrix": ";"}.get(style, ",") if parameter.explode else SEPARATORS.get(style, ",")
    )
    parts = whole.split(separator)
    if parameter.explode:
        return dict(part.split("=", 1) for part in parts) if all("=" in part for part in parts) else None
    return dict(zip(parts[::2], parts[1::2], strict=True)) if len(parts) % 2 == 0 else None


def typed(text: str) -> list[Any]:
    """What one text may mean, most special first: "5" -> 5, "5"; "true" -> True, "true"."""
    if text in ("true", "false"):
        return [text == "true", text]
    if text == "null":
        return [None, text]
    if NUMBER.match(text) and len(text) < LONGEST_NUMBER:
        if text.lstrip("-").isdigit():
            return [int(text), text]
        number = float(text)
        return [number, text] if math.isfinite(number) else [text]
    return [text]


def taken(judge: Judge, shape: Any) -> bool:
    """Whether some value that a shape may stand for is taken."""
    return reading(judge, shape) is not UNREAD


def reading(judge: Judge, shape: Any) -> Any:
    """The first value that a shape may stand for and that is taken, or UNREAD."""
    if isinstance(shape, str):
        return next((v for v in typed(shape) if judge.takes(v)), UNREAD)
    if isinstance(shape, list):
        return _fitting(
            judge, {n: typed(t) if isinstance(t, str) else [t] for n, t in enumerate(shape)}, list
        )
    if isinstance(shape, dict):
        return _fitting(judge, {k: typed(t) if isinstance(t, str) else [t] for k, t in shape.items()}, dict)
    return shape if judge.takes(shape) else UNREAD


def same_text(one: Any, other: Any) -> bool:
    """Whether two readings are one to who sees texts: 5 and "5", and a list of one item and that item."""
    return bool(_meaning(one) == _meaning(other))


def _meaning(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _meaning(part) for key, part in value.items()}
    if isinstance(value, list):
        items = [_meaning(item) for item in value]
        return items[0] if len(items) == 1 else items
    return text_of(value)


def read_texts(judge: Judge, ways: dict[str, list[Any]]) -> bool:
    """Whether an object is taken, of whose properties each may be one of several values."""
    return _fitting(judge, ways, dict) is not UNREAD


def _fitting(judge: Judge, ways: Mapping[Any, list[Any]], kind: type) -> Any:
    """The first list or object that is taken: what is refused is read in its next way."""
    turn = dict.fromkeys(ways, 0)

    def made() -> Any:
        found = {key: ways[key][n] for key, n in turn.items()}
        return list(found.values()) if kind is list else found

    for _ in range(sum(len(several) for several in ways.values()) + 1):
        value = made()
        if judge.takes(value):
            return value
        places = [refusal.path[0] for refusal in judge.refusals(value, 40) if refusal.path]
        stuck = next((p for p in places if p in turn and turn[p] + 1 < len(ways[p])), None)
        if stuck is None:
            break
        turn[stuck] += 1
    # A choice refuses as a whole: then all are read as texts, and all but one as what they look like.
    for tries in _others(ways):
        turn = tries
        if judge.takes(made()):
            return made()
    return UNREAD


def _others(ways: Mapping[Any, list[Any]]) -> Iterator[dict[Any, int]]:
    yield {key: len(several) - 1 for key, several in ways.items()}
    for key, several in islice(ways.items(), 20):
        for n in range(len(several)):
            yield {**dict.fromkeys(ways, 0), key: n}
            yield {**{k: len(s) - 1 for k, s in ways.items()}, key: n}
