"""How fast a task's plan unfolds."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from understudy.mockserver.errors import MockError

FAST_MS = 2000
# Share of the run time after which the first state ends; the rest of the states divide what is left.
FIRST_SHARE = 0.25
KNOWN = "instant, fast, realistic, after N polls (for example 'after 3 polls')"


@dataclass(frozen=True, slots=True)
class Pace:
    """`kind` is instant, fast, realistic or polls; `polls` is which query shows the terminal state."""

    kind: str
    polls: int = 0

    def __str__(self) -> str:
        return f"after {self.polls} polls" if self.kind == "polls" else self.kind

    def run_ms(self, median_ms: int, spread: float, seed: str) -> int:
        """How long a task runs, in milliseconds, from create to its terminal state; the same for a seed."""
        if self.kind == "instant":
            return 0
        if self.kind == "fast":
            return FAST_MS
        factor = random.Random(seed).uniform(1 - spread, 1 + spread)  # noqa: S311 - not a secret
        return int(median_ms * factor)


def read_pace(text: str) -> Pace:
    """`instant`, `fast`, `realistic` or `after N polls` as a Pace; raises MockError with the known ones."""
    text = " ".join(text.split())
    if text in ("instant", "fast", "realistic"):
        return Pace(text)
    if (found := re.fullmatch(r"after ([0-9]{1,6}) polls?", text)) and int(found[1]) > 0:
        return Pace("polls", int(found[1]))
    raise MockError(f"unknown pace {text!r}", advice=f"known: {KNOWN}")


def offsets(run_ms: int, changes: int) -> tuple[int, ...]:
    """When each of `changes` states begins, in ms after the create: offsets(2000, 3) -> (0, 500, 2000)."""
    if changes <= 1:
        return (0,) * changes
    if changes == 2:
        return (0, run_ms)
    first = run_ms * FIRST_SHARE
    step = (run_ms - first) / (changes - 2)
    return (0, *(int(first + step * i) for i in range(changes - 1)))
