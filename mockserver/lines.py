"""A small HTTP/1.1 client for callbacks: POST, read the status, keep the connection.

It does what the outbox needs and no more: no redirects, no proxies, no cookies, no decoding of answers. The
design had aiohttp's client here, which sends some 5,650 POSTs a second; 10,000 tasks that begin within two
seconds owe 15,000 a second, and waited up to 1.2 s with it (p99). aiohttp stays in `contracts`, where that is
no matter.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import re
import socket
import ssl
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlsplit

import httptools

from mockserver.guard import ForbiddenError, check_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.guard import Network

PORTS = {"http": 80, "https": 443}
LABEL = r"[A-Za-z0-9_~\-]{1,63}"  # what is longer or empty makes getaddrinfo raise UnicodeError
HOST = re.compile(rf"{LABEL}(\.{LABEL})*\.?|(?=[^:]*:)[0-9A-Fa-f:.]{{2,64}}(%[A-Za-z0-9._~\-]{{1,32}})?")
SAFE = "/:@!$&'()*+,;=%~-._[]"
MOST_HEAD = 65_536
# Of an answer's body so much is read; a connection on which more comes is closed.
MOST_BODY = 65_536
# So many connections to one target are opened at a time, each counted for so many seconds.
MOST_FRESH = 4
SETTLED_SECONDS = 0.05
MOST_IDLE = 256
# Longer addresses are read anew each time: they shall not fill the memory.
MOST_REMEMBERED = 1000
IDLE_SECONDS = 30.0
FIRST_FINAL_STATUS = 200


class Target(NamedTuple):
    """Where a callback goes: `head` are its request line and the headers that belong to the address."""

    scheme: str
    host: str
    port: int
    head: bytes


def read_target(url: str) -> Target | None:
    """The target of an http or https URL, None for any other text."""
    return _read_target(url) if len(url) > MOST_REMEMBERED else _remembered(url)


def _read_target(url: str) -> Target | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return None
    if parts.scheme not in PORTS or not HOST.fullmatch(host) or port == 0:
        return None
    path = quote(parts.path or "/", safe=SAFE) + (
        f"?{quote(parts.query, safe=SAFE + '?')}" if parts.query else ""
    )
    name = f"[{host.partition('%')[0]}]" if ":" in host else host
    lines = [f"POST {path} HTTP/1.1", f"Host: {name}" if port is None else f"Host: {name}:{port}"]
    if parts.username is not None:
        pair = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
        lines.append(f"Authorization: Basic {base64.b64encode(pair).decode()}")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], "\r\n".join([*lines, ""]).encode())


_remembered = functools.lru_cache(maxsize=4096)(_read_target)


class Line(asyncio.Protocol):
    """One connection to a target: a request, its answer, then perhaps the next request."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[int] | None = None
        self._status = 0
        self._heard = 0
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.idle_since = 0.0
        self.usable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.usable = True

    async def ask(self, request: bytes, seconds: float) -> int:
        """The status of the answer; raises TimeoutError or OSError."""
        loop = asyncio.get_running_loop()
        self._status = self._heard = 0
        if not self.usable:
            # Lost since it was handed over: nothing would ever come, and no more be heard of the loss.
            raise ConnectionError("the connection was closed")
        answer: asyncio.Future[int] = loop.create_future()
        self._answer = answer
        self._deadline = loop.time() + seconds
        if self._timer is None or self._timer.when() > self._deadline:
            self._watch(loop)
        try:
            self._transport.write(request)
            return await answer
        finally:
            if self._answer is not None:
                # The caller went away: what comes now belongs to nobody.
                self.close()

    @property
    def heard(self) -> bool:
        """Whether any byte of an answer to the last request has come."""
        return self._heard > 0

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        """Whether the answer is late: one timer serves many requests, each of which moves the deadline."""
        self._timer = None
        loop = asyncio.get_running_loop()
        if self._answer is None:
            return
        if loop.time() >= self._deadline:
            self._fail(TimeoutError())
        else:
            self._watch(loop)

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
        self._heard += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(ConnectionError("the answer is not HTTP"))
            return
        if self._heard > (MOST_BODY if self._status else 0) + MOST_HEAD and self._answer is not None:
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
        self.usable = False
        if self._answer is None:
            return
        if self._status:
            self._finish()  # a body that ends with its connection
        else:
            self._fail(error if isinstance(error, OSError) else ConnectionError("the connection was closed"))


Turn = asyncio.Future[Line | None]


