"""An OpenAPI document over several files: what its `$ref`s to files beside it lead to, as one tree.

Lines tell the files apart while the tree is read: those of the nth further file begin at n times LINES. When
all is read, `told_by_file` gives each fact and note back to its file and line.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import BrokenError, Node, TooLargeError
from understudy.specs.readers.trees.yaml_nodes import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Note, Operation, Reading
    from understudy.specs.readers.facts import FactLog

MAX_FILES = 50
LINES = 1_000_000


@dataclass(slots=True)
class Files:
    """The documents that a tree is made of, the first one first, and the root of each."""

    documents: list[Document]
    log: FactLog
    roots: list[Node | None] = field(default_factory=list)
    by_place: dict[str, int] = field(default_factory=dict)

    def root_with(self, node: Node) -> Node | None:
        """The root of the file in which a node stands."""
        return self.roots[node.line // LINES]

    def root_of(self, ref: Node) -> tuple[Node | None, str]:
        """The root of the file that a reference leads to (None, noted, where there is none), and the pointer
        behind its `#`."""
        base = self.documents[ref.line // LINES]
        address, _, pointer = ref.text.partition("#")
        place = urllib.parse.urljoin(base.place, urllib.parse.unquote(address)) if base.place else ""
        if place not in self.by_place:
            self._load(ref, base, address, place)
        return self.roots[self.by_place[place]], pointer

    def _load(self, ref: Node, base: Document, address: str, place: str) -> None:
        number = len(self.roots)
        self.by_place[place] = number
        self.roots.append(None)
        self.documents.append(base)
        if number > MAX_FILES:
            self.log.cut(f"{MAX_FILES} files beside a document are read", ref.line)
            return
        try:
            document = base.beside(address)
            root = _parsed(document)
        except (UnderstudyError, BrokenError, TooLargeError) as error:
            what = error.what if isinstance(error, (BrokenError, TooLargeError)) else str(error)
            self.log.note("problem", f"a reference out of the document: {ref.text[:120]!r}: {what}", ref.line)
            return
        self.documents[number] = document
        if root is not None:
            _move(root, number * LINES)
            self.roots[number] = root


def _parsed(document: Document) -> Node | None:
    if document.text.lstrip("\ufeff \t\n").startswith("{"):
        return parse_json(document.text).root
    return parse_yaml(document.text)


def _move(root: Node, by: int) -> None:
    """Add `by` to the line of every node."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        node.line += by
        node.end_line = node.end_line + by if node.end_line else 0
        waiting += node.children()


def told_by_file(reading: Reading, documents: Iterable[Document]) -> Reading:
    """The reading with each fact and note at its own file and line."""
    names = [document.name for document in documents]
    if len(names) < 2:
        return reading

    def of_field(one: Field) -> Field:
        keywords = tuple(
            replace(
                word,
                evidence=replace(
                    word.evidence,
                    document=names[word.evidence.line // LINES],
                    line=word.evidence.line % LINES,
                ),
            )
            for word in one.keywords
        )
        return replace(one, line=one.line % LINES, keywords=keywords)

    def of_operation(one: Operation) -> Operation:
        return replace(
            one,
            line=one.line % LINES,
            request=tuple(map(of_field, one.request)),
            responses=MappingProxyType({s: tuple(map(of_field, f)) for s, f in one.responses.items()}),
            parameters=tuple(replace(p, field=of_field(p.field)) for p in one.parameters),
        )

    def of_note(note: Note) -> Note:
        return replace(note, document=names[note.line // LINES], line=note.line % LINES)

    return replace(
        reading,
        operations=tuple(map(of_operation, reading.operations)),
        notes=tuple(map(of_note, reading.notes)),
    )
