"""The deliveries scheduled on one clock: a heap, and one timer for the earliest."""

from __future__ import annotations

import asyncio
import heapq
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.accounts.clock import Clock
    from understudy.mockserver.callbacks.deliveries import Delivery, OwedDelivery
    from understudy.mockserver.store.tasks import Task


class ScheduledDelivery(NamedTuple):
    """A delivery that waits for its time; `number` breaks ties in the order of arrival."""

    due: int
    number: int
    task: Task
    owed: OwedDelivery
    attempt: int
    log: Delivery | None


class Agenda:
    """`send` is given each delivery when its time has come, in order.

    `in_flight` counts attempts on their way, `all_done`: there are none. While it is `paused` (its clock is
    being advanced, or the server ends) nothing leaves by timer.
    """

    __slots__ = ("_send", "_timer", "all_done", "clock", "heap", "in_flight", "lock", "paused")

    def __init__(self, clock: Clock, send: Callable[[ScheduledDelivery], None]) -> None:
        self.clock = clock
        self.heap: list[ScheduledDelivery] = []
        self.lock = asyncio.Lock()
        self.in_flight = 0
        self.all_done = asyncio.Event()
        self.all_done.set()
        self.paused = False
        self._send = send
        self._timer: asyncio.TimerHandle | None = None

    def count_in_flight(self, change: int) -> None:
        """Count `change` more attempts on their way (or fewer)."""
        self.in_flight += change
        if self.in_flight:
            self.all_done.clear()
        else:
            self.all_done.set()

    def push(self, waiting: ScheduledDelivery) -> None:
        heapq.heappush(self.heap, waiting)
        if self.heap[0] is waiting:
            self.rearm()

    def take(self, due: int) -> list[ScheduledDelivery]:
        """Take out all that is due by then, in order; the timer is left to the caller."""
        batch = []
        while self.heap and self.heap[0].due <= due:
            batch.append(heapq.heappop(self.heap))
        return batch

    def drop(self, gone: Callable[[ScheduledDelivery], bool]) -> list[ScheduledDelivery]:
        """Take out what is `gone`, whenever it is due."""
        dropped = [waiting for waiting in self.heap if gone(waiting)]
        if dropped:
            self.heap = [waiting for waiting in self.heap if not gone(waiting)]
            heapq.heapify(self.heap)
            self.rearm()
        return dropped

    def add(self, more: list[ScheduledDelivery]) -> None:
        """Add deliveries that were scheduled on another clock."""
        self.heap.extend(more)
        heapq.heapify(self.heap)
        self.rearm()

    def pause(self, paused: bool) -> None:
        self.paused = paused
        self.rearm()

    def rearm(self) -> None:
        """Set the timer for the earliest delivery; called again whenever the clock's course changes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.heap or self.paused:
            return
        wait = self.clock.real_seconds_until(self.heap[0].due)
        if wait is not None:
            self._timer = asyncio.get_running_loop().call_later(wait, self.send_due)

    def send_due(self) -> None:
        """Send what is due by now."""
        now = self.clock.now()
        while self.heap and self.heap[0].due <= now:
            self._send(heapq.heappop(self.heap))
        self.rearm()
