"""Which names of a block of data facts account for: those of the bodies that it shows.

{"data": {"id": "1", "status": "done"}}     each name with what holds it: (data, id), (data, status)

That some other request has a `status` too accounts for nothing, nor that an answer has it somewhere else.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from understudy.specs.model import Field, Reading

# So many bodies are held against a block, and so many of its names must a body have.
MAX_BODIES, MIN_SHARED = 200, 3
MAX_DEPTH = 60

_TOKEN = re.compile(r"\"(?P<text>(?:[^\"\\\n]|\\.){0,2000})\"(?P<colon>\s{0,3}:(?!:))?|(?P<sign>[{}\[\]])")
_NAME = re.compile(r"[A-Za-z_][\w-]{1,79}\Z")


# Names with what holds them, and without it.
Names: TypeAlias = "tuple[AbstractSet[tuple[str, str]], AbstractSet[str]]"


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
        self._unions: dict[frozenset[int], Names] = {}
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
        here = frozenset(at for one in names for at in self._at.get(one.line, ()))
        if here:
            own = self._union(here)
        else:
            near = self._near(names[0].line, text)
            of_near = [at for at, of in enumerate(self._of) if of in near]
            pairs = self._shown({one.key for one in names}, of_near)
            own = pairs, {name for _, name in pairs}
        return [one for one in names if not self._has(self._of_line(one.line) or own, one)]

    @staticmethod
    def _has(body: Names, one: ShownName) -> bool:
        """Whether a body has a name where a block has it; what holds a whole body is the block's own."""
        pairs, names = body
        return one.key in pairs or (not one.holder and one.key[1] in names)

    def _of_line(self, line: int) -> Names | None:
        at = self._at.get(line)
        return self._union(frozenset(at)) if at else None

    def _union(self, bodies: frozenset[int]) -> Names:
        """The names of some bodies, with what holds them and without it."""
        if bodies not in self._unions:
            pairs = set[tuple[str, str]]().union(*(self._bodies[at] for at in bodies))
            self._unions[bodies] = pairs, {name for _, name in pairs}
        return self._unions[bodies]

    def _near(self, line: int, text: str) -> set[int]:
        """The operations that a block may show: that above it, and those whose paths it has."""
        above = bisect.bisect_right(self._lines, (line, len(self._paths)))
        found = {at for at, path in enumerate(self._paths) if path and path.split("{")[0].rstrip("/") in text}
        return found | ({self._lines[above - 1][1]} if above else set(range(len(self._paths))))

    def _shown(self, keys: AbstractSet[tuple[str, str]], near: Sequence[int]) -> set[tuple[str, str]]:
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
