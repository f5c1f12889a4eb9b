"""The options that every command with a report takes, and what was typed to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from understudy.specs.cli.names import completing
from understudy.specs.report import FORMATS
from understudy.specs.report.invocation import command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Command = TypeVar("Command", bound="Callable[..., Any]")
# Where the command line keeps its words, in click's context.
WORDS = "understudy.words"


def report_options(json_help: str = "The same as --report json.") -> Callable[[Command], Command]:
    """--report, --json and --open, given to the command as `reports`, `as_json` and `open_page`."""

    def add(command: Command) -> Command:
        for option in (
            click.option("--open", "open_page", is_flag=True, help="Show the HTML report in a browser."),
            click.option("--json", "as_json", is_flag=True, help=json_help),
            click.option(
                "--report", "reports", multiple=True, metavar="FORMAT[=FILE]",
                shell_complete=completing(lambda _: FORMATS),
                help=f"What to write where; again for more. Formats: {', '.join(FORMATS)}.",
            ),
        ):  # fmt: skip
            command = option(command)
        return command

    return add


def formats(reports: Iterable[str], *, as_json: bool) -> list[str]:
    """What --report and --json ask for together; [] for the terminal alone."""
    chosen = [*reports]
    return [*chosen, "json"] if as_json and "json" not in chosen else chosen


def typed() -> str:
    """The command as it was typed, secrets hidden; "" outside of the command line."""
    context = click.get_current_context(silent=True)
    words = context.meta.get(WORDS) if context is not None else None
    return command_line(["understudy", *words]) if words else ""
