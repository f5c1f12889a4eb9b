"""Fields that stand as a Markdown table or list inside a description, where a schema should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specs.documents import Document
from specs.readers import markdown_tables
from specs.readers.derived import moved, moved_notes
from specs.readers.facts import Scribe

if TYPE_CHECKING:
    from collections.abc import Callable

    from specs.model import Operation

MAX_CHARACTERS = 100_000
MAX_IN_ALL = 200_000


def described(text: str, line_of: Callable[[int], int], scribe: Scribe) -> Operation | None:
    """The first operation that the Markdown in `text` describes, without method or path; None when it has no
    table or list of fields. `line_of` gives the document's line of an offset in `text`."""
    if len(text) > MAX_CHARACTERS:
        scribe.cut(f"tables in a description are read up to {MAX_CHARACTERS:,} characters", line_of(0))
        text = text[:MAX_CHARACTERS]
    if "|" not in text and "\n" not in text:
        return None
    scribe.described_read += len(text)
    if scribe.described_read > MAX_IN_ALL:
        scribe.cut(f"tables in descriptions are read up to {MAX_IN_ALL:,} characters in all", line_of(0))
        return None
    inner = Document(scribe.document.name, text)
    own = Scribe(inner, scribe.kind, prose_read=scribe.prose_read, values_read=scribe.values_read)
    found = markdown_tables.read(inner, own, is_page=False)
    if found.format == markdown_tables.EXAMPLES:
        return None
    starts = [0]
    for text_line in inner.lines:
        starts.append(starts[-1] + len(text_line) + 1)

    def line(number: int) -> int:
        return line_of(starts[min(max(number, 1), len(inner.lines)) - 1])

    reading = moved(found, line)
    scribe.prose_read, scribe.values_read = own.prose_read, own.values_read
    for note in moved_notes(own.notes, line):
        scribe.note(note.kind, note.text, note.line, path=note.field)  # type: ignore[arg-type]
    return reading.operations[0] if reading.operations else None
