"""What all requests of clients have in common: who asks, from where, under which scenario; the journal."""

from __future__ import annotations

import asyncio
import functools
import re
from typing import TYPE_CHECKING, Any

from mockserver.encoding import encode
from mockserver.errors import MockError, Refused
from mockserver.faults import NOTHING, Effects, effects
from mockserver.journal import ENTRY, MAX_BODY, size_of_head
from mockserver.wire import misbehave, replied, reply, spoil

if TYPE_CHECKING:
    from mockserver.accounts import Account
    from mockserver.faults import Chosen
    from mockserver.wire import Scope, Send
    from mockserver.world import Play, World

HOST = re.compile(r"[A-Za-z0-9.\-_:\[\]]{1,255}")
SCENARIO = b"x-understudy-scenario"
MOST_DIGITS = 19


class Request:
    """One request: its headers that matter, and later its account and effects."""

    __slots__ = ("account", "at", "authorization", "effects", "headers", "keeps", "scenario", "scope", "text")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        headers = self.headers = dict(scope["headers"])
        self.authorization: bytes | None = headers.get(b"authorization")
        self.scenario = headers[SCENARIO].decode("latin-1") if SCENARIO in headers else ""
        self.account: Account | None = None
        # When it was accepted, in milliseconds of its account's clock; 0: it has not been.
        self.at = 0
        self.effects: Effects = NOTHING
        # The text of all scenarios that were chosen, and of those that a task created now keeps.
        self.text = ""
        self.keeps = ""

    @property
    def length(self) -> int | None:
        """The declared length of the body, in bytes."""
        declared: bytes = self.headers.get(b"content-length", b"")
        return int(declared[:MOST_DIGITS]) if declared.isdigit() else None

    def origin(self, public_url: str) -> str:
        """Where the client reaches this server: --public-url, the proxy's word, or the Host header."""
        if public_url:
            return public_url
        headers = self.headers
        scheme, host = self.scope.get("scheme", "http"), headers.get(b"host", b"")
        if b"x-forwarded-proto" in headers or b"x-forwarded-host" in headers:
            proto = headers.get(b"x-forwarded-proto", b"").split(b",")[0].strip().lower()
            scheme = proto.decode("latin-1") if proto in (b"http", b"https") else scheme
            host = headers.get(b"x-forwarded-host", b"").split(b",")[0].strip() or host
        return origin(scheme, host) or origin(scheme, server_name(self.scope))


@functools.lru_cache(maxsize=1024)
def origin(scheme: str, host: bytes) -> str:
    """The origin of a host header, "" when that is none. Tasks keep it: one text for all of them."""
    text = host.decode("latin-1")
    return f"{scheme}://{text}" if HOST.fullmatch(text) else ""


def server_name(scope: Scope) -> bytes:
    host, port = scope.get("server") or ("localhost", None)
    return f"{host}:{port}".encode() if port else str(host).encode()


def choose_effects(world: World, request: Request, operation: str, inner: str = "", task: str = "") -> None:
    """Find what strikes this request: its header, the next-K list, the account, the server, `inner`.

    `inner` is the scenario of the prompt (create) or of the `task` asked for (query). Raises Refused for
    a scenario that nobody knows, since the client's author must see that. `request.keeps` is what a task
    created now keeps: all of the prompt's, and of the others what is not about this one answer.
    """
    account = request.account
    outer = [request.scenario] if request.scenario else []
    if account is not None:
        if account.forced:
            outer += take_forced(world, account, operation)
        standing = account.scenario if account.scenario is not None else world.defaults.scenario
        if standing:
            outer.append(standing)
    if not outer and not inner:
        return
    request.text = "+".join([*outer, inner] if inner else outer)
    try:
        given = world.choose("+".join(outer))
        own = world.choose(inner)
    except MockError as error:
        raise Refused("invalid_request", reason=f"scenario: {error}") from None
    kept = [c for c in given if c.get("at", "") in ("", "query", "list")]
    request.keeps = "+".join(c.key for c in dict.fromkeys([*kept, *own]))
    # A task keeps what its account plays: what is said twice is counted once, for the account.
    once = [(c, "") for c in dict.fromkeys(given)] + [(c, task) for c in dict.fromkeys(own) if c not in given]
    request.effects = effects(
        tuple(c for c, whose in once if counted(account, c, operation, whose)), operation
    )


