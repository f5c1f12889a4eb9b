"""Progress of verify-client: a live line on a terminal, a line for each run elsewhere."""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import TYPE_CHECKING, TextIO

import click

from contracts.client_verifier.judges import ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.client_verifier.runner import Plan
    from contracts.client_verifier.scenarios import Scenario
    from contracts.client_verifier.trace import Trace

DRAW_SECONDS = 0.2
ERASE = "\r\x1b[2K"


class Progress:
    """Hears of each run as it begins and ends, and tells `stream`. `now` is in seconds."""

    def __init__(
        self,
        plan: Plan,
        stream: TextIO,
        *,
        now: Callable[[], float] = time.monotonic,
        columns: Callable[[], int] = lambda: shutil.get_terminal_size().columns,
    ) -> None:
        self._plan = plan
        self._stream = stream
        self._now = now
        self._columns = columns
        self._live = stream.isatty()
        self._began = now()
        self._ended = 0
        self._running: dict[str, float] = {}

    def plan(self) -> None:
        """What is going to happen, before anything does."""
        runs = len(self._plan.scenarios)
        many = f"{runs} runs, one for each scenario, {min(self._plan.parallel, runs)} at a time; each is"
        limit = f"stopped {self._plan.timeout_seconds:g} s after its first request"
        click.echo(f"{many if runs > 1 else '1 run, '} {limit}".replace(",  ", ", "), file=self._stream)

    def tell(self, scenario: Scenario, trace: Trace | None) -> None:
        """A run begins (None), or has ended."""
        if trace is None:
            self._running[scenario.name] = self._now()
            return
        self._running.pop(scenario.name, None)
        self._ended += 1
        if not self._live:
            wide = len(str(len(self._plan.scenarios)))
            count = f"{self._ended:>{wide}}/{len(self._plan.scenarios)}"
            told = f"{ending(trace)} after {trace.real_seconds:.1f} s"
            click.echo(f"{count}  {scenario.name}: {told}", file=self._stream)

    async def keep_drawing(self) -> None:
        """Draw the live line again and again, on a terminal; until cancelled, when it is wiped away."""
        if not self._live:
            return
        try:
            while True:
                self._stream.write(ERASE + self.line())
                self._stream.flush()
                await asyncio.sleep(DRAW_SECONDS)
        finally:
            self._stream.write(ERASE)
            self._stream.flush()

    def line(self) -> str:
        """ "12/36 ended · running: never-ends 12 s, create-hangs 3 s · 15 s in all", cut to the width."""
        now = self._now()
        longest = sorted(self._running.items(), key=lambda run: run[1])
        names = ", ".join(f"{name} {now - began:.0f} s" for name, began in longest)
        text = f"{self._ended}/{len(self._plan.scenarios)} ended · {now - self._began:.0f} s"
        text += f" · running: {names}" if names else ""
        most = self._columns() - 1
        return text if len(text) <= most else text[: max(0, most - 1)] + "…"
