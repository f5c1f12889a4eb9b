"""Logs that forget: each holds the last so many things, all of a server's together so many bytes.

A thing is a tuple that begins with its number (in the order of arrival, over all logs) and its size in bytes.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# An empty deque weighs more than all else that an idle account has: short logs are lists.
FEW = 32
# How much is freed at a time, as a share of all: one part in so many.
PART = 8

Thing = tuple[Any, ...]


class Shelf:
    """The room that logs share: `most` bytes. When it is used up, the oldest things go, whoever's they are.

    `logs` gives all logs that stand on it.
    """

    __slots__ = ("_logs", "most", "number", "used")

    def __init__(self, most: int, logs: Callable[[], Iterable[Log]]) -> None:
        self.most = most
        self._logs = logs
        self.used = 0
        self.number = itertools.count().__next__

    def make_room(self) -> None:
        """Drop the oldest things of all logs, until a part of the room is free again."""
        goal = self.most - self.most // PART
        heap = [(log.oldest, n, log) for n, log in enumerate(self._logs()) if len(log)]
        heapq.heapify(heap)
        while heap and self.used > goal:
            _, n, log = heap[0]
            log.drop()
            if len(log):
                heapq.heapreplace(heap, (log.oldest, n, log))
            else:
                heapq.heappop(heap)


class Log:
    """The last `most` things of one account, at least one; fewer when the shelf is full."""

    __slots__ = ("_limit", "_things", "most", "shelf")

    def __init__(self, most: int, shelf: Shelf) -> None:
        self.most = most
        self.shelf = shelf
        self._things: list[Thing] | deque[Thing] = []
        self._limit = min(FEW, most)

    def add(self, thing: Thing) -> None:
        things = self._things
        if len(things) >= self._limit:
            things = self._with_room()
        things.append(thing)
        shelf = self.shelf
        shelf.used += thing[1]
        if shelf.used > shelf.most:
            shelf.make_room()

    def _with_room(self) -> list[Thing] | deque[Thing]:
        """The things, with room for one more."""
        if len(self._things) >= self.most:
            self.drop()
        else:
            self._things = deque(self._things)
            self._limit = self.most
        return self._things

    @property
    def oldest(self) -> int:
        """The number of the oldest thing; there must be one."""
        number: int = self._things[0][0]
        return number

    def drop(self) -> None:
        """Forget the oldest thing."""
        things = self._things
        first = things.popleft() if isinstance(things, deque) else things.pop(0)
        self.shelf.used -= first[1]

    def clear(self) -> None:
        self.shelf.used -= sum(thing[1] for thing in self._things)
        self._things = []
        self._limit = min(FEW, self.most)

    def retire(self) -> None:
        """Forget all, and leave the shelf: who still writes here, nobody will read it."""
        self.clear()
        self.shelf = Shelf(self.shelf.most, lambda: [self])

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Thing]:
        return iter(list(self._things))
