"""What every answer must look like, whatever was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.checks.table import FREE, TASK, promise
from contracts.failures import Failure, Inconclusive, Kept
from contracts.shapes import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.checks.view import View
    from contracts.failures import Outcome
    from contracts.shapes import Shape

# Milliseconds since 1970 that are a date between 2001 and 5138; seconds and microseconds are not.
LOW, HIGH = 10**12, 10**14
SHOWN = 160


def short(value: Any) -> str:
    """A value as evidence, in JSON's words, cut."""
    words = {None: "null", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def in_milliseconds(value: Any) -> bool:
    """Whether a value is a time in milliseconds since 1970."""
    return isinstance(value, int) and not isinstance(value, bool) and LOW <= value < HIGH


def _own(view: View, pointer: str) -> bool:
    """Whether a violation at `pointer` is the business of a promise of its own: the status, the times."""
    task = view.family.task
    return pointer.endswith((task["status"], task["created_at"], task["updated_at"]))


def _shape(view: View, shape: Shape, exchanges: list[trace.Exchange]) -> Iterator[Outcome]:
    for exchange in view.readable(exchanges):
        if isinstance(exchange, Inconclusive):
            yield exchange
            continue
        body = exchange.response.json() if exchange.response else None
        if body is None:
            yield Kept(exchange.number)  # answers-are-json says it
            continue
        errors = [e for e in shape.errors(body) if not (_own(view, e[0]) and e[1] != "required")]
        for pointer, keyword, sentence in errors[:1]:
            yield Failure(
                f"{pointer or 'the body'}: {sentence}",
                expected=f"{keyword} as documented",
                found=short(at(body, pointer)),
                exchanges=(exchange.number,),
                task=exchange.task,
            )
        if not errors:
            yield Kept(exchange.number)


@promise(
    "answers-are-json",
    area="answers",
    operation="any",
    sentence="Every answer is JSON and says so in its content type.",
    source="responses/200",
    cost=FREE,
)
def answers_are_json(view: View) -> Iterator[Outcome]:
    for exchange in view.readable([e for e in view.exchanges if e.role != trace.DOWNLOAD]):
        if isinstance(exchange, Inconclusive):
            continue  # every other promise says so already
        response = exchange.response
        assert response is not None  # noqa: S101 - readable() lets only answers through
        content = trace.header(response.headers, "content-type")
        try:
            trace.parse(response.body)
        except ValueError as error:
            yield Failure(
                "the answer is not JSON",
                expected="JSON",
                found=f"{error}: {short(response.body[:80])}",
                exchanges=(exchange.number,),
            )
            continue
        if "json" not in content:
            yield Failure(
                "the answer does not say that it is JSON",
                expected="content-type: application/json",
                found=f"content-type: {content}",
                exchanges=(exchange.number,),
            )
        else:
            yield Kept(exchange.number)


@promise(
    "create-answer-shape",
    area="answers",
    operation="create",
    sentence="The answer to an accepted create has the documented fields and types.",
    source="responses/200/content/application~1json/schema",
)
def create_answer_shape(view: View) -> Iterator[Outcome]:
    taken = [e for e in view.role(*trace.CREATES) if view.accepted(e)]
    yield from _shape(view, view.family.created, taken)


@promise(
    "query-answer-shape",
    area="answers",
    operation="query",
    sentence="The answer to a query has the documented fields and types.",
    source="responses/200/content/application~1json/schema",
)
def query_answer_shape(view: View) -> Iterator[Outcome]:
    for e in view.role(trace.POLL, trace.BY_EXTERNAL_ID):
        body = e.response.json() if e.response else None
        if view.family.record(body) is not None or view.unreadable(e):
            yield from _shape(view, view.family.queried, [e])


@promise(
    "list-answer-shape",
    area="answers",
    operation="list",
    sentence="The answer to a list has the documented fields and types.",
    source="responses/200/content/application~1json/schema",
    cost=FREE,
)
def list_answer_shape(view: View) -> Iterator[Outcome]:
    if view.family.listed is not None:
        answered = [e for e in view.role(trace.LIST) if e.status in (0, 200) or view.unreadable(e)]
        yield from _shape(view, view.family.listed, answered)


@promise(
    "times-in-milliseconds",
    area="answers",
    operation="any",
    sentence="created_at and updated_at are integers, milliseconds since 1970.",
    source="x-task/created_at",
)
def times_in_milliseconds(view: View) -> Iterator[Outcome]:
    for task in view.tasks:
        for sighting in task.sightings:
            for name in ("created_at", "updated_at"):
                value = task.get(sighting, name)
                if value is None:
                    continue  # its absence is the shape's business
                if not in_milliseconds(value):
                    yield Failure(
                        f"{name} is no time in milliseconds",
                        expected="an integer such as 1732165200000",
                        found=short(value),
                        task=task.label,
                        exchanges=sighting.exchanges,
                        deliveries=sighting.deliveries,
                    )
                else:
                    yield Kept(sighting.number)


@promise(
    "status-known",
    area="answers",
    operation="any",
    sentence="Every status is one of the documented states.",
    source="x-task/states",
)
def status_known(view: View) -> Iterator[Outcome]:
    for task in view.tasks:
        for sighting in task.sightings:
            status = task.status(sighting)
            if status in view.family.states:
                yield Kept(sighting.number)
            elif status is not None:
                yield Failure(
                    "an unknown status",
                    expected=", ".join(view.family.states),
                    found=short(status),
                    task=task.label,
                    exchanges=sighting.exchanges,
                    deliveries=sighting.deliveries,
                )


@promise(
    "request-ids-differ",
    area="answers",
    operation="any",
    sentence="Every answer has a request_id of its own.",
    source="responses/200/content/application~1json/schema",
    cost=FREE,
)
def request_ids_differ(view: View) -> Iterator[Outcome]:
    seen: dict[str, int] = {}
    for exchange in view.every:
        body = exchange.response.json() if exchange.response else None
        value = body.get("request_id") if isinstance(body, dict) else None
        if not isinstance(value, str) or not value:
            continue
        if value in seen:
            yield Failure(
                "two answers have the same request_id",
                expected="a request_id of its own",
                found=f"{short(value)} in answers {seen[value]} and {exchange.number}",
                exchanges=(exchange.number, seen[value]),
            )
        else:
            seen[value] = exchange.number
            yield Kept(exchange.number)


@promise(
    "deduction-is-decimal",
    area="answers",
    operation="query",
    sentence="What a task cost is written as a decimal string.",
    source="x-task/deduction",
    cost=TASK,
)
def deduction_is_decimal(view: View) -> Iterator[Outcome]:
    pointer = at(view.family.task, "/deduction/at", "")
    for task in view.tasks if pointer else ():
        for sighting in task.sightings:
            value = at(sighting.record, pointer)
            if value in (None, ""):
                continue
            whole, _, rest = value.partition(".") if isinstance(value, str) else ("", "", "")
            if whole.isdecimal() and (not rest or rest.isdecimal()):
                yield Kept(sighting.number)
            else:
                yield Failure(
                    f"{pointer[1:]} is no decimal string",
                    expected='a string such as "1.5"',
                    found=short(value),
                    task=task.label,
                    exchanges=sighting.exchanges,
                    deliveries=sighting.deliveries,
                )
