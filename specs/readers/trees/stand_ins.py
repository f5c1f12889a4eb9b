"""What stands in an example in the place of a value: a type, a placeholder, an abbreviation."""

from __future__ import annotations

import re
from typing import Any

# What stands for a value where an example shows its type only: `"enabled": boolean`, `"index": "int"`.
TYPE_WORDS = {
    "string": "string", "str": "string", "boolean": "boolean", "bool": "boolean", "int": "integer",
    "integer": "integer", "int32": "integer", "int64": "integer", "long": "integer", "float": "number",
    "double": "number", "number": "number", "object": "object", "array": "array",
}  # fmt: skip
_LIST_OF = re.compile(r"(?:array|list)?\s*[<\[(]\s*\w{0,10}\s*[>\])]|\w{1,10}\[\]")
_PLACEHOLDER = re.compile(
    r"<.*>|\{.*\}|\$\{?\w.*|\[[A-Z].*\]|(?:YOUR|MY)[_ -].*|your[_-].*|x{3,}|.*(?:\.{3}|…).*", re.DOTALL
)
MOST = 2_000  # characters of a value that are looked at


def is_type_word(value: Any) -> bool:
    """Whether a value is a type's name: "int", "object[]", "array<string>"."""
    if not isinstance(value, str) or len(value) > 40:
        return False
    word = value.strip("<> ").lower()
    return word in TYPE_WORDS or bool(_LIST_OF.fullmatch(word))


def is_stand_in(value: Any) -> bool:
    """Whether a value is none that a client sends: "<IMAGE_URL>", "{{model}}", "iVBORw0KGgo...", "string"."""
    if not isinstance(value, str):
        return False
    return is_type_word(value) or bool(_PLACEHOLDER.fullmatch(value.strip()[:MOST]))


def is_sketch(value: Any, depth: int = 12) -> bool:
    """Whether an example shows types in the place of values, somewhere."""
    if depth and isinstance(value, dict):
        return any(is_sketch(one, depth - 1) for one in value.values())
    if depth and isinstance(value, list):
        return any(is_sketch(one, depth - 1) for one in value)
    return is_type_word(value)
