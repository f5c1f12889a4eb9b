"""Operations of described APIs on one task that exists: query, results, cancel, delete, stream."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.mockserver.endpoints.described_exchange import read_body
from understudy.mockserver.endpoints.described_lists import asks_for_several, batch, listing
from understudy.mockserver.endpoints.json_body import read_json
from understudy.mockserver.endpoints.query import polled
from understudy.mockserver.endpoints.results import ResultFiles, answer
from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.play.plans import finished
from understudy.mockserver.store.tasks import REMOVED, TaskPlan
from understudy.specs.behaviour.templates import MISSING, fill

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.callbacks.signatures import CallbackSigner
    from understudy.mockserver.endpoints.described_exchange import DescribedExchange
    from understudy.mockserver.store.tasks import Task
    from understudy.specs.behaviour.axes import Axes, CallRule, EndingRule, Reply

STREAM_SECONDS = 600.0


async def found(exchange: DescribedExchange, call: CallRule) -> tuple[Account, Task]:
    """The account and its task that a request names; raises Refused."""
    body: Any = None
    if call.method not in ("GET", "HEAD"):
        raw = await read_body(exchange)
        exchange.body = raw
        if call.id_place == "body":
            body = read_json(raw, exchange.headers)
    wanted = exchange.wanted_id(call, body)
    account = exchange.identify()
    task = exchange.find(account, wanted)
    inner = task.scenario if task is not None else ""
    if exchange.has_scenario(account, inner):
        exchange.choose_effects(inner, *((wanted,) if task is None else (task.id, task.created_at)))
    if exchange.effects.refuse:
        raise exchange.chosen_refusal(wanted)
    if task is None:
        raise Refused(exchange.axes.unknown, id=wanted)
    exchange.task, exchange.at = task.id, account.clock.now()
    return account, task


async def query(exchange: DescribedExchange) -> None:
    call = exchange.axes.query
    if asks_for_several(exchange):
        await batch(exchange)
        return
    try:
        account, task = await found(exchange, call)
    except Refused as refused:
        reply = exchange.axes.unknown_reply
        if reply is None or refused.situation != exchange.axes.unknown:
            raise
        values = {
            "id": refused.values.get("id", ""),
            "request_id": exchange.state.ids.request(),
            "null": None,
        }
        value = MISSING if reply.body is MISSING else fill(reply.body, lambda name: values.get(name, ""))
        await exchange.send_value(reply.status, value, [], refused.situation)
        return
    now = account.clock.now()
    if task.plan.rest:
        await polled(exchange.state, task, now)
    await tell_or_hand_over(exchange, exchange.axes.query, task, now)


async def results(exchange: DescribedExchange) -> None:
    if exchange.axes.results is None:
        return
    account, task = await found(exchange, exchange.axes.results.call)
    rule = exchange.axes.results
    if rule is not None:
        await tell_or_hand_over(exchange, rule.call, task, account.clock.now())


async def tell_or_hand_over(exchange: DescribedExchange, call: CallRule, task: Task, now: int) -> None:
    """Answer as documented for the task's state: with a body, or with its result."""
    reply, rule = call.replies.of(task.status(now)), exchange.axes.results
    if not reply.is_file:
        await exchange.tell(reply, task, now)
        return
    asked = exchange.query.get(rule.variant, "") if rule is not None else ""
    await send_file(exchange, task, now, reply, rule.variants.get(asked) if rule is not None else None)


async def send_file(
    exchange: DescribedExchange, task: Task, now: int, reply: Reply, media_type: str | None
) -> None:
    files = ResultFiles(exchange.state)
    url = exchange.bodies.results(task, task.index(now))[0]["url"]
    if reply.redirect:
        exchange.note(302, "accepted", b"")
        location = [(b"location", url.encode()), (b"content-length", b"0")]
        await exchange.send({"type": "http.response.start", "status": 302, "headers": location})
        await exchange.send({"type": "http.response.body", "body": b""})
        return
    kept, index, watermark = files.find(url.removeprefix(task.origin).partition("?")[0])
    kind, data = await files.bytes(kept, index, watermark=watermark, media_type=media_type or "")
    status, headers, body = answer(data, kind, exchange.scope["method"], exchange.headers)
    headers = [*headers, *exchange.limit_headers()]
    exchange.note(status, "accepted", b"")
    await exchange.send({"type": "http.response.start", "status": status, "headers": headers})
    await exchange.send({"type": "http.response.body", "body": body})


# --- cancel and delete


async def cancel(exchange: DescribedExchange) -> None:
    await ended(exchange, lambda axes: axes.cancel)


async def delete(exchange: DescribedExchange) -> None:
    await ended(exchange, lambda axes: axes.delete)


