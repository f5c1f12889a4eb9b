"""Buys tasks and follows each to its end: polls, external id, results, a repeated create, another account."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.checks.table import PROMISES, TASK
from contracts.checks.view import View
from contracts.client import OTHER, retry_after
from contracts.runner.free import query
from contracts.runner.shrink import shrink, shrink_tasks
from contracts.runner.unseen import gone
from contracts.shapes import at, put

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.runner.run import Run
    from contracts.strategies.covering import Planned
    from contracts.target import Family, Target

# Polls slow down while nothing changes, up to this many times the pace.
SLOWEST = 5.0
SLOWER = 1.15
MOST_DOWNLOADS = 9
MOST_UNKNOWN = 8


async def buy(run: Run) -> None:
    """Send every planned create and follow what is accepted; refused ones are made smaller."""
    if not any(PROMISES[p].cost == TASK for p in run.promises):
        return
    first = {p.family: p for p in reversed(run.plan.tasks)}
    now, later = run.plan.waves()
    begun = run.client.now()
    async with asyncio.TaskGroup() as group:
        # A repeated create must be refused, so it comes before the rest of the budget is spent.
        for one in first.values():
            exchange, planned = await order(run, one)
            if exchange is not None:
                await _repeat(run, run.target.family(planned.family), exchange)
                group.create_task(go_on(run, planned, exchange))
        for planned in now:
            if planned is not first[planned.family]:
                group.create_task(buy_one(run, planned))
    # What is left is spent on making failures smaller, before it is spent on further values.
    await wait_for_callbacks(run)
    await shrink_tasks(run)
    if run.time_left() < run.client.now() - begun and later:
        run.conversation.notes.append(f"no time was left for {len(later)} further tasks")
        return
    async with asyncio.TaskGroup() as group:
        for planned in later:
            group.create_task(buy_one(run, planned))


async def buy_one(run: Run, planned: Planned) -> None:
    """Create one task and see it through."""
    exchange, sent = await order(run, planned)
    if exchange is not None:
        await go_on(run, sent, exchange)


async def order(run: Run, planned: Planned) -> tuple[trace.Exchange | None, Planned]:
    """Send one create, with a single result where the account has no room for more; and what was sent."""
    exchange = await create(run, planned)
    family = run.target.family(planned.family)
    count, place = family.count(planned.body), at(family.task, "/result/count/field", "")
    if exchange is None or count < 2 or not place or not run.target.crowded(exchange.response):
        return exchange, planned
    run.conversation.exchanges[exchange.number] = replace(exchange, superseded=True)
    run.conversation.notes.append(f"the account has no room for {count} results at once: one was asked for")
    body = json.loads(json.dumps(planned.body))
    put(body, place, 1)
    smaller = replace(planned, label=f"{planned.label}/one", body=body, cost=family.cost(body))
    return await create(run, smaller), smaller


async def go_on(run: Run, planned: Planned, exchange: trace.Exchange) -> None:
    """Follow an accepted create; make a refused one smaller."""
    family = run.target.family(planned.family)
    if run.target.accepted(family, exchange.response):
        await follow(run, family, exchange)
    elif planned.role == trace.CREATE and exchange.response is not None and planned.choices:
        if run.target.crowded(exchange.response) or run.target.permanent(exchange.response):
            return  # about the account, not about the request
        await shrink(run, planned, exchange)


async def create(run: Run, planned: Planned) -> trace.Exchange | None:
    """Send one create; None when the budget does not allow it any more."""
    if not run.ledger.reserve(planned.cost):
        run.unbought.append(planned)
        return None
    family = run.target.family(planned.family)
    body = run.body(family, planned)
    case = {
        "aim": planned.aim,
        "choices": [{"goal": c.goal, "kind": c.kind, "pointer": c.pointer} for c in planned.choices],
    }
    accepted = True  # whatever goes wrong while sending, the task may exist and cost money
    try:
        exchange = await run.client.send(
            "POST",
            run.url(family.create_path),
            family=family.name,
            role=planned.role,
            body=json.dumps(body, ensure_ascii=False).encode(),
            task=planned.label,
            case=case,
        )
        accepted = run.target.may_have_taken(family, exchange)
        if accepted and not run.target.accepted(family, exchange.response):
            run.unsure.append(planned.cost)
    finally:
        run.ledger.settle(planned.cost, accepted=accepted)
    return exchange


async def follow(run: Run, family: Family, created: trace.Exchange) -> None:
    """Poll a task until it ends or the time is over, and look at everything that it promised on the way."""
    record = family.record(created.response.json() if created.response else None) or {}
    name, label = str(at(record, family.task["id"])), created.task
    run.started += 1
    external = at(created.request.json(), family.task["request"].get("external_id", "")) or ""
    await _repeat(run, family, created)
    ended = await _poll(run, family, name, label)
    run.ended += 1
    if external:
        await query(run, family, str(external), trace.BY_EXTERNAL_ID, task=label)
    if ended is None:
        return
    await _download(run, family, ended, label)
    if run.conversation.other_account and run.wants("other-account-cannot-query"):
        for one in filter(None, (name, str(external))):
            case = {
                "aim": "another account's task",
                "situations": ["unknown_task", "unknown_task_documented"],
            }
            await query(run, family, one, trace.OTHER_QUERY, account=OTHER, task=label, case=case)
    await run.client.sleep(min(run.options.pace, 1.0))
    await query(run, family, name, trace.POLL, task=label)


async def _poll(run: Run, family: Family, name: str, label: str) -> dict[str, Any] | None:
    """The record at the task's end, or None when the time was over. Slows down while nothing changes."""
    pause, last, unknown = run.options.pace, None, 0
    while True:
        exchange = await query(run, family, name, trace.POLL, task=label)
        body = exchange.response.json() if exchange.response else None
        record = family.record(body)
        status = at(record, family.task["status"]) if record else None
        if record is not None and family.terminal(status):
            return record
        # A state that no document names may be the end, under another name.
        unknown = unknown + 1 if status == last and status not in family.states else 0
        pause = run.options.pace if status != last else min(pause * SLOWER, run.options.pace * SLOWEST)
        last = status
        asked = retry_after(exchange.response) if exchange.response else 0.0
        wait = max(pause, asked)
        if wait > run.time_left() or unknown >= MOST_UNKNOWN or (record is None and _gone(run, label)):
            return None
        await run.client.sleep(wait)


