"""A faithful mock with one planted bug: a proxy in front of it that bends requests, answers or callbacks."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import io
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "whsec_" + base64.b64encode(b"a secret for the tests only").decode()
DROPPED = frozenset({"host", "content-length", "transfer-encoding", "connection", "date", "server"})


@dataclass
class Call:
    """One request on its way through: what was asked, and, after forwarding, what was answered.

    kind: create, query, list, download or other. `body`, `answer`: JSON values, None when there is none.
    `state` is shared by all calls of one server, for bugs that remember.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    state: dict[str, Any]
    status: int = 0
    answer: Any = None
    answer_raw: bytes = b""
    answer_headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.raw)
        except ValueError:
            return None

    @body.setter
    def body(self, value: Any) -> None:
        self.raw = json.dumps(value).encode()

    @property
    def kind(self) -> str:
        if re.fullmatch(r"/v1/\w+/[\w-]+", self.path):
            return "create" if self.method == "POST" else "list"
        return "query" if re.fullmatch(r"/v1/\w+/[\w-]+/[^/]+", self.path) else "other"

    @property
    def accepted(self) -> bool:
        return isinstance(self.answer, dict) and self.answer.get("code") == 0

    @property
    def record(self) -> dict[str, Any]:
        """The task record of an accepted create or query, else {}."""
        data = self.answer.get("data") if self.accepted else None
        return data if isinstance(data, dict) else {}

    @property
    def records(self) -> list[dict[str, Any]]:
        """Every task record in the answer."""
        data = self.answer.get("data") if self.accepted else None
        return data if isinstance(data, list) else [data] if isinstance(data, dict) else []

    def refuse(self, status: int, code: Any, message: str = "no") -> None:
        self.status = status
        self.answer = {"code": code, "message": message, "request_id": f"r{next(self.state['ids'])}"}


@dataclass
class Callback:
    """One callback on its way: bugs may change it, multiply it, delay it or drop it."""

    url: str
    headers: dict[str, str]
    raw: bytes
    delay: float = 0.0
    method: str = "POST"

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @body.setter
    def body(self, value: Any) -> None:
        self.raw = json.dumps(value, ensure_ascii=False).encode()


def signed(callback: Callback) -> dict[str, str]:
    """The headers of a callback whose body was changed: a provider with this bug would sign what it sends."""
    headers = dict(callback.headers)
    head = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
    made = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), head + callback.raw, hashlib.sha256)
    return {**headers, "webhook-signature": f"v1,{base64.b64encode(made.digest()).decode()}"}


@dataclass(frozen=True)
class Bug:
    """A planted bug: what it does on each way through. `promise` catches it; `related` may fail as well."""

    id: str
    promise: str
    related: frozenset[str] = frozenset()
    before: Callable[[Call], None] | None = None
    after: Callable[[Call], None] | None = None
    callbacks: Callable[[Callback, dict[str, Any]], list[Callback]] | None = None
    verdict: str = "broken"
    # How a result of the faithful server is served whose URL leads here: (request, its bytes) -> the answer.
    serve: Callable[[web.Request, bytes], web.Response] | None = None


NONE = Bug("faithful", "")


