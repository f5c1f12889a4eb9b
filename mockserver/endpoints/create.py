"""POST a task: one parse, one validation, one record, one answer."""

from __future__ import annotations

import asyncio
from sys import intern
from typing import TYPE_CHECKING, Any

from understudy.mockserver.accounts.journal import MAX_BODY, kept
from understudy.mockserver.endpoints.exchange import ApiExchange
from understudy.mockserver.endpoints.idempotency import RepeatedCreate, check_repeated, remember
from understudy.mockserver.endpoints.json_body import read_json
from understudy.mockserver.endpoints.sources import check_names, named_source
from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.play.faults import PROMPT_MARK, PROMPT_SCENARIO
from understudy.mockserver.store.tasks import Task, TaskRequest
from understudy.mockserver.wire import BIG, ClientDisconnected, reply_and_drain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.play.family import PlayedFamily
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.wire import Receive, Scope, Send
    from understudy.specs.behaviour import ResultRule
    from understudy.specs.behaviour.rule_kinds import RuleBreach

CREATE = "create"
MOST_WORDS = 80
MARK = PROMPT_MARK.encode()


async def create(
    state: ServerState, played: PlayedFamily, scope: Scope, receive: Receive, send: Send
) -> None:
    exchange = ApiExchange(state, scope, send, CREATE, played)
    declared = exchange.length
    first = None
    if declared is not None and declared < BIG:
        first = await receive()
        if first["type"] == "http.request" and not first.get("more_body"):
            body = first["body"]
            await create_from(exchange, body, examine(played, body, exchange.headers))
            return
    try:
        body, reserved = await state.bodies.read(receive, declared, first)
    except ClientDisconnected:
        return
    except Refused as refused:
        await refuse_unread(exchange, receive, refused)
        return
    try:
        small = len(body) < BIG
        await create_from(exchange, body, examine(played, body, exchange.headers) if small else None)
    finally:
        await state.bodies.release(reserved)


class ExaminedBody:
    """What a body turned out to be: the parsed request, the refusal it earns, why its task will fail ("" for
    nothing in it)."""

    __slots__ = ("fails", "kept", "refused", "value")

    def __init__(self, value: Any, refused: Refused | None, fails: str, short: bytes) -> None:
        self.value = value
        self.refused = refused
        self.fails = fails
        self.kept = short


def examine(played: PlayedFamily, body: bytes, headers: Mapping[bytes, bytes]) -> ExaminedBody:
    """Parse and check a body. Pure; big bodies are examined in a thread."""
    try:
        value = read_json(body, headers)
    except Refused as refused:
        return ExaminedBody(None, refused, "", kept(body, None))
    short = body if len(body) <= MAX_BODY else kept(body, value)
    if not played.check.is_valid(value):
        return ExaminedBody(value, played.check.refusal(value), "", short)
    if played.check.numbers_taken:
        value = played.check.read(value)
    fails = ""
    if played.rules is not None:
        breach = played.rules.outcome(value)
        if breach is not None:
            if breach.rule.refuses:
                return ExaminedBody(value, misfit(breach), "", short)
            fails = breach.rule.fails
    if played.only_addresses(value):
        return ExaminedBody(value, None, fails, short)
    try:
        bad = has_bad_picture(played, value)
    except Refused as refused:
        return ExaminedBody(value, refused, "", short)
    if bad:
        fails = played.behaviour.bad_picture or played.behaviour.usual_failure
    return ExaminedBody(value, None, fails, short)


def misfit(breach: RuleBreach) -> Refused:
    """The refusal of a request whose fields do not fit together."""
    told = {"text": breach.text} if breach.text else {}
    said = {"reason": breach.says, "value": "", "options": ""}
    if not breach.place:
        return Refused("invalid_request", reason=f"the body {breach.says}", **told)
    return Refused("invalid_parameter", field=".".join(breach.place), **said, **told)


def has_bad_picture(played: PlayedFamily, value: dict[str, Any]) -> bool:
    """Whether a picture sent along will make the task fail; raises Refused for no Base64."""
    for path, limits in played.pictures:
        for name, text in values_at(value, path):
            if not text.startswith(("http://", "https://")):
                from understudy.mockserver.media import (
                    check_picture,  # here: it is seldom needed, and brings Pillow
                )

                problem = check_picture(text, limits)
                if problem is not None and problem.kind in ("base64", "prefix"):
                    raise Refused("invalid_base64", field=name)
                if problem is not None:
                    return True
    return False


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


async def create_from(exchange: ApiExchange, body: bytes, examined: ExaminedBody | None) -> None:
    """Answer a create whose body has been read; `examined` is None for a big one, which a thread reads."""
    state = exchange.state
    try:
        account = exchange.identify()
    except Refused as refused:
        exchange.body = kept(body, None)
        await exchange.refuse(refused)
        return
    if examined is None:
        loop, played = asyncio.get_running_loop(), exchange.played
        examined = await loop.run_in_executor(None, examine, played, body, exchange.headers)
    exchange.body = examined.kept
    try:
        task = accept(exchange, account, examined)
        written = state.store.add(task)
        if written is not None:
            await written
    except RepeatedCreate as repeated:
        exchange.task = repeated.task.id
        value = exchange.played.envelope.created(repeated.task, state.ids.request())
        await exchange.answer(200, value, "accepted")
        return
    except Refused as refused:
        await exchange.refuse(refused)
        return
    exchange.task = task.id
    if exchange.effects.refuse:  # created all the same
        await exchange.refuse(exchange.chosen_refusal(task.external_id))
    else:
        if exchange.effects.early and task.callback_url:
            await state.outbox.now(task)
        await exchange.answer(200, exchange.played.envelope.created(task, state.ids.request()), "accepted")
    if task.callback_url:
        state.outbox.watch(task)