def _gone(run: Run, label: str) -> bool:
    """Whether five queries in a row were answered without the task."""
    mine = [e for e in run.conversation.exchanges if e.task == label and e.role == trace.POLL][-5:]
    return len(mine) == 5 and all(
        run.target.family(e.family).record(e.response.json() if e.response else None) is None for e in mine
    )


async def _repeat(run: Run, family: Family, created: trace.Exchange) -> None:
    """The same create again, once a family: its external id is taken, so it must be refused."""
    external = at(created.request.json(), family.task["request"].get("external_id", ""))
    if not external or created.role != trace.CREATE or not run.wants("external-id-is-unique"):
        return
    if not run.target.accepted(family, created.response):
        return
    units = family.cost(created.request.json())
    if any(e.role == trace.REPEAT and e.family == family.name for e in run.conversation.exchanges):
        return
    async with run.money.risk(units) as allowed:
        if not allowed:
            more = run.ledger.spent + run.ledger.reserved + units
            reason = f"not afforded: a second create that is taken costs {units} more; --budget {more}"
            reason = gone(run.options.budget) if run.ledger.charged else reason
            run.conversation.skipped[family.name, "external-id-is-unique"] = reason
            return
        exchange = await run.client.send(
            created.request.method,
            created.request.url,
            family=family.name,
            role=trace.REPEAT,
            body=created.request.body,
            task=f"{created.task}/again",
            case={
                "aim": "an external id that is taken",
                "pointer": family.task["request"].get("external_id", ""),
                "situations": ["duplicate_external_id", "invalid_parameter"],
            },
        )
        if run.target.accepted(family, exchange.response):
            run.ledger.charge(units)


async def _download(run: Run, family: Family, record: dict[str, Any], label: str) -> None:
    if not run.wants("result-downloads", "result-type", "result-aspect-ratio", "result-duration"):
        return
    result = family.task["result"]
    items = at(record, result["at"])
    urls = (
        [i.get(result["item"]["url"]) for i in items if isinstance(i, dict)]
        if isinstance(items, list)
        else []
    )
    for url in [u for u in urls if isinstance(u, str) and u.startswith(("http://", "https://"))][
        :MOST_DOWNLOADS
    ]:
        await run.client.send("GET", url, family=family.name, role=trace.DOWNLOAD, account="none", task=label)


async def wait_for_callbacks(run: Run) -> None:
    """Give late callbacks their time: until every end that was polled has been told, or the grace is over."""
    if run.receiver is None or not run.started:
        return
    until = run.client.now() + run.options.grace
    while run.client.now() < until and not all_told(run.target, run.families, run.conversation):
        await run.client.sleep(0.05)
    await run.client.sleep(run.options.linger)


def all_told(target: Target, families: Iterable[Family], conversation: trace.Conversation) -> bool:
    """Whether a callback came for the end of every task whose end was polled."""
    for family in families:
        view = View(target, family, conversation)
        for task in view.followed:
            if at(task.body, family.task["request"].get("callback_url", "")):
                told = {task.status(s) for s in task.callbacks}
                end = task.terminal
                if end is not None and task.status(end) not in told:
                    return False
    return True
