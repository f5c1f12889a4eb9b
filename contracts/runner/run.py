"""One run against a provider, from the first request to the last callback."""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import aiohttp

from contracts import trace
from contracts.budget import Ledger, Rate
from contracts.checks.table import PROMISES, TASK
from contracts.client import OTHER, OWN, Client, Limits, Stopped
from contracts.receiver import Receiver
from contracts.runner import door, events, free, tasks
from contracts.runner.money import Money
from contracts.runner.options import Options, check_url
from contracts.runner.plan import Plan, count_free, make_plan
from contracts.runner.unseen import unbought, unseen
from contracts.shapes import put

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from contracts.strategies.covering import Planned
    from contracts.strategies.refusals import Bad
    from contracts.target import Family, Target


@dataclass
class Run:
    """The state of a run that its steps share."""

    options: Options
    target: Target
    families: list[Family]
    promises: frozenset[str]
    conversation: trace.Conversation
    client: Client
    ledger: Ledger
    money: Money
    plan: Plan
    receiver: Receiver | None
    token: str
    deadline: float
    listener: events.Listener
    phase: str = "knocking"
    free_requests: int = 0
    ended: int = 0
    started: int = 0
    used: dict[str, int] = field(default_factory=dict)
    # The units of creates whose answers do not tell whether there is a task.
    unsure: list[Decimal] = field(default_factory=list)
    # What was planned and could not be bought any more: bad requests that were taken had used up the budget.
    unbought: list[Planned] = field(default_factory=list)
    # The smallest requests found to be refused, as sets of goals; one search at a time.
    refused: list[frozenset[str]] = field(default_factory=list)
    searching: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wants(self, *promises: str) -> bool:
        return any(p in self.promises for p in promises)

    def url(self, path: str) -> str:
        return self.options.url + path

    def fresh(self, what: str) -> str:
        """A name that no run used before: external ids are unique for as long as the account lives."""
        self.used[what] = self.used.get(what, 0) + 1
        return f"u{self.options.seed}-{self.token}-{what}-{self.used[what]}"

    def time_left(self) -> float:
        return self.deadline - self.client.now()

    def body(self, family: Family, planned: Planned) -> dict[str, Any]:
        """The planned body with an external id and a callback URL of its own."""
        body: dict[str, Any] = json.loads(json.dumps(planned.body))
        names = family.sent
        kind = planned.label.rpartition("/")[2]
        if kind == "bare":
            return body
        empty = kind == "empty"
        if names.get("external_id"):
            put(body, names["external_id"], "" if empty else self.fresh("task"))
        if names.get("callback_url"):
            address = self.receiver.url(family.name, planned.label) if self.receiver and not empty else ""
            if address or empty:
                put(body, names["callback_url"], address)
        return body

    def report(self) -> None:
        sent = len(self.conversation.exchanges)
        self.listener(
            events.Progress(
                self.phase,
                sent,
                self.free_requests,
                self.ended,
                self.started,
                self.ledger.spent,
                self.client.waiting,
            )
        )

    async def each(self, steps: Iterable[Callable[[], Awaitable[object]]]) -> None:
        """Run the steps, a bounded number at once; the first Stopped ends them all."""
        gate = asyncio.Semaphore(self.options.concurrency)

        async def one(step: Callable[[], Awaitable[object]]) -> None:
            async with gate:
                await step()

        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(one(step))


async def hold(
    options: Options,
    target: Target,
    listener: events.Listener = events.ignore,
    bad: Iterable[tuple[Family, Bad]] = (),
) -> trace.Conversation:
    """Hold the conversation that `options` ask for and return its record, whatever the provider does.

    `bad` are creates of the caller's own that must be refused, sent before the others. Raises UnderstudyError
    when an option cannot be used.
    """
    async with opened(options, target, listener) as run:
        beat = asyncio.create_task(_beat(run))
        try:
            await _steps(run, list(bad))
        finally:
            beat.cancel()
    return run.conversation


async def _beat(run: Run) -> None:
    """Tell how far the run is once a second, for nothing is heard of a provider that keeps silent."""
    while True:
        await asyncio.sleep(1)
        run.report()


def _tell_plan(run: Run) -> None:
    plan, options = run.plan, run.options
    run.free_requests = count_free(run.families, plan, options.generated)
    run.listener(
        events.Planned(
            run.free_requests, len(plan.tasks), plan.cost, options.budget, plan.left_out, _expected(run)
        )
    )


