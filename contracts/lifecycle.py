"""A search through orders of requests: Hypothesis chooses what to ask next, the promises are the judge.

The model is small: which tasks exist, and what was seen of each; every rule adds one exchange to the
conversation, and after each step the promises of the lifecycle are held against the whole of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    rule,
    run_state_machine_as_test,
)

from understudy.contracts import trace
from understudy.contracts.budget import Budget
from understudy.contracts.checks import PROMISES, judge
from understudy.contracts.client import OTHER, Stopped
from understudy.contracts.curl import curl
from understudy.contracts.failures import Verdict
from understudy.contracts.runner.free import UNKNOWN
from understudy.contracts.runner.orders import Orders
from understudy.contracts.runner.run import opened
from understudy.contracts.strategies.covering import cover

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from understudy.contracts.runner.options import Options
    from understudy.contracts.runner.run import Run
    from understudy.contracts.target import Target

Found = TypeVar("Found")
AREAS = ("create", "lifecycle", "query", "accounts")
# Tasks in one example: two can be mixed up, more only cost money.
MOST_TASKS = 2
LIFECYCLE = frozenset(p.id for p in PROMISES.values() if p.area in AREAS or p.id == "status-known")


def explore(options: Options, target: Target, *, examples: int = 10, steps: int = 25) -> None:
    """Search; raises AssertionError with the broken promise and the order of requests that showed it.

    All examples together spend at most `options.budget` units. Seeded by `options.seed`. The search ends with
    the first finding: to make an order shorter, Hypothesis would have to buy it again and again.
    """
    # Nobody listens for callbacks here: the orders are of our requests.
    search = Search(replace(options, promises=LIFECYCLE), target, Budget(options.budget))
    wanted = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate,),
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(options.seed)(machine_for(search)), settings=wanted)
    if search.finding:
        raise AssertionError(search.finding)


@dataclass
class Search:
    """What the examples of one search share: the budget, and the first finding."""

    options: Options
    target: Target
    pays: Budget
    finding: str = ""


class OrderWorld:
    """One example's conversation, driven from outside of its event loop."""

    def __init__(self, search: Search) -> None:
        self.search, self.options, self.target = search, search.options, search.target
        self.runner = asyncio.Runner()
        self.stack = contextlib.AsyncExitStack()
        self.run: Run = self.runner.run(
            self.stack.enter_async_context(opened(self.options, self.target, pays=search.pays))
        )
        self.orders = Orders(self.run.asks, self.run.pays, self.run.records)
        families = self.run.asks.families
        self.plans = {f.name: cover(f, self.options.seed, self.options.image) for f in families}
        self.created: list[trace.Exchange] = []

    def close(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def create(self, which: int) -> None:
        """Create a task, if there are not enough and the budget bears it."""
        if len(self.created) >= MOST_TASKS or self.search.finding:
            return
        family = self.run.asks.families[which % len(self.run.asks.families)]
        planned = next(self.plans[family.name], None)
        if planned is None or not self.run.pays.affords(planned.cost):
            return
        exchange = self.do(self.orders.create(planned))
        if exchange is not None and self.target.accepted(family, exchange.response):
            self.created.append(exchange)
        self.judge()

    def ask(self, which: int, *, external: bool, other: bool) -> None:
        """Ask for a task by either id, as its owner or as another account."""
        if not self.created or self.search.finding:
            return
        made = self.created[which % len(self.created)]
        family = self.target.family(made.family)
        given = family.behaviour.asked("external_id", made.request.json()) if external else ""
        name = str(given or family.id_of(family.record_of(made)))
        if other and self.options.other_api_key:
            case = {"aim": "another account's task", "situations": list(UNKNOWN)}
            step = self.run.asks.query(
                family, name, trace.OTHER_QUERY, account=OTHER, task=made.task, case=case
            )
        else:
            role = trace.BY_EXTERNAL_ID if given else trace.POLL
            step = self.run.asks.query(family, name, role, task=made.task)
        self.do(step)
        self.judge()

    def do(self, step: Coroutine[Any, Any, Found]) -> Found | None:
        """Run a step; a provider that cannot be reached ends the search without a verdict."""
        with contextlib.suppress(Stopped):
            return self.runner.run(step)
        return None

    def judge(self) -> None:
        """Write the first broken promise down, with the requests that led to it."""
        found = judge(self.run.records.conversation, self.target, promises=LIFECYCLE)
        for judgement in found:
            if judgement.verdict is Verdict.BROKEN and not self.search.finding:
                failure = judgement.failures[0]
                order = [f"  {e.status} {curl(e.request)}" for e in self.run.records.conversation.exchanges]
                self.search.finding = "\n".join(
                    [
                        f"{judgement.promise.id}: {failure.message}",
                        f"expected {failure.expected}, found {failure.found}",
                        *order,
                    ]
                )


def machine_for(search: Search) -> type[RuleBasedStateMachine]:
    """The state machine for one search: creates, queries and waits, in any order.

    No rule has a precondition, and none fails: what the provider answers must not change what Hypothesis may
    choose, or it would take the provider for a flaky test.
    """

    class Lifecycle(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = None if search.finding else OrderWorld(search)

        def teardown(self) -> None:
            if self.world is not None:
                self.world.close()

        @rule(which=st.integers(0, 99))
        def create(self, which: int) -> None:
            if self.world is not None:
                self.world.create(which)

        @rule(which=st.integers(0, 99), external=st.booleans(), other=st.booleans())
        def ask(self, which: int, external: bool, other: bool) -> None:
            if self.world is not None:
                self.world.ask(which, external=external, other=other)

        @rule(share=st.floats(0.1, 3))
        def wait(self, share: float) -> None:
            if self.world is not None and self.world.created and not search.finding:
                self.world.do(asyncio.sleep(search.options.pace * share))

    return Lifecycle
