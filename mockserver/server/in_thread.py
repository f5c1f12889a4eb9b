"""A mock server in a thread of this process, for tests. `understudy.contracts.handle` talks to it over HTTP.

with serve_in_thread("canonical", "fast") as server:
    account = MockServer(server.url).account(rate=0)
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import MockError
from understudy.mockserver.server.app import MockApp
from understudy.mockserver.server.running import Server
from understudy.mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.mockserver.store import Store

START_SECONDS = 30.0


@contextlib.contextmanager
def serve_in_thread(
    provider: str = "canonical", pace: str = "fast", *, store: Store | None = None, **options: Any
) -> Iterator[Server]:
    """A server in a thread on a free port, for as long as the block lasts; `server.url` leads to it.

    `options` are fields of `Settings`. Raises UnderstudyError for a setting that cannot be used, MockError
    when the server has not started after 30 s.
    """
    settings = replace(Settings(profiles=(provider,), pace=pace, port=0), **options)
    server = Server(MockApp(settings, store))
    started = threading.Event()
    server.on_started = started.set
    thread = threading.Thread(target=server.run, args=([server.socket],), name="understudy", daemon=True)
    thread.start()
    try:
        if not started.wait(START_SECONDS):
            raise MockError("the server did not start", advice="see the log")
        yield server
    finally:
        server.stop()
        thread.join(START_SECONDS)
        server.socket.close()
