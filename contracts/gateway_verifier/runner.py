"""The gateway started once per scenario, between our driver and our mock of the provider."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import AsyncExitStack
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from understudy.contracts.callback_listener import CallbackListener
from understudy.contracts.client_verifier.command import environment, fill
from understudy.contracts.client_verifier.process import GRACE_SECONDS, run_command
from understudy.contracts.client_verifier.runner import started
from understudy.contracts.gateway_verifier.driver import (
    GatewayApi,
    GatewayDriver,
    session,
)
from understudy.contracts.gateway_verifier.ledger import Ledger
from understudy.contracts.gateway_verifier.watching import GatewayOrders, UpstreamWatch
from understudy.contracts.local_ports import listened_to, reserved_port
from understudy.contracts.target import read_target
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from understudy.contracts.client_verifier.runner import Serve
    from understudy.contracts.client_verifier.scenarios import GradedScenario
    from understudy.contracts.client_verifier.trace import Stopped
    from understudy.contracts.gateway_verifier.plan import GatewayPlan
    from understudy.contracts.gateway_verifier.seen import GatewayRun

    TellGateway = Callable[[GradedScenario, GatewayRun | None], None]

# What is replaced in the command, in the values of --upstream-env and in --gateway.
GATEWAY_PLACES = (
    "url", "api_key", "webhook_secret", "scenario", "folder", "port", "key_a", "key_b",
)  # fmt: skip
OUTPUT_LINES = 12


class GatewayNotWorking(Exception):  # noqa: N818 - nobody's mistake yet: the command line says what it is
    """The gateway did not start, or takes no order even when nothing goes wrong."""

    def __init__(self, what: str, output: str = "") -> None:
        said = "\n".join(output.rstrip().splitlines()[-OUTPUT_LINES:])
        super().__init__(f"{what}\nIt printed:\n{said}" if said else what)


async def run_gateway(
    plan: GatewayPlan, serve: Serve, tell: TellGateway = lambda *_: None
) -> list[GatewayRun]:
    """All runs, in the order of the scenarios; the first alone, for it shows whether it takes orders.

    Raises GatewayNotWorking when the first run accepts no order.
    """
    first, *others = plan.scenarios
    tell(first, None)
    lead = await run_gateway_once(plan, serve, first)
    tell(first, lead)
    if not any(line.order.accepted for line in lead.lines):
        refusal = lead.lines[0].order.refused
        raise GatewayNotWorking(f"it takes no order: {refusal}", lead.output)
    if plan.price is None:
        plan = replace(plan, price=_price(lead))
    if plan.price is None:
        plan = replace(plan, ledger=Ledger())
    known = plan.price is not None
    lead = _priced(lead, plan.price)
    at_once = asyncio.Semaphore(plan.parallel)

    async def one(scenario: GradedScenario) -> GatewayRun:
        async with at_once:
            tell(scenario, None)
            run = await run_gateway_once(plan, serve, scenario)
            run = _priced(run, plan.price) if known else _unpriced(run)
            tell(scenario, run)
            return run

    async with asyncio.TaskGroup() as group:
        runs = [group.create_task(one(scenario)) for scenario in others]
    return _with_sayings([lead, *(run.result() for run in runs)])


def _with_sayings(runs: Sequence[GatewayRun]) -> list[GatewayRun]:
    """The runs, each with what the gateway says of failed tasks in all of them.

    What is refused at once is left out: it may be the gateway's own affair, as its money is.
    """
    sayings: dict[str, set[str]] = {}
    for line in (line for run in runs for line in run.lines):
        if line.order.end is not None and line.failed_upstream and line.told_reason and line.reason:
            sayings.setdefault(line.told_reason, set()).add(line.reason)
    told = {saying: frozenset(reasons) for saying, reasons in sayings.items()}
    return [replace(run, sayings=told) for run in runs]


def _price(run: GatewayRun) -> float | None:
    """Units billed for each unit of a success; None when nothing was billed, or nobody can say."""
    for line in run.lines:
        if line.delivered and line.order.billed and line.order.units:
            return line.order.billed / line.order.units
    return None


def _priced(run: GatewayRun, price: float | None) -> GatewayRun:
    return replace(run, price=price)


def _unpriced(run: GatewayRun) -> GatewayRun:
    """Without what records say of money, when they are silent about a success, too."""
    lines = tuple(replace(line, order=replace(line.order, billed=None)) for line in run.lines)
    return replace(run, lines=lines)


async def run_gateway_once(plan: GatewayPlan, serve: Serve, scenario: GradedScenario) -> GatewayRun:
    """One scenario: the gateway started, two orders of two accounts at once, and both sides read."""
    async with AsyncExitStack() as stack:
        key = f"key-{secrets.token_hex(12)}"
        server = plan.upstream
        if server is None:
            server = await stack.enter_async_context(started(serve(key)))
        folder = stack.enter_context(
            TemporaryDirectory(prefix="understudy-state-", ignore_cleanup_errors=True)
        )
        listener = stack.enter_context(CallbackListener())
        asking = await stack.enter_async_context(session())
        key_a, key_b = plan.keys[0] or f"a-{key}", plan.keys[1] or f"b-{key}"
        values = {
            "url": server.url,
            "api_key": key,
            "webhook_secret": server.webhook_secret,
            "scenario": scenario.name,
            "folder": folder,
            "port": str(stack.enter_context(reserved_port())),
            "key_a": key_a,
            "key_b": key_b,
        }
        own = {name: values[name] for name in ("port", "folder")}
        plan = replace(plan, ledger=replace(plan.ledger, ask=fill(plan.ledger.ask, own)))
        watch = UpstreamWatch(plan, server, scenario)
        await watch.play()
        api = GatewayApi.of(read_target(plan.provider), plan.family, fill(plan.gateway, values))
        driver = GatewayDriver(
            api, asking, listener, watch.now,
            patience_seconds=plan.timeout, calls_back=plan.calls_back, callback_secret=plan.callback_secret,
        )  # fmt: skip
        orders = GatewayOrders(plan, api, driver, (key_a, key_b))

        async def act() -> None:
            await orders.place()
            await watch.ended()

        async def polled() -> None:
            await watch.polled(driver)

        output = await _beside_the_gateway(plan, values, act, polled if scenario.restart else None)
        return await watch.run_of(orders.placed, api, asking, key, output)


async def _beside_the_gateway(
    plan: GatewayPlan,
    values: Mapping[str, str],
    act: Callable[[], Coroutine[Any, Any, None]],
    kill_after: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> str:
    """`act()` while the gateway runs; gives what it printed.

    kill_after: when that is over, the gateway is killed as by a power cut, and started again.
    Raises GatewayNotWorking when it does not listen, or ends.
    """
    address = urlsplit(fill(plan.gateway, values))
    if not plan.command:
        await _listens(address.hostname or "", address.port or 80, plan.start)
        await act()
        return ""
    command = [fill(word, values) for word in plan.command]
    mark = plan.mark + values["port"]
    env = environment(os.environ, plan.env, values)
    name, _, value = mark.partition("=")
    env[name] = value
    problem: list[str] = []
    acting: list[asyncio.Task[None]] = []

    async def until() -> Stopped:
        try:
            await _listens(address.hostname or "", address.port or 80, plan.start)
        except GatewayNotWorking as silent:
            problem.append(str(silent))
            return "time"
        if acting or kill_after is None:
            await (acting[0] if acting else act())
            return "time"
        acting.append(asyncio.create_task(act()))
        killing = asyncio.create_task(kill_after())
        await asyncio.wait({acting[0], killing}, return_when=asyncio.FIRST_COMPLETED)
        killing.cancel()
        return "restart"

    try:
        ended = await run_command(command, env, until, mark, patience=0.0 if kill_after else GRACE_SECONDS)
        if ended.stopped == "restart" and not problem:
            again = await run_command(command, env, until, mark)
            ended = replace(again, output=f"{ended.output}\n… killed, and started again …\n{again.output}")
    finally:
        for one in acting:
            one.cancel()
    if not ended.stopped:
        problem.append(f"it ended by itself, with exit code {ended.exit_code}")
    if problem:
        raise GatewayNotWorking(problem[0], ended.output)
    return ended.output


async def _listens(host: str, port: int, seconds: float) -> None:
    if not await listened_to(host, port, seconds):
        raise GatewayNotWorking(f"nothing listens on {host}:{port} after {seconds:g} s")


def check_gateway_url(url: str) -> str:
    """The URL; raises UnderstudyError when it is none of http."""
    parts = urlsplit(url.replace("{port}", "1"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnderstudyError(
            f"{url!r} is no URL", where="--gateway", advice="where it listens: http://127.0.0.1:{port}"
        )
    return url
