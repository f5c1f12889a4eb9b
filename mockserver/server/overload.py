"""The answer on connections beyond the limit: 503 with Retry-After, instead of a queue that grows.

A connection has one request answered at a time and a few more waiting, so bounding connections bounds the
work that is held. The control plane answers on any of them: health checks and commands must come through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.wire import reply

if TYPE_CHECKING:
    from understudy.mockserver.play.refusals import RefusalAnswers
    from understudy.mockserver.server.app import MockApp
    from understudy.mockserver.wire import Receive, Scope, Send

CONTROL = b"/__understudy__"
HEADERS = ((b"retry-after", b"1"), (b"connection", b"close"))


class Overloaded:
    """An ASGI application that refuses all but the control plane, and ends the connection."""

    def __init__(self, app: MockApp, refusals: RefusalAnswers) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["raw_path"].startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        state = self._app.state
        because = f"this server has {state.settings.connections} open connections and accepts no more"
        status, body = self._refusals.answer(Refused("unavailable", because=because), state.ids.request())
        await reply(scope, send, status, encode(body), HEADERS)
