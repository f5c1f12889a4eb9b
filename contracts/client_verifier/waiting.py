"""How much of a run a client slept between its polls, and what makes that shorter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts.client_verifier.trace import POLLS

if TYPE_CHECKING:
    from understudy.contracts.client_verifier.trace import Trace

# Shorter pauses are no burden to whoever waits for the card.
LONG_MS = 1000
WORTH_SAYING_MS = 3000


def waiting_ms(run: Trace) -> int:
    """Milliseconds that passed in long pauses before polls, and before we stopped it."""
    gaps = zip(run.exchanges, run.exchanges[1:], strict=False)
    waited = [b.at_ms - a.at_ms for a, b in gaps if b.kind in POLLS and b.at_ms - a.at_ms >= LONG_MS]
    if run.stopped and run.exchanges:
        waited.append(run.duration_ms - run.exchanges[-1].at_ms)
    return sum(waited)


def advice(run: Trace) -> str:
    """What to do about a client that mostly sleeps; "" when it does not, or its time runs fast already."""
    waited = waiting_ms(run)
    if run.speed != 1 or waited < WORTH_SAYING_MS or waited < run.duration_ms / 2:
        return ""
    return (
        f"In {run.scenario} it spent {waited / 1000:.1f} of {run.duration_ms / 1000:.1f} s in pauses between "
        "polls. To make them shorter, set what it takes its interval from (--env POLL_SECONDS=0.1, if that "
        "is its name); for Python and Node there is --fast-sleep 10."
    )
