"""A reading as a table of plain rows, so that tests can state whole documents.

One row a field: `path | keyword=value @line` …, the evidence kind marked where it is not `declared`:
`~` prose, `?` example, `!` vendor. A field that a document does not name has the path `-`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from understudy.specs.documents import load_file
from understudy.specs.readers import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from understudy.specs.model import Field, Note, Operation, Reading

KINDS = {"declared": "", "prose": "~", "example": "?", "vendor": "!"}


def field_row(field: Field) -> str:
    said = []
    for keyword in field.keywords:
        value = json.dumps(keyword.value, ensure_ascii=False, sort_keys=True)
        said.append(f"{keyword.name}={value}@{keyword.evidence.line}{KINDS[keyword.evidence.kind]}")
    name = ".".join(step or "-" for step in field.path) or "(body)"
    return " | ".join([name, *said])


def operation_rows(operation: Operation) -> list[str]:
    rows = [" ".join([operation.method.upper(), operation.path, f"@{operation.line}", *operation.servers])]
    rows += [f"{p.place}: {field_row(p.field)}" for p in operation.parameters]
    rows += [field_row(field) for field in operation.request]
    for status, fields in operation.responses.items():
        rows.append(f"-> {status}" if fields else f"-> {status} unknown")
        rows += [f"   {field_row(field)}" for field in fields]
    return rows


def table(reading: Reading) -> list[str]:
    """Format, operations, fields with all keywords and lines, then the notes with kind, line and field."""
    rows = [reading.format]
    for operation in reading.operations:
        rows += operation_rows(operation)
    return rows + [note_row(note) for note in reading.notes]


def note_row(note: Note) -> str:
    field = ".".join(step or "-" for step in note.field)
    return f"{note.kind} @{note.line}{f' {field}' if field else ''}"


@pytest.fixture
def table_of() -> Callable[[Path], list[str]]:
    """The table of the document in a file."""
    return lambda path: table(read(load_file(path)))
