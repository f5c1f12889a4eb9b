"""The only source of time and of ids."""

from __future__ import annotations

import random
import time
import uuid
from typing import TYPE_CHECKING

from understudy.mockserver.errors import MockError

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.store.tasks import Anchor

NS = 1_000_000  # nanoseconds in a millisecond
IDS_PER_MS = 100_000
FASTEST = 1_000_000


class Clock:
    """Milliseconds since 1970 that pass at `rate` (1 real, N accelerated, 0 only by hand) and never go back.

    It begins at `start` (default: the wall clock's time) and goes by `ticks`, nanoseconds that only ascend,
    since a wall clock may be set back.

    >>> clock = Clock(rate=0, start=1_000)
    >>> clock.advance(30_000)
    >>> clock.now()
    31000
    """

    __slots__ = ("_anchor", "_base", "_ticks", "rate")

    def __init__(
        self, rate: float = 1.0, start: int | None = None, ticks: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._ticks = ticks
        self._anchor = ticks()
        self._base = time.time_ns() // NS if start is None else start
        self.rate = checked_rate(rate)

    def now(self) -> int:
        """This clock's time, in milliseconds."""
        rate = self.rate
        if not rate:
            return self._base
        passed = self._ticks() - self._anchor
        return self._base + (passed // NS if rate == 1 else int(passed * rate) // NS)

    @property
    def course(self) -> tuple[int, int, float]:
        """What this clock goes by: the same as long as nobody moves it or changes its rate."""
        return self._base, self._anchor, self.rate

    def set_course(self, course: tuple[int, int, float]) -> None:
        """Follow another course from now on; it must not be behind this one."""
        self._base, self._anchor, self.rate = course

    def anchor(self, ahead: int = 0, real: Callable[[], int] = time.time_ns) -> Anchor:
        """The course of this clock, or of one `ahead` milliseconds further; `real` is the wall clock."""
        return self.now() + ahead, real(), self.rate

    @classmethod
    def on_course(cls, anchor: Anchor, real: Callable[[], int] = time.time_ns) -> Clock:
        """A clock that goes on where another one, perhaps in an earlier process, would be by now."""
        base, since, rate = anchor
        return cls(rate, base + int(max(0, real() - since) * rate) // NS)

    def advance(self, milliseconds: int) -> None:
        """Go forward by so many milliseconds."""
        if milliseconds < 0:
            raise MockError(
                f"a clock cannot go back (requested: {milliseconds} ms)", advice="advance by 0 or more"
            )
        self._base += milliseconds

    def set_rate(self, rate: float) -> None:
        """Go on from now at another rate."""
        now = self.now()
        self.rate = checked_rate(rate)
        self._base, self._anchor = now, self._ticks()

    def real_seconds_until(self, at: int) -> float | None:
        """Real seconds until this clock shows `at` (0: it already does); None for one moved by calls."""
        left = at - self.now()
        if left <= 0:
            return 0.0
        return left / 1000 / self.rate if self.rate else None


def checked_rate(rate: float) -> float:
    """`rate`, checked: 0 (advanced by calls only) to `FASTEST`. Raises MockError for others."""
    if not 0 <= rate <= FASTEST:
        raise MockError(f"a clock cannot run at {rate} times real time", advice=f"0 (by hand) to {FASTEST}")
    return rate


class SteadyTime:
    """Real time in nanoseconds since 1970 that never runs back: `start`, and what has passed since.

    A wall clock may be set back, under a running server and between two of them.
    """

    __slots__ = ("_begun", "_start", "_ticks")

    def __init__(self, start: int, ticks: Callable[[], int] = time.monotonic_ns) -> None:
        self._start = start
        self._ticks = ticks
        self._begun = ticks()

    def __call__(self) -> int:
        return self._start + self._ticks() - self._begun


# The last group of a UUID counts the requests.
REQUEST_DIGITS = 12


class Ids:
    """Task ids (18 decimal digits, ascending, unique over restarts) and request ids (in the form of a UUID).

    `seed` makes both the same in every run; without it they follow the start time in milliseconds.
    """

    __slots__ = ("_prefix", "_requests", "_tasks")

    def __init__(self, seed: int | None = None, real: Callable[[], int] = time.time_ns) -> None:
        start = 1_700_000_000_000 + seed % 10**9 if seed is not None else real() // NS
        self._tasks = start * IDS_PER_MS
        self._requests = 0
        bits = random.Random(start).getrandbits(128)  # noqa: S311 - a name, not a secret
        self._prefix = str(uuid.UUID(int=bits, version=4))[:-REQUEST_DIGITS]

    def go_past(self, task_id: str) -> None:
        """Never issue task ids up to this one: they were used in an earlier run."""
        if task_id.isdecimal():
            self._tasks = max(self._tasks, int(task_id))

    def task(self) -> str:
        self._tasks += 1
        return str(self._tasks)

    @property
    def requests(self) -> int:
        """How many request ids have been issued."""
        return self._requests

    def request(self) -> str:
        self._requests += 1
        return f"{self._prefix}{self._requests:0{REQUEST_DIGITS}x}"
