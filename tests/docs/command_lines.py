"""The commands that documentation names, and whether the command line has them."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click

from understudy.contracts.cli import COMMANDS, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCE = re.compile(r"(?ms)^ *(`{3,})[^\n]*\n(.*?)^ *\1 *$")
SPAN = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"(?<!from)(?:^|[\s(/$'\"])understudy +((?:[^\n\\|&;`]|\\\n)*)")


def calls(markdown: str) -> Iterator[str]:
    """What follows `understudy` in code, line by line; continued lines are one."""
    fenced = [found[2] for found in FENCE.finditer(markdown)]
    spans = SPAN.findall(FENCE.sub("", markdown))
    for code in (*fenced, *spans):
        for found in CALL.finditer(code):
            yield re.sub(r"\\\n\s*", " ", found[1]).strip()


def problem(call: str) -> str:
    """What the command line does not know in `call` ("serve --prot 1"); "" when it knows all."""
    try:
        words = shlex.split(call.split(" #", maxsplit=1)[0].split("  ", maxsplit=1)[0], comments=False)
    except ValueError:
        words = call.split()
    command: click.Command = cli
    while words and isinstance(command, click.Group):
        if words[0].startswith("-"):
            break
        inner = named(command, words[0])
        if inner is None:
            return f"unknown command {words[0]!r}" if re.fullmatch(r"[a-z][a-z-]*", words[0]) else ""
        command, words = inner, words[1:]
    known = {opt for parameter in command.params for opt in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "-h", "--version"}
    for word in words:
        if word == "--":
            break
        option = re.match(r"(--[a-z][\w-]*|-[a-z]\b)", word)
        if option and option[1] not in known:
            return f"{command.name} has no option {option[1]}"
    return ""


def named(group: click.Group, name: str) -> click.Command | None:
    if group is cli:
        return cli.get_command(click.Context(cli), name) if name in COMMANDS else None
    return group.commands.get(name)
