"""Progress of verify-client: a live line on a terminal, a line for each run elsewhere."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, TextIO

from understudy.contracts.client_verifier.verdict import ending
from understudy.specs.report.live import LiveLine, Stretch, live_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.contracts.client_verifier.runner import GradingPlan
    from understudy.contracts.client_verifier.scenarios import GradedScenario
    from understudy.contracts.client_verifier.trace import Trace


class ClientProgress:
    """Hears of each run as it begins and ends, and tells `stream`. `now` is in seconds."""

    def __init__(
        self, plan: GradingPlan, stream: TextIO, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._plan = plan
        self._stream = stream
        self._now = now
        self._began = now()
        self._ended = 0
        self._running: dict[str, float] = {}
        self._line = LiveLine(stream, None)

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Say what is going to happen, then draw the live line until the block ends."""
        with live_line(self._stream, self.stretch) as self._line:
            runs = len(self._plan.scenarios)
            limit = f"stopped {self._plan.timeout_seconds:g} s after its first request"
            if runs > 1:
                at_once = min(self._plan.parallel, runs)
                self._line.say(f"{runs} runs, one for each scenario, {at_once} at a time; each is {limit}")
            else:
                self._line.say(f"1 run, {limit}")
            yield

    def tell(self, scenario: GradedScenario, trace: Trace | None) -> None:
        """A run begins (None), or has ended."""
        if trace is None:
            self._running[scenario.name] = self._now()
            return
        self._running.pop(scenario.name, None)
        self._ended += 1
        if not self._line.live:
            wide = len(str(len(self._plan.scenarios)))
            count = f"{self._ended:>{wide}}/{len(self._plan.scenarios)}"
            told = f"{ending(trace)} after {trace.real_seconds:.1f} s"
            self._line.say(f"{count}  {scenario.name}: {told}")

    def stretch(self) -> Stretch:
        """ "12/36 ended · 15 s · running: never-ends 12 s, create-hangs 3 s", the longest first.

        What is left is told from the pace so far, once some runs have ended.
        """
        now, runs = self._now(), len(self._plan.scenarios)
        longest = sorted(list(self._running.items()), key=lambda run: run[1])  # noqa: C414 - drawn by a thread
        names = ", ".join(f"{name} {now - began:.0f} s" for name, began in longest)
        text = f"{self._ended}/{runs} ended · {now - self._began:.0f} s"
        left = (now - self._began) / self._ended * (runs - self._ended) if self._ended > 2 else 0.0
        return Stretch(text + (f" · running: {names}" if names else ""), self._ended, runs, left)
