"""The only composition root: a world, its routes, and the ASGI application in front of them."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

from mockserver.control.desk import Desk
from mockserver.encoding import encode
from mockserver.endpoints.create import create
from mockserver.endpoints.query import listing, query
from mockserver.endpoints.request import Request, note
from mockserver.endpoints.results import Results, answer
from mockserver.errors import Refused
from mockserver.routing import Routes, tidy, with_raw_path
from mockserver.wire import reply
from mockserver.world import World

if TYPE_CHECKING:
    from mockserver.routing import Table
    from mockserver.settings import Settings
    from mockserver.store import Store
    from mockserver.wire import Receive, Scope, Send

CONTROL = "/__understudy__"
logger = logging.getLogger("understudy")


class MockApp:
    """The ASGI application. Create, query and list go straight to their endpoints; Starlette has the rest."""

    def __init__(self, settings: Settings, store: Store | None = None) -> None:
        self.world = World(settings, store)
        self.routes = Routes(self.world)
        self.desk = Desk(self.world, self.routes)
        self._results = Results(self.world)
        self._control: Any = None
        self._collections = self.routes.shared.collections
        self._items = self.routes.shared.items
        self._hosts = bool(self.routes.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
            return
        raw: bytes = scope.get("raw_path") or with_raw_path(scope)
        method = scope["method"]
        if not self._hosts:
            if method == "POST":
                play = self._collections.get(raw)
                if play is not None:
                    await create(self.world, play, scope, receive, send)
                    return
            elif method == "GET":
                head, _, tail = raw.rpartition(b"/")
                play = self._items.get(head)
                if play is not None and tail:
                    await query(self.world, play, scope, send, tail)
                    return
                play = self._collections.get(raw)
                if play is not None:
                    await listing(self.world, play, scope, send)
                    return
        await self._elsewhere(scope, receive, send, raw, method)

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send, raw: bytes, method: str) -> None:
        """Hosts, untidy paths, lists, results, the control plane, and everything unknown."""
        path = tidy(raw)
        text = path.decode("latin-1")
        if text == CONTROL or text.startswith(CONTROL + "/") or text == "/":
            await self._to_control(scope, receive, send, text)
            return
        table = self.routes.table(self._host(scope)) if self._hosts else self.routes.shared
        play = table.collections.get(path)
        if play is not None and method == "POST":
            await create(self.world, play, scope, receive, send)
        elif play is not None and method == "GET":
            await listing(self.world, play, scope, send)
        else:
            head, _, tail = path.rpartition(b"/")
            item = table.items.get(head) if tail else None
            if item is not None and method == "GET":
                await query(self.world, item, scope, send, tail)
            elif text.startswith("/results/") and method in ("GET", "HEAD"):
                await self._result(scope, send, text, table)
            else:
                methods = "GET, POST" if play is not None else "GET" if item is not None else ""
                if self._results.task(text) is not None:
                    methods = "GET, HEAD"
                await self._unknown(scope, send, text, table, methods)

    @staticmethod
    def _host(scope: Scope) -> bytes:
        return next((value for name, value in scope["headers"] if name == b"host"), b"")

    async def _result(self, scope: Scope, send: Send, path: str, table: Table) -> None:
        request = Request(scope)
        try:
            task, index, watermark = self._results.find(path)
            media_type, data = await self._results.bytes(task, index, watermark=watermark)
        except Refused as refused:
            # A result's link needs no key: the link itself says into whose journal it goes.
            owned = self._results.task(path)
            request.account = self.world.accounts.get(owned.account) if owned is not None else None
            await self._refuse(request, send, path, table, refused, "result")
            return
        request.account = self.world.accounts.get(task.account)
        status, headers, body = answer(data, media_type, scope["method"], request.headers)
        note(self.world, request, "result", task.family, status, "accepted", b"", task=task.id)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _unknown(self, scope: Scope, send: Send, path: str, table: Table, methods: str) -> None:
        """`methods` are those that the path knows, "" for a path that does not exist."""
        if not methods:
            await self._refuse(Request(scope), send, path, table, Refused("unknown_resource", path=path), "")
            return
        refused = Refused("unknown_method", method=scope["method"])
        await self._refuse(Request(scope), send, path, table, refused, "", allow=methods)

    async def _refuse(
        self,
        request: Request,
        send: Send,
        path: str,
        table: Table,
        refused: Refused,
        operation: str,
        *,
        allow: str = "",
    ) -> None:
        world = self.world
        profile = self.routes.profile_for(path, table)
        status, value = world.refusals[profile.name].answer(refused, world.ids.request())
        out = encode(value)
        if request.account is None:
            with contextlib.suppress(Refused):
                request.account = world.accounts.get(world.keyring.account(request.authorization))
        note(world, request, operation, "", status, refused.situation, out)
        await reply(request.scope, send, status, out, ((b"allow", allow.encode()),) if allow else ())

    async def _to_control(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        if self._control is None:
            # Here, because Starlette is not on the way to the first answer.
            from mockserver.control.routes import control_app

            self._control = control_app(self.desk)
        scope = {**scope, "path": path, "raw_path": path.encode("latin-1")}
        await self._control(scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.world.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.world.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
