"""Run the command once per scenario, several at once, each against a server and an account of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from understudy.contracts.client_verifier.command import environment, fill
from understudy.contracts.client_verifier.journal import read_trace
from understudy.contracts.client_verifier.judges import LOOP, loops
from understudy.contracts.client_verifier.nothing_ordered import NothingOrdered
from understudy.contracts.client_verifier.played import Played, calls_back, played_api
from understudy.contracts.client_verifier.process import GRACE_SECONDS, Ended, run_command
from understudy.contracts.client_verifier.service import RESUMED, Driven, driven_by, run_service
from understudy.contracts.client_verifier.verdict import STARTED_AGAIN
from understudy.contracts.local_ports import reserved_port
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from understudy.contracts.client_verifier.scenarios import GradedScenario
    from understudy.contracts.client_verifier.speed import Speed
    from understudy.contracts.client_verifier.trace import Stopped, Trace
    from understudy.contracts.testing import Account, MockServer

    Seen = Mapping[str, Sequence[Mapping[str, Any]]]
    # Starts a server that lets in one key only.
    Serve = Callable[[str], AbstractContextManager[MockServer]]
    # Starts the command: until when, how long it may take to end, and whether it was started before.
    Start = Callable[[Callable[[], Awaitable[Stopped]], float, bool], Awaitable[Ended]]
    Tell = Callable[[GradedScenario, Trace | None], None]

# How often a run is looked at.
WATCH_SECONDS = 0.5
ORDER_SECONDS = 0.1
POLL_SECONDS = 0.05
MOST_ENTRIES = 100_000
RUNNING = Ended(None, "", 0, "")


@dataclass(frozen=True, slots=True)
class GradingPlan:
    """What to run and how. Times: `timeout_seconds` is for one run, from the client's first request on (and
    until that); `task_ms` is how long a task takes; `pause_seconds` what Retry-After says.

    orders: how many tasks the command is meant to create.
    `env` maps names to values in which {url}, {api_key} and their like are replaced, as in
    the command. `speed`: how fast time runs for the mock, and for clients that can be made to follow; tasks
    and pauses are timed by that clock.
    """

    command: Sequence[str]
    scenarios: Sequence[GradedScenario]
    provider: str = "canonical"
    env: Mapping[str, str] = field(default_factory=dict)
    parallel: int = 8
    timeout_seconds: float = 30.0
    task_ms: int = 2000
    pause_seconds: int = 2
    speed: Speed | None = None
    orders: int = 1
    # What makes a service order, when the command is one: a URL that is posted to, or a command line.
    service: str = ""
    # What only the processes of these runs have in their environment.
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def mark(self) -> str:
        """What stands in the environment of every process of our runs: NAME=VALUE without its end."""
        return f"UNDERSTUDY_RUN={self.token}#"


async def run_all(plan: GradingPlan, serve: Serve, tell: Tell = lambda *_: None) -> list[Trace]:
    """The traces of all scenarios, in their order; `tell` hears of each as it begins (None) and as it ends.

    The first one runs alone until it has ordered something: what orders nothing when left in peace cannot be
    graded (raises NothingOrdered), and what orders something that is refused as invalid is graded by that run
    alone. Cancelling stops every command that is running, and waits until it is gone.
    """
    gate = asyncio.Semaphore(plan.parallel)
    ordered = asyncio.Event()

    async def one(scenario: GradedScenario, on_order: Callable[[], None] | None = None) -> Trace:
        async with gate:
            tell(scenario, None)
            trace = await run_one(plan, serve, scenario, on_order)
            tell(scenario, trace)
            return trace

    async def lead(scenario: GradedScenario) -> Trace:
        trace = await one(scenario, ordered.set)
        if not trace.tasks and trace.order_refused:
            raise _OrderRefused(trace)
        if not trace.tasks:
            raise NothingOrdered(trace)
        if plan.speed is not None and not plan.speed.followed(scenario.name):
            raise UnderstudyError(
                "the command does not follow: it is neither Python nor Node, or ignores PYTHONPATH and "
                "NODE_OPTIONS",
                where="--fast-sleep",
                advice="make its own pauses shorter, as with --env POLL_SECONDS=0.1",
            )
        ordered.set()
        return trace

    async def follow(scenario: GradedScenario) -> Trace:
        await ordered.wait()
        return await one(scenario)

    first, *others = plan.scenarios
    try:
        async with asyncio.TaskGroup() as group:
            runs = [group.create_task(lead(first)), *(group.create_task(follow(other)) for other in others)]
    except BaseExceptionGroup as several:
        # The first says what is wrong; the others were stopped because of it.
        reason = several.exceptions[0]
        if isinstance(reason, _OrderRefused):
            return [reason.trace]
        raise reason from None
    return [run.result() for run in runs]


class _OrderRefused(Exception):  # noqa: N818 - no mistake: it ends the other runs before they begin
    """The order of the run in which all is well was refused as invalid."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace.scenario)
        self.trace = trace


