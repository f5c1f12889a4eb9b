"""Progress of a run: a live line on a terminal, one line of plan elsewhere."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, TextIO

import click

from contracts.runner import events

if TYPE_CHECKING:
    from collections.abc import Iterator


def plan_line(plan: events.Planned) -> str:
    """ "about 130 free requests, then 7 tasks for at most 10 units of 10; …"."""
    line = f"about {plan.free} free requests, then {plan.tasks} tasks for at most {plan.most} units"
    line += f" (budget {plan.budget}; a bad request that is taken is charged to it, too)"
    return f"{line}; expected to take {plan.expected_seconds:.0f} s" if plan.expected_seconds > 1 else line


@contextlib.contextmanager
def listener(stream: TextIO) -> Iterator[events.Listener]:
    """A listener that writes to `stream`; it cleans its live line up at the end."""
    live = stream.isatty()
    begun, plan = time.monotonic(), None
    shown = 0.0

    def listen(event: events.Event) -> None:
        nonlocal plan, shown
        if isinstance(event, events.Planned):
            plan = event
            click.echo(plan_line(event), file=stream)
        elif live and time.monotonic() - shown > 0.1:
            shown = time.monotonic()
            left = (plan.expected_seconds if plan else 0) - (shown - begun)
            line = f"{event.phase}: {event.sent} requests, {event.tasks_ended} of {event.tasks} tasks ended"
            line += f", {event.spent} units" + (f", about {left:.0f} s left" if left > 1 else "")
            stream.write(f"\r\x1b[2K{line}")
            stream.flush()

    try:
        yield listen
    finally:
        if live:
            stream.write("\r\x1b[2K")
            stream.flush()
