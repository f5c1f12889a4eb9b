"""Lists: complete, newest first, the same when read again; page by page see `paging`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.hidden import must_refuse
from understudy.contracts.checks.lifecycle import cost_said, documented
from understudy.contracts.checks.older import chosen
from understudy.contracts.checks.table import FREE, promise
from understudy.contracts.checks.view import Sighting
from understudy.contracts.failures import Failure, Inconclusive, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskTrace, TaskView
    from understudy.contracts.failures import Outcome


# Creates so near to each other (ms) may be numbered in either order.
APART_MS = 50.0


def ids(view: TaskView, exchange: trace.Exchange) -> list[str] | None:
    """The task ids of a list answer, or None when it holds no list."""
    records = view.family.records_of(exchange.response)
    return None if records is None else [view.family.id_of(r) for r in records]


def of_purpose(view: TaskView, purpose: str) -> list[trace.Exchange]:
    """The lists that were asked for with one purpose: "whole", "page", "default", …"""
    return [e for e in view.role(trace.LIST) if e.case.get("purpose") == purpose]


@promise(
    "list-limits-accepted",
    area="list",
    operation="list",
    sentence="A list is answered at the limits of page number and size, and while a task runs.",
    source="/components/parameters",
    cost=FREE,
)
def list_limits_accepted(view: TaskView) -> Iterator[Outcome]:
    asked = [e for name in ("edge", "default", "running") for e in of_purpose(view, name)]
    for exchange in view.readable(asked):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif ids(view, exchange) is None:
            yield Failure(
                f"{exchange.case['aim']}: refused",
                expected="a list",
                found=f"{exchange.status}",
                exchanges=(exchange.number,),
            )
        else:
            yield Kept(exchange.number)


@promise(
    "list-limits-refused",
    area="list",
    operation="list",
    sentence="Page number and page size are refused outside their limits.",
    source="/components/parameters",
    cost=FREE,
)
def list_limits_refused(view: TaskView) -> Iterator[Outcome]:
    def accepted(exchange: trace.Exchange) -> Failure | None:
        if ids(view, exchange) is None:
            return None
        return Failure(
            f"{exchange.case['aim']}: accepted",
            expected="refused",
            found=f"{exchange.status}, a list",
            exchanges=(exchange.number,),
            pointer=str(exchange.case.get("pointer", "")),
        )

    yield from must_refuse(view, view.role(trace.LIST_REFUSE), accepted)


@promise(
    "list-contains-tasks",
    area="list",
    operation="list",
    sentence="Every accepted task is in the list.",
    source="/components/parameters",
)
def list_contains_tasks(view: TaskView) -> Iterator[Outcome]:
    """The whole list, and the one that is asked for without a page: both begin with the newest tasks."""
    wholes, defaults = of_purpose(view, "whole"), of_purpose(view, "default")
    for exchange in view.readable([*wholes[-1:], *defaults]):
        if isinstance(exchange, Inconclusive):
            yield exchange
            continue
        listed = ids(view, exchange)
        if listed is None:
            if exchange in wholes:
                yield Inconclusive(f"no list: {exchange.status}", exchange.number)
            continue  # list-limits-accepted says it
        for task in [t for t in view.tasks if t.create.ended < exchange.started]:
            if task.id in listed:
                yield Kept(exchange.number)
            elif len(listed) < int(exchange.case.get("size", 0)):
                yield Failure(
                    "an accepted task is not in the list"
                    if exchange in wholes
                    else "an accepted task is not in the list without parameters",
                    expected=short(task.id),
                    found=f"{len(listed)} other tasks",
                    exchanges=(exchange.number, task.create.number),
                    task=task.label,
                )


@promise(
    "list-agrees-with-query",
    area="list",
    operation="list",
    sentence="A task that has ended looks the same in the list as when asked for.",
    source="/components/parameters",
)
def list_agrees_with_query(view: TaskView) -> Iterator[Outcome]:
    yield from _ended_in_the_list_alone(view)
    told = view.family.behaviour.tells
    names = [name for name in ("id", "status", "created_at", "updated_at") if told("query", name)]
    ended = {t.id: t for t in view.known if t.terminal is not None}
    for exchange in of_purpose(view, "whole"):
        for record in view.family.records_of(exchange.response) or ():
            task = ended.get(view.family.id_of(record))
            if task is None or task.terminal is None or task.terminal.at > exchange.started:
                continue
            listed = {n: view.family.get(record, n) for n in names}
            asked = {n: task.get(task.terminal, n) for n in names}
            differ = [n for n in names if listed[n] is not None and str(listed[n]) != str(asked[n])]
            if differ:
                yield Failure(
                    f"the list shows another {differ[0]} than the query",
                    expected=short(asked[differ[0]]),
                    found=short(listed[differ[0]]),
                    exchanges=(exchange.number, task.terminal.number),
                    task=task.label,
                )
            else:
                yield Kept(exchange.number)


def _ended_in_the_list_alone(view: TaskView) -> Iterator[Outcome]:
    """Older tasks whose end a list shows, and a query afterwards does not."""
    for task in view.older:
        listed = view.family.get(chosen(view.family, task.create)[task.label], "status")
        asked = [s for s in task.asked if task.status(s) in view.family.states]
        if asked and task.terminal is None and view.family.terminal(listed):
            yield Failure(
                "the list shows another status than the query",
                expected=short(listed),
                found=short(task.status(asked[0])),
                exchanges=(asked[0].number, task.create.number),
                task=task.label,
            )


@promise(
    "list-records-complete",
    area="list",
    operation="list",
    sentence="A list shows whole tasks: with results, reason and external id, as the query does.",
    source="/components/parameters",
)
def list_records_complete(view: TaskView) -> Iterator[Outcome]:
    ended = {t.id: t for t in view.known if t.terminal is not None}
    for exchange in of_purpose(view, "whole"):
        for record in view.family.records_of(exchange.response) or ():
            task = ended.get(view.family.id_of(record))
            if task is None or task.terminal is None or task.terminal.at > exchange.started:
                continue
            seen = Sighting(trace.LIST, exchange.started, exchange.ended, record, exchange.number)
            listed, asked = _parts(task, seen), _parts(task, task.terminal)
            if task.succeeded is not None:
                del asked["reason"]  # reason-exactly-at-failure says so
            if not view.family.behaviour.tells("query", "results"):
                del asked["results"]  # it lists them in a form of its own
            differ = [name for name, value in asked.items() if value and listed[name] != value]
            if not differ:
                yield Kept(exchange.number)
                continue
            lost = "does not show" if not listed[differ[0]] else "shows another"
            yield Failure(
                f"the list {lost} {differ[0]} of a task that has ended",
                expected=short(asked[differ[0]]),
                found=short(listed[differ[0]]),
                exchanges=(exchange.number, task.terminal.number),
                task=task.label,
            )


def _parts(task: TaskTrace, sighting: Sighting) -> dict[str, Any]:
    return {
        "results": documented(task, sighting),
        "reason": task.get(sighting, "reason"),
        "external id": task.get(sighting, "external_id"),
        "cost": cost_said(task, sighting),
    }


@promise(
    "list-newest-first",
    area="list",
    operation="list",
    sentence="A list begins with the newest task, and so does each of its pages.",
    source="/components/parameters",
)
def list_newest_first(view: TaskView) -> Iterator[Outcome]:
    made = {t.id: t for t in view.tasks}
    for exchange in view.readable([*of_purpose(view, "whole"), *of_purpose(view, "page")]):
        if isinstance(exchange, Inconclusive):
            continue
        # A task that is listed twice is for list-pages-without-loss to tell.
        ours = [made[i] for i in dict.fromkeys(ids(view, exchange) or ()) if i in made]
        wrong = next((pair for pair in itertools.pairwise(ours) if _older(*pair)), None)
        if wrong is None:
            if len(ours) > 1:
                yield Kept(exchange.number)
            continue
        yield Failure(
            "a page of the list does not begin with its newest task"
            if exchange.case.get("purpose") == "page"
            else "the list does not begin with the newest task",
            expected=f"{wrong[1].id} before {wrong[0].id}, which is older",
            found=short([t.id for t in ours]),
            exchanges=(exchange.number,),
            task=wrong[1].label,
        )


def _older(first: TaskTrace, second: TaskTrace) -> bool:
    """Whether a task was surely made before another: by our clock, and by the provider's own."""
    if first.create.ended >= second.create.started:
        return False  # creates under way at once have no order
    times = [task.get(task.sightings[0], "created_at") for task in (first, second)]
    numbers = all(isinstance(t, int | float) and not isinstance(t, bool) for t in times)
    return times[0] < times[1] if numbers else second.create.started - first.create.ended > APART_MS


