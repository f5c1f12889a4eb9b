"""A small HTTP/1.1 client for callbacks: POST, read the status, keep the connection.

It does what the outbox needs and no more: no redirects, no proxies, no cookies, no decoding of answers. The
design had aiohttp's client here, which sends some 5,650 POSTs a second; 10,000 tasks that begin within two
seconds owe 15,000 a second, and waited up to 1.2 s with it (p99). `contracts`, where speed
does not matter, uses aiohttp.
"""

from __future__ import annotations

import asyncio
import functools
import os
import ssl
from collections import deque
from typing import TYPE_CHECKING, Any

from understudy.mockserver.callbacks.connections import HttpConnection, ReadingConnection
from understudy.mockserver.callbacks.resolver import Resolver
from understudy.specs.addresses import ForbiddenError, check_address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from understudy.mockserver.callbacks.targets import RequestTarget
    from understudy.specs.addresses import Network

# So many connections to one target are opened at a time, each counted for so many seconds.
MOST_FRESH = 4
SETTLED_SECONDS = 0.05
MOST_IDLE = 256
# Connections to all targets together, where the system does not allow less: see `most_open`.
MOST_OPEN = 1024
IDLE_SECONDS = 30.0


def located(error: OSError, where: str) -> OSError:
    """The error of a connection that could not be opened, with the address that it was for."""
    if error.errno is None or isinstance(error, ssl.SSLError):
        return error
    return type(error)(error.errno, f"{os.strerror(error.errno)} ({where})")


