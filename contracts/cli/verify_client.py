"""`understudy verify-client`."""

from __future__ import annotations

import asyncio
import importlib
import json
import shlex
import signal
import sys
import textwrap
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.cli.client_progress import Progress
    from contracts.client_verifier.card import Card
    from contracts.client_verifier.first_look import NothingOrdered
    from contracts.client_verifier.runner import Plan
    from contracts.client_verifier.trace import Trace
    from contracts.testing import Understudy
    from specs.report import Report, Target

# Of a long command the beginning is shown, on one line.
MOST_COMMAND = 300
NOT_STARTED, COULD_NOT_TELL = 2, 3


# What comes after the first word of the command is the command's, even without the "--".
@click.command("verify-client", context_settings={"allow_interspersed_args": False})
@click.option(
    "-p", "--provider", default="canonical", show_default=True, help="The provider that the mock plays."
)
@click.option(
    "--scenarios", "words", default="all", show_default=True, metavar="SET",
    help="What to play: all, quick, or names with commas between them, -NAME to leave one out. --list shows "
    "them; with -v also of which of the mock's own scenarios each is made.",
)  # fmt: skip
@click.option(
    "--env", "pairs", multiple=True, metavar="NAME=VALUE",
    help="Set NAME for the command; {url}, {api_key}, {webhook_secret} and {scenario} in VALUE are replaced. "
    "Again for more.",
)  # fmt: skip
@click.option(
    "--fast-sleep", "factor", type=click.FloatRange(1, 100), metavar="N",
    help="For clients in Python and Node: their sleeps, timers and clocks run N times as fast, and so does "
    "the mock's time; try 10. Times below are then by the client's clock, except --timeout.",
)  # fmt: skip
@click.option("--parallel", default=8, show_default=True, type=click.IntRange(1, 64), help="Runs at a time.")
@click.option(
    "--timeout", default=30.0, show_default=True, type=click.FloatRange(0.1, 3600.0),
    help="Seconds after its first request at which a run is stopped.",
)  # fmt: skip
@click.option(
    "--task-seconds", default=2.0, show_default=True, type=click.FloatRange(0.0, 600.0),
    help="How long a task takes, in place of a real one's minutes.",
)  # fmt: skip
@click.option(
    "--retry-after", "pause", default=2, show_default=True, type=click.IntRange(1, 600),
    help="Seconds that Retry-After asks for; choose more than the client waits anyway.",
)  # fmt: skip
@click.option(
    "--portable-to", "promised", multiple=True, metavar="PROVIDER",
    help="A provider that must take the client's requests as well; again for more. What others would refuse "
    "is told in any case.",
)  # fmt: skip
@click.option(
    "--baseline", type=click.Path(path_type=Path, dir_okay=False),
    help="A file of what is known to be broken: only what is new fails.",
)  # fmt: skip
@click.option("--update-baseline", is_flag=True, help="Write what is broken now into --baseline.")
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT[=FILE]",
    help="terminal (default), junit, json, html, markdown, github or sarif; again for more.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The same as --report json.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False),
    help="A folder for each run's output, exit code and conversation.",
)  # fmt: skip
@click.option("--list", "listing", is_flag=True, help="Show the scenarios and the promises, and stop.")
@click.option("-q", "--quiet", is_flag=True, help="Do not tell each run as it ends.")
@click.option("-v", "--verbose", is_flag=True, help="Show kept promises and whole conversations too.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="-- CMD...")
@click.pass_context
def verify_client(
    context: click.Context,
    provider: str,
    words: str,
    pairs: tuple[str, ...],
    factor: float | None,
    parallel: int,
    timeout: float,
    task_seconds: float,
    pause: int,
    promised: tuple[str, ...],
    baseline: Path | None,
    update_baseline: bool,
    reports: tuple[str, ...],
    as_json: bool,
    keep: Path | None,
    listing: bool,
    quiet: bool,
    verbose: bool,
    command: tuple[str, ...],
) -> None:
    """Hold a client to its part: run it once per scenario against a misbehaving mock, and grade it.

    CMD should create one task, wait for its end, and exit with 0 when it has the results. It finds the mock
    under UNDERSTUDY_URL with the key UNDERSTUDY_API_KEY, which are new in each run; callbacks, if it asks for
    any, are signed with UNDERSTUDY_WEBHOOK_SECRET.

    \b
    understudy verify-client -- python my_client.py
    understudy verify-client --env KLING_API_BASE_URL={url} --env KLING_API_KEY={api_key} -- npm run demo

    Exit codes: 0 nothing (newly) broken, 1 a promise broken, 2 usage, or a command that cannot be started,
    3 could not tell: the command orders nothing, or does not finish in its time, when nothing goes wrong.
    """
    from contracts.client_verifier.baseline import check_writable, read_baseline, write_baseline
    from contracts.client_verifier.command import check_command, read_env
    from contracts.client_verifier.first_look import NothingOrdered
    from contracts.client_verifier.runner import Plan, check_providers
    from contracts.client_verifier.scenarios import choose
    from contracts.client_verifier.speed import Speed
    from specs.report import emit, parse_targets, prepared

    if listing:
        click.echo(_listing(verbose=verbose))
        return
    if update_baseline and baseline is None:
        raise click.UsageError("--update-baseline needs --baseline FILE")
    folder = Path(context.with_resource(TemporaryDirectory(prefix="understudy-")))
    plan = Plan(
        command=command,
        scenarios=choose(words),
        provider=provider,
        env=read_env(pairs),
        parallel=parallel,
        timeout_seconds=timeout,
        task_ms=round(task_seconds * 1000),
        pause_seconds=pause,
        speed=Speed(factor, folder) if factor is not None else None,
    )
    check_providers([provider, *promised])
    check_command(command)
    targets = prepared(parse_targets((*reports, *(["json"] if as_json else []))))
    known = read_baseline(baseline) if baseline is not None else frozenset()
    if update_baseline and baseline is not None:
        check_writable(baseline)
    if keep is not None:
        _keep(keep, ())
    try:
        card = _run(plan, promised, known, quiet=quiet)
    except NothingOrdered as nothing:
        if keep is not None:
            _keep(keep, [nothing.run])
        sys.exit(_could_not_tell(nothing, plan, targets))
    if keep is not None:
        _keep(keep, card.runs)
    if update_baseline and baseline is not None:
        write_baseline(baseline, card)
        card = card.accepted()
    emit(_report(card, plan), targets, stream=sys.stdout, verbose=verbose)
    if not quiet or card.exit_code == COULD_NOT_TELL:
        _afterword(card)
    sys.exit(card.exit_code)


def _run(plan: Plan, promised: tuple[str, ...], known: frozenset[str], *, quiet: bool) -> Card:
    """All runs and their grades. Ctrl-C, SIGTERM, SIGHUP end every command first, then us (130, 143, 129)."""
    from contracts.cli.client_progress import Progress
    from contracts.client_verifier.card import grade
    from contracts.client_verifier.portable import PROMISE, portability
    from contracts.client_verifier.process import end_marked
    from contracts.client_verifier.runner import mark_of
    from contracts.testing import understudy

    # Loaded with the first result, on a slow machine this would be longer than some clients wait for one.
    importlib.import_module("mockserver.media")
    rate, wall = (plan.speed.factor, plan.speed.wall) if plan.speed else (1.0, time.time_ns)
    with understudy(plan.provider, rate=rate, wall=wall) as server:
        progress = None if quiet else Progress(plan, sys.stderr)
        stopped: list[int] = []
        try:
            runs = asyncio.run(_until_stopped(plan, server, progress, stopped))
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)
        except asyncio.CancelledError:
            sys.exit(128 + stopped[0])
        finally:
            # Who presses Ctrl-C twice does not wait for each run to clean up after itself.
            end_marked(mark_of(server))
    judged = [(run, frozenset(s.promises)) for run, s in zip(runs, plan.scenarios, strict=True)]
    return grade(judged, extra={PROMISE: [portability(runs, promised)]}, known=known)


