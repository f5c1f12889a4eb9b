"""Pace: how many requests a second may leave."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@dataclass(slots=True)
class Rate:
    """At most `per_second` requests a second, evenly spaced; None is unlimited. Times are seconds."""

    per_second: float | None
    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _next: float = field(default=0.0)

    async def turn(self) -> None:
        """Wait until the next request may leave."""
        if self.per_second is None:
            return
        start = max(self.now(), self._next)
        self._next = start + 1 / self.per_second
        if start > self.now():
            await self.sleep(start - self.now())
