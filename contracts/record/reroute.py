"""Routes result downloads and callbacks through the recorder. Only on request, for it changes what is said.

What is kept and judged is what the provider sent, and what it was sent. The client alone sees our addresses
in the place of result URLs, and the provider our address in the place of the client's callback URL.
"""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import itertools
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import urljoin, urlsplit

import aiohttp

from understudy.contracts import trace
from understudy.contracts.checks import media
from understudy.contracts.problems import problem_of, read_whole
from understudy.contracts.record.har_file import MOST_EXCHANGES
from understudy.contracts.skips import Skip, SkipKind
from understudy.specs.addresses import ForbiddenError, plain, public
from understudy.specs.behaviour.result_links import relinked
from understudy.specs.behaviour.template_reading import values_in
from understudy.specs.pointers import at, put
from understudy.specs.secrets import as_json, blot_body, blot_headers, blot_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.contracts.receiver import Receiver
    from understudy.contracts.record.passed import RawHeaders
    from understudy.contracts.record.recording import ConversationRecording
    from understudy.contracts.target_family import TargetFamily
    from understudy.specs.behaviour.axes import Axes

PREFIX = "__record__"
MOST_BYTES = 64 * 1024 * 1024
MOST_HOPS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# A larger result is passed on, and only its beginning is kept.
MOST_KEPT, KEPT_OF_LARGE = 32 * 1024 * 1024, 64
SECONDS = 60.0
OF_DOWNLOADS = ("result-downloads", "result-type", "result-aspect-ratio", "result-duration")
# Of a callback, what a client may need: its type and its signature.
PASSED_ON = ("content-type", "user-agent", "webhook-")


def check(address: str, *, loopback: bool) -> None:
    """Raise ForbiddenError for an address that is neither public nor, where `loopback`, this machine's."""
    found = plain(ipaddress.ip_address(address.partition("%")[0]))
    if public(found) or (loopback and found.is_loopback):
        return
    if found.is_loopback:
        raise ForbiddenError("a provider elsewhere may not name a loopback address")
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


def _session(url: str, *, loopback: bool, proxy: str) -> aiohttp.ClientSession:
    """A session for one URL. A proxy opens its own sockets, and looks names up: behind one, only an address
    that stands in the URL can be checked.
    """
    if not proxy:
        return guarded(loopback=loopback)
    host = urlsplit(url).hostname or ""
    with contextlib.suppress(ValueError):  # a name is no address
        check(host, loopback=loopback)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    return aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())


def _records(family: TargetFamily, axes: Axes, value: Any) -> list[Any]:
    """What may be a record in the body of an answer or callback: itself, what it wraps, and what it lists."""
    several = values_in(axes.batch.body, value).get("records") if axes.batch is not None else None
    listed = family.records(value) if axes.listing is not None else None
    found = (value, family.record(value), *(several if isinstance(several, list) else ()), *(listed or ()))
    return [*{id(one): one for one in found if one is not None}.values()]


def is_link(value: Any) -> TypeGuard[str]:
    """Whether a value can be the address of a result."""
    return isinstance(value, str) and value.startswith(("http://", "https://"))


