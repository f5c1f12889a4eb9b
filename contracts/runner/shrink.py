"""Makes a request smaller while it still fails: what is left is what the provider objects to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks import broken_promises, judge
from understudy.contracts.strategies import values
from understudy.contracts.strategies.covering import Planned, PlannedKind
from understudy.contracts.strategies.values import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.runner.follow import Following
    from understudy.contracts.runner.orders import Orders
    from understudy.contracts.strategies.values import Choice
    from understudy.contracts.target_family import TargetFamily

# Each trial that is accepted costs a task; this bounds the rest.
MOST_TRIALS = 16


@dataclass
class Shrinking:
    """`refused`: the smallest requests found to be refused, as sets of goals; one search at a time."""

    orders: Orders
    following: Following
    refused: list[frozenset[str]] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    searching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def shrink(self, planned: Planned, refused: trace.Exchange) -> None:
        """Try parts of the request until none smaller is refused, or neither budget nor patience is left.

        Accepted parts are tasks like any other and are followed: without them a provider that refuses the
        rich request would leave nothing to look at.
        """
        family = self.orders.asks.target.family(planned.family)
        async with self.searching:
            accepted = await self._search(family, planned, refused)
        await asyncio.gather(*(self.following.follow(family, exchange) for exchange in accepted))

    async def _search(
        self, family: TargetFamily, planned: Planned, refused: trace.Exchange
    ) -> list[trace.Exchange]:
        """Find a smaller refused request; the exchanges of those that were accepted on the way."""
        current, trials, accepted = planned.choices, 0, []
        if any(known <= _goals(current) for known in self.refused):
            return []
        smaller = True
        while smaller and len(current) > 1 and trials < MOST_TRIALS:
            smaller = False
            for part in [*self._suspects(family, current), *_parts(current)]:
                trials += 1
                label = f"{planned.label}/part-{trials}"
                exchange = await self.orders.create(
                    self._part(family, label, "a part of a refused request", part)
                )
                if exchange is None or trials >= MOST_TRIALS:
                    break
                if self.orders.asks.target.accepted(family, exchange.response):
                    accepted.append(exchange)
                elif exchange.status == refused.status:
                    current, smaller = part, True
                    break
        self.refused.append(_goals(current))
        return accepted

    def _suspects(self, family: TargetFamily, current: tuple[Choice, ...]) -> list[tuple[Choice, ...]]:
        """What no accepted request of the family has tried: most likely the reason, so it is tried first."""
        target, fine = self.orders.asks.target, set()
        for exchange in self.orders.records.conversation.exchanges:
            mine = exchange.role == trace.CREATE and exchange.family == family.name
            if mine and target.accepted(family, exchange.response):
                fine |= {str(c["goal"]) for c in exchange.case.get("choices", ())}
        left = tuple(c for c in current if c.goal not in fine and c.kind != values.CALLBACK)
        return [left] if left and fine and len(left) < len(current) else []

    def _part(self, family: TargetFamily, label: str, aim: str, part: tuple[Choice, ...]) -> Planned:
        body = build(family, part, self.orders.asks.options.image)
        return Planned(family.name, PlannedKind.PART, label, aim, body, family.cost(body), trace.CREATE, part)

    async def shrink_tasks(self) -> None:
        """For each promise that a task broke, buy parts of its request, as far as the budget goes.

        The report shows the smallest request that failed, so all there is to do is to buy smaller ones.
        """
        for family in self.orders.asks.families:
            tried: set[frozenset[str]] = set()
            for promise in self._broken(family):
                current = self._smallest(family, promise)
                while len(current) > 1:
                    smaller = await self._try_parts(family, promise, current, tried)
                    if len(smaller) >= len(current):
                        break
                    current = smaller

    def _broken(self, family: TargetFamily) -> Iterator[str]:
        """The promises that tasks of a family broke, by name; judged anew when more has been bought."""
        asks, conversation = self.orders.asks, self.orders.records.conversation
        seen = -1
        broken: set[str] = set()
        for promise in sorted(asks.promises):
            if seen != len(conversation.exchanges):
                seen = len(conversation.exchanges)
                broken = broken_promises(conversation, asks.target, asks.promises, family)
            if promise in broken:
                yield promise

    async def _try_parts(
        self, family: TargetFamily, promise: str, current: tuple[Choice, ...], tried: set[frozenset[str]]
    ) -> tuple[Choice, ...]:
        """Buy parts of a request until one breaks the promise as well; the smallest that does."""
        for part in _parts(current):
            label = f"{family.name}/{promise}/part-{len(tried) + 1}"
            one = self._part(family, label, "a part of a request whose task broke a promise", part)
            if _goals(part) in tried or not self.orders.pays.affords(one.cost):
                continue
            tried.add(_goals(part))
            exchange = await self.orders.create(one)
            if exchange is not None and self.orders.asks.target.accepted(family, exchange.response):
                await self.following.follow(family, exchange)
            smaller = self._smallest(family, promise)
            if len(smaller) < len(current):
                return smaller
        return current

    def _smallest(self, family: TargetFamily, promise: str) -> tuple[Choice, ...]:
        """The choices of the smallest request whose task broke a promise; () for none."""
        asks, conversation = self.orders.asks, self.orders.records.conversation
        found = judge(conversation, asks.target, promises={promise}, families={family.name})
        labels = [f.task for j in found for f in j.failures if f.task]
        requests = {e.task: e for e in conversation.exchanges if e.role == trace.CREATE}
        sizes = [requests[label].case.get("choices", ()) for label in labels if label in requests]
        if not sizes or len(sizes) < len(labels):
            return ()
        some = [c for found in values.choices(family, asks.options.image).values() for c in found]
        named = [c for p in self.planned for c in p.choices]
        table = {c.goal: c for c in [*some, *named]}
        return tuple(table[c["goal"]] for c in min(sizes, key=len) if c["goal"] in table)


def _goals(choices: tuple[Choice, ...]) -> frozenset[str]:
    return frozenset(f"{c.goal}" for c in choices)


def _parts(current: tuple[Choice, ...]) -> Iterator[tuple[Choice, ...]]:
    """First what is special (one kind, with id and callback to be followed by), then halves, then singles."""
    seen = {current}
    named = tuple(c for c in current if c.kind in (values.IDENTIFIER, values.CALLBACK))
    kinds = [
        tuple(c for c in current if c.kind == k)
        for k in (values.TEXT, values.EDGE, values.EMPTY, values.ENUM, values.TYPICAL)
    ]
    alone = [
        tuple(c for c in current if c.kind == k) for k in (values.IDENTIFIER, values.CALLBACK, values.ODD)
    ]
    middle = len(current) // 2
    halves = [current[:middle], current[middle:]]
    singles = [(c,) for c in current] if len(current) <= 4 else []
    without = [tuple(c for c in current if c not in named)]
    for part in [*((*k, *named) for k in kinds if k), *without, *kinds, *alone, *halves, *singles]:
        if part and part not in seen:
            seen.add(part)
            yield part
