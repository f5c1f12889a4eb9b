"""Running the app: uvicorn on a port, in the foreground or in a thread of a test.

with understudy_server(provider="canonical", pace="fast") as mock:
    client = Client(mock.url, mock.api_key)
    ...
    mock.advance(30)
    assert mock.count(operation="create", verdict="accepted") == 1
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import importlib.util
import logging
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import uvicorn

from mockserver.app import MockApp
from mockserver.errors import MockError, Refused
from mockserver.protocol import MockProtocol, sweep
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from mockserver.store import Store

# How long a stopping server goes on answering; then callbacks have as long again.
STOP_SECONDS = 0.4
START_SECONDS = 30.0
CALL_SECONDS = 120.0


class Server(uvicorn.Server):
    """uvicorn with our protocol and sweep. It listens on a socket of ours, so the port is known at once."""

    def __init__(self, app: MockApp, *, quiet: bool = True) -> None:
        self.app = app
        settings = app.world.settings
        refusals = app.world.refusals[app.world.profiles[0].name]

        def malformed(reason: str) -> tuple[int, bytes]:
            refused = Refused("invalid_request", reason=reason)
            status, value = refusals.answer(refused, app.world.ids.request())
            return status, orjson.dumps(value)

        check_certificate(settings)
        protocol = type("Protocol", (MockProtocol,), {"malformed": staticmethod(malformed)})
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                ws="none",
                loop="uvloop" if uvloop_is_there() else "asyncio",
                lifespan="on",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                # Forwarded origins are read by the endpoints, which need them whole.
                proxy_headers=False,
                timeout_graceful_shutdown=2,  # never reached: see `_drop`
                timeout_keep_alive=75,
                backlog=8192,
                ssl_certfile=settings.tls_cert or None,
                ssl_keyfile=settings.tls_key or None,
            )
        )
        self.socket = listen(settings.host, settings.port)
        self.on_started: Callable[[], None] | None = None
        self._sweep: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host, port = self.socket.getsockname()[:2]
        if host in ("0.0.0.0", "::"):  # noqa: S104 - shown, not bound
            host = "127.0.0.1"
        scheme = "https" if self.config.ssl_certfile else "http"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        settings = self.app.world.settings
        self._sweep = asyncio.get_running_loop().create_task(
            sweep(self.server_state.connections, settings.head_seconds, settings.body_seconds)
        )
        if self.on_started is not None:
            self.on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        asyncio.get_running_loop().call_later(STOP_SECONDS, self._drop)
        await super().shutdown(sockets)

    def _drop(self) -> None:
        """Stop waiting for answers that take longer: their clients see the connection end."""
        for connection in list(self.server_state.connections):
            connection.abort()  # type: ignore[union-attr]
        for task in list(self.server_state.tasks):
            task.cancel()

    def serve_for_ever(self) -> None:
        """Run in this thread until a signal."""
        tame_collector()
        self.run([self.socket])


def tame_collector() -> None:
    """What is loaded now stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def check_certificate(settings: Settings) -> None:
    """Raises MockError when the certificate or its key cannot be used."""
    if not settings.tls_cert:
        return
    import ssl  # here: seldom needed

    where = " and ".join(filter(None, (settings.tls_cert, settings.tls_key)))
    try:
        # The empty password keeps OpenSSL from asking for one at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_cert, settings.tls_key or None, password=""
        )
    except OSError as error:
        raise MockError(
            f"cannot speak https with {where}: {error.strerror or error}",
            where="--tls-cert, --tls-key",
            advice="PEM files of one certificate and its key, without a password",
        ) from error


