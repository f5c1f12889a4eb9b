"""Guards the ledger while several requests are under way at once."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from decimal import Decimal

    from contracts.budget import Ledger


@dataclass
class Money:
    """Lets bad requests out only as far as the budget could bear it if the provider took them."""

    ledger: Ledger
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _under_way: int = 0

    @contextlib.asynccontextmanager
    async def risk(self, units: Decimal) -> AsyncIterator[bool]:
        """Wait until `units` could be borne; False when they cannot be: the request must not be sent.

        While nothing is spent, one request at a time may go beyond the budget: without it a run with the
        budget 0 could not check any refusal.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._may_go(units) or self._never(units))
            allowed = not self._never(units)
            if allowed:
                self._under_way += 1
                self.ledger.reserved += units
        try:
            yield allowed
        finally:
            async with self._changed:
                if allowed:
                    self._under_way -= 1
                    self.ledger.reserved -= units
                self._changed.notify_all()

    def _may_go(self, units: Decimal) -> bool:
        return self.ledger.affords(units) or (self._under_way == 0 and not self.ledger.spent)

    def _never(self, units: Decimal) -> bool:
        return self._under_way == 0 and bool(self.ledger.spent) and not self.ledger.affords(units)
