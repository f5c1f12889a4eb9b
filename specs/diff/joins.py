"""What several parts of an `allOf` demand of one place, as one schema: made once, to be recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.diff.plain import named

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument, Raw

# Joined schemas of one document. Of schemas that take each other in and say more of the same properties there
# may be as many as sets of them; documents as people write them have some dozens.
MOST = 500
TOO_MANY = "the parts of allOf meet here in more combinations than are compared; nothing is said below"


class Joins:
    """Joined schemas of one document."""

    def __init__(self, document: ApiDocument) -> None:
        self.document = document
        self._made: dict[frozenset[int], Raw] = {}
        self._parts: dict[int, tuple[Raw, ...]] = {}

    def join(self, first: Raw | None, second: Raw) -> Raw:
        """A schema for the values of both. Beyond 500 an unclear one, which is noted in the document."""
        if first is None or first is second:
            return second
        # A schema counts once, however often and by however many references it is met.
        parts = {id(part): part for part in (*self._parts_of(first), *self._parts_of(second))}
        if len(parts) == 1:
            return first
        key = frozenset(parts)
        if key not in self._made:
            like = first if isinstance(first, dict) else second
            self._made[key] = self._new(tuple(parts.values()), like)
        return self._made[key]

    def _new(self, parts: tuple[Raw, ...], like: Raw) -> Raw:
        if len(self._made) >= MOST:
            unclear = self.document.made({}, like)
            self.document.leave_out(unclear)
            self.document.problem(TOO_MANY, like)
            return unclear
        made = self.document.made({"allOf": list(parts)}, like)
        self._parts[id(made)] = parts
        return made

    def _parts_of(self, raw: Raw) -> tuple[Raw, ...]:
        """What a joined schema was made of; any other one as it is, or as it is named."""
        return self._parts.get(id(raw)) or (named(raw, self.document),)
