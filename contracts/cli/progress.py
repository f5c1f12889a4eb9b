"""Progress of a run: a live line on a terminal, one line of plan elsewhere."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, TextIO

from understudy.contracts.budget import amount
from understudy.contracts.runner import events
from understudy.specs.report.live import Stretch, live_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.contracts.trace import Conversation


def plan_line(plan: events.RunPlanned) -> str:
    """ "about 130 free requests, then 7 tasks for at most 10 units of 10; …"."""
    line = f"about {plan.free} free requests, then {amount(plan.tasks, 'task')} for at most "
    line += f"{amount(plan.most, 'unit')} and what it takes to follow {'it' if plan.tasks == 1 else 'them'}"
    if not plan.tasks:
        line = f"about {plan.free} free requests, no task"
    line += f" (budget {plan.budget}; a bad request that is taken is charged to it, too)"
    return f"{line}; expected to take {plan.expected_seconds:.0f} s" if plan.expected_seconds > 1 else line


# Where nobody watches a live line, a line for the log comes so often (seconds), the first one sooner.
EVERY, FIRST = 30.0, 2.0


def progress_line(event: events.RunProgress) -> str:
    """ "refusals: 37 requests, 0 of 2 tasks ended, 1 units"; before the plan is known, the phase alone."""
    if not event.of:
        return event.phase + (f": {event.waiting}" if event.waiting else "")
    line = f"{event.phase}: {amount(event.sent, 'request')}, {event.tasks_ended} of "
    line += f"{amount(event.tasks, 'task')} ended"
    return f"{line}, {amount(event.spent, 'unit')}" + (f"; waiting: {event.waiting}" if event.waiting else "")


@contextlib.contextmanager
def silent(held: list[Conversation]) -> Iterator[events.Listener]:
    """A listener that says nothing; `held` gets each conversation when it is opened, as below."""

    def listen(event: events.Event) -> None:
        if isinstance(event, events.Opened):
            held.append(event.conversation)

    yield listen


@contextlib.contextmanager
def listener(
    stream: TextIO, held: list[Conversation], now: Callable[[], float] = time.monotonic
) -> Iterator[events.Listener]:
    """A listener that writes to `stream`: a live line on a terminal, else a line now and then.

    `held` gets each conversation when it is opened, so that it is there when the run is interrupted. `now`
    gives seconds.
    """
    begun, expected, latest = now(), 0.0, "starting"
    due = begun + FIRST

    def stretch() -> Stretch:
        spent = now() - begun
        of, done = round(expected * 10), round(min(spent, expected) * 10)
        return Stretch(latest, done, of, max(0.0, expected - spent))

    def listen(event: events.Event) -> None:
        nonlocal expected, due, latest
        if isinstance(event, events.Opened):
            held.append(event.conversation)
        elif isinstance(event, events.RunPlanned):
            expected, due = event.expected_seconds, now() + EVERY
            line.say(plan_line(event))
        elif isinstance(event, events.Said):
            line.say(event.text)
        else:
            latest = progress_line(event)
            if not line.live and now() >= due:
                due = now() + EVERY
                left = expected - (now() - begun)
                still = f", about {left:.0f} s left" if left > 1 else ""
                line.say(f"{latest}{still} ({now() - begun:.0f} s)")

    with live_line(stream, stretch) as line:
        yield listen