async def run_one(
    plan: GradingPlan, serve: Serve, scenario: GradedScenario, on_order: Callable[[], None] | None = None
) -> Trace:
    """Run the command once, against a server that lets in one key only. `on_order`: at its first task.

    All that the server hears is of this run: what comes with another key, or none, too.
    """
    key = f"key-{secrets.token_hex(12)}"
    async with started(serve(key)) as server:
        return await _run(plan, server, key, scenario, on_order)


@contextlib.asynccontextmanager
async def started(starting: AbstractContextManager[MockServer]) -> AsyncIterator[MockServer]:
    """The server, started and ended beside the event loop."""
    server = await asyncio.to_thread(starting.__enter__)
    try:
        yield server
    finally:
        await asyncio.to_thread(starting.__exit__, None, None, None)


async def _run(
    plan: GradingPlan,
    server: MockServer,
    key: str,
    scenario: GradedScenario,
    on_order: Callable[[], None] | None,
) -> Trace:
    api = played_api(plan.provider)
    text = scenario.text(
        task_ms=plan.task_ms,
        pause_seconds=plan.pause_seconds,
        calls_back=calls_back(api.behaviour.families),
    )
    account = await asyncio.to_thread(server.account, key=key, scenario=text)
    speed = plan.speed
    # One moment by two clocks: what the mock saw and how long the command took are compared.
    began_ms, began = (speed.wall() if speed else time.time_ns()) / 1e6, time.monotonic()
    factor = speed.factor if speed else 1.0
    played = Played(scenario, text, began_ms, factor, plan.task_ms, plan.orders)

    async def until() -> Stopped:
        return await enough(
            account, plan.timeout_seconds, lambda seen: loops(read_trace(played, seen, api, RUNNING))
        )

    restarts: list[int] = []
    watching = asyncio.ensure_future(_first_order(account, on_order)) if on_order else None
    try:
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(
                TemporaryDirectory(prefix="understudy-state-", ignore_cleanup_errors=True)
            )
            values = {
                "url": account.url,
                "api_key": key,
                "webhook_secret": server.webhook_secret,
                "scenario": scenario.name,
                "folder": folder,
            }
            if plan.service:
                values["port"] = str(stack.enter_context(reserved_port()))

            async def resumed() -> bool:
                """Whether a service has been told an end since it was started again."""
                seen = await asyncio.to_thread(_seen, account)
                since = read_trace(played, seen, api, RUNNING).exchanges[restarts[0] if restarts else 0 :]
                return any(e.final for e in since)

            start = _starter(plan, values, scenario.name, plan.mark + key, resumed, began)
            if not scenario.restart:
                ended = await start(until, GRACE_SECONDS, False)
            else:
                ended = await _twice(start, until, account, scenario, plan.timeout_seconds, restarts)
                played = replace(played, restarted=restarts[0] if restarts else None)
    finally:
        if watching is not None:
            watching.cancel()
    seen = await asyncio.to_thread(_seen, account)
    return read_trace(played, seen, api, ended)


