"""The command line: `understudy COMMAND`. Each command's module is imported only when it is asked for.

This is the one place that knows all three packages; `serve` must start fast, so nothing is imported early.
"""

from __future__ import annotations

import difflib
import importlib
import signal
import sys

import click

from contracts.cli import pipes
from specs.errors import UnderstudyError

# name -> (module:attribute, one-line help shown by `understudy --help` without importing the module)
COMMANDS = {
    "serve": ("mockserver.cli:serve", "Play a provider: the mock server."),
    "verify": ("contracts.cli.verify:verify", "Hold a provider to the contract."),
    "verify-client": ("contracts.cli.verify_client:verify_client", "Hold a client to the contract."),
    "drift": (
        "contracts.cli.drift:drift",
        "What differs between two APIs, each finding proven by a payload.",
    ),
    "record": ("contracts.cli.record:record", "Keep and judge what a client and a real provider say."),
    "specs": ("specs.cli.specs:specs", "Provider documents and the specs made from them."),
}

USAGE = 2
INTERRUPTED = 128 + signal.SIGINT


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            near = difflib.get_close_matches(cmd_name, COMMANDS, n=1)
            if near:
                ctx.fail(f"No such command {cmd_name!r}. Did you mean {near[0]!r}?")
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="understudy")
def cli() -> None:
    """A stand-in for asynchronous AI media APIs, and the checks that keep it and the real ones honest."""


def main() -> None:
    """Run the command line, and end the process.

    Exit codes: 0 fine, 1 broken, 2 usage, 3 could not tell, 130 interrupted, 141 nobody reads any more.
    """
    pipes.guard()
    try:
        code = run()
    finally:
        pipes.flush()
    sys.exit(code)


def run() -> int:
    """Run the command that the arguments name; its exit code, unless it exits by itself."""
    try:
        code = cli(prog_name="understudy", standalone_mode=False)
    except UnderstudyError as error:
        click.echo(f"understudy: {error}", err=True)
        return USAGE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        # Never 1: nobody has found anything broken.
        click.echo("understudy: interrupted", err=True)
        return INTERRUPTED
    return code if isinstance(code, int) else 0
