"""Both sides of one run: the orders below with what was billed, and what the provider's side noted."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp

from understudy.contracts.client_verifier.journal import read_trace
from understudy.contracts.client_verifier.played import Played, abilities, played_api
from understudy.contracts.client_verifier.process import Ended
from understudy.contracts.client_verifier.runner import MOST_ENTRIES
from understudy.contracts.client_verifier.scenarios import CALLBACK
from understudy.contracts.gateway_verifier.driver import SETTLE_SECONDS, billed_by_record
from understudy.contracts.gateway_verifier.matching import matched
from understudy.contracts.gateway_verifier.seen import GatewayRun, OrderLine
from understudy.contracts.sample_request import query_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.contracts.client_verifier.scenarios import GradedScenario
    from understudy.contracts.client_verifier.trace import Trace
    from understudy.contracts.gateway_verifier.driver import GatewayApi, GatewayDriver
    from understudy.contracts.gateway_verifier.plan import GatewayPlan
    from understudy.contracts.gateway_verifier.seen import PlacedOrder
    from understudy.contracts.handle import MockServer
    from understudy.specs.behaviour import Behaviour

LEDGER_POLL = 0.25
BOTH = 2
MOST = {"limit": MOST_ENTRIES}
WITHOUT_RESULTS = ("no-results", "fewer-results")
BROKEN_LINKS = ("results-expired", "results-renewed")


class GatewayOrders:
    """The two orders of a run, and what the ledger says of them."""

    def __init__(
        self, plan: GatewayPlan, api: GatewayApi, driver: GatewayDriver, keys: tuple[str, str]
    ) -> None:
        self._plan, self._api, self._driver, self._keys = plan, api, driver, keys
        self.placed: list[PlacedOrder] = []

    async def place(self) -> None:
        before = [await self._balance(key) for key in self._keys]
        tokens = [f"order-{secrets.token_hex(6)}" for _ in self._keys]
        key_a, key_b = self._keys
        async with asyncio.TaskGroup() as group:
            both = [
                group.create_task(self._driver.order("A", key_a, key_b, tokens[0])),
                group.create_task(self._driver.order("B", key_b, key_a, tokens[1])),
            ]
        orders = await asyncio.gather(*(self._driver.called_back(one.result()) for one in both))
        billed = await self._settled(orders, before)
        again = await self._billed_for_a_look(orders, before, billed)
        self.placed = [
            replace(order, billed=amount, billed_again=more)
            for order, amount, more in zip(orders, billed, again, strict=True)
        ]

    async def _billed_for_a_look(
        self, orders: Sequence[PlacedOrder], before: Sequence[float], billed: Sequence[float | None]
    ) -> list[float]:
        """How much more is billed for each when it is asked about once more, after its end and its bill."""
        ended = [(order, key) for order, key in zip(orders, self._keys, strict=True) if order.end is not None]
        if not self._plan.ledger.ask or not ended:
            return [0.0] * len(orders)
        for order, key in ended:
            await self._driver.looked(key, order.task_id)
        await asyncio.sleep(LEDGER_POLL)
        after = [
            await self._billed(order, key, was)
            for order, key, was in zip(orders, self._keys, before, strict=True)
        ]
        more = [(now or 0.0) - (was or 0.0) for was, now in zip(billed, after, strict=True)]
        # What had not been billed yet is billed late, not again.
        return [change if was or change < 0 else 0.0 for was, change in zip(billed, more, strict=True)]

    async def _settled(self, orders: Sequence[PlacedOrder], before: Sequence[float]) -> list[float | None]:
        """What was billed for each, as soon as that is what is due, or after a moment."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            billed = [
                await self._billed(order, key, was)
                for order, key, was in zip(orders, self._keys, before, strict=True)
            ]
            settled = all(
                amount is None or amount == self._due(order)
                for order, amount in zip(orders, billed, strict=True)
            )
            if not self._plan.ledger.ask or settled or time.monotonic() >= deadline:
                return billed
            await asyncio.sleep(LEDGER_POLL)

    def _due(self, order: PlacedOrder) -> float:
        sold = order.end is not None and order.end.told in self._api.family.lifecycle.succeeded
        return order.units * (self._plan.price or 1.0) if sold else 0.0

    async def _billed(self, order: PlacedOrder, key: str, before: float) -> float | None:
        ledger = self._plan.ledger
        if not ledger.ask:
            return billed_by_record(self._api, order)
        if ledger.of_accounts:
            return await self._balance(key) - before
        if not order.accepted:
            return 0.0
        return await asyncio.to_thread(lambda: ledger.read(key=key, task=order.task_id))

    async def _balance(self, key: str) -> float:
        ledger = self._plan.ledger
        return await asyncio.to_thread(lambda: ledger.read(key=key)) if ledger.of_accounts else 0.0


