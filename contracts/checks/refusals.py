"""What must be refused, and what a refusal must look like."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks.accounts import shown_key
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.hidden import must_refuse
from understudy.contracts.checks.listing import ids
from understudy.contracts.checks.table import CLOSED, FREE, TASK, promise
from understudy.contracts.failures import Failure, Kept
from understudy.contracts.strategies import refusals as bad
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.table import Check
    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome

EVERY = (
    trace.REFUSE, trace.REPEAT, trace.UNKNOWN, trace.NEARLY, trace.LIST_REFUSE, trace.AUTH, trace.OTHER_QUERY,
)  # fmt: skip
BAD_REQUEST, SERVER_ERROR = 400, 500


def refused(view: TaskView, *roles: str) -> Iterator[trace.Exchange]:
    """Every refusal that can be judged by its looks; an unknown task may be no refusal at all.

    What says that all went well is none: the promise that the request was sent for tells it.
    """
    axes = view.family.behaviour.axes
    told = axes is not None and axes.unknown_reply is not None
    for exchange in view.role(*(roles or EVERY)):
        if told and "unknown_task" in exchange.case.get("situations", ()):
            continue
        if not view.unreadable(exchange) and not view.taken(exchange) and not view.says_success(exchange):
            yield exchange


def _accepted(view: TaskView, exchange: trace.Exchange) -> Failure | None:
    """The failure of an exchange in which the provider did what it had to refuse, else None."""
    if not view.taken(exchange):
        return None
    return Failure(
        f"accepted: {exchange.case.get('aim', '')}",
        expected="refused",
        found=f"{exchange.status} and a task" if exchange.role in trace.CREATES else f"{exchange.status}",
        exchanges=(exchange.number,),
        pointer=str(exchange.case.get("pointer", "")),
        task=exchange.task,
    )


def _must_refuse(view: TaskView, wanted: list[trace.Exchange]) -> Iterator[Outcome]:
    yield from must_refuse(view, wanted, partial(_accepted, view))


def _by_case(promise_id: str) -> Check:
    def check(view: TaskView) -> Iterator[Outcome]:
        yield from _must_refuse(
            view, [e for e in view.role(trace.REFUSE) if e.case.get("promise") == promise_id]
        )

    return check


promise(
    bad.MISFITS,
    area="refusals",
    operation="create",
    sentence="Fields that are valid alone but not together are refused.",
    source="x-task/rules",
    cost=FREE,
)(_by_case(bad.MISFITS))


for _id, _sentence in (
    (bad.MISSING, "A request without a required field is refused."),
    (bad.TYPES, "A value of the wrong type is refused."),
    (bad.LIMITS, "A value just outside its limit is refused: too long, too many, too large."),
    (bad.ENUMS, "A value that an enumerated field does not list is refused."),
    (bad.MODELS, "An invented model name is refused."),
    (bad.PICTURES, "A picture that is neither a URL nor raw Base64 is refused."),
    (bad.BODIES, "A body that is not a JSON object is refused."),
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
def external_id_is_unique(view: TaskView) -> Iterator[Outcome]:
    yield from _must_refuse(view, view.role(trace.REPEAT))


@promise(
    "unknown-task-refused",
    area="refusals",
    operation="query",
    sentence="An id that does not exist is refused as unknown.",
    source="/x-errors/unknown_task",
    cost=FREE,
)
def unknown_task_refused(view: TaskView) -> Iterator[Outcome]:
    axes = view.family.behaviour.axes
    if axes is None or axes.unknown_reply is None:
        yield from _must_refuse(view, view.role(trace.UNKNOWN))


@promise(
    "auth-missing-refused",
    area="refusals",
    operation="any",
    sentence="A request without credentials is refused.",
    source="/x-errors/authorization_empty",
    cost=FREE,
)
def auth_missing_refused(view: TaskView) -> Iterator[Outcome]:
    yield from _must_refuse(view, [e for e in view.role(trace.AUTH) if e.account == "none"])


@promise(
    "auth-malformed-refused",
    area="refusals",
    operation="any",
    sentence="A request whose Authorization is not a bearer key is refused.",
    source="/x-errors/authorization_invalid",
    cost=FREE,
)
def auth_malformed_refused(view: TaskView) -> Iterator[Outcome]:
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
def auth_unknown_key_refused(view: TaskView) -> Iterator[Outcome]:
    yield from _must_refuse(view, [e for e in view.role(trace.AUTH) if e.account == "unknown"])


@promise(
    "refusal-shape",
    area="refusals",
    operation="any",
    sentence="A refusal has a code, a message and a request_id of the documented types.",
    source="responses/400/content/application~1json/schema",
    cost=FREE,
)
def refusal_shape(view: TaskView) -> Iterator[Outcome]:
    for exchange in refused(view):
        body = exchange.response.json() if exchange.response else None
        shape = view.family.refused_there if view.silent(exchange) else view.family.refused
        errors = list(shape.errors(body)) if body is not None and shape is not None else []
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
def refusal_has_no_data(view: TaskView) -> Iterator[Outcome]:
    place = view.family.behaviour.places.record
    member = place[0] if place else "data"
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


# What a message has only when it was never meant for clients: traces, queries, paths, inner addresses.
INTERNALS = re.compile(
    r"Traceback \(most recent|File \"[^\"]+\.py\"|\.(?:py|java|go|php|rb|ts|js):\d+"
    r"|\bat [\w.$]+\([\w.]+:\d+\)"
    r"|\b(?:SELECT\b.{1,200}\bFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b"
    r"|\b(?:psycopg|sqlalchemy|pymysql|sqlite3|mysql|postgres|redis|mongodb|java\.lang|org\.springframework)\b"
    r"|\b\w+(?:Exception|Error)\b:|/(?:usr|home|var|opt|srv|etc|app|root)/[\w./-]+|[A-Z]:\\\\\w"
    r"|\b(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}(?::\d+)?\b|0x[0-9a-f]{8,}"
    r"|\b(?:relation|table|column) \S+ does not exist|duplicate key value|Duplicate entry '|SQLSTATE"
    r"|ORA-\d{5}|syntax error at or near|\bgoroutine \d+|panic: |\bpassword\s*="
    r"|\b[\w-]+\.(?:svc\.cluster\.local|internal)\b"
    # A key of somebody else: of the provider's own, further behind.
    r"|\bsk-[\w-]{16,}|\bAKIA[0-9A-Z]{16}\b|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}",
    re.IGNORECASE,
)
MOST_READ = 20_000


@promise(
    "refusal-leaks-nothing",
    area="refusals",
    operation="any",
    sentence="Refusals and reasons of failed tasks show no stack traces, queries, paths, hosts or keys.",
    source="responses/400/content/application~1json/schema",
    cost=FREE,
)
def refusal_leaks_nothing(view: TaskView) -> Iterator[Outcome]:
    for exchange in [e for e in view.every if e.role in (*EVERY, trace.PROBE, trace.CREATE, trace.WRONG_KEY)]:
        response = exchange.response
        if response is None or (exchange.status < BAD_REQUEST and not view.target.recognised(response)):
            continue
        sent = (exchange.request.body or b"").decode("utf-8", "replace") + exchange.request.url
        text = response.body[:MOST_READ].decode("utf-8", "replace")
        named = [f"{n}: {v[:MOST_READ]}" for n, v in response.headers if n.lower().startswith("x-")]
        leak = next((m[0] for t in (text, *named) for m in INTERNALS.finditer(t) if m[0] not in sent), "")
        key = shown_key(text)
        if not leak and not key:
            yield Kept(exchange.number)
        else:
            yield Failure(
                "a refusal shows the key that it was asked with"
                if key
                else "a refusal shows internals of the provider",
                expected="words for a client",
                found=short(leak or key),
                exchanges=(exchange.number,),
            )
    for task in view.known:
        reason = task.get(task.terminal, "reason") if task.terminal else None
        found = INTERNALS.search(reason[:MOST_READ]) if isinstance(reason, str) else None
        if found and task.terminal:
            yield Failure(
                "the reason of a failed task shows internals of the provider",
                expected="words for a client",
                found=short(found[0]),
                exchanges=(task.terminal.number,),
                task=task.label,
            )


@promise(
    "refusal-status",
    area="refusals",
    operation="any",
    sentence="A refusal has the HTTP status that is documented for its reason.",
    source="/x-errors",
    cost=FREE,
)
def refusal_status(view: TaskView) -> Iterator[Outcome]:
    for exchange in refused(view):
        rows = view.target.expected(exchange.case.get("situations", ()), silent=view.silent(exchange))
        wanted = sorted({status for status, _ in rows})
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
def refusal_code(view: TaskView) -> Iterator[Outcome]:
    for exchange in refused(view):
        rows = view.target.expected(exchange.case.get("situations", ()), silent=view.silent(exchange))
        body = exchange.response.json() if exchange.response else None
        if not rows or not isinstance(body, dict) or "code" not in body or exchange.status >= SERVER_ERROR:
            continue  # refusal-shape and refusal-status say so
        if view.target.refusals.code_place is None:
            continue  # what stands there is no code that is known
        wanted = sorted({code for _, code in rows})
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
    sentence="A refusal has a message that says why.",
    source="responses/400/content/application~1json/schema",
    cost=FREE,
)
def refusal_has_message(view: TaskView) -> Iterator[Outcome]:
    for exchange in refused(view):
        body = exchange.response.json() if exchange.response else None
        message = body.get("message") if isinstance(body, dict) else None
        if not isinstance(message, str):
            continue  # refusal-shape says so
        if message.strip():
            yield Kept(exchange.number)
        else:
            yield Failure(
                "a refusal without a message",
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
def refusal_creates_nothing(view: TaskView) -> Iterator[Outcome]:
    """Each bad request carries an external id of its own; the list, asked afterwards, must not know it."""
    names = {}
    for exchange in refused(view, trace.REFUSE):
        name = view.family.behaviour.asked("external_id", exchange.request.json())
        if isinstance(name, str) and name:
            names[name] = exchange.number
    # A refused create does not use its external id up: a good one may have named it afterwards.
    for exchange in view.every:
        if exchange.role in trace.CREATES - {trace.REFUSE}:
            names.pop(view.family.behaviour.asked("external_id", exchange.request.json()), None)
    last = max(names.values(), default=-1)
    for listing in view.role(trace.LIST):
        if listing.number < last or ids(view, listing) is None or not names:
            continue
        for record in view.family.records_of(listing.response) or ():
            name = view.family.get(record, "external_id")
            if isinstance(name, str) and name in names:
                yield Failure(
                    "a refused create left a task behind",
                    expected="no task",
                    found=short(view.family.id_of(record)),
                    exchanges=(names[name], listing.number),
                )
        yield Kept(listing.number)