def _starter(
    plan: GradingPlan,
    values: Mapping[str, str],
    run: str,
    mark: str,
    resumed: Callable[[], Awaitable[bool]],
    began: float,
) -> Start:
    """What starts the command: each time the same, in the same environment.

    A service is driven the first time; started again it has to go on by itself until `resumed`. However often
    it is started, its duration counts from `began`, as time.monotonic() gives it.
    """
    command = [fill(word, values) for word in plan.command]
    env = environment(os.environ, plan.env, values)
    if plan.speed is not None:
        env |= plan.speed.environment(env, run)
    # Whatever else is mapped, this name in a process's environment says that it is of this run.
    name, _, value = mark.partition("=")
    env[name] = value

    async def drive() -> Driven:
        return await driven_by(fill(plan.service, values), env, int(values["port"]))

    async def wait() -> Driven:
        while not await resumed():
            await asyncio.sleep(WATCH_SECONDS)
        return Driven(0, RESUMED)

    async def start(until: Callable[[], Awaitable[Stopped]], patience: float, again: bool) -> Ended:
        if not plan.service:
            return await run_command(command, env, until, mark, patience=patience, began=began)
        act = wait if again else drive
        return await run_service(command, env, mark, act, until, patience=patience, began=began)

    return start


async def _twice(
    start: Start,
    until: Callable[[], Awaitable[Stopped]],
    account: Account,
    scenario: GradedScenario,
    timeout_seconds: float,
    restarts: list[int],
) -> Ended:
    """Kill the command after its first create or poll, as a power cut would, and start it again.

    Gives how it ended; how many requests there had been goes to `restarts`, unless it ended before it could
    be killed.
    """
    gives_up = scenario.restart == "given up"
    awaited = "create" if scenario.restart == "ordering" else "query"
    first = await start(until if gives_up else lambda: _asked(account, awaited, timeout_seconds), 0.0, False)
    if first.stopped != ("" if gives_up else "restart") or first.exit_code == 0:
        return first
    restarts.append(len(await asyncio.to_thread(_heard, account)))
    if gives_up:
        await asyncio.to_thread(_finish_all, account)
    if scenario.restart == "ended":
        await _ended(account, timeout_seconds)
    second = await start(until, GRACE_SECONDS, True)
    what = "it gave up" if gives_up else "killed"
    output = f"{first.output}\n… {what}{STARTED_AGAIN}\n{second.output}"
    return replace(second, output=output)


def _finish_all(account: Account) -> None:
    """Let every task succeed now."""
    for task in account.tasks:
        account.finish(task["id"])


async def _asked(account: Account, operation: str, timeout_seconds: float) -> Stopped:
    """Wait for the first request of that kind."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if await asyncio.to_thread(account.count, operation):
            return "restart"
        await asyncio.sleep(POLL_SECONDS)
    return "time"


async def _ended(account: Account, timeout_seconds: float) -> None:
    """Wait until the account's tasks have reached the last state of their plans."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        tasks = await asyncio.to_thread(lambda: account.tasks)
        if all(task["status"] == task["plan"][-1]["status"] for task in tasks):
            return
        await asyncio.sleep(POLL_SECONDS)


async def enough(
    account: Account,
    timeout_seconds: float,
    certain: Callable[[Seen], bool],
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


async def _first_order(account: Account, on_order: Callable[[], None]) -> None:
    while not await asyncio.to_thread(lambda: account.count("create", verdict="accepted")):
        await asyncio.sleep(ORDER_SECONDS)
    on_order()


def _seen(account: Account) -> Seen:
    """Everything that the server of a run knows, of its account and of whoever else asked."""
    return {"requests": _heard(account), "deliveries": account.callbacks, "tasks": account.tasks}


def _heard(account: Account) -> Sequence[Mapping[str, Any]]:
    heard: Sequence[Mapping[str, Any]] = account.server.call("GET", "/journal", query={"limit": MOST_ENTRIES})
    return heard
