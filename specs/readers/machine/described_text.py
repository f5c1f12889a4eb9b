"""Fields that stand as a Markdown table or list inside a description, where a schema should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.documents import Document
from understudy.specs.readers.derived import moved, moved_notes
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.pages import markdown_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.model import Operation

MAX_CHARACTERS = 100_000
MAX_IN_ALL = 200_000


def described(text: str, line_of: Callable[[int], int], log: FactLog) -> Operation | None:
    """The first operation that the Markdown in `text` describes, without method or path; None when it has no
    table or list of fields. `line_of` gives the document's line of an offset in `text`."""
    if len(text) > MAX_CHARACTERS:
        log.cut(f"tables in a description are read up to {MAX_CHARACTERS:,} characters", line_of(0))
        text = text[:MAX_CHARACTERS]
    if "|" not in text and "\n" not in text:
        return None
    log.described_read += len(text)
    if log.described_read > MAX_IN_ALL:
        log.cut(f"tables in descriptions are read up to {MAX_IN_ALL:,} characters in all", line_of(0))
        return None
    inner = Document(log.document.name, text)
    own = FactLog(inner, log.kind, prose_read=log.prose_read, values_read=log.values_read, said=log.said)
    found = markdown_tables.read(inner, own, is_page=False)
    if found.format == markdown_tables.EXAMPLES:
        return None
    starts = [0]
    for text_line in inner.lines:
        starts.append(starts[-1] + len(text_line) + 1)

    def line(number: int) -> int:
        return line_of(starts[min(max(number, 1), len(inner.lines)) - 1])

    reading = moved(found, line)
    log.prose_read, log.values_read = own.prose_read, own.values_read
    for note in moved_notes(own.notes, line):
        log.note(note.kind, note.text, note.line, path=note.field)
    return reading.operations[0] if reading.operations else None
