"""Several processes on one port: a supervisor that starts them, and starts another for one that dies.

Every worker listens on the port by itself (SO_REUSEPORT), and the kernel deals out connections. The
supervisor serves nothing: it keeps the port, so that it stays the same, and waits for its children. A
worker whose supervisor is gone ends as on SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import select
import signal
import socket
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.mockserver.errors import MockError
from understudy.mockserver.replicas.app import ReplicaApp
from understudy.mockserver.replicas.serving import is_shared, shared_database
from understudy.mockserver.replicas.state import new_name
from understudy.mockserver.server.running import Server, freeze_loaded_objects
from understudy.mockserver.server.sockets import address, listen

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.settings import Settings

logger = logging.getLogger("understudy")
MOST_WORKERS = 64
# A worker that ends so soon after its start, so often in a row, will not do better the next time.
SOON_SECONDS = 2.0
MOST_FAILURES = 5
READY = b"+"
FAILED = 4


class Worker(NamedTuple):
    """What the supervisor knows of a process: its name as a replica, and when it started (monotonic)."""

    name: str
    started: float


def worker_server(settings: Settings, name: str, takes_place_of: str) -> Server:
    """The server of a process that a supervisor has forked, on the port that others listen on as well."""
    app = ReplicaApp(settings, shared_database(settings.store), name)
    # What a process had sent to PostgreSQL may be carried out after its end: there the lease decides.
    app.state.takes_place_of = "" if is_shared(settings.store) else takes_place_of
    app.state.group = f"{socket.gethostname()} {os.getppid()}"
    return Server(app, shared_port=True)


class Supervisor:
    """Keeps `count` workers running. `started` is called once, when all of them answer."""

    def __init__(self, settings: Settings, count: int, started: Callable[[str], None]) -> None:
        if not hasattr(os, "fork") or not hasattr(socket, "SO_REUSEPORT"):
            raise MockError("this system cannot share a port", where="--workers", advice="leave it out")
        self._port = listen(settings.host, settings.port, shared=True)
        self._settings = replace(settings, port=self._port.getsockname()[1])
        self._count = count
        self._started = started
        # Whoever reads it sees its end when this process has gone.
        self._alive, self._held = os.pipe()
        self._ready, self._told = os.pipe()
        self._workers: dict[int, Worker] = {}
        self._failures = 0
        self._stopping = False
        self._signal = 0

    def run(self) -> int:
        """Until a signal; the exit code, or the signal with a minus."""
        freeze_loaded_objects()
        wake, woken = os.pipe()
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for _ in range(self._count):
            self._start()
        waiting = self._count
        while self._workers:
            readable, _, _ = select.select([wake, self._ready] if waiting else [wake], [], [], 1.0)
            if self._ready in readable:
                waiting -= len(os.read(self._ready, waiting))
                if not waiting and not self._stopping:
                    self._started(address(self._port, "https" if self._settings.tls_cert else "http"))
            if wake in readable:
                os.read(wake, 1000)
            self._collect()
        return FAILED if self._failures >= MOST_FAILURES else -self._signal

    def _stop(self, number: int = 0, _: Any = None) -> None:
        self._stopping = True
        self._signal = number
        for pid in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def _collect(self) -> None:
        """Look who has ended, and start another in its place."""
        while self._workers:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._workers.clear()
                return
            if not pid:
                return
            gone = self._workers.pop(pid, None)
            if gone is None:
                continue
            lived = time.monotonic() - gone.started
            if self._stopping:
                continue
            self._failures = self._failures + 1 if lived < SOON_SECONDS else 0
            how = (
                f"signal {os.WTERMSIG(status)}"
                if os.WIFSIGNALED(status)
                else f"code {os.WEXITSTATUS(status)}"
            )
            if self._failures >= MOST_FAILURES:
                logger.error("understudy: workers end as soon as they start (%s); giving up", how)
                self._stop()
                continue
            logger.warning("understudy: a worker ended (%s); another takes its place", how)
            self._start(gone.name)

    def _start(self, takes_place_of: str = "") -> None:
        name = new_name()
        pid = os.fork()
        if pid:
            self._workers[pid] = Worker(name, time.monotonic())
            return
        code = FAILED
        try:
            code = self._work(name, takes_place_of)
        except MockError as error:
            sys.stderr.write(f"Error: {error}\n")
        except BaseException:
            logger.exception("understudy: a worker failed")
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _work(self, name: str, takes_place_of: str) -> int:
        """What a worker does, from fork to end."""
        signal.set_wakeup_fd(-1)
        for one in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(one, signal.SIG_DFL)
        os.close(self._held)
        server = worker_server(self._settings, name, takes_place_of)

        def started() -> None:
            os.write(self._told, READY)
            asyncio.get_running_loop().add_reader(self._alive, server.handle_exit, signal.SIGTERM, None)

        server.on_started = started
        with contextlib.suppress(KeyboardInterrupt, SystemExit):
            server.run([server.socket])
        return 0 if server.started else FAILED
