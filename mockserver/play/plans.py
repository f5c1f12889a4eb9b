"""What will become of a task: the family's lifecycle, the pace and the chosen scenarios make its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.mockserver.accounts.pace import offsets
from understudy.mockserver.store.tasks import TaskPlan, plan
from understudy.specs.behaviour import StateClass

if TYPE_CHECKING:
    from understudy.mockserver.accounts.pace import Pace
    from understudy.mockserver.play.scenario_table import Effects
    from understudy.mockserver.store.tasks import Task
    from understudy.specs.behaviour import Lifecycle, TaskFamily


def make_plan(family: TaskFamily, pace: Pace, effects: Effects, seed: str, *, fails: str = "") -> TaskPlan:
    """The plan of a new task; `fails` names why it does that, "" when its request is no reason to."""
    lifecycle = family.lifecycle
    failure = failure_of(family, effects, fails)
    last = family.ends_in(failure) if failure is not None else lifecycle.success
    if effects.ends:
        last = lifecycle.of(StateClass(effects.ends))[0]
        failure = family.failure_ending_in(last)
    reason = family.failures.get(failure, failure) if failure is not None else ""
    direct = effects.skip and last in lifecycle.transitions[lifecycle.initial]
    statuses = (lifecycle.initial, last) if direct else lifecycle.route(last)
    if lifecycle.is_terminal(lifecycle.initial):
        # It is over when it is answered.
        return plan((last,), (0,), reason)
    if effects.throttled:
        statuses = (statuses[0], lifecycle.of(StateClass.THROTTLED)[0], *statuses[1:])
    if pace.kind == "polls" and effects.run_ms < 0:
        # What never ends has no terminal state to wait for: all that it reaches comes with the first query.
        rest, polls = (statuses[1:-1], 1) if effects.never else (statuses[1:], pace.polls)
        return plan(statuses[:1], (0,), reason, polls, rest)
    run_ms = effects.run_ms if effects.run_ms >= 0 else pace.run_ms(family.median_ms, family.spread, seed)
    times = offsets(run_ms, len(statuses))
    if effects.never:
        statuses, times = statuses[:-1], times[:-1]
    return plan(statuses, times, reason)


def failure_of(family: TaskFamily, effects: Effects, fails: str) -> str | None:
    """Why a task will fail: a name of the family's failures, or words; None when it will not."""
    if effects.fail:
        return effects.reason or family.usual_failure
    if effects.bad_picture:
        return family.bad_picture or family.usual_failure
    return fails or None


def finished(task: Task, lifecycle: Lifecycle, status: str, reason: str, now: int) -> TaskPlan:
    """The task's plan when it is brought to the terminal state `status` at `now`, by hand."""
    index = task.index(now)
    at = max(now - task.created_at, task.plan.offsets[index])
    passed = tuple(s for s in lifecycle.route(status)[:-1] if s not in task.plan.statuses[: index + 1])
    statuses = (*task.plan.statuses[: index + 1], *passed, status)
    return plan(statuses, (*task.plan.offsets[: index + 1], *((at,) * (len(passed) + 1))), reason)
