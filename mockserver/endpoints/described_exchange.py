"""A request for an operation of a described API: who asks, for which task, and what the data answers.

Paths have variables, keys stand in any header or in the query. This is no hot path: answers are made from
templates.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from understudy.mockserver.accounts.keys import header_value, sent_key
from understudy.mockserver.endpoints.exchange import RETRY_AFTER, ApiExchange, encoded
from understudy.mockserver.endpoints.misbehaving import misbehave, spoil
from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.play.scenario_table import NOTHING
from understudy.mockserver.store.tasks import REMOVED
from understudy.mockserver.wire import JSON_TYPE
from understudy.specs.behaviour.templates import MISSING
from understudy.specs.behaviour.told_headers import limit_texts
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.play.described import DescribedFamily
    from understudy.mockserver.play.routes import DescribedRoute
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.store.tasks import Task
    from understudy.mockserver.wire import Receive, Scope, Send
    from understudy.specs.behaviour.axes import CallRule, Reply


class DescribedExchange(ApiExchange):
    """A request for an operation of a described family. `variables` are the path's, `query` the string's."""

    __slots__ = ("axes", "bodies", "idempotency", "query", "receive", "route", "variables")
    played: DescribedFamily

    def __init__(
        self,
        state: ServerState,
        route: DescribedRoute,
        variables: dict[str, str],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        operation = route.kind if route.kind in ("create", "list") else "query"
        super().__init__(state, scope, send, operation, route.played)
        self.route = route
        self.receive = receive
        self.variables = variables
        self.query: dict[str, str] = dict(
            parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        )
        self.played: DescribedFamily = route.played
        self.axes = route.played.axes
        self.bodies = route.played.bodies
        # (account, idempotency key, digest of the body) of a create that is the first with its key.
        self.idempotency: tuple[str, str, str] | None = None

    # --- who asks

    def identify(self) -> Account:
        """The account that the request's key opens, wherever the API has its key; raises Refused."""
        rule = self.axes.service.account
        key = sent_key(rule, self.headers, self.query)
        self.authorization = b"Bearer " + key.encode("latin-1")
        account = super().identify()
        self._check_headers({**self.axes.service.headers})
        return account

    def header(self, name: str) -> str:
        """A header's value, "" when it is absent."""
        return header_value(self.headers, name)

    def _check_headers(self, wanted: Mapping[str, str | None]) -> None:
        for name, value in wanted.items():
            given = self.header(name)
            if not given or (value is not None and given.lower() != value.lower()):
                said = f"header {name} must be {value}" if value is not None else f"header {name} is missing"
                raise Refused("invalid_request", reason=said)

    def admitted(self, *, inner: str = "", task: str = "") -> Account:
        """The account, after scenarios that refuse have had their say; raises Refused."""
        account = self.identify()
        if self.route.kind == "create":
            self._check_headers(self.axes.create.headers)
        if self.has_scenario(account, inner):
            self.choose_effects(inner, task)
        return account

    # --- answers

    async def tell(
        self, reply: Reply, task: Task | None, now: int, value: Any = None, *, begun: bool = False
    ) -> None:
        """Answer with a reply of the data, filled for a task as it is `now`, with `begun` as it was at first;
        or with `value`, which is made already."""
        if reply.situation:
            reason = task.plan.reason if task is not None else ""
            raise Refused(reply.situation, id=task.id if task else "", reason=reason or "see its status")
        body = value
        headers: list[tuple[bytes, bytes]] = []
        if task is not None:
            index = 0 if begun else task.index(now)
            request_id = self.state.ids.request()
            if value is None:
                body = self.bodies.made(reply.body, task, index, now, request_id)
            for name, text in reply.headers.items():
                filled = self.bodies.made(text, task, index, now, request_id)
                headers.append((name.lower().encode(), str(filled).encode()))
        await self.send_value(reply.status, body, headers)

    async def send_value(
        self, status: int, value: Any, headers: list[tuple[bytes, bytes]], verdict: str = "accepted"
    ) -> None:
        """Encode, note and send, as the chosen scenario wants it; MISSING is an empty body."""
        headers = [*headers, *self.limit_headers()]
        chosen = self.effects
        if chosen is not NOTHING and value is not MISSING:
            if chosen.latency_ms:
                await asyncio.sleep(chosen.latency_ms / 1000)
            if chosen.transport or chosen.mutations or chosen.retry_after:
                status, out = spoil(chosen, status, value, self.played.behaviour)
                self.note(status, verdict, out)
                await misbehave(chosen, self.scope, self.send, status, out, headers)
                return
        out = b"" if value is MISSING else encode(value)
        self.note(status, verdict, out)
        kind = [] if value is MISSING else [JSON_TYPE]
        length = [] if status == 204 else [(b"content-length", b"%d" % len(out))]
        await self.send(
            {"type": "http.response.start", "status": status, "headers": [*kind, *length, *headers]}
        )
        await self.send({"type": "http.response.body", "body": out})

    async def answer(self, status: int, value: Any, verdict: str) -> None:
        await self.send_value(status, value, [], verdict)

    async def put_off(self, status: int, value: Any, verdict: str) -> None:
        await self.send_value(status, value, [*RETRY_AFTER], verdict)

    def limit_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The headers that tell the account's limits."""
        limits = self.axes.service.limits
        if not limits.headers or self.account is None:
            return ()
        most = limits.active or int(limits.per_second) or 0
        left = max(0, most - self.active(self.account)) if limits.active else most
        return tuple(encoded(limit_texts(limits.headers, most, left)))

    def active(self, account: Account) -> int:
        """How many tasks of the account have not ended."""
        now = account.clock.now()
        return sum(1 for task in account.running if not self.state.is_terminal(task, task.status(now)))

    # --- a task

    def wanted_id(self, call: CallRule, body: Any) -> str:
        """The id that a request for one task names."""
        if call.id_place == "path":
            return self.variables.get(call.id_name, "")
        if call.id_place == "query":
            return self.query.get(call.id_name, "")
        value: Any = at(body, call.id_path)
        return "" if value is None else str(value)

    def find(self, account: Account, wanted: str) -> Task | None:
        """The account's task of that id, None for one that never was, is deleted or has been dropped.

        Where the operation is one for several families, the exchange is about the task's own from here on.
        """
        for played in self.route.families:
            task = self.state.store.find(account.key, played.name, wanted)
            if task is not None and is_known(task, played, account.clock.now()):
                self.played, self.axes, self.bodies = played, played.axes, played.bodies
                return task
        return None

    def record(self, task: Task, now: int, request_id: str = "") -> Any:
        """The record of a task of any family that the operation is for."""
        bodies = next((one.bodies for one in self.route.families if one.name == task.family), self.bodies)
        return bodies.made("$record", task, task.index(now), now, request_id)


def is_known(task: Task, played: DescribedFamily, now: int) -> bool:
    """Whether a task still exists: neither deleted nor dropped after its time."""
    kept = played.axes.retention_ms
    return task.status(now) != REMOVED and not (kept and now >= task.created_at + kept)


def account_tasks(exchange: DescribedExchange, account: Account) -> list[Task]:
    """The account's tasks of the operation's families that still exist, newest first."""
    now = account.clock.now()
    families = {one.name: one for one in exchange.route.families}
    return [
        task
        for task in exchange.state.store.tasks(account.key)
        if task.profile == exchange.played.profile.name
        and (played := families.get(task.family)) is not None
        and is_known(task, played, now)
    ]


async def read_body(exchange: DescribedExchange) -> bytes:
    """The request's whole body; raises Refused for one that is too large."""
    body, reserved = await exchange.state.bodies.read(exchange.receive, exchange.length)
    await exchange.state.bodies.release(reserved)
    return body