async def ended(exchange: DescribedExchange, rule_of: Callable[[Axes], EndingRule | None]) -> None:
    """End a task before its time, or forget it, if its state allows it."""
    asked = rule_of(exchange.axes)
    if asked is None:
        return
    account, task = await found(exchange, asked.call)
    # That of the task's own family.
    rule = rule_of(exchange.axes) or asked
    now = account.clock.now()
    if exchange.effects.late_cancel:
        task = await succeeded(exchange, task, now)
    state, lifecycle = task.status(now), exchange.played.lifecycle
    if state not in rule.states:
        if rule.otherwise is None:
            raise Refused("task_ended", id=task.id)
        await exchange.tell(rule.otherwise, task, now)
        return
    if exchange.effects.lost_cancel and not lifecycle.is_terminal(state):
        # Told as it was: what came of the cancel is not known yet.
        told = exchange.bodies.made(rule.call.replies.usual.body, task, task.index(now), now)
        await exchange.tell(rule.call.replies.usual, await succeeded(exchange, task, now), now, told)
        return
    removes = rule.removes and (lifecycle.is_terminal(state) or not rule.becomes)
    before = (
        None
        if not removes
        else exchange.bodies.made(rule.call.replies.usual.body, task, task.index(now), now)
    )
    if rule.becomes and not lifecycle.is_terminal(state):
        await change(exchange, task, stopped(task, rule.becomes, now))
    if removes:
        await change(exchange, task, stopped(task, REMOVED, now))
    await exchange.tell(rule.call.replies.usual, None if removes else task, now, before)


async def succeeded(exchange: DescribedExchange, task: Task, now: int) -> Task:
    """The task, brought to its success if it has not ended."""
    lifecycle = exchange.played.lifecycle
    if lifecycle.is_terminal(task.status(now)):
        return task
    plan = finished(task, lifecycle, lifecycle.success, "", now)
    await change(exchange, task, plan)
    return replace(task, plan=plan)


def stopped(task: Task, state: str, now: int) -> TaskPlan:
    """The task's plan when it is in `state` from `now` on, without what would have come."""
    index = task.index(now)
    at_ms = max(now - task.created_at, task.plan.offsets[index])
    plan = task.plan
    return TaskPlan((*plan.statuses[: index + 1], state), (*plan.offsets[: index + 1], at_ms), "")


async def change(exchange: DescribedExchange, task: Task, plan: TaskPlan) -> None:
    written = exchange.state.store.change(task, plan)
    if written is not None:
        await written
    if task.callback_url:
        exchange.state.outbox.again(task)


async def stream(exchange: DescribedExchange) -> None:
    """Server-sent events: one for each state, as it comes; the stream ends with the task."""
    rule = exchange.axes.stream
    if rule is None:
        return
    account, task = await found(exchange, rule.call)
    exchange.note(200, "accepted", b"")
    kind = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
    await exchange.send({"type": "http.response.start", "status": 200, "headers": kind})
    told = -1
    loop = asyncio.get_running_loop()
    ends = loop.time() + STREAM_SECONDS
    while loop.time() < ends:
        now = account.clock.now()
        if task.plan.rest:
            await polled(exchange.state, task, now)
        for index in range(told + 1, task.index(now) + 1):
            value = exchange.bodies.made(rule.body, task, index, now)
            event = b"event: %s\n" % rule.event.encode() if rule.event else b""
            data = b"%sdata: %s\n\n" % (event, encode(value))
            await exchange.send({"type": "http.response.body", "body": data, "more_body": True})
            told = index
        if exchange.played.lifecycle.is_terminal(task.status(now)):
            break
        await asyncio.sleep(pause(account, task, now))
    await exchange.send({"type": "http.response.body", "body": b""})


def pause(account: Account, task: Task, now: int) -> float:
    """Real seconds until the task's next change, a fifth of one at most: its clock may be moved by hand."""
    index = task.index(now)
    following = task.changed_at(index + 1) if index + 1 < len(task.plan.offsets) else now + 200
    wait = account.clock.real_seconds_until(following)
    return 0.2 if wait is None else min(0.2, max(0.01, wait))


# --- what receivers of callbacks ask for


async def keys(exchange: DescribedExchange) -> None:
    """The public keys that callbacks are signed with; for anybody."""
    await exchange.send_value(200, signer(exchange).jwks(), [])


async def secret(exchange: DescribedExchange) -> None:
    """The account's webhook secret."""
    exchange.identify()
    told = signer(exchange)
    body = told.rule.secret_body
    await exchange.send_value(200, fill(body, lambda name: told.secret if name == "secret" else ""), [])


def signer(exchange: DescribedExchange) -> CallbackSigner:
    policies = exchange.state.policies
    signers = policies.signers() if policies is not None else {}
    return signers[exchange.played.profile.name]


OPERATIONS: dict[str, Callable[[DescribedExchange], Awaitable[None]]] = {
    "query": query,
    "results": results,
    "cancel": cancel,
    "delete": delete,
    "list": listing,
    "batch": batch,
    "stream": stream,
    "keys": keys,
    "secret": secret,
}
