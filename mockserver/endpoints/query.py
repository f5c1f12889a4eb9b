"""GET one task, or the list of them. Asking writes nothing (but for the pace that counts queries)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote_to_bytes

from mockserver.endpoints.request import Request, answer, choose_effects, chosen_refusal, refuse
from mockserver.errors import Refused
from mockserver.faults import NOTHING
from mockserver.tasks import after_poll

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from mockserver.accounts import Account
    from mockserver.tasks import Task
    from mockserver.wire import Scope, Send
    from mockserver.world import Play, World

QUERY = "query"
LIST = "list"


def enter(world: World, request: Request) -> Account:
    """The account of a request; raises Refused."""
    account = request.account = world.accounts.get(world.keyring.account(request.authorization))
    if account.limits:
        account.admit(account.clock.now())
    return account


def query(world: World, play: Play, scope: Scope, send: Send, tail: bytes) -> Awaitable[None]:
    """`tail` is the last segment of the path as it came: a task id or an external id."""
    wanted = (unquote_to_bytes(tail) if b"%" in tail else tail).decode("utf-8", "replace")
    return query_one(world, play, Request(scope), send, wanted)


async def query_one(world: World, play: Play, request: Request, send: Send, wanted: str) -> None:
    task: Task | None = None
    try:
        account = enter(world, request)
        task = world.store.find(account.key, play.family.name, wanted)
        inner = task.scenario if task is not None else ""
        if inner or request.scenario or account.forced or account.scenario or world.defaults.scenario:
            choose_effects(world, request, QUERY, inner, wanted if task is None else task.id)
        if request.effects.refuse:
            raise chosen_refusal(request, wanted)
        if task is None:
            raise Refused("unknown_task", id=wanted)
    except Refused as refused:
        await refuse(world, play, request, send, QUERY, refused)
        return
    now = request.at = account.clock.now()
    if task.plan.rest:
        await polled(world, task, now)
    value = play.envelope.queried(task, now, request.origin(world.settings.public_url), world.ids.request())
    await answer(world, play, request, send, QUERY, 200, value, "accepted", task=task.id)


async def polled(world: World, task: Task, now: int) -> None:
    """Count a query under the pace "after N polls", and let the plan move on."""
    task.polled += 1
    plan = after_poll(task, now)
    written = world.store.change(task, plan)
    if written is not None:
        await written
    if task.callback_url:
        world.outbox.watch(task)


async def listing(world: World, play: Play, scope: Scope, send: Send) -> None:
    request = Request(scope)
    asked: bytes = scope["query_string"]
    try:
        given = parse_qs(asked.decode("latin-1"), keep_blank_values=True, max_num_fields=100) if asked else {}
    except ValueError:
        await refuse(
            world, play, request, send, LIST, Refused("invalid_request", reason="too many parameters")
        )
        return
    for name in play.life.query_parameters:
        if name in given:
            await query_one(world, play, request, send, given[name][-1])
            return
    try:
        account = enter(world, request)
        if request.scenario or account.forced or account.scenario or world.defaults.scenario:
            choose_effects(world, request, LIST)
        if request.effects.refuse:
            raise chosen_refusal(request)
        number, size = page(play, given)
    except Refused as refused:
        await refuse(world, play, request, send, LIST, refused)
        return
    tasks = world.store.page(account.key, play.family.name, (number - 1) * size, size)
    origin = request.origin(world.settings.public_url)
    now = request.at = account.clock.now()
    value = play.envelope.listed(
        tasks,
        now,
        origin,
        world.ids.request(),
        changeable=request.effects is not NOTHING,
    )
    await answer(world, play, request, send, LIST, 200, value, "accepted")


def page(play: Play, given: dict[str, list[str]]) -> tuple[int, int]:
    """(page number from 1, page size); raises Refused for what the document does not allow."""
    values: dict[str, Any] = {
        name: check.read(given.get(name, ())) for name, check in play.family.parameters.items()
    }
    return values.get(play.life.page_number) or 1, values.get(play.life.page_size) or 30
