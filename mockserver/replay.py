"""A recorded conversation played back: the answers of a HAR file, in the order in which they were given.

A request gets the next answer that was recorded for its method, path and query; among those, one to an equal
body goes first. The last answer is given again and again, as a task's end is. What was never recorded is
refused with 404 and the requests that were.
"""

from __future__ import annotations

import base64
import binascii
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import orjson
import uvicorn

from mockserver.errors import MockError, Refused
from mockserver.server import listen
from mockserver.wire import Bodies, Gone, reply_and_drain

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.wire import Receive, Scope, Send

MEGABYTE = 1_048_576
MOST_FILE = 512 * MEGABYTE
MOST_BODY = 96 * MEGABYTE
# What concerned the recorded connection, or the bytes as they were packed then.
NOT_REPLAYED = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-connection",
        "transfer-encoding",
        "trailer",
        "upgrade",
        "content-length",
        "content-encoding",
        "date",
        "server",
        "set-cookie",
    ]
)
BODILESS = frozenset({204, 304})
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange: what was asked, and the answer as it goes out again."""

    method: str
    target: str
    body: Any
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    answer: bytes


def read_recording(path: Path) -> list[Recorded]:
    """The answered exchanges of a HAR 1.2 file, in their order.

    Paths are taken from below the address that was recorded, where the file names it. Raises MockError for a
    file that cannot be read, is no HAR, or holds no answer.
    """
    try:
        if path.stat().st_size > MOST_FILE:
            raise MockError(f"larger than {MOST_FILE} bytes", where=str(path))
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise MockError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise MockError(f"is not JSON: {error}", where=str(path)) from error
    try:
        log = data["log"]
        base = urlsplit(str(log.get("_understudy", {}).get("url", ""))).path.rstrip("/")
        found = [_recorded(entry, base) for entry in log["entries"] if entry["response"]["status"]]
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        advice = "record one with understudy record URL --har FILE"
        raise MockError(f"is no HAR file: {error!r}", where=str(path), advice=advice) from error
    if not found:
        raise MockError("holds no answered request", where=str(path))
    return found


def _recorded(entry: dict[str, Any], base: str) -> Recorded:
    request, answer = entry["request"], entry["response"]
    parts = urlsplit(request["url"])
    path = parts.path.removeprefix(base) if base and parts.path.startswith(f"{base}/") else parts.path
    headers = tuple(
        (h["name"].lower().encode("latin-1"), h["value"].encode("latin-1", "replace"))
        for h in answer["headers"]
        if h["name"].lower() not in NOT_REPLAYED and "\n" not in h["value"] and "\r" not in h["value"]
    )
    return Recorded(
        method=str(request["method"]),
        target=f"{path}?{parts.query}" if parts.query else path,
        body=_value(_text(request.get("postData", {}))),
        status=int(answer["status"]),
        headers=headers,
        answer=_text(answer.get("content", {})),
    )


def _text(content: dict[str, Any]) -> bytes:
    text = str(content.get("text") or "")
    return base64.b64decode(text) if content.get("encoding") == "base64" else text.encode("utf-8", "replace")


def _value(body: bytes) -> Any:
    """A body as it is compared: its JSON value, or its bytes."""
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return body


class Replay:
    """The ASGI application. It keeps which answers have been given; nothing else."""

    def __init__(self, recording: list[Recorded]) -> None:
        self._left: dict[Key, list[Recorded]] = defaultdict(list)
        for one in recording:
            self._left[one.method, one.target].append(one)
        self._bodies = Bodies(MOST_BODY, MOST_BODY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        query = scope["query_string"].decode("latin-1")
        path = scope["raw_path"].decode("latin-1")
        try:
            body, reserved = await self._bodies.read(receive, None)
        except Gone:
            return
        except Refused as refused:
            await reply_and_drain(receive, send, 413, orjson.dumps({"understudy": refused.values["reason"]}))
            return
        await self._bodies.release(reserved)
        found = self.answer(scope["method"], f"{path}?{query}" if query else path, body)
        if found is None:
            known = sorted(f"{method} {target}" for method, target in self._left)
            refusal = {"understudy": f"nothing was recorded for {scope['method']} {path}", "recorded": known}
            found = Recorded(
                "", "", None, 404, ((b"content-type", b"application/json"),), orjson.dumps(refusal)
            )
        length = [] if found.status in BODILESS else [(b"content-length", b"%d" % len(found.answer))]
        headers = [*found.headers, *length]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if found.status in BODILESS else found.answer})

    def answer(self, method: str, target: str, body: bytes) -> Recorded | None:
        """The next answer to such a request; None when there was none like it."""
        left = self._left.get((method, target))
        if not left:
            return None
        value = _value(body)
        index = next((i for i, one in enumerate(left) if one.body == value), 0)
        return left.pop(index) if len(left) > 1 else left[0]


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
        click.echo(json.dumps({"url": url}))
    else:
        what = f"{len(recording)} answers, and no callbacks,"
        click.echo(f"Understudy plays back {what} on {url}  (Ctrl-C ends it)")
    sys.stdout.flush()
    server.run([taken])
