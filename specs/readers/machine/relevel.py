"""OpenAPI in YAML whose indentation was lost in copying, rebuilt from where OpenAPI allows each keyword.

The specification says which keys an object may have, so most lines have one place: the innermost open
object that allows the key and does not have it yet. Of two objects that may hold a name, it is that which
lists it as required; otherwise a line with two such places is left out and said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SCHEMA_SCALARS = (
    "type", "title", "description", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems",
    "minimum", "maximum", "multipleOf", "default", "nullable", "deprecated", "readOnly", "writeOnly",
    "uniqueItems", "exclusiveMinimum", "exclusiveMaximum", "additionalProperties", "const", "$ref",
)  # fmt: skip
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# Object -> key -> what stands below it: "" a scalar, "[x]" a list of x, else an object. OpenAPI 3.1,
# section 4.8.
_GRAMMAR: dict[str, dict[str, str]] = {
    "root": {
        "openapi": "", "info": "info", "servers": "[server]", "paths": "paths", "components": "components",
        "security": "[any]", "tags": "[any]", "externalDocs": "any", "webhooks": "paths",
    },
    "info": {**dict.fromkeys(("title", "description", "version", "summary"), ""), "contact": "any",
    "license": "any"}, "server": {"url": "", "description": "", "variables": "any"},
    "paths": {},
    "path item": {**dict.fromkeys(_METHODS, "operation"), "parameters": "[parameter]", "summary": "",
    "description": ""},
    "operation": {
        **dict.fromkeys(("summary", "description", "operationId", "deprecated"), ""), "tags": "[]",
        "parameters": "[parameter]", "requestBody": "body", "responses": "responses", "security": "[any]",
        "servers": "[server]", "callbacks": "any", "externalDocs": "any",
    },
    "parameter": {
        **dict.fromkeys(("name", "in", "description", "required", "deprecated", "style", "explode"), ""),
        "schema": "schema", "example": "any", "examples": "any",
    },
    "body": {"description": "", "required": "", "content": "content"},
    "content": {},
    "media type": {"schema": "schema", "example": "any", "examples": "any", "encoding": "any"},
    "responses": {},
    "response": {"description": "", "content": "content", "headers": "any", "links": "any"},
    "components": {
        "schemas": "schemas", "securitySchemes": "any", "parameters": "any", "responses": "any", "examples":
        "any", },
    "schemas": {},
    "schema": {
        **dict.fromkeys(_SCHEMA_SCALARS, ""), "enum": "[]", "required": "[]", "properties": "properties",
        "items": "schema", "allOf": "[schema]", "oneOf": "[schema]", "anyOf": "[schema]", "example": "any",
    },
    "properties": {},
    "any": {},
}  # fmt: skip
# Objects whose keys are free, and what each key must look like and holds.
_FREE = {
    "paths": (re.compile(r"/"), "path item"),
    "content": (re.compile(r"[\w*.+-]+/[\w*.+-]+\Z"), "media type"),
    "responses": (re.compile(r"([1-5]\d\d|[1-5]XX|default)\Z"), "response"),
    "schemas": (re.compile(r"[\w.-]+\Z"), "schema"),
    "properties": (re.compile(r"[\w.$-]+\Z"), "schema"),
}

# Objects in one another, more than any document has.
MAX_OPEN = 60

# Objects whose own keys are not those of a schema.
_SURE = ("root", "paths", "path item", "operation", "responses", "response", "components", "schemas")

_LINE = re.compile(
    r"(?P<dash>(?:-\s+)*)(?P<key>\"[^\"]{1,200}\"|'[^']{1,200}'|/[^\s:]*|[\w$.*+/-]{1,200}):(?:\s+(?P<value>\S.*))?\Z"
)
_BLOCK = re.compile(r"[|>][-+0-9]{0,2}\Z")


@dataclass(slots=True)
class _Open:
    """An object or list that is open: what it is, how deep its entries stand, the keys it has."""

    kind: str
    depth: int
    keys: set[str] = field(default_factory=set)
    closed: bool = False  # something nested in it has ended
    key: str = ""  # the key that it stands below
    required: set[str] = field(default_factory=set)  # of a schema: the names of its list


@dataclass(slots=True)
class Relevelled:
    """The lines with their indentation, as many as before, and (kind, what, line, column) of what was
    done."""

    lines: list[str]
    remarks: list[tuple[str, str, int, int]]


def has_lost_indentation(text: str) -> bool:
    """Whether an OpenAPI document's lines all begin in the first column."""
    shown = [line for line in text.split("\n") if line.strip()]
    if len(shown) < 6 or any(line[0] in " \t" for line in shown):
        return False
    return any(line.rstrip() == "paths:" for line in shown) and any(
        line.startswith(("/", "'/", '"/')) for line in shown
    )


