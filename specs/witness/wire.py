"""Parameter and header values as they stand in a message, and what a reader takes them for.

The styles are those of OpenAPI 3.1, Parameter Object, "Style Values". Percent-encoding is left out: it is the
same on both sides.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specs.diff.api import Parameter

# (key, text) pairs: several for an exploded query parameter, one for most others
Wire = tuple[tuple[str, str], ...]
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
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


def write(parameter: Parameter, value: Any) -> Wire:
    """`value` in the style of `parameter`.

    ids, form, exploded: [1, 2] -> (("ids", "1"), ("ids", "2")); not exploded: (("ids", "1,2"),)
    """
    name = parameter.name
    if parameter.media:
        return ((name, json.dumps(value, ensure_ascii=False)),)
    if isinstance(value, dict):
        return _write_object(parameter, {k: text_of(v) for k, v in value.items()})
    if isinstance(value, list):
        return _write_array(parameter, [text_of(v) for v in value])
    return ((name, _prefix(parameter) + text_of(value)),)


def _prefix(parameter: Parameter) -> str:
    return {"label": ".", "matrix": f";{parameter.name}="}.get(parameter.style, "")


def _write_array(parameter: Parameter, texts: list[str]) -> Wire:
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


def _write_object(parameter: Parameter, texts: dict[str, str]) -> Wire:
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


def blank(parameter: Parameter, value: Any) -> bool:
    """Whether some of what stands on the wire for `value` is empty, which is hard to see."""
    wire = write(parameter, value)
    return not wire or any(text in ("", _prefix(parameter)) for _, text in wire)


def spelled(parameter: Parameter, wire: Wire) -> str:
    """What stands on the wire, for a person: "ids=a&ids=b"; of a single text that alone."""
    if len(wire) == 1 and (wire[0][0] == parameter.name or parameter.location == "path"):
        return wire[0][1] or "empty"
    return "&".join(f"{key}={text}" for key, text in wire)


def shapes(parameter: Parameter, wire: Wire) -> list[Any]:
    """What `wire` may be read as, texts not yet made numbers: a text, a list of texts, a mapping of texts.

    The reader's schema decides which of them it is.
    """
    name = parameter.name
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


def _scalar(parameter: Parameter, text: str) -> str | None:
    prefix = _prefix(parameter)
    return text[len(prefix) :] if text.startswith(prefix) else None


def _array(parameter: Parameter, own: list[str]) -> list[str] | None:
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


def _object(parameter: Parameter, wire: Wire, own: list[str]) -> dict[str, str] | None:
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
    if NUMBER.match(text) and len(text) < 30:
        number = float(text)
        return [int(text) if text.lstrip("-").isdigit() else number, text]
    return [None, text] if text == "null" else [text]


def readings(shape: Any) -> list[Any]:
    """All values that a shape may stand for; of lists, those with all or no texts made special."""
    if isinstance(shape, str):
        return typed(shape)
    if isinstance(shape, list):
        return [[typed(t)[0] if isinstance(t, str) else t for t in shape], shape]
    if isinstance(shape, dict):
        special = {k: typed(t)[0] if isinstance(t, str) else t for k, t in shape.items()}
        mixed = [{**shape, k: v} for k, v in special.items() if v is not shape[k]]
        return [special, *mixed[:20], shape]
    return [shape]
