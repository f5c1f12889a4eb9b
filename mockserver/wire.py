"""Reading request bodies within bounds, and writing answers: what ASGI leaves to applications."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

JSON_TYPE = (b"content-type", b"application/json")
# From here on a body is parsed and checked in a thread, and counts against the bytes in flight.
BIG = 65_536
DRAIN_SECONDS = 5.0


class ClientDisconnected(Exception):  # noqa: N818 - not an error: the client disconnected
    """The client has disconnected; no answer can be sent."""


class BodyReader:
    """Reads bodies: at most `most` bytes each, `in_flight` over all requests that are read at a time."""

    __slots__ = ("_condition", "_free", "in_flight", "most")

    def __init__(self, most: int, in_flight: int) -> None:
        self.most = most
        self.in_flight = max(in_flight, most)
        self._free = self.in_flight
        self._condition: asyncio.Condition | None = None

    def too_large(self) -> Refused:
        return Refused("body_too_large", reason=f"the body is larger than {self.most} bytes")

    async def read(
        self, receive: Receive, declared: int | None, first: Message | None = None
    ) -> tuple[bytes, int]:
        """The whole body, and how many bytes to `release` afterwards; raises Refused, ClientDisconnected.

        `first` is a message that has been received already. A body that is declared to be too large, or that
        must wait for its turn, is not asked for (100 Continue) before.
        """
        if declared is not None and declared > self.most:
            raise self.too_large()
        reserved = 0
        parts: list[bytes] = []
        size = 0
        try:
            if declared is not None and declared > BIG:
                await self._reserve(declared)
                reserved = declared
            while True:
                message = first or await receive()
                first = None
                if message["type"] == "http.disconnect":
                    raise ClientDisconnected
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > self.most:
                    raise self.too_large()
                if not message.get("more_body"):
                    return b"".join(parts), reserved
                if not reserved and size > BIG:
                    # Nobody said how long it will be: the most it can be.
                    await self._reserve(self.most)
                    reserved = self.most
        except BaseException:
            await self.release(reserved)
            raise

    async def _reserve(self, size: int) -> None:
        """Wait until so many bytes are free; meanwhile nothing is read from the client."""
        if self._condition is None:
            self._condition = asyncio.Condition()
        async with self._condition:
            await self._condition.wait_for(lambda: self._free >= size)
            self._free -= size

    async def release(self, size: int) -> None:
        if size and self._condition is not None:
            async with self._condition:
                self._free += size
                self._condition.notify_all()


def replied(scope: Scope, status: int, body: bytes) -> bool:
    """Send a JSON answer in one go; False where the server does not know how: then `send` must do it."""
    whole = scope["extensions"].get("understudy.reply") if "extensions" in scope else None
    return whole is not None and whole(status, body)


async def reply(
    scope: Scope, send: Send, status: int, body: bytes, more: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """A JSON answer with `more` headers, in one go where that can be."""
    if not more and replied(scope, status, body):
        return
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [JSON_TYPE, (b"content-length", b"%d" % len(body)), *more],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def reply_and_drain(receive: Receive, send: Send, status: int, body: bytes) -> None:
    """An answer to a request whose body is still coming: say it, then let the client finish or give up.

    Closing at once would reset the connection, and many clients would then never see the answer.
    """
    headers = [JSON_TYPE, (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while (message := await receive())["type"] != "http.disconnect" and message.get("more_body"):
                pass
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b""})


def end(scope: Scope, how: str) -> None:
    """End the connection, when the server lets us; in-process clients get an exception."""
    ending = scope.get("extensions", {}).get(how)
    if ending is None:
        raise ConnectionResetError("the scenario closes the connection here")
    ending()
