"""The only composition root: a state, its routes, and the ASGI application in front of them."""

from __future__ import annotations

import contextlib
import functools
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from understudy.mockserver.accounts.journal import nearest
from understudy.mockserver.accounts.keys import sent_key
from understudy.mockserver.endpoints.create import create
from understudy.mockserver.endpoints.exchange import Caller
from understudy.mockserver.endpoints.query import listing, query
from understudy.mockserver.endpoints.results import ResultFiles, answer
from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.routing import Routes, has_list, tidy, with_raw_path
from understudy.mockserver.state import ServerState
from understudy.mockserver.wire import reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.control.metrics import Metrics
    from understudy.mockserver.control.plane import ControlPlane
    from understudy.mockserver.play.routes import DescribedRoute
    from understudy.mockserver.routing import ProfileRoutes
    from understudy.mockserver.settings import Settings
    from understudy.mockserver.store import Store
    from understudy.mockserver.store.tasks import Task
    from understudy.mockserver.wire import Receive, Scope, Send

CONTROL = "/__understudy__"
RESULT = "result"
# On answers to paths that do not exist: the operation that may have been meant.
NEAREST = b"x-understudy-nearest"
# The live board, its inbox for callbacks, and the reference.
BOARD = (f"{CONTROL}/board", f"{CONTROL}/inbox/", f"{CONTROL}/docs")
logger = logging.getLogger("understudy")


