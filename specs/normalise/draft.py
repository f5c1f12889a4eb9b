"""A spec on its way through the passes, and how a pass visits its bodies and fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from specs.model import Note
from specs.places import REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from specs.model import Field, Keyword, ProviderSpec
    from specs.profile import Profile

    Fields = tuple[Field, ...]

NoteKind = Literal["mend", "not-understood", "contradiction", "unnamed", "problem", "alias"]


@dataclass(frozen=True, slots=True)
class Draft:
    """The spec so far, and what a pass may look at.

    `known` holds the vendor's fields of each operation's request, by operation key, in the vendor's order;
    it is empty for the vendor itself. `usual` holds other names that fields are often sold under.
    """

    spec: ProviderSpec
    profile: Profile
    known: Mapping[str, Sequence[Field]]
    usual: Mapping[str, str]

    def with_(self, **changes: Any) -> Draft:
        """The draft with some of its spec's attributes replaced."""
        return replace(self, spec=replace(self.spec, **changes))


def each_body(draft: Draft, change: Callable[[str, str, Fields], Fields]) -> Draft:
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


def each_field(draft: Draft, change: Callable[[Field], tuple[Field, list[Note]]]) -> Draft:
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
