"""Leads result downloads and callbacks past the recorder. Only on request, for it changes what is said.

What is kept and judged is what the provider sent, and what it was sent. The client alone sees our addresses
in the place of result URLs, and the provider our address in the place of the client's callback URL.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import itertools
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from contracts import trace
from contracts.checks import media
from contracts.problems import problem_of, read_whole
from contracts.record.keeper import MOST_EXCHANGES
from contracts.record.secrets import as_json, blot_body, blot_headers, blot_url
from contracts.shapes import at, put
from mockserver.guard import ForbiddenError, plain, public

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.receiver import Receiver
    from contracts.record.proxy import Passed
    from contracts.record.scribe import Scribe
    from contracts.target import Family

PREFIX = "__record__"
MOST_BYTES = 64 * 1024 * 1024
MOST_HOPS = 5
KEPT = 64
SECONDS = 60.0
OF_DOWNLOADS = ("result-downloads", "result-type", "result-aspect-ratio", "result-duration")
SIGNED = "result URLs in signed callbacks stay as they are, so those downloads did not pass here"
# Of a callback, what a client may need: its type and its signature.
PASSED_ON = ("content-type", "user-agent", "webhook-")


def check(address: str, *, loopback: bool) -> None:
    """Raise ForbiddenError for an address that is neither public nor, where `loopback`, this machine's."""
    found = plain(ipaddress.ip_address(address.partition("%")[0]))
    if public(found) or (loopback and found.is_loopback):
        return
    if found.is_loopback:
        raise ForbiddenError("a provider elsewhere may not name this machine")
    raise ForbiddenError(f"{address} is no public address")


