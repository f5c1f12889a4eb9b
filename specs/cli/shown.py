"""A provider's spec for people and for programs: each field, each keyword, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.places import REQUEST, path_text
from understudy.specs.render.text import fitted, hanging, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.model import Field, Keyword, Note, Operation, ProviderSpec

HEAD = ("field", "keyword", "value", "document:line", "kind")


def as_data(spec: ProviderSpec) -> dict[str, Any]:
    """The spec as JSON values; places are objects {document, line, kind}."""
    return {
        "name": spec.name,
        "title": spec.title,
        "servers": list(spec.servers),
        "operations": {
            key: {
                "request": [
                    _field(one, spec.aliases.get(key, {}).get(one.path)) for one in operation.request
                ],
                "parameters": [{"in": one.place, **_field(one.field, None)} for one in operation.parameters],
                "responses": {
                    status: [_field(one, None) for one in fields]
                    for status, fields in operation.responses.items()
                },
            }
            for key, operation in spec.operations.items()
        },
        "conventions": dict(spec.conventions),
        "notes": [note_data(note) for note in spec.notes],
    }


def note_data(note: Note) -> dict[str, Any]:
    """A note as JSON values; `field` is "" for a note about the document."""
    return {
        "kind": note.kind,
        "document": note.document,
        "line": note.line,
        "column": note.column,
        "field": path_text(note.field) if note.field else "",
        "text": note.text,
    }


def _field(one: Field, alias: str | None) -> dict[str, Any]:
    return {
        "field": path_text(one.path),
        "name": alias or one.name,
        "confidence": one.confidence,
        "keywords": [_keyword(word) for word in one.keywords],
    }


def _keyword(word: Keyword) -> dict[str, Any]:
    place = {"document": word.evidence.document, "line": word.evidence.line, "kind": word.evidence.kind}
    return {"keyword": word.name, "value": word.value, "evidence": place}


def as_text(spec: ProviderSpec, documents: Sequence[str], width: int = 0) -> str:
    """The spec as text: a table for each body, then the notes.

    `width`, in columns, is that of a terminal: what does not fit is put below each other. 0: no limit.
    """
    lines = [
        spec.title,
        f"documents: {', '.join(documents)}",
        f"servers:   {', '.join(spec.servers) or 'unknown'}",
    ]
    for key, operation in spec.operations.items():
        for body, fields in _bodies(operation):
            lines += ["", f"{key}, {'request' if body == REQUEST else f'answer {body}'}", ""]
            if not fields:
                lines.append("undocumented")
                continue
            aliases = spec.aliases.get(key, {}) if body == REQUEST else {}
            rows = [row for one in fields for row in _rows(one, aliases.get(one.path))]
            lines += fitted(HEAD, rows, width)
    if spec.notes:
        lines += ["", "Notes", "", *(hanging("", note_text(note), width) for note in spec.notes)]
    return "\n".join(lines) + "\n"


def note_text(note: Note) -> str:
    """A note in one line: `chainhub.md:42:32 mend: …`."""
    column = f":{note.column}" if note.column else ""
    place = f"{note.document}:{note.line}{column}" if note.document else "-"
    field = f" ({path_text(note.field)})" if note.field else ""
    return f"{place} {note.kind}{field}{': ' + note.text if note.text else ''}"


def _bodies(operation: Operation) -> Iterator[tuple[str, tuple[Field, ...]]]:
    if operation.request:
        yield REQUEST, operation.request
    yield from sorted(operation.responses.items())


def _rows(one: Field, alias: str | None) -> Iterator[tuple[str, ...]]:
    name = path_text(one.path)
    if alias:
        name += f" (there: {alias})"
    if one.confidence < 1:
        name += f" (unnamed there; {one.confidence:.0%} sure)"
    if not one.keywords:
        yield name, "", "", "", ""
    for word in one.keywords:
        place = f"{word.evidence.document}:{word.evidence.line}"
        yield name, word.name, shown(word.value), place, word.evidence.kind
        name = ""
