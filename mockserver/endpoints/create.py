"""POST a task: one parse, one validation, one record, one answer."""

from __future__ import annotations

import asyncio
from sys import intern
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.depth import MOST_DEPTH, MOST_VALUES, too_deep, too_many
from mockserver.encoding import encode
from mockserver.endpoints.request import Request, answer, choose_effects, chosen_refusal, note, refuse
from mockserver.errors import Refused
from mockserver.faults import PROMPT_MARK, PROMPT_SCENARIO
from mockserver.journal import MAX_BODY, kept
from mockserver.lifecycle import look
from mockserver.tasks import Task, Wish
from mockserver.wire import BIG, Gone, reply_and_drain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.accounts import Account
    from mockserver.wire import Receive, Scope, Send
    from mockserver.world import Play, World

CREATE = "create"
MOST_WORDS = 80
MARK = PROMPT_MARK.encode()
GZIP = b"\x1f\x8b"  # RFC 1952, 2.3.1


async def create(world: World, play: Play, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    declared = request.length
    first = None
    if declared is not None and declared < BIG:
        first = await receive()
        if first["type"] == "http.request" and not first.get("more_body"):
            body = first["body"]
            await create_from(world, play, request, send, body, examine(play, body))
            return
    try:
        body, reserved = await world.bodies.read(receive, declared, first)
    except Gone:
        return
    except Refused as refused:
        await refuse_unread(world, play, request, receive, send, refused)
        return
    try:
        await create_from(world, play, request, send, body, examine(play, body) if len(body) < BIG else None)
    finally:
        await world.bodies.release(reserved)


class Examined:
    """What a body turned out to be: the parsed request, the refusal it earns, whether a picture is bad."""

    __slots__ = ("bad_picture", "kept", "refused", "value")

    def __init__(self, value: Any, refused: Refused | None, bad_picture: str, short: bytes) -> None:
        self.value = value
        self.refused = refused
        self.bad_picture = bad_picture
        self.kept = short


def examine(play: Play, body: bytes) -> Examined:
    """Parse and check a body. Pure; big bodies are examined in a thread."""
    if len(body) > MOST_VALUES and too_many(body):
        return unread(body, f"the body holds more than {MOST_VALUES} values")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if body.startswith(GZIP):
            return unread(body, "the body is compressed, which is not understood here: send it plain")
        return unread(body, f"the body is not JSON: {error}")
    if too_deep(body):
        return unread(body, f"the body is nested more than {MOST_DEPTH} deep")
    short = body if len(body) <= MAX_BODY else kept(body, value)
    if not play.check.is_valid(value):
        return Examined(value, play.check.refusal(value), "", short)
    if play.only_addresses(value):
        return Examined(value, None, "", short)
    try:
        bad = bad_picture(play, value)
    except Refused as refused:
        return Examined(value, refused, "", short)
    return Examined(value, None, bad, short)


def unread(body: bytes, reason: str) -> Examined:
    return Examined(None, Refused("invalid_request", reason=reason), "", kept(body, None))


def bad_picture(play: Play, value: dict[str, Any]) -> str:
    """The failure that a picture sent along will cause ("": all are good); raises Refused for no Base64."""
    for path, limits in play.pictures:
        for name, text in values_at(value, path):
            if not text.startswith(("http://", "https://")):
                from mockserver.media import check_picture  # here: it is seldom needed, and brings Pillow

                problem = check_picture(text, limits)
                if problem is not None and problem.kind in ("base64", "prefix"):
                    raise Refused("invalid_base64", field=name)
                if problem is not None:
                    return "invalid_pixel"
    return ""


def values_at(value: Any, path: tuple[str, ...], name: str = "") -> Iterator[tuple[str, str]]:
    """(field name, text) of every text at a path that is not empty: ("image_list[0].image", "https://…")."""
    if not path:
        if isinstance(value, str) and value:
            yield name, value
    elif path[0] == "[]":
        for i, item in enumerate(value if isinstance(value, list) else ()):
            yield from values_at(item, path[1:], f"{name}[{i}]")
    elif isinstance(value, dict) and path[0] in value:
        yield from values_at(value[path[0]], path[1:], f"{name}.{path[0]}" if name else path[0])


async def create_from(
    world: World, play: Play, request: Request, send: Send, body: bytes, examined: Examined | None
) -> None:
    try:
        account = request.account = world.accounts.get(world.keyring.account(request.authorization))
        if account.limits:
            account.admit(account.clock.now())
    except Refused as refused:
        await refuse(world, play, request, send, CREATE, refused, kept(body, None))
        return
    if examined is None:
        examined = await asyncio.get_running_loop().run_in_executor(None, examine, play, body)
    body = examined.kept
    try:
        task = accept(world, play, request, account, examined, body)
    except Refused as refused:
        await refuse(world, play, request, send, CREATE, refused, body)
        return
    written = world.store.add(task)
    if written is not None:
        try:
            await written
        except Refused as refused:
            await refuse(world, play, request, send, CREATE, refused, body)
            return
    effects = request.effects
    if effects.refuse:  # created all the same
        chosen = chosen_refusal(request, task.external_id)
        await refuse(world, play, request, send, CREATE, chosen, body, task=task.id)
    else:
        if effects.early and task.callback_url:
            await world.outbox.now(task)
        value = play.envelope.created(task, world.ids.request())
        await answer(world, play, request, send, CREATE, 200, value, "accepted", task=task.id, body=body)
    if task.callback_url:
        world.outbox.watch(task)


def accept(
    world: World, play: Play, request: Request, account: Account, examined: Examined, body: bytes
) -> Task:
    """The new task; raises Refused."""
    value = examined.value
    inner = ""
    if MARK in body and isinstance(value, dict):
        found = PROMPT_SCENARIO.search(str(look(value, play.life.request["prompt"]) or ""))
        inner = found[1] if found else ""
    if inner or request.scenario or account.forced or account.scenario or world.defaults.scenario:
        choose_effects(world, request, CREATE, inner)
    effects = request.effects
    if effects.refuse and not effects.keep_task:
        external_id = look(value, play.life.request.get("external_id", ()))
        raise chosen_refusal(request, external_id if isinstance(external_id, str) else "")
    if examined.refused is not None:
        raise examined.refused
    life = play.life
    external_id, callback_url, model, prompt, watermark = play.read(value)
    if external_id and world.store.has_external_id(account.key, external_id):
        raise Refused("duplicate_external_id", id=external_id)
    result = life.result
    task_id = world.ids.task()
    now = request.at = account.clock.now()
    task = Task(
        task_id,
        account.key,
        play.profile.name,
        play.family.name,
        external_id or "",
        now,
        play.plan(account.pace or world.defaults.pace, effects, task_id, examined.bad_picture),
        Wish(
            int(result.count.of(value)),
            intern(str(result.aspect_ratio.of(value))),
            intern(str(result.duration.of(value))),
            prompt[:MOST_WORDS] if prompt else "",
            watermark,
            intern(str(model)) if model else "",
            int(life.slots.of(value)),
        ),
        callback_url or "",
        request.origin(world.settings.public_url),
        request.keeps,
    )
    if account.limits:
        take_slots(world, play, account, task, now)
    if not account.kept:
        world.accounts.keep(account)
    return task


def take_slots(world: World, play: Play, account: Account, task: Task, now: int) -> None:
    """Hold the task's slots until it is terminal; raises Refused when there are too few."""
    running = [t for t in account.running if not world.is_terminal(t, t.status(now))]
    in_use = [(world.play_of(t).life.pool, t.wish.slots) for t in running]
    account.take_slots(play.life.pool, task.wish.slots, in_use)
    account.running = [*running, task]


async def refuse_unread(
    world: World, play: Play, request: Request, receive: Receive, send: Send, refused: Refused
) -> None:
    """Refuse a body that has not been read to its end."""
    status, value = play.refusals.answer(refused, world.ids.request())
    out = encode(value)
    note(world, request, CREATE, play.family.name, status, refused.situation, out)
    await reply_and_drain(receive, send, status, out)
