"""Passes that give fields the vendor's names."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import UNTOLD_NAME, Note
from understudy.specs.normalise.aliases import aliases
from understudy.specs.normalise.draft import note
from understudy.specs.normalise.gather import one_field_a_place
from understudy.specs.places import path_text
from understudy.specs.readers.fields.identify import identify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.model import FieldPath
    from understudy.specs.normalise.draft import SpecDraft


def named_fields(draft: SpecDraft) -> SpecDraft:
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


def _document(draft: SpecDraft) -> str:
    return draft.profile.documents[0].name if draft.profile.documents else draft.spec.name


def vendors_names(draft: SpecDraft) -> SpecDraft:
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


def names_in_the_text(draft: SpecDraft) -> SpecDraft:
    """A field of the vendor's that no document states, though its name stands in one of them, is noted: it is
    not undocumented, but unread. Where it stands as a field of another operation, that was read."""
    notes: list[Note] = []
    read = {
        (one.path[-1], word.evidence.document, word.evidence.line)
        for operation in draft.spec.operations.values()
        for one in (*operation.request, *(each.field for each in operation.parameters))
        for word in one.keywords
        if one.path
    }
    for key, operation in draft.spec.operations.items():
        fields = [*operation.request, *(one.field for one in operation.parameters)]
        fields += [one for several in operation.responses.values() for one in several]
        stated = {step for one in fields for step in one.path}
        documents = {word.evidence.document for one in fields for word in one.keywords}
        for known in draft.known.get(key, ()) if fields else ():
            lines = [(d, w[known.name]) for d, w in draft.words.items() if d in documents and known.name in w]
            is_read = bool(lines) and (known.name, *lines[0]) in read
            if lines and known.name not in stated and not is_read:
                text = (
                    f"the vendor's field {path_text(known.path)} stands in the text; nothing was read of it"
                )
                notes.append(Note("untold", text, *lines[0], field=known.path, code=UNTOLD_NAME))
    return draft.with_(notes=(*draft.spec.notes, *notes))


def _moved(path: FieldPath, moves: Mapping[FieldPath, FieldPath]) -> FieldPath:
    for length in range(len(path), 0, -1):
        if path[:length] in moves:
            return (*moves[path[:length]], *path[length:])
    return path
