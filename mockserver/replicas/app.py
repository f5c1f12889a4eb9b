"""The ASGI application of one replica: the mock's own, over a shared store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.mockserver.endpoints.exchange import RETRY_AFTER
from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.replicas.control import ReplicaHandlers
from understudy.mockserver.replicas.counters import NeedsCounters
from understudy.mockserver.replicas.rerun import rerun
from understudy.mockserver.replicas.state import ReplicaState
from understudy.mockserver.server.app import CONTROL, MockApp
from understudy.mockserver.store.group_commit import StaleChangeError
from understudy.mockserver.store.shared import NotInMemory
from understudy.mockserver.wire import reply

if TYPE_CHECKING:
    from understudy.mockserver.settings import Settings
    from understudy.mockserver.store.database import Database
    from understudy.mockserver.wire import Message, Receive, Scope, Send

UNAVAILABLE = "unavailable"
# What goes on while the database can be read and not written.
READING = ("GET", "HEAD")


class Replayed:
    """What a client sends, to be read again from the beginning."""

    __slots__ = ("_at", "_receive", "_seen")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen: list[Message] = []
        self._at = 0

    async def __call__(self) -> Message:
        if self._at == len(self._seen):
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            self._seen.append(message)
        self._at += 1
        return self._seen[self._at - 1]

    def rewind(self) -> None:
        self._at = 0


class ReplicaApp(MockApp):
    """Answers what it can from memory; runs a request again when the database had to be asked."""

    state: ReplicaState
    handlers_type = ReplicaHandlers

    def __init__(self, settings: Settings, database: Database, name: str = "") -> None:
        super().__init__(settings, state=ReplicaState(settings, database, name))
        self.control_ready()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(CONTROL):
            await super().__call__(scope, receive, send)
            return
        members = self.state.members
        if members.deaf or (members.fenced and scope["method"] not in READING):
            because = self.state.store.trouble() or f"{self.state.database.where} is away"
            await self._put_off(scope, send, Refused(UNAVAILABLE, because=because))
            return
        replayed = Replayed(receive)
        try:
            await super().__call__(scope, replayed, send)
        except (NotInMemory, NeedsCounters, StaleChangeError) as needed:
            first: list[Exception] = [needed]

            async def again() -> None:
                if first:
                    raise first.pop()
                replayed.rewind()
                await super(ReplicaApp, self).__call__(scope, replayed, send)

            try:
                await rerun(self.state, again)
            except Refused as refused:
                await self._put_off(scope, send, refused)

    async def _to_board(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        """The board and its inbox look at one process, and would show a part of what happens."""
        if path == "/":
            await self._to_control(scope, receive, send, path)
            return
        said = (
            "the live board is for one process: start `understudy serve` without --workers and postgresql://"
        )
        await reply(scope, send, 501, encode({"error": said}))

    async def _put_off(self, scope: Scope, send: Send, refused: Refused) -> None:
        """503: the database cannot be asked just now."""
        refusals = self.state.refusals[self.state.profiles[0].name]
        status, body = refusals.answer(refused, self.state.ids.request())
        await reply(scope, send, status, encode(body), RETRY_AFTER)
