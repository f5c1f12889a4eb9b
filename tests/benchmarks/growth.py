"""Does the mock get slower, and how much heavier, as tasks pile up?"""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.load import Reading, hit, median
from tests.benchmarks.servers import UNDERSTUDY, running

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.benchmarks.servers import Server

FILL = "filler"
MOST_ASKED = 50_000
# The body that load.lua sends for a task: what the mock keeps of it is counted as what the client sent.
SENT = 183


@dataclass(frozen=True)
class Size:
    """What a server with so many tasks does; `bytes_each` is what its memory grew by for each of them."""

    tasks: int
    create: Reading
    query: Reading
    bytes_each: float


def fill(server: Server, tasks: int, step: float) -> tuple[int, int, float]:
    """(first id, last id, bytes of memory for each task) once at least so many tasks are there."""
    before = server.rss()
    first = last = server.create(FILL)
    while last - first + 1 < tasks:
        hit(server, "create", step, FILL)
        last = server.create(FILL)
    return first, last, (server.rss() - before) / (last - first + 1)


def measure(sizes: Sequence[int], rounds: int, seconds: float, folder: Path) -> list[Size]:
    """One server for each size, filled, then measured in turns; what a round creates is dropped after it."""
    with contextlib.ExitStack() as stack:
        found = []
        for size in sizes:
            server = stack.enter_context(running(f"understudy with {size} tasks", UNDERSTUDY))
            # A warm server: what is loaded with the first requests is no task's.
            hit(server, "create", 0.3, "warm")
            server.ask("POST", "/__understudy__/reset", key="warm")
            first, last, each = fill(server, size, max(0.1, min(2.0, size / 30_000)))
            ids = folder / f"ids-{size}"
            chosen = random.Random(size).choices(range(first, last + 1), k=min(size, MOST_ASKED))
            ids.write_text("\n".join(map(str, chosen)))
            found.append((size, server, ids, each))
        creates: dict[int, list[Reading]] = {size: [] for size in sizes}
        queries: dict[int, list[Reading]] = {size: [] for size in sizes}
        for _ in range(rounds):
            for size, server, ids, _each in found:
                queries[size].append(hit(server, "query", seconds, FILL, ids))
                creates[size].append(hit(server, "create", seconds, "round"))
                server.ask("POST", "/__understudy__/reset", key="round")
        return [Size(size, median(creates[size]), median(queries[size]), each) for size, _, _, each in found]
