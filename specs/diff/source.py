"""A YAML or JSON text as plain data, with the line of every key and item kept beside it.

The text is read from parser events rather than with `yaml.load`: that costs half the time of a load and knows
every line, and aliases, merge keys and doubled keys are looked at where they stand.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import yaml

from specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# An alias is a second way to the same object. A document that multiplies itself with them is refused.
MAX_NODES = 2_000_000
MAX_DEPTH = 200
MAX_BYTES = 32_000_000

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# line of the container itself, and of each key (mapping) or item (sequence); lines count from 1
Lines = tuple[int, dict[Any, int]]
START_MAP, START_SEQ, END, SCALAR, ALIAS = range(5)
# (kind, value, line, anchor); a scalar's value is already resolved
Event = tuple[int, Any, int, str | None]

TOKEN = re.compile(
    r'[ \t\n\r]*(?:(?P<punct>[{}\[\],:])|(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")'
    r"|(?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>true|false|null))"
)


class DocumentError(UnderstudyError):
    """The text is not YAML or JSON, or not something that can be a document."""


class Source:
    """One parsed file. `lines` maps the id of a dict or list in `root` to its lines."""

    def __init__(self, file: str, root: Any, lines: dict[int, Lines]) -> None:
        self.file = file
        self.root = root
        self.lines = lines


def parse(text: str, file: str) -> Source:
    """Read `text`. `file` is the name used in messages.

    Raises DocumentError with file and line for text that cannot be read, for doubled keys, for aliases that
    multiply, and for nesting beyond 200.
    """
    if len(text) > MAX_BYTES:
        raise DocumentError(f"is larger than {MAX_BYTES} characters", where=file)
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _Builder(file).build(_json_events(text))
        except _NotJsonError as error:
            if file.endswith(".json"):
                raise DocumentError(str(error), where=file) from error
    try:
        return _Builder(file).build(_yaml_events(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise DocumentError(f"is not YAML: {error.problem}", where=where) from error
    except yaml.YAMLError as error:
        raise DocumentError(f"is not YAML: {error}", where=file) from error


class _NotJsonError(Exception):
    pass


class _Builder:
    """Builds data from events with a stack instead of recursion, so depth is ours to limit."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[int, Lines] = {}
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = 0

    def build(self, events: Iterator[Event]) -> Source:
        event = next(events, None)
        if event is None:
            raise DocumentError("is empty", where=self.file)
        root = self._node(event, events, 0)
        return Source(self.file, root, self.lines)

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Any:
        kind, value, line, anchor = event
        before = self.nodes
        self.nodes += 1
        if kind == ALIAS:
            return self._alias(value, line)
        if depth > MAX_DEPTH:
            raise DocumentError(f"is nested deeper than {MAX_DEPTH}", where=f"{self.file}:{line}")
        if kind == START_MAP:
            value = self._mapping(events, line, depth)
        elif kind == START_SEQ:
            value = self._sequence(events, line, depth)
        if anchor:
            self.anchors[anchor] = (value, self.nodes - before)
        return value

    def _alias(self, name: str, line: int) -> Any:
        if name not in self.anchors:
            raise DocumentError(f"alias *{name} has no anchor before it", where=f"{self.file}:{line}")
        value, size = self.anchors[name]
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise DocumentError(
                f"its aliases unfold to more than {MAX_NODES} nodes", where=f"{self.file}:{line}"
            )
        return value

    def _mapping(self, events: Iterator[Event], line: int, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        lines: dict[Any, int] = {}
        merged: list[tuple[Any, int]] = []
        for event in events:
            kind, key, at, _ = event
            if kind == END:
                break
            if kind != SCALAR:
                raise DocumentError("a key must be a word, not a collection", where=f"{self.file}:{at}")
            value = self._node(next(events), events, depth + 1)
            if key is _MERGE:
                merged.append((value, at))
                continue
            key = key if isinstance(key, str) else _key(key)
            if key in mapping:
                raise DocumentError(f"key {key!r} stands here twice", where=f"{self.file}:{at}")
            mapping[key] = value
            lines[key] = at
        for value, at in merged:
            self._merge(mapping, lines, value, at)
        self.lines[id(mapping)] = (line, lines)
        return mapping

    def _merge(self, mapping: dict[str, Any], lines: dict[Any, int], value: Any, at: int) -> None:
        """YAML's `<<`: keys that are not there yet, from one mapping or several."""
        for other in value if isinstance(value, list) else [value]:
            if not isinstance(other, dict):
                raise DocumentError("<< must name a mapping", where=f"{self.file}:{at}")
            for key, item in other.items():
                if key not in mapping:
                    mapping[key] = item
                    lines[key] = self.lines[id(other)][1].get(key, at)

    def _sequence(self, events: Iterator[Event], line: int, depth: int) -> list[Any]:
        items: list[Any] = []
        lines: dict[Any, int] = {}
        for event in events:
            if event[0] == END:
                break
            lines[len(items)] = event[2]
            items.append(self._node(event, events, depth + 1))
        self.lines[id(items)] = (line, lines)
        return items


class _Merge:
    """Stands for the key `<<`, which no scalar can be."""


_MERGE = _Merge()


def _key(value: Any) -> str:
    """A key as JSON has it: status 200 is "200", true is "true"."""
    return value if isinstance(value, str) else json.dumps(value)


# --- YAML


def _yaml_events(text: str) -> Iterator[Event]:
    resolved: dict[str, Any] = {}
    event: Any
    for event in yaml.parse(text, LOADER):
        name = type(event).__name__
        if name == "ScalarEvent":
            yield SCALAR, _scalar(event, resolved), event.start_mark.line + 1, event.anchor
        elif name == "MappingStartEvent":
            yield START_MAP, None, event.start_mark.line + 1, event.anchor
        elif name == "SequenceStartEvent":
            yield START_SEQ, None, event.start_mark.line + 1, event.anchor
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            yield END, None, event.start_mark.line + 1, None
        elif name == "AliasEvent":
            yield ALIAS, event.anchor, event.start_mark.line + 1, None


def _scalar(event: Any, resolved: dict[str, Any]) -> Any:
    value: str = event.value
    if event.tag == "tag:yaml.org,2002:str" or (event.tag is None and not event.implicit[0]):
        return value
    if event.tag not in (None, "!"):
        value_of: Callable[[str], Any] | None = TAGGED.get(event.tag)
        if value_of is None:
            mark = event.start_mark
            raise yaml.MarkedYAMLError(problem=f"tag {event.tag} is not allowed", problem_mark=mark)
        return value_of(value)
    if value not in resolved:
        resolved[value] = plain(value)
    return resolved[value]


# YAML 1.2's core schema (section 10.3.2), as OpenAPI asks for: `no` and `on` are words, `0777` is a number.
INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "<<": _MERGE}
WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)


