"""What the results of a task that succeeded must be, as they are downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks import media
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.older import OVER
from understudy.contracts.checks.results import number_of, place_of, succeeded
from understudy.contracts.checks.table import promise
from understudy.contracts.checks.view import tells_its_kind
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.contracts.problems import ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskTrace, TaskView
    from understudy.contracts.failures import Outcome

OK, REFUSED = 200, 400
# Content types (behind "image/" or "video/") that name one format.
FORMATS = {
    "png": "png",
    "jpeg": "jpeg",
    "jpg": "jpeg",
    "webp": "webp",
    "mp4": "mp4",
    "mpeg": "mp3",
    "mp3": "mp3",
    "wav": "wav",
}
# Encoders round sides to multiples of 8 or 16 pixels.
RATIO_TOLERANCE = 0.06


@promise(
    "result-is-whole",
    area="results",
    operation="result",
    sentence="A result is complete: a picture decodes, a video's boxes are whole.",
    source="x-task/result/kind",
)
def result_is_whole(view: TaskView) -> Iterator[Outcome]:
    for found in _downloads(view):
        if isinstance(found, Inconclusive) or found[1].status != OK or _media(found[1]) is None:
            continue
        task, exchange = found
        damage = str(exchange.case.get("damage", ""))
        if not damage:
            yield Kept(exchange.number)
        else:
            yield Failure(
                f"a result is damaged: {damage}",
                expected="a whole file",
                found=f"{exchange.case.get('bytes', 0)} bytes",
                exchanges=(exchange.number, number_of(task)),
                task=task.label,
            )


@promise(
    "results-differ",
    area="results",
    operation="result",
    sentence="Different results are different files, also across tasks.",
    source="x-task/result/item",
)
def results_differ(view: TaskView) -> Iterator[Outcome]:
    seen: dict[tuple[str, str], tuple[TaskTrace, trace.Exchange]] = {}
    for found in _downloads(view):
        if isinstance(found, Inconclusive) or found[1].status != OK or not found[1].case.get("sha256"):
            continue
        task, exchange = found
        # Of two older tasks nobody knows whether they were asked for the same.
        whose = task.label if task.older else ""
        other, before = seen.setdefault((whose, str(exchange.case["sha256"])), found)
        if before is exchange or before.request.place == exchange.request.place:
            yield Kept(exchange.number)
            continue
        both = "of one task" if other is task else "of two tasks"
        yield Failure(
            f"two results {both} are the same file",
            expected="a file of its own",
            found=f"{exchange.case.get('bytes', 0)} equal bytes",
            exchanges=(exchange.number, before.number),
            task=task.label,
        )


def _downloads(view: TaskView) -> Iterator[tuple[TaskTrace, trace.Exchange] | Inconclusive]:
    for task in succeeded(view):
        for exchange in task.downloads:
            if exchange.case.get("purpose") != trace.AGAIN:
                yield view.unreadable(exchange) or (task, exchange)


def _media(exchange: trace.Exchange) -> media.MediaFacts | None:
    """What was downloaded; of a recorded download only the description is kept."""
    known = exchange.case.get("media")
    if known:
        return media.MediaFacts(**known)
    return media.inspect(exchange.response.body) if exchange.response else None


@promise(
    "result-downloads",
    area="results",
    operation="result",
    sentence="The URL of a result can be downloaded, without a key unless the documents ask for one.",
    source="x-task/result/item",
)
def result_downloads(view: TaskView) -> Iterator[Outcome]:
    for task in [one for one in view.known if one.succeeded is not None and tells_its_kind(one)]:
        for exchange in task.fetches:
            if task.older and exchange.status in OVER:
                continue
            if exchange.response is None or exchange.status >= REFUSED:
                yield Failure(
                    "the request for the results of a task that succeeded is refused",
                    expected="200 and the results",
                    found=f"{exchange.status}" if exchange.response else exchange.problem,
                    exchanges=(exchange.number, number_of(task)),
                    task=task.label,
                )
    for task in succeeded(view):
        for exchange in task.downloads:
            if exchange.case.get("purpose") == trace.AGAIN or (task.older and exchange.status in OVER):
                continue
            if exchange.response is None and exchange.case.get("problem") == ProblemKind.FORBIDDEN.value:
                yield Inconclusive(exchange.problem, exchange.number)
            elif exchange.status == OK and exchange.case.get("bytes", len(_body(exchange))):
                yield Kept(exchange.number)
            else:
                size = exchange.case.get("bytes", len(_body(exchange)))
                answered = f"{exchange.status}, {size} bytes" if exchange.response else exchange.problem
                yield Failure(
                    "a result cannot be downloaded",
                    expected="200 and a body",
                    found=answered,
                    exchanges=(exchange.number, number_of(task)),
                    task=task.label,
                )


def _body(exchange: trace.Exchange) -> bytes:
    return exchange.response.body if exchange.response else b""


@promise(
    "result-type",
    area="results",
    operation="result",
    sentence="A result is what it claims to be (image, video, sound), by its bytes and its content type.",
    source="x-task/result/kind",
)
def result_type(view: TaskView) -> Iterator[Outcome]:
    kind = view.family.behaviour.result.kind
    for found in _downloads(view):
        if isinstance(found, Inconclusive) or found[1].status != OK:
            continue
        task, exchange = found
        got = _media(exchange)
        content = trace.header(exchange.response.headers, "content-type") if exchange.response else ""
        vague = content.startswith(("application/octet-stream", "binary/octet-stream")) or not content
        said = content.partition(";")[0].strip().lower().removeprefix(f"{kind}/")
        other = got is not None and said in FORMATS and FORMATS[said] != got.format
        if got is not None and got.kind == kind and (vague or content.startswith(f"{kind}/")) and not other:
            yield Kept(exchange.number)
        else:
            yield Failure(
                f"a result is not the {kind} that its content type names"
                if other
                else f"a result is no {kind}",
                expected=content if other else kind,
                found=f"content-type: {content}; bytes of {got.format if got else 'something unknown'}",
                exchanges=(exchange.number,),
                task=task.label,
            )


@promise(
    "result-aspect-ratio",
    area="results",
    operation="result",
    sentence="A result has about the requested aspect ratio.",
    source="x-task/result/aspect_ratio",
)
def result_aspect_ratio(view: TaskView) -> Iterator[Outcome]:
    rule = view.family.behaviour.result.aspect_ratio
    for found in _downloads(view) if rule.path else ():
        if isinstance(found, Inconclusive):
            continue
        task, exchange = found
        if task.older:
            continue
        got, asked = _media(exchange), _ratio(rule.of(task.body))
        if got is None or not got.width or not got.height or asked is None or exchange.status != OK:
            continue
        if abs(got.width / got.height / asked - 1) <= RATIO_TOLERANCE:
            yield Kept(exchange.number)
        else:
            yield Failure(
                "a result does not have the requested aspect ratio",
                expected=str(rule.of(task.body)),
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


# In which answer, and by which names of its template, a record says how long a result is.
SAYS_DURATION = ("query", "results", "item.duration")


@promise(
    "result-duration",
    area="results",
    operation="result",
    sentence="A video lasts about as long as requested, and as long as its record says.",
    source="x-task/result/duration_seconds",
)
def result_duration(view: TaskView) -> Iterator[Outcome]:
    result = view.family.behaviour.result
    rule = result.duration
    name = place_of(view, "duration") if view.family.behaviour.tells(*SAYS_DURATION) else ""
    for task in succeeded(view) if rule else ():
        asked = _seconds(rule.of(task.body)) if rule and not task.older else None
        allowed = max(0.6, (asked or 0) * (result.duration_spread or 0.1))
        for item in task.results if name else ():
            said = _seconds(item.get(name))
            if asked is None or (said is not None and abs(said - asked) <= allowed):
                yield Kept(number_of(task))
                continue
            yield Failure(
                "a video does not have the requested duration",
                expected=f"{asked} s ± {allowed:.1f} s",
                found=short(item.get(name)),
                exchanges=(number_of(task), task.create.number),
                task=task.label,
            )
        # Where no record says how long it is, the file is held to what was asked for.
        yield from _real_durations(task, [_seconds(i.get(name)) if name else asked for i in task.results])


def _real_durations(task: TaskTrace, said: list[float | None]) -> Iterator[Outcome]:
    for exchange in task.downloads:
        place = int(exchange.case.get("place", task.downloads.index(exchange)))
        seconds = said[place] if place < len(said) else None
        got = _media(exchange) if exchange.case.get("purpose") != trace.AGAIN else None
        if got is None or not got.seconds or seconds is None:
            continue
        if abs(got.seconds - seconds) <= max(0.6, seconds * 0.1):
            yield Kept(exchange.number)
        else:
            yield Failure(
                "a video does not have the duration that its record states",
                expected=f"{seconds} s",
                found=f"{got.seconds:.1f} s",
                exchanges=(exchange.number, number_of(task)),
                task=task.label,
            )


def _seconds(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
