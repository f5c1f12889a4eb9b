"""What a run may spend, and what it has spent: units are reserved before a request that may cost is sent."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ZERO = Decimal(0)


def amount(number: Decimal | int, name: str) -> str:
    """A number with its noun: "1 unit", "2 units"."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


@dataclass
class Budget:
    """The part of a run that pays. `units` is the most that accepted requests may cost together.

    `charged` is the part of `spent` that went to requests which should have been refused; `unsure` holds the
    units of creates whose answers do not tell whether there is a task.
    """

    units: Decimal
    spent: Decimal = ZERO
    reserved: Decimal = ZERO
    charged: Decimal = ZERO
    unsure: list[Decimal] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _under_way: int = 0

    def affords(self, units: Decimal) -> bool:
        return self.spent + self.reserved + units <= self.units

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

    def charge(self, units: Decimal) -> None:
        """Spend the units of a request that should have been refused but was accepted."""
        self.spent += units
        self.charged += units

    @contextlib.asynccontextmanager
    async def risk(self, units: Decimal) -> AsyncIterator[bool]:
        """Wait until it could be borne that a bad request of `units` is taken; False: it must not be sent.

        While nothing is spent, one request at a time may go beyond the budget: without it a run with the
        budget 0 could not check any refusal.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._may_go(units) or self._never(units))
            allowed = not self._never(units)
            if allowed:
                self._under_way += 1
                self.reserved += units
        try:
            yield allowed
        finally:
            async with self._changed:
                if allowed:
                    self._under_way -= 1
                    self.reserved -= units
                self._changed.notify_all()

    def _may_go(self, units: Decimal) -> bool:
        return self.affords(units) or (self._under_way == 0 and not self.spent)

    def _never(self, units: Decimal) -> bool:
        return self._under_way == 0 and bool(self.spent) and not self.affords(units)
