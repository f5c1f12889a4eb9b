"""What commands print: the one way to the screen, so that no text from outside can steer a terminal.

    say(f"wrote {file}")                  # to standard output
    say(f"understudy: {error}", err=True)
    say(f"! {problem}", err=True, fg="red")
    say_json(rows)                        # characters that are not safe to show as escapes: nothing is lost

A test of the architecture holds every command to it.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import click

from understudy.specs.harmless import escaped, printable

PARTS = 10_000  # tokens of JSON that are printed at once


def say(text: object = "", *, err: bool = False, nl: bool = True, **style: Any) -> None:
    """Print a text; `style` as click.style has it: bold=True, fg="red"."""
    shown = printable(str(text))
    click.echo(click.style(shown, **style) if style else shown, err=err, nl=nl)


def say_json(value: Any, *, indent: int | None = 2) -> None:
    """Print a value as JSON, part by part: it may be a hundred megabytes."""
    parts = json.JSONEncoder(indent=indent, ensure_ascii=False, default=str).iterencode(value)
    while several := list(islice(parts, PARTS)):
        click.echo(escaped("".join(several)), nl=False)
    click.echo()
