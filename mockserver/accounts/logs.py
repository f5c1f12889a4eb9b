"""Bounded logs: each keeps its last entries, and all logs of a server share one limit in bytes."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# An empty deque weighs more than all else that an idle account has: short logs are lists.
FEW = 32
# How much is freed at a time, as a share of all: one part in so many.
PART = 8


class Logged(Protocol):
    """An entry of a log: its number (in the order of arrival, over all logs) and its size in bytes."""

    @property
    def number(self) -> int: ...

    @property
    def size(self) -> int: ...


E = TypeVar("E", bound=Logged)


class ByteBudget:
    """The bytes that logs share, at most `most`; when they are used up, the oldest entries of all logs go.

    `logs` gives all logs that draw on it.
    """

    __slots__ = ("_logs", "most", "next_number", "used")

    def __init__(self, most: int, logs: Callable[[], Iterable[EntryLog[Any]]]) -> None:
        self.most = most
        self._logs = logs
        self.used = 0
        self.next_number = itertools.count().__next__

    def make_room(self) -> None:
        """Drop the oldest entries of all logs, until a part of the budget is free again."""
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


class EntryLog(Generic[E]):
    """The last `most` entries of one account, at least one; fewer when the budget is used up."""

    __slots__ = ("_entries", "_limit", "budget", "most")

    def __init__(self, most: int, budget: ByteBudget) -> None:
        self.most = most
        self.budget = budget
        self._entries: list[E] | deque[E] = []
        self._limit = min(FEW, most)

    def add(self, entry: E) -> None:
        entries, budget = self._entries, self.budget
        if len(entries) >= self._limit:
            if type(entries) is deque:
                # A full log, as most are: as `drop` has it, without two calls for each request.
                budget.used -= entries.popleft().size
            else:
                entries = self._with_room()
        entries.append(entry)
        budget.used += entry.size
        if budget.used > budget.most:
            budget.make_room()

    def _with_room(self) -> list[E] | deque[E]:
        """The entries, with room for one more."""
        if len(self._entries) >= self.most:
            self.drop()
        else:
            self._entries = deque(self._entries)
            self._limit = self.most
        return self._entries

    @property
    def oldest(self) -> int:
        """The number of the oldest entry; there must be one."""
        return self._entries[0].number

    def drop(self) -> None:
        """Forget the oldest entry."""
        entries = self._entries
        first = entries.popleft() if isinstance(entries, deque) else entries.pop(0)
        self.budget.used -= first.size

    def clear(self) -> None:
        self.budget.used -= sum(entry.size for entry in self._entries)
        self._entries = []
        self._limit = min(FEW, self.most)

    def retire(self) -> None:
        """Drop all entries and stop counting against the budget; later entries are ignored by readers."""
        self.clear()
        self.budget = ByteBudget(self.budget.most, lambda: [self])

    def entries(self) -> list[E]:
        """All entries, the oldest first."""
        return list(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[E]:
        return iter(list(self._entries))