@dataclass
class BrokenServer:
    """`async with BrokenServer(mock.url, bug) as server:`, then talk to `server.url`."""

    upstream: str
    bug: Bug = NONE
    url: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    _targets: dict[str, str] = field(default_factory=dict)
    _later: set[asyncio.Task[int]] = field(default_factory=set)

    async def __aenter__(self) -> BrokenServer:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self.state.update(ids=itertools.count(1), url=self.url)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._later:
            task.cancel()
        await self._session.close()
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if request.path.startswith("/callback-hop/"):
            return await self._callback(request, raw)
        if request.path.startswith("/expiring/"):
            return await self._expiring(request.path.rpartition("/")[2])
        if request.path.startswith("/files/"):
            return await self._file(request)
        query = {k: v[0] for k, v in parse_qs(request.query_string, keep_blank_values=True).items()}
        headers = {k: v for k, v in request.headers.items() if k.lower() not in DROPPED}
        self.state["chunked"] = request.headers.get("Transfer-Encoding") == "chunked"
        call = Call(request.method, request.rel_url.raw_path, query, headers, raw, self.state)
        if self.bug.before:
            self.bug.before(call)
        if not call.status:
            await self._forward(call)
        if self.bug.after:
            self.bug.after(call)
        if call.delay:
            await asyncio.sleep(call.delay)
        body = call.answer_raw if call.answer is None else json.dumps(call.answer).encode()
        dropped = DROPPED - {"date"}  # a server's clock is its own
        kept = {k: v for k, v in call.answer_headers.items() if k.lower() not in dropped}
        return web.Response(
            body=body, status=call.status, headers=kept or {"Content-Type": "application/json"}
        )

    async def _forward(self, call: Call) -> None:
        self._hop(call)
        async with self._session.request(
            call.method,
            URL(self.upstream + call.path, encoded=True).with_query(call.query),
            headers=call.headers,
            # aiohttp warns of large bodies that are no files.
            data=io.BytesIO(call.raw) if call.raw else None,
        ) as answer:
            call.answer_raw = await answer.read()
            call.status = answer.status
            call.answer_headers = dict(answer.headers)
        try:
            call.answer = json.loads(call.answer_raw)
        except ValueError:
            call.answer = None

    def _hop(self, call: Call) -> None:
        """Lead the task's callbacks through here."""
        body = call.body
        target = body.get("callback_url") if isinstance(body, dict) else None
        if call.kind == "create" and isinstance(target, str) and target.startswith("http"):
            place = str(len(self._targets))
            self._targets[place] = target
            call.body = {**body, "callback_url": f"{self.url}/callback-hop/{place}"}

    async def _callback(self, request: web.Request, raw: bytes) -> web.Response:
        target = self._targets[request.path.rpartition("/")[2]]
        headers = {k: v for k, v in request.headers.items() if k.lower() not in DROPPED}
        callback = Callback(target, headers, raw)
        out = self.bug.callbacks(callback, self.state) if self.bug.callbacks else [callback]
        answered = 200
        for one in out:
            if one.raw != raw and "webhook-signature" in one.headers:
                one.headers = signed(one)
            if one.delay:
                later = asyncio.ensure_future(self._send(one))
                self._later.add(later)
            else:
                answered = max(answered, await self._send(one))
        # A provider learns of a receiver that is not well; one with this bug does not look.
        looks = answered >= 500 and "never looks" not in self.state
        return web.Response(status=answered if looks else 200)

    async def _send(self, callback: Callback) -> int:
        """The status that the receiver answered with, 0 for none."""
        await asyncio.sleep(callback.delay)
        with contextlib.suppress(aiohttp.ClientError):  # nobody listens any more
            async with self._session.request(
                callback.method, callback.url, data=callback.raw, headers=callback.headers
            ) as answer:
                return answer.status
        return 0

    async def _expiring(self, name: str) -> web.Response:
        """A result that is there once, by the URL in `state["expiring"]`."""
        target = self.state.get("expiring", {}).get(name)
        fetched = self.state.setdefault("fetched", set())
        if target is None or name in fetched:
            return web.Response(status=403)
        fetched.add(name)
        async with self._session.get(target) as answer:
            return web.Response(body=await answer.read(), content_type=answer.content_type)

    async def _file(self, request: web.Request) -> web.Response:
        """Results that are not what they claim to be; `state["files"]` has them by name, `state["real"]` the
        URLs of those that the faithful server has.
        """
        name = request.path.rpartition("/")[2]
        if name in self.state.get("real", {}):
            async with self._session.get(self.state["real"][name]) as answer:
                data, kind = await answer.read(), answer.content_type
            if self.bug.serve:
                return self.bug.serve(request, data)
            return web.Response(body=data, content_type=kind)
        found = self.state.get("files", {}).get(name)
        if found is None:
            return web.Response(status=404)
        kind, data = found
        return web.Response(body=data, content_type=kind)
