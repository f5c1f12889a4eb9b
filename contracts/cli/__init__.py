"""The command line: `understudy COMMAND`. Each command's module is imported only when it is asked for.

This is the one place that knows all three packages; `serve` must start fast, so nothing is imported early.
"""

from __future__ import annotations

import difflib
import importlib
import io
import signal
import sys

import click

from understudy.contracts.cli import net, pipes
from understudy.specs.errors import UnderstudyError
from understudy.specs.loading import uncollected
from understudy.specs.say import say

# name -> (module:attribute, one-line help shown by `understudy --help` without importing the module)
COMMANDS = {
    "demo": (
        "understudy.contracts.cli.demo:demo",
        "See it all in a few seconds: a conversation with the mock.",
    ),
    "serve": ("understudy.mockserver.cli:serve", "Play a provider: the mock server."),
    "verify": ("understudy.contracts.cli.verify:verify", "Hold a provider to the contract."),
    "verify-client": (
        "understudy.contracts.cli.verify_client:verify_client",
        "Hold a client to the contract.",
    ),
    "verify-gateway": (
        "understudy.contracts.cli.verify_gateway:verify_gateway",
        "Hold a gateway to the contract, and match its two ledgers.",
    ),
    "trigger": (
        "understudy.contracts.cli.trigger:trigger",
        "Send a callback receiver what a provider would, or grade it.",
    ),
    "drift": (
        "understudy.contracts.cli.drift:drift",
        "What differs between two APIs, each finding proven by a payload.",
    ),
    "record": (
        "understudy.contracts.cli.record:record",
        "Record and judge what a client and a real provider say.",
    ),
    "cert": ("understudy.contracts.cli.cert:cert", "Make a certificate for a mock under a provider's name."),
    "specs": ("understudy.specs.cli.specs:specs", "Provider documents and the specs made from them."),
    "mcp": (
        "understudy.contracts.cli.mcp:mcp",
        "Offer mocks and commands to agents (Model Context Protocol).",
    ),
    "completion": (
        "understudy.contracts.cli.completion:completion",
        "Completion of commands, options and providers for your shell.",
    ),
}

USAGE = 2
INTERRUPTED = 128 + signal.SIGINT


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run or asked for help."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["understudy.words"] = tuple(args)  # reports say what was typed; see specs.cli.report_options
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            near = difflib.get_close_matches(cmd_name, COMMANDS, n=1)
            meant = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(COMMANDS)}."
            ctx.fail(f"No such command {cmd_name!r}. {meant}")
        module, attribute = COMMANDS[cmd_name][0].split(":")
        if module not in sys.modules:
            with uncollected():
                importlib.import_module(module)
        command: click.Command = getattr(sys.modules[module], attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


# What people come for, a command each: shown when none is given.
WELCOME = """\
Understudy stands in for asynchronous AI media APIs: no key, money or network.

  Develop a client offline   understudy serve
                               a mock of the provider you pick
  Check a provider           understudy verify URL
                               does it keep its promises?
  Check a client             understudy verify-client -- CMD
                               what does it do when things go wrong?

  understudy demo shows it all in a few seconds; --help lists every command.
"""


@click.group(
    cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="understudy")
@click.pass_context
def cli(context: click.Context) -> None:
    """A stand-in for asynchronous AI media APIs, and the checks that keep it and the real ones honest."""
    if context.invoked_subcommand is None:
        say(WELCOME, nl=False)


def main() -> None:
    """Run the command line, and end the process.

    Exit codes: 0 fine, 1 broken, 2 usage, 3 could not tell, 4 an error of ours, 130 interrupted, 141 nobody
    reads any more, 143 terminated.
    """
    try:
        net.interruptible()
        pipes.guard()
        code = run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    finally:
        lost = pipes.flush()
    # A verdict that nobody could read is none.
    sys.exit(net.INTERNAL_ERROR if lost and not code else code)


def run() -> int:
    """Run the command that the arguments name; its exit code, unless it exits by itself."""
    try:
        code = cli(prog_name="understudy", standalone_mode=False)
    except UnderstudyError as error:
        say(f"understudy: {error}", err=True)
        return USAGE
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        say(shown.getvalue(), err=True, nl=False)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        # Never 1: nobody has found anything broken.
        # click puts an Abort in the place of what it was raised from.
        ended = isinstance(error.__cause__ or error, net.Terminated)
        say(f"understudy: {'terminated' if ended else 'interrupted'}", err=True)
        return net.TERMINATED if ended else INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outer net: an error of ours is no verdict
        return net.caught(error)
    return code if isinstance(code, int) else 0
