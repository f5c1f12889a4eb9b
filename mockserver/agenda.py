"""What is due by one clock: a heap of deliveries, and one timer for the earliest of them."""

from __future__ import annotations

import asyncio
import heapq
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.clock import Clock
    from mockserver.deliveries import Delivery, Owed
    from mockserver.tasks import Task


class Waiting(NamedTuple):
    """A delivery that waits for its time; `number` breaks ties in the order of arrival."""

    due: int
    number: int
    task: Task
    owed: Owed
    attempt: int
    log: Delivery | None


class Agenda:
    """`fire` is given each delivery when its time has come, in order.

    `flying` counts attempts on their way, `landed`: there are none. While it is `held` (its clock is being
    advanced, or the server ends) nothing leaves by timer.
    """

    __slots__ = ("_fire", "_timer", "clock", "flying", "heap", "held", "landed", "lock")

    def __init__(self, clock: Clock, fire: Callable[[Waiting], None]) -> None:
        self.clock = clock
        self.heap: list[Waiting] = []
        self.lock = asyncio.Lock()
        self.flying = 0
        self.landed = asyncio.Event()
        self.landed.set()
        self.held = False
        self._fire = fire
        self._timer: asyncio.TimerHandle | None = None

    def fly(self, change: int) -> None:
        """Count `change` more attempts on their way (or fewer)."""
        self.flying += change
        if self.flying:
            self.landed.clear()
        else:
            self.landed.set()

    def push(self, waiting: Waiting) -> None:
        heapq.heappush(self.heap, waiting)
        if self.heap[0] is waiting:
            self.rearm()

    def take(self, due: int) -> list[Waiting]:
        """Take out all that is due by then, in order; the timer is left to the caller."""
        batch = []
        while self.heap and self.heap[0].due <= due:
            batch.append(heapq.heappop(self.heap))
        return batch

    def drop(self, gone: Callable[[Waiting], bool]) -> list[Waiting]:
        """Take out what is `gone`, whenever it is due."""
        dropped = [waiting for waiting in self.heap if gone(waiting)]
        if dropped:
            self.heap = [waiting for waiting in self.heap if not gone(waiting)]
            heapq.heapify(self.heap)
            self.rearm()
        return dropped

    def add(self, more: list[Waiting]) -> None:
        """Take in what waited elsewhere."""
        self.heap.extend(more)
        heapq.heapify(self.heap)
        self.rearm()

    def hold(self, held: bool) -> None:
        self.held = held
        self.rearm()

    def rearm(self) -> None:
        """Set the timer for the earliest delivery; called again whenever the clock's course changes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.heap or self.held:
            return
        wait = self.clock.real_seconds_until(self.heap[0].due)
        if wait is not None:
            self._timer = asyncio.get_running_loop().call_later(wait, self.ring)

    def ring(self) -> None:
        """Fire what is due by now."""
        now = self.clock.now()
        while self.heap and self.heap[0].due <= now:
            self._fire(heapq.heappop(self.heap))
        self.rearm()
