"""uvicorn's HTTP protocol with what it lacks: deadlines, bounds on heads and queues, vendor-shaped 400s.

One sweep a second looks at all connections, so requests pay nothing for timers; whole answers leave in one
write; and a connection whose requests bring the same headers again keeps one list of them for all.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from understudy.mockserver.accounts.journal import HEADER, size_of_head
from understudy.mockserver.server.answer_heads import ANSWER_HEADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sized

MOST_HEAD = 65_536
# A body must come at least this fast, in bytes a second, once its deadline has passed.
LEAST_RATE = 10_000
SWEEP_SECONDS = 1.0
# So many requests of a connection wait for their turn; more of what it has sent is neither parsed nor read.
MOST_QUEUED = 16
# So much is parsed in one go, in bytes: small requests are many in a piece of a quarter megabyte.
SLICE = 16_384
# SO_LINGER with no time to linger: closing resets the connection (socket(7)).
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
# The headers that offer an upgrade.
OFFER = (b"upgrade", b"connection", b"http2-settings")
ASGI: Any = {"version": "3.0", "spec_version": "2.3"}


def split_target(target: bytes) -> tuple[bytes, bytes]:
    """(path, query) of a request's target; raises HttpParserError. b"/a?b=1" -> (b"/a", b"b=1")."""
    if target.startswith(b"/") and b"#" not in target:
        path, _, query = target.partition(b"?")
        return path, query
    parsed = httptools.parse_url(target)
    return parsed.path, parsed.query or b""


class IgnoredHeaders(list[tuple[bytes, bytes]]):
    """A list that stays empty."""

    def append(self, field: tuple[bytes, bytes]) -> None:
        pass


TRAILERS = IgnoredHeaders()


class QueueFlow(FlowControl):
    """uvicorn's flow control, which begins to read again only when no request waits in `queue`."""

    def __init__(self, transport: asyncio.Transport, queue: Sized) -> None:
        super().__init__(transport)
        self._queue = queue

    def resume_reading(self) -> None:
        if self.read_paused and not self._queue:
            self.read_paused = False
            self._transport.resume_reading()


