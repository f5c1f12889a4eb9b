"""A spec on its way through the passes, and how a pass visits its bodies and fields."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.model import Note
from understudy.specs.places import REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from understudy.specs.model import Field, Keyword, NoteKind, ProviderSpec
    from understudy.specs.profile import Profile

    Fields = tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class SpecDraft:
    """The spec so far, and what a pass may look at.

    `known` holds the vendor's fields of each operation's request, by operation key, in the vendor's order;
    it is empty for the vendor itself. `usual` holds other names that fields are often sold under; `words`,
    for each document, the words that stand in it as names do, with their lines.
    """

    spec: ProviderSpec
    profile: Profile
    known: Mapping[str, Sequence[Field]]
    usual: Mapping[str, str]
    words: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: MappingProxyType({}))

    def with_(self, **changes: Any) -> SpecDraft:
        """The draft with some of its spec's attributes replaced."""
        return replace(self, spec=replace(self.spec, **changes))


def each_body(draft: SpecDraft, change: Callable[[str, str, Fields], Fields]) -> SpecDraft:
    """Put every body's fields through `change(operation key, body name, fields)`."""
    operations = {
        key: replace(
            operation,
            request=change(key, REQUEST, operation.request),
            responses=MappingProxyType(
                {status: change(key, status, fields) for status, fields in operation.responses.items()}
            ),
        )
        for key, operation in draft.spec.operations.items()
    }
    return draft.with_(operations=MappingProxyType(operations))


def each_field(draft: SpecDraft, change: Callable[[Field], tuple[Field, list[Note]]]) -> SpecDraft:
    """Put every field and parameter through `change`, which returns it anew and the notes about it."""
    notes: list[Note] = []

    def changed(field: Field) -> Field:
        new, several = change(field)
        notes.extend(several)
        return new

    bodies = each_body(draft, lambda _key, _body, fields: tuple(map(changed, fields)))
    operations = {
        key: replace(
            operation,
            parameters=tuple(replace(one, field=changed(one.field)) for one in operation.parameters),
        )
        for key, operation in bodies.spec.operations.items()
    }
    return bodies.with_(operations=MappingProxyType(operations), notes=(*draft.spec.notes, *notes))


def note(kind: NoteKind, text: str, field: Field, word: Keyword | None) -> Note:
    """A note about a field, at the place of one of its keywords."""
    if word is None:
        return Note(kind, text, "", field.line, field=field.path)
    return Note(kind, text, word.evidence.document, word.evidence.line, field=field.path)
