"""A document rewritten into a format that is read, line by line, and the way back to its own lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Keyword, Note, Operation, Reading


@dataclass(frozen=True, slots=True)
class Derived:
    """The rewritten document; line n of it was made of line `lines[n - 1]` of the one that was found."""

    document: Document
    lines: Sequence[int]

    def line(self, number: int) -> int:
        """The line of the found document that line `number` of the rewritten one was made of."""
        return self.lines[min(number, len(self.lines)) - 1] if number > 0 and self.lines else number


def moved(reading: Reading, line: Callable[[int], int]) -> Reading:
    """The reading with every line number put through `line`."""
    return replace(
        reading,
        operations=tuple(_operation(one, line) for one in reading.operations),
        notes=moved_notes(reading.notes, line),
        refusals=tuple(replace(one, line=line(one.line)) for one in reading.refusals),
    )


def moved_notes(notes: Iterable[Note], line: Callable[[int], int]) -> tuple[Note, ...]:
    """The notes with their line numbers put through `line`; a column of a rewritten line says nothing."""
    made = dict.fromkeys(replace(note, line=line(note.line), column=0) for note in notes)
    return tuple(sorted(made, key=lambda n: (n.line, n.column, n.kind, n.field, n.text)))


def moved_fields(fields: Iterable[Field], line: Callable[[int], int]) -> tuple[Field, ...]:
    """The fields with the line numbers of their evidence put through `line`."""
    return tuple(
        replace(one, line=line(one.line), keywords=tuple(_keyword(word, line) for word in one.keywords))
        for one in fields
    )


def _keyword(word: Keyword, line: Callable[[int], int]) -> Keyword:
    return replace(word, evidence=replace(word.evidence, line=line(word.evidence.line)))


def _operation(one: Operation, line: Callable[[int], int]) -> Operation:
    responses = {status: moved_fields(fields, line) for status, fields in one.responses.items()}
    parameters = (replace(p, field=moved_fields([p.field], line)[0]) for p in one.parameters)
    return replace(
        one,
        request=moved_fields(one.request, line),
        responses=MappingProxyType(responses),
        line=line(one.line),
        parameters=tuple(parameters),
    )
