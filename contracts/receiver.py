"""Listens for callbacks while a run is on, one path for each task, and writes down what comes."""

from __future__ import annotations

import dataclasses
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from understudy.contracts import trace
from understudy.contracts.failures import TargetError
from understudy.specs.behaviour.template_reading import fits, values_in
from understudy.specs.behaviour.templates import fill

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

MOST_BYTES = 4 * 1024 * 1024
OK, REFUSED = 200, 500


@dataclass
class Receiver:
    """`async with Receiver(...) as receiver:`; `receiver.url(family, task)` is what to send as callback URL.

    `public` is the URL under which the provider reaches us; without it, the address we listen on.
    """

    conversation: trace.Conversation
    host: str = "127.0.0.1"
    port: int = 0
    public: str = ""
    token: str = "callbacks"  # noqa: S105 - a path, no secret
    now: Callable[[], float] = time.time
    # Takes a delivery in place of the conversation, and gives the HTTP status to answer with.
    take: Callable[[trace.Delivery], Awaitable[int]] | None = None
    # What the provider may ask of the address at create, and the answer that it wants: (body, answer).
    challenges: Collection[tuple[Any, Any]] = ()
    # Whether the first callback is answered 500, to see whether it comes again.
    refuses_first: bool = False
    # Puts a name in the place of each key of ours: what comes in is written down and shown.
    blot: Callable[[bytes], bytes] = bytes
    _paths: dict[str, tuple[str, str]] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Receiver:
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_route("*", f"/{self.token}/{{place}}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise TargetError(
                f"cannot listen for callbacks: {error.strerror or error}",
                where=f"{self.host}:{self.port}",
                advice="use another --callback-listen HOST:PORT",
            ) from error
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def url(self, family: str, task: str) -> str:
        """The callback URL for a task; the same for the same task."""
        known = next((p for p, owner in self._paths.items() if owner == (family, task)), None)
        place = known or str(len(self._paths) + 1)
        self._paths[place] = (family, task)
        host = f"[{self.host}]" if ":" in self.host else self.host
        base = self.public.rstrip("/") or f"http://{host}:{self.port}"
        return f"{base}/{self.token}/{place}{self._query(place)}"

    def _query(self, place: str) -> str:
        """What must come back with a callback: URLs of real clients carry a tenant, or a secret of theirs.

        Its characters are others once they are decoded.
        """
        return "" if self.take else f"?task={place}&from={self.token[:8]}&sig=a%2Bb%20c"

    def _blotted(self, text: str) -> str:
        return self.blot(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")

    def _challenged(self, body: bytes) -> Any:
        """The answer to a challenge, which is no callback; None where the body is none."""
        if not self.challenges:
            return None
        try:
            said = json.loads(body)
        except ValueError:
            return None
        for asked, answer in self.challenges:
            if isinstance(said, dict) and said.keys() == asked.keys() and fits(asked, said):
                return fill(answer, values_in(asked, said).get)
        return None

    async def _take(self, request: web.Request) -> web.Response:
        received = self.now() * 1000
        owner = self._paths.get(request.match_info["place"])
        if owner is None:
            return web.Response(status=404)
        body = self.blot(await request.read())
        answer = self._challenged(body)
        if answer is not None:
            self.conversation.challenged = {*(self.conversation.challenged or ()), owner}
            return web.json_response(answer)
        number = len(self.conversation.deliveries)
        headers = tuple((n, self._blotted(v)) for n, v in request.headers.items())
        delivery = trace.Delivery(
            number,
            *owner,
            received,
            headers,
            body,
            self.url(*owner),
            request.method,
            self._blotted(request.rel_url.raw_query_string),
        )
        if self.take is not None and request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        if self.take is not None:
            return web.Response(status=await self.take(delivery))
        refused = self.refuses_first and not self.conversation.deliveries
        delivery = dataclasses.replace(delivery, answered=REFUSED if refused else OK)
        self.conversation.deliveries.append(delivery)
        return web.Response(status=delivery.answered)
