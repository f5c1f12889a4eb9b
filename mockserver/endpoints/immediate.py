"""Operations that are answered at once: a balance, a session, a list of presets, the removal of a result."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from understudy.mockserver.accounts.journal import kept
from understudy.mockserver.endpoints.create import misfit
from understudy.mockserver.endpoints.exchange import ApiExchange
from understudy.mockserver.endpoints.json_body import read_json
from understudy.mockserver.endpoints.sources import check_names, not_usable, result_of
from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.wire import ClientDisconnected, reply
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.play.immediate import ImmediatePlay
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.wire import Receive, Scope, Send
    from understudy.specs.behaviour.immediate import Removal

CALL = "call"


class ImmediateExchange(ApiExchange):
    """A request for an operation that starts no task."""

    __slots__ = ()

    async def answer(self, status: int, value: Any, verdict: str) -> None:
        """Note the answer, then send it. Scenarios refuse and delay it; spoiled answers are tasks'."""
        if self.effects.latency_ms:
            await asyncio.sleep(self.effects.latency_ms / 1000)
        out = encode(value)
        self.note(status, verdict, out)
        await reply(self.scope, self.send, status, out)

    def limit_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """None: they tell of what a family's tasks are counted in."""
        return ()


async def serve(state: ServerState, play: ImmediatePlay, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    exchange = ImmediateExchange(state, scope, send, CALL, play)  # type: ignore[arg-type]
    try:
        request = await asked(exchange, play, receive)
        account = exchange.account
        assert account is not None  # noqa: S101 - `asked` has identified it
        exchange.at = now = account.clock.now()
        textbook = state.settings.textbook
        if play.behaviour.names and not textbook:
            check_names(exchange, account, play.behaviour.names, request)
        if play.behaviour.removes is not None and not textbook:
            forget(exchange, account, play.behaviour.removes, request)
        ident = state.ids.task()
        if play.behaviour.valid_ms is not None:
            opened = play.behaviour
            state.known_ids.open(ident, account.key, now, opened.valid_ms or 0, opened.clip_ms)
        value = play.wrapped(play.answer(request, ident, now, exchange.origin()), state.ids.request())
    except Refused as refused:
        await exchange.refuse(refused)
    except ClientDisconnected:
        return
    else:
        await exchange.answer(200, value, "accepted")


async def asked(exchange: ImmediateExchange, play: ImmediatePlay, receive: Receive) -> Any:
    """What the request says, checked: its body, or the parameters of its query string; raises Refused."""
    if play.method == "GET":
        admit(exchange)
        return play.asked(exchange.scope["query_string"])
    raw, reserved = await exchange.state.bodies.read(receive, exchange.length)
    await exchange.state.bodies.release(reserved)
    exchange.body = kept(raw, None)
    admit(exchange)
    request = read_json(raw, exchange.headers)
    check, rules = play.body, play.behaviour.rules
    if check is not None and not check.is_valid(request):
        raise check.refusal(request)
    breach = rules.refusal(request) if rules is not None and not exchange.state.settings.textbook else None
    if breach is not None:
        raise misfit(breach)
    return request


def admit(exchange: ImmediateExchange) -> None:
    """Find the account, and let scenarios that refuse have their say; raises Refused."""
    account = exchange.identify()
    if exchange.has_scenario(account, ""):
        exchange.choose_effects()
    if exchange.effects.refuse:
        raise exchange.chosen_refusal()


def forget(exchange: ImmediateExchange, account: Account, rule: Removal, request: Any) -> None:
    """Let the result that a request names be used no more; raises Refused for one that is not known."""
    name = str(at(request, rule.field))
    found = result_of(exchange.state, name)
    task = found[0] if found is not None else None
    if task is None or task.account != account.key or task.family not in rule.families:
        raise not_usable(rule.field, f"{name[:40]} does not exist in this account")
    exchange.task = task.id
    exchange.state.known_ids.remove(name)
