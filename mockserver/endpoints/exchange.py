"""What all requests of clients have in common: who asks, from where, under which scenario; the journal."""

from __future__ import annotations

import asyncio
import functools
import re
from typing import TYPE_CHECKING, Any

from understudy.mockserver.accounts.journal import MAX_BODY, entry_of
from understudy.mockserver.endpoints.misbehaving import misbehave, spoil
from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.play.applicable import why_not
from understudy.mockserver.play.faults import effects
from understudy.mockserver.play.refusals import STAY_AWAY
from understudy.mockserver.play.scenario_table import NOTHING, Effects
from understudy.mockserver.wire import replied, reply
from understudy.specs.behaviour.told_headers import limit_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.play.family import PlayedFamily
    from understudy.mockserver.play.faults import ChosenScenario
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.wire import Scope, Send

HOST = re.compile(r"[A-Za-z0-9.\-_:\[\]]{1,255}")
SCENARIO = b"x-understudy-scenario"
MOST_DIGITS = 19
CREATE = "create"
# What cannot be done just now, and the seconds after which to try again (RFC 9110, 10.2.3).
UNAVAILABLE = 503
RETRY_AFTER = ((b"retry-after", b"1"),)


class Caller:
    """One request, whatever it asks for: its headers that matter, and what the journal will say of it.

    Each step writes down here what it finds out, so that the next ones need nothing else. `at` is when it was
    accepted, in milliseconds of its account's clock (0: it has not been); `text` is that of all scenarios
    that were chosen, `keeps` that of those which a task created now keeps; `field` is the request field at
    fault, `task` the id of the task it was about, `body` what the journal keeps of its body.
    """

    __slots__ = (
        "account",
        "at",
        "authorization",
        "body",
        "effects",
        "family",
        "field",
        "headers",
        "keeps",
        "operation",
        "played",
        "scenario",
        "scope",
        "send",
        "state",
        "task",
        "text",
    )

    def __init__(
        self,
        state: ServerState,
        scope: Scope,
        send: Send,
        operation: str = "",
        played: PlayedFamily | None = None,
    ) -> None:
        self.state = state
        self.scope = scope
        self.send = send
        self.operation = operation
        self.played: Any = played
        self.family = "" if played is None else played.name
        # The server's own protocol has them by name already, for all requests that bring the same.
        headers = self.headers = scope.get("understudy.headers") or dict(scope["headers"])
        self.authorization: bytes | None = headers.get(b"authorization")
        self.scenario = headers[SCENARIO].decode("latin-1") if SCENARIO in headers else ""
        self.account: Account | None = None
        self.at = 0
        self.effects: Effects = NOTHING
        self.text = self.keeps = self.field = self.task = ""
        self.body = b""

    @property
    def length(self) -> int | None:
        """The declared length of the body, in bytes."""
        declared: bytes = self.headers.get(b"content-length", b"")
        return int(declared[:MOST_DIGITS]) if declared.isdigit() else None

    def origin(self) -> str:
        """Where the client reaches this server: --public-url, the proxy's word, or the Host header."""
        public_url = self.state.settings.public_url
        if public_url:
            return public_url
        headers = self.headers
        scheme, host = self.scope.get("scheme", "http"), headers.get(b"host", b"")
        if b"x-forwarded-proto" in headers or b"x-forwarded-host" in headers:
            proto = headers.get(b"x-forwarded-proto", b"").split(b",")[0].strip().lower()
            scheme = proto.decode("latin-1") if proto in (b"http", b"https") else scheme
            host = headers.get(b"x-forwarded-host", b"").split(b",")[0].strip() or host
        return origin(scheme, host) or origin(scheme, server_name(self.scope))

    def identify(self) -> Account:
        """The account that the request's key opens; raises Refused."""
        state = self.state
        account = self.account = state.accounts.get(state.keyring.account(self.authorization))
        if account.limits:
            account.admit(account.clock.now())
        return account

    def note(self, status: int, verdict: str, answer: bytes) -> None:
        """Write the request and its answer into the journal of its account."""
        state = self.state
        if not state.journaling:
            return
        account = self.account
        if account is None:
            journal, at = state.unidentified, self.at or state.defaults.clock.now()
        else:
            journal, at = account.journal, self.at or account.clock.now()
        if len(answer) > MAX_BODY:
            answer = answer[:MAX_BODY]
        journal.add(entry_of(state.budget.next_number(), at, self, status, verdict, answer))