def accept(exchange: ApiExchange, account: Account, examined: ExaminedBody) -> Task:
    """The new task; raises Refused."""
    state, played, value = exchange.state, exchange.played, examined.value
    inner = ""
    if MARK in exchange.body and isinstance(value, dict):
        found = PROMPT_SCENARIO.search(str(played.behaviour.asked("prompt", value) or ""))
        inner = found[1] if found else ""
    if exchange.has_scenario(account, inner):
        exchange.choose_effects(inner)
    effects = exchange.effects
    if effects.refuse and not effects.keep_task:
        external_id = played.behaviour.asked("external_id", value)
        raise exchange.chosen_refusal(external_id if isinstance(external_id, str) else "")
    if examined.refused is not None:
        raise examined.refused
    if effects.idempotency:
        check_repeated(exchange, account)
    if played.media_types:
        check_content_type(exchange)
    family = played.behaviour
    external_id, callback_url, model, prompt, watermark = played.read(value)
    if external_id and state.store.has_external_id(account.key, external_id):
        raise Refused("duplicate_external_id", id=external_id)
    result = family.result
    own = played.own_results
    if own:
        echo, lasts = "", "0" if result.duration is None else result.duration.of(value)
    else:
        echo, lasts = begun_with(exchange, account, value)
    task_id = state.ids.task()
    now = exchange.at = account.clock.now()
    task = Task(
        task_id,
        account.key,
        played.profile.name,
        played.name,
        external_id or "",
        now,
        played.plan(account.pace or state.defaults.pace, effects, task_id, fails=examined.fails),
        TaskRequest(
            int(result.count.of(value)) if own else family.count(value),
            intern(str(result.aspect_ratio.of(value))),
            intern(str(lasts)),
            prompt[:MOST_WORDS] if prompt else "",
            watermark,
            intern(str(model)) if model else "",
            int(family.slots.of(value)) if own else family.slots_of(value),
            echo,
        ),
        callback_url or "",
        exchange.origin(),
        exchange.keeps,
    )
    if account.limits:
        take_slots(state, played, account, task)
    if not account.kept:
        state.accounts.keep(account)
    if effects.idempotency:
        remember(exchange, account, task)
    return task


def begun_with(exchange: ApiExchange, account: Account, value: Any) -> tuple[str, Any]:
    """(what the record shows of the result that the task begins with, "" for none; the seconds that its own
    result lasts); raises Refused."""
    family = exchange.played.behaviour
    if family.names and not exchange.state.settings.textbook:
        check_names(exchange, account, family.names, value)
    if family.source is not None:
        try:
            named = named_source(exchange, account, family.source, value)
        except Refused:
            # No schema says which results an account has, and the textbook refuses by the schema alone.
            if not exchange.state.settings.textbook:
                raise
            named = None
        if named is not None:
            return named
    result = family.result
    echo = ""
    if result.beside or result.otherwise:
        echo = remembered(result, value)
    return echo, "0" if result.duration is None else result.duration.of(value)


def remembered(result: ResultRule, value: Any) -> str:
    """What records repeat of the request, or that they hold the other results, as JSON; "" for nothing."""
    if result.otherwise is not None:
        return "{}" if result.otherwise.wanted(value) else ""
    told = {name: value.get(name) for name in result.remembered}
    return encode({name: one for name, one in told.items() if one is not None}).decode() if told else ""


def check_content_type(exchange: ApiExchange) -> None:
    """Raise Refused for a body of a media type that the document does not declare (RFC 9110, 8.3)."""
    sent = exchange.headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
    declared = exchange.played.media_types
    if sent not in declared:
        said = f"Content-Type must be {' or '.join(declared)}, not {sent or 'missing'}"
        raise Refused("invalid_request", reason=said)


def take_slots(state: ServerState, played: PlayedFamily, account: Account, task: Task) -> None:
    """Hold the task's slots until it is terminal; raises Refused when there are too few."""
    now = task.created_at
    running = [t for t in account.running if not state.is_terminal(t, t.status(now))]
    in_use = [(state.played_by(t).behaviour.pool, t.request.slots) for t in running]
    account.take_slots(played.behaviour.pool, task.request.slots, in_use)
    account.running = [*running, task]


async def refuse_unread(exchange: ApiExchange, receive: Receive, refused: Refused) -> None:
    """Refuse a body that has not been read to its end."""
    status, value = exchange.played.refusals.answer(refused, exchange.state.ids.request())
    out = encode(value)
    exchange.note(status, refused.situation, out)
    await reply_and_drain(receive, exchange.send, status, out)
