"""What of a reading facts for what a line says: facts of that line, and facts of the fields that it names.

| seed | integer | no | from 0 to 99 |      accounted for by the facts of the field that has this line
The mode is "std" or "pro".                accounted for by what fields called "mode" may be

That the same number or word is a fact somewhere else facts for nothing.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from understudy.specs.readers.told.told_lines import texts_of

if TYPE_CHECKING:
    from collections.abc import Container

    from understudy.specs.model import Field, Reading

# So many lines below a field may what is said of it stand.
MAX_BELOW = 8
# And so many above a member of code a comment that speaks of it.
MAX_COMMENT = 4

IDENTIFIERS = re.compile(r"[A-Za-z_][\w-]{1,79}")


class FactsByLine:
    """The facts of a reading, by the lines on which they stand and by the names of their fields.

    `names` are the steps of all paths of fields, `alternatives` all values of their enumerations.
    """

    def __init__(self, reading: Reading) -> None:
        self._fields: dict[int, list[Field]] = {}
        self._keywords: dict[int, set[str]] = {}
        self._values: dict[int, set[str]] = {}
        self._said: dict[str, set[str]] = {}
        self._values_of: dict[str, set[str]] = {}
        self.names: set[str] = set()
        self.alternatives: set[str] = set()
        for one in reading.fields():
            self._add(one, reading.document)
        self._sorted = sorted(self._fields)

    def _add(self, field: Field, document: str) -> None:
        self._fields.setdefault(field.line, []).append(field)
        self.names.update(field.path)
        self.alternatives.update(texts_of(field.get("enum") or ()))
        said = self._said.setdefault(field.name, set())
        values = self._values_of.setdefault(field.name, set())
        for word in field.keywords:
            texts = set(texts_of(word.value))
            said.add(word.name)
            values |= texts
            self._values.setdefault(field.line, set()).update(texts)
            if word.evidence.document == document:
                self._keywords.setdefault(word.evidence.line, set()).add(word.name)
                self._values.setdefault(word.evidence.line, set()).update(texts)

    def lines(self) -> list[int]:
        """The lines of the fields, in rising order."""
        return self._sorted

    def members(self) -> Container[int]:
        """The lines of the fields."""
        return self._fields

    def said_of(self, name: str) -> set[str] | None:
        """What is said of the fields of a name; None where there is none."""
        return self._said.get(name)

    def fields_at(self, number: int) -> list[Field]:
        return self._fields.get(number, [])

    def beside(self, number: int, near: int) -> range:
        """The lines around one that may speak of the same: none beside a field's, nor that of the next."""
        if number in self._fields:
            return range(number, number + 1)
        return range(number - near, number + 1 + (near if number + near not in self._fields else 0))

    def keywords(self, number: int) -> set[str]:
        """What is said of the fields that have a line, and what else stands on it."""
        of_fields = (word.name for one in self.fields_at(number) for word in one.keywords)
        return self._keywords.get(number, set()).union(of_fields)

    def owner(self, number: int, *, is_code: bool = False) -> int:
        """The line of the field of which a line speaks: the last above; of a comment in code, the next."""
        at = bisect.bisect_right(self._sorted, number) - 1
        is_own = at >= 0 and self._sorted[at] == number
        below = self._sorted[at + 1] if at + 1 < len(self._sorted) else 0
        if is_code and not is_own and 0 < below - number <= MAX_COMMENT:
            return below
        return self._sorted[at] if at >= 0 else 0

    def values_of(self, number: int, *, is_code: bool) -> set[str]:
        """What the facts of the field say of which a line speaks, where it is near."""
        owner = self.owner(number, is_code=is_code)
        return self._values.get(owner, set()) if number - owner <= MAX_BELOW else set()

    def values(self, number: int, text: str = "", near: int = 0) -> set[str]:
        """What the facts of a line say, those of lines around, and those of fields that its text names."""
        own = {step for one in self.fields_at(number) for step in one.path}
        found = own.union(*(self._values.get(line, ()) for line in self.beside(number, near)))
        named = set(IDENTIFIERS.findall(text)) & self._values_of.keys()
        return found.union(*(self._values_of[name] for name in named - own))
