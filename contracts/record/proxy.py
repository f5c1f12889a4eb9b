"""A reverse proxy for one provider. It changes nothing but the host, and tells a listener what passes.

A detour, on request, may change the addresses of results and callbacks; see `contracts.record.detour`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import yarl
from aiohttp import web

from contracts.problems import problem_of, read_whole
from specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.record.detour import Detour

MEGABYTE = 1_048_576
# Six pictures of 10 MB as Base64 fit.
MOST_REQUEST = 96 * MEGABYTE
MOST_ANSWER = 256 * MEGABYTE
# RFC 9110, 7.6.1: what concerns one connection only. The host is the provider's own, and bodies are passed on
# unpacked, so that they can be read here.
ONE_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "accept-encoding",
        "content-length",
        "content-encoding",
    ]
)


@dataclass(frozen=True, slots=True)
class Passed:
    """One exchange. Times in milliseconds since 1970; `status` 0 and a `problem`: no answer came."""

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    started: float
    ended: float
    status: int = 0
    answer_headers: tuple[tuple[str, str], ...] = ()
    answer_body: bytes = b""
    problem: str = ""


class Proxy:
    """Passes requests on to `target`, a URL as `check_url` gives it. `heard` is called with each exchange, in
    the order of the answers.

    timeout_seconds: how long the provider may take for one answer.
    """

    def __init__(
        self,
        target: str,
        heard: Callable[[Passed], None],
        *,
        timeout_seconds: float = 120.0,
        detour: Detour | None = None,
    ) -> None:
        self._target = target
        self._heard = heard
        self._detour = detour
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; gives the URL. Raises UnderstudyError when the address cannot be used."""
        self._session = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
        app = web.Application(client_max_size=MOST_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError as error:
            await self.close()
            where = f"{host}:{port}"
            raise UnderstudyError(
                f"cannot listen: {error.strerror}", where=where, advice="--port 0 takes any"
            ) from error
        bound = self._runner.addresses[0]
        return f"http://[{bound[0]}]:{bound[1]}" if ":" in bound[0] else f"http://{bound[0]}:{bound[1]}"

    async def close(self) -> None:
        """Stop; requests on their way get a second."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _pass(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _refusal(413, f"the body is larger than {MOST_REQUEST} bytes")
        # As the client calls us: who listens on all addresses has none of its own.
        here = f"{request.scheme}://{request.host}"
        if self._detour is not None and self._detour.is_ours(request.path):
            return await self._detour.download(request.path)
        if self._detour is not None:
            body = self._detour.request(request.method, request.path, body, here)
        url = self._target + request.raw_path
        sent = tuple((n, v) for n, v in request.headers.items() if n.lower() not in ONE_HOP)
        started = time.time() * 1000
        try:
            answer = await self._ask(request.method, url, sent, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            problem = problem_of(error, self._timeout.total or 0.0).text
            ended = time.time() * 1000
            self._heard(Passed(request.method, url, sent, body, started, ended, problem=problem))
            return _refusal(504 if isinstance(error, TimeoutError) else 502, f"the provider: {problem}")
        status, headers, raw = answer
        ended = time.time() * 1000
        passed = Passed(request.method, url, sent, body, started, ended, status, headers, raw)
        self._heard(passed)
        reply = web.Response(status=status, body=self._detour.answer(passed, here) if self._detour else raw)
        reply.headers.popall("Content-Type", None)
        for name, value in headers:
            reply.headers.add(name, value)
        return reply

    async def _ask(
        self, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        if self._session is None:
            raise RuntimeError("the proxy is not started")
        sent = [*headers, ("Accept-Encoding", "identity")]
        # The URL goes out as it came in: yarl would write its escapes anew.
        async with self._session.request(
            method, yarl.URL(url, encoded=True), headers=sent, data=body or None, allow_redirects=False
        ) as answer:
            raw = await read_whole(answer, MOST_ANSWER)
            kept = tuple((n, v) for n, v in answer.headers.items() if n.lower() not in ONE_HOP)
            return answer.status, kept, raw


def _refusal(status: int, reason: str) -> web.Response:
    """Our own refusal, which cannot be taken for the provider's."""
    return web.json_response({"understudy": reason}, status=status, headers={"X-Understudy": "record"})
