"""Tasks that the account had before the run: they cost nothing, and show what becomes of ended tasks."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks.older import LISTED, chosen, lists_its_own, lists_one_kind
from understudy.contracts.checks.table import PROMISES, TASK
from understudy.contracts.checks.view import TaskView
from understudy.contracts.paging import paging_of
from understudy.contracts.runner.follow import Following
from understudy.contracts.strategies.values import bare
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from typing import Any

    from understudy.contracts.budget import Budget
    from understudy.contracts.checks.view import TaskTrace
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.recording import Recording
    from understudy.contracts.target_family import TargetFamily


async def look_at_older(asks: Asking, pays: Budget, records: Recording) -> None:
    """List each family's tasks and ask for a few that have ended, before any of ours is among them."""
    following = Following(asks, pays, records)
    for family in asks.families:
        paging = paging_of(family)
        if paging is None or not lists_its_own(family) or not _wanted(asks):
            continue
        case = {"purpose": trace.OLDER, "aim": "tasks that are there already"}
        listed = await asks.listing(family, paging.first(min(paging.most, LISTED)), case=case)
        found = chosen(family, listed)
        await asks.each(partial(_look, following, family, r, label) for label, r in found.items())


def _wanted(asks: Asking) -> bool:
    """Whether a promise is asked for that is about what becomes of tasks."""
    about = [p.id for p in PROMISES.values() if p.cost == TASK and p.operation not in ("create", "callback")]
    return asks.wants(*about, "external-id-is-unique")


async def _look(following: Following, family: TargetFamily, listed: dict[str, Any], label: str) -> None:
    asks, name = following.asks, family.id_of(listed)
    answered = await asks.query(family, name, trace.POLL, task=label)
    record = family.record_of(answered)
    told = family.get(record or listed, "external_id")
    external = told if isinstance(told, str) else ""
    if external:
        await asks.query(family, external, trace.BY_EXTERNAL_ID, task=label)
    if record is not None and family.terminal(family.get(record, "status")):
        await following.look(family, record, (name, external), label, results=lists_one_kind(family))


async def use_again(asks: Asking, pays: Budget, records: Recording) -> None:
    """For each family a create with the external id of an older task, which must be refused.

    It stands before all that is bought, while the budget could still bear that it is taken.
    """
    if not asks.wants("external-id-is-unique"):
        return
    for family in asks.families:
        older = TaskView(asks.target, family, records.conversation).older
        task = next((t for t in older if t.external_id), None)
        if task is not None and family.sent.get("external_id"):
            await _use_again(asks, pays, task)


async def _use_again(asks: Asking, pays: Budget, task: TaskTrace) -> None:
    family = task.family
    body = bare(family, asks.options.image)
    units = family.cost(body)
    put(body, family.place("external_id"), task.external_id)
    case = {
        "purpose": trace.OLDER,
        "aim": "the external id of a task that is there already",
        "pointer": family.place("external_id"),
        "situations": ["duplicate_external_id", "invalid_parameter"],
    }
    async with pays.risk(units) as allowed:
        if allowed:
            data = json.dumps(body, ensure_ascii=False).encode()
            exchange = await asks.post(family, trace.REPEAT, data, task=f"{task.label}/again", case=case)
            if asks.target.accepted(family, exchange.response):
                pays.charge(units)
