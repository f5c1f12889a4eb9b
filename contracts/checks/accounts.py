"""Accounts and keys: whose tasks are shown to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.hidden import hidden, shows_a_task
from understudy.contracts.checks.listing import ids
from understudy.contracts.checks.table import FREE, OTHER_KEY, promise
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.specs.behaviour import SituationKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome

UNAUTHORIZED = (401, 403)
REFUSED = 400
# What stands in a record where a key was, as the client blots it out.
KEYS = ("$UNDERSTUDY_API_KEY", "$UNDERSTUDY_OTHER_API_KEY")


def shown_key(text: str) -> str:
    """The key that a recorded text showed, by the name that stands for it; "" for none."""
    return next((one for one in KEYS if one in text), "")


@promise(
    "answers-hide-the-key",
    area="accounts",
    operation="any",
    sentence="No task, list, callback or URL of a result contains the key: such data is passed on.",
    source="/security",
    cost=FREE,
)
def answers_hide_the_key(view: TaskView) -> Iterator[Outcome]:
    roles = (trace.CREATE, trace.POLL, trace.BY_EXTERNAL_ID, trace.LIST)
    for exchange in [e for e in view.role(*roles) if e.response is not None and e.status < REFUSED]:
        body = exchange.response.body if exchange.response else b""
        key = shown_key(body.decode("utf-8", "replace"))
        if not key:
            yield Kept(exchange.number)
        else:
            yield Failure(
                "an answer contains the key of its request",
                expected="no key",
                found=key,
                exchanges=(exchange.number,),
                task=exchange.task,
            )
    for delivery in view.deliveries:
        headers = "\n".join(value for _, value in delivery.headers)
        key = shown_key(f"{delivery.body.decode('utf-8', 'replace')}\n{delivery.query}\n{headers}")
        if not key:
            yield Kept(delivery.number)
        else:
            yield Failure(
                "a callback shows the key of the account",
                expected="no key",
                found=key,
                deliveries=(delivery.number,),
                task=delivery.task,
            )


@promise(
    "other-account-cannot-query",
    area="accounts",
    operation="query",
    sentence="Another account cannot read the task, by either id.",
    source="/security",
    needs=OTHER_KEY,
)
def other_account_cannot_query(view: TaskView) -> Iterator[Outcome]:
    yield from hidden(view, view.role(trace.OTHER_QUERY), lambda _: "another account can read the task")


@promise(
    "task-needs-its-key",
    area="accounts",
    operation="query",
    sentence="A task is read with its own key only: not without one, nor with one cut or lengthened.",
    source="/security",
)
def task_needs_its_key(view: TaskView) -> Iterator[Outcome]:
    wrong = [e for e in view.role(trace.WRONG_KEY) if e.case.get("must") == "refuse"]
    for exchange in wrong:
        if exchange.response is None or exchange.status >= 500:
            continue
        lists = exchange.case.get("purpose") == "list"
        if shows_a_task(view, exchange) or (lists and ids(view, exchange) is not None):
            what = "list" if lists else "task"
            yield Failure(
                f"a {what} is read {exchange.case.get('aim', 'with a wrong key')}",
                expected="refused",
                found=f"{exchange.status} and the {what}",
                exchanges=(exchange.number,),
                task=exchange.task,
            )
        elif not lists:  # it says that a task is kept from others only where there is one
            yield Kept(exchange.number)


@promise(
    "private-results-need-their-key",
    area="accounts",
    operation="result",
    sentence="A result that needs the key is refused without it, and with another account's.",
    source="x-task/result/needs_key",
)
def private_results_need_their_key(view: TaskView) -> Iterator[Outcome]:
    for exchange in view.role(trace.PRIVATE):
        if exchange.response is None or exchange.status >= 500:
            continue
        # Some APIs refuse under 200.
        if exchange.status < REFUSED and not view.target.is_error(exchange.response.json()):
            yield Failure(
                f"a result can be fetched {exchange.case.get('aim', 'without a key')}",
                expected="401, 403 or 404",
                found=f"{exchange.status}",
                exchanges=(exchange.number,),
                task=exchange.task,
            )
        else:
            yield Kept(exchange.number)


@promise(
    "scheme-in-any-case",
    area="accounts",
    operation="query",
    sentence="The scheme of Authorization may be written in any case: bearer is Bearer (RFC 9110, 11.1).",
    source="/security",
)
def scheme_in_any_case(view: TaskView) -> Iterator[Outcome]:
    for exchange in [e for e in view.role(trace.WRONG_KEY) if e.case.get("must") == "accept"]:
        if view.family.record_of(exchange) is not None:
            yield Kept(exchange.number)
        elif exchange.status in UNAUTHORIZED or view.target.of_kind(exchange.response, SituationKind.ACCOUNT):
            yield Failure(
                "the right key is refused behind the scheme in small letters",
                expected="the task",
                found=f"{exchange.status}",
                exchanges=(exchange.number,),
                task=exchange.task,
            )


@promise(
    "other-account-cannot-list",
    area="accounts",
    operation="list",
    sentence="Another account's list does not hold the task.",
    source="/security",
    needs=OTHER_KEY,
)
def other_account_cannot_list(view: TaskView) -> Iterator[Outcome]:
    ours = {t.id for t in view.known}
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