@promise(
    "list-families-apart",
    area="list",
    operation="list",
    sentence="A list holds tasks of its own family only.",
    source="/components/parameters",
)
def list_families_apart(view: TaskView) -> Iterator[Outcome]:
    others = {
        found.id: name
        for name in view.conversation.families
        if name != view.family.name
        for found in view.of(name).tasks
    }
    for exchange in view.readable(of_purpose(view, "whole")) if others else ():
        if isinstance(exchange, Inconclusive):
            continue
        wrong = next((i for i in ids(view, exchange) or () if i in others), None)
        if wrong is None:
            yield Kept(exchange.number)
        else:
            yield Failure(
                f"the list holds a task of {others[wrong]}",
                expected=f"tasks of {view.family.name}",
                found=short(wrong),
                exchanges=(exchange.number,),
            )


@promise(
    "list-is-stable",
    area="list",
    operation="list",
    sentence="A list that is read again holds the same tasks in the same order.",
    source="/components/parameters",
)
def list_is_stable(view: TaskView) -> Iterator[Outcome]:
    """Only our own tasks count: others may work on the account meanwhile."""
    made = {t.id for t in view.tasks}
    readings: dict[tuple[str, bytes | None], trace.Exchange] = {}
    for exchange in [e for e in view.role(trace.LIST) if e.case.get("purpose") in ("whole", "page", "again")]:
        now = ids(view, exchange)
        before = readings.setdefault((exchange.request.url, exchange.request.body), exchange)
        old = ids(view, before)
        if before is exchange or now is None or old is None or _made_between(view, before, exchange):
            continue
        full = len(now) >= int(exchange.case.get("size", 0))
        if full and set(now) - set(old) - made:
            continue  # somebody else's new tasks push ours to the next page
        first, second = ([i for i in found if i in made] for found in (old, now))
        if first == second:
            yield Kept(exchange.number)
            continue
        gone = [i for i in first if i not in second]
        yield Failure(
            "read again, a list has lost a task" if gone else "read again, a list has another order",
            expected=short(first),
            found=short(second),
            exchanges=(exchange.number, before.number),
        )


def _made_between(view: TaskView, before: trace.Exchange, after: trace.Exchange) -> bool:
    return any(before.started < t.create.ended < after.ended for t in view.tasks)
