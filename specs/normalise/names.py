"""Passes that give fields the vendor's names."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from specs.model import Note
from specs.normalise.aliases import aliases
from specs.normalise.draft import note
from specs.normalise.gather import one_field_a_place
from specs.places import path_text
from specs.readers.identify import identify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specs.model import FieldPath
    from specs.normalise.draft import Draft


def named_fields(draft: Draft) -> Draft:
    """Fields without a name get the vendor's, where order, type and wording tell; the others are listed."""
    operations = {}
    notes = [one for one in draft.spec.notes if one.kind != "unnamed"]
    for key, operation in draft.spec.operations.items():
        request = identify(operation.request, draft.known.get(key, ()))
        named = tuple(one for one in request if one.path[:1] != ("",))
        operations[key] = replace(operation, request=one_field_a_place(named))
        for field in request:
            if field.path == ("",):
                document = next((word.evidence.document for word in field.keywords), _document(draft))
                text = f"a field without a name, described in line {field.line}, fits none of the vendor's"
                notes.append(Note("unnamed", text, document, field.line))
    return draft.with_(operations=MappingProxyType(operations), notes=tuple(notes))


def _document(draft: Draft) -> str:
    return draft.profile.documents[0].name if draft.profile.documents else draft.spec.name


def vendors_names(draft: Draft) -> Draft:
    """A field under another name than the vendor's moves to the vendor's place; the name goes to `aliases`.

    Names come from the profile's table, then from the usual ones, then from near-identical spelling.
    """
    operations = dict(draft.spec.operations)
    found_names: dict[str, Mapping[FieldPath, str]] = {}
    notes: list[Note] = []
    for key, operation in operations.items():
        found = aliases(operation.request, draft.known.get(key, ()), draft.profile.aliases, draft.usual)
        if not found:
            continue
        request = tuple(replace(one, path=_moved(one.path, found)) for one in operation.request)
        operations[key] = replace(operation, request=request)
        found_names[key] = MappingProxyType({new: old[-1] for old, new in found.items()})
        for old, new in found.items():
            field = next(one for one in operation.request if one.path == old)
            text = f"{path_text(old)} is taken for the vendor's {path_text(new)}"
            notes.append(note("alias", text, field, field.keywords[0] if field.keywords else None))
    return draft.with_(
        operations=MappingProxyType(operations),
        aliases=MappingProxyType(found_names),
        notes=(*draft.spec.notes, *notes),
    )


def _moved(path: FieldPath, moves: Mapping[FieldPath, FieldPath]) -> FieldPath:
    for length in range(len(path), 0, -1):
        if path[:length] in moves:
            return (*moves[path[:length]], *path[length:])
    return path
