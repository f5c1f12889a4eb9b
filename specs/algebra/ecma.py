r"""Regular expressions as ECMA-262 has them, for an engine that reads some of them otherwise.

jsonschema-rs reads `\w`, `\d`, `\s` and `\b` as ECMA-262 does, but not in an expression with look-arounds or
backreferences: there another engine takes over, for which é is a letter and the Arabic 3 a digit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

# What only the other engine understands.
OTHERWISE_READ = re.compile(r"\(\?<?[=!]|\\[1-9k]")
WORD, DIGIT = "0-9A-Za-z_", "0-9"
# ECMA-262, WhiteSpace and LineTerminator.
SPACE = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
# A class in brackets can hold no other class, so what stands for the rest is written out as well.
CLASSES = {
    "w": WORD,
    "d": DIGIT,
    "s": SPACE,
    "W": r"\x00-/:-@\[-\^`{-\x{10ffff}",
    "D": r"\x00-/:-\x{10ffff}",
    "S": r"\x00-\x08\x0e-\x1f!-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e"
    r"\u2060-\u2fff\u3001-\ufefe\uff00-\x{10ffff}",
}
BOUNDARY = f"(?:(?<![{WORD}])(?=[{WORD}])|(?<=[{WORD}])(?![{WORD}]))"
WITHIN = f"(?:(?<![{WORD}])(?![{WORD}])|(?<=[{WORD}])(?=[{WORD}]))"
# Keywords whose values are no schemas.
VALUES = ("enum", "const", "default", "examples")


@lru_cache(maxsize=2_000)
def spelled_out(pattern: str) -> str:
    r"""`pattern` with its classes written out, where the engine would read them otherwise.

    (?!x)\w+ -> (?!x)[0-9A-Za-z_]+
    \w+      -> \w+
    """
    if not OTHERWISE_READ.search(pattern):
        return pattern
    out: list[str] = []
    within = False  # a class in brackets
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        out.append(_part(part, within=within))
        if part in "[]" and within == (part == "]"):
            within = not within
    return "".join(out)


def _part(part: str, *, within: bool) -> str:
    if part[0] != "\\" or len(part) == 1:
        return part
    name = part[1]
    if name in CLASSES:
        return CLASSES[name] if within else f"[{CLASSES[name]}]"
    if name in "bB" and not within:
        return BOUNDARY if name == "b" else WITHIN
    return part


def with_classes(schema: Any) -> Any:
    """A JSON Schema whose expressions are spelled out; the same object where none has to be, or where it is
    nested too deep to be written again."""
    if not _has_any(schema):
        return schema
    try:
        return _written(schema)
    except RecursionError:
        return schema


def _has_any(schema: Any) -> bool:
    stack = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if "pattern" in node or "patternProperties" in node:
                patterns = [node.get("pattern"), *(node.get("patternProperties") or ())]
                if any(isinstance(one, str) and OTHERWISE_READ.search(one) for one in patterns):
                    return True
            stack += [value for value in node.values() if isinstance(value, (dict, list))]
        elif isinstance(node, list):
            stack += node
    return False


def _written(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_written(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: value if key in VALUES else _keyword(key, value) for key, value in schema.items()}


def _keyword(key: str, value: Any) -> Any:
    if key == "pattern" and isinstance(value, str):
        return spelled_out(value)
    if key == "patternProperties" and isinstance(value, dict):
        return {spelled_out(name): _written(child) for name, child in value.items()}
    if key == "properties" and isinstance(value, dict):
        return {name: _written(child) for name, child in value.items()}
    return _written(value)
