"""Which task upstream belongs to which order: by the words of the order that stand in its request."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.contracts.gateway_verifier.seen import OrderLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from understudy.contracts.client_verifier.trace import JournalExchange, JournalTask, Trace
    from understudy.contracts.gateway_verifier.seen import PlacedOrder
    from understudy.specs.behaviour import TaskFamily


def matched(
    orders: Sequence[PlacedOrder], trace: Trace, family: TaskFamily
) -> tuple[tuple[OrderLine, ...], tuple[JournalTask, ...]]:
    """A line for each order, and the paid tasks that belong to none.

    Of a gateway that passes no word of any order on, the n-th create belongs to the n-th order.
    """
    creates = [e for e in trace.exchanges if e.kind == "create"]
    owners = {id(e): _named_in(e, orders) for e in creates}
    if not any(owners.values()):
        owners = dict(zip((id(e) for e in creates), (order.token for order in orders), strict=False))
    task_owner = {e.task_id: owners.get(id(e), "") for e in creates if e.task_id}
    lines = tuple(
        OrderLine(order=order, trace=_part(trace, order.token, owners, task_owner), family=family)
        for order in orders
    )
    known = {token for token in task_owner if task_owner[token]}
    stray = tuple(task for task in trace.tasks if task.task_id not in known and not task.failed)
    return lines, stray


def _named_in(create: JournalExchange, orders: Iterable[PlacedOrder]) -> str:
    text = json.dumps(create.request, ensure_ascii=False)
    return next((order.token for order in orders if order.token in text), "")


def _part(trace: Trace, token: str, owners: Mapping[int, str], tasks: Mapping[str, str]) -> Trace:
    """What of a run upstream is about one order."""
    mine = [task for task, owner in tasks.items() if owner == token]

    def about(e: JournalExchange) -> bool:
        # What is refused as unknown has no task: its address names one all the same.
        return tasks.get(e.task_id) == token or any(task in e.path for task in mine if not e.task_id)

    return replace(
        trace,
        exchanges=tuple(
            e for e in trace.exchanges if owners.get(id(e)) == token or (e.kind != "create" and about(e))
        ),
        deliveries=tuple(d for d in trace.deliveries if tasks.get(d.task_id) == token),
        tasks=tuple(task for task in trace.tasks if tasks.get(task.task_id) == token),
    )
