"""Running the app: uvicorn on a port of ours."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import logging
from typing import TYPE_CHECKING, Any

import orjson
import uvicorn

from understudy.mockserver.errors import Refused
from understudy.mockserver.server.overload import Overloaded
from understudy.mockserver.server.protocol import MockProtocol, sweep
from understudy.mockserver.server.sockets import address, check_certificate, listen

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from types import FrameType

    from understudy.mockserver.server.app import MockApp


# How often a running server renews its Date header and looks for a signal, and a stopping one whether all has
# ended.
TICK_SECONDS = 0.1
DRAINING_TICK_SECONDS = 0.002


class Server(uvicorn.Server):
    """uvicorn with our protocol and sweep. The socket is bound in advance, so the port is known early."""

    def __init__(self, app: MockApp, *, shared_port: bool = False) -> None:
        self.app = app
        settings = app.state.settings
        refusals = app.state.refusals[app.state.profiles[0].name]

        def malformed(reason: str) -> tuple[int, bytes]:
            refused = Refused("invalid_request", reason=reason)
            status, value = refusals.answer(refused, app.state.ids.request())
            return status, orjson.dumps(value)

        check_certificate(settings)
        members = {
            "malformed": staticmethod(malformed),
            "most_connections": settings.connections,
            "overloaded": Overloaded(app, refusals),
        }
        protocol = type("Protocol", (MockProtocol,), members)
        super().__init__(
            uvicorn.Config(
                self.seen(reached_by_pages(app, settings.cors)),
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
                timeout_keep_alive=75,
                backlog=8192,
                ssl_certfile=settings.tls_cert or None,
                ssl_keyfile=settings.tls_key or None,
            )
        )
        self.socket = listen(settings.host, settings.port, shared=shared_port)
        self.on_started: Callable[[], None] | None = None
        self._sweep: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def seen(self, app: Any) -> Any:
        """The application, with traces when they are asked for."""
        if not self.app.state.settings.traces:
            return app
        # Here, because OpenTelemetry is no part of what `serve` needs.
        from understudy.mockserver.server.traces import traced

        return traced(app)

    @property
    def url(self) -> str:
        return address(self.socket, "https" if self.config.ssl_certfile else "http")

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        settings = self.app.state.settings
        self._loop = asyncio.get_running_loop()
        self._sweep = self._loop.create_task(
            sweep(self.server_state.connections, settings.head_seconds, settings.body_seconds)
        )
        if self.on_started is not None:
            self.on_started()

    def stop(self) -> None:
        """Have the server end what it has begun, and take nothing up any more. From any thread, at once."""
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stopping.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.stop()

    async def main_loop(self) -> None:
        """uvicorn's, but `stop` ends it at once."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's without its pauses: a server that has nothing to do any more ends in milliseconds."""
        if self._sweep is not None:
            self._sweep.cancel()
        drain = self.app.state.settings.drain
        asyncio.get_running_loop().call_later(drain, self._drop)
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(drain + 2):  # never reached: see `_drop`
                while self._is_busy():
                    await asyncio.sleep(DRAINING_TICK_SECONDS)
        if not self.force_exit:
            await self.lifespan.shutdown()

    def _is_busy(self) -> bool:
        return not self.force_exit and bool(self.server_state.connections or self.server_state.tasks)

    def _drop(self) -> None:
        """Stop waiting for answers that take longer: their clients see the connection end."""
        for connection in list(self.server_state.connections):
            connection.abort()  # type: ignore[union-attr]
        for task in list(self.server_state.tasks):
            task.cancel()

    def serve_for_ever(self) -> None:
        """Run in this thread until a signal."""
        freeze_loaded_objects()
        self.run([self.socket])


def reached_by_pages(app: MockApp, origins: Sequence[str]) -> Any:
    """`app` with CORS for these origins; raises MockError for text that is not an origin."""
    if not origins:
        return app
    from understudy.mockserver.server.cors import CorsApp, check_origins  # here: few want pages to come in

    check_origins(origins)
    return CorsApp(app, origins)


def freeze_loaded_objects() -> None:
    """Exempt everything loaded so far from garbage collection, as it lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def uvloop_is_there() -> bool:
    return importlib.util.find_spec("uvloop") is not None


def unexpected(record: logging.LogRecord) -> bool:
    """Whether a log record reports a real error, not a request dropped by a stopping server."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


LOGGER = logging.getLogger("uvicorn.error")
LOGGER.addFilter(unexpected)
