"""Fields described in JSON, by their names or one after the other, rewritten as a list of fields.

{"bodyFields": {"size": {"type": "string",               POST
   "enum": ["s", "l"], "required": false}},           →  - `size` (string, optional)
 "method": "POST"}                                          - Options: `s`, `l`

{"parameters": [{"name": "size", "type": "string"}]}  →  - `size` (string)

What is read is what a schema says in its own words. A JSON Schema, which has `properties`, is none of this.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import FENCE, METHODS, parse_type
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import BrokenError, Node, TooLargeError, scalar_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "fields described in JSON"
MAX_CHARACTERS = 300_000
MAX_VALUES = 5_000
MAX_BLOCKS = 20
MIN_FIELDS = 2

_BEGINS = re.compile(r"^(?=[ \t]{0,4}[{\[])", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_][\w-]{0,79}\Z")
# What is said of a field, by the keyword. An object with any other describes none.
_SAYS = {
    "minLength": "min length", "maxLength": "max length", "minItems": "min items", "maxItems": "max items",
    "minimum": "min", "maximum": "max", "min": "min", "max": "max",
}  # fmt: skip
_KNOWN = frozenset(
    ("name", "type", "description", "required", "default", "enum", "options", "example", "examples", "title",
     "format", *_SAYS)
)  # fmt: skip
_TELLING = frozenset(("type", "description"))
_URL = re.compile(r"(?:https?://[^/\s]{1,200})?/[^\s?#]{1,300}\Z")
# Types as a language says them: "\"a\" | \"b\"".
_TEXTS = re.compile(r"[\"'][^\"']{1,80}[\"'](?:\s?\|\s?[\"'][^\"']{1,80}[\"']){0,60}\Z")


def recognises(document: Document) -> bool:
    """Whether the text has such an object, and no line of it is a row or an entry that others read."""
    text = document.text
    if len(text) > MAX_CHARACTERS or '"description"' not in text or '"type"' not in text:
        return False
    return any(True for _ in _found(document))


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The page with a list of fields where each such object stands."""
    out: list[tuple[int, str]] = []
    at = 1
    for first, last, root, fields in _found(document):
        start, end = _with_fence(document.lines, first, last)
        out += [(number, document.lines[number - 1]) for number in range(at, start)]
        out += [(start, ""), *_call(root), *_listed(fields), (end, "")]
        at = end + 1
    out += [(number, document.lines[number - 1]) for number in range(at, len(document.lines) + 1)]
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _with_fence(lines: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """The first and the last line of a block, with those of the fence around it."""
    is_fenced = first > 1 and last < len(lines) and all(FENCE.match(lines[n]) for n in (first - 2, last))
    return (first - 1, last + 1) if is_fenced else (first, last)


Fields = list[tuple[str, Node]]


def _found(document: Document) -> Iterator[tuple[int, int, Node, Fields]]:
    """The objects that describe fields: first and last line, the object, each name and what is said of it."""
    at = 0
    for _ in range(MAX_BLOCKS):
        begins = _BEGINS.search(document.text, at)
        if begins is None:
            return
        lead = document.text[begins.end() : begins.end() + 5]
        start = begins.end() + len(lead) - len(lead.lstrip())
        try:
            parsed = parse_json(document.text, start, document.line_at(start), MAX_VALUES)
        except (BrokenError, TooLargeError):
            at = document.text.find("\n", start) + 1 or len(document.text)
            continue
        at = max(parsed.end, start + 1)
        fields = _fields(parsed.root)
        if fields:
            yield document.line_at(start), document.line_at(at - 1), parsed.root, fields


def _fields(root: Node) -> Fields:
    """The fields that an object describes, itself or under one of its keys; [] where it describes none."""
    if root.get("properties") is not None or root.get("openapi") is not None:
        return []
    for part in [root, *(value for _, value in root.pairs)]:
        named = [(key.text, value) for key, value in part.pairs]
        named += [(name.text, item) for item in part.items if (name := item.get("name")) is not None]
        is_whole = len(named) == len(part.pairs) + len(part.items)
        if len(named) >= MIN_FIELDS and is_whole and all(_describes(name, said) for name, said in named):
            return named
    return []


def _describes(name: str, said: Node) -> bool:
    keys = {key.text for key, _ in said.pairs}
    type_ = said.get("type")
    # What is listed by name may be anything that has a type, a voice or a model: it must be one of JSON's.
    is_typed = bool(_type(type_)) if type_ is not None else "name" not in keys
    return (
        said.kind == "map"
        and bool(_NAME.match(name))
        and bool(keys & _TELLING)
        and keys <= _KNOWN
        and is_typed
    )


def _call(root: Node) -> Iterator[tuple[int, str]]:
    """The method and the path that stand beside the fields, as far as they do."""
    method = root.get("method")
    if method is None or method.text.lower() not in METHODS:
        return
    said = (root.get(name) for name in ("url", "path", "endpoint"))
    url = next((one.text for one in said if one is not None and _URL.match(one.text)), "")
    yield method.line, f"{method.text.upper()} {url}".rstrip()
    yield method.line, ""


def _listed(fields: Fields) -> Iterator[tuple[int, str]]:
    for name, said in fields:
        words = [_type(said.get("type")), _presence(said.get("required"))]
        told = said.get("description")
        text = f": {' '.join(told.text.split())}" if told is not None and told.text else ""
        yield said.line, f"- `{name}` ({', '.join(filter(None, words)) or 'any'}){text}"
        for key, value in said.pairs:
            if key.text == "default" and value.kind == "scalar":
                yield value.line, f"  - Default: `{_text(value)}`"
            elif key.text in ("enum", "options") and value.items:
                values = ", ".join(f"`{_text(one)}`" for one in value.items)
                yield value.line, f"  - Options: {values}"
            elif key.text in _SAYS and value.kind == "scalar":
                yield value.line, f"  - {_SAYS[key.text]}: {_text(value)}"


def _type(said: Node | None) -> str:
    if said is None:
        return ""
    text = " | ".join(one.text for one in said.items) if said.items else said.text
    return "string" if _TEXTS.match(text) else text if parse_type(text) else ""


def _presence(said: Node | None) -> str:
    if said is None or said.text not in ("true", "false"):
        return ""
    return "required" if said.text == "true" else "optional"


def _text(node: Node) -> str:
    value = scalar_value(node)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
