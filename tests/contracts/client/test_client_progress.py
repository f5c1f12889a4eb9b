"""What is told of runs that are under way: on a terminal, and in a pipe."""

from __future__ import annotations

import dataclasses
import io

from understudy.contracts.cli.client_progress import ClientProgress
from understudy.contracts.client_verifier.runner import GradingPlan
from understudy.contracts.client_verifier.scenarios import BY_NAME
from understudy.contracts.client_verifier.trace import Trace
from understudy.specs.report.live import Stretch

PLAN = GradingPlan(
    ["client"], [BY_NAME[name] for name in ("all-is-well", "never-ends", "poll-reset")], parallel=8
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class World:
    """A plan under way, with a clock that stands still until it is set."""

    def __init__(self, stream):
        self.stream = stream
        self.seconds = 0.0
        self.progress = ClientProgress(PLAN, stream, now=lambda: self.seconds)

    def begin(self, name):
        self.progress.tell(BY_NAME[name], None)

    def end(self, name, **how):
        self.progress.tell(BY_NAME[name], Trace(scenario=name, **how))


def test_pipe_gets_the_plan_and_a_line_for_each_run_as_it_ends():
    world = World(io.StringIO())
    with world.progress.shown():
        world.begin("all-is-well")
        world.end("all-is-well", duration_ms=2340)
        world.begin("never-ends")
        world.begin("poll-reset")
        world.end("poll-reset", exit_code=2, duration_ms=1000)
        world.end("never-ends", exit_code=None, stopped="time", duration_ms=30500)
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
    line = "1/3 ended · 9 s · running: never-ends 7 s, poll-reset 4 s"
    assert world.progress.stretch() == Stretch(line, 1, 3, 0.0)


def test_what_is_left_is_told_from_the_pace_so_far():
    world = World(Terminal())
    plan = dataclasses.replace(PLAN, scenarios=[*PLAN.scenarios, BY_NAME["poll-hangs"]])
    world.progress = ClientProgress(plan, world.stream, now=lambda: world.seconds)
    for name in ("all-is-well", "never-ends", "poll-reset"):
        world.begin(name)
        world.end(name)
    world.seconds = 9.0
    assert world.progress.stretch() == Stretch("3/4 ended · 9 s", 3, 4, 3.0)


def test_terminal_keeps_the_plan_and_nothing_else():
    world = World(Terminal())
    with world.progress.shown():
        world.begin("all-is-well")
        world.end("all-is-well")
    kept = "3 runs, one for each scenario, 3 at a time; each is stopped 30 s after its first request"
    assert world.stream.getvalue().count(kept) == 1
    assert world.stream.getvalue().endswith("\x1b[2K")