async def _until_stopped(
    plan: Plan, server: Understudy, progress: Progress | None, stopped: list[int]
) -> list[Trace]:
    """All runs, cancelled by SIGTERM and SIGHUP, which go to `stopped`, as by Ctrl-C."""
    from contracts.client_verifier.runner import run_all

    if progress is None:
        running = asyncio.ensure_future(run_all(plan, server))
        drawing = None
    else:
        progress.plan()
        running = asyncio.ensure_future(run_all(plan, server, progress.tell))
        drawing = asyncio.ensure_future(progress.keep_drawing())

    def stop(number: int) -> None:
        stopped.append(number)
        running.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves it
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await running
    finally:
        if drawing is not None:
            drawing.cancel()
            await asyncio.wait({drawing})


def _afterword(card: Card) -> None:
    """Why little could be told, and what would make the runs shorter."""
    from contracts.client_verifier.waiting import advice

    lead = card.runs[0]
    words = []
    if card.exit_code == COULD_NOT_TELL:
        words.append(
            f"understudy: could not tell: {lead.scenario} was still at work after {lead.real_seconds:.0f} s, "
            "and little can be said of a client that is not seen to finish; raise --timeout."
        )
    words += filter(None, [advice(lead)])
    if words:
        click.echo("\n".join(words), err=True)


def _report(card: Card, plan: Plan) -> Report:
    from contracts.client_verifier.card_report import card_report

    return card_report(card, _facts(plan))


def _facts(plan: Plan) -> list[tuple[str, str]]:
    command = textwrap.shorten(shlex.join(plan.command), MOST_COMMAND, placeholder=" …")
    facts = [("command", command), ("provider", plan.provider)]
    if plan.speed is not None:
        told = f"{plan.speed.factor:g} times as fast, for the mock and the client; times are the client's"
        facts.append(("clocks", told))
    return facts


def _keep(folder: Path, runs: Iterable[Trace]) -> None:
    """SCENARIO.json for each run: how it ended, what it printed, what was said."""
    from contracts.client_verifier.conversation import conversation

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


def _could_not_tell(nothing: NothingOrdered, plan: Plan, targets: Sequence[Target]) -> int:
    """Say why there is no card, on the screen and in every file that was asked for; gives the exit code."""
    from specs.report import Report, Row, emit

    row = Row(
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
    click.echo(f"understudy: {word}{nothing}{others}", err=True)
    return COULD_NOT_TELL if nothing.started else NOT_STARTED


def _listing(*, verbose: bool) -> str:
    from contracts.client_verifier.promises import PROMISES
    from contracts.client_verifier.scenarios import SCENARIOS

    wide = max(len(row.name) for row in SCENARIOS) + 2
    lines = ["Scenarios for clients, the names that --scenarios takes (* in the set quick)."]
    if verbose:
        lines += [
            "Below each: the mock's own scenarios that it is made of, as X-Understudy-Scenario and",
            "GET /__understudy__/scenarios name them; {ms} is --task-seconds, {pause} --retry-after.",
        ]
    else:
        lines += ["Each is made of scenarios of the mock, which have names of their own; -v shows which."]
    for s in SCENARIOS:
        lines.append(f"  {'*' if s.quick else ' '} {s.name:<{wide}}{s.sentence}")
        lines += [f"      {s.play}"] if verbose else []
    lines += ["", "Promises:"]
    lines += [f"    {p.id:<{wide}}{p.sentence}" for p in PROMISES]
    return "\n".join(lines)