def most_open() -> int:
    """How many connections callbacks may have: a quarter of what this process may open, or `MOST_OPEN`."""
    try:
        import resource  # not on Windows
    except ImportError:
        return MOST_OPEN
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_OPEN if files == resource.RLIM_INFINITY else max(8, min(MOST_OPEN, files // 4))


Slot = asyncio.Future[HttpConnection | None]


class OpeningGate:
    """Who may open connections to one target: few at a time, each until its first answer or for a moment.

    Small servers queue few connections (Python's own http.server: five); for what does not fit in, the system
    tries again after one second, and three, and seven.
    """

    __slots__ = ("fresh", "waiting")

    def __init__(self) -> None:
        # Those whose connection may not have been accepted yet.
        self.fresh: set[Slot] = set()
        self.waiting: deque[Slot] = deque()

    def slot(self) -> Slot:
        """What ends with a connection that another request has done with, or with None: one may be opened."""
        slot: Slot = asyncio.get_running_loop().create_future()
        if len(self.fresh) < MOST_FRESH:
            self.fresh.add(slot)
            slot.set_result(None)
        else:
            self.waiting.append(slot)
        return slot

    def first(self) -> Slot | None:
        """The slot of the request that has waited longest."""
        while self.waiting:
            slot = self.waiting.popleft()
            if not slot.done():
                return slot
        return None

    def hand(self, connection: HttpConnection) -> bool:
        """Give a connection to the request that has waited longest; False when none is waiting."""
        slot = self.first()
        if slot is not None:
            slot.set_result(connection)
        return slot is not None

    def settle(self, slot: Slot) -> None:
        """Record that a connection is established, so that the next may be opened. Idempotent."""
        if slot not in self.fresh:
            return
        self.fresh.remove(slot)
        after = self.first()
        if after is not None:
            self.fresh.add(after)
            after.set_result(None)


class Permit:
    """The right to have one connection open. Releasing it twice counts once."""

    __slots__ = ("_given_back",)

    def __init__(self, given_back: Callable[[], None]) -> None:
        self._given_back: Callable[[], None] | None = given_back

    def release(self) -> None:
        given_back, self._given_back = self._given_back, None
        if given_back is not None:
            given_back()


class ConnectionPool:
    """Connections by target, opened when needed and only to addresses that callbacks may go to."""

    def __init__(self, allowed: Sequence[Network], most_open: int = MOST_OPEN) -> None:
        self._allowed = allowed
        self.resolver = Resolver()
        self._most_open = most_open
        self._open_count = 0
        self._waiting_for_room: deque[asyncio.Future[None]] = deque()
        self._idle: dict[tuple[str, str, int], deque[HttpConnection]] = {}
        self._gates: dict[tuple[str, str, int], OpeningGate] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self._tls: ssl.SSLContext | None = None

    async def post(self, target: RequestTarget, request: bytes, seconds: float) -> int:
        """The status that a whole request is answered with; raises TimeoutError, OSError."""
        key = target[:3]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        connection = self._take(key)
        while connection is not None:
            try:
                status = await connection.exchange(request, deadline - loop.time())
            except OSError as error:
                # A kept connection may close just as it is used again: then the request begins anew.
                if isinstance(error, TimeoutError) or connection.has_answered:
                    raise
                connection = self._take(key)
            else:
                self._keep(key, connection)
                return status
        return await self._post_through_gate(target, request, deadline)

    async def ask(self, target: RequestTarget, request: bytes, seconds: float) -> tuple[int, bytes]:
        """(status, body) of the answer, over a connection of its own; raises TimeoutError, OSError."""
        async with asyncio.timeout(seconds):
            connection = await self._connect(target, ReadingConnection)
        try:
            status = await connection.exchange(request, seconds)
            return status, connection.body if isinstance(connection, ReadingConnection) else b""
        finally:
            connection.close()

    async def _post_through_gate(self, target: RequestTarget, request: bytes, deadline: float) -> int:
        """`post` over a new connection, or over one that becomes free while others are being opened."""
        key = target[:3]
        loop = asyncio.get_running_loop()
        gate = self._gates.setdefault(key, OpeningGate())
        slot = gate.slot()
        connection = None
        try:
            async with asyncio.timeout_at(deadline):
                connection = await slot or await self._connect(target)
            if slot in gate.fresh:
                loop.call_later(SETTLED_SECONDS, gate.settle, slot)
            status = await connection.exchange(request, deadline - loop.time())
        except OSError as error:
            # As in `post`, of a connection that others had.
            handed = connection is not None and slot.result() is connection
            if not handed or isinstance(error, TimeoutError) or connection is None or connection.has_answered:
                raise
        else:
            self._keep(key, connection)
            return status
        finally:
            if connection is None and slot.done() and not slot.cancelled():
                self._keep(key, slot.result())  # handed over just as the time was up
            gate.settle(slot)
            # While nothing is fresh nobody waits.
            if not gate.fresh and self._gates.get(key) is gate:
                del self._gates[key]
        return await self._post_through_gate(target, request, deadline)

    def _take(self, key: tuple[str, str, int]) -> HttpConnection | None:
        idle = self._idle.get(key)
        while idle:
            connection = idle.pop()
            if connection.usable:
                return connection
        return None

    def _keep(self, key: tuple[str, str, int], connection: HttpConnection | None) -> None:
        if connection is None or not connection.usable:
            return
        gate = self._gates.get(key)
        if gate is not None and gate.hand(connection):
            return
        if self._waiting_for_room or len(self._idle.get(key, ())) >= MOST_IDLE:
            connection.close()
            return
        idle = self._idle.setdefault(key, deque())
        connection.idle_since = 0.0
        idle.append(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS / 2, self._sweep)

    def _sweep(self) -> None:
        """Close connections that have been idle for too long; run again while any are idle."""
        now = asyncio.get_running_loop().time()
        for key, idle in list(self._idle.items()):
            for connection in list(idle):
                connection.idle_since = connection.idle_since or now
                if not connection.usable or now - connection.idle_since >= IDLE_SECONDS:
                    connection.close()
                    idle.remove(connection)
            if not idle:
                del self._idle[key]
        self._sweeper = None
        if self._idle:
            self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS / 2, self._sweep)

    async def _connect(
        self, target: RequestTarget, kind: type[HttpConnection] = HttpConnection
    ) -> HttpConnection:
        problem: OSError = ConnectionError(f"{target.host} has no address")
        for address in await self.resolver.addresses(target.host):
            try:
                # What was resolved is what is checked and connected to.
                check_address(address, self._allowed)
            except ForbiddenError as error:
                problem = error
                continue
            permit = await self._permit(target[:3])
            try:
                return await self._open(target, address, permit, kind)
            except OSError as error:
                permit.release()
                if not isinstance(problem, ForbiddenError):
                    problem = located(error, f"{address}:{target.port}")
            except BaseException:
                permit.release()
                raise
        raise problem

    async def _open(
        self, target: RequestTarget, address: str, permit: Permit, kind: type[HttpConnection]
    ) -> HttpConnection:
        """A connection to a numeric address, so that no name is resolved again."""
        loop = asyncio.get_running_loop()
        tls: dict[str, Any] = (
            {"ssl": self._context(), "server_hostname": target.host.partition("%")[0]}
            if target.scheme == "https"
            else {}
        )
        make = functools.partial(kind, permit.release)
        _, connection = await loop.create_connection(make, address, target.port, **tls)
        return connection

    async def _permit(self, key: tuple[str, str, int]) -> Permit:
        """Wait until one more connection may be open; idle ones of other targets make room."""
        if self._open_count >= self._most_open:
            others = [idle for other, idle in self._idle.items() if other != key]
            for idle in others:
                if idle:
                    idle.popleft().close()
                    break
        while self._open_count >= self._most_open:
            free: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting_for_room.append(free)
            try:
                await free
            finally:
                if not free.done() or free.cancelled():
                    self._waiting_for_room.remove(free)
        self._open_count += 1
        return Permit(self._one_less)

    def _one_less(self) -> None:
        """Record that a connection has closed, so that the next waiting request may open one."""
        self._open_count -= 1
        for free in self._waiting_for_room:
            if not free.done():
                self._waiting_for_room.remove(free)
                free.set_result(None)
                return

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()
        self.resolver.close()
