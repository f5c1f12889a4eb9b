"""A YAML or JSON text as plain data, with the line of every key and item kept beside it.

The text is read from parser events rather than with `yaml.load`: that costs half the time of a load and knows
every line, and aliases, merge keys and doubled keys are looked at where they stand.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import yaml

from understudy.specs.errors import UnderstudyError
from understudy.specs.pointers import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.specs.pointers import Path

# An alias is a second way to the same object. A document that multiplies itself with them is refused.
MAX_NODES = 2_000_000
MAX_DEPTH = 200
MAX_BYTES = 32_000_000

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
START_MAP, START_SEQ, END, SCALAR, ALIAS = range(5)
# (kind, value, line, anchor); a scalar's value is already resolved
Event = tuple[int, Any, int, str | None]

TOKEN = re.compile(
    r'[ \t\n\r]*(?:(?P<punct>[{}\[\],:])|(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")'
    r"|(?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>true|false|null))"
)


class DocumentError(UnderstudyError):
    """The text is not YAML or JSON, or not something that can be a document."""


class LineTable:
    """The lines of each dict or list of a file, by its id: of itself, and of its keys or items. They count
    from 1. Kept in two arrays, as a large document has some hundred thousand of them."""

    def __init__(self) -> None:
        self._numbers = array("I")
        self._starts = array("I")
        self._nodes: list[Any] = []
        self._at: dict[int, int] = {}

    def add(self, node: Any, line: int, numbers: list[int]) -> None:
        """Note where `node` starts, and its keys or items, in their order."""
        self._at[id(node)] = len(self._nodes)
        self._nodes.append(node)
        self._starts.append(len(self._numbers))
        self._numbers.append(line)
        self._numbers.extend(numbers)

    def __contains__(self, ident: int) -> bool:
        return ident in self._at

    def __getitem__(self, ident: int) -> tuple[int, dict[Any, int]]:
        at = self._at[ident]
        first = self._starts[at]
        after = self._starts[at + 1] if at + 1 < len(self._starts) else len(self._numbers)
        node, numbers = self._nodes[at], self._numbers[first + 1 : after]
        # What was taken out of the data since has no line; what was put in comes last, and has none either.
        keys: Any = [] if len(node) < len(numbers) else node if isinstance(node, dict) else range(len(node))
        return self._numbers[first], dict(zip(keys, numbers, strict=False))

    def get(self, ident: int, default: Any = None) -> Any:
        """The line of a container and those of its keys; `default` for what was not read from the file."""
        if ident not in self._at:
            return default
        return self[ident]


class ParsedSource:
    """One parsed file. `lines` tells the lines of a dict or list in `root` by its id."""

    def __init__(self, file: str, root: Any, lines: LineTable) -> None:
        self.file = file
        self.root = root
        self.lines = lines

    def place(self, pointer: str | Path) -> tuple[Path, int]:
        """The nearest place to where `pointer` points that the text states: (its path, its line)."""
        node, known = self.root, 0
        path = path_of(pointer) if isinstance(pointer, str) else pointer
        line = self.lines[id(node)][0] if id(node) in self.lines else 1
        for name in path:
            if id(node) not in self.lines:
                break
            key: Any = int(name) if isinstance(node, list) and name.isdigit() else name
            inner = self.lines[id(node)][1].get(key)
            if inner is None:
                break
            line, node, known = inner, node[key], known + 1
        return path[:known], line

    def line(self, pointer: str | Path) -> int:
        """The line of the key or item where `pointer` points; of its nearest parent when there is none."""
        return self.place(pointer)[1]


def parse(text: str, file: str) -> ParsedSource:
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
        self.lines = LineTable()
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = 0

    def build(self, events: Iterator[Event]) -> ParsedSource:
        event = next(events, None)
        if event is None:
            raise DocumentError("is empty", where=self.file)
        root = self._node(event, events, 0)
        return ParsedSource(self.file, root, self.lines)

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
        lines: list[int] = []
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
                raise DocumentError(f"duplicate key {key!r}", where=f"{self.file}:{at}")
            mapping[key] = value
            lines.append(at)
        for value, at in merged:
            self._merge(mapping, lines, value, at)
        self.lines.add(mapping, line, lines)
        return mapping

    def _merge(self, mapping: dict[str, Any], lines: list[int], value: Any, at: int) -> None:
        """YAML's `<<`: keys that are not there yet, from one mapping or several."""
        for other in value if isinstance(value, list) else [value]:
            if not isinstance(other, dict):
                raise DocumentError("<< must name a mapping", where=f"{self.file}:{at}")
            known = self.lines[id(other)][1]
            for key, item in other.items():
                if key not in mapping:
                    mapping[key] = item
                    lines.append(known.get(key, at))

    def _sequence(self, events: Iterator[Event], line: int, depth: int) -> list[Any]:
        items: list[Any] = []
        lines: list[int] = []
        for event in events:
            if event[0] == END:
                break
            lines.append(event[2])
            items.append(self._node(event, events, depth + 1))
        self.lines.add(items, line, lines)
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
    newlines = array("I", (match.start() for match in re.finditer("\n", text)))
    words: dict[str, str] = {}  # a word that stands in a hundred thousand places is kept once
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
            word = json.loads(found) if "\\" in found else found[1:-1]
            yield SCALAR, words.setdefault(word, word), line, None
        else:
            yield SCALAR, json.loads(found), line, None
