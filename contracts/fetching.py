"""Fetches results: whole, whatever their size, and only from where a provider may send us.

A provider could name any address, of the machine's own network or of a cloud's metadata service, and what is
fetched is kept in reports. So every socket is asked where it leads, after names were resolved and at every
redirect: public addresses only, and the networks that the provider itself is in.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import socket
import tempfile
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from understudy.contracts import trace
from understudy.contracts.checks import media, soundness
from understudy.contracts.problems import TooLarge
from understudy.specs.addresses import ForbiddenError, plain, public

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from understudy.specs.addresses import Network

MOST_BYTES = 2 * 1024**3
KEPT = 64
HEAD = 4 * 1024 * 1024
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 10
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
# Seconds without a byte, and in all.
SILENCE, SECONDS = 30.0, 300.0
PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


def networks_of(host: str) -> tuple[Network, ...]:
    """The networks that are not the internet's and that a provider's host is in; () for a public one."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return ()
    nets: list[Network] = []
    for text in sorted(found):
        address = plain(ipaddress.ip_address(text.partition("%")[0]))
        if not public(address):
            known = [net for net in PRIVATE if address.version == net.version and address in net]
            nets += known or [ipaddress.ip_network(str(address))]
            # A name of this machine stands for both of its addresses.
            nets += PRIVATE[:2] if address.is_loopback else ()
    return tuple(dict.fromkeys(nets))


def check(text: str, allowed: Iterable[Network]) -> None:
    """Raise ForbiddenError unless results may be fetched from an address."""
    address = plain(ipaddress.ip_address(text.partition("%")[0]))
    if public(address) or any(address.version == net.version and address in net for net in allowed):
        return
    raise ForbiddenError(
        f"not fetched: {address} is no public address, and the provider is not there "
        f"(--allow-result-net {address} allows it)"
    )


def session_for(allowed: tuple[Network, ...], *, proxy: str = "", **connector: Any) -> aiohttp.ClientSession:
    """A session, without cookies, whose connections go only where `check` lets them, or to the proxy."""
    allowed = (*allowed, *networks_of(urlsplit(proxy).hostname or "")) if proxy else allowed

    def opened(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        check(str(address[0]), allowed)
        return socket.socket(family, kind, protocol)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(socket_factory=opened, use_dns_cache=False, limit=8, **connector),
        headers={"User-Agent": "understudy"},
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=SECONDS, sock_read=SILENCE, sock_connect=SILENCE),
    )


@dataclass
class Fetcher:
    """`proxy`: a proxy's URL. Files are looked at on the disk and thrown away; a few are fetched at once."""

    session: aiohttp.ClientSession
    proxy: str = ""
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))

    async def fetch(
        self,
        url: str,
        headers: Mapping[str, str] = NO_HEADERS,
        method: str = "GET",
        body: bytes | None = None,
    ) -> tuple[trace.Response, dict[str, Any]]:
        """The answer with the first bytes of its body, and what was found out about the whole of it.

        `headers` may hold a key: they go to the URL's own origin only, not to others that it redirects to;
        what it redirects to is asked for by GET, whatever `method` and `body` are (RFC 9110, 15.4.3).

        {"media": MediaFacts as a dict or None, "bytes": int, "sha256": hex, "damage": text, "declared": int
        or None (Content-Length)}. Raises what aiohttp and the system raise, and TooLarge.
        """
        host = urlsplit(url).hostname or ""
        if self.proxy and _literal(host):
            raise ForbiddenError(f"not fetched: {host} is an address, and a proxy would be asked for it")
        async with self._gate, AsyncExitStack() as stack:
            answer = await self._answer(stack, url, headers, (method, body))
            with tempfile.NamedTemporaryFile(prefix="understudy-result-") as file:
                digest, size, head = hashlib.sha256(), 0, b""
                async for chunk in answer.content.iter_any():
                    size += len(chunk)
                    if size > MOST_BYTES:
                        raise TooLarge(f"a result of more than {MOST_BYTES // 1024**3} GB")
                    digest.update(chunk)
                    file.write(chunk)
                    head += chunk[: max(0, HEAD - len(head))]
                file.flush()
                facts = await asyncio.to_thread(_look, Path(file.name), size)
            facts |= {"bytes": size, "sha256": digest.hexdigest(), "declared": answer.content_length}
            return trace.Response(answer.status, tuple(answer.headers.items()), head[:KEPT], size), facts

    async def _answer(
        self, stack: AsyncExitStack, url: str, headers: Mapping[str, str], asked: tuple[str, bytes | None]
    ) -> aiohttp.ClientResponse:
        """The answer at the end of all redirects; aiohttp would send other headers than Authorization on."""
        for _ in range(MOST_REDIRECTS):
            sent = self.session.request(
                asked[0], url, data=asked[1], headers=headers, proxy=self.proxy or None, allow_redirects=False
            )
            answer = await stack.enter_async_context(sent)
            if answer.status not in REDIRECTS or "Location" not in answer.headers:
                return answer
            there = urljoin(url, answer.headers["Location"])
            headers = headers if origin(there) == origin(url) else NO_HEADERS
            url, asked = there, ("GET", None)
        raise aiohttp.TooManyRedirects(answer.request_info, (answer,))


def origin(url: str) -> tuple[str, str]:
    """The scheme and the host with its port, in small letters."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _literal(host: str) -> bool:
    try:
        return not public(plain(ipaddress.ip_address(host)))
    except ValueError:
        return False


def _look(path: Path, size: int) -> dict[str, Any]:
    # An MP4's description may stand behind its frames, so it is read whole up to a bound.
    with path.open("rb") as file:
        found = media.inspect(file.read(min(size, 256 * 1024**2)))
    return {"media": asdict(found) if found else None, "damage": soundness.damage(path, found)}
