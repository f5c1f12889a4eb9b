"""Time that runs faster, the same for the mock and for a client's process: `--fast-sleep N`."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PRELOAD = Path(__file__).parent / "preload"
VARIABLE = "UNDERSTUDY_FAST_SLEEP"
# What of a client's time stays ours.
NOT_FOLLOWED = (
    "timeouts of sockets and of HTTP libraries, loop.call_later, time.perf_counter, process.hrtime "
    "and gevent keep real time"
)


@dataclass(frozen=True, slots=True)
class Speed:
    """A wall clock that runs `factor` times as fast as real time since `wall_ns`, when the machine's
    monotonic clock showed `began_ns` (both in nanoseconds). `folder`: where clients say that they heard.
    """

    factor: float
    folder: Path
    wall_ns: int = field(default_factory=time.time_ns)
    began_ns: int = field(default_factory=time.monotonic_ns)

    def wall(self) -> int:
        """Nanoseconds since 1970, by this clock."""
        return self.wall_ns + int((time.monotonic_ns() - self.began_ns) * self.factor)

    def environment(self, given: Mapping[str, str], run: str) -> dict[str, str]:
        """What makes Python and Node processes of the run follow this clock."""
        python, node = str(PRELOAD / "python"), str(PRELOAD / "node.cjs").replace("\\", "\\\\")
        return {
            VARIABLE: f"{self.factor:g} {self.wall_ns} {self.began_ns} {self._file(run)}",
            "PYTHONPATH": os.pathsep.join(filter(None, [python, given.get("PYTHONPATH", "")])),
            "NODE_OPTIONS": f'{given.get("NODE_OPTIONS", "")} --require "{node}"'.strip(),
        }

    def followed(self, run: str) -> bool:
        """Whether a process of the run has taken note."""
        return self._file(run).exists()

    def _file(self, run: str) -> Path:
        return self.folder / run
