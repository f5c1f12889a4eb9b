"""`understudy verify-gateway`."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from understudy.contracts.cli.verifier_options import (
    OutcomeOptions,
    PlayOptions,
    outcome_options,
    scenario_options,
)
from understudy.specs.cli.names import PROVIDER
from understudy.specs.cli.report_options import typed
from understudy.specs.errors import UnderstudyError
from understudy.specs.report import Report, ReportRow, emit
from understudy.specs.say import say

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from understudy.contracts.client_verifier.scenarios import GradedScenario
    from understudy.contracts.gateway_verifier.plan import GatewayPlan
    from understudy.contracts.gateway_verifier.seen import GatewayRun
    from understudy.contracts.handle import MockServer

# Imports stand in the functions that need them: help, completion and complaints come 180 ms sooner.

BROKEN, USAGE, COULD_NOT_TELL = 1, 2, 3


def known_sets(_: click.Context) -> list[str]:
    """What --scenarios may name."""
    from understudy.contracts.gateway_verifier.scenarios import GATEWAY_SCENARIOS  # here: shells ask seldom

    return ["all", "quick", *(one.name for one in GATEWAY_SCENARIOS)]


@click.command("verify-gateway", context_settings={"allow_interspersed_args": False})
@click.option(
    "-p",
    "--provider",
    default="canonical",
    type=PROVIDER,
    show_default=True,
    help="The provider whose API the gateway offers to its clients.",
)
@click.option(
    "--upstream-provider",
    default="",
    type=PROVIDER,
    help="The upstream provider, which the mock plays [as --provider].",
)
@click.option("--family", default="", help="The family of tasks that is ordered [the provider's first].")
@click.option(
    "--upstream-env",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set NAME for the gateway; {url}, {api_key} and {webhook_secret} of the provider, {port} to "
    "listen on, {key_a} and {key_b} of its clients, and {folder} in VALUE are replaced.",
)
@click.option(
    "--gateway",
    default="http://127.0.0.1:{port}",
    show_default=True,
    metavar="URL",
    help="The URL of the gateway, up to where the paths of its API begin.",
)
@click.option(
    "--upstream",
    default="",
    metavar="URL",
    help="A running `understudy serve` that a running gateway uses as its provider.",
)
@click.option(
    "--keys",
    envvar="UNDERSTUDY_GATEWAY_KEYS",
    default="",
    metavar="A,B",
    help="Keys of two accounts of the gateway; preferably in UNDERSTUDY_GATEWAY_KEYS.",
)
@click.option(
    "--ledger",
    "ask",
    default="",
    metavar="URL|CMD",
    help="A URL or command that gives what the gateway billed: for one task when it contains {task}, else "
    "for the account of {key}. Without it, the units in task records count.",
)
@click.option(
    "--ledger-at",
    default="",
    metavar="POINTER",
    help="JSON Pointer to the number in its answer: /data/quota.",
)
@click.option(
    "--ledger-tells",
    default="used",
    show_default=True,
    type=click.Choice(["used", "left"]),
    help="Whether billing increases or decreases that number.",
)
@click.option(
    "--ledger-unit",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="How much of that number is one unit.",
)
@click.option(
    "--price",
    type=click.FloatRange(0, min_open=True),
    help="Units billed for each unit ordered [as in the run without trouble].",
)
@click.option(
    "--callbacks/--no-callbacks",
    "calls_back",
    default=True,
    show_default=True,
    help="Whether the gateway calls its clients back.",
)
@click.option(
    "--late",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="Seconds after the end of a task upstream within which the gateway must report it.",
)
@scenario_options(
    known_sets, where=" upstream",
    timeout="Seconds to wait for an order to end.",
    task="How long a task upstream takes.",
    defaults=PlayOptions("all", parallel=4, timeout=30.0, task_seconds=1.0, pause=3),
)  # fmt: skip
@click.option(
    "--restart", is_flag=True,
    help="Kill the gateway while it has orders, too, and start it again; UNDERSTUDY_FOLDER, or {folder} in a "
    "value, is a folder that survives.",
)  # fmt: skip
@click.option(
    "--callback-secret", envvar="UNDERSTUDY_CALLBACK_SECRET", default="", metavar="SECRET",
    help="The secret that the gateway signs its callbacks with, which are then checked; preferably in "
    "UNDERSTUDY_CALLBACK_SECRET.",
)  # fmt: skip
@click.option(
    "--start",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="Seconds to wait until the gateway listens.",
)
@outcome_options
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- CMD...]")
def verify_gateway(
    provider: str,
    upstream_provider: str,
    family: str,
    pairs: tuple[str, ...],
    gateway: str,
    upstream: str,
    keys: str,
    ask: str,
    ledger_at: str,
    ledger_tells: str,
    ledger_unit: float,
    price: float | None,
    calls_back: bool,
    late: float,
    start: float,
    restart: bool,
    callback_secret: str,
    command: tuple[str, ...],
    play: PlayOptions,
    outcome: OutcomeOptions,
) -> None:
    """Grade a gateway between our clients and a misbehaving provider, matching what is billed on both sides.

    CMD starts the gateway, once for each scenario, with the provider's address and key in its environment
    (UNDERSTUDY_URL, UNDERSTUDY_API_KEY, or names of your own); it must listen on UNDERSTUDY_PORT.
    Two accounts order from it. Every task upstream must belong to one order; every failure must be reported
    and not billed, and every success delivered.

    \b
    understudy verify-gateway --upstream-env KLING_BASE={url} \\
        --upstream-env KLING_KEY={api_key} --ledger-at /balance \\
        --ledger http://127.0.0.1:{port}/account -- node gateway.js
    understudy verify-gateway --upstream http://127.0.0.1:8585 \\
        --gateway http://127.0.0.1:3000 --keys a,b

    Exit codes: 0 all kept, 1 a promise broken, 2 usage, 3 could not tell: the gateway does not listen,
    or accepts no order when nothing goes wrong.
    """
    from understudy.contracts.client_verifier.command import check_command, read_env
    from understudy.contracts.client_verifier.played import abilities
    from understudy.contracts.gateway_verifier.card import broken_of
    from understudy.contracts.gateway_verifier.ledger import Ledger
    from understudy.contracts.gateway_verifier.plan import GatewayPlan
    from understudy.contracts.gateway_verifier.promises import GATEWAY_PROMISES
    from understudy.contracts.gateway_verifier.runner import (
        GATEWAY_PLACES,
        GatewayNotWorking,
        check_gateway_url,
    )
    from understudy.contracts.gateway_verifier.scenarios import choose_for_gateway
    from understudy.specs.pointers import path_of

    if outcome.listing:
        say(_listing(as_json=outcome.as_json))
        return
    running = _running_upstream(upstream, command, gateway)
    if restart and not command:
        raise UnderstudyError(
            "only a gateway that is started here can be killed",
            where="--restart",
            advice="put its command after --",
        )
    fixed = "{port}" not in gateway
    plan = GatewayPlan(
        command=command,
        scenarios=choose_for_gateway(
            play.words, restart=restart, abilities=abilities(upstream_provider or provider)
        ),
        gateway=check_gateway_url(gateway),
        provider=provider,
        upstream_provider=upstream_provider or provider,
        family=family,
        upstream=running,
        env=read_env(pairs, GATEWAY_PLACES, "--upstream-env"),
        keys=_two_keys(keys),
        # The port is filled in later, when it is known.
        ledger=Ledger(ask, path_of(ledger_at), "left" if ledger_tells == "left" else "used", ledger_unit),
        price=price,
        calls_back=calls_back,
        callback_secret=callback_secret,
        parallel=1 if fixed or running else play.parallel,
        timeout=play.timeout,
        start=start,
        task_ms=play.task_ms,
        pause_seconds=play.pause,
        late_ms=round(late * 1000),
    )
    if command:
        check_command(command, GATEWAY_PLACES)
    known, targets = outcome.begin({one.id for one in GATEWAY_PROMISES}, "verify-gateway")
    began = time.time()
    try:
        runs = _run(plan, quiet=outcome.quiet)
    except GatewayNotWorking as silent:
        emit(
            _could_not_tell(silent, plan),
            [t for t in targets if t.file or t.format != "terminal"],
            stream=sys.stdout,
        )
        say(f"understudy: could not tell: {silent}", err=True)
        sys.exit(COULD_NOT_TELL)
    broken = broken_of(runs)
    report, code = _report(runs, plan, began, broken if outcome.remember(broken) else known)
    outcome.show(report, targets)
    sys.exit(code)


def _running_upstream(upstream: str, command: tuple[str, ...], gateway: str) -> MockServer | None:
    """The mock that runs already, None when we start one. Raises UnderstudyError for half of a set-up."""
    from understudy.contracts.handle import MockServer

    if not upstream:
        if not command:
            raise UnderstudyError(
                "there is no gateway to run",
                advice="put its command after --, or use --upstream URL and --gateway URL for a running one",
            )
        return None
    if not command and "{port}" in gateway:
        raise UnderstudyError(
            "the address of the gateway is not known",
            where="--gateway",
            advice="--gateway http://127.0.0.1:3000",
        )
    server = MockServer(
        upstream,
        webhook_secret=os.environ.get("UNDERSTUDY_WEBHOOK_SECRET", ""),
        control_key=os.environ.get("UNDERSTUDY_CONTROL_KEY", ""),
    )
    server.profiles()
    return server


def _two_keys(text: str) -> tuple[str, str]:
    if not text:
        return "", ""
    first, comma, second = (part.strip() for part in text.partition(","))
    if not comma or not first or not second or first == second:
        raise UnderstudyError("two keys with a comma between them are needed", where="--keys")
    return first, second


def _run(plan: GatewayPlan, *, quiet: bool) -> list[GatewayRun]:
    from understudy.contracts.cli.stopping import run_stoppable
    from understudy.contracts.gateway_verifier.runner import run_gateway
    from understudy.contracts.testing import mock_server

    def serve(key: str) -> AbstractContextManager[MockServer]:
        return mock_server(plan.upstream_provider, keys=[key])

    count = 0

    def tell(scenario: GradedScenario, run: GatewayRun | None) -> None:
        nonlocal count
        if run is not None and not quiet:
            count += 1
            told = ", ".join(_told(line.order.end, accepted=line.order.accepted) for line in run.lines)
            say(f"{count:>2}/{len(plan.scenarios)}  {scenario.name}: {told}", err=True)

    try:
        return run_stoppable(run_gateway(plan, serve, tell), plan.mark)
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None


def _told(end: object, *, accepted: bool) -> str:
    return str(getattr(end, "told", "no end")) if accepted else "refused"


def _report(
    runs: list[GatewayRun], plan: GatewayPlan, began: float, known: frozenset[str]
) -> tuple[Report, int]:
    from understudy.contracts.gateway_verifier.card import gateway_report
    from understudy.specs.report.invocation import finished

    report = gateway_report(runs, _facts(plan), known)
    code = BROKEN if any(row.level == "fail" for row in report.rows) else 0
    told = finished(typed(), began, time.time(), code)
    return replace(report, invocation=told, tool="understudy verify-gateway"), code


def _facts(plan: GatewayPlan) -> list[tuple[str, str]]:
    from understudy.contracts.client_verifier.command import shown_command

    short = shown_command(plan.command) if plan.command else plan.gateway
    between = f"{plan.provider} below, {plan.upstream_provider} upstream"
    return [("gateway", short), ("it speaks", between)]


def _could_not_tell(why: Exception, plan: GatewayPlan) -> Report:
    row = ReportRow(
        id="takes-orders",
        title="It takes orders when nothing goes wrong.",
        verdict="could not tell",
        level="unknown",
        text=str(why),
    )
    return Report("Ledger of the gateway", (row,), tuple(_facts(plan)))


def _listing(*, as_json: bool) -> str:
    from understudy.contracts.gateway_verifier.promises import GATEWAY_PROMISES
    from understudy.contracts.gateway_verifier.scenarios import EVERY_GATEWAY_SCENARIO
    from understudy.specs.render.text import hanging, terminal_width

    scenarios = [
        {"name": s.name, "sentence": s.sentence, "restart": bool(s.restart), "play": s.play}
        for s in EVERY_GATEWAY_SCENARIO
    ]
    promises = [{"id": p.id, "area": p.area, "sentence": p.sentence} for p in GATEWAY_PROMISES]
    if as_json:
        return json.dumps({"scenarios": scenarios, "promises": promises}, indent=2, ensure_ascii=False)
    wide = max(len(s.name) for s in EVERY_GATEWAY_SCENARIO) + 2
    width = terminal_width()
    lines = ["What the provider of a gateway does:"]
    lines += [hanging(f"  {s.name:<{wide}}", s.told, width) for s in EVERY_GATEWAY_SCENARIO]
    lines += ["", "Promises:"]
    lines += [hanging(f"  {p.id:<{wide}}", p.sentence, width) for p in GATEWAY_PROMISES]
    return "\n".join(lines)
