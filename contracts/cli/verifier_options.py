"""Options that the verifiers of clients and of gateways share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from understudy.specs.cli.names import completing
from understudy.specs.cli.report_options import report_options

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Any]


def scenario_options(
    known: Callable[[click.Context], list[str]],
    *,
    where: str = "",
    more: str = "",
    parallel: int,
    timeout: str,
    task: str,
    seconds: float,
) -> Callable[[Command], Command]:
    """--scenarios (as `words`), --parallel, --timeout and --task-seconds.

    known: what --scenarios may name; where: where they are played; more: what else --list shows.
    timeout, task: what the seconds are of, in a sentence. parallel, seconds: the defaults.
    """
    return _all(
        click.option(
            "--scenarios", "words", default="all", show_default=True, metavar="SET",
            shell_complete=completing(known),
            help=f"Scenarios to play{where}: all, quick, or a comma-separated list; -NAME leaves one out. "
            f"--list shows them{more}.",
        ),
        click.option(
            "--parallel", default=parallel, show_default=True, type=click.IntRange(1, 64),
            help="How many runs at the same time.",
        ),
        click.option(
            "--timeout", default=30.0, show_default=True, type=click.FloatRange(0.1, 3600.0), help=timeout
        ),
        click.option(
            "--task-seconds", default=seconds, show_default=True, type=click.FloatRange(0.0, 600.0), help=task
        ),
    )  # fmt: skip


def outcome_options(command: Command) -> Command:
    """--baseline, --update-baseline, those of reports, --list (as `listing`), --quiet and --verbose."""
    return _all(
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
    )(command)  # fmt: skip


def _all(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """The options in the order of the help."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add
