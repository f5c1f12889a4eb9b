"""Buys tasks, the most informative first, and makes those that fail smaller."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks.table import PROMISES, TASK
from understudy.contracts.runner.callbacks import wait_for_callbacks
from understudy.contracts.strategies import values

if TYPE_CHECKING:
    from understudy.contracts.runner.follow import Following
    from understudy.contracts.runner.orders import Orders
    from understudy.contracts.runner.plan import SpendingPlan
    from understudy.contracts.runner.shrink import Shrinking
    from understudy.contracts.strategies.covering import Planned


@dataclass
class Buying:
    orders: Orders
    following: Following
    shrinking: Shrinking

    async def buy(self, plan: SpendingPlan) -> None:
        """Send every planned create and follow what is accepted; refused ones are made smaller."""
        asks, records = self.orders.asks, self.orders.records
        if not any(PROMISES[p].cost == TASK for p in asks.promises):
            return
        now, later = plan.waves()
        begun = asks.client.now()
        async with asyncio.TaskGroup() as group:
            # What is sent twice must be refused, so it comes before the rest of the budget is spent.
            before = self._before_the_rest(plan)
            for one in before:
                exchange, planned = await self.orders.order(one)
                if exchange is not None:
                    await self.following.repeat(asks.target.family(planned.family), exchange)
                    group.create_task(self._go_on(planned, exchange))
            for planned in now:
                if planned not in before:
                    group.create_task(self._one(planned))
        # What is left is spent on making failures smaller, before it is spent on further values.
        await wait_for_callbacks(asks, records)
        await self.shrinking.shrink_tasks()
        if asks.time_left() < asks.client.now() - begun and later:
            records.note(f"no time was left for {len(later)} further tasks")
            return
        async with asyncio.TaskGroup() as group:
            for planned in later:
                if planned not in before:
                    group.create_task(self._one(planned))

    def _before_the_rest(self, plan: SpendingPlan) -> list[Planned]:
        """The first task of each family, and the one whose create is sent twice at once."""
        found: list[Planned] = []
        for name in dict.fromkeys(p.family for p in plan.tasks):
            mine = [p for p in plan.tasks if p.family == name]
            raced = [p for p in mine[1:] if any(c.kind == values.IDENTIFIER for c in p.choices)]
            found += mine[:1] + raced[:1]
        # First those of all families that show most.
        return found[::2] + found[1::2] if len(found) % 2 == 0 else found

    async def _one(self, planned: Planned) -> None:
        """Create one task and see it through."""
        exchange, sent = await self.orders.order(planned)
        if exchange is not None:
            await self._go_on(sent, exchange)

    async def _go_on(self, planned: Planned, exchange: trace.Exchange) -> None:
        """Follow an accepted create; make a refused one smaller."""
        target = self.orders.asks.target
        family = target.family(planned.family)
        if target.accepted(family, exchange.response):
            await self.following.follow(family, exchange)
        elif planned.role == trace.CREATE and exchange.response is not None and planned.choices:
            if target.crowded(exchange.response) or target.permanent(exchange.response):
                return  # about the account, not about the request
            await self.shrinking.shrink(planned, exchange)
