"""The documents of an import beside what was read from each of their lines, as one HTML page.

Made to be checked by a person in a minute: a line that gave a fact is green, one that a note names yellow,
one that says something which is in no fact red, one that may say something blue, and all others grey.
Nothing in the page runs or is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.places import path_text
from understudy.specs.render.text import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from understudy.specs.documents import Document
    from understudy.specs.model import Evidence, ProviderSpec

TEMPLATE = Path(__file__).with_name("explain.html")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MAX_LINE = 2_000


@dataclass(slots=True)
class ExplainedLine:
    """One line: its number, its text, the facts that it gave, and the notes about it."""

    number: int
    text: str
    facts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_lost: bool = False
    is_unread: bool = False

    @property
    def kind(self) -> str:
        """fact, told, lost, unread or none."""
        if self.is_lost:
            return "lost"
        if self.facts:
            return "fact"
        return "told" if self.notes else "unread" if self.is_unread else "none"


@dataclass(frozen=True, slots=True)
class ExplainedPage:
    """One document, line by line."""

    name: str
    anchor: str
    lines: tuple[ExplainedLine, ...]


def explained(
    spec: ProviderSpec,
    documents: Iterable[Document],
    figures: str,
    unread: Mapping[str, Collection[int]] = MappingProxyType({}),
) -> str:
    """The page. `figures` is the sentence that says how much was read; `unread` are the lines of a document,
    by its name, that may say something and gave no fact."""
    # Here, so that an import that writes no page starts without it.
    from jinja2 import Environment

    pages = [
        _page(spec, document, f"d{count}", frozenset(unread.get(document.name, ())))
        for count, document in enumerate(documents, 1)
    ]
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(name=spec.name, pages=pages, figures=figures, policy=POLICY)


def _page(spec: ProviderSpec, document: Document, anchor: str, unread: frozenset[int]) -> ExplainedPage:
    lines = [
        ExplainedLine(n, text[:MAX_LINE], is_unread=n in unread) for n, text in enumerate(document.lines, 1)
    ]

    def at(number: int) -> ExplainedLine | None:
        return lines[number - 1] if 0 < number <= len(lines) else None

    for evidence, fact in _facts(spec):
        line = at(evidence.line) if evidence.document == document.name else None
        if line is not None and fact not in line.facts:
            line.facts.append(fact)
    for note in spec.notes:
        line = at(note.line) if note.document == document.name else None
        if line is not None:
            line.notes.append(f"{note.kind}: {note.text}" if note.text else note.kind)
            line.is_lost = line.is_lost or note.kind == "untold"
    return ExplainedPage(document.name, anchor, tuple(lines))


def _facts(spec: ProviderSpec) -> Iterator[tuple[Evidence, str]]:
    for key, body, one in spec.fields():
        where = f"{key} {'' if body == 'request' else f'{body} '}{path_text(one.path)}"
        for word in one.keywords:
            yield word.evidence, f"{where}: {word.name} {shown(word.value)} ({word.evidence.kind})"
    for key, operation in spec.operations.items():
        for parameter in operation.parameters:
            for word in parameter.field.keywords:
                fact = f"{key} {parameter.place} {parameter.field.name}: {word.name} {shown(word.value)}"
                yield word.evidence, f"{fact} ({word.evidence.kind})"
