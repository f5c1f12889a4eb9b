"""What a task that succeeded must hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.checks import media
from contracts.checks.answers import short
from contracts.checks.lifecycle import unfinished
from contracts.checks.table import promise
from contracts.failures import Failure, Inconclusive, Kept
from contracts.shapes import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.checks.view import TaskTrace, View
    from contracts.failures import Outcome

OK = 200
# Encoders round sides to multiples of 8 or 16 pixels.
RATIO_TOLERANCE = 0.06


def _succeeded(view: View) -> list[TaskTrace]:
    return [t for t in view.tasks if t.succeeded is not None and t.results]


def _item(view: View, name: str) -> str:
    return str(at(view.family.task, f"/result/item/{name}", ""))


def _number_of(task: TaskTrace) -> int:
    return task.succeeded.number if task.succeeded else -1


@promise(
    "result-count",
    area="results",
    operation="result",
    sentence="There are as many results as were asked for.",
    source="x-task/result/count",
)
def result_count(view: View) -> Iterator[Outcome]:
    yield from unfinished(view)
    for task in _succeeded(view):
        asked = view.family.count(task.body)
        if len(task.results) == asked:
            yield Kept(_number_of(task))
        else:
            yield Failure(
                "the number of results is not what was asked for",
                expected=str(asked),
                found=str(len(task.results)),
                exchanges=(_number_of(task), task.create.number),
                task=task.label,
            )


@promise(
    "result-indexes",
    area="results",
    operation="result",
    sentence="Results are numbered from 0 without a gap.",
    source="x-task/result/item/index",
)
def result_indexes(view: View) -> Iterator[Outcome]:
    name = _item(view, "index")
    for task in _succeeded(view) if name else ():
        got = [item.get(name) for item in task.results]
        if sorted(got, key=repr) == sorted(range(len(got)), key=repr):
            yield Kept(_number_of(task))
        else:
            yield Failure(
                "results are not numbered from 0 without a gap",
                expected=short(list(range(len(got)))),
                found=short(got),
                exchanges=(_number_of(task),),
                task=task.label,
            )


@promise(
    "result-urls-differ",
    area="results",
    operation="result",
    sentence="Every result has a URL of its own.",
    source="x-task/result/item",
)
def result_urls_differ(view: View) -> Iterator[Outcome]:
    name = _item(view, "url")
    for task in _succeeded(view):
        urls = [item.get(name) for item in task.results]
        if len(set(map(repr, urls))) == len(urls):
            yield Kept(_number_of(task))
        else:
            yield Failure(
                "two results have the same URL",
                expected=f"{len(urls)} URLs",
                found=short(urls),
                exchanges=(_number_of(task),),
                task=task.label,
            )


def _downloads(view: View) -> Iterator[tuple[TaskTrace, trace.Exchange] | Inconclusive]:
    for task in _succeeded(view):
        for exchange in task.downloads:
            yield view.unreadable(exchange) or (task, exchange)


def _media(exchange: trace.Exchange) -> media.Media | None:
    """What was downloaded; of a recorded download only the description is kept."""
    known = exchange.case.get("media")
    if known:
        return media.Media(**known)
    return media.inspect(exchange.response.body) if exchange.response else None


@promise(
    "result-downloads",
    area="results",
    operation="result",
    sentence="The URL of a result can be downloaded, without a key.",
    source="x-task/result/item",
)
def result_downloads(view: View) -> Iterator[Outcome]:
    for found in _downloads(view):
        if isinstance(found, Inconclusive):
            yield found
            continue
        task, exchange = found
        if exchange.status == OK and exchange.response and exchange.response.body:
            yield Kept(exchange.number)
        else:
            yield Failure(
                "a result cannot be downloaded",
                expected="200 and a body",
                found=f"{exchange.status}, {len(exchange.response.body) if exchange.response else 0} bytes",
                exchanges=(exchange.number, _number_of(task)),
                task=task.label,
            )


@promise(
    "result-type",
    area="results",
    operation="result",
    sentence="A result is what it claims to be: an image or a video, by its bytes and its content type.",
    source="x-task/result/kind",
)
def result_type(view: View) -> Iterator[Outcome]:
    kind = str(view.family.task["result"]["kind"])
    for found in _downloads(view):
        if isinstance(found, Inconclusive) or found[1].status != OK:
            continue
        task, exchange = found
        got = _media(exchange)
        content = trace.header(exchange.response.headers, "content-type") if exchange.response else ""
        vague = content.startswith(("application/octet-stream", "binary/octet-stream")) or not content
        if got is not None and got.kind == kind and (vague or content.startswith(f"{kind}/")):
            yield Kept(exchange.number)
        else:
            yield Failure(
                f"a result is no {kind}",
                expected=kind,
                found=f"content-type: {content}; bytes of {got.format if got else 'something unknown'}",
                exchanges=(exchange.number,),
                task=task.label,
            )


@promise(
    "result-aspect-ratio",
    area="results",
    operation="result",
    sentence="A result has about the aspect ratio that was asked for.",
    source="x-task/result/aspect_ratio",
)
def result_aspect_ratio(view: View) -> Iterator[Outcome]:
    rule = at(view.family.task, "/result/aspect_ratio")
    for found in _downloads(view) if rule else ():
        if isinstance(found, Inconclusive):
            continue
        task, exchange = found
        got, asked = _media(exchange), _ratio(at(task.body, rule["field"], "") or rule.get("default"))
        if got is None or not got.width or not got.height or asked is None or exchange.status != OK:
            continue
        if abs(got.width / got.height / asked - 1) <= RATIO_TOLERANCE:
            yield Kept(exchange.number)
        else:
            yield Failure(
                "a result has another aspect ratio than was asked for",
                expected=str(at(task.body, rule["field"], "") or rule.get("default")),
                found=f"{got.width} × {got.height}",
                exchanges=(exchange.number, task.create.number),
                task=task.label,
            )


def _ratio(text: Any) -> float | None:
    wide, _, high = text.partition(":") if isinstance(text, str) else ("", "", "")
    try:
        return float(wide) / float(high)
    except (ValueError, ZeroDivisionError):
        return None


@promise(
    "result-duration",
    area="results",
    operation="result",
    sentence="A video lasts about as long as was asked for, and as long as its record says.",
    source="x-task/result/duration_seconds",
)
def result_duration(view: View) -> Iterator[Outcome]:
    rule = at(view.family.task, "/result/duration_seconds")
    name = _item(view, "duration")
    for task in _succeeded(view) if rule else ():
        asked = _seconds(at(task.body, rule["field"], "") or rule.get("default"))
        allowed = max(0.6, (asked or 0) * float(rule.get("spread", 0.1)))
        for item in task.results:
            said = _seconds(item.get(name))
            if asked is None or (said is not None and abs(said - asked) <= allowed):
                yield Kept(_number_of(task))
                continue
            yield Failure(
                "a video does not last as long as was asked for",
                expected=f"{asked} s ± {allowed:.1f} s",
                found=short(item.get(name)),
                exchanges=(_number_of(task), task.create.number),
                task=task.label,
            )
        yield from _real_durations(task, [_seconds(i.get(name)) for i in task.results])


def _real_durations(task: TaskTrace, said: list[float | None]) -> Iterator[Outcome]:
    for exchange, seconds in zip(task.downloads, said, strict=False):
        got = _media(exchange)
        if got is None or not got.seconds or seconds is None:
            continue
        if abs(got.seconds - seconds) <= max(0.6, seconds * 0.1):
            yield Kept(exchange.number)
        else:
            yield Failure(
                "a video does not last as long as its record says",
                expected=f"{seconds} s",
                found=f"{got.seconds:.1f} s",
                exchanges=(exchange.number, _number_of(task)),
                task=task.label,
            )


def _seconds(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
