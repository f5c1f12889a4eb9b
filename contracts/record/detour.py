"""Leads result downloads and callbacks past the recorder. Only on request, for it changes what is said.

What is kept and judged is what the provider sent, and what it was sent. The client alone sees our addresses
in the place of result URLs, and the provider our address in the place of the client's callback URL.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import secrets
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

from contracts import trace
from contracts.checks import media
from contracts.problems import problem_of
from contracts.record.keeper import MOST_EXCHANGES
from contracts.record.secrets import blot_body, blot_headers, blot_url
from contracts.target import at, put
from mockserver.guard import ForbiddenError, check_address, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.abc import ResolveResult

    from contracts.receiver import Receiver
    from contracts.record.proxy import Passed
    from contracts.record.scribe import Scribe

PREFIX = "__record__"
MOST_BYTES = 64 * 1024 * 1024
MOST_HOPS = 5
KEPT = 64
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SECONDS = 60.0
# Of a callback, what a client may need: its type and its signature.
PASSED_ON = ("content-type", "user-agent", "webhook-")


class Guarded(AbstractResolver):
    """Resolves names, and refuses addresses that are neither public nor, where `loopback`, this machine's."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await ThreadedResolver().resolve(host, port, family)
        for one in found:
            self.check(one["host"])
        return found

    async def close(self) -> None:
        """Nothing is held open."""

    def check(self, address: str) -> None:
        """Raise ForbiddenError for an address that nothing may be fetched from or sent to."""
        check_address(address, ())
        if not self._loopback and plain(ipaddress.ip_address(address.partition("%")[0])).is_loopback:
            raise ForbiddenError(f"a provider elsewhere may not name this machine ({address})")

    def check_url(self, url: str) -> None:
        """The same for a URL whose host is an address: it is not resolved. Names are checked later."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ForbiddenError(f"{parts.scheme or 'no'} URL")
        try:
            ipaddress.ip_address(parts.hostname.partition("%")[0])
        except ValueError:
            return
        self.check(parts.hostname)


class Detour:
    """`downloads`: result URLs in answers lead here. `receiver`: callback URLs in requests lead to it.

    `heard` is called with each download, and what is against it (nothing: only the whole is judged). `near`:
    the provider is on this machine, so results may be, too.
    """

    def __init__(
        self,
        scribe: Scribe,
        heard: Callable[[trace.Exchange, list[str]], None],
        *,
        downloads: bool = False,
        receiver: Receiver | None = None,
        near: bool = False,
    ) -> None:
        self._scribe = scribe
        self._heard = heard
        self._downloads = downloads
        self._receiver = receiver
        self._token = secrets.token_urlsafe(9)
        self._results: dict[str, tuple[str, str, str]] = {}
        self._places: dict[str, str] = {}
        self._callbacks: dict[str, str] = {}
        self._from = Guarded(loopback=near)
        self._to = Guarded(loopback=True)
        self.here = ""

    def request(self, method: str, path: str, body: bytes) -> bytes:
        """The body that the provider is sent: its callback URL, if any, is the receiver's."""
        family = self._scribe.family_at(path)
        if self._receiver is None or family is None or method != "POST":
            return body
        value = trace.Request(method, path, (), body).json()
        place = family.task["request"].get("callback_url", "")
        address = at(value, place, "") if place else ""
        if not isinstance(value, dict) or not isinstance(address, str) or not address.startswith("http"):
            return body
        name = f"{family.name}/{len(self._callbacks) + 1}"
        self._callbacks[name] = address
        put(value, place, self._receiver.url(family.name, name))
        return json.dumps(value, ensure_ascii=False).encode()

    def answer(self, passed: Passed) -> bytes:
        """The body that the client is given: its result URLs, if any, are ours."""
        family = self._scribe.family_at(urlsplit(passed.url).path)
        value = trace.Response(passed.status, (), passed.answer_body).json()
        if not self._downloads or family is None or value is None:
            return passed.answer_body
        rule, found = family.task["result"], False
        single = family.record(value)
        for record in family.records(value) or ([single] if single else []):
            items = at(record, rule["at"])
            for item in items if isinstance(items, list) else ():
                url = item.get(rule["item"]["url"]) if isinstance(item, dict) else None
                if isinstance(url, str) and url.startswith(("http://", "https://")):
                    label = str(at(record, family.task["id"]))
                    item[rule["item"]["url"]] = self._lead(url, family.name, label)
                    found = True
        return json.dumps(value, ensure_ascii=False).encode() if found else passed.answer_body

    def _lead(self, url: str, family: str, label: str) -> str:
        known = self._places.setdefault(url, str(len(self._places) + 1))
        self._results[known] = (url, family, label)
        return f"{self.here}/{PREFIX}/{self._token}/{known}"

    def is_ours(self, path: str) -> bool:
        return path.startswith(f"/{PREFIX}/{self._token}/")

    async def download(self, path: str) -> web.Response:
        """Fetch the result that one of our addresses stands for; without the client's headers, so no key."""
        known = self._results.get(path.rpartition("/")[2])
        if known is None:
            return web.Response(status=404)
        url, family, label = known
        started, problem = time.time() * 1000, ""
        fetched: tuple[int, trace.Headers, bytes] = (0, (), b"")
        try:
            fetched = await self._fetch(url)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = str(error) if isinstance(error, ForbiddenError) else problem_of(error, SECONDS).text
        status, headers, body = fetched
        seen = media.inspect(body) if not problem else None
        response = None if problem else trace.Response(status, blot_headers(headers), body[:KEPT])
        about = {"media": dataclasses.asdict(seen) if seen else None, "bytes": len(body)}
        exchange = trace.Exchange(
            len(self._scribe.conversation.exchanges), family, trace.DOWNLOAD, "none",
            trace.Request("GET", blot_url(url)), response, started, time.time() * 1000, problem, label, about,
        )  # fmt: skip
        self._scribe.conversation.exchanges.append(exchange)
        self._heard(exchange, [])
        if problem:
            return web.json_response({"understudy": f"the result: {problem}"}, status=502)
        kind = trace.header(headers, "content-type") or "application/octet-stream"
        return web.Response(status=status, body=body, headers={"Content-Type": kind})

    async def _fetch(self, url: str) -> tuple[int, trace.Headers, bytes]:
        """Status, headers and body; redirects are followed one by one, for each could lead astray."""
        async with self._session(self._from) as session:
            for _ in range(MOST_HOPS):
                self._from.check_url(url)
                async with session.get(url, allow_redirects=False) as answer:
                    if answer.status in REDIRECTS and "location" in answer.headers:
                        url = urljoin(url, answer.headers["location"])
                        continue
                    chunks, size = [], 0
                    async for chunk in answer.content.iter_any():
                        chunks.append(chunk)
                        size += len(chunk)
                        if size > MOST_BYTES:
                            raise ValueError(f"a result of more than {MOST_BYTES} bytes")
                    return answer.status, tuple(answer.headers.items()), b"".join(chunks)
        raise ValueError(f"more than {MOST_HOPS} redirects")

    def _session(self, guard: Guarded) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=guard, use_dns_cache=False),
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def callback(self, delivery: trace.Delivery) -> int:
        """Keep a callback, pass it on to the client, and give the status that the client answered."""
        kept = dataclasses.replace(
            delivery, headers=blot_headers(delivery.headers), body=blot_body(delivery.body)
        )
        if len(self._scribe.conversation.deliveries) < MOST_EXCHANGES:
            self._scribe.conversation.deliveries.append(kept)
        address = self._callbacks[delivery.task]
        headers = {n: v for n, v in delivery.headers if n.lower().startswith(PASSED_ON)}
        try:
            self._to.check_url(address)
            async with (
                self._session(self._to) as session,
                session.post(address, data=delivery.body, headers=headers, allow_redirects=False) as answer,
            ):
                return answer.status
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why = str(error) if isinstance(error, ForbiddenError) else problem_of(error, SECONDS).text
            note = f"a callback was not passed on to {blot_url(address)}: {why}"
            self._scribe.conversation.notes.append(note)
            return 502