def plain(value: str) -> Any:
    """What a plain scalar means: "12" -> 12, "true" -> True, "~" -> None, "2026-11-21" -> itself."""
    if value in WORDS:
        return WORDS[value]
    if value[0] in "+-.0123456789":
        if INTEGER.match(value) and len(value) < 400:
            return int(value, 0) if value[:2] in ("0o", "0x") else int(value)
        if FLOAT.match(value):
            return float(value)
    return value


TAGGED: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:int": plain,
    "tag:yaml.org,2002:float": plain,
    "tag:yaml.org,2002:bool": plain,
    "tag:yaml.org,2002:null": plain,
    "tag:yaml.org,2002:timestamp": str,
}


# --- JSON


def _json_events(text: str) -> Iterator[Event]:
    """Events of a JSON text. Raises _NotJsonError when it is none."""
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        raise _NotJsonError(
            f"is not JSON: {getattr(error, 'msg', 'nested too deep')} (line {line})"
        ) from error
    newlines = [match.start() for match in re.finditer("\n", text)]
    # From here on the text is known to be JSON, so commas and colons can be stepped over.
    for match in TOKEN.finditer(text):
        group, found = match.lastgroup, match[match.lastgroup or 0]
        line = bisect_right(newlines, match.start(match.lastgroup or 0)) + 1
        if group == "punct":
            if found == "{":
                yield START_MAP, None, line, None
            elif found == "[":
                yield START_SEQ, None, line, None
            elif found in "}]":
                yield END, None, line, None
        elif group == "string":
            yield SCALAR, json.loads(found) if "\\" in found else found[1:-1], line, None
        else:
            yield SCALAR, json.loads(found), line, None
