"""What will become of a task: the family's lifecycle, the pace and the chosen scenarios make its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.pace import offsets
from mockserver.tasks import Plan, plan

if TYPE_CHECKING:
    from mockserver.faults import Effects
    from mockserver.lifecycle import Lifecycle
    from mockserver.pace import Pace
    from mockserver.tasks import Task


def make_plan(life: Lifecycle, pace: Pace, effects: Effects, seed: str, bad_picture: str = "") -> Plan:
    """The plan of a new task. `bad_picture` is the reason to fail with when one of its pictures is bad."""
    failure = effects.fail or bad_picture
    last = life.failure if failure else life.success
    reason = life.failures.get(failure, failure)
    direct = effects.skip and last in life.transitions[life.initial]
    statuses = (life.initial, last) if direct else life.route(last)
    if pace.kind == "polls" and effects.run_ms < 0:
        # What never ends has no terminal state to wait for: all that it reaches comes with the first query.
        rest, polls = (statuses[1:-1], 1) if effects.never else (statuses[1:], pace.polls)
        return plan(statuses[:1], (0,), reason, polls, rest)
    run_ms = effects.run_ms if effects.run_ms >= 0 else pace.run_ms(life, seed)
    times = offsets(run_ms, len(statuses))
    if effects.never:
        statuses, times = statuses[:-1], times[:-1]
    return plan(statuses, times, reason)


def finished(task: Task, life: Lifecycle, status: str, reason: str, now: int) -> Plan:
    """The task's plan when it is brought to the terminal state `status` at `now`, by hand."""
    index = task.index(now)
    at = max(now - task.created_at, task.plan.offsets[index])
    passed = tuple(s for s in life.route(status)[:-1] if s not in task.plan.statuses[: index + 1])
    statuses = (*task.plan.statuses[: index + 1], *passed, status)
    return plan(statuses, (*task.plan.offsets[: index + 1], *((at,) * (len(passed) + 1))), reason)
