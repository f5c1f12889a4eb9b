"""How a task may live: a small model (forward only, the end is final) held against every sighting."""

from __future__ import annotations

import itertools
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from understudy.contracts import trace
from understudy.contracts.checks.answers import in_milliseconds, short
from understudy.contracts.checks.table import promise
from understudy.contracts.checks.view import tells_its_kind
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.specs.behaviour.lifecycle import StateClass
from understudy.specs.pointers import at, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import Sighting, TaskTrace, TaskView
    from understudy.contracts.failures import Outcome


SERVER_ERROR = 500


def same_result(value: Any) -> Any:
    """A result as it may be compared: without the query of URLs, which holds signatures that are renewed."""
    if isinstance(value, dict):
        return {k: same_result(v) for k, v in value.items()}
    if isinstance(value, list):
        return [same_result(v) for v in value]
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        try:
            return urlsplit(value)._replace(query="", fragment="").geturl()
        except ValueError:
            return value
    return value


def result(task: TaskTrace, sighting: Sighting) -> Any:
    """What stands where the result must stand."""
    return task.family.behaviour.results_of(sighting.record)


def documented(task: TaskTrace, sighting: Sighting) -> Any:
    """The result, comparable: only the members that the documents name; a provider may add others."""
    found = result(task, sighting)
    names = sorted(task.family.behaviour.result.item.values())
    if not isinstance(found, list):
        return found or None
    return [
        {n: same_result(i[n]) for n in names if i.get(n) not in (None, "")} if isinstance(i, dict) else i
        for i in found
    ]


def cost_said(task: TaskTrace, sighting: Sighting) -> Any:
    """What a record says its task cost, comparable: a number where it is one; nothing and 0 are the same."""
    place = task.family.behaviour.cost.at
    value = at(sighting.record, place) if place else None
    try:
        return Decimal(str(value or 0)).normalize() or ""
    except InvalidOperation:
        return value


def pairs(sightings: list[Sighting]) -> Iterator[tuple[Sighting, Sighting]]:
    return itertools.pairwise(sightings)


def unfinished(view: TaskView) -> Iterator[Outcome]:
    """What can be said when no task came to its end."""
    if view.followed and len(view.unfinished) == len(view.followed):
        task = view.followed[0]
        yield Inconclusive(f"task {task.id} did not end in time; no other did", task.create.number)


@promise(
    "status-moves-forward",
    area="lifecycle",
    operation="query",
    sentence="A status only moves along the documented transitions; steps may be missed between polls.",
    source="x-task/transitions",
)
def status_moves_forward(view: TaskView) -> Iterator[Outcome]:
    family = view.family
    for task in view.known:
        known = [s for s in task.asked if task.status(s) in family.states]
        for before, after in pairs(known):
            old, new = task.status(before), task.status(after)
            if family.reachable(old, new):
                yield Kept(after.number)
            elif not family.terminal(old):
                yield Failure(
                    f"the status went from {old} back to {new}",
                    expected=f"{old}, or a state after it",
                    found=new,
                    exchanges=(after.number, before.number),
                    task=task.label,
                )


@promise(
    "terminal-is-final",
    area="lifecycle",
    operation="any",
    sentence="After a terminal state nothing changes any more: not the status, not the result.",
    source="x-task/transitions",
)
def terminal_is_final(view: TaskView) -> Iterator[Outcome]:
    yield from unfinished(view)
    for task in view.known:
        for seen in (task.asked, task.callbacks):
            end = next((s for s in seen if view.family.terminal(task.status(s))), None)
            if end is None:
                continue
            # The answer to a create may tell the end and not the result: the next one does.
            whole = task.terminal if end.via == "create" else None
            for sighting in seen[seen.index(end) + 1 :]:
                yield _final(view, task, (end, whole or end), sighting)


def _final(view: TaskView, task: TaskTrace, ends: tuple[Sighting, Sighting], later: Sighting) -> Outcome:
    """`ends`: the first sighting of the task's end, and the first that tells the result, too."""
    before = task.status(ends[0]), documented(task, ends[1])
    after = task.status(later), documented(task, later)
    if before == after or (later.via == "callback" and not view.family.terminal(after[0])):
        return Kept(later.number)
    if before[0] == after[0] and not before[1] and before[0] in view.family.success:
        return Kept(later.number)  # it came late: result-exactly-at-success says so
    what = "status" if before[0] != after[0] else "result"
    return Failure(
        f"the {what} changed after the task had ended",
        expected=short(before[0] if what == "status" else before[1]),
        found=short(after[0] if what == "status" else after[1]),
        task=task.label,
        exchanges=later.exchanges,
        deliveries=later.deliveries,
    )


@promise(
    "created-at-is-constant",
    area="lifecycle",
    operation="query",
    sentence="created_at never changes.",
    source="x-task/created_at",
)
def created_at_is_constant(view: TaskView) -> Iterator[Outcome]:
    for task in view.known:
        times = [s for s in task.asked if task.get(s, "created_at") is not None]
        for sighting in times[1:]:
            if task.get(sighting, "created_at") == task.get(times[0], "created_at"):
                yield Kept(sighting.number)
            else:
                yield Failure(
                    "created_at changed",
                    expected=short(task.get(times[0], "created_at")),
                    found=short(task.get(sighting, "created_at")),
                    exchanges=(sighting.number, times[0].number),
                    task=task.label,
                )


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@promise(
    "updated-at-never-backwards",
    area="lifecycle",
    operation="query",
    sentence="updated_at never runs backwards, and is never before created_at.",
    source="x-task/updated_at",
)
def updated_at_never_backwards(view: TaskView) -> Iterator[Outcome]:
    for task in view.known:
        latest: float | None = None
        for sighting in task.asked:
            updated, created = (_number(task.get(sighting, n)) for n in ("updated_at", "created_at"))
            floor = max((t for t in (latest, created) if t is not None), default=None)
            if updated is None:
                continue
            if floor is None or updated >= floor:
                yield Kept(sighting.number)
            else:
                yield Failure(
                    "updated_at ran backwards",
                    expected=f"{floor} or later",
                    found=short(updated),
                    exchanges=(sighting.number,),
                    task=task.label,
                )
            latest = updated if latest is None else max(latest, updated)


