"""A reverse proxy for one provider. It changes nothing but the host, and tells a listener what passes.

Heads and bodies go on byte for byte, and as they come: an answer that is a stream of events reaches the
client event by event. On request the addresses of results and callbacks lead through here
(`contracts.record.reroute`); only then is a body written anew.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import h11

from understudy.contracts.problems import problem_of
from understudy.contracts.record.passed import NO_BODY, Passed, PassedBody, passed_body, text
from understudy.contracts.record.streams import CLOSED, LOST, HttpStream, NotHttp, Upstream, raw_items
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.contracts.record.passed import RawHeaders
    from understudy.contracts.record.reroute import Reroute

MEGABYTE = 1_048_576
# Six pictures of 10 MB as Base64 fit.
MOST_REQUEST = 96 * MEGABYTE
# Of an answer, what is kept to be read; the rest passes all the same.
MOST_KEPT = 32 * MEGABYTE
# Of all bodies that are held at once, requests on their way included.
MOST_HELD = 256 * MEGABYTE
IDLE_SECONDS = 75.0
# RFC 9110, 7.6.1: what concerns one connection only. The host is the provider's own. `Expect` is answered
# here, and not passed on: the body is there when the provider is asked (10.1.1).
ONE_HOP = frozenset(
    [
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"host",
        b"expect",
    ]
)
# A body without a length is counted from here on.
MOST_UNCOUNTED = 65_536
LENGTH, HOST = b"content-length", b"host"


def _declared(headers: RawHeaders) -> int:
    """The length that a request says it has, in bytes, which h11 has checked; 0 where it says none."""
    return next((int(value) for name, value in headers if name.lower() == LENGTH), 0)


class HeldBytes:
    """A budget of bytes for all exchanges together: who wants more than is left waits for others to end."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._freed = asyncio.Condition()

    async def take(self, size: int) -> None:
        async with self._freed:
            await self._freed.wait_for(lambda: self._left >= size)
            self._left -= size

    def take_now(self, size: int) -> bool:
        """Take without waiting; False, and nothing taken, when there is not so much."""
        if self._left < size:
            return False
        self._left -= size
        return True

    async def give_back(self, size: int) -> None:
        async with self._freed:
            self._left += size
            self._freed.notify_all()


@dataclass(slots=True)
class _Exchange:
    """One request on its way, and what is held of it: bytes of the budget."""

    method: bytes
    path: bytes
    headers: RawHeaders
    here: str
    started: float
    body: bytes = b""
    sent: PassedBody = NO_BODY
    status: int = 0
    answer_headers: RawHeaders = ()
    kept: bytearray = field(default_factory=bytearray)
    size: int = 0
    held: int = 0


