"""`--help` teaches: every command, every option, and what a mistake is answered with."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from tests.docs.readme import TEXT

from understudy.contracts.cli import COMMANDS, cli


def commands() -> dict[str, click.Command]:
    """Every command and subcommand by what one types: {"serve": …, "specs build": …}."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": inner for sub, inner in command.commands.items()}
    return found


NAMES = sorted(commands())


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_the_command_is_for(name: str) -> None:
    result = CliRunner().invoke(cli, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert commands()[name].help


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_explained(name: str) -> None:
    options = [p for p in commands()[name].params if isinstance(p, click.Option)]
    assert [option.opts for option in options if not option.help] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_mistyped_option_is_a_usage_error(name: str) -> None:
    result = CliRunner().invoke(cli, [*name.split(), "--no-such-option"])
    assert (result.exit_code, "No such option" in result.output) == (2, True)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_readme_names_every_command(name: str) -> None:
    assert f"understudy {name}" in TEXT
