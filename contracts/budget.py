"""Money and pace: units are reserved before a create is sent, and given back when it is refused."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ZERO = Decimal(0)


def amount(number: Decimal | int, name: str) -> str:
    """A number with its noun: "1 unit", "2 units"."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


@dataclass(slots=True)
class Ledger:
    """Units promised, spent and left. `budget` is the most that accepted requests may cost together.

    `charged` is the part of `spent` that went to requests which should have been refused.
    """

    budget: Decimal
    spent: Decimal = ZERO
    reserved: Decimal = ZERO
    accepted: int = 0
    charged: Decimal = ZERO

    def affords(self, units: Decimal) -> bool:
        return self.spent + self.reserved + units <= self.budget

    def reserve(self, units: Decimal) -> bool:
        """Set `units` aside for a request about to be sent; False when they are not there."""
        if not self.affords(units):
            return False
        self.reserved += units
        return True

    def settle(self, units: Decimal, *, accepted: bool) -> None:
        """The reserved request was answered: spend its units, or give them back."""
        self.reserved -= units
        if accepted:
            self.spent += units
            self.accepted += 1

    def charge(self, units: Decimal) -> None:
        """A request that should have been refused was accepted; it cost all the same."""
        self.spent += units
        self.charged += units
        self.accepted += 1


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
