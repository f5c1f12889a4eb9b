"""Time and ids that replicas have in common."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from understudy.mockserver.accounts.clock import REQUEST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# How far the time is moved towards the database's at once: far less than passes between two looks.
MOST_SLEW_NS = 500_000
SAMPLES = 5
# One task id for each 10 µs and replica: the last three digits are the replica's.
NS_PER_ID = 10_000
SLOTS = 1_000


class SharedTime:
    """The database's time in nanoseconds, as this process reckons it; it never runs back."""

    __slots__ = ("_offset", "_ticks")

    def __init__(self, ticks: Callable[[], int] = time.monotonic_ns) -> None:
        self._ticks = ticks
        self._offset = 0

    def __call__(self) -> int:
        return self._ticks() + self._offset

    async def measured(self, ask: Callable[[], Awaitable[int]], samples: int = SAMPLES) -> int:
        """How far the database's clock is ahead of ours, from the quickest of some answers."""
        best: tuple[int, int] | None = None
        for _ in range(samples):
            before = self._ticks()
            told = await ask()
            after = self._ticks()
            found = (after - before, told - (before + after) // 2)
            best = found if best is None else min(best, found)
        return best[1] if best is not None else 0

    def begin(self, offset: int) -> None:
        self._offset = offset

    def follow(self, offset: int) -> None:
        """Move a little towards what was measured: clocks of machines drift apart."""
        self._offset += max(-MOST_SLEW_NS, min(MOST_SLEW_NS, offset - self._offset))


class ReplicaIds:
    """Task ids (18 decimal digits) that ascend with time and that no other replica gives; request ids."""

    __slots__ = ("_last", "_prefix", "_requests", "_slot", "_time")

    def __init__(self, shared_time: Callable[[], int], slot: int) -> None:
        self._time = shared_time
        self._slot = slot
        self._last = 0
        self._requests = 0
        self._prefix = str(uuid.uuid4())[:-REQUEST_DIGITS]

    def task(self) -> str:
        self._last = max(self._last + 1, self._time() // NS_PER_ID)
        return str(self._last * SLOTS + self._slot)

    @property
    def requests(self) -> int:
        return self._requests

    def request(self) -> str:
        self._requests += 1
        return f"{self._prefix}{self._requests:0{REQUEST_DIGITS}x}"

    def go_past(self, task_id: str) -> None:
        """Time passes by itself."""
