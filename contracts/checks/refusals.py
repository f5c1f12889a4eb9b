"""What must be refused, and what a refusal must look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts import trace
from contracts.checks.answers import short
from contracts.checks.listing import ids
from contracts.checks.table import CLOSED, FREE, TASK, promise
from contracts.failures import Failure, Inconclusive, Kept
from contracts.shapes import at
from contracts.strategies import refusals as bad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.checks.table import Check
    from contracts.checks.view import View
    from contracts.failures import Outcome

EVERY = (trace.REFUSE, trace.REPEAT, trace.UNKNOWN, trace.LIST_REFUSE, trace.AUTH, trace.OTHER_QUERY)
SERVER_ERROR = 500


def taken(view: View, exchange: trace.Exchange) -> bool:
    """Whether the provider did what it was asked: a record or a list came back."""
    body = exchange.response.json() if exchange.response else None
    if exchange.response is None or view.target.is_error(body) or exchange.status >= 400:
        return False
    return view.family.record(body) is not None or view.family.records(body) is not None


def refused(view: View, *roles: str) -> Iterator[trace.Exchange]:
    """Every refusal that can be judged by its looks."""
    for exchange in view.role(*(roles or EVERY)):
        if not view.unreadable(exchange) and not taken(view, exchange):
            yield exchange


def _accepted(exchange: trace.Exchange) -> Failure:
    return Failure(
        f"accepted: {exchange.case.get('aim', '')}",
        expected="refused",
        found=f"{exchange.status} and a task" if exchange.role in trace.CREATES else f"{exchange.status}",
        exchanges=(exchange.number,),
        pointer=str(exchange.case.get("pointer", "")),
        task=exchange.task,
    )


def _must_refuse(view: View, wanted: list[trace.Exchange]) -> Iterator[Outcome]:
    for exchange in view.readable(wanted):
        if isinstance(exchange, Inconclusive):
            yield exchange
        else:
            yield _accepted(exchange) if taken(view, exchange) else Kept(exchange.number)


def _by_case(promise_id: str) -> Check:
    def check(view: View) -> Iterator[Outcome]:
        yield from _must_refuse(
            view, [e for e in view.role(trace.REFUSE) if e.case.get("promise") == promise_id]
        )

    return check


for _id, _sentence in (
    (bad.MISSING, "A request without a required field is refused."),
    (bad.TYPES, "A value of the wrong type is refused."),
    (bad.LIMITS, "A value just outside its limit is refused: too long, too many, too large."),
    (bad.ENUMS, "A value that an enumerated field does not list is refused."),
    (bad.MODELS, "An invented model name is refused."),
    (bad.PICTURES, "A picture that is neither a URL nor raw Base64 is refused."),
    (bad.BODIES, "A body that is no JSON object is refused."),
):
    promise(_id, area="refusals", operation="create", sentence=_sentence, source="requestBody", cost=FREE)(
        _by_case(_id)
    )


@promise(
    "external-id-is-unique",
    area="refusals",
    operation="create",
    sentence="A second create with the same external id is refused.",
    source="/x-errors/duplicate_external_id",
    cost=TASK,
)
def external_id_is_unique(view: View) -> Iterator[Outcome]:
    yield from _must_refuse(view, view.role(trace.REPEAT))


@promise(
    "unknown-task-refused",
    area="refusals",
    operation="query",
    sentence="An id that nobody has is refused as unknown.",
    source="/x-errors/unknown_task",
    cost=FREE,
)
def unknown_task_refused(view: View) -> Iterator[Outcome]:
    yield from _must_refuse(view, view.role(trace.UNKNOWN))


@promise(
    "auth-missing-refused",
    area="refusals",
    operation="any",
    sentence="A request without credentials is refused.",
    source="/x-errors/authorization_empty",
    cost=FREE,
)
def auth_missing_refused(view: View) -> Iterator[Outcome]:
    yield from _must_refuse(view, [e for e in view.role(trace.AUTH) if e.account == "none"])


@promise(
    "auth-malformed-refused",
    area="refusals",
    operation="any",
    sentence="A request whose Authorization is no bearer key is refused.",
    source="/x-errors/authorization_invalid",
    cost=FREE,
)
def auth_malformed_refused(view: View) -> Iterator[Outcome]:
    yield from _must_refuse(view, [e for e in view.role(trace.AUTH) if e.account == "malformed"])


@promise(
    "auth-unknown-key-refused",
    area="refusals",
    operation="any",
    sentence="A key that was never issued is refused.",
    source="/x-errors/authorization_failed",
    cost=FREE,
    needs=CLOSED,
)
def auth_unknown_key_refused(view: View) -> Iterator[Outcome]:
    yield from _must_refuse(view, [e for e in view.role(trace.AUTH) if e.account == "unknown"])


@promise(
    "refusal-shape",
    area="refusals",
    operation="any",
    sentence="A refusal has a code, a message and a request_id of the documented types.",
    source="responses/400/content/application~1json/schema",
    cost=FREE,
)
def refusal_shape(view: View) -> Iterator[Outcome]:
    for exchange in refused(view):
        body = exchange.response.json() if exchange.response else None
        errors = list(view.family.refused.errors(body)) if body is not None else []
        for pointer, keyword, sentence in errors[:1]:
            yield Failure(
                f"{pointer or 'the refusal'}: {sentence}",
                expected=f"{keyword} as documented",
                found=short(at(body, pointer)),
                exchanges=(exchange.number,),
            )
        if not errors:
            yield Kept(exchange.number)


@promise(
    "refusal-has-no-data",
    area="refusals",
    operation="any",
    sentence="A refusal carries no data.",
    source="responses/400/content/application~1json/schema",
    cost=FREE,
)
def refusal_has_no_data(view: View) -> Iterator[Outcome]:
    member = str(view.family.task.get("record", "/data")).strip("/")
    for exchange in refused(view):
        body = exchange.response.json() if exchange.response else None
        if isinstance(body, dict) and body.get(member):
            yield Failure(
                f"a refusal carries {member}",
                expected=f"no {member}",
                found=short(body[member]),
                exchanges=(exchange.number,),
            )
        elif isinstance(body, dict):
            yield Kept(exchange.number)


@promise(
    "refusal-status",
    area="refusals",
    operation="any",
    sentence="A refusal has the HTTP status that is documented for its reason.",
    source="/x-errors",
    cost=FREE,
)
def refusal_status(view: View) -> Iterator[Outcome]:
    for exchange in refused(view):
        wanted = sorted({r.status for r in view.target.expected(tuple(exchange.case.get("situations", ())))})
        if not wanted or exchange.status in wanted:
            yield Kept(exchange.number)
        else:
            yield Failure(
                f"{exchange.case.get('aim', '')}: refused with another HTTP status",
                expected=" or ".join(map(str, wanted)),
                found=str(exchange.status),
                exchanges=(exchange.number,),
                pointer=str(exchange.case.get("pointer", "")),
            )


@promise(
    "refusal-code",
    area="refusals",
    operation="any",
    sentence="A refusal has the code that is documented for its reason.",
    source="/x-errors",
    cost=FREE,
)
def refusal_code(view: View) -> Iterator[Outcome]:
    for exchange in refused(view):
        rows = view.target.expected(tuple(exchange.case.get("situations", ())))
        body = exchange.response.json() if exchange.response else None
        if not rows or not isinstance(body, dict) or "code" not in body or exchange.status >= SERVER_ERROR:
            continue  # refusal-shape and refusal-status say so
        wanted = sorted({r.code for r in rows})
        if str(body["code"]) in wanted:
            yield Kept(exchange.number)
        else:
            yield Failure(
                f"{exchange.case.get('aim', '')}: refused with another code",
                expected=" or ".join(wanted),
                found=short(body["code"]),
                exchanges=(exchange.number,),
                pointer=str(exchange.case.get("pointer", "")),
            )


@promise(
    "refusal-has-message",
    area="refusals",
    operation="any",
    sentence="A refusal says why in words.",
    source="responses/400/content/application~1json/schema",
    cost=FREE,
)
def refusal_has_message(view: View) -> Iterator[Outcome]:
    for exchange in refused(view):
        body = exchange.response.json() if exchange.response else None
        message = body.get("message") if isinstance(body, dict) else None
        if not isinstance(message, str):
            continue  # refusal-shape says so
        if message.strip():
            yield Kept(exchange.number)
        else:
            yield Failure(
                "a refusal without a word",
                expected="a message",
                found=short(message),
                exchanges=(exchange.number,),
            )


@promise(
    "refusal-creates-nothing",
    area="refusals",
    operation="list",
    sentence="A refused create leaves no task behind.",
    source="/x-errors/invalid_parameter",
    cost=FREE,
)
def refusal_creates_nothing(view: View) -> Iterator[Outcome]:
    """Each bad request carries an external id of its own; the list, asked afterwards, must not know it."""
    pointer = view.family.task["request"].get("external_id", "")
    names = {}
    for exchange in refused(view, trace.REFUSE):
        name = at(exchange.request.json(), pointer)
        if isinstance(name, str) and name:
            names[name] = exchange.number
    last = max(names.values(), default=-1)
    for listing in view.role(trace.LIST):
        if listing.number < last or ids(view, listing) is None or not names:
            continue
        for record in view.family.records(listing.response.json() if listing.response else None) or ():
            name = at(record, view.family.task["external_id"])
            if name in names:
                yield Failure(
                    "a refused create left a task behind",
                    expected="no task",
                    found=short(at(record, view.family.task["id"])),
                    exchanges=(names[name], listing.number),
                )
        yield Kept(listing.number)
