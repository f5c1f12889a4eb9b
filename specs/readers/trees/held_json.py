"""A text of an example that is JSON, as some answers hold their results: `"resultJson": "{\\"urls\\": [\\"https://…\\"]}"`.

JSON Schema 2020-12 (Validation, section 8) says it with `contentMediaType` and `contentSchema`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from understudy.specs.readers.trees.nodes import Node, scalar_value

if TYPE_CHECKING:
    from understudy.specs.model import Field, Keyword
    from understudy.specs.readers.facts import FactLog

MAX_HELD = 20_000  # characters of such a text
MAX_DEPTH = 12
MAX_MEMBERS = 200  # of an object
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


def held_json(node: Node, log: FactLog) -> list[Keyword]:
    """What a text that is JSON holds: `"{\\"urls\\": []}"`; nothing of another text."""
    text = scalar_value(node) if node.kind == "scalar" and not node.is_placeholder else None
    if not isinstance(text, str) or text[:1] not in ("{", "[") or len(text) > MAX_HELD:
        return []
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not held:
        return []
    return [
        log.keyword("contentMediaType", "application/json", node.line, "example"),
        log.keyword("contentSchema", _schema_of(held), node.line, "example"),
    ]


def of_held_json(one: Field) -> tuple[Keyword, ...]:
    """What is said of a field as a text that is JSON."""
    return tuple(word for word in one.keywords if word.name in ("contentMediaType", "contentSchema"))


def _schema_of(value: Any, depth: int = 0) -> dict[str, Any]:
    """The types of a JSON value and of what is in it: {"a": ["b"]} is an object, its `a` a list of texts."""
    if isinstance(value, dict) and depth < MAX_DEPTH:
        inner = {name: _schema_of(part, depth + 1) for name, part in list(value.items())[:MAX_MEMBERS]}
        return {"type": "object", "properties": inner}
    if isinstance(value, list) and depth < MAX_DEPTH:
        return {"type": "array", **({"items": _schema_of(value[0], depth + 1)} if value else {})}
    name = _TYPES.get(type(value))
    return {"type": name} if name else {}
