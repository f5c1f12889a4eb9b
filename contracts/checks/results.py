"""What the answers of a task that succeeded must say of its results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from understudy.contracts.checks.answers import short
from understudy.contracts.checks.lifecycle import unfinished
from understudy.contracts.checks.table import promise
from understudy.contracts.checks.view import tells_its_kind
from understudy.contracts.failures import Failure, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskTrace, TaskView
    from understudy.contracts.failures import Outcome


def succeeded(view: TaskView) -> list[TaskTrace]:
    """The tasks whose answers tell results."""
    return [t for t in view.known if t.succeeded is not None and t.results and tells_its_kind(t)]


def place_of(view: TaskView, name: str) -> str:
    """The member of a result that says its "url" or "duration"; "" where none does."""
    return view.family.behaviour.result.item.get(name, "")


def number_of(task: TaskTrace) -> int:
    """The exchange in which the task succeeded, -1 where none shows it."""
    return task.succeeded.number if task.succeeded else -1


@promise(
    "result-count",
    area="results",
    operation="result",
    sentence="There are as many results as requested.",
    source="x-task/result/count",
)
def result_count(view: TaskView) -> Iterator[Outcome]:
    yield from unfinished(view)
    for task in [one for one in succeeded(view) if not one.older]:
        asked = view.family.count(task.body)
        if len(task.results) == asked:
            yield Kept(number_of(task))
        else:
            yield Failure(
                "the number of results is not the requested one",
                expected=str(asked),
                found=str(len(task.results)),
                exchanges=(number_of(task), task.create.number),
                task=task.label,
            )


@promise(
    "result-indexes",
    area="results",
    operation="result",
    sentence="Results are numbered from 0 without a gap, and stand in that order.",
    source="x-task/result/item/index",
)
def result_indexes(view: TaskView) -> Iterator[Outcome]:
    name = place_of(view, "index") if view.family.behaviour.tells("query", "results", "item.index") else ""
    for task in succeeded(view) if name else ():
        got = [item.get(name) for item in task.results]
        shown, wanted = [repr(one) for one in got], [repr(n) for n in range(len(got))]
        if shown == wanted:
            yield Kept(number_of(task))
        else:
            yield Failure(
                "results are not numbered from 0 without a gap"
                if sorted(shown) != sorted(wanted)
                else "results do not stand in the order of their numbers",
                expected=short(list(range(len(got)))),
                found=short(got),
                exchanges=(number_of(task),),
                task=task.label,
            )


@promise(
    "result-urls-differ",
    area="results",
    operation="result",
    sentence="Every result has a URL of its own, also across tasks.",
    source="x-task/result/item",
)
def result_urls_differ(view: TaskView) -> Iterator[Outcome]:
    name = place_of(view, "url")
    seen: dict[str, TaskTrace] = {}
    for task in succeeded(view):
        urls = [item.get(name) for item in task.results]
        shared = next((u for u in urls if repr(u) in seen), None)
        if len(set(map(repr, urls))) < len(urls):
            yield Failure(
                "two results of a task have the same URL",
                expected=f"{len(urls)} URLs",
                found=short(urls),
                exchanges=(number_of(task),),
                task=task.label,
            )
        elif shared is not None:
            yield Failure(
                "two tasks share the URL of a result",
                expected="a URL of its own",
                found=short(shared),
                exchanges=(number_of(task), number_of(seen[repr(shared)])),
                task=task.label,
            )
        else:
            yield Kept(number_of(task))
        seen |= {repr(u): task for u in urls if u}


@promise(
    "result-urls-are-absolute",
    area="results",
    operation="result",
    sentence="The URL of a result is an absolute http or https URL.",
    source="x-task/result/item",
)
def result_urls_are_absolute(view: TaskView) -> Iterator[Outcome]:
    name = place_of(view, "url")
    # A file that a second request answers with has no URL but that request's, which the description gives.
    reply = view.family.behaviour.results_reply
    is_given = bool(name) and not (reply is not None and (reply.bytes or reply.redirect))
    for task in succeeded(view) if is_given else ():
        bad = [item.get(name) for item in task.results if not fetchable(item.get(name))]
        if bad:
            yield Failure(
                "the URL of a result is unusable: it is not an absolute http or https URL",
                expected="https://host/...",
                found=short(bad[0]),
                exchanges=(number_of(task),),
                task=task.label,
            )
        else:
            yield Kept(number_of(task))


def fetchable(url: Any) -> bool:
    """Whether a value is an absolute http(s) URL with a host, and without spaces (RFC 3986, 2)."""
    if not isinstance(url, str) or any(c.isspace() or not c.isprintable() for c in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