def uvloop_is_there() -> bool:
    return importlib.util.find_spec("uvloop") is not None


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to host and port; raises MockError when that cannot be."""
    if not host:
        raise MockError("no address", where="--host", advice="127.0.0.1, or 0.0.0.0 for all there are")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except (OSError, OverflowError, TypeError, UnicodeError) as error:
        made.close()
        taken = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
        advice = "another --port, or --port 0" if taken else "an address of this machine: --host 127.0.0.1"
        raise MockError(f"cannot listen on {host}:{port}: {error}", advice=advice) from error
    made.set_inheritable(False)
    return made


class Mock:
    """A running server as a test sees it, from its own thread. `account()` gives the view of another key."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, api_key: str) -> None:
        self._server = server
        self._loop = loop
        self._desk = server.app.desk
        self.url = server.url
        self.api_key = api_key

    def account(self, api_key: str) -> Mock:
        """The same server with another key: own tasks, clock, scenarios, journal."""
        return Mock(self._server, self._loop, api_key)

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_SECONDS)

    def _do(self, verb: Callable[..., Any], *arguments: Any) -> Any:
        async def run() -> Any:
            return verb(*arguments)

        return self._call(run())

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move this account's clock; callbacks that fall due have been sent when this returns."""
        return dict(self._call(self._desk.advance(self.api_key, round(seconds * 1000))))

    def advance_to_next(self) -> dict[str, Any]:
        """Move this account's clock to the next change; `changed` says whether there was one."""
        return dict(self._call(self._desk.advance_to_next(self.api_key)))

    def clock(self, rate: float | None = None) -> dict[str, Any]:
        """The account's clock; with `rate` it is set: 1 real, N accelerated, 0 by hand."""
        if rate is None:
            return dict(self._do(self._desk.clock, self.api_key))
        return dict(self._call(self._desk.set_rate(self.api_key, rate)))

    def pace(self, text: str) -> None:
        """instant, fast, realistic or "after N polls"."""
        self._do(self._desk.set_pace, self.api_key, text)

    def scenario(self, text: str, *, requests: int = 0) -> None:
        """The account's scenario ("" for none); with `requests`, for that many requests only."""
        if requests:
            self._do(self._desk.force, self.api_key, text, requests)
        else:
            self._do(self._desk.set_scenario, self.api_key, text)

    def scenarios(self) -> list[dict[str, Any]]:
        return list(self._do(self._desk.scenarios))

    def limits(self, **limits: int) -> None:
        """Slots by pool (image=5, video=2) and requests per_second."""
        self._do(self._desk.set_limits, self.api_key, limits)

    def tasks(self) -> list[dict[str, Any]]:
        return list(self._do(self._desk.tasks, self.api_key))

    def finish(self, task_id: str, status: str = "", reason: str = "") -> dict[str, Any]:
        return dict(self._call(self._desk.finish(task_id, status, reason)))

    def journal(self, **filters: str) -> list[dict[str, Any]]:
        """The account's requests, oldest first. Filters:
        operation, verdict, task, field, family, method, status."""
        return list(self._do(self._desk.journal, self.api_key, filters))

    def strangers(self, **filters: str) -> list[dict[str, Any]]:
        """Requests of every account and of callers without a valid key."""
        return list(self._do(self._desk.journal, None, filters))

    def count(self, **filters: str) -> int:
        """How many of the account's requests match."""
        return int(self._do(self._desk.count, self.api_key, filters))

    def deliveries(self, task: str = "") -> list[dict[str, Any]]:
        return list(self._do(self._desk.deliveries, self.api_key, task))

    def reset(self) -> None:
        self._call(self._desk.reset(self.api_key))


@contextlib.contextmanager
def understudy_server(
    provider: str = "canonical", pace: str = "fast", *, store: Store | None = None, **options: Any
) -> Iterator[Mock]:
    """A server in a thread on a free port; `options` are fields of `Settings`. Raises UnderstudyError."""
    settings = replace(Settings(profiles=(provider,), pace=pace, port=0), **options)
    server = Server(MockApp(settings, store))
    started = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    def on_started() -> None:
        loops.append(asyncio.get_running_loop())
        started.set()

    server.on_started = on_started
    thread = threading.Thread(target=server.run, args=([server.socket],), name="understudy", daemon=True)
    thread.start()
    try:
        if not started.wait(START_SECONDS):
            raise MockError("the server did not start", advice="see the log")
        yield Mock(server, loops[0], settings.api_key)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        server.socket.close()


def unexpected(record: logging.LogRecord) -> bool:
    """Whether a log record tells a mistake of ours, and not that a stopping server dropped a request."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


LOGGER = logging.getLogger("uvicorn.error")
LOGGER.addFilter(unexpected)