@promise(
    "updated-at-moves",
    area="lifecycle",
    operation="query",
    sentence="updated_at moves when the status does.",
    source="x-task/updated_at",
)
def updated_at_moves(view: TaskView) -> Iterator[Outcome]:
    """Only polls count: a task may leave its first state within the millisecond of its creation."""
    for task in view.known:
        first: dict[str, Sighting] = {}
        for sighting in task.asked:
            if sighting.via != "create" and in_milliseconds(task.get(sighting, "updated_at")):
                first.setdefault(str(task.status(sighting)), sighting)
        for before, after in pairs(list(first.values())):
            if not view.family.reachable(str(task.status(before)), str(task.status(after))):
                continue  # status-moves-forward says so
            if task.get(before, "updated_at") != task.get(after, "updated_at"):
                yield Kept(after.number)
            else:
                yield Failure(
                    "the status changed and updated_at did not",
                    expected=f"a time after {task.get(before, 'updated_at')}",
                    found=short(task.get(after, "updated_at")),
                    exchanges=(after.number, before.number),
                    task=task.label,
                )


@promise(
    "result-exactly-at-success",
    area="lifecycle",
    operation="query",
    sentence="The result is there exactly when the task has succeeded.",
    source="x-task/carries",
)
def result_exactly_at_success(view: TaskView) -> Iterator[Outcome]:
    yield from unfinished(view)
    held = [t for t in view.known if tells_its_kind(t)] if view.family.behaviour.result.at else []
    for task in held:
        for sighting in task.sightings:
            status = task.status(sighting)
            if status not in view.family.states or sighting.via == "create":
                continue
            if sighting.via == "callback" and not view.family.behaviour.calls_back_records:
                continue
            there = bool(result(task, sighting))
            if there == (status in view.family.success):
                yield Kept(sighting.number)
            else:
                yield Failure(
                    f"a task that is {status} carries {'a' if there else 'no'} result",
                    expected="no result" if there else text_of(view.family.behaviour.result.at),
                    found=short(result(task, sighting)),
                    task=task.label,
                    exchanges=sighting.exchanges,
                    deliveries=sighting.deliveries,
                )


@promise(
    "reason-exactly-at-failure",
    area="lifecycle",
    operation="query",
    sentence="The reason is there exactly when the task has failed.",
    source="x-task/reason",
)
def reason_exactly_at_failure(view: TaskView) -> Iterator[Outcome]:
    yield from unfinished(view)
    # Of a task that was stopped, its owner knows why.
    stopped = view.family.behaviour.lifecycle.of(StateClass.CANCELLED, StateClass.EXPIRED)
    failing = [s for s in view.family.states if view.family.terminal(s) and s not in view.family.success]
    for task in view.known:
        for sighting in task.sightings:
            status, reason = task.status(sighting), task.get(sighting, "reason")
            if status not in view.family.states or sighting.via == "create" or status in stopped:
                continue
            if bool(reason) == (status in failing):
                yield Kept(sighting.number)
            else:
                yield Failure(
                    f"a task that is {status} carries {'a' if reason else 'no'} reason",
                    expected="no reason" if reason else "a reason",
                    found=short(reason),
                    task=task.label,
                    exchanges=sighting.exchanges,
                    deliveries=sighting.deliveries,
                )


@promise(
    "query-by-task-id",
    area="query",
    operation="query",
    sentence="A task can be asked for by its id, and the answer is that task.",
    source="responses/200/links/query",
)
def query_by_task_id(view: TaskView) -> Iterator[Outcome]:
    yield from _query(view, trace.POLL, "its id")


@promise(
    "query-by-external-id",
    area="query",
    operation="query",
    sentence="A task can be asked for by its external id, and the answer is that task.",
    source="responses/200/links/queryByExternalId",
)
def query_by_external_id(view: TaskView) -> Iterator[Outcome]:
    yield from _query(view, trace.BY_EXTERNAL_ID, "its external id")


def _told_elsewhere(view: TaskView, exchange: trace.Exchange) -> bool:
    """Whether a query without its task is for another promise to tell.

    What was found at its end and is gone: ended-tasks-stay; a server error in between:
    answers-without-internal-errors.
    """
    if view.found_later(exchange):
        return exchange.status >= SERVER_ERROR
    return view.found_before(exchange) and view.family.record_of(exchange) is None


def _query(view: TaskView, role: str, by: str) -> Iterator[Outcome]:
    ids = {t.label: t.id for t in view.known}
    asked = [e for e in view.role(role) if e.case.get("purpose") != trace.AGAIN]
    for exchange in view.readable(asked):
        if not isinstance(exchange, Inconclusive) and _told_elsewhere(view, exchange):
            continue
        if isinstance(exchange, Inconclusive):
            yield exchange
            continue
        record = view.family.record_of(exchange)
        got = view.family.id_of(record) if record is not None else None
        wanted = ids.get(exchange.task)
        if got == wanted:
            yield Kept(exchange.number)
        else:
            yield Failure(
                f"a task is not found by {by}" if got is None else f"asked by {by}, another task answers",
                expected=short(wanted),
                found=short(got) if got else f"{exchange.status}",
                exchanges=(exchange.number,),
                task=exchange.task,
            )
