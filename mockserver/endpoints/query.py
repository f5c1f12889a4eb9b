"""GET one task, or the list of them. Asking writes nothing (but for the pace that counts queries)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote_to_bytes

from understudy.mockserver.endpoints.exchange import ApiExchange
from understudy.mockserver.errors import Refused
from understudy.mockserver.play.scenario_table import NOTHING
from understudy.mockserver.store.tasks import after_poll

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from understudy.mockserver.play.family import PlayedFamily
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.store.tasks import Task
    from understudy.mockserver.wire import Scope, Send

QUERY = "query"
LIST = "list"


def query(state: ServerState, played: PlayedFamily, scope: Scope, send: Send, tail: bytes) -> Awaitable[None]:
    """`tail` is the last segment of the path as it came: a task id or an external id."""
    wanted = (unquote_to_bytes(tail) if b"%" in tail else tail).decode("utf-8", "replace")
    return query_one(ApiExchange(state, scope, send, QUERY, played), wanted)


async def query_one(exchange: ApiExchange, wanted: str) -> None:
    """Answer with the task that `wanted` names: its id, or the client's own."""
    state, played = exchange.state, exchange.played
    try:
        account = exchange.identify()
        task = state.store.find(account.key, played.name, wanted)
        inner = task.scenario if task is not None else ""
        if exchange.has_scenario(account, inner):
            exchange.choose_effects(inner, *((wanted,) if task is None else (task.id, task.created_at)))
        if exchange.effects.refuse:
            raise exchange.chosen_refusal(wanted)
        if task is None:
            raise Refused("unknown_task", id=wanted)
        now = exchange.at = account.clock.now()
        if task.plan.rest:
            await polled(state, task, now)
    except Refused as refused:
        await exchange.refuse(refused)
        return
    exchange.task = task.id
    value = played.envelope.queried(task, now, exchange.origin(), state.ids.request())
    await exchange.answer(200, value, "accepted")


async def polled(state: ServerState, task: Task, now: int) -> None:
    """Count a query under the pace "after N polls", and let the plan move on; raises Refused."""
    count = task.polled + 1
    written = state.store.change(task, after_poll(task, count, now), count)
    if written is not None:
        await written
    if task.callback_url:
        state.outbox.watch(task)


async def listing(state: ServerState, played: PlayedFamily, scope: Scope, send: Send) -> None:
    exchange = ApiExchange(state, scope, send, LIST, played)
    asked: bytes = scope["query_string"]
    try:
        given = parse_qs(asked.decode("latin-1"), keep_blank_values=True, max_num_fields=100) if asked else {}
    except ValueError:
        await exchange.refuse(Refused("invalid_request", reason="too many parameters"))
        return
    for name in played.behaviour.query_parameters:
        if name in given:
            exchange.operation = QUERY
            await query_one(exchange, given[name][-1])
            return
    try:
        account = exchange.identify()
        if exchange.has_scenario(account, ""):
            exchange.choose_effects()
        if exchange.effects.refuse:
            raise exchange.chosen_refusal()
        number, size = page(played, given)
    except Refused as refused:
        await exchange.refuse(refused)
        return
    tasks = state.store.page(account.key, played.name, (number - 1) * size, size)
    now = exchange.at = account.clock.now()
    value = played.envelope.listed(
        tasks,
        now,
        exchange.origin(),
        state.ids.request(),
        changeable=exchange.effects is not NOTHING,
    )
    await exchange.answer(200, value, "accepted")


def page(played: PlayedFamily, given: dict[str, list[str]]) -> tuple[int, int]:
    """(page number from 1, page size); raises Refused for what the document does not allow."""
    values: dict[str, Any] = {
        name: check.read(given.get(name, ())) for name, check in played.family.parameters.items()
    }
    return values.get(played.behaviour.page_number) or 1, values.get(played.behaviour.page_size) or 30
