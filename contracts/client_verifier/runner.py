"""Run the command once per scenario, several at once, each against an account of its own."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.client_verifier.command import environment, fill
from contracts.client_verifier.first_look import NothingOrdered
from contracts.client_verifier.journal import read_trace
from contracts.client_verifier.judges import LOOP, loops
from contracts.client_verifier.process import Ended, run_command
from contracts.target import read_target
from specs.errors import UnderstudyError
from specs.library import effective

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from contracts.client_verifier.scenarios import Scenario
    from contracts.client_verifier.speed import Speed
    from contracts.client_verifier.trace import Stopped, Trace
    from contracts.testing import Entry, Provider, Understudy

# How often a run is looked at.
WATCH_SECONDS = 0.5
ORDER_SECONDS = 0.1
RUNNING = Ended(None, "", 0, "")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run and how. Times: `timeout_seconds` is for one run, from the client's first request on (and
    until that); `task_ms` is how long a task takes; `pause_seconds` what Retry-After says.

    `env` maps names to values in which {url}, {api_key}, {webhook_secret} and {scenario} are replaced, as in
    the command. `speed`: how fast time runs for the mock, and for clients that can be made to follow; tasks
    and pauses are timed by that clock.
    """

    command: Sequence[str]
    scenarios: Sequence[Scenario]
    provider: str = "canonical"
    env: Mapping[str, str] = field(default_factory=dict)
    parallel: int = 8
    timeout_seconds: float = 30.0
    task_ms: int = 2000
    pause_seconds: int = 2
    speed: Speed | None = None


def check_providers(names: Iterable[str]) -> None:
    """Raises UnderstudyError for a provider that does not exist."""
    for name in names:
        effective(name)


def mark_of(server: Understudy) -> str:
    """What stands in the environment of every process of our runs: NAME=VALUE without its end."""
    return f"UNDERSTUDY_RUN={server.url}#"


async def run_all(
    plan: Plan, server: Understudy, tell: Callable[[Scenario, Trace | None], None] = lambda *_: None
) -> list[Trace]:
    """The traces of all scenarios, in their order; `tell` hears of each as it begins (None) and as it ends.

    The first one runs alone until it has ordered something: what orders nothing when left in peace cannot be
    graded. Raises NothingOrdered then. Cancelling stops every command that is running, and waits until it is
    gone.
    """
    gate = asyncio.Semaphore(plan.parallel)
    ordered = asyncio.Event()

    async def one(scenario: Scenario, on_order: Callable[[], None] | None = None) -> Trace:
        async with gate:
            tell(scenario, None)
            trace = await run_one(plan, server, scenario, on_order)
            tell(scenario, trace)
            return trace

    async def lead(scenario: Scenario) -> Trace:
        trace = await one(scenario, ordered.set)
        if not trace.creates:
            raise NothingOrdered(trace, await asyncio.to_thread(server.call, "GET", "/journal"))
        if plan.speed is not None and not plan.speed.followed(scenario.name):
            raise UnderstudyError(
                "the command does not follow: it is neither Python nor Node, or ignores PYTHONPATH and "
                "NODE_OPTIONS",
                where="--fast-sleep",
                advice="make its own pauses shorter, as with --env POLL_SECONDS=0.1",
            )
        ordered.set()
        return trace

    async def follow(scenario: Scenario) -> Trace:
        await ordered.wait()
        return await one(scenario)

    first, *others = plan.scenarios
    try:
        async with asyncio.TaskGroup() as group:
            runs = [group.create_task(lead(first)), *(group.create_task(follow(other)) for other in others)]
    except BaseExceptionGroup as several:
        # The first says what is wrong; the others were stopped because of it.
        raise several.exceptions[0] from None
    return [run.result() for run in runs]


async def run_one(
    plan: Plan, server: Understudy, scenario: Scenario, on_order: Callable[[], None] | None = None
) -> Trace:
    """Run the command once; its account is new, and forgotten afterwards. `on_order`: at its first create."""
    played = scenario.text(task_ms=plan.task_ms, pause_seconds=plan.pause_seconds)
    account = await asyncio.to_thread(server.provider, scenario=played)
    values = {
        "url": account.url,
        "api_key": account.api_key,
        "webhook_secret": server.webhook_secret,
        "scenario": scenario.name,
    }
    command = [fill(word, values) for word in plan.command]
    target = read_target(plan.provider)
    speed = plan.speed
    began_ms = (speed.wall() if speed else time.time_ns()) / 1e6

    def trace(ended: Ended, seen: Mapping[str, list[Entry]]) -> Trace:
        return read_trace(scenario, played, seen, target, ended, began_ms, speed.factor if speed else 1.0)

    async def until() -> Stopped:
        return await enough(account, plan.timeout_seconds, lambda seen: loops(trace(RUNNING, seen)))

    watching = asyncio.ensure_future(_first_order(account, on_order)) if on_order else None
    try:
        env = environment(os.environ, plan.env, values)
        if speed is not None:
            env |= speed.environment(env, scenario.name)
        # Whatever else is mapped, this name in a process's environment says that it is of this run.
        mark = mark_of(server) + account.api_key
        name, _, value = mark.partition("=")
        ended = await run_command(command, env | {name: value}, until, mark)
    finally:
        if watching is not None:
            watching.cancel()
    seen = await asyncio.to_thread(_seen, account)
    await asyncio.to_thread(account.reset)
    return trace(ended, seen)


async def enough(
    account: Provider,
    timeout_seconds: float,
    certain: Callable[[Mapping[str, list[Entry]]], bool],
    *,
    now: Callable[[], float] = time.monotonic,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Stopped:
    """Returns when the run has to be stopped: it is over its time, or `certain` to ask for ever.

    The time counts from the first request, so that a slow start is not held against the client. `now` and
    `pause` are in seconds.
    """
    began = now()
    asked: bool = False
    look_at = LOOP
    while True:
        await pause(WATCH_SECONDS)
        if not asked and await asyncio.to_thread(account.count) > 0:
            asked, began = True, now()
        if now() - began > timeout_seconds:
            return "time"
        polls = await asyncio.to_thread(account.count, "query") if asked else 0
        if polls >= look_at:
            look_at = polls + LOOP
            if certain(await asyncio.to_thread(_seen, account)):
                return "loop"


async def _first_order(account: Provider, on_order: Callable[[], None]) -> None:
    while not await asyncio.to_thread(account.count, "create"):
        await asyncio.sleep(ORDER_SECONDS)
    on_order()


def _seen(account: Provider) -> dict[str, list[Entry]]:
    """Everything that the mock knows of the account."""
    return {"requests": account.journal, "deliveries": account.callbacks, "tasks": account.tasks}
