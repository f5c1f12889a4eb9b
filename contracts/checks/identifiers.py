"""Ids: ours come back as they were sent and are found again, a family's and an account's stay its own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.hidden import hidden
from understudy.contracts.checks.table import OTHER_KEY, promise
from understudy.contracts.failures import Failure, Inconclusive, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome

# Ids so far apart or less, and so small, can be counted through.
CLOSE, SMALL, FEWEST = 16, 10**9, 3
# Digits of an id that is read as a number; Python reads no text of thousands of digits as one.
LONGEST = 20


@promise(
    "refused-create-keeps-id-free",
    area="identifiers",
    operation="create",
    sentence="A create that is refused does not use up its external id.",
    source="/x-errors/duplicate_external_id",
)
def refused_create_keeps_id_free(view: TaskView) -> Iterator[Outcome]:
    for exchange in view.readable([e for e in view.exchanges if e.case.get("named_before")]):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif view.accepted(exchange):
            yield Kept(exchange.number)
        elif exchange.role == trace.USED_UP:
            before = int(exchange.case["named_before"])
            yield Failure(
                "an external id is used up by a create that was refused",
                expected="accepted: the only create that named it before was refused",
                found=f"{exchange.status}; with another external id the same request is accepted",
                exchanges=(exchange.number, before),
                pointer=view.family.place("external_id"),
            )


@promise(
    "families-are-apart",
    area="identifiers",
    operation="query",
    sentence="A task is found under its own family's path only, by either id.",
    source="/x-errors/unknown_task",
)
def families_are_apart(view: TaskView) -> Iterator[Outcome]:
    def title(exchange: trace.Exchange) -> str:
        other = exchange.case.get("other", "another family")
        return f"the query of {other} answers with a task of {view.family.name}"

    yield from hidden(view, view.role(trace.OTHER_FAMILY), title)


@promise(
    "external-ids-are-exact",
    area="identifiers",
    operation="query",
    sentence="A task is found by its exact external id: not by a part of it, another case or a wildcard.",
    source="/x-errors/unknown_task",
)
def external_ids_are_exact(view: TaskView) -> Iterator[Outcome]:
    yield from hidden(view, view.role(trace.NEARLY), nearly)


@promise(
    "task-ids-are-exact",
    area="identifiers",
    operation="query",
    sentence="A task is found by its exact id: not by one with a leading zero or a trailing letter.",
    source="/x-errors/unknown_task",
)
def task_ids_are_exact(view: TaskView) -> Iterator[Outcome]:
    yield from hidden(view, view.role(trace.NEARLY_ID), nearly)


def nearly(exchange: trace.Exchange) -> str:
    """The title where a task is found by what is nearly one of its ids."""
    return f"a task is found by {exchange.case.get('aim', 'another id')}"


@promise(
    "external-ids-are-per-account",
    area="identifiers",
    operation="create",
    sentence="An external id is unique within an account: another account may use the same one.",
    source="/x-errors/duplicate_external_id",
    needs=OTHER_KEY,
)
def external_ids_are_per_account(view: TaskView) -> Iterator[Outcome]:
    for exchange in view.readable(view.role(trace.OTHER_CREATE)):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif view.accepted(exchange):
            yield Kept(exchange.number)
        else:
            yield Failure(
                "an external id is taken for every account once one has used it",
                expected="accepted: the account has not used this external id",
                found=f"{exchange.status} {short(_message(view, exchange))}",
                exchanges=(exchange.number,),
                pointer=view.family.place("external_id"),
            )


def _message(view: TaskView, exchange: trace.Exchange) -> str:
    return view.target.refusals.message_in(exchange.response.json() if exchange.response else None)


@promise(
    "task-ids-cannot-be-guessed",
    area="identifiers",
    operation="create",
    sentence="Task ids cannot be enumerated.",
    source="x-task/id",
)
def task_ids_cannot_be_guessed(view: TaskView) -> Iterator[Outcome]:
    short_ids = {t.id for t in view.tasks if t.id.isascii() and t.id.isdecimal() and len(t.id) <= LONGEST}
    numbers = sorted(map(int, short_ids))
    if len(view.tasks) < FEWEST:
        return
    steps = [b - a for a, b in itertools.pairwise(numbers)]
    counted = steps and len(numbers) == len({t.id for t in view.tasks})
    if counted and numbers[-1] < SMALL and max(steps) <= CLOSE:
        yield Failure(
            "task ids are small numbers in a row: anybody can guess the next one",
            expected="ids that say nothing about each other",
            found=short([t.id for t in view.tasks[:5]]),
            exchanges=tuple(t.create.number for t in view.tasks[:2]),
        )
    else:
        yield Kept(view.tasks[0].create.number)