def relevel(text: str) -> Relevelled:
    """The text with its indentation rebuilt. Lines that belong nowhere, or to two places, become blank."""
    return _Leveller(text.split("\n")).run()


class _Leveller:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.out: list[str] = []
        self.remarks: list[tuple[str, str, int, int]] = []
        self.stack = [_Open("root", 0)]
        self.block_depth = -1
        self.nowhere = -1
        self.lost = False  # whether a name with two places was met, and no sure place since

    def run(self) -> Relevelled:
        first = next((n for n, line in enumerate(self.lines, 1) if line.strip()), 1)
        self.remarks.append(
            ("mend", "the indentation is lost; rebuilt from where OpenAPI allows each key", first, 1)
        )
        for number, line in enumerate(self.lines, 1):
            text = line.strip()
            placed = "" if not text else self._place(text, number)
            self.out.append(placed)
        return Relevelled(self.out, self.remarks)

    def _place(self, text: str, number: int) -> str:
        match = _LINE.match(text) if len(self.stack) <= MAX_OPEN else None
        if match is None:
            return self._text(text, number)
        key, value = match["key"].strip("\"'"), match["value"] or ""
        open_ = self._owner(key, value, dash=bool(match["dash"]), number=number)
        if open_ is None:
            return self._text(text, number)
        if open_.kind == "two":
            rest = ", and what follows of these objects" if self.lost else ""
            self.remarks.append(
                (
                    "problem",
                    f"two places for {key!r} where the indentation is lost; left out{rest}",
                    number,
                    1,
                )
            )
            return ""
        self.block_depth = -1
        depth = open_.depth - (2 if match["dash"] else 0)
        if _BLOCK.match(value):
            self.block_depth = open_.depth + 2
        elif not value:
            below = _below(open_.kind, key)
            # An extension or an example that is a list ends where no entry follows.
            below = "[any]" if below == "any" and self._is_list(number) else below
            self.stack.append(_Open(below, open_.depth + 2, key=key))
        return " " * depth + text

    def _text(self, text: str, number: int) -> str:
        """A line without a key: an entry of a list, or a line of a text."""
        if self.lost:
            return ""
        if self.block_depth >= 0:
            return " " * self.block_depth + text
        index = self._innermost(lambda kind: kind == "any" or kind.startswith("["))
        if text.startswith("- ") and index is not None:
            del self.stack[index + 1 :]
            if self.stack[-1].key == "required":
                self.stack[-2].required.add(text[2:].strip(" \"'"))
            return " " * self.stack[-1].depth + text
        if self.nowhere != number - 1:
            self.remarks.append(("problem", "lines that belong nowhere, from here; left out", number, 1))
        self.nowhere = number
        return ""

    def _owner(self, key: str, value: str, *, dash: bool, number: int) -> _Open | None:
        """The open object that the key belongs to; objects inside of it are closed by it."""
        if dash and not self.lost:
            entry = self._entry(key)
            if entry is not None:
                entry.keys.update((key, f"{key}: {value}"))
            return entry
        for index in range(len(self.stack) - 1, -1, -1):
            open_ = self.stack[index]
            if self.lost and open_.kind not in _SURE:
                continue
            if not self._takes(open_, key, value, number) or (
                open_.kind == "any" and self._is_expected(index, key, value, number)
            ):
                continue
            if self._has_two_places(index, key, value, number):
                self.lost = open_.kind == "properties"
                return _Open("two", 0)
            for ended in self.stack[index + 1 :]:
                open_.closed = open_.closed or ended.kind != "[]"
            self.lost = False
            del self.stack[index + 1 :]
            open_.keys.update((key, f"{key}: {value}"))
            return open_
        return None

    def _entry(self, key: str) -> _Open | None:
        """A new entry of the innermost list of objects that allows the key, else of a free-form value."""
        index = self._innermost(
            lambda kind: kind[1:-1] in _GRAMMAR and (kind == "[any]" or key in _GRAMMAR[kind[1:-1]])
        )
        index = self._innermost(lambda kind: kind == "any") if index is None else index
        if index is None:
            return None
        del self.stack[index + 1 :]
        self.stack.append(_Open(self.stack[-1].kind.strip("[]"), self.stack[-1].depth + 2))
        return self.stack[-1]

    def _innermost(self, fits: Callable[[str], bool]) -> int | None:
        return next((n for n in range(len(self.stack) - 1, -1, -1) if fits(self.stack[n].kind)), None)

    def _takes(self, open_: _Open, key: str, value: str, number: int) -> bool:
        if open_.kind.startswith("[") or key in open_.keys:
            return False
        if open_.kind == "any":
            return True
        if open_.kind in _FREE:
            pattern, _ = _FREE[open_.kind]
            return (
                bool(pattern.match(key))
                and not value
                and not self._is_list(number)
                and not key.startswith("x-")
            )
        if key.startswith("x-"):
            return open_.kind in ("operation", "schema", "response", "root")
        below = _GRAMMAR[open_.kind].get(key)
        if below is None or below == "any":
            return below is not None
        if key == "required" and open_.kind == "schema" and not {"properties", "type: object"} & open_.keys:
            return False
        # A scalar needs its value on the line; a list or an object may be written on the line, too.
        return bool(value) if below == "" else (not value or value[0] in "[{")

    def _is_expected(self, index: int, key: str, value: str, number: int) -> bool:
        """Whether an object further out has a place for just this key: a free-form example does not hold it
        then."""
        return any(
            outer.kind in _GRAMMAR and key in _GRAMMAR[outer.kind] and self._takes(outer, key, value, number)
            for outer in self.stack[:index]
        )

    def _has_two_places(self, index: int, key: str, value: str, number: int) -> bool:
        """After the properties of a list's items: is it the items' or the list's? Of two objects, whose
        name is it?"""
        open_ = self.stack[index]
        outer = self.stack[index - 1] if index else None
        if open_.kind == "properties" and open_.keys:
            outers = [
                n
                for n, o in enumerate(self.stack[:index])
                if o.kind == "properties" and self._takes(o, key, value, number)
            ]
            # What the inner object alone says that it requires, is its own.
            is_own = key in self.stack[index - 1].required
            return bool(outers) and not (
                is_own and not any(key in self.stack[n - 1].required for n in outers)
            )
        return bool(
            open_.kind == "schema" and open_.closed and outer is not None and outer.kind == "schema"
            and not key.startswith("x-") and self._takes(outer, key, value, number)
        )  # fmt: skip

    def _is_list(self, number: int) -> bool:
        """Whether the next line that says something is an entry of a list."""
        following = (line.strip() for line in self.lines[number : number + 5])
        return next((line for line in following if line), "").startswith("-")


def _below(kind: str, key: str) -> str:
    if kind in _FREE:
        return _FREE[kind][1]
    return _GRAMMAR[kind].get(key, "any") or "any"
