"""The documents of an import: fetched, read, and those left out that describe nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.documents import follow_index, load
from understudy.specs.errors import UnderstudyError
from understudy.specs.model import UNSAID_PATH
from understudy.specs.readers import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from understudy.specs.documents import Document
    from understudy.specs.model import Note, Reading


def read_all(
    sources: Sequence[str], today: date, follow: bool
) -> tuple[list[Reading], list[tuple[str, Document]], list[str]]:
    """The readings, the documents that they are of (with the source as given), and what was skipped.

    Raises UnderstudyError when nothing describes an operation.
    """
    found: list[tuple[str, Document]] = []
    skipped: list[str] = []
    for source in dict.fromkeys(sources):
        documents, problems = _documents(source, today, follow)
        found += [(source, document) for document in documents]
        skipped += problems
    readings: list[Reading] = []
    kept: list[tuple[str, Document]] = []
    for source, document in found:
        try:
            reading = read(document)
        except UnderstudyError as error:
            if not follow:
                raise
            skipped.append(str(error))
            continue
        if reading.operations or not follow:
            readings.append(reading)
            kept.append((source, document))
        else:
            skipped.append(f"{document.url or document.name}: describes no operation")
    if not any(reading.operations for reading in readings):
        notes = [note for reading in readings for note in reading.notes]
        raise nothing(notes, [document for _, document in found])
    return readings, kept, skipped


def _documents(source: str, today: date, follow: bool) -> tuple[list[Document], list[str]]:
    found = load(source, date=today.isoformat())
    if not follow:
        return [found], []
    if not found.url:
        raise UnderstudyError(
            "--follow needs the URL of an index", where=source, advice="such as https://…/llms.txt"
        )
    documents, errors = follow_index(found)
    return documents, [str(error) for error in errors]


def nothing(notes: Sequence[Note], documents: Sequence[Document], likely: str = "") -> UnderstudyError:
    """The error that no document describes an operation, with the reasons that their notes give.

    likely: the known operation whose fields a page has that does not say its path.
    """
    problems = list(dict.fromkeys(note.text for note in notes if note.kind == "problem"))
    advice = "use the page of one operation, or an OpenAPI file"
    if any(note.code == UNSAID_PATH for note in notes):
        advice = "say it with --operation, such as 'POST /v1/path/of/it'"
    if likely:
        advice = (
            f"its fields are those of {likely}: say --operation '{likely}' if it is that, or its own path"
        )
    return UnderstudyError(
        f"no operation found{': ' + '; '.join(problems) if problems else ''}",
        where=documents[0].url or documents[0].name if documents else "",
        advice=advice,
    )
