"""What a stranger meets first: no argument, a wrong one, the Tab key."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from understudy.contracts.cli import COMMANDS, cli

BIN = Path(sys.executable).parent


def test_no_argument_says_the_three_things_people_come_for() -> None:
    result = CliRunner().invoke(cli, [])
    named = [
        line.split("understudy ")[1].split()[0]
        for line in result.output.splitlines()
        if "   understudy" in line
    ]
    assert (result.exit_code, named) == (0, ["serve", "verify", "verify-client"])
    assert "understudy demo" in result.output


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("verfy", "Did you mean 'verify'?"),
        ("nonsense", f"Known: {', '.join(COMMANDS)}."),
        ("completion tcsh", "'bash', 'zsh', 'fish'"),
        ("specs new acme", "say what it is --like; known: ark, bfl"),
        ("drift canonical", "as in: understudy drift canonical chainhub"),
        ("trigger http://127.0.0.1:1", "no answer: connection refused: nothing listens there"),
    ],
)
def test_wrong_word_is_answered_with_the_right_ones(typed: str, said: str) -> None:
    result = CliRunner().invoke(cli, typed.split())
    assert (bool(result.exit_code), said in result.output) == (True, True), result.output


def complete(words: str) -> list[str]:
    """What the shell is offered for the last of `words`."""
    env = os.environ | {
        "_UNDERSTUDY_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run([str(BIN / "understudy")], env=env, capture_output=True, text=True, timeout=60)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_tab_offers_commands_options_and_providers() -> None:
    assert complete("understudy verif") == ["verify", "verify-client", "verify-gateway"]
    assert complete("understudy serve --web") == ["--webhook-secret"]
    assert complete("understudy serve -p c") == ["canonical", "chainhub", "cometapi"]
    assert complete("understudy drift canonical chain") == ["chainhub"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("understudy serve --pace f", ["fast"]),
        ("understudy serve --scenario fail", ["fail", "fail-at-once"]),
        ("understudy serve -p kling --scenario resource", ["resource_pack_exhausted"]),
        ("understudy serve -p replicate --scenario mod", ["moderated"]),
        ("understudy verify-client --scenarios quick,poll-f", ["quick,poll-fails"]),
        ("understudy verify --only accepts-u", ["accepts-unicode"]),
        ("understudy drift --report ju", ["junit"]),
    ],
)
def test_tab_offers_what_an_option_may_name(words: str, offered: list[str]) -> None:
    assert complete(words) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_one_that_the_shell_reads(shell: str) -> None:
    script = CliRunner().invoke(cli, ["completion", shell]).output
    assert "_UNDERSTUDY_COMPLETE" in script
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not on this machine")
    assert subprocess.run([program, "-n"], input=script, text=True, timeout=30).returncode == 0


def test_completion_of_an_unknown_login_shell_names_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/ksh")
    result = CliRunner().invoke(cli, ["completion"])
    assert (result.exit_code, "$SHELL is ksh; known: bash, zsh, fish" in result.output) == (2, True)