class Reroute:
    """`downloads`: result URLs in answers lead here. `receiver`: callback URLs in requests lead to it.

    `heard` is called with each download, and what is against it (nothing: only the whole is judged). `near`:
    the provider is on this machine, so results may be, too. `told` is called with each callback, and what the
    client answered. `way` gives the proxy that leads to a URL, "" for none.
    """

    def __init__(
        self,
        recording: ConversationRecording,
        heard: Callable[[trace.Exchange, list[str]], None],
        *,
        downloads: bool = False,
        receiver: Receiver | None = None,
        near: bool = False,
        told: Callable[[trace.Delivery, int], None] = lambda *_: None,
        way: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._recording = recording
        self._heard = heard
        self._told = told
        self._way = way
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

        Of a recording that is full, no more callbacks are routed through the recorder.
        """
        family = self._recording.family_at(path)
        if self._receiver is None or family is None or method != "POST":
            return body
        if len(self._callbacks) >= MOST_EXCHANGES:
            return body
        value = trace.Request(method, path, (), body).json()
        place = family.place("callback_url")
        address = at(value, place, "") if place else ""
        if not isinstance(value, dict) or not isinstance(address, str) or not address.startswith("http"):
            return body
        name = f"{family.name}/{len(self._callbacks) + 1}"
        self._callbacks[name] = address, here
        put(value, place, self._receiver.url(family.name, name))
        return as_json(value)

    def rewrites(self, path: str) -> bool:
        """Whether answers at a path may hold result URLs that have to lead here."""
        return self._downloads and self._recording.family_at(urlsplit(path).path) is not None

    def answer(self, path: str, status: int, body: bytes, here: str) -> bytes | None:
        """The body that the client is given when there are result URLs in `body`: they are ours. Else None.

        here: our own URL.
        """
        families = self._recording.families_at(path)
        value = trace.Response(status, (), body).json() if families else None
        if value is None or not any(self._led(family, value, here) for family in families):
            return None
        return as_json(value)

    def _led(self, family: TargetFamily, value: Any, here: str) -> bool:
        """Whether there were result URLs in `value`; they lead here now."""
        rule, found = family.behaviour.result, False
        if family.behaviour.axes is not None:
            return self._led_as_described(family, family.behaviour.axes, value, here)
        single = family.record(value)
        for record in family.records(value) or ([single] if single else []):
            items = family.behaviour.results_of(record)
            for item in items if isinstance(items, list) else ():
                url = item.get(rule.item["url"]) if isinstance(item, dict) else None
                if is_link(url):
                    label = family.id_of(record)
                    item[rule.item["url"]] = f"{here}{self.lead(url, family.name, label)}"
                    found = True
        return found

    def _led_as_described(self, family: TargetFamily, axes: Axes, value: Any, here: str) -> bool:
        """The same where templates say what answers and callbacks tell."""
        own = [rule.call.replies.of(s).body for s in family.success for rule in (axes.results,) if rule]
        own += [axes.callback.body] if axes.callback is not None else []
        found = False
        for holder, template in [(one, axes.record) for one in _records(family, axes, value)] + [
            (value, template) for template in own if isinstance(template, dict)
        ]:
            label = family.id_of(holder) if isinstance(holder, dict) else ""

            def link(url: str, label: str = label) -> str:
                led = url.startswith(f"{here}/{PREFIX}/")
                return f"{here}{self.lead(url, family.name, label)}" if is_link(url) and not led else url

            made = relinked(template, holder, link)
            if made != holder and isinstance(holder, dict):
                holder.update(made)
                found = True
        return found

    def _passed_on(self, delivery: trace.Delivery, here: str) -> bytes:
        """The body that the client is given; as it came when it is signed, for we cannot sign it anew."""
        value = delivery.json() if self._downloads else None
        family = self._recording.family_named(delivery.family)
        if value is None:
            return delivery.body
        if not trace.header(delivery.headers, "webhook-signature"):
            return as_json(value) if self._led(family, value, here) else delivery.body
        for name in OF_DOWNLOADS if family.behaviour.results_of(family.record(value)) else ():
            self._recording.conversation.skipped.setdefault(
                (family.name, name), Skip(SkipKind.SIGNED_CALLBACKS)
            )
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

    async def download(self, path: str) -> tuple[int, RawHeaders, bytes]:
        """Fetch the result that one of our addresses stands for; without the client's headers, so no key.

        Gives status, headers and body.
        """
        known = self._results.get(path.rpartition("/")[2])
        if known is None:
            return 404, (), b""
        url, family, label = known
        started, problem = time.time() * 1000, ""
        fetched: tuple[int, trace.Headers, bytes] = (0, (), b"")
        try:
            fetched = await self._fetch(url)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = problem_of(error, SECONDS).text
        status, headers, body = fetched
        seen = media.inspect(body) if not problem else None
        kept, size = (body, None) if len(body) <= MOST_KEPT else (body[:KEPT_OF_LARGE], len(body))
        response = None if problem else trace.Response(status, blot_headers(headers), kept, size)
        about = {"media": dataclasses.asdict(seen) if seen else None, "bytes": len(body)}
        conversation = self._recording.conversation
        exchange = trace.Exchange(
            len(conversation.exchanges), family, trace.DOWNLOAD, "none",
            trace.Request("GET", blot_url(url)), response, started, time.time() * 1000, problem, label, about,
        )  # fmt: skip
        if len(conversation.exchanges) < MOST_EXCHANGES:
            conversation.exchanges.append(exchange)
            self._heard(exchange, [])
        if problem:
            reason = as_json({"understudy": f"the result: {problem}"})
            return 502, ((b"Content-Type", b"application/json"),), reason
        kind = trace.header(headers, "content-type") or "application/octet-stream"
        return status, ((b"Content-Type", kind.encode("utf-8", "surrogateescape")),), body

    async def _fetch(self, url: str) -> tuple[int, trace.Headers, bytes]:
        """Status, headers and body, from where redirects lead, each step checked."""
        for _ in range(MOST_HOPS):
            proxy = self._way(url)
            async with (
                _session(url, loopback=self._near, proxy=proxy) as session,
                session.get(url, allow_redirects=False, proxy=proxy or None) as answer,
            ):
                place = answer.headers.get("Location", "")
                if answer.status not in REDIRECTS or not place:
                    return answer.status, tuple(answer.headers.items()), await read_whole(answer, MOST_BYTES)
                url = urljoin(url, place)
        raise aiohttp.TooManyRedirects(answer.request_info, answer.history)

    async def callback(self, delivery: trace.Delivery) -> int:
        """Keep a callback, pass it on to the client, and give the status that the client answered."""
        kept = dataclasses.replace(
            delivery, headers=blot_headers(delivery.headers), body=blot_body(delivery.body)
        )
        room = len(self._recording.conversation.deliveries) < MOST_EXCHANGES
        if room:
            self._recording.conversation.deliveries.append(kept)
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
            self._recording.conversation.notes += [text] if note else []
            return 502
