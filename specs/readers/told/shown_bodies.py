"""Which names of a block of data facts account for: those of the bodies that it shows.

{"task_id": "1", "status": "done"}      an answer; that a request has `status` too accounts for nothing
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import Field, Reading

# So many bodies are held against a block, and so many of its names must a body have.
MAX_BODIES, MIN_SHARED = 200, 3


class Bodies:
    """The names of each request and of each answer of a reading."""

    def __init__(self, reading: Reading) -> None:
        self._bodies: list[frozenset[str]] = []
        self._at: dict[int, set[int]] = {}
        for operation in reading.operations:
            queries = [one.field for one in operation.parameters if one.place != "path"]
            self._add([*operation.request, *queries])
            for fields in operation.responses.values():
                self._add(fields)

    def _add(self, fields: Sequence[Field]) -> None:
        names = frozenset(step.lower() for one in fields for step in one.path)
        if not names or len(self._bodies) >= MAX_BODIES:
            return
        for one in fields:
            for line in {one.line, *(word.evidence.line for word in one.keywords)}:
                self._at.setdefault(line, set()).add(len(self._bodies))
        self._bodies.append(names)

    def accounted(self, names: Sequence[tuple[int, str]]) -> set[str]:
        """The names of a block that facts account for; `names` has each with its line."""
        left = {name.lower() for _, name in names}
        here = {at for line, _ in names for at in self._at.get(line, ())}
        found = set[str]()
        for at in here:
            found |= self._bodies[at]
        if here and len(left & found) * 2 >= len(left):
            return found
        left -= found
        bodies = list(self._bodies)
        while left and bodies:
            best = max(bodies, key=lambda body: len(body & left))
            shared = best & left
            if len(shared) * 2 < len(left) and len(shared) < MIN_SHARED:
                break
            found |= best
            left -= best
            bodies.remove(best)
        return found
