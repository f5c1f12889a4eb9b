"""What clients send without asking anybody: no provider may answer it with an error of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks.creation import kinds
from understudy.contracts.checks.table import FREE, promise
from understudy.contracts.checks.view import GATEWAY, TOO_MANY
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.contracts.strategies import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome

SERVER_ERROR, NOT_IMPLEMENTED = 500, 501
TOO_LARGE, UNSUPPORTED_TYPE, EXPECTATION_FAILED = 413, 415, 417


def _odd(view: TaskView, purpose: str) -> Iterator[trace.Exchange | Inconclusive]:
    """Probes of one kind; a gateway's 502 to 504, and 429, say nothing of what was asked."""
    for exchange in [e for e in view.role(trace.PROBE) if e.case.get("purpose") == purpose]:
        if exchange.response is None:
            yield Inconclusive(f"no answer: {exchange.problem}", exchange.number)
        elif exchange.status in GATEWAY:
            yield Inconclusive(f"answered {exchange.status}: not available", exchange.number)
        elif exchange.status == TOO_MANY:
            yield Inconclusive("answered 429: too many requests", exchange.number)
        else:
            yield exchange


def _failure(exchange: trace.Exchange, message: str, expected: str) -> Failure:
    return Failure(message, expected=expected, found=f"{exchange.status}", exchanges=(exchange.number,))


def _documented(view: TaskView, *more: str) -> set[int]:
    """The statuses of a task that nobody has, and of `more` situations: some document a 500 for it."""
    return {status for status, _ in view.target.expected(("unknown_task", "unknown_task_documented", *more))}


@promise(
    "methods-without-server-errors",
    area="leniency",
    operation="any",
    sentence="HEAD and undocumented methods are refused without a server error.",
    source="/x-errors/unknown_method",
    cost=FREE,
)
def methods_without_server_errors(view: TaskView) -> Iterator[Outcome]:
    documented = {NOT_IMPLEMENTED, *_documented(view, "unknown_method")}
    for exchange in _odd(view, "method"):
        method = exchange if isinstance(exchange, Inconclusive) else exchange.request.method
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif exchange.status >= SERVER_ERROR and exchange.status not in documented:
            yield _failure(exchange, f"{method} ends in a server error", "405, 404, any answer below 500")
        else:
            yield Kept(exchange.number)


@promise(
    "content-type-with-charset",
    area="leniency",
    operation="create",
    sentence="application/json is accepted with a charset, and in capital letters.",
    source="requestBody",
    cost=FREE,
)
def content_type_with_charset(view: TaskView) -> Iterator[Outcome]:
    """The same request is answered in the same words, whatever the charset."""
    usual = _usual(view)
    for exchange in _odd(view, "charset"):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif exchange.status == UNSUPPORTED_TYPE or usual not in (None, _words(view, exchange)):
            what = exchange.case.get("aim", "a charset in the content type")
            yield _failure(exchange, f"{what} is refused", "what the same request is answered without it")
        else:
            yield Kept(exchange.number)


@promise(
    "any-client-is-answered",
    area="leniency",
    operation="create",
    sentence="A request is answered alike whatever sends it: its User-Agent, Accept, chunks, blanks.",
    source="requestBody",
    cost=FREE,
)
def any_client_is_answered(view: TaskView) -> Iterator[Outcome]:
    usual = _usual(view)
    if usual is None:
        return
    for exchange in _odd(view, trace.CLIENT):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif _words(view, exchange) == usual:
            yield Kept(exchange.number)
        else:
            aim = exchange.case.get("aim", "another client")
            yield _failure(exchange, f"{aim}: the same request is answered otherwise", f"{usual[0]}, as ever")


def _usual(view: TaskView) -> tuple[int, Any, str] | None:
    """What a create that lacks what is required is answered each time; None where that is not the same."""
    plain = [_words(view, e) for e in _odd(view, "plain") if not isinstance(e, Inconclusive)]
    return plain[0] if len(plain) > 1 and all(one == plain[0] for one in plain) else None


def _words(view: TaskView, exchange: trace.Exchange) -> tuple[int, Any, str]:
    """Status, code and message of an answer; without words that hold a digit: ids, and times."""
    body = exchange.response.json() if exchange.response else None
    message = view.target.refusals.message_in(body)
    return exchange.status, view.target.refusals.code_in(body), re.sub(r"\S*\d\S*", "", message)


@promise(
    "expect-is-answered",
    area="leniency",
    operation="create",
    sentence="A create of 1.5 MB is read, and one with Expect: 100-continue, as curl sends it, answered.",
    source="requestBody",
    cost=FREE,
)
def expect_is_answered(view: TaskView) -> Iterator[Outcome]:
    for exchange in view.role(trace.PROBE):
        if exchange.case.get("purpose") != "expect":
            continue
        if exchange.response is None:
            yield Inconclusive(f"no answer: {exchange.problem}", exchange.number)
        elif exchange.status == EXPECTATION_FAILED or (
            exchange.status >= SERVER_ERROR and exchange.status not in GATEWAY
        ):
            yield _failure(exchange, "Expect: 100-continue is refused", "100, or the answer at once")
        else:
            yield Kept(exchange.number)
    for large in _odd(view, trace.LARGE):
        if isinstance(large, Inconclusive):
            yield large
        elif large.status == TOO_LARGE:
            what = "a body of 1.5 MB is refused, though its pictures may be larger"
            yield _failure(large, what, "what is wrong with the request")
        else:
            yield Kept(large.number)


@promise(
    "odd-fields-without-server-errors",
    area="leniency",
    operation="create",
    sentence="null, unknown fields, NUL, deep nesting and odd ids never end in a server error.",
    source="requestBody",
    cost=FREE,
)
def odd_fields_without_server_errors(view: TaskView) -> Iterator[Outcome]:
    odd = [e for e in view.role(trace.CREATE) if values.ODD in kinds(e)]
    # What any unknown id is answered is for refusal-status to say.
    no_task = _documented(view) | {e.status for e in view.role(trace.UNKNOWN)}
    for exchange in [*_odd(view, "fields"), *_odd(view, "ids"), *odd]:
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif exchange.case.get("purpose") == "ids" and exchange.status in no_task:
            yield Kept(exchange.number)
        elif exchange.status >= SERVER_ERROR and exchange.status not in GATEWAY:
            aim = exchange.case.get("aim", "odd fields")
            yield _failure(exchange, f"{aim}: a server error", "accepted, or refused with 4xx")
        elif exchange.response is not None:
            yield Kept(exchange.number)


@promise(
    "accepts-odd-fields",
    area="leniency",
    operation="create",
    sentence="null for an optional field counts as absent, and an undocumented field is ignored.",
    source="requestBody",
)
def accepts_odd_fields(view: TaskView) -> Iterator[Outcome]:
    odd = [e for e in view.role(trace.CREATE) if values.ODD in kinds(e)]
    for exchange in view.readable(odd):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif view.accepted(exchange) or view.taken(exchange):
            yield Kept(exchange.number)
        elif exchange.status < SERVER_ERROR and kinds(exchange) == {values.ODD}:
            goals = [c["goal"].removeprefix("/").replace("=", ": ", 1) for c in exchange.case["choices"]]
            yield _failure(exchange, f"{'; '.join(goals)}: refused", "accepted")
