"""HTTP/1.1 over asyncio's streams, by h11: heads and bodies as bytes, as they came and in their order.

The libraries that we use elsewhere read headers as text and write them anew; what passes a recorder may be
neither UTF-8 nor packed as it says, and has to arrive as it was sent.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import h11

if TYPE_CHECKING:
    from understudy.contracts.record.passed import RawHeaders

CHUNK = 65536
MOST_HEAD = 256 * 1024
PORTS = {"http": 80, "https": 443}
CLOSED = "the connection was closed without an answer"
LOST = "the connection was lost in the middle of the answer"


class NotHttp(OSError):  # noqa: N818 - what came, said in its message
    """What came back is not HTTP, or ends too early."""


class HttpStream:
    """One end of a connection: events of h11 in and out."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, role: type[h11.CLIENT | h11.SERVER]
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.http = h11.Connection(role, max_incomplete_event_size=MOST_HEAD)
        # Whether an answer has begun and not ended.
        self._answering = False

    async def event(self) -> h11.Event:
        """The next event; raises h11.RemoteProtocolError for what is not HTTP, NotHttp where it ends."""
        ended = False
        while True:
            try:
                event = self.http.next_event()
            except h11.RemoteProtocolError:
                if not ended or self.http.our_role is h11.SERVER:
                    raise
                raise NotHttp(LOST if self._answering else CLOSED) from None
            if event is h11.PAUSED:
                return h11.ConnectionClosed()
            if event is not h11.NEED_DATA:
                self._answering = isinstance(event, h11.Response | h11.Data)
                return event  # type: ignore[return-value] # of h11's two markers neither is left
            data = await self.reader.read(CHUNK)
            ended = not data
            self.http.receive_data(data)

    async def send(self, event: h11.Event) -> None:
        data = self.http.send(event)
        if data:
            self.writer.write(data)
            await self.writer.drain()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError, ssl.SSLError, asyncio.TimeoutError):
            await asyncio.wait_for(self.writer.wait_closed(), 1.0)

    @property
    def reusable(self) -> bool:
        """Whether another exchange may follow, once both sides of the last one are done."""
        done = self.http.our_state is h11.DONE and self.http.their_state is h11.DONE
        return done and not self.reader.at_eof() and not self.writer.is_closing()


class Upstream:
    """The way to the provider at `target` (scheme, host and port count): direct, or by the proxy at `proxy`.

    Asked for one exchange after the other, it keeps its connection between them.
    """

    def __init__(self, target: str, proxy: str = "", tls: ssl.SSLContext | None = None) -> None:
        parts, via = urlsplit(target), urlsplit(proxy)
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._host = parts.hostname or ""
        self._port = parts.port or PORTS[parts.scheme]
        self._proxy = via if proxy else None
        self.host = parts.netloc.rpartition("@")[2].encode()
        self._origin = f"{parts.scheme}://".encode() + self.host
        self._stream: HttpStream | None = None

    @property
    def _forwards(self) -> bool:
        """Whether a proxy is asked for the whole URL, as it is for http; for https it only connects."""
        return self._proxy is not None and self._tls is None

    async def begin(self, method: bytes, path: bytes, headers: RawHeaders) -> HttpStream:
        """Send the head of a request; gives the stream for its body and the answer.

        Raises OSError, ssl.SSLError or NotHttp when there is no connection.
        """
        stream = self._stream
        if stream is not None and stream.reusable:
            stream.http.start_next_cycle()
        else:
            await self.close()
            stream = self._stream = await self._connected()
        target = self._origin + path if self._forwards else path
        extra = [(b"Proxy-Authorization", login)] if self._forwards and (login := self._login()) else []
        await stream.send(h11.Request(method=method, target=target, headers=[*headers, *extra]))
        return stream

    async def close(self) -> None:
        if self._stream is not None:
            await self._stream.close()
            self._stream = None

    async def _connected(self) -> HttpStream:
        if self._proxy is None:
            return await _open(self._host, self._port, self._tls)
        proxy_tls = ssl.create_default_context() if self._proxy.scheme == "https" else None
        port = self._proxy.port or PORTS[self._proxy.scheme]
        stream = await _open(self._proxy.hostname or "", port, proxy_tls)
        if self._tls is None:
            return stream
        return await self._tunnel(stream, self._tls)

    async def _tunnel(self, stream: HttpStream, tls: ssl.SSLContext) -> HttpStream:
        """RFC 9110, 9.3.6: have the proxy connect us, and speak TLS with whom is there."""
        place = f"[{self._host}]" if ":" in self._host else self._host
        authority = f"{place}:{self._port}".encode()
        headers: list[tuple[bytes, bytes]] = [(b"Host", authority)]
        login = self._login()
        headers += [(b"Proxy-Authorization", login)] if login else []
        await stream.send(h11.Request(method=b"CONNECT", target=authority, headers=headers))
        await stream.send(h11.EndOfMessage())
        answer = await stream.event()
        if not isinstance(answer, h11.Response) or not 200 <= answer.status_code < 300:
            status = answer.status_code if isinstance(answer, h11.Response) else "no answer"
            await stream.close()
            raise NotHttp(f"the proxy does not connect to {authority.decode()}: {status}")
        await stream.writer.start_tls(tls, server_hostname=self._host)
        return HttpStream(stream.reader, stream.writer, h11.CLIENT)

    def _login(self) -> bytes:
        if self._proxy is None or self._proxy.username is None:
            return b""
        pair = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password or '')}"
        return b"Basic " + base64.b64encode(pair.encode())


async def _open(host: str, port: int, tls: ssl.SSLContext | None) -> HttpStream:
    name = host if tls else None
    reader, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=name)
    return HttpStream(reader, writer, h11.CLIENT)


def raw_items(message: h11.Request | h11.Response) -> RawHeaders:
    """The headers of a message as they came, names in their own spelling."""
    return tuple((bytes(name), bytes(value)) for name, value in message.headers.raw_items())