class Door:
    """Who may open connections to one target: few at a time, each until its first answer or for a moment.

    Small servers queue few connections (Python's own http.server: five); for what does not fit in, the system
    tries again after one second, and three, and seven.
    """

    __slots__ = ("fresh", "waiting")

    def __init__(self) -> None:
        # Those whose connection may not have been accepted yet.
        self.fresh: set[Turn] = set()
        self.waiting: deque[Turn] = deque()

    def turn(self) -> Turn:
        """What ends with a line that another request has done with, or with None: one may be opened."""
        turn: Turn = asyncio.get_running_loop().create_future()
        if len(self.fresh) < MOST_FRESH:
            self.fresh.add(turn)
            turn.set_result(None)
        else:
            self.waiting.append(turn)
        return turn

    def first(self) -> Turn | None:
        """Who waits longest."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                return turn
        return None

    def hand(self, line: Line) -> bool:
        """Give a line to who waits longest; False when nobody does."""
        turn = self.first()
        if turn is not None:
            turn.set_result(line)
        return turn is not None

    def settle(self, turn: Turn) -> None:
        """A connection is not fresh any more, so the next may be opened. Told twice, it counts once."""
        if turn not in self.fresh:
            return
        self.fresh.remove(turn)
        after = self.first()
        if after is not None:
            self.fresh.add(after)
            after.set_result(None)


class Lines:
    """Connections by target, opened when needed and only to addresses that callbacks may go to."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._idle: dict[tuple[str, str, int], deque[Line]] = {}
        self._doors: dict[tuple[str, str, int], Door] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self._tls: ssl.SSLContext | None = None

    async def post(self, target: Target, request: bytes, seconds: float) -> int:
        """The status that a whole request is answered with; raises TimeoutError, OSError."""
        key = target[:3]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        line = self._take(key)
        while line is not None:
            try:
                status = await line.ask(request, deadline - loop.time())
            except OSError as error:
                # A kept connection may close just as it is used again: then the request begins anew.
                if isinstance(error, TimeoutError) or line.heard:
                    raise
                line = self._take(key)
            else:
                self._keep(key, line)
                return status
        return await self._post_at_door(target, request, deadline)

    async def _post_at_door(self, target: Target, request: bytes, deadline: float) -> int:
        """`post` over a new connection, or over one that becomes free while others are being opened."""
        key = target[:3]
        loop = asyncio.get_running_loop()
        door = self._doors.setdefault(key, Door())
        turn = door.turn()
        line = None
        try:
            async with asyncio.timeout_at(deadline):
                line = await turn or await self._connect(target)
            if turn in door.fresh:
                loop.call_later(SETTLED_SECONDS, door.settle, turn)
            status = await line.ask(request, deadline - loop.time())
        except OSError as error:
            # As in `post`, of a line that others had.
            handed = line is not None and turn.result() is line
            if not handed or isinstance(error, TimeoutError) or (line is not None and line.heard):
                raise
        else:
            self._keep(key, line)
            return status
        finally:
            if line is None and turn.done() and not turn.cancelled():
                self._keep(key, turn.result())  # handed over just as the time was up
            door.settle(turn)
            # While nothing is fresh nobody waits.
            if not door.fresh and self._doors.get(key) is door:
                del self._doors[key]
        return await self._post_at_door(target, request, deadline)

    def _take(self, key: tuple[str, str, int]) -> Line | None:
        idle = self._idle.get(key)
        while idle:
            line = idle.pop()
            if line.usable:
                return line
        return None

    def _keep(self, key: tuple[str, str, int], line: Line | None) -> None:
        if line is None or not line.usable:
            return
        door = self._doors.get(key)
        if door is not None and door.hand(line):
            return
        idle = self._idle.setdefault(key, deque())
        if len(idle) >= MOST_IDLE:
            line.close()
            return
        line.idle_since = 0.0
        idle.append(line)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS / 2, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle for long; again later while something is."""
        now = asyncio.get_running_loop().time()
        for key, idle in list(self._idle.items()):
            for line in list(idle):
                line.idle_since = line.idle_since or now
                if not line.usable or now - line.idle_since >= IDLE_SECONDS:
                    line.close()
                    idle.remove(line)
            if not idle:
                del self._idle[key]
        self._sweeper = None
        if self._idle:
            self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS / 2, self._sweep)

    async def _connect(self, target: Target) -> Line:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        problem: OSError = ConnectionError(f"{target.host} has no address")
        for family, kind, protocol, _, address in found:
            made = None
            try:
                # What was resolved is what is checked and connected to.
                check_address(str(address[0]), self._allowed)
                made = socket.socket(family, kind, protocol)
                made.setblocking(False)
                await loop.sock_connect(made, address)
                tls: dict[str, Any] = (
                    {"ssl": self._context(), "server_hostname": target.host}
                    if target.scheme == "https"
                    else {}
                )
                _, line = await loop.create_connection(Line, sock=made, **tls)
            except OSError as error:
                if made is not None:
                    made.close()
                problem = error if not isinstance(problem, ForbiddenError) else problem
            except BaseException:
                if made is not None:
                    made.close()
                raise
            else:
                return line
        raise problem

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for idle in self._idle.values():
            for line in idle:
                line.close()
        self._idle.clear()
