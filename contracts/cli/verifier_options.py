"""Options that the verifiers of clients and of gateways share: each group is given to the command as one."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from understudy.specs.cli.names import completing
from understudy.specs.cli.report_options import formats, report_options

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from understudy.specs.report import Report, ReportTarget

    Command = Callable[..., Any]

# Imports stand in the functions that need them: help, completion and complaints come sooner.


@dataclass(frozen=True, slots=True)
class PlayOptions:
    """What is played, and at which pace: names of scenarios, runs at once, seconds of a run, of a task and of
    Retry-After.
    """

    words: str
    parallel: int
    timeout: float
    task_seconds: float
    pause: int

    @property
    def task_ms(self) -> int:
        return round(self.task_seconds * 1000)


@dataclass(frozen=True, slots=True)
class OutcomeOptions:
    """What becomes of the findings: the baseline they are held against, the reports, and what is said."""

    baseline: Path | None
    update_baseline: bool
    reports: tuple[str, ...]
    as_json: bool
    open_page: bool
    listing: bool
    quiet: bool
    verbose: bool

    def begin(self, promises: Collection[str], tool: str) -> tuple[frozenset[str], tuple[ReportTarget, ...]]:
        """(the known failures, where reports go), found out before anything runs.

        promises: the ids that a baseline may name; tool: the command that wrote it.
        Raises UnderstudyError for what cannot be read or written.
        """
        from understudy.contracts.client_verifier.baseline import check_writable, read_baseline
        from understudy.specs.report import parse_targets, prepared

        if self.update_baseline and self.baseline is None:
            raise click.UsageError("--update-baseline needs --baseline FILE")
        targets = prepared(parse_targets(formats(self.reports, as_json=self.as_json)))
        known = read_baseline(self.baseline, promises, tool) if self.baseline is not None else frozenset()
        if self.update_baseline and self.baseline is not None:
            check_writable(self.baseline)
        return known, targets

    def remember(self, broken: Iterable[str]) -> bool:
        """Write what is broken to the baseline, where that is asked for; whether it was."""
        from understudy.contracts.client_verifier.baseline import write_baseline

        if not self.update_baseline or self.baseline is None:
            return False
        write_baseline(self.baseline, broken)
        return True

    def show(self, report: Report, targets: Sequence[ReportTarget]) -> None:
        """The report, in every form that was asked for."""
        from understudy.specs.report import browse, emit

        emit(report, targets, stream=sys.stdout, verbose=self.verbose)
        if self.open_page:
            browse(report, targets, stream=sys.stderr)


def scenario_options(
    known: Callable[[click.Context], list[str]],
    *,
    where: str = "",
    more: str = "",
    timeout: str,
    task: str,
    defaults: PlayOptions,
) -> Callable[[Command], Command]:
    """--scenarios, --parallel, --timeout, --task-seconds and --retry-after, as the PlayOptions `play`.

    known: what --scenarios may name; where: where they are played; more: what else --list shows.
    timeout, task: what the seconds are of, in a sentence.
    """
    options = (
        click.option(
            "--scenarios", "words", default=defaults.words, show_default=True, metavar="SET",
            shell_complete=completing(known),
            help=f"Scenarios to play{where}: all, quick, or a comma-separated list; -NAME leaves one out. "
            f"--list shows them{more}.",
        ),
        click.option(
            "--parallel", default=defaults.parallel, show_default=True, type=click.IntRange(1, 64),
            help="How many runs at the same time.",
        ),
        click.option(
            "--timeout", default=defaults.timeout, show_default=True, type=click.FloatRange(0.1, 3600.0),
            help=timeout,
        ),
        click.option(
            "--task-seconds", default=defaults.task_seconds, show_default=True,
            type=click.FloatRange(0.0, 600.0), help=task,
        ),
        click.option(
            "--retry-after", "pause", default=defaults.pause, show_default=True, type=click.IntRange(1, 600),
            help="Seconds that Retry-After asks for; choose more than is waited between requests anyway.",
        ),
    )  # fmt: skip
    return _gathered(options, PlayOptions, "play")


def outcome_options(command: Command) -> Command:
    """--baseline, --update-baseline, those of reports, --list, --quiet and --verbose, as the OutcomeOptions
    `outcome`.
    """
    options = (
        click.option(
            "--baseline", type=click.Path(path_type=Path, dir_okay=False),
            help="A file of known failures: only new ones fail the run.",
        ),
        click.option(
            "--update-baseline", is_flag=True, help="Write the current failures to the --baseline file."
        ),
        report_options(),
        click.option(
            "--list", "listing", is_flag=True, help="List the scenarios and the promises, and exit."
        ),
        click.option("-q", "--quiet", is_flag=True, help="Do not report each run as it ends."),
        click.option("-v", "--verbose", is_flag=True, help="Also show kept promises and full conversations."),
    )  # fmt: skip
    return _gathered(options, OutcomeOptions, "outcome")(command)


def _gathered(
    options: Iterable[Callable[[Command], Command]], kind: type, name: str
) -> Callable[[Command], Command]:
    """The options in the order of the help; the command gets what they say as one `kind`, called `name`."""
    inside = [field.name for field in fields(kind)]

    def add(command: Command) -> Command:
        @functools.wraps(command)
        def call(*args: Any, **given: Any) -> Any:
            gathered = kind(**{one: given.pop(one) for one in inside})
            return command(*args, **{name: gathered}, **given)

        made: Command = call
        for option in reversed([*options]):
            made = option(made)
        return made

    return add
