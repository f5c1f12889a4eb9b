"""What every answer must look like, whatever was asked."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks.table import FREE, TASK, promise
from understudy.contracts.checks.view import REDIRECTS, tells_its_kind
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.specs.pointers import at, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskTrace, TaskView
    from understudy.contracts.failures import Outcome
    from understudy.contracts.shapes import Shape

# Milliseconds since 1970 that are a date between 2001 and 5138; seconds and microseconds are not.
LOW, HIGH = 10**12, 10**14
SHOWN = 160
# Zones are whole hours from UTC, up to 14 of them; beside that, clocks may be five minutes apart (in ms).
HOUR, ZONE_SPREAD, MOST_HOURS = 3_600_000, 300_000, 14
# A clock is faster than ours when a task took so much longer by it.
FASTER_MS = 300.0
# Statuses that speak of the request, which nothing between client and provider can judge; and how many pages.
OF_THE_REQUEST, FEWEST_PAGES = frozenset({400, 409, 422}), 2
# Those that a proxy writes, too.
OF_A_KIND = frozenset({401, 403, 404})
# Files, and requests that no document mentions: nobody promised how they are answered.
NO_ANSWERS = (*trace.FILES, trace.PROBE, trace.KEYS, trace.OPERATION)


def short(value: Any) -> str:
    """A value as evidence, in JSON's words, cut."""
    words = {None: "null", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def in_milliseconds(value: Any) -> bool:
    """Whether a value is a time in milliseconds since 1970."""
    return isinstance(value, int) and not isinstance(value, bool) and LOW <= value < HIGH


def _own(view: TaskView, pointer: str) -> bool:
    """Whether a violation at `pointer` is the business of a promise of its own: the status, the times."""
    places = view.family.behaviour.places
    own = (places.status, places.created_at, places.updated_at)
    return pointer.endswith(tuple(text_of(place) for place in own if place))


def _shape(view: TaskView, shape: Shape, exchanges: list[trace.Exchange]) -> Iterator[Outcome]:
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
def answers_are_json(view: TaskView) -> Iterator[Outcome]:
    yield from _pages(view)
    for exchange in view.readable([e for e in view.exchanges if e.role not in NO_ANSWERS]):
        if isinstance(exchange, Inconclusive) or exchange.status in REDIRECTS:
            continue  # every other promise says so already
        if view.family.without_json(exchange):
            continue  # query-answer-shape says what is wrong with it
        response = exchange.response
        assert response is not None  # noqa: S101 - readable() lets only answers through
        content = trace.header(response.headers, "content-type")
        message, found = _no_json(exchange, response)
        if message:
            yield Failure(message, expected="JSON", found=found, exchanges=(exchange.number,))
        elif "json" not in content:
            yield Failure(
                "the answer does not say that it is JSON",
                expected="content-type: application/json",
                found=f"content-type: {content}",
                exchanges=(exchange.number,),
            )
        else:
            yield Kept(exchange.number)


def _pages(view: TaskView) -> Iterator[Outcome]:
    """Refusals as web pages, of an operation that else answers in JSON.

    No proxy writes a 400 or a 422; and none writes a 401 or a 404 to all requests of one kind and never to
    another.
    """
    asked = [e for e in view.exchanges if e.role not in NO_ANSWERS and e.response is not None]
    if not any(map(_page, asked)):
        return
    fine = {_operation(view, e) for e in asked if e.response and e.response.json() is not None}
    other = {(e.role, _operation(view, e)) for e in asked if not _page(e)}
    pages = [
        e for e in asked
        if _page(e) and view.unreadable(e) and _operation(view, e) in fine
        and (e.status in OF_THE_REQUEST
             or (e.status in OF_A_KIND and (e.role, _operation(view, e)) not in other))
    ]  # fmt: skip
    if len(pages) >= FEWEST_PAGES:
        yield Failure(
            "a refusal is a web page",
            expected="JSON, as the other answers of this operation are",
            found=f"{pages[0].status} and HTML",
            exchanges=tuple(e.number for e in pages[:2]),
        )


def _page(exchange: trace.Exchange) -> bool:
    """Whether an answer is a web page."""
    headers = exchange.response.headers if exchange.response else ()
    return "html" in trace.header(headers, "content-type")


def _operation(view: TaskView, exchange: trace.Exchange) -> tuple[str, str]:
    """Method and path; tasks are asked for below one path."""
    path = exchange.request.url.partition("?")[0]
    by_id = exchange.request.method == "GET" and not path.endswith(view.family.list_path)
    return exchange.request.method, path.rpartition("/")[0] if by_id else path


def _no_json(exchange: trace.Exchange, response: trace.Response) -> tuple[str, str]:
    """What is wrong with a body that should be JSON, and what was found; ("", "") for a sound one."""
    packed = exchange.case.get("packed")
    if packed:
        return "the answer is not encoded as its Content-Encoding says", f"Content-Encoding: {packed}"
    try:
        trace.parse(response.body)
    except ValueError as error:
        return "the answer is not JSON", f"{error}: {short(response.body[:80])}"
    # RFC 8259, 4: of equal names, readers take the first, the last, or none.
    twice = doubled(response.body)
    return (f"the answer names {short(twice)} twice in one object", short(twice)) if twice else ("", "")


def doubled(body: bytes) -> str:
    """A name that an object of a JSON text has twice, "" for none."""
    found: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            found.extend(n for n, times in Counter(name for name, _ in items).items() if times > 1)
        return made

    json.loads(body, object_pairs_hook=pairs)
    return found[0] if found else ""


@promise(
    "create-answer-shape",
    area="answers",
    operation="create",
    sentence="The answer to an accepted create has the documented status, fields and types.",
    source="responses/200/content/application~1json/schema",
)
def create_answer_shape(view: TaskView) -> Iterator[Outcome]:
    taken = [e for e in view.role(*trace.CREATES) if view.accepted(e)]
    yield from _shape(view, view.family.created, taken)
    named = view.family.behaviour.operations.create.raw.get("responses", {})
    wanted = sorted(str(status) for status in named if str(status).startswith("2"))
    for exchange in taken if "2XX" not in map(str.upper, wanted) else ():
        if wanted and str(exchange.status) not in wanted:
            yield Failure(
                f"a create is answered {exchange.status}, which is undocumented",
                expected=" or ".join(wanted),
                found=str(exchange.status),
                exchanges=(exchange.number,),
                task=exchange.task,
            )


@promise(
    "query-answer-shape",
    area="answers",
    operation="query",
    sentence="The answer to a query has the documented fields and types.",
    source="responses/200/content/application~1json/schema",
)
def query_answer_shape(view: TaskView) -> Iterator[Outcome]:
    of_any_kind = {t.label for t in view.older if not tells_its_kind(t)}
    for e in [e for e in view.role(trace.POLL, trace.BY_EXTERNAL_ID) if e.task not in of_any_kind]:
        if view.family.without_json(e):
            yield _without_json(e)
        elif view.family.record_of(e) is not None or view.unreadable(e):
            yield from _shape(view, view.family.queried, [e])


def _without_json(exchange: trace.Exchange) -> Outcome:
    """What is to be said of an answer that is a file or nothing, by its HTTP status."""
    if exchange.response is None or exchange.response.json() is None:
        return Kept(exchange.number)
    return Failure(
        f"a query is answered {exchange.status} with JSON, where a file or nothing is documented",
        expected="no JSON",
        found=short(exchange.response.body[:80]),
        exchanges=(exchange.number,),
        task=exchange.task,
    )


@promise(
    "list-answer-shape",
    area="answers",
    operation="list",
    sentence="The answer to a list has the documented fields and types.",
    source="responses/200/content/application~1json/schema",
    cost=FREE,
)
def list_answer_shape(view: TaskView) -> Iterator[Outcome]:
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
def times_in_milliseconds(view: TaskView) -> Iterator[Outcome]:
    zone = _zone(view)
    for task in view.known:
        for sighting in task.sightings:
            for name in ("created_at", "updated_at"):
                value = task.get(sighting, name)
                if value is None:
                    continue  # its absence is the shape's business
                if zone and name == "created_at" and sighting.via == "create":
                    yield Failure(
                        "created_at is a time of another zone: it must count from 1970 in UTC",
                        expected=f"about {task.create.ended:.0f}, when the create was answered",
                        found=f"{short(value)}, {abs(zone)} hours {'ahead' if zone > 0 else 'behind'}",
                        exchanges=sighting.exchanges,
                        task=task.label,
                    )
                elif not in_milliseconds(value):
                    yield Failure(
                        f"{name} is not a time in milliseconds",
                        expected="an integer such as 1732165200000",
                        found=short(value),
                        task=task.label,
                        exchanges=sighting.exchanges,
                        deliveries=sighting.deliveries,
                    )
                else:
                    yield Kept(sighting.number)


def _zone(view: TaskView) -> int:
    """By how many hours all new tasks' created_at are off, where it is a zone's offset; 0 otherwise.

    A clock may be minutes wrong; one that runs faster than ours is a mock's and says nothing.
    """
    made = [(t, t.get(t.sightings[0], "created_at")) for t in view.tasks if t.sightings[0].via == "create"]
    off = [value - task.create.ended for task, value in made if in_milliseconds(value)]
    if not off or max(off) - min(off) > ZONE_SPREAD or any(_ran_faster(t) for t in view.tasks):
        return 0
    hours = round(min(off) / HOUR)
    return hours if 0 < abs(hours) <= MOST_HOURS and abs(off[0] - hours * HOUR) <= ZONE_SPREAD else 0


def _ran_faster(task: TaskTrace) -> bool:
    """Whether a task took longer by its own times than by our clock, which no poll can have cut short."""
    end = task.terminal
    times = [task.get(end, name) for name in ("created_at", "updated_at")] if end else []
    if end is None or not all(in_milliseconds(t) for t in times):
        return False
    return bool(times[1] - times[0] > end.at - task.create.started + FASTER_MS)


@promise(
    "status-known",
    area="answers",
    operation="any",
    sentence="Every status is one of the documented states.",
    source="x-task/states",
)
def status_known(view: TaskView) -> Iterator[Outcome]:
    for task in view.known:
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
def request_ids_differ(view: TaskView) -> Iterator[Outcome]:
    seen: dict[str, int] = {}
    for exchange in view.every if view.family.behaviour.numbers_answers else ():
        body = exchange.response.json() if exchange.response else None
        value = body.get("request_id") if isinstance(body, dict) else None
        if not isinstance(value, str):
            continue
        if not value:
            yield Failure(
                "the request_id is empty",
                expected="a request_id of its own",
                found=short(value),
                exchanges=(exchange.number,),
            )
        elif value in seen:
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
def deduction_is_decimal(view: TaskView) -> Iterator[Outcome]:
    pointer = text_of(view.family.behaviour.cost.at)
    for task in view.known if pointer and view.family.behaviour.cost.as_text else ():
        for sighting in task.sightings:
            value = at(sighting.record, pointer)
            if value in (None, ""):
                continue
            whole, _, rest = value.partition(".") if isinstance(value, str) else ("", "", "")
            if whole.isdecimal() and (not rest or rest.isdecimal()):
                yield Kept(sighting.number)
            else:
                yield Failure(
                    f"{pointer[1:]} is not a decimal string",
                    expected='a string such as "1.5"',
                    found=short(value),
                    task=task.label,
                    exchanges=sighting.exchanges,
                    deliveries=sighting.deliveries,
                )