class UpstreamWatch:
    """The provider's side of one run: what is played, and what was seen."""

    def __init__(self, plan: GatewayPlan, server: MockServer, scenario: GradedScenario) -> None:
        self._plan, self._server, self._scenario = plan, server, scenario
        self._text = scenario.text(
            task_ms=plan.task_ms,
            pause_seconds=plan.pause_seconds,
            calls_back=CALLBACK in abilities(plan.upstream_provider),
        )
        self._began_ns = time.time_ns()

    def now(self) -> int:
        """Milliseconds since the run began."""
        return (time.time_ns() - self._began_ns) // 1_000_000

    async def play(self, text: str | None = None) -> None:
        body = {"scenario": self._text if text is None else text}
        await asyncio.to_thread(self._server.call, "POST", "/scenario", body)

    async def ended(self) -> None:
        """Wait until every task upstream has come to its end: what a gateway gave up early has one, too."""
        deadline = time.monotonic() + self._plan.timeout
        while time.monotonic() < deadline:
            tasks = (await asyncio.to_thread(self._seen))["tasks"]
            if all(task["status"] == task["plan"][-1]["status"] for task in tasks):
                return
            await asyncio.sleep(LEDGER_POLL)

    async def polled(self, driver: GatewayDriver) -> None:
        """Wait until both orders were answered, and a task upstream has been asked about."""
        deadline = time.monotonic() + self._plan.timeout
        while time.monotonic() < deadline:
            asked = (await asyncio.to_thread(self._seen))["requests"]
            if driver.answered >= BOTH and any(e.get("operation") == "query" for e in asked):
                return
            await asyncio.sleep(LEDGER_POLL / 5)

    async def run_of(
        self,
        orders: Sequence[PlacedOrder],
        api: GatewayApi,
        asking: aiohttp.ClientSession,
        key: str,
        output: str,
    ) -> GatewayRun:
        plan, scenario = self._plan, self._scenario
        duration_ms = self.now()
        played = Played(scenario, self._text, self._began_ns / 1e6, 1.0, plan.task_ms, len(orders))
        upstream_api = played_api(plan.upstream_provider)
        ended = Ended(None, "time", duration_ms, output)
        trace = read_trace(played, await asyncio.to_thread(self._seen), upstream_api, ended)
        lines, stray = matched(orders, trace, api.family)
        await self.play("")
        return GatewayRun(
            scenario=scenario.name,
            lines=lines,
            upstream=trace,
            stray=stray,
            deliveries=trace.deliveries,
            resultless=any(word in self._text for word in WITHOUT_RESULTS),
            broken_links=any(word in self._text for word in BROKEN_LINKS),
            calls_back=plan.calls_back,
            late_ms=plan.late_ms,
            price=plan.price,
            results=await self._results(lines, upstream_api.behaviour, asking, key),
            output=output,
            duration_ms=duration_ms,
        )

    def _seen(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What the provider's side noted since the run began."""
        began = self._began_ns / 1e6
        call = self._server.call
        tasks = [t for t in self._server.tasks() if t["created_at"] >= began - 1]
        known = {task["id"] for task in tasks}
        return {
            "requests": [e for e in call("GET", "/journal", query=MOST) if e["at"] >= began - 1],
            "deliveries": [d for d in call("GET", "/deliveries", query=MOST) if d["task"] in known],
            "tasks": tasks,
        }

    async def _results(
        self,
        lines: Sequence[OrderLine],
        behaviour: Behaviour,
        asking: aiohttp.ClientSession,
        key: str,
    ) -> dict[str, tuple[str, ...]]:
        """Digests of the results upstream, by task: whose results an order was given is seen by them."""
        found: dict[str, tuple[str, ...]] = {}
        if not any(line.order.results for line in lines):
            return found
        for line in lines:
            for task in line.paid:
                family = behaviour.family(_family_of(line.trace, task.task_id))
                request = query_request(family, key, task.task_id)
                address = self._server.url + request.target
                try:
                    async with asking.request(
                        request.method, address, headers=dict(request.headers), json=request.body
                    ) as answer:
                        record = family.record(await answer.json(content_type=None))
                    found[task.task_id] = tuple(
                        [await _digest(asking, str(item.get("url"))) for item in family.items_of(record)]
                    )
                except (aiohttp.ClientError, TimeoutError, ValueError):
                    continue
        return found


def _family_of(trace: Trace, task: str) -> str:
    return next(e.family for e in trace.exchanges if e.task_id == task and e.family)


async def _digest(asking: aiohttp.ClientSession, url: str) -> str:
    async with asking.get(url) as answer:
        return hashlib.sha256(await answer.read()).hexdigest()
