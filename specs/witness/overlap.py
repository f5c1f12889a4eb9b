"""Alternatives of a `oneOf` that shut each other out: a fault of the document, and how it is read instead.

`oneOf` takes what exactly one alternative takes. Objects that are open take each other's values, so that
often nothing that its author means is left. Such a choice is read as `anyOf`, and said to be at fault, with a
value that two alternatives take.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.specs.algebra import Judge
from understudy.specs.diff.bundle import Bundler
from understudy.specs.diff.schema import upgrade
from understudy.specs.witness.budget import StepBudget
from understudy.specs.witness.generate import values

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument, Raw

# Alternatives beyond which it is not looked into, values of each that are tried, and steps of the search.
MOST, TRIES, STEPS = 60, 8, 4_000


class _Shut(NamedTuple):
    """A value that an alternative means, by number, and which alternatives take it."""

    value: Any
    taken_by: tuple[int, ...]


class Overlaps:
    """Callable: whether a schema of a document has a `oneOf` that is read as `anyOf`. Each is told once."""

    def __init__(self, document: ApiDocument) -> None:
        self.document = document
        # Inside the alternatives every choice is read as it may be meant.
        self.bundler = Bundler(document, "response")
        self.bundler.overlapping = lambda _: True
        self._known: dict[int, tuple[Raw, bool]] = {}

    def __call__(self, raw: Raw) -> bool:
        if id(raw) not in self._known:
            shut = self._shut(raw)
            self._known[id(raw)] = (raw, shut is not None)
            if shut is not None:
                self._tell(raw, shut)
        return self._known[id(raw)][1]

    def _shut(self, raw: Raw) -> _Shut | None:
        members = upgrade(raw, self.document).get("oneOf", [])
        if not 2 <= len(members) <= MOST:
            return None
        judges = [Judge(self.bundler.lazy(member, "taker")) for member in members]
        found = [self._own(raw, n, member, judges) for n, member in enumerate(members)]
        shut = [one for one in found if isinstance(one, _Shut)]
        if not shut:
            return None
        # Scalars are held to the letter as long as something fits: a number that is no integer, say.
        objects = [one for one in shut if isinstance(one.value, dict)]
        if len(shut) == len(members):
            return shut[0]
        return objects[0] if objects else None

    def _own(self, raw: Raw, number: int, member: Raw, judges: list[Judge]) -> _Shut | bool:
        """A value of an alternative that others take as well, as all that were found; else False."""
        alone = {key: value for key, value in raw.items() if key != "oneOf"}
        made = self.document.made({**alone, "allOf": [*alone.get("allOf", ()), member]}, raw)
        shut: _Shut | bool = False
        for value in islice(values(self.bundler.lazy(made, "sender"), budget=StepBudget(STEPS)), TRIES):
            takes = tuple(n for n, judge in enumerate(judges) if judge.takes(value))
            if takes == (number,):
                return False
            if number in takes and shut is False:
                shut = _Shut(value, takes)
        return shut

    def _tell(self, raw: Raw, shut: _Shut) -> None:
        members = upgrade(raw, self.document)["oneOf"]
        names = [alternative_name(members[n], n) for n in shut.taken_by]
        text = f"oneOf whose alternatives overlap: {' and '.join(names)} take the same value; read as anyOf"
        self.document.problem(text, raw, "oneOf", rule="overlapping-one-of", value=shut.value)


def alternative_name(raw: Raw, number: int) -> str:
    """What an alternative is called: its component, its title, or its number from 1."""
    if isinstance(raw, dict) and isinstance(raw.get("$ref"), str):
        return str(raw["$ref"].rpartition("/")[2])
    if isinstance(raw, dict) and isinstance(raw.get("title"), str):
        return str(raw["title"])
    return f"alternative {number + 1}"
