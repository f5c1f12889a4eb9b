"""A callback receiver on loopback, in a thread: answers every POST with 200 and stores it.

with CallbackListener() as listener:
    client.create(client.request(callback_url=listener.url))
    ...
    [received.body for received in listener.received]
"""

from __future__ import annotations

import http.server
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_BODY = 4 * 1024 * 1024
# The oldest go when more have come.
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class ReceivedCallback:
    """One POST: `path` is below the listener's URL, `body` the JSON value, or the text of anything else.

    raw: the body to the byte;  at: when it came, in seconds since 1970.
    """

    path: str
    headers: Mapping[str, str]
    body: Any = field(repr=False)
    raw: bytes = field(default=b"", repr=False)
    at: float = 0.0


class CallbackListener:
    """Listens from `__enter__` to `__exit__`; `url` is where, `received` what has come, oldest first."""

    def __init__(self, answer: Callable[[Any], Any] = lambda _: None) -> None:
        """`answer` gives the JSON value that a body is answered with, None for an empty answer."""
        self._answer_to = answer
        self.received: list[ReceivedCallback] = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/callbacks"

    def __enter__(self) -> CallbackListener:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        received, answer_to = self.received, self._answer_to

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30.0

            def do_POST(self) -> None:
                length = self.headers.get("Content-Length", "")
                if not length.isdecimal() or int(length) > MOST_BODY:
                    self._answer(413 if length.isdecimal() else 411)
                    self.close_connection = True
                    return
                raw = self.rfile.read(int(length))
                try:
                    body = json.loads(raw)
                except ValueError:
                    body = raw.decode("utf-8", "backslashreplace")
                received.append(ReceivedCallback(self.path, dict(self.headers), body, raw, time.time()))
                del received[:-MOST_KEPT]
                value = answer_to(body)
                self._answer(200, b"" if value is None else json.dumps(value).encode())

            def _answer(self, status: int, raw: bytes = b"") -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Nothing: what came is kept."""

        return Handler
