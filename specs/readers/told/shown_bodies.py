"""Which names of a block of data facts account for: those of the bodies that it shows.

{"data": {"id": "1", "status": "done"}}     each name with what holds it: (data, id), (data, status)

That some other request has a `status` too accounts for nothing, nor that an answer has it somewhere else.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Set

    from understudy.specs.model import Field, Reading

# So many bodies are held against a block, and so many of its names must a body have.
MAX_BODIES, MIN_SHARED = 200, 3
MAX_DEPTH = 60

_TOKEN = re.compile(r"\"(?P<text>(?:[^\"\\\n]|\\.){0,2000})\"(?P<colon>\s{0,3}:(?!:))?|(?P<sign>[{}\[\]])")
_NAME = re.compile(r"[A-Za-z_][\w-]{1,79}\Z")


@dataclass(frozen=True, slots=True)
class ShownName:
    """A name that a block has on a line, and the name of what holds it; "" for what stands at the top."""

    line: int
    name: str
    holder: str

    @property
    def key(self) -> tuple[str, str]:
        return self.holder.lower(), self.name.lower()


def shown_in(lines: Iterable[tuple[int, str]]) -> list[ShownName]:
    """The names of a block of JSON, which may be torn or stand in a command."""
    found: list[ShownName] = []
    holders = [""]
    name = ""
    for number, text in lines:
        for match in _TOKEN.finditer(text):
            sign = match["sign"]
            if match["colon"] and _NAME.match(match["text"]):
                name = match["text"]
                found.append(ShownName(number, name, holders[-1]))
            elif sign and sign in "{[" and len(holders) < MAX_DEPTH:
                holders.append(name or holders[-1])
                name = ""
            elif sign and sign in "}]" and len(holders) > 1:
                holders.pop()
                name = ""
            elif not sign:
                name = ""
    return found


class Bodies:
    """The names of each request and of each answer of a reading, with what holds them."""

    def __init__(self, reading: Reading) -> None:
        self._bodies: list[frozenset[tuple[str, str]]] = []
        self._of: list[int] = []
        self._at: dict[int, set[int]] = {}
        lines: dict[int, int] = {}
        for index, operation in enumerate(reading.operations):
            queries = [one.field for one in operation.parameters if one.place != "path"]
            for fields in ([*operation.request, *queries], *operation.responses.values()):
                self._add(index, fields)
            said = [operation.line, *(one.line for one in (*operation.request, *queries))]
            lines.update((line, index) for line in said)
        self._lines = sorted(lines.items())
        self._paths = [one.own_path or one.path for one in reading.operations]

    def _add(self, operation: int, fields: Sequence[Field]) -> None:
        names = set[tuple[str, str]]()
        for one in fields:
            steps = [step.lower() for step in one.path if step != "[]"]
            names.update(zip(["", *steps], steps, strict=False))
        if not names or len(self._bodies) >= MAX_BODIES:
            return
        for one in fields:
            for line in {one.line, *(word.evidence.line for word in one.keywords)}:
                self._at.setdefault(line, set()).add(len(self._bodies))
        self._bodies.append(frozenset(names))
        self._of.append(operation)

    def unaccounted(self, names: Sequence[ShownName], text: str) -> list[ShownName]:
        """The names of a block that no fact accounts for."""
        here = {at for one in names for at in self._at.get(one.line, ())}
        own = self._union(here)
        if not here:
            near = self._near(names[0].line, text)
            own = self._shown(
                {one.key for one in names}, [at for at, of in enumerate(self._of) if of in near]
            )
        return [one for one in names if not self._has(self._union(self._at.get(one.line, ())) or own, one)]

    @staticmethod
    def _has(body: Set[tuple[str, str]], one: ShownName) -> bool:
        """Whether a body has a name where a block has it; what holds a whole body is the block's own."""
        return one.key in body or (not one.holder and any(one.key[1] == name for _, name in body))

    def _union(self, bodies: Iterable[int]) -> set[tuple[str, str]]:
        return set[tuple[str, str]]().union(*(self._bodies[at] for at in bodies))

    def _near(self, line: int, text: str) -> set[int]:
        """The operations that a block may show: that above it, and those whose paths it has."""
        above = bisect.bisect_right(self._lines, (line, len(self._paths)))
        found = {at for at, path in enumerate(self._paths) if path and path.split("{")[0].rstrip("/") in text}
        return found | ({self._lines[above - 1][1]} if above else set(range(len(self._paths))))

    def _shown(self, keys: Set[tuple[str, str]], near: Sequence[int]) -> set[tuple[str, str]]:
        """The names of the bodies that have most of a block's."""
        left = {name for _, name in keys}
        found = set[tuple[str, str]]()
        bodies = [self._bodies[at] for at in near]
        while left and bodies:
            best = max(bodies, key=lambda body: len(left & {name for _, name in body}))
            shared = left & {name for _, name in best}
            if not shared or (len(shared) * 2 < len(left) and len(shared) < MIN_SHARED):
                break
            found |= best
            left -= shared
            bodies.remove(best)
        return found
