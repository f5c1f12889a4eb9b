"""What was charged fits what was asked, and a task that failed costs nothing."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from understudy.contracts.checks.answers import short
from understudy.contracts.checks.table import promise
from understudy.contracts.failures import Failure, Kept
from understudy.specs.behaviour.lifecycle import StateClass
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import Sighting, TaskTrace, TaskView
    from understudy.contracts.failures import Outcome


def deducted(view: TaskView, task: TaskTrace) -> Decimal | None:
    """What a task's record says at its end that it cost; None when it says nothing."""
    place, end = view.family.behaviour.cost.at, task.terminal
    value: Any = at(end.record, place) if place and end is not None else None
    try:
        number = Decimal(str(value)) if value not in (None, "") and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


@promise(
    "deduction-fits-request",
    area="money",
    operation="query",
    sentence="The cost of a task that succeeded matches the request: so many units for each result.",
    source="x-task/deduction",
)
def deduction_fits_request(view: TaskView) -> Iterator[Outcome]:
    for task in view.tasks:
        end, got = task.succeeded, deducted(view, task)
        if end is None or got is None:
            continue
        wanted = view.family.cost(task.body)
        if got == wanted:
            yield Kept(end.number)
        else:
            count = view.family.count(task.body)
            yield Failure(
                f"a task with {count} result{'' if count == 1 else 's'} is charged {got:f} units",
                expected=f"{wanted:f}",
                found=f"{got:f}",
                exchanges=(end.number, task.create.number),
                task=task.label,
            )


def _stopped(task: TaskTrace, end: Sighting) -> bool:
    """Whether a task ended otherwise than by failing, as one that was cancelled: that may cost something."""
    return task.status(end) not in task.family.behaviour.lifecycle.of(StateClass.FAILED)


@promise(
    "failed-tasks-are-free",
    area="money",
    operation="query",
    sentence="A task that failed costs nothing.",
    source="x-task/deduction",
)
def failed_tasks_are_free(view: TaskView) -> Iterator[Outcome]:
    for task in view.known:
        end, got = task.terminal, deducted(view, task)
        if end is None or task.succeeded is not None or (task.older and _stopped(task, end)):
            continue
        if not got:
            yield Kept(end.number)
        else:
            yield Failure(
                "a task that failed is charged",
                expected="0, or nothing",
                found=short(str(got)),
                exchanges=(end.number, task.create.number),
                task=task.label,
            )