def guarded(*, loopback: bool) -> aiohttp.ClientSession:
    """A session, without cookies, whose connections go only to addresses that `check` lets pass.

    Asked is for which address a socket is opened, whoever named it and however: as a name, in digits of
    another script, by a redirect.
    """

    def opened(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        check(str(address[0]), loopback=loopback)
        return socket.socket(family, kind, protocol)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(socket_factory=opened, use_dns_cache=False),
        timeout=aiohttp.ClientTimeout(total=SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class Detour:
    """`downloads`: result URLs in answers lead here. `receiver`: callback URLs in requests lead to it.

    `heard` is called with each download, and what is against it (nothing: only the whole is judged). `near`:
    the provider is on this machine, so results may be, too. `told` is called with each callback, and what the
    client answered.
    """

    def __init__(
        self,
        scribe: Scribe,
        heard: Callable[[trace.Exchange, list[str]], None],
        *,
        downloads: bool = False,
        receiver: Receiver | None = None,
        near: bool = False,
        told: Callable[[trace.Delivery, int], None] = lambda *_: None,
    ) -> None:
        self._scribe = scribe
        self._heard = heard
        self._told = told
        self._downloads = downloads
        self._receiver = receiver
        self._token = secrets.token_urlsafe(9)
        # Our number for a result -> its URL, family, task; and URL -> number.
        self._results: dict[str, tuple[str, str, str]] = {}
        self._numbers: dict[str, str] = {}
        self._next = itertools.count(1)
        # The label of a task -> the client's callback URL, and our own as the client knows it.
        self._callbacks: dict[str, tuple[str, str]] = {}
        self._near = near

    def request(self, method: str, path: str, body: bytes, here: str) -> bytes:
        """The body that the provider is sent: its callback URL, if any, is the receiver's. `here`: our own.

        Of a recording that is full, no more callbacks are led past here.
        """
        family = self._scribe.family_at(path)
        if self._receiver is None or family is None or method != "POST":
            return body
        if len(self._callbacks) >= MOST_EXCHANGES:
            return body
        value = trace.Request(method, path, (), body).json()
        place = family.task["request"].get("callback_url", "")
        address = at(value, place, "") if place else ""
        if not isinstance(value, dict) or not isinstance(address, str) or not address.startswith("http"):
            return body
        name = f"{family.name}/{len(self._callbacks) + 1}"
        self._callbacks[name] = address, here
        put(value, place, self._receiver.url(family.name, name))
        return as_json(value)

    def answer(self, passed: Passed, here: str) -> bytes:
        """The body that the client is given: its result URLs, if any, are ours. `here`: our own URL."""
        family = self._scribe.family_at(urlsplit(passed.url).path) if self._downloads else None
        value = trace.Response(passed.status, (), passed.answer_body).json() if family else None
        if family is None or value is None or not self._led(family, value, here):
            return passed.answer_body
        return as_json(value)

    def _led(self, family: Family, value: Any, here: str) -> bool:
        """Whether there were result URLs in `value`; they lead here now."""
        rule, found = family.task["result"], False
        single = family.record(value)
        for record in family.records(value) or ([single] if single else []):
            items = at(record, rule["at"])
            for item in items if isinstance(items, list) else ():
                url = item.get(rule["item"]["url"]) if isinstance(item, dict) else None
                if isinstance(url, str) and url.startswith(("http://", "https://")):
                    label = str(at(record, family.task["id"]))
                    item[rule["item"]["url"]] = f"{here}{self.lead(url, family.name, label)}"
                    found = True
        return found

    def _passed_on(self, delivery: trace.Delivery, here: str) -> bytes:
        """The body that the client is given; as it came when it is signed, for we cannot sign it anew."""
        value = delivery.json() if self._downloads else None
        family = self._scribe.family_named(delivery.family)
        if value is None:
            return delivery.body
        if not trace.header(delivery.headers, "webhook-signature"):
            return as_json(value) if self._led(family, value, here) else delivery.body
        for name in OF_DOWNLOADS if at(family.record(value), family.task["result"]["at"]) else ():
            self._scribe.conversation.skipped.setdefault((family.name, name), SIGNED)
        return delivery.body

    def lead(self, url: str, family: str, label: str) -> str:
        """The path that stands for a result's URL, of the last ones: signed URLs change from poll to poll."""
        number = self._numbers.get(url)
        if number is None:
            number = self._numbers[url] = str(next(self._next))
        self._results[number] = (url, family, label)
        if len(self._results) > MOST_EXCHANGES:
            oldest, _, _ = self._results.pop(next(iter(self._results)))
            del self._numbers[oldest]
        return f"/{PREFIX}/{self._token}/{number}"

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
            problem = problem_of(error, SECONDS).text
        status, headers, body = fetched
        seen = media.inspect(body) if not problem else None
        response = None if problem else trace.Response(status, blot_headers(headers), body[:KEPT])
        about = {"media": dataclasses.asdict(seen) if seen else None, "bytes": len(body)}
        exchange = trace.Exchange(
            len(self._scribe.conversation.exchanges), family, trace.DOWNLOAD, "none",
            trace.Request("GET", blot_url(url)), response, started, time.time() * 1000, problem, label, about,
        )  # fmt: skip
        if len(self._scribe.conversation.exchanges) < MOST_EXCHANGES:
            self._scribe.conversation.exchanges.append(exchange)
            self._heard(exchange, [])
        if problem:
            return web.json_response({"understudy": f"the result: {problem}"}, status=502)
        kind = trace.header(headers, "content-type") or "application/octet-stream"
        return web.Response(status=status, body=body, headers={"Content-Type": kind})

    async def _fetch(self, url: str) -> tuple[int, trace.Headers, bytes]:
        """Status, headers and body, from where redirects lead."""
        async with (
            guarded(loopback=self._near) as session,
            session.get(url, max_redirects=MOST_HOPS) as answer,
        ):
            return answer.status, tuple(answer.headers.items()), await read_whole(answer, MOST_BYTES)

    async def callback(self, delivery: trace.Delivery) -> int:
        """Keep a callback, pass it on to the client, and give the status that the client answered."""
        kept = dataclasses.replace(
            delivery, headers=blot_headers(delivery.headers), body=blot_body(delivery.body)
        )
        room = len(self._scribe.conversation.deliveries) < MOST_EXCHANGES
        if room:
            self._scribe.conversation.deliveries.append(kept)
        address, here = self._callbacks[delivery.task]
        status = await self._deliver(delivery, address, self._passed_on(delivery, here), note=room)
        self._told(kept, status)
        return status

    async def _deliver(self, delivery: trace.Delivery, address: str, body: bytes, *, note: bool) -> int:
        headers = {n: v for n, v in delivery.headers if n.lower().startswith(PASSED_ON)}
        try:
            async with (
                guarded(loopback=True) as session,
                session.post(address, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return answer.status
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why = problem_of(error, SECONDS).text
            text = f"a callback was not passed on to {blot_url(address)}: {why}"
            self._scribe.conversation.notes += [text] if note else []
            return 502
