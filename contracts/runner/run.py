"""One run against a provider, from the first request to the last callback."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from understudy.contracts import trace
from understudy.contracts.budget import ZERO, Budget
from understudy.contracts.checks.table import PROMISES, TASK
from understudy.contracts.client import OTHER, OWN, Client, Limits, Stopped
from understudy.contracts.failures import TargetError
from understudy.contracts.fetching import Fetcher, networks_of, session_for
from understudy.contracts.rate import Rate
from understudy.contracts.receiver import Receiver
from understudy.contracts.runner import events, free
from understudy.contracts.runner.afterwards import last_looks, late_callbacks, signing_keys
from understudy.contracts.runner.asking import Asking
from understudy.contracts.runner.callbacks import wait_for_callbacks
from understudy.contracts.runner.follow import Following
from understudy.contracts.runner.locate import locate
from understudy.contracts.runner.older import look_at_older, use_again
from understudy.contracts.runner.operations import offered_operations, tasks_for, units_for, without_headers
from understudy.contracts.runner.options import Options, check_url
from understudy.contracts.runner.orders import Orders
from understudy.contracts.runner.plan import (
    SpendingPlan,
    count_free,
    enough_for_all,
    few_results,
    make_plan,
    within,
)
from understudy.contracts.runner.probes import odd_requests
from understudy.contracts.runner.recording import Recording
from understudy.contracts.runner.shrink import Shrinking
from understudy.contracts.runner.sources import buy_sources
from understudy.contracts.runner.tasks import Buying
from understudy.contracts.runner.unseen import unbought, unseen
from understudy.specs.addresses import read_networks

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable

    from understudy.contracts.strategies.refusals import Bad
    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily


# Seconds: for repeating one request that came too fast; of waiting in all that is told.
LONGEST_WAIT, TOLD_WAIT = 120.0, 5.0
# Seconds between two looks at our own clock.
WATCH = 0.1
OF_OTHER, RETRIED = "external-ids-are-per-account", "callback-is-retried"


@dataclass
class Run:
    """A run put together: the part that asks, the part that pays, the part that records, and the plan."""

    asks: Asking
    pays: Budget
    records: Recording
    plan: SpendingPlan

    def progress(self) -> None:
        self.records.progress(self.pays.spent, self.asks.client.waiting)


async def hold(
    options: Options,
    target: Target,
    listener: events.Listener = events.ignore,
    bad: Iterable[tuple[TargetFamily, Bad]] = (),
) -> trace.Conversation:
    """Hold the conversation that `options` ask for and return its record, whatever the provider does.

    `bad` are creates of the caller's own that must be refused, sent before the others. Raises UnderstudyError
    when an option cannot be used.
    """
    async with opened(options, target, listener) as run:
        beats = [asyncio.create_task(_beat(run)), asyncio.create_task(_watch_ourselves(run))]
        try:
            await _steps(run, list(bad))
        finally:
            for beat in beats:
                beat.cancel()
    return run.records.conversation


async def _beat(run: Run) -> None:
    """Tell how far the run is once a second, for nothing is heard of a provider that keeps silent."""
    while True:
        await asyncio.sleep(1)
        run.progress()


async def _watch_ourselves(run: Run) -> None:
    """Write down when this machine was too busy to run us: what came in meanwhile was not late by itself."""
    while True:
        begun = time.monotonic()
        await asyncio.sleep(WATCH)
        late = (time.monotonic() - begun - WATCH) * 1000
        run.records.conversation.note_stall(time.time() * 1000, late)


def _tell_plan(run: Run) -> None:
    plan, options, records = run.plan, run.asks.options, run.records
    records.free_requests = count_free(run.asks.families, plan, options.generated)
    records.listener(
        events.RunPlanned(
            records.free_requests,
            len(plan.tasks) + tasks_for(run.asks.families, run.asks.promises),
            min(options.budget, plan.cost + units_for(run.asks.families, run.asks.promises)),
            options.budget,
            plan.left_out,
            _expected(run),
        )
    )


@dataclass(frozen=True)
class _Planned:
    """What is asked for, and the record in which nothing has been said yet but what is left out."""

    promises: frozenset[str]
    families: list[TargetFamily]
    plan: SpendingPlan
    conversation: trace.Conversation


@asynccontextmanager
async def opened(
    options: Options,
    target: Target,
    listener: events.Listener = events.ignore,
    pays: Budget | None = None,
) -> AsyncIterator[Run]:
    """A run with its connections open and nothing sent yet; at the end its spending is written down.

    `pays`: a budget that several runs share, in place of one of `options.budget`.
    """
    planned = _planned(options, target)
    options = with_time(options, count_free(planned.families, planned.plan, options.generated))
    conversation, promises = planned.conversation, planned.promises
    async with AsyncExitStack() as stack:
        token = f"{random.SystemRandom().getrandbits(64):x}"
        receiver = await _receiver(options, conversation, promises, token, stack)
        conversation.listening = receiver is not None
        conversation.challenged = set() if receiver is not None else None
        client = await _client(options, target, conversation, stack)
        if receiver is not None:
            receiver.challenges, receiver.blot = target.challenges, client.blot
        deadline = time.time() + options.timeout
        asks = Asking(options, target, planned.families, promises, client, receiver, token, deadline)
        records = Recording(conversation, listener)
        run = Run(asks, pays or Budget(options.budget), records, planned.plan)
        client.progress, client.busy = run.progress, lambda: records.started > records.ended
        listener(events.Opened(conversation))
        try:
            yield run
        finally:
            _tell_spending(run)


def with_time(options: Options, requests: int) -> Options:
    """The options with twice the time that so many requests take at their rate, where nobody set a limit."""
    if not options.grows or options.rate is None:
        return options
    return replace(options, timeout=max(options.timeout, 2 * requests / options.rate))


def _planned(options: Options, target: Target) -> _Planned:
    """What the options ask for and their budget buys; raises UnderstudyError for a URL that is none."""
    url = check_url(options.url)
    promises = options.promises or frozenset(PROMISES)
    every = target.asked(options.families)
    for family in every:
        if not family.takes_json and not family.form:
            advice = "verify sends JSON and forms; --family asks for another kind of task"
            raise TargetError(f"{family.name} takes neither JSON nor a form", advice=advice)
    families = (
        every if options.families else within(every, options.budget, options.seed, promises, options.image)
    )
    conversation = trace.Conversation(
        options.provider,
        url,
        options.seed,
        str(options.budget),
        families=tuple(f.name for f in families),
        other_account=bool(options.other_api_key),
        reachable=options.loopback,
    )
    # A unit is kept for the other account, which uses one of our external ids.
    keep = min(f.cost({}) for f in families) if options.other_api_key and OF_OTHER in promises else ZERO
    keep += units_for(families, promises)
    plan = make_plan(target, families, options.budget, options.seed, sorted(promises), options.image, keep)
    conversation.skipped.update(plan.skipped)
    if len(families) < len(every):
        conversation.notes.append(_too_dear(every, families, options, promises))
    names = [] if options.families else target.left_out(every)
    if names:
        left_out = f"not documented by {target.provider}: {', '.join(names)}"
        advice = f"--family {names[0] if len(names) == 1 else 'NAME'} asks one all the same"
        conversation.notes.append(f"{left_out}; {advice}")
    return _Planned(promises, families, plan, conversation)


async def _client(
    options: Options, target: Target, conversation: trace.Conversation, stack: AsyncExitStack
) -> Client:
    """What sends requests and fetches results, closed with the stack."""
    limits = Limits(
        options.answer_timeout,
        min(options.timeout, LONGEST_WAIT),
        options.pace * 5,
        options.timeout / 2,
    )
    client = Client(
        await stack.enter_async_context(_session(options.tls)),
        conversation,
        target,
        {OWN: options.api_key, OTHER: options.other_api_key},
        Rate(options.rate, time.monotonic),
        limits,
    )
    host = urlsplit(conversation.url).hostname or ""
    nets = (
        *await asyncio.to_thread(networks_of, host),
        *read_networks(options.result_nets, "--allow-result-net"),
    )
    fetching = session_for(nets, proxy=options.proxy, ssl=options.tls or True)
    client.fetcher = Fetcher(await stack.enter_async_context(fetching), options.proxy)
    client.proxy = options.proxy
    return client


def _tell_spending(run: Run) -> None:
    """Write down what was spent, what that did not buy, and what the run waited for."""
    asks, pays, records = run.asks, run.pays, run.records
    conversation, waited = records.conversation, asks.client.waited
    conversation.spent = f"{pays.spent.normalize():f}"  # 10.00 is 10
    late = unbought(records.unbought, asks.options.budget, asks.promises)
    conversation.skipped |= late | unseen(conversation, asks.target, run.plan) | conversation.skipped
    if waited > TOLD_WAIT:
        records.note(f"{waited:.0f} s were waited in all, for the provider asked for it or was not well")
    if pays.unsure:
        records.note(
            f"{len(pays.unsure)} creates got no answer that can be read: their tasks may exist, so "
            f"{sum(pays.unsure)} units are counted as spent for them"
        )
    few = few_results(run.plan, asks.families)
    if few:
        records.note(f"{few}; a larger --budget buys one")


def _too_dear(
    every: list[TargetFamily], families: list[TargetFamily], options: Options, promises: frozenset[str]
) -> str:
    names = ", ".join(f.name for f in every if f not in families)
    enough = enough_for_all(every, options.seed, promises, options.image)
    return f"a budget of {options.budget} does not buy {names}; --budget {enough} asks all, --family one"


def _expected(run: Run) -> float:
    """Seconds that the run will take if tasks take as long as was observed."""
    bought = {p.family for p in run.plan.tasks}
    slow = [f.behaviour.median_ms / 1000 for f in run.asks.families if f.name in bought]
    longest = max(slow, default=0.0)
    each = 1 / run.asks.options.rate if run.asks.options.rate else 0.0
    return run.records.free_requests * each + (0.0 if run.asks.options.loopback else longest)


def _session(tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=64, ssl=tls or True),
        headers={"User-Agent": "understudy"},
        auto_decompress=True,
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
    receiver.refuses_first = options.callback_retry and RETRIED in promises
    return await stack.enter_async_context(receiver)


async def _steps(run: Run, bad: list[tuple[TargetFamily, Bad]]) -> None:
    options, conversation = run.asks.options, run.records.conversation
    try:
        async with asyncio.timeout(max(1.0, options.timeout + options.grace + 5)):
            await _all(run, bad)
    except* Stopped as group:
        conversation.stopped = _first(group)
    except* TimeoutError:
        conversation.stopped = f"the time of {options.timeout:g} s was over"


def _first(group: BaseExceptionGroup[Any]) -> str:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else str(inner)


async def _all(run: Run, bad: list[tuple[TargetFamily, Bad]]) -> None:
    """Free requests first: a provider that takes bad ones spends the budget before tasks are bought."""
    asks, pays, records = run.asks, run.pays, run.records
    await locate(asks, pays, records)
    _tell_plan(run)
    records.phase = "older tasks"
    await look_at_older(asks, pays, records)
    records.phase = "refusals"
    # Before anything is timed: while Schemathesis works, answers would seem to be late.
    extra = await asyncio.to_thread(free.generate, asks)
    planned = [(f, one) for f in asks.families for one in run.plan.bad[f.name]]
    await free.refusals(asks, pays, records, [*planned, *bad, *extra])
    await without_headers(asks, pays)
    await odd_requests(asks, pays)
    await use_again(asks, pays, records)
    if any(PROMISES[p].cost == TASK for p in asks.promises):
        records.phase = "tasks"
    orders, following = Orders(asks, pays, records), Following(asks, pays, records)
    await buy_sources(asks, orders, following, run.plan)
    buying = Buying(orders, following, Shrinking(orders, following, planned=list(run.plan.tasks)))
    async with asyncio.TaskGroup() as group:
        group.create_task(buying.buy(run.plan))
        group.create_task(free.unknown_ids_and_list_limits(asks))
    records.phase = "lists"
    await free.lists(asks, records)
    await wait_for_callbacks(asks, records)
    records.phase = "last looks"
    await last_looks(asks, pays, records)
    if records.started:
        await offered_operations(asks, pays, records)
        await late_callbacks(asks, records)
        await signing_keys(asks, records)
    if pays.spent > pays.units:
        records.note(f"bad requests that were taken cost {pays.spent} units, more than the budget")
