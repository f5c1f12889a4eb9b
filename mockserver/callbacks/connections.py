"""One connection to a receiver of callbacks: a request out, the status of its answer back (HTTP/1.1)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httptools

if TYPE_CHECKING:
    from collections.abc import Callable


MOST_HEAD = 65_536
# At most this much of an answer's body is read; a connection that sends more is closed.
MOST_BODY = 65_536
FIRST_FINAL_STATUS = 200


class HttpConnection(asyncio.Protocol):
    """One connection to a target: a request, its answer, then perhaps the next request."""

    def __init__(self, on_closed: Callable[[], None] = lambda: None) -> None:
        self._on_closed = on_closed
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[int] | None = None
        self._status = 0
        self._received = 0
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.idle_since = 0.0
        self.usable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.usable = True

    async def exchange(self, request: bytes, seconds: float) -> int:
        """The status of the answer; raises TimeoutError or OSError."""
        loop = asyncio.get_running_loop()
        self._status = self._received = 0
        if not self.usable:
            # Lost since it was handed over: nothing would ever come, and nobody would be told of the loss.
            raise ConnectionError("the connection was closed")
        answer: asyncio.Future[int] = loop.create_future()
        self._answer = answer
        self._deadline = loop.time() + seconds
        if self._timer is None or self._timer.when() > self._deadline:
            self._start_timer(loop)
        try:
            self._transport.write(request)
            return await answer
        finally:
            if self._answer is not None:
                # The caller went away: what comes now belongs to nobody.
                self.close()

    @property
    def has_answered(self) -> bool:
        """Whether any byte of an answer to the last request has come."""
        return self._received > 0

    def _start_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(self._deadline, self._check_deadline)

    def _check_deadline(self) -> None:
        """Whether the answer is late: one timer serves many requests, each of which moves the deadline."""
        self._timer = None
        loop = asyncio.get_running_loop()
        if self._answer is None:
            return
        if loop.time() >= self._deadline:
            self._fail(TimeoutError())
        else:
            self._start_timer(loop)

    def close(self) -> None:
        self.usable = False
        self._answer = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.close()

    def _fail(self, error: Exception) -> None:
        answer = self._answer
        self.close()
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _finish(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(self._status)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            # An answer to nothing, or one that is longer than anybody wants.
            self.close()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(ConnectionError("the answer is not HTTP"))
            return
        if self._received > (MOST_BODY if self._status else 0) + MOST_HEAD and self._answer is not None:
            if self._status:
                self._finish()
            self._fail(ConnectionError("the head of the answer is too large"))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= FIRST_FINAL_STATUS:
            self._status = status

    def on_message_complete(self) -> None:
        if not self._status:
            return  # 100 Continue and the like: the answer is still to come
        keep = self._parser.should_keep_alive()
        self._finish()
        if not keep:
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._on_closed()
        self.usable = False
        if self._answer is None:
            return
        if self._status:
            self._finish()  # a body that ends with its connection
        else:
            self._fail(error if isinstance(error, OSError) else ConnectionError("the connection was closed"))


class ReadingConnection(HttpConnection):
    """A connection whose answers are read, at most MOST_BODY bytes of each."""

    def __init__(self, on_closed: Callable[[], None] = lambda: None) -> None:
        super().__init__(on_closed)
        self.body = b""

    def on_body(self, data: bytes) -> None:
        self.body = (self.body + data)[:MOST_BODY]
