"""Lists, and whose tasks are in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.checks.answers import short
from contracts.checks.table import FREE, OTHER_KEY, promise
from contracts.failures import Failure, Inconclusive, Kept
from contracts.shapes import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.checks.view import View
    from contracts.failures import Outcome


def ids(view: View, exchange: trace.Exchange) -> list[str] | None:
    """The task ids of a list answer, or None when it holds no list."""
    records = view.family.records(exchange.response.json() if exchange.response else None)
    return None if records is None else [str(at(r, view.family.task["id"])) for r in records]


def _purpose(view: View, purpose: str) -> list[trace.Exchange]:
    return [e for e in view.role(trace.LIST) if e.case.get("purpose") == purpose]


@promise(
    "list-limits-accepted",
    area="list",
    operation="list",
    sentence="Page number and page size are accepted at their limits.",
    source="/components/parameters",
    cost=FREE,
)
def list_limits_accepted(view: View) -> Iterator[Outcome]:
    for exchange in view.readable(_purpose(view, "edge")):
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
def list_limits_refused(view: View) -> Iterator[Outcome]:
    for exchange in view.readable(view.role(trace.LIST_REFUSE)):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif ids(view, exchange) is not None:
            yield Failure(
                f"{exchange.case['aim']}: accepted",
                expected="refused",
                found=f"{exchange.status}, a list",
                exchanges=(exchange.number,),
                pointer=str(exchange.case.get("pointer", "")),
            )
        else:
            yield Kept(exchange.number)


@promise(
    "list-contains-tasks",
    area="list",
    operation="list",
    sentence="Every accepted task is in the list.",
    source="/components/parameters",
)
def list_contains_tasks(view: View) -> Iterator[Outcome]:
    wholes = _purpose(view, "whole")
    for exchange in view.readable(wholes[-1:]):
        if isinstance(exchange, Inconclusive):
            yield exchange
            continue
        listed = ids(view, exchange)
        if listed is None:
            yield Inconclusive(f"no list: {exchange.status}", exchange.number)
            continue
        for task in view.tasks:
            if task.id in listed:
                yield Kept(exchange.number)
            elif len(listed) < int(exchange.case.get("size", 0)):
                yield Failure(
                    "an accepted task is not in the list",
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
def list_agrees_with_query(view: View) -> Iterator[Outcome]:
    names = ("id", "status", "created_at", "updated_at")
    ended = {t.id: t for t in view.tasks if t.terminal is not None}
    for exchange in _purpose(view, "whole"):
        for record in view.family.records(exchange.response.json() if exchange.response else None) or ():
            task = ended.get(str(at(record, view.family.task["id"])))
            if task is None or task.terminal is None or task.terminal.at > exchange.started:
                continue
            listed = {n: at(record, view.family.task[n]) for n in names}
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


@promise(
    "list-page-size-kept",
    area="list",
    operation="list",
    sentence="A page holds as many tasks as were asked for, as long as there are more.",
    source="/components/parameters/pageSize",
    cost=FREE,
)
def list_page_size_kept(view: View) -> Iterator[Outcome]:
    whole = next((ids(view, e) for e in _purpose(view, "whole")), None)
    for exchange in _purpose(view, "page"):
        page, size, number = ids(view, exchange), int(exchange.case["size"]), int(exchange.case["page"])
        if page is None or whole is None:
            continue
        full = len(whole) >= size * number
        if len(page) > size or (full and len(page) < size):
            yield Failure(
                "a page does not hold as many tasks as were asked for",
                expected=str(size),
                found=str(len(page)),
                exchanges=(exchange.number,),
            )
        else:
            yield Kept(exchange.number)


@promise(
    "list-pages-without-loss",
    area="list",
    operation="list",
    sentence="Page by page, every task comes once: none is lost, none repeated.",
    source="/components/parameters/pageNum",
    cost=FREE,
)
def list_pages_without_loss(view: View) -> Iterator[Outcome]:
    wholes = [ids(view, e) for e in _purpose(view, "whole")]
    pages = [(e, ids(view, e)) for e in _purpose(view, "page")]
    if len(wholes) < 2 or not pages or any(p is None for _, p in pages):
        return
    got = [i for _, page in pages for i in page or ()]
    before, after = wholes[0] or [], wholes[-1] or []
    wanted = before[: len(got)]
    if before != after:
        yield Inconclusive("the list changed while it was being paged", pages[0][0].number)
    elif len(set(got)) < len(got):
        repeated = next(i for n, i in enumerate(got) if i in got[:n])
        guilty = [e.number for e, page in pages if repeated in (page or ())]
        yield _paging("a task comes twice, page by page", wanted, got, guilty[::-1])
    elif set(got) != set(wanted):
        yield _paging("page by page, a task is lost", wanted, got, [pages[-1][0].number])
    else:
        yield Kept(pages[-1][0].number)


def _paging(message: str, wanted: list[Any], got: list[Any], exchanges: list[int]) -> Failure:
    return Failure(message, expected=short(wanted), found=short(got), exchanges=tuple(exchanges))


@promise(
    "other-account-cannot-query",
    area="accounts",
    operation="query",
    sentence="Another account cannot read the task, by neither id.",
    source="/security",
    needs=OTHER_KEY,
)
def other_account_cannot_query(view: View) -> Iterator[Outcome]:
    for exchange in view.readable(view.role(trace.OTHER_QUERY)):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif view.family.record(exchange.response.json() if exchange.response else None) is not None:
            yield Failure(
                "another account can read the task",
                expected="refused as unknown",
                found=f"{exchange.status} and the task",
                exchanges=(exchange.number,),
                task=exchange.task,
            )
        else:
            yield Kept(exchange.number)


@promise(
    "other-account-cannot-list",
    area="accounts",
    operation="list",
    sentence="Another account's list does not hold the task.",
    source="/security",
    needs=OTHER_KEY,
)
def other_account_cannot_list(view: View) -> Iterator[Outcome]:
    ours = {t.id for t in view.tasks}
    for exchange in view.readable(view.role(trace.OTHER_LIST)):
        if isinstance(exchange, Inconclusive):
            yield exchange
            continue
        leaked = ours & set(ids(view, exchange) or ())
        if leaked:
            yield Failure(
                "another account's list holds the task",
                expected="none of our tasks",
                found=short(sorted(leaked)),
                exchanges=(exchange.number,),
            )
        else:
            yield Kept(exchange.number)
