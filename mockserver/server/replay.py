"""A recorded conversation played back: the answers of a HAR file, in the order in which they were given.

A request gets the next answer that was recorded for its method, path and query; among those, one to an equal
body goes first. The last answer is given again and again, as a task's end is. What was never recorded is
refused with 404 and the requests that were.

Results that were fetched while recording are played back too: answers link to them here. Callbacks that were
recorded are sent to the address that the client names in its create, as long after it as then, but for long
waits.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import urllib.request
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import uvicorn

from understudy.mockserver.errors import Refused
from understudy.mockserver.server.recorded import (
    RESULTS,
    RecordedAnswer,
    address_in,
    bare,
    read_recording,
    value_of,
)
from understudy.mockserver.server.sockets import listen
from understudy.mockserver.wire import BodyReader, ClientDisconnected, reply_and_drain
from understudy.specs.addresses import check_address
from understudy.specs.say import say, say_json

if TYPE_CHECKING:
    from pathlib import Path

    from understudy.mockserver.server.recorded import Recorded, RecordedCallback
    from understudy.mockserver.wire import Receive, Scope, Send

MEGABYTE = 1_048_576
MOST_BODY = 96 * MEGABYTE
CALLBACK_SECONDS = 10.0
BODILESS = frozenset({204, 304})
# Of a recorded callback's headers, those of its connection.
OF_THE_CONNECTION = frozenset(
    {"host", "connection", "content-length", "accept-encoding", "transfer-encoding"}
)
JSON = ((b"content-type", b"application/json"),)


class Replay:
    """The ASGI application. It keeps which answers have been given; nothing else."""

    def __init__(self, recorded: Recorded) -> None:
        self._left: dict[tuple[str, str], list[RecordedAnswer]] = defaultdict(list)
        for one in recorded.answers:
            self._left[one.method, one.target].append(one)
        self._links = recorded.links
        self._bodies = BodyReader(MOST_BODY, MOST_BODY)
        # Creates whose callbacks are on their way, or have been sent.
        self._called: set[int] = set()
        self._sending: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        query = scope["query_string"].decode("latin-1")
        path = scope["raw_path"].decode("latin-1")
        try:
            body, reserved = await self._bodies.read(receive, None)
        except ClientDisconnected:
            return
        except Refused as refused:
            await reply_and_drain(receive, send, 413, orjson.dumps({"understudy": refused.values["reason"]}))
            return
        await self._bodies.release(reserved)
        found = self.answer(scope["method"], f"{path}?{query}" if query else path, body)
        status, headers, answer = self._played(found, scope)
        length = [] if status in BODILESS else [(b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
        await send({"type": "http.response.body", "body": b"" if status in BODILESS else answer})
        if found is not None:
            self._call_back(found, value_of(body), _here(scope))

    def answer(self, method: str, target: str, body: bytes) -> RecordedAnswer | None:
        """The next answer to such a request; None when there was none like it."""
        left = self._left.get((method, target))
        if not left:
            return None
        value = value_of(body)
        index = next((i for i, one in enumerate(left) if one.body == value), 0)
        return left.pop(index) if len(left) > 1 else left[0]

    def _played(
        self, found: RecordedAnswer | None, scope: Scope
    ) -> tuple[int, tuple[tuple[bytes, bytes], ...], bytes]:
        """Status, headers and body of what is answered."""
        if found is None:
            path = scope["raw_path"].decode("latin-1")
            known = sorted(f"{method} {target}" for method, target in self._left)
            refusal = {
                "understudy": f"no answer was recorded for {scope['method']} {path}",
                "recorded": known,
            }
            return 404, JSON, orjson.dumps(refusal)
        if found.missing:
            text = (
                f"the recording holds {len(found.answer)} of the {found.missing} bytes of {bare(found.url)}"
            )
            return 404, JSON, orjson.dumps({"understudy": text})
        return found.status, found.headers, self.linked(found.answer, _here(scope))

    def linked(self, body: bytes, here: str) -> bytes:
        """A JSON body with the links to recorded results leading to `here`; others as they are."""
        value = value_of(body)
        if not self._links or not isinstance(value, dict | list):
            return body
        changed = self._leading(value, here)
        if changed == value:
            return body
        return json.dumps(changed, ensure_ascii=False).encode("utf-8", "backslashreplace")

    def _leading(self, value: Any, here: str) -> Any:
        if isinstance(value, str):
            path = self._links.get(bare(value)) if value.startswith("http") else None
            if path is None:
                return value
            # A result has one place, whatever the query; elsewhere the query may name the task.
            return here + path + ("" if path.startswith(RESULTS) else value.removeprefix(bare(value)))
        if isinstance(value, list):
            return [self._leading(part, here) for part in value]
        if isinstance(value, dict):
            return {name: self._leading(part, here) for name, part in value.items()}
        return value

    def _call_back(self, found: RecordedAnswer, body: Any, here: str) -> None:
        """Send the callbacks of a create, the first time that it is played back."""
        if not found.callbacks or id(found) in self._called:
            return
        self._called.add(id(found))
        task = asyncio.get_running_loop().create_task(self._send_all(found, body, here))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send_all(self, found: RecordedAnswer, body: Any, here: str) -> None:
        passed = 0.0
        for one in sorted(found.callbacks, key=lambda one: one.delay_ms):
            address = address_in(body, one.place)
            if not address:
                return
            await asyncio.sleep((one.delay_ms - passed) / 1000)
            passed = one.delay_ms
            try:
                await asyncio.to_thread(_post, address, one, self.linked(one.body, here))
            except OSError as error:
                say(f"a callback was not sent to {bare(address)}: {error}", err=True)


def _post(address: str, one: RecordedCallback, body: bytes) -> None:
    """POST a callback; raises OSError for addresses where callbacks may not go, or nobody answers."""
    parts = urlsplit(address)
    for info in socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM):
        check_address(str(info[4][0]), ())
    headers = {n: v for n, v in one.headers.items() if n.lower() not in OF_THE_CONNECTION}
    request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310 - http
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(request, timeout=CALLBACK_SECONDS).close()


def _here(scope: Scope) -> str:
    """Our own URL, as the client calls us."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"127.0.0.1")
    return f"http://{host.decode('latin-1')}"


def serve_replay(path: Path, host: str, port: int) -> None:
    """Play the file at `path` back until a signal. Port 0 takes a free one and prints a line of JSON."""
    recording = read_recording(path)
    taken = listen(host, port)
    url = f"http://{host}:{taken.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            Replay(recording),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
    taken.listen(128)  # from here on a client that knows the URL is not turned away
    if port == 0:
        say_json({"url": url}, indent=None)
    else:
        results = f", {len(recording.links)} results" if recording.links else ""
        callbacks = f", {recording.callbacks} callbacks" if recording.callbacks else ""
        what = f"{len(recording.answers)} answers{results}{callbacks}"
        say(f"Understudy plays back {what} on {url}  (Ctrl-C ends it)")
    sys.stdout.flush()
    server.run([taken])
