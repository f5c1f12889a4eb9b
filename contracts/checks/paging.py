"""Lists page by page: no page is short, no task comes twice or is lost between two, none beyond the last."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from understudy.contracts.checks.answers import short
from understudy.contracts.checks.listing import ids, of_purpose
from understudy.contracts.checks.table import FREE, promise
from understudy.contracts.failures import Failure, Inconclusive, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome


@promise(
    "list-page-size-kept",
    area="list",
    operation="list",
    sentence="A page has as many tasks as requested, as long as there are more.",
    source="/components/parameters/pageSize",
    cost=FREE,
)
def list_page_size_kept(view: TaskView) -> Iterator[Outcome]:
    whole = next((ids(view, e) for e in of_purpose(view, "whole")), None)
    for exchange in of_purpose(view, "page"):
        page, size, number = ids(view, exchange), int(exchange.case["size"]), int(exchange.case["page"])
        if page is None or whole is None:
            continue
        full = len(whole) >= size * number
        if len(page) > size or (full and len(page) < size):
            yield Failure(
                "a page does not have as many tasks as requested",
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
def list_pages_without_loss(view: TaskView) -> Iterator[Outcome]:
    yield from _twice(view)
    yield from _beyond(view)
    wholes = [ids(view, e) for e in of_purpose(view, "whole")]
    pages = [(e, ids(view, e)) for e in of_purpose(view, "page")]
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
    elif got != wanted:
        what = "page by page, tasks come in another order than in the whole list"
        yield _paging(what, wanted, got, [pages[-1][0].number])
    else:
        yield Kept(pages[-1][0].number)


def _twice(view: TaskView) -> Iterator[Outcome]:
    """A task that is in one list twice."""
    for exchange in of_purpose(view, "whole"):
        twice = next((i for i, times in Counter(ids(view, exchange) or ()).items() if times > 1), None)
        if twice is not None:
            yield Failure(
                "the list holds a task twice",
                expected="every task once",
                found=short(twice),
                exchanges=(exchange.number,),
            )


def _beyond(view: TaskView) -> Iterator[Outcome]:
    """A page far behind the end holds none of the tasks that are in front of it."""
    wholes = of_purpose(view, "whole")
    first = set(ids(view, wholes[0]) or ()) if wholes else set()
    for exchange in of_purpose(view, "beyond"):
        repeated = sorted(first & set(ids(view, exchange) or ()))
        if repeated:
            yield Failure(
                "a page beyond the end repeats tasks of the pages before it",
                expected="an empty page",
                found=short(repeated),
                exchanges=(exchange.number, wholes[0].number),
            )


def _paging(message: str, wanted: list[Any], got: list[Any], exchanges: list[int]) -> Failure:
    return Failure(message, expected=short(wanted), found=short(got), exchanges=tuple(exchanges))