class MockApp:
    """The ASGI application. Create, query and list go straight to their endpoints; Starlette has the rest."""

    # What answers the control plane; None: its own handlers.
    handlers_type: Callable[..., Any] | None = None

    def __init__(
        self, settings: Settings, store: Store | None = None, state: ServerState | None = None
    ) -> None:
        self.state = state if state is not None else ServerState(settings, store)
        self.routes = Routes(self.state)
        self.metrics = self._metrics()
        if settings.log_json:
            from understudy.mockserver.server.log import RequestLog  # here: few want it

            self.state.observers.append(RequestLog(lambda: settings.wall() / 1e9))
        self._results = ResultFiles(self.state)
        self._control: Any = None
        self._board: Any = None
        self._collections = self.routes.shared.collections
        self._items = self.routes.shared.items
        self._hosts = bool(self.routes.hosts)

    @functools.cached_property
    def control(self) -> ControlPlane:
        """The control plane, created on its first request."""
        # Here: `serve` starts 2 ms sooner.
        from understudy.mockserver.control.plane import ControlPlane

        return ControlPlane(self.state, self.routes)

    def _metrics(self) -> Metrics | None:
        if not self.state.settings.metrics:
            return None
        # Here, because prometheus-client is no part of what `serve` needs.
        from understudy.mockserver.control.metrics import Metrics

        return Metrics(self.state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
            return
        raw: bytes = scope.get("raw_path") or with_raw_path(scope)
        method = scope["method"]
        if not self._hosts:
            if method == "POST":
                played = self._collections.get(raw)
                if played is not None:
                    await create(self.state, played, scope, receive, send)
                    return
            elif method == "GET":
                head, _, tail = raw.rpartition(b"/")
                played = self._items.get(head)
                if played is not None and tail:
                    await query(self.state, played, scope, send, tail)
                    return
                played = self._collections.get(raw)
                if played is not None and has_list(played):
                    await listing(self.state, played, scope, send)
                    return
        await self._elsewhere(scope, receive, send, raw, method)

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send, raw: bytes, method: str) -> None:
        """Hosts, untidy paths, lists, results, the control plane, and everything unknown."""
        path = tidy(raw)
        text = path.decode("latin-1")
        is_ours = text == "/" and not (method == "POST" and self._has_root(scope))
        if text == CONTROL or text.startswith(CONTROL + "/") or is_ours:
            if text.startswith(BOARD) or (text == "/" and is_browser(scope)):
                await self._to_board(scope, receive, send, text)
            else:
                await self._to_control(scope, receive, send, text)
            return
        table = self.routes.table(self._host(scope)) if self._hosts else self.routes.shared
        immediate = table.immediate.get(path)
        if immediate is not None and (route := immediate.get(method)) is not None:
            # Here: few clients ask for anything but tasks.
            from understudy.mockserver.endpoints.immediate import serve

            await serve(self.state, route.play, scope, receive, send)
            return
        played = table.collections.get(path)
        if played is not None and method == "POST":
            await create(self.state, played, scope, receive, send)
        elif played is not None and method == "GET" and has_list(played):
            await listing(self.state, played, scope, send)
        else:
            head, _, tail = path.rpartition(b"/")
            item = table.items.get(head) if tail else None
            if item is not None and method == "GET":
                await query(self.state, item, scope, send, tail)
            elif text.startswith("/results/") and method in ("GET", "HEAD"):
                await self._result(scope, send, text, table)
            elif found := table.matching(text):
                await self._described(scope, receive, send, text, table, found)
            else:
                methods = "GET" if item is not None else ""
                if played is not None:
                    methods = "GET, POST" if has_list(played) else "POST"
                methods = ", ".join(sorted(immediate)) if immediate is not None else methods
                if self._results.task(text) is not None:
                    methods = "GET, HEAD"
                await self._unknown(scope, send, text, table, methods)

    async def _described(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        path: str,
        table: ProfileRoutes,
        found: list[tuple[DescribedRoute, dict[str, str]]],
    ) -> None:
        """An operation of a described API; `found` are those at this path, whatever their method."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        for route, variables in found:
            if route.method == method and route.is_meant(scope):
                from understudy.mockserver.endpoints.described import serve  # here: see `played_family`

                await serve(self.state, route, variables, scope, receive, send)
                return
        methods = ", ".join(sorted({route.method for route, _ in found if route.method != method}))
        await self._unknown(scope, send, path, table, methods)

    def _has_root(self, scope: Scope) -> bool:
        """Whether the API that is asked has operations at "/"."""
        table = self.routes.table(self._host(scope)) if self._hosts else self.routes.shared
        return table.has_root

    @staticmethod
    def _host(scope: Scope) -> bytes:
        return next((value for name, value in scope["headers"] if name == b"host"), b"")

    async def _result(self, scope: Scope, send: Send, path: str, table: ProfileRoutes) -> None:
        caller = Caller(self.state, scope, send, RESULT)
        sample = await self._results.sample(path, table.profile.name)
        if sample is not None:
            await self._file(caller, *sample)
            return
        try:
            task, index, watermark = self._results.find(path)
            self._check_owner(caller, task)
            kind = self._results.media_type(task, path)
            media_type, data = await self._results.bytes(task, index, watermark=watermark, media_type=kind)
        except Refused as refused:
            # A result's link needs no key: the link itself says into whose journal it goes.
            owned = self._results.task(path)
            caller.account = self.state.accounts.get(owned.account) if owned is not None else None
            await self._refuse(caller, path, table, refused, of_a_file=True)
            return
        caller.account = self.state.accounts.get(task.account)
        caller.family, caller.task = task.family, task.id
        await self._file(caller, media_type, data)

    def _check_owner(self, caller: Caller, task: Task) -> None:
        """Raise Refused for a request without the account's key, where results are for that alone."""
        axes = self.state.played_by(task).behaviour.axes
        if axes is None or not axes.needs_key:
            return
        query = dict(parse_qsl(caller.scope["query_string"].decode("latin-1")))
        key = sent_key(axes.service.account, caller.headers, query)
        if self.state.keyring.account(b"Bearer " + key.encode("latin-1")) != task.account:
            raise Refused("no_permission")

    @staticmethod
    async def _file(caller: Caller, media_type: str, data: bytes) -> None:
        status, headers, body = answer(data, media_type, caller.scope["method"], caller.headers)
        caller.note(status, "accepted", b"")
        await caller.send({"type": "http.response.start", "status": status, "headers": headers})
        await caller.send({"type": "http.response.body", "body": body})

    async def _unknown(self, scope: Scope, send: Send, path: str, table: ProfileRoutes, methods: str) -> None:
        """`methods` are those that the path knows, "" for a path that does not exist."""
        caller = Caller(self.state, scope, send)
        if not methods:
            near = nearest(scope["method"], path.encode("latin-1", "replace"), table.known())
            more = ((NEAREST, near.encode("latin-1", "replace")),) if near else ()
            await self._refuse(caller, path, table, Refused("unknown_resource", path=path), *more)
            return
        refused = Refused("unknown_method", method=scope["method"])
        await self._refuse(caller, path, table, refused, (b"allow", methods.encode()))

    async def _refuse(
        self,
        caller: Caller,
        path: str,
        table: ProfileRoutes,
        refused: Refused,
        *more: tuple[bytes, bytes],
        of_a_file: bool = False,
    ) -> None:
        """Refuse a request that matches no operation as the path's profile does, with `more` headers.

        What serves files knows nothing of an API that puts its errors under 200: its statuses are HTTP's own.
        """
        state = self.state
        refusals = state.refusals[self.routes.profile_for(path, table).name]
        status, value = refusals.answer(refused, state.ids.request())
        if of_a_file:
            status = refusals.situations[refused.situation].status
        out = encode(value)
        if caller.account is None:
            with contextlib.suppress(Refused):
                caller.account = state.accounts.get(state.keyring.account(caller.authorization))
        caller.note(status, refused.situation, out)
        await reply(caller.scope, caller.send, status, out, more)

    def control_ready(self) -> None:
        """Make the control plane's application, unless it is there."""
        if self._control is None:
            # Here, because Starlette is not on the way to the first answer.
            from understudy.mockserver.control.routes import control_app

            self._control = control_app(self.control, self.metrics, self.handlers_type)

    async def _to_control(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        self.control_ready()
        scope = {**scope, "path": path, "raw_path": path.encode("latin-1")}
        await self._control(scope, receive, send)

    async def _to_board(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        if self._board is None:
            # Here, because most servers are never looked at.
            from understudy.mockserver.board.routes import board_app

            self._board = board_app(self.state, self.control, self._results)
        scope = {**scope, "path": path, "raw_path": path.encode("latin-1")}
        await self._board(scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.state.start()
                if self.metrics is not None:
                    self.metrics.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self.metrics is not None:
                    self.metrics.stop()
                await self.state.close(self.state.settings.drain)
                await send({"type": "lifespan.shutdown.complete"})
                return


def is_browser(scope: Scope) -> bool:
    """Whether a request wants a page: browsers name HTML in Accept, clients of APIs do not."""
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accepted
