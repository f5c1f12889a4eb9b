"""uvicorn's HTTP protocol with what it lacks: deadlines, a bound on heads, vendor-shaped 400s.

One sweep a second looks at all connections, so requests pay nothing for timers.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_HEAD = 65_536
# A body must come at least this fast, in bytes a second, once its deadline has passed.
LEAST_RATE = 10_000
SWEEP_SECONDS = 1.0


class MockProtocol(HttpToolsProtocol):
    """One connection. `head_since` is when its current head began, 0.0 between requests."""

    # Given by the server: what to say to bytes that are no HTTP.
    malformed: Callable[[], tuple[int, bytes]]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.head_since = time.monotonic()
        self.head_bytes = 0
        self.body_since = 0.0
        self.body_bytes = 0
        self._extensions: dict[str, Any] = {
            "understudy.abort": transport.abort,
            "understudy.close": transport.close,
        }

    def data_received(self, data: bytes) -> None:
        if self.head_since:
            self.head_bytes += len(data)
            if self.head_bytes > MOST_HEAD and self.between_requests():
                super().data_received(data[: len(data) - (self.head_bytes - MOST_HEAD)])
                if self.head_since and not self.transport.is_closing():
                    self.send_400_response("the head is too large")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions
        if not self.head_since:
            self.head_since = time.monotonic()

    def on_headers_complete(self) -> None:
        self.head_since = 0.0
        self.head_bytes = 0
        super().on_headers_complete()

    def between_requests(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn's annotation says
        return cycle is None or bool(cycle.response_complete)

    def overdue(self, now: float, head_seconds: float, body_seconds: float) -> bool:
        """Whether this connection has kept us waiting too long; `now` is monotonic seconds."""
        if self.head_since and self.head_bytes:
            return now - self.head_since > head_seconds
        cycle: Any = self.cycle
        if self.head_since and cycle is None:
            # Connected and silent: idle clients keep connections open in advance.
            return now - self.head_since > 12 * head_seconds
        if cycle is None or cycle.response_complete or not cycle.more_body or self.flow.read_paused:
            self.body_since = 0.0
            return False
        if not self.body_since:
            self.body_since, self.body_bytes = now, 0
        waited = now - self.body_since
        return waited > body_seconds and self.body_bytes < LEAST_RATE * waited

    def on_body(self, body: bytes) -> None:
        self.body_bytes += len(body)
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Bytes that are no HTTP: answered in the provider's shape."""
        status, body = type(self).malformed()
        head = (
            f"HTTP/1.1 {status} Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


async def sweep(connections: Iterable[Any], head_seconds: float, body_seconds: float) -> None:
    """Close what keeps us waiting, for ever."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        now = time.monotonic()
        for connection in list(connections):
            if isinstance(connection, MockProtocol) and connection.overdue(now, head_seconds, body_seconds):
                connection.transport.abort()