class MockProtocol(HttpToolsProtocol):
    """One connection. `head_since` is when its current head began, 0.0 between requests."""

    # Given by the server: what to say to bytes that are no HTTP.
    malformed: Callable[[str], tuple[int, bytes]]
    # How many connections are served, and the application that refuses the requests of others.
    most_connections: int
    overloaded: Any

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self.app = self.overloaded
        self.flow = QueueFlow(transport, self.pipeline)
        self.head_since = time.monotonic()
        self.head_bytes = 0
        # What has come since the last piece of a body: chunk extensions, trailers.
        self.between_bytes = 0
        self.unparsed = b""
        self.body_since = 0.0
        self.body_bytes = 0
        # When the sweep first found the connection idle; 0.0: not since the last answer.
        self.idle_since = 0.0
        self.answering: RequestResponseCycle | None = None
        self.too_large = False
        # Whether the current request offers an upgrade.
        self.upgrading = False
        # What the client has not taken of our answers, and since when it has taken nothing.
        self.untaken = 0
        self.untaken_since = 0.0
        self._last_headers: list[tuple[bytes, bytes]] = []
        self._by_name: dict[bytes, bytes] = {}
        self._head_size = 0
        self._extensions: dict[str, Any] = {
            "understudy.abort": self.abort,
            "understudy.close": self.close,
            "understudy.reset": self.reset,
            "understudy.reply": self.reply,
        }

    def data_received(self, data: bytes) -> None:
        if self.unparsed:
            self.unparsed += data
        elif len(data) <= SLICE:
            self.parse(data)
        else:
            self.unparsed = data
            self.parse_on()

    def parse_on(self) -> None:
        """Parse what has come and was not parsed yet, as far as there is room for more requests."""
        left = memoryview(self.unparsed)
        while left and len(self.pipeline) < MOST_QUEUED and not self.transport.is_closing():
            self.parse(bytes(left[:SLICE]))
            left = left[SLICE:]
        self.unparsed = bytes(left)

    def parse(self, data: bytes) -> None:
        # Of what comes in one piece the parser must see all: behind a head there may be a body.
        if self.head_since:
            self.head_bytes += len(data)
        else:
            self.between_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.decline(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("")
        too_much = self.head_bytes > MOST_HEAD or self.between_bytes > MOST_HEAD
        if too_much and not self.transport.is_closing():
            self.too_large = True
            self.send_400_response("")

    def decline(self, rest: bytes) -> None:
        """Go on with a request that offered an upgrade as if it had not (RFC 9110, 7.8).

        Java's own client offers h2c with its first request, whatever its method; httptools then leaves the
        body unread. So a new parser reads the head once more, without the offer, and what follows it.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (method, self.url, version)]
        lines += [b"%s: %s" % field for field in self.headers if field[0] not in OFFER]
        self.parser = httptools.HttpRequestParser(self)
        self.parse(b"\r\n".join([*lines, b"", rest]))

    def connection_lost(self, exc: Exception | None) -> None:
        # uvicorn tells the request that came last; the one that is being answered may be an earlier one.
        self.disconnect()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """A client that says no more may still listen (netcat does): it gets the answers it has asked for."""
        waits = self.answering is not None and not self.answering.response_complete
        if waits and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return True
        return False

    def disconnect(self) -> None:
        if self.answering is not None and not self.answering.response_complete:
            self.answering.disconnected = True
            self.answering.message_event.set()

    def abort(self) -> None:
        """Drop the connection and cancel the answers in progress."""
        self.disconnect()
        self.transport.abort()

    def reset(self) -> None:
        """Reset the connection (RST), whatever has been sent and not taken yet."""
        connected = self.transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.abort()

    def close(self) -> None:
        """End the connection after what has been written, in the middle of an answer."""
        self.disconnect()
        self.transport.close()

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        if not self.head_since:
            self.head_since = time.monotonic()
            self.head_bytes = 1

    def on_headers_complete(self) -> None:
        """As uvicorn's own, for a server at the root, without WebSockets and limits of its own."""
        self.head_since = 0.0
        self.head_bytes = self.between_bytes = 0
        parser = self.parser
        self.upgrading = parser.should_upgrade()
        if self.upgrading:
            if parser.get_method() == b"CONNECT":
                raise ValueError  # no proxy lives here; the parser wraps it
            return  # see `decline`
        version = parser.get_http_version()
        if self.headers == self._last_headers:
            # The journal keeps headers: one list for all requests that bring the same.
            self.headers = self._last_headers
        else:
            self._last_headers = self.headers
            self._by_name = dict(self.headers)
            self._head_size = size_of_head(self.headers)
            self.too_large = self._head_size > MOST_HEAD + HEADER * len(self.headers)
            if sum(name == b"host" for name, _ in self.headers) > 1:
                raise ValueError  # RFC 9112, 3.2: one guard could believe the first, another the last
        if self.too_large or len(self.url) > MOST_HEAD:
            self.too_large = True
            raise ValueError  # the parser wraps it, and `send_400_response` is called
        raw_path, query = split_target(self.url)
        path = raw_path.decode("ascii")
        self.scope = {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme or "http",
            "method": parser.get_method().decode("ascii"),
            "root_path": "",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": self.headers,
            "state": {},
            "extensions": self._extensions,
            "understudy.head": self._head_size,  # type: ignore[typeddict-unknown-key]
            "understudy.headers": self._by_name,
        }
        # What comes behind the body is trailers, which are ignored (RFC 9110, 6.5.1).
        self.headers = TRAILERS
        before: Any = self.cycle
        cycle = self.cycle = RequestResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            # Sent before the last answer was out: its turn comes in `on_response_complete`.
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def on_response_complete(self) -> None:
        """As uvicorn's own, but the sweep looks after idle connections."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.idle_since = 0.0
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        if self.unparsed:
            self.parse_on()
        if self.flow.read_paused:
            self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """As uvicorn's own, in the context that there is."""
        self.answering = cycle
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def reply(self, status: int, body: bytes) -> bool:
        """Send a whole JSON answer in one write; False when the answer must go through ASGI's `send` instead.

        It is what two ASGI messages come to, without the checks of header names that are our own.
        """
        cycle = self.answering
        if cycle is None or cycle.response_started or cycle.disconnected or self.flow.write_paused:
            return False
        if cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        end = b"%d\r\n\r\n" if cycle.keep_alive else b"%d\r\nconnection: close\r\n\r\n"
        self.transport.write(ANSWER_HEADS.of(status, cycle.default_headers) + end % len(body) + body)
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
        return True

    def between_requests(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn's annotation says
        return cycle is None or bool(cycle.response_complete)

    def overdue(self, now: float, head_seconds: float, body_seconds: float) -> bool:
        """Whether this connection is overdue; `now` is monotonic seconds."""
        if self.stalled(now, body_seconds):
            return True
        cycle: Any = self.cycle
        if self.between_requests():
            if self.head_since and self.head_bytes:
                return now - self.head_since > head_seconds
            if self.head_since:
                # Connected and silent: idle clients keep connections open in advance.
                return now - self.head_since > 12 * head_seconds
            self.idle_since = self.idle_since or now
            return now - self.idle_since > self.timeout_keep_alive
        if not cycle.more_body or self.flow.read_paused or cycle.waiting_for_100_continue:
            self.body_since = 0.0
            return False
        if not self.body_since:
            self.body_since, self.body_bytes = now, 0
        waited = now - self.body_since
        return waited > body_seconds and self.body_bytes < LEAST_RATE * waited

    def stalled(self, now: float, seconds: float) -> bool:
        """Whether the client has taken nothing of an answer for so long."""
        untaken = self.transport.get_write_buffer_size()
        if not untaken or untaken != self.untaken:
            self.untaken, self.untaken_since = untaken, now
        return now - self.untaken_since > seconds

    def on_body(self, body: bytes) -> None:
        """As uvicorn's own; what follows an offer of an upgrade is for `decline`."""
        self.body_bytes += len(body)
        self.between_bytes = 0
        if self.upgrading or self.cycle.response_complete:
            return
        cycle = self.cycle
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        """As uvicorn's own."""
        if not self.upgrading and not self.cycle.response_complete:
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def send_400_response(self, msg: str) -> None:
        """Bytes that are no HTTP: answered in the provider's shape, after what was asked before them."""
        cycle = self.answering
        if cycle is not None and not cycle.response_complete:
            self.pipeline.clear()
            self.unparsed = b""
            if not cycle.more_body:
                cycle.keep_alive = False
                self.flow.pause_reading()
                return
            # They are its own body.
            self.disconnect()
            if cycle.response_started:
                self.transport.close()
                return
            reason = "the body does not end where its head says, or is cut in an unknown way"
        else:
            reason = (
                "the head of the request is too large" if self.too_large else "this is not an HTTP request"
            )
        status, body = type(self).malformed(reason)
        head = ANSWER_HEADS.of(status, self.server_state.default_headers) + b"%d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % len(body) + body)
        self.transport.close()


async def sweep(connections: Iterable[Any], head_seconds: float, body_seconds: float) -> None:
    """Close overdue connections, in an endless loop."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        now = time.monotonic()
        for connection in list(connections):
            if isinstance(connection, MockProtocol) and connection.overdue(now, head_seconds, body_seconds):
                connection.abort()
