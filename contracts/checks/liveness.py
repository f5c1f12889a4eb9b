"""Every task comes to an end, and what has ended stays: seconds later and at the very end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.lifecycle import cost_said, documented
from understudy.contracts.checks.older import OVER, ahead, too_old
from understudy.contracts.checks.table import promise
from understudy.contracts.failures import Failure, Inconclusive, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskTrace, TaskView
    from understudy.contracts.failures import Outcome

# A task that takes so many times as long as the slowest that ended is stuck; so much (ms) is given to all.
PATIENCE, FLOOR_NEAR_MS, FLOOR_FAR_MS = 3.0, 5000.0, 120_000.0
# Seconds alone may be those of a machine that was busy: so many queries must have been answered meanwhile.
FEWEST_POLLS = 8
OK = 200


def waited_ms(task: TaskTrace) -> float:
    """How long a task was watched: from its create's answer to the last poll that was answered."""
    return max((s.at for s in task.asked), default=task.create.ended) - task.create.ended


def _polled(task: TaskTrace) -> int:
    return sum(s.via == trace.POLL for s in task.asked)


def took_ms(task: TaskTrace) -> float:
    """How long a task took that has ended."""
    return task.terminal.at - task.create.ended if task.terminal else 0.0


@promise(
    "every-task-ends",
    area="lifecycle",
    operation="query",
    sentence="Every task ends: none is left running while others of its family end.",
    source="x-task/transitions",
)
def every_task_ends(view: TaskView) -> Iterator[Outcome]:
    ended = [t for t in view.followed if t.terminal is not None]
    slowest = max((took_ms(t) for t in ended), default=0.0)
    floor = FLOOR_NEAR_MS if view.conversation.reachable else FLOOR_FAR_MS
    for task in view.followed:
        last = task.asked[-1]
        if task.terminal is not None:
            yield Kept(task.terminal.number)
        elif task.status(last) not in view.family.states:
            yield Inconclusive(f"task {task.id} is in an undocumented state", last.number)
        elif ended and waited_ms(task) >= max(floor, PATIENCE * slowest) and _polled(task) >= FEWEST_POLLS:
            yield Failure(
                f"a task stays {task.status(last)} for ever",
                expected=f"an end; the slowest of {len(ended)} others took {slowest / 1000:.1f} s",
                found=f"{short(task.status(last))} after {waited_ms(task) / 1000:.1f} s",
                exchanges=(last.number, task.create.number),
                task=task.label,
            )
        else:
            yield Inconclusive(f"task {task.id} did not end in time", task.create.number)
    for task in view.older:
        for last in task.asked[-1:] if task.terminal is None else ():
            if too_old(view.family, last.record, last.at + ahead(task.create)):
                yield Failure(
                    f"a task that was created more than a day ago is still {task.status(last)}",
                    expected="an end",
                    found=short(task.status(last)),
                    exchanges=(last.number, task.create.number),
                    task=task.label,
                )


def later(view: TaskView, *roles: str) -> list[trace.Exchange]:
    """What was asked for again at the end of the run, after everything else."""
    return [e for e in view.role(*roles) if e.case.get("purpose") == trace.AGAIN]


@promise(
    "ended-tasks-stay",
    area="lifecycle",
    operation="query",
    sentence="A task that has ended is still there seconds later and at the end of the run, by both ids.",
    source="x-task/transitions",
)
def ended_tasks_stay(view: TaskView) -> Iterator[Outcome]:
    tasks = {t.label: t for t in view.known}
    for exchange in view.readable(view.role(trace.POLL, trace.BY_EXTERNAL_ID)):
        if isinstance(exchange, Inconclusive):
            yield exchange
            continue
        task, record = tasks.get(exchange.task), view.family.record_of(exchange)
        if task is None or task.terminal is None or not view.found_before(exchange):
            continue  # it was never found this way: query-by-... says so
        if view.family.id_of(record) == task.id:
            yield Kept(exchange.number)
            continue
        if view.found_later(exchange):
            continue  # it is there: query-by-... says so
        if task.older:
            yield Inconclusive(
                f"task {task.id} is gone: who made it may have deleted it, or its time is over",
                exchange.number,
            )
            continue
        by = "its id" if exchange.role == trace.POLL else "its external id"
        after = max(0.0, exchange.started - task.terminal.at) / 1000
        yield Failure(
            f"an ended task is gone: {after:.0f} s after its end it is not found by {by}",
            expected=short(task.id),
            found=f"{exchange.status}",
            exchanges=(exchange.number, task.terminal.number),
            task=task.label,
        )


@promise(
    "ended-tasks-stay-unchanged",
    area="lifecycle",
    operation="query",
    sentence="An ended task is the same at the end of the run as when it ended, results included.",
    source="x-task/transitions",
)
def ended_tasks_stay_unchanged(view: TaskView) -> Iterator[Outcome]:
    tasks = {t.label: t for t in view.known}
    for exchange in later(view, trace.POLL, trace.BY_EXTERNAL_ID):
        task, record = tasks.get(exchange.task), view.family.record_of(exchange)
        end = task.terminal if task else None
        sighting = next((s for s in task.asked if s.number == exchange.number), None) if task else None
        if task is None or end is None or record is None or sighting is None:
            continue
        before, after = _said(task, end), _said(task, sighting)
        differ = [name for name in before if before[name] != after[name]]
        if not differ:
            yield Kept(exchange.number)
            continue
        what = "results" if differ[0] == "result" else differ[0]
        yield Failure(
            f"an ended task has changed: its {what} differ from what they were"
            if what == "results"
            else f"an ended task has changed: its {what} is another one",
            expected=short(before[differ[0]]),
            found=short(after[differ[0]]),
            exchanges=(exchange.number, end.number),
            task=task.label,
        )


def _said(task: TaskTrace, sighting: Any) -> dict[str, Any]:
    names = ("status", "reason", "external_id", "created_at", "updated_at")
    said = {n: task.get(sighting, n) or "" for n in names} | {"result": documented(task, sighting) or None}
    return said | {"cost": cost_said(task, sighting)}


@promise(
    "results-stay",
    area="results",
    operation="result",
    sentence="A result can still be fetched at the end of the run, and is the same file.",
    source="x-task/result/item",
)
def results_stay(view: TaskView) -> Iterator[Outcome]:
    first = {e.request.place: e for e in reversed(view.role(trace.DOWNLOAD)) if e.status == OK}
    tasks = {t.label: t for t in view.known}
    for exchange in later(view, trace.DOWNLOAD):
        before = first.get(str(exchange.case.get("first_place", exchange.request.place)))
        task = tasks.get(exchange.task)
        if before is None or before.number == exchange.number or task is None:
            continue
        same = exchange.case.get("sha256") == before.case.get("sha256")
        if exchange.status == OK and same:
            yield Kept(exchange.number)
            continue
        if task.older and exchange.status in OVER:
            continue  # its time was over in between
        yield Failure(
            "a result has become another file" if exchange.status == OK else "a result is gone after seconds",
            expected=f"200 and the {before.case.get('bytes', 0)} bytes of before",
            found=f"{exchange.status or exchange.problem}, {exchange.case.get('bytes', 0)} bytes",
            exchanges=(exchange.number, before.number),
            task=exchange.task,
        )