@asynccontextmanager
async def opened(
    options: Options, target: Target, listener: events.Listener = events.ignore
) -> AsyncIterator[Run]:
    """A run with its connections open and nothing sent yet; at the end its spending is written down."""
    url = check_url(options.url)
    families = target.asked(options.families)
    promises = options.promises or frozenset(PROMISES)
    conversation = trace.Conversation(
        options.provider,
        url,
        options.seed,
        str(options.budget),
        families=tuple(f.name for f in families),
        other_account=bool(options.other_api_key),
        reachable=options.loopback,
    )
    plan = make_plan(target, families, options.budget, options.seed, sorted(promises), options.image)
    conversation.skipped.update(plan.skipped)
    left_out = "" if options.families else target.left_out(families)
    if left_out:
        names = left_out.partition(": ")[2].split(", ")
        advice = " ".join(f"--family {name}" for name in names)
        verb = "asks" if len(names) == 1 else "ask"
        conversation.notes.append(f"{left_out}; {advice} {verb} all the same")
    async with AsyncExitStack() as stack:
        token = f"{random.SystemRandom().getrandbits(64):x}"
        receiver = await _receiver(options, conversation, promises, token, stack)
        conversation.listening = receiver is not None
        ledger = Ledger(options.budget)
        client = Client(
            await stack.enter_async_context(_session()),
            conversation,
            target,
            {OWN: options.api_key, OTHER: options.other_api_key},
            Rate(options.rate, time.monotonic),
            Limits(options.answer_timeout, options.timeout, options.pace * 5),
        )
        run = Run(
            options, target, families, promises, conversation, client, ledger, Money(ledger), plan,
            receiver, token, time.time() + options.timeout, listener,
        )  # fmt: skip
        client.progress, client.busy = run.report, lambda: run.started > run.ended
        listener(events.Opened(conversation))
        try:
            yield run
        finally:
            conversation.spent = str(ledger.spent)
            late = unbought(run.unbought, options.budget, promises)
            conversation.skipped |= late | unseen(conversation, target, plan) | conversation.skipped
            if run.unsure:
                conversation.notes.append(
                    f"{len(run.unsure)} creates got no answer that can be read: their tasks may exist, so "
                    f"{sum(run.unsure)} units are counted as spent for them"
                )


def _expected(run: Run) -> float:
    """Seconds that the run will take if tasks take as long as was observed."""
    bought = {p.family for p in run.plan.tasks}
    slow = [
        float(f.task.get("observed_seconds", {}).get("median", 0)) for f in run.families if f.name in bought
    ]
    longest = max(slow, default=0.0)
    each = 1 / run.options.rate if run.options.rate else 0.0
    return run.free_requests * each + (0.0 if run.options.loopback else longest)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=64), headers={"User-Agent": "understudy"}, auto_decompress=True
    )


async def _receiver(
    options: Options,
    conversation: trace.Conversation,
    promises: frozenset[str],
    token: str,
    stack: AsyncExitStack,
) -> Receiver | None:
    """A callback receiver where the provider can reach one: on this machine, or as the options say."""
    wanted = any(PROMISES[p].operation == "callback" for p in promises)
    asked = bool(options.callback_url or options.callback_listen)
    if not asked and not (wanted and options.loopback):
        return None
    host, port = options.callback_listen or ("127.0.0.1", 8788 if options.callback_url else 0)
    receiver = Receiver(conversation, host, port, options.callback_url, token)
    return await stack.enter_async_context(receiver)


async def _steps(run: Run, bad: list[tuple[Family, Bad]]) -> None:
    try:
        async with asyncio.timeout(max(1.0, run.options.timeout + run.options.grace + 5)):
            await _all(run, bad)
    except* Stopped as group:
        run.conversation.stopped = _first(group)
    except* TimeoutError:
        run.conversation.stopped = f"the time of {run.options.timeout:g} s was over"


def _first(group: BaseExceptionGroup[Any]) -> str:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else str(inner)


async def _all(run: Run, bad: list[tuple[Family, Bad]]) -> None:
    """Free requests first: a provider that takes bad ones spends the budget before tasks are bought."""
    await door.knock(run)
    _tell_plan(run)
    run.phase = "refusals"
    # Before anything is timed: while Schemathesis works, answers would seem to be late.
    extra = await asyncio.to_thread(free.generate, run)
    await free.refusals(run, [*bad, *extra])
    if any(PROMISES[p].cost == TASK for p in run.promises):
        run.phase = "tasks"
    async with asyncio.TaskGroup() as group:
        group.create_task(tasks.buy(run))
        group.create_task(free.doors(run))
    run.phase = "lists"
    await free.lists(run)
    await tasks.wait_for_callbacks(run)
    if Decimal(run.ledger.spent) > run.options.budget:
        run.conversation.notes.append(
            f"bad requests that were taken cost {run.ledger.spent} units, more than the budget"
        )