class Proxy:
    """Passes requests on to `target`, a URL as `check_url` gives it. `heard` is called with each exchange, in
    the order of the answers.

    timeout_seconds: how long the provider may take for one answer, and between two parts of it.
    proxy: the URL of the proxy that leads to it, "" for none;  tls: what certificates are checked by.
    """

    def __init__(
        self,
        target: str,
        heard: Callable[[Passed], None],
        *,
        timeout_seconds: float = 120.0,
        reroute: Reroute | None = None,
        proxy: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._target = target
        self._heard = heard
        self._reroute = reroute
        self._seconds = timeout_seconds
        self._way = (proxy, tls)
        self._held = HeldBytes(MOST_HELD)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[Any]] = set()

    async def start(self, host: str, port: int) -> str:
        """Listen; gives the URL. Raises UnderstudyError when the address cannot be used."""
        try:
            self._server = await asyncio.start_server(self._connected, host, port)
        except OSError as error:
            where = f"{host}:{port}"
            raise UnderstudyError(
                f"cannot listen: {error.strerror}", where=where, advice="--port 0 takes any"
            ) from error
        bound = self._server.sockets[0].getsockname()
        return f"http://[{bound[0]}]:{bound[1]}" if ":" in bound[0] else f"http://{bound[0]}:{bound[1]}"

    async def close(self) -> None:
        """Stop; requests on their way get a second."""
        if self._server is not None:
            self._server.close()
        if self._connections:
            _, late = await asyncio.wait(self._connections, timeout=1.0)
            for one in late:
                one.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        client = HttpStream(reader, writer, h11.SERVER)
        proxy, tls = self._way
        upstream = Upstream(self._target, proxy, tls)
        try:
            while await self._one(client, upstream):
                client.http.start_next_cycle()
        except (h11.LocalProtocolError, ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the client disconnected, or cannot be answered any more
        except asyncio.CancelledError:
            pass  # by `close`, which waits for nobody; what asyncio makes of it is an error in its log
        except h11.RemoteProtocolError as error:
            if client.http.our_state is h11.IDLE or client.http.our_state is h11.SEND_RESPONSE:
                await _refuse(client, error.error_status_hint, f"the request is not HTTP: {error}")
        finally:
            await upstream.close()
            await client.close()

    async def _one(self, client: HttpStream, upstream: Upstream) -> bool:
        """Pass one exchange on; whether another may follow on this connection."""
        async with asyncio.timeout(IDLE_SECONDS):
            event = await client.event()
        if not isinstance(event, h11.Request):
            return False
        headers = raw_items(event)
        # As the client calls us: who listens on all addresses has none of its own.
        asked = next((text(value) for name, value in headers if name.lower() == HOST), "")
        one = _Exchange(event.method, event.target, headers, f"http://{asked}", time.time() * 1000)
        try:
            if not await self._read_body(client, one):
                await _refuse(client, 413, f"the body is larger than {MOST_REQUEST} bytes")
                return False
            path = one.path.partition(b"?")[0].decode("latin-1")
            if self._reroute is not None and self._reroute.is_ours(path):
                await _answer(client, *await self._reroute.download(path))
            else:
                await self._pass(client, upstream, one)
        finally:
            await self._held.give_back(one.held)
        return client.http.our_state is h11.DONE and client.http.their_state is h11.DONE

    async def _read_body(self, client: HttpStream, one: _Exchange) -> bool:
        """Take the request's body; False when it is too large.

        What it may come to is reserved before it is read: requests that hold a part of the budget and wait
        for more would wait for each other for ever. A client that falls silent is given up.
        """
        declared = _declared(one.headers)
        if declared > MOST_REQUEST:
            return False
        await self._reserve(one, declared)
        if client.http.they_are_waiting_for_100_continue:
            await client.send(h11.InformationalResponse(status_code=100, headers=[]))
        parts = bytearray()
        while True:
            async with asyncio.timeout(self._seconds):
                event = await client.event()
            if isinstance(event, h11.Data):
                if len(parts) + len(event.data) > MOST_REQUEST:
                    return False
                if len(parts) + len(event.data) > max(one.held, MOST_UNCOUNTED):
                    await self._reserve(one, MOST_REQUEST)
                parts += event.data
            elif isinstance(event, h11.EndOfMessage):
                one.body = bytes(parts)
                await self._held.give_back(max(0, one.held - len(parts)))
                one.held = min(one.held, len(parts))
                return True
            else:
                raise ConnectionError("the client disconnected")

    async def _reserve(self, one: _Exchange, size: int) -> None:
        """Have so many bytes of the budget for one exchange, which holds none yet."""
        await self._held.take(size)
        one.held = size

    async def _pass(self, client: HttpStream, upstream: Upstream, one: _Exchange) -> None:
        if self._reroute is not None:
            method, path = one.method.decode("latin-1"), one.path.decode("latin-1")
            one.body = self._reroute.request(method, path, one.body, one.here)
        one.headers = _forwarded(one, upstream.host)
        shown = tuple((n, v) for n, v in one.headers if n.lower() != HOST)
        one.sent = passed_body(one.body, len(one.body), shown)
        problem = ""
        try:
            await self._ask(client, upstream, one)
        except _ClientGone as gone:
            raise ConnectionError from gone
        except (OSError, ssl.SSLError, h11.ProtocolError, ValueError) as error:
            problem = _problem(error, self._seconds)
            await upstream.close()
            if client.http.our_state is h11.SEND_RESPONSE:
                status = 504 if isinstance(error, TimeoutError) else 502
                await _refuse(client, status, f"the provider: {problem}")
        finally:
            self._tell(one, shown, problem)
        if problem and client.http.our_state is not h11.DONE:
            raise ConnectionError(problem)

    async def _ask(self, client: HttpStream, upstream: Upstream, one: _Exchange) -> None:
        """Ask the provider, and give the client what comes, as it comes."""
        async with asyncio.timeout(self._seconds):
            stream = await upstream.begin(one.method, _with_base(self._target, one.path), one.headers)
            if one.body:
                await stream.send(h11.Data(data=one.body))
            await stream.send(h11.EndOfMessage())
            head = await stream.event()
            while isinstance(head, h11.InformationalResponse):
                head = await stream.event()
        if not isinstance(head, h11.Response):
            raise NotHttp(CLOSED)
        one.status, one.answer_headers = head.status_code, _kept(raw_items(head))
        whole = self._reroute is not None and self._reroute.rewrites(one.path.decode("latin-1"))
        if not whole:
            await _give(client, _head(one, head.reason))
        async for data in self._parts(stream):
            await self._keep(one, data)
            if not whole:
                await _give(client, h11.Data(data=data))
        if whole:
            await self._rewritten(client, one, head.reason)
        await _give(client, h11.EndOfMessage())

    async def _parts(self, stream: HttpStream) -> Any:
        while True:
            async with asyncio.timeout(self._seconds):
                event = await stream.event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return
            else:
                raise NotHttp(LOST)

    async def _keep(self, one: _Exchange, data: bytes) -> None:
        """Keep a part of an answer, as long as there is room; from then on nothing more of this one."""
        complete = len(one.kept) == one.size
        one.size += len(data)
        if complete and len(one.kept) + len(data) <= MOST_KEPT and self._held.take_now(len(data)):
            one.held += len(data)
            one.kept += data

    async def _rewritten(self, client: HttpStream, one: _Exchange, reason: bytes) -> None:
        """Give the client a body whose results lead through here; one that was not kept whole is lost."""
        if self._reroute is None or len(one.kept) < one.size:
            raise ValueError(f"an answer of more than {MOST_KEPT // MEGABYTE} MB cannot be written anew")
        raw = bytes(one.kept)
        body = passed_body(raw, one.size, one.answer_headers)
        path = one.path.decode("latin-1").partition("?")[0]
        made = self._reroute.answer(path, one.status, body.data, one.here) if not body.packed else None
        headers = one.answer_headers
        if made is not None:
            headers = tuple((n, v) for n, v in headers if n.lower() not in (LENGTH, b"content-encoding"))
            headers = (*headers, (b"Content-Length", b"%d" % len(made)))
        await _give(client, h11.Response(status_code=one.status, headers=list(headers), reason=reason))
        if one.method != b"HEAD":
            await _give(client, h11.Data(data=raw if made is None else made))

    def _tell(self, one: _Exchange, shown: RawHeaders, problem: str) -> None:
        answered = bool(one.status) and not problem
        self._heard(
            Passed(
                method=one.method.decode("latin-1"),
                url=self._target + one.path.decode("latin-1"),
                request_headers=shown,
                request_body=one.sent,
                started=one.started,
                ended=time.time() * 1000,
                status=one.status if answered else 0,
                answer_headers=one.answer_headers,
                answer_body=passed_body(bytes(one.kept), one.size, one.answer_headers),
                problem=problem,
            )
        )


class _ClientGone(Exception):  # noqa: N818 - what happened; caught where it is raised from
    """The client does not take the answer any more."""


async def _give(client: HttpStream, event: h11.Event) -> None:
    try:
        await client.send(event)
    except (OSError, h11.LocalProtocolError) as error:
        raise _ClientGone from error


def _forwarded(one: _Exchange, host: bytes) -> RawHeaders:
    """The headers that the provider is sent, in their order: without those of one hop, and with its host."""
    named = [value for name, value in one.headers if name.lower() == b"connection"]
    dropped = ONE_HOP | {part.strip().lower() for value in named for part in value.split(b",")}
    # A body that came in chunks goes on with its length, as one does that was written anew.
    framed = any(name.lower() in (LENGTH, b"transfer-encoding") for name, _ in one.headers)
    kept = [(n, v) for n, v in one.headers if n.lower() not in dropped and n.lower() != LENGTH]
    length = [(b"Content-Length", b"%d" % len(one.body))] if framed or one.body else []
    return ((b"Host", host), *kept, *length)


def _kept(headers: RawHeaders) -> RawHeaders:
    named = [value for name, value in headers if name.lower() == b"connection"]
    dropped = ONE_HOP | {part.strip().lower() for value in named for part in value.split(b",")}
    return tuple((n, v) for n, v in headers if n.lower() not in dropped)


def _head(one: _Exchange, reason: bytes) -> h11.Response:
    return h11.Response(status_code=one.status, headers=list(one.answer_headers), reason=reason)


def _with_base(target: str, path: bytes) -> bytes:
    """The path as the provider is asked for it: below the path of the target's URL."""
    base = target.partition("://")[2].partition("/")[2]
    return (b"/" + base.encode() if base else b"") + path


def _problem(error: Exception, seconds: float) -> str:
    if isinstance(error, NotHttp):
        return str(error)
    if isinstance(error, socket.gaierror):
        return f"no such host ({error.strerror})"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its TLS certificate is not trusted: {error.verify_message}"
    if isinstance(error, h11.RemoteProtocolError):
        return f"the answer is not HTTP: {error}"
    return problem_of(error, seconds).text


async def _refuse(client: HttpStream, status: int, reason: str) -> None:
    """Our own refusal, which cannot be taken for the provider's."""
    body = json.dumps({"understudy": reason}).encode()
    await _answer(
        client, status, ((b"Content-Type", b"application/json"), (b"X-Understudy", b"record")), body
    )


async def _answer(client: HttpStream, status: int, headers: RawHeaders, body: bytes) -> None:
    length = (b"Content-Length", b"%d" % len(body))
    await client.send(h11.Response(status_code=status, headers=[*headers, length]))
    await client.send(h11.Data(data=body))
    await client.send(h11.EndOfMessage())
