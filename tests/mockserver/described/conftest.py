"""What tests of described APIs share: a server of one API, and a place that keeps callbacks to the byte."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from understudy import mock_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class RawCallback(NamedTuple):
    headers: dict[str, str]
    body: bytes


class RawListener:
    """Takes every POST with 200; `received` are their headers and bytes."""

    def __init__(self) -> None:
        self.received: list[RawCallback] = []
        self.arrived = threading.Condition()
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with listener.arrived:
                    listener.received.append(RawCallback(dict(self.headers.items()), body))
                    listener.arrived.notify_all()
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait(self, number: int) -> list[RawCallback]:
        """The callbacks, when so many have come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= number, timeout=20), self.received
            return list(self.received)


@pytest.fixture
def listener() -> Iterator[RawListener]:
    one = RawListener()
    thread = threading.Thread(target=one.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield one
    one.server.shutdown()
    one.server.server_close()
    thread.join()


@pytest.fixture
def api() -> Iterator[Callable[..., str]]:
    """A function that serves an API and gives its URL; tasks end with the second query."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def serve(name: str, pace: str = "after 2 polls") -> str:
            return stack.enter_context(mock_server(name, pace=pace)).url

        yield serve


@pytest.fixture
def closing() -> Iterator[Callable[..., Any]]:
    """A function that gives a vendor's client back, and closes it (or its part of that name) at the end."""
    clients: list[Any] = []

    def keep(client: Any, part: str = "") -> Any:
        clients.append(getattr(client, part) if part else client)
        return client

    yield keep
    for client in clients:
        client.close()
