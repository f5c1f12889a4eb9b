"""`understudy verify-client`."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
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
from understudy.specs.say import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from understudy.contracts.cli.client_progress import ClientProgress
    from understudy.contracts.client_verifier.card import GradeCard
    from understudy.contracts.client_verifier.nothing_ordered import NothingOrdered
    from understudy.contracts.client_verifier.runner import GradingPlan, Serve
    from understudy.contracts.client_verifier.trace import Trace
    from understudy.contracts.testing import MockServer
    from understudy.specs.report import Report, ReportTarget

# Imports stand in the functions that need them: help, completion and complaints come 160 ms sooner.

NOT_STARTED, COULD_NOT_TELL = 2, 3


def known_sets(_: click.Context) -> list[str]:
    """What --scenarios may name."""
    from understudy.contracts.client_verifier.scenarios import EVERY_SCENARIO  # here: shells ask seldom

    return ["all", "quick", *(one.name for one in EVERY_SCENARIO)]


# What comes after the first word of the command is the command's, even without the "--".
@click.command("verify-client", context_settings={"allow_interspersed_args": False})
@click.option(
    "-p",
    "--provider",
    default="canonical",
    type=PROVIDER,
    show_default=True,
    help="The provider that the mock plays.",
)
@click.option(
    "--env", "pairs", multiple=True, metavar="NAME=VALUE",
    help="Set NAME for the command; {url}, {api_key}, {webhook_secret}, {scenario} and {folder} in VALUE are "
    "replaced (repeatable).",
)  # fmt: skip
@click.option(
    "--fast-sleep", "factor", type=click.FloatRange(1, 100), metavar="N",
    help="For clients in Python and Node: their sleeps, timers and clocks run N times as fast, and so does "
    "the mock's time; try 10. Times below are then by the client's clock, except --timeout.",
)  # fmt: skip
@scenario_options(
    known_sets, more=", and with -v the scenarios of the mock that each consists of",
    timeout="Seconds after its first request at which a run is stopped.",
    task="How long a task takes, in place of a real one's minutes.",
    defaults=PlayOptions("all", parallel=8, timeout=30.0, task_seconds=2.0, pause=7),
)  # fmt: skip
@click.option(
    "--restart", is_flag=True,
    help="Also kill the command before its create is answered, and while it polls, and start it again: does "
    "it go on with its task? {folder} and UNDERSTUDY_FOLDER name a folder that survives.",
)  # fmt: skip
@click.option(
    "--service", "drive", default="", metavar="URL|CMD",
    help="CMD starts a service that stays. To make it order, URL is posted to, or this command line is run; "
    "either is done when the results are there. {port} is one for the service to listen on.",
)  # fmt: skip
@click.option(
    "--orders", default=1, show_default=True, type=click.IntRange(1, 1000), metavar="N",
    help="How many tasks the command is meant to create; each one more is money lost.",
)  # fmt: skip
@click.option(
    "--portable-to", "promised", multiple=True, type=PROVIDER, metavar="PROVIDER",
    help="A provider that must also accept the client's requests (repeatable). What other providers would "
    "refuse is reported in any case.",
)  # fmt: skip
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False),
    help="Save each run's output, exit code and conversation in this folder.",
)  # fmt: skip
@outcome_options
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="-- CMD...")
@click.pass_context
def verify_client(
    context: click.Context,
    provider: str,
    pairs: tuple[str, ...],
    factor: float | None,
    restart: bool,
    drive: str,
    orders: int,
    promised: tuple[str, ...],
    keep: Path | None,
    command: tuple[str, ...],
    play: PlayOptions,
    outcome: OutcomeOptions,
) -> None:
    """Grade a client: run it once per scenario against a misbehaving mock.

    CMD should create one task, wait for its end, and exit with 0 when it has the results. It finds the mock
    under UNDERSTUDY_URL with the key UNDERSTUDY_API_KEY, which are new in each run; callbacks, if it asks for
    any, are signed with UNDERSTUDY_WEBHOOK_SECRET.

    \b
    understudy verify-client -- python my_client.py
    understudy verify-client --env KLING_API_BASE_URL={url} \\
        --env KLING_API_KEY={api_key} -- npm run demo

    Exit codes: 0 nothing (newly) broken, 1 a promise broken, 2 usage, or a command that cannot be started,
    3 could not tell: the command creates no task, or does not finish in time, when nothing goes wrong.
    """
    from understudy.contracts.client_verifier.command import PLACES, check_command, read_env
    from understudy.contracts.client_verifier.nothing_ordered import NothingOrdered
    from understudy.contracts.client_verifier.played import abilities, check_providers
    from understudy.contracts.client_verifier.promises import BY_ID
    from understudy.contracts.client_verifier.runner import GradingPlan
    from understudy.contracts.client_verifier.scenarios import choose
    from understudy.contracts.client_verifier.speed import Speed

    if outcome.listing:
        say(_listing_data() if outcome.as_json else _listing(verbose=outcome.verbose))
        return
    places = (*PLACES, "port") if drive else PLACES
    folder = Path(context.with_resource(TemporaryDirectory(prefix="understudy-")))
    plan = GradingPlan(
        command=command,
        scenarios=choose(play.words, restart=restart, abilities=abilities(provider)),
        provider=provider,
        env=read_env(pairs, places),
        parallel=play.parallel,
        timeout_seconds=play.timeout,
        task_ms=play.task_ms,
        pause_seconds=play.pause,
        orders=orders,
        service=drive,
        speed=Speed(factor, folder) if factor is not None else None,
    )
    check_providers([provider, *promised])
    check_command(command, places)
    known, targets = outcome.begin(BY_ID, "verify-client")
    if keep is not None:
        _keep(keep, ())
    began = time.time()
    try:
        card = _run(plan, promised, known, quiet=outcome.quiet)
    except NothingOrdered as nothing:
        if keep is not None:
            _keep(keep, [nothing.run])
        sys.exit(_could_not_tell(nothing, plan, targets))
    if keep is not None:
        _keep(keep, card.runs)
    if outcome.remember(card.broken):
        card = card.accepted()
    outcome.show(_report(card, plan, began), targets)
    if not outcome.quiet or card.exit_code == COULD_NOT_TELL:
        _afterword(card)
    sys.exit(card.exit_code)


def _run(plan: GradingPlan, promised: tuple[str, ...], known: frozenset[str], *, quiet: bool) -> GradeCard:
    """All runs and their grades."""
    from understudy.contracts.cli.client_progress import ClientProgress
    from understudy.contracts.cli.stopping import run_stoppable
    from understudy.contracts.client_verifier.card import grade
    from understudy.contracts.client_verifier.portability import PROMISE, portability
    from understudy.contracts.testing import mock_server

    # Loaded with the first result, on a slow machine this would be longer than some clients wait for one.
    importlib.import_module("understudy.mockserver.media")
    rate, wall = (plan.speed.factor, plan.speed.wall) if plan.speed else (1.0, time.time_ns)

    def serve(key: str) -> AbstractContextManager[MockServer]:
        return mock_server(plan.provider, rate=rate, wall=wall, keys=[key])

    progress = None if quiet else ClientProgress(plan, sys.stderr)
    runs = run_stoppable(_all_runs(plan, serve, progress), plan.mark)
    exercised = {scenario.name: frozenset(scenario.promises) for scenario in plan.scenarios}
    judged = [(run, exercised[run.scenario]) for run in runs]
    return grade(judged, extra={PROMISE: [portability(runs, plan.provider, promised)]}, known=known)


async def _all_runs(plan: GradingPlan, serve: Serve, progress: ClientProgress | None) -> list[Trace]:
    from understudy.contracts.client_verifier.runner import run_all

    tell = (progress.tell,) if progress is not None else ()
    with progress.shown() if progress is not None else contextlib.nullcontext():
        return await run_all(plan, serve, *tell)


def _afterword(card: GradeCard) -> None:
    """Why little could be told, and what would make the runs shorter."""
    from understudy.contracts.client_verifier.waiting import advice

    lead = card.runs[0]
    words = []
    if lead.order_refused and len(card.runs) == 1:
        words.append(
            f"understudy: only {lead.scenario} was played: what it orders is refused as invalid, so the "
            "other scenarios would tell nothing"
        )
    if card.exit_code == COULD_NOT_TELL:
        words.append(
            f"understudy: could not tell: {lead.scenario} was still at work after {lead.real_seconds:.0f} s, "
            "and little can be said of a client that is not seen to finish; raise --timeout."
        )
    words += filter(None, [advice(lead)])
    if words:
        say("\n".join(words), err=True)


def _report(card: GradeCard, plan: GradingPlan, began: float) -> Report:
    """The card with how it came about; `began` is seconds since the Unix epoch."""
    from understudy.contracts.client_verifier.card_report import card_report
    from understudy.specs.report.invocation import finished

    told = finished(typed(), began, time.time(), card.exit_code)
    return replace(card_report(card, _facts(plan)), invocation=told, tool="understudy verify-client")


def _facts(plan: GradingPlan) -> list[tuple[str, str]]:
    from understudy.contracts.client_verifier.command import shown_command
    from understudy.contracts.client_verifier.speed import NOT_FOLLOWED

    facts = [("command", shown_command(plan.command)), ("provider", plan.provider)]
    if plan.speed is not None:
        told = f"{plan.speed.factor:g} times as fast, for the mock and the client; times are the client's"
        facts += [("clocks", told), ("not followed", NOT_FOLLOWED)]
    return facts


def _keep(folder: Path, runs: Iterable[Trace]) -> None:
    """SCENARIO.json for each run: how it ended, what it printed, what was said."""
    from understudy.contracts.client_verifier.conversation import conversation

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for run in runs:
            kept = {
                "scenario": run.scenario,
                "exit_code": run.exit_code,
                "stopped": run.stopped,
                "duration_ms": run.duration_ms,
                "output": run.output,
                "conversation": conversation(run, range(len(run.exchanges))).splitlines(),
            }
            text = json.dumps(kept, indent=2, ensure_ascii=False) + "\n"
            (folder / f"{run.scenario}.json").write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UnderstudyError(f"cannot keep the runs: {error.strerror}", where=str(folder)) from error


def _could_not_tell(nothing: NothingOrdered, plan: GradingPlan, targets: Sequence[ReportTarget]) -> int:
    """Say why there is no card, on the screen and in every file that was asked for; gives the exit code."""
    from understudy.specs.report import Report, ReportRow, emit

    row = ReportRow(
        id="orders-something",
        area="",
        title="It orders something when nothing goes wrong.",
        verdict="could not tell",
        level="unknown",
        text=str(nothing),
    )
    report = Report("Grade card of the client", (row,), tuple(_facts(plan)))
    written = [target for target in targets if target.file is not None or target.format != "terminal"]
    emit(report, written, stream=sys.stdout)
    word = "could not tell: " if nothing.started else ""
    first, many = nothing.run.scenario, len(plan.scenarios) - 1
    others = f"\nThat was {first}; the other scenarios ({many}) were not begun." if many else ""
    say(f"understudy: {word}{nothing}{others}", err=True)
    return COULD_NOT_TELL if nothing.started else NOT_STARTED


def _listing_data() -> str:
    from understudy.contracts.client_verifier.promises import PROMISES
    from understudy.contracts.client_verifier.scenarios import EVERY_SCENARIO

    data = {
        "scenarios": [
            {
                "name": s.name,
                "sentence": s.sentence,
                "quick": s.quick,
                "restart": bool(s.restart),
                "play": s.play,
                "promises": [*s.promises],
            }
            for s in EVERY_SCENARIO
        ],
        "promises": [{"id": p.id, "area": p.area, "sentence": p.sentence} for p in PROMISES],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _listing(*, verbose: bool) -> str:
    from understudy.contracts.client_verifier.promises import PROMISES
    from understudy.contracts.client_verifier.scenarios import EVERY_SCENARIO
    from understudy.specs.render.text import hanging, terminal_width

    wide = max(len(row.name) for row in EVERY_SCENARIO) + 2
    lines = ["Scenarios for clients, the names that --scenarios takes (* in the set quick)."]
    if verbose:
        lines += [
            "Below each: the mock's own scenarios that it is made of, as",
            "X-Understudy-Scenario and GET /__understudy__/scenarios name them; {ms} is",
            "--task-seconds, {long} twice that, {pause} --retry-after.",
        ]
    else:
        lines += ["Each is made of scenarios of the mock, which have names of their own; -v shows", "which."]
    width = terminal_width()
    for s in EVERY_SCENARIO:
        lines.append(hanging(f"  {'*' if s.quick else ' '} {s.name:<{wide}}", s.told, width))
        lines += [hanging("      ", s.play, width)] if verbose else []
    lines += ["", "Promises:"]
    lines += [hanging(f"    {p.id:<{wide}}", p.sentence, width) for p in PROMISES]
    return "\n".join(lines)
