"""`understudy demo`."""

from __future__ import annotations

from typing import Any

import click

from understudy.specs.cli.names import PROVIDER
from understudy.specs.library import CANONICAL, profiles
from understudy.specs.say import say

# Imports stand in the functions that need them: help, completion and complaints come 250 ms sooner.

MARKS: dict[str, tuple[str, dict[str, Any]]] = {
    "request": ("→", {}),
    "answer": ("←", {"bold": True}),
    "callback": ("⇐", {"fg": "cyan"}),
    "control": ("*", {"fg": "yellow"}),
    "good": (" ", {"fg": "green"}),
    "bad": (" ", {"fg": "red", "bold": True}),
    "quote": (" ", {"dim": True}),
}
LEGEND = "→ a client asks   ← it is answered   ⇐ it is called back   * a test steers the mock"
NEXT = """\
Everything ran on this machine and left nothing behind. Next:

  understudy serve                                    the same mock for your own client, on port 8585
  understudy verify-client -- python your_client.py   what your client does when the provider misbehaves
  understudy verify URL --budget 10                   whether a provider keeps its promises, for 10 units
"""


@click.command()
@click.option(
    "-p", "--provider", default=CANONICAL, type=PROVIDER, show_default=True, metavar="NAME",
    help=f"Which provider to play: {', '.join(profiles())}, or the folder of your own.",
)  # fmt: skip
def demo(provider: str) -> None:
    """A whole conversation in a few seconds: a task, its callbacks and result, a refusal, a graded client.

    A mock server is started, spoken to and ended; nothing is written, and no network is needed.
    """
    from understudy.contracts.demo.script import play

    for number, step in enumerate(play(provider), start=1):
        if number == 1:
            say(f"{LEGEND}\n")
        say(f"{number}  {step.title}", bold=True)
        for line in step.lines:
            mark, style = MARKS[line.kind]
            say(f"   {mark} {line.text}", **style)
        say()
    say(NEXT, nl=False)