def chosen_refusal(request: Request, id: str = "") -> Refused:  # noqa: A002 - the field's word
    """The refusal that a scenario asks for, with something to say wherever its message has a place."""
    scope = request.scope
    refused = Refused(
        request.effects.refuse,
        reason="a scenario asks for it",
        id=id or "0",
        method=scope["method"],
        path=scope["path"],
    )
    # The journal names no field: none is at fault.
    refused.values["field"] = "a field"
    return refused


def take_forced(world: World, account: Account, operation: str) -> list[str]:
    """The first scenario for next requests that strikes this operation; one of its uses is gone then."""
    forced = account.forced or []
    for place, (text, left) in enumerate(forced):
        if any(c.get("at", "any") in ("any", operation) for c in world.choose(text)):
            if left <= 1:
                del forced[place]
            else:
                forced[place][1] = left - 1
            return [text]
    return []


def counted(account: Account | None, chosen: Chosen, operation: str, task: str) -> bool:
    """Whether a scenario with `times` still strikes; counts the use, for a task or ("") for the account."""
    times = chosen.get("times", 0)
    if not times or account is None or chosen.get("at") not in ("any", operation):
        return True
    return account.counted(f"{task} {chosen.key}", times)


def note(
    world: World,
    request: Request,
    operation: str,
    family: str,
    status: int,
    verdict: str,
    answer: bytes,
    field: str = "",
    task: str = "",
    body: bytes = b"",
) -> None:
    """Write a request into its account's journal."""
    if not world.journaling:
        return
    scope = request.scope
    account = request.account
    journal = world.strangers if account is None else account.journal
    clock = world.defaults.clock if account is None else account.clock
    if len(answer) > MAX_BODY:
        answer = answer[:MAX_BODY]
    head: int = scope.get("understudy.head") or size_of_head(scope["headers"])
    journal.add(
        (
            world.shelf.number(),
            ENTRY + head + len(body) + len(answer),
            request.at or clock.now(),
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            operation,
            family,
            status,
            verdict,
            field,
            task,
            request.text,
            scope["headers"],
            body,
            answer,
        )
    )


async def refuse(
    world: World,
    play: Play,
    request: Request,
    send: Send,
    operation: str,
    refused: Refused,
    body: bytes = b"",
    *,
    task: str = "",
) -> None:
    """Answer with a refusal, as the profile words it. `task` is the one that was made all the same."""
    status, value = play.refusals.answer(refused, world.ids.request())
    await answer(
        world,
        play,
        request,
        send,
        operation,
        status,
        value,
        refused.situation,
        field=refused.field,
        task=task,
        body=body,
    )


async def answer(
    world: World,
    play: Play,
    request: Request,
    send: Send,
    operation: str,
    status: int,
    value: Any,
    verdict: str,
    *,
    field: str = "",
    task: str = "",
    body: bytes = b"",
) -> None:
    """Encode once, note, and send (in that order: who has the answer finds it in the journal)."""
    chosen = request.effects
    if chosen is NOTHING:
        out = encode(value)
        note(world, request, operation, play.family.name, status, verdict, out, field, task, body)
        if not replied(request.scope, status, out):
            await reply(request.scope, send, status, out)
        return
    if chosen.latency_ms:
        await asyncio.sleep(chosen.latency_ms / 1000)
    status, out = spoil(chosen, status, value, play.life.status[-1])
    note(world, request, operation, play.family.name, status, verdict, out, field, task, body)
    await misbehave(chosen, request.scope, send, status, out)
