"""`understudy completion`: click's own scripts, printed."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from understudy.specs.say import say

SHELLS = ("bash", "zsh", "fish")
# Where click's scripts tell the program that they ask.
VARIABLE = "_UNDERSTUDY_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.pass_context
def completion(context: click.Context, shell: str | None) -> None:
    """Print the completion script of SHELL, by default that of $SHELL.

    \b
    eval "$(understudy completion bash)"                                         in ~/.bashrc
    eval "$(understudy completion zsh)"                                          in ~/.zshrc
    understudy completion fish > ~/.config/fish/completions/understudy.fish
    """
    name = shell or Path(os.environ.get("SHELL", "")).name
    found = get_completion_class(name) if name in SHELLS else None
    if found is None:
        known = ", ".join(SHELLS)
        raise click.UsageError(f"which shell? $SHELL is {name or 'not set'}; known: {known}", context)
    say(found(context.find_root().command, {}, "understudy", VARIABLE).source())