class ApiExchange(Caller):
    """A request for one of a family's operations (create, query, list) and its answer."""

    __slots__ = ()

    played: PlayedFamily

    async def refuse(self, refused: Refused) -> None:
        """Answer with a refusal, as the profile words it."""
        told = self.effects.retry_after or STAY_AWAY
        status, value = self.played.refusals.answer(refused, self.state.ids.request(), told)
        self.field = refused.field
        if status == UNAVAILABLE and self.effects is NOTHING:
            await self.put_off(status, value, refused.situation)
            return
        await self.answer(status, value, refused.situation)

    async def put_off(self, status: int, value: Any, verdict: str) -> None:
        """Answer what cannot be done just now, and say when to try again."""
        out = encode(value)
        self.note(status, verdict, out)
        await reply(self.scope, self.send, status, out, (*RETRY_AFTER, *self.limit_headers()))

    async def answer(self, status: int, value: Any, verdict: str) -> None:
        """Encode once, note, and send (in that order: who has the answer finds it in the journal)."""
        chosen = self.effects
        if chosen is NOTHING:
            out = encode(value)
            self.note(status, verdict, out)
            # None but where the profile tells limits in headers.
            more = self.limit_headers() if self.played.limit_headers else ()
            if more or not replied(self.scope, status, out):
                await reply(self.scope, self.send, status, out, more)
            return
        if chosen.latency_ms:
            await asyncio.sleep(chosen.latency_ms / 1000)
        status, out = spoil(chosen, status, value, self.played.behaviour)
        self.note(status, verdict, out)
        await misbehave(chosen, self.scope, self.send, status, out, self.limit_headers())

    def limit_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The headers that tell the account's limits, as the profile names them; none without limits."""
        account, names = self.account, self.played.limit_headers
        if account is None or not names or not account.limits:
            return ()
        found = account.quota(self.played.behaviour.pool, slots_in_use(self.state, account))
        return tuple(encoded(limit_texts(names, *found))) if found else ()

    def has_scenario(self, account: Account, inner: str) -> bool:
        """Whether any scenario may strike; `inner` is that of the prompt, or of the task asked for."""
        return bool(
            inner or self.scenario or account.forced or account.scenario or self.state.defaults.scenario
        )

    def choose_effects(self, inner: str = "", task: str = "", created_at: int | None = None) -> None:
        """Find what strikes this request: its header, the next-K list, the account, the server, `inner`.

        `inner` is the scenario of the prompt (create) or of the `task` asked for (query); that one was
        created at `created_at`, milliseconds of the account's clock (None: there is none). Raises Refused for
        a scenario that nobody knows, since the client's author must see that. A task created now keeps all of
        the prompt's, and of the others what is not about this one answer.
        """
        state, account, operation = self.state, self.account, self.operation
        outer = [self.scenario] if self.scenario else []
        if account is not None:
            if account.forced:
                outer += account.take_forced(lambda text: strikes(state, text, operation))
            standing = account.scenario if account.scenario is not None else state.defaults.scenario
            if standing:
                outer.append(standing)
        if not outer and not inner:
            return
        self.text = "+".join([*outer, inner] if inner else outer)
        try:
            given = state.choose("+".join(outer))
            own = state.choose(inner)
        except MockError as error:
            raise Refused("invalid_request", reason=f"scenario: {error}") from None
        if operation == CREATE:
            self._refuse_inapplicable([*given, *own])
        kept = [c for c in given if c.get("at", "") in ("", "query", "list")]
        self.keeps = "+".join(c.key for c in dict.fromkeys([*kept, *own]))
        # A task keeps what its account plays: what is said twice is counted once, for the account.
        once = [(c, "") for c in dict.fromkeys(given)]
        once += [(c, task) for c in dict.fromkeys(own) if c not in given]
        age = None if account is None or created_at is None else account.clock.now() - created_at
        self.effects = effects(
            tuple(c for c, whose in once if in_time(c, age) and counted(account, c, operation, whose)),
            operation,
        )

    def _refuse_inapplicable(self, chosen: list[ChosenScenario]) -> None:
        for one in chosen:
            why = why_not(effects((one,), self.operation), self.played.behaviour)
            if why:
                raise Refused("invalid_request", reason=f"scenario: {one.row.name} cannot happen here: {why}")

    def chosen_refusal(self, id: str = "") -> Refused:  # noqa: A002 - the field's word
        """The refusal that a scenario asks for, with something to say wherever its message has a place."""
        scope = self.scope
        refused = Refused(
            self.effects.refuse,
            reason="a scenario asks for it",
            id=id or "0",
            method=scope["method"],
            path=scope["path"],
        )
        # The journal names no field: none is at fault.
        refused.values["field"] = "a field"
        return refused


def slots_in_use(state: ServerState, account: Account) -> list[tuple[str, int]]:
    """(pool, slots) of each task of an account with limits that has not ended."""
    now = account.clock.now()
    return [
        (state.played_by(task).behaviour.pool, task.request.slots)
        for task in account.running
        if not state.is_terminal(task, task.status(now))
    ]


def encoded(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    for name, value in headers:
        yield name.lower().encode(), value.encode("latin-1")


@functools.lru_cache(maxsize=1024)
def origin(scheme: str, host: bytes) -> str:
    """The origin of a host header, "" when that is none. Tasks keep it: one text for all of them."""
    text = host.decode("latin-1")
    return f"{scheme}://{text}" if HOST.fullmatch(text) else ""


def server_name(scope: Scope) -> bytes:
    host, port = scope.get("server") or ("localhost", None)
    return f"{host}:{port}".encode() if port else str(host).encode()


def strikes(state: ServerState, text: str, operation: str) -> bool:
    """Whether a scenario for next requests is for this operation."""
    return any(c.get("at", "any") in ("any", operation) for c in state.choose(text))


def in_time(chosen: ChosenScenario, age: float | None) -> bool:
    """Whether a scenario still strikes a task of that age in milliseconds; None: it is about none."""
    within = chosen.get("within_ms", 0)
    return not within or age is None or age < within


def counted(account: Account | None, chosen: ChosenScenario, operation: str, task: str) -> bool:
    """Whether a scenario with `times` still strikes; counts the use, for a task or ("") for the account."""
    times, after = chosen.get("times", 0), chosen.get("after", 0)
    if not (times or after) or account is None or chosen.get("at") not in ("any", operation):
        return True
    if after and account.counted(f"{task} {chosen.key} (before)", after):
        return False
    return not times or account.counted(f"{task} {chosen.key}", times)
