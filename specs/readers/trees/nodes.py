"""A parsed YAML or JSON text as a tree that knows its lines; the one shape that the OpenAPI reader walks.

Built without recursion and within a budget, so that no text can exhaust the stack, the memory or the
patience.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

MAX_DEPTH = 100
MAX_NODES = 100_000
MAX_EXPANDED = 1_000_000

_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_CONSTANTS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class TooLargeError(Exception):
    """The text has more nodes or levels, or expands to more, than a document in good faith would."""

    def __init__(self, what: str, line: int, column: int = 1) -> None:
        super().__init__(what)
        self.what, self.line, self.column = what, line, column


class BrokenError(Exception):
    """The text is not well-formed at this place."""

    def __init__(self, what: str, line: int, column: int = 1) -> None:
        super().__init__(what)
        self.what, self.line, self.column = what, line, column


_NO_PAIRS: list[tuple[Node, Node]] = []
_NO_ITEMS: list[Node] = []


@dataclass(slots=True, eq=False)
class Node:
    """A mapping (`pairs`), a sequence (`items`) or a scalar (`text`, `plain` when it stood without quotes).

    Lines and columns count from 1; `end_line` is the last line of a scalar; `comment` is what a comment
    behind the value on its line says, of JSON only.
    """

    kind: Literal["map", "seq", "scalar"]
    line: int
    column: int
    text: str = ""
    plain: bool = False
    end_line: int = 0
    pairs: list[tuple[Node, Node]] = field(default_factory=lambda: _NO_PAIRS)
    items: list[Node] = field(default_factory=lambda: _NO_ITEMS)
    comment: str = ""
    # Whether it is a word without quotes in JSON, which stands for a value: `<ms>`.
    is_placeholder: bool = False

    @classmethod
    def collection(cls, kind: Literal["map", "seq"], line: int, column: int) -> Node:
        """An empty mapping or sequence, to be filled. (Scalars share one empty list: half the memory.)"""
        return cls(kind, line, column, pairs=[]) if kind == "map" else cls(kind, line, column, items=[])

    def get(self, key: str) -> Node | None:
        """The value under `key`; the last one when the key stands twice, as every loader has it."""
        return next((value for name, value in reversed(self.pairs) if name.text == key), None)

    def key(self, key: str) -> Node | None:
        """The key node itself (its line is the evidence)."""
        return next((name for name, _ in reversed(self.pairs) if name.text == key), None)

    def children(self) -> list[Node]:
        return [node for pair in self.pairs for node in pair] + self.items


def scalar_value(node: Node) -> Any:
    """A scalar's value by the core schema of YAML 1.2: `on`, `n` and `16:9` are texts."""
    if not node.plain:
        return node.text
    text = node.text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


def plain_value(root: Node) -> Any:
    """The tree as dicts, lists and scalars. Raises TooLargeError where aliases multiply it or lead back
    into itself."""
    done: dict[int, Any] = {}
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, children_done = stack.pop()
        if id(node) in done:
            continue
        if node.kind == "scalar":
            done[id(node)], sizes[id(node)] = scalar_value(node), 1
        elif children_done:
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in node.children())
            if sizes[id(node)] > MAX_EXPANDED:
                raise TooLargeError(
                    f"aliases expand to more than {MAX_EXPANDED:,} values", node.line, node.column
                )
            done[id(node)] = _collection(node, done)
        else:
            if id(node) in open_nodes:
                raise TooLargeError("an alias refers back to its own value", node.line, node.column)
            open_nodes.add(id(node))
            stack.append((node, True))
            for child in node.children():
                if id(child) in open_nodes:
                    raise TooLargeError("an alias refers back to its own value", child.line, child.column)
                stack.append((child, False))
    return done[id(root)]


def _collection(node: Node, done: dict[int, Any]) -> Any:
    if node.kind == "seq":
        return [done[id(item)] for item in node.items]
    # JSON keys are texts: 200 and '200' are the same status.
    return {key.text: done[id(value)] for key, value in node.pairs}
