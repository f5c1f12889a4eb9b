"""What is told of runs that are under way: on a terminal, and in a pipe."""

from __future__ import annotations

import asyncio
import io

from contracts.cli.client_progress import ERASE, Progress
from contracts.client_verifier.runner import Plan
from contracts.client_verifier.scenarios import BY_NAME
from contracts.client_verifier.trace import Trace

PLAN = Plan(["client"], [BY_NAME[name] for name in ("all-is-well", "never-ends", "poll-reset")], parallel=8)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class World:
    """A plan under way, with a clock that stands still until it is set."""

    def __init__(self, stream, columns=100):
        self.stream = stream
        self.seconds = 0.0
        self.progress = Progress(PLAN, stream, now=lambda: self.seconds, columns=lambda: columns)

    def begin(self, name):
        self.progress.tell(BY_NAME[name], None)

    def end(self, name, **how):
        self.progress.tell(BY_NAME[name], Trace(scenario=name, **how))


def test_pipe_gets_the_plan_and_a_line_for_each_run_as_it_ends():
    world = World(io.StringIO())
    world.progress.plan()
    world.begin("all-is-well")
    world.end("all-is-well", duration_ms=2340)
    world.begin("never-ends")
    world.begin("poll-reset")
    world.end("poll-reset", exit_code=2, duration_ms=1000)
    world.end("never-ends", exit_code=None, stopped="time", duration_ms=30500)
    asyncio.run(world.progress.keep_drawing())
    assert world.stream.getvalue().splitlines() == [
        "3 runs, one for each scenario, 3 at a time; each is stopped 30 s after its first request",
        "1/3  all-is-well: exit code 0 after 2.3 s",
        "2/3  poll-reset: exit code 2 after 1.0 s",
        "3/3  never-ends: stopped at its time limit after 30.5 s",
    ]


def test_terminal_has_one_line_with_what_is_running_longest_first():
    world = World(Terminal())
    world.begin("all-is-well")
    world.seconds = 2.0
    world.end("all-is-well")
    world.begin("never-ends")
    world.seconds = 5.0
    world.begin("poll-reset")
    world.seconds = 9.0
    assert world.progress.line() == "1/3 ended · 9 s · running: never-ends 7 s, poll-reset 4 s"
    assert world.stream.getvalue() == ""


def test_line_is_cut_to_the_width_of_the_terminal():
    world = World(Terminal(), columns=20)
    world.begin("all-is-well")
    assert world.progress.line() == "0/3 ended · 0 s · …"


def test_terminal_is_clean_again_afterwards():
    world = World(Terminal())

    async def draw():
        drawing = asyncio.create_task(world.progress.keep_drawing())
        await asyncio.sleep(0)
        drawing.cancel()
        await asyncio.wait({drawing})

    asyncio.run(draw())
    assert world.stream.getvalue() == f"{ERASE}0/3 ended · 0 s{ERASE}"
