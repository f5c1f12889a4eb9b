"""Hand a callback to an ASGI application in this process, as the mock would over HTTP.

A test client has no port that the mock could call. The mock keeps every callback all the same, with the bytes
and headers that a signature is made of: `deliver(app, callback)` brings it to the application.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from understudy.contracts.handle import Callback

    Message = MutableMapping[str, Any]
    Asgi = Callable[
        [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
    ]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the application answered to a callback. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def deliver(app: Asgi, callback: Callback, *, path: str = "") -> Answered:
    """POST `callback` to the ASGI application `app`, with the bytes and headers that the mock sent.

    path: where in the application, by default the path (and query) of the callback's own URL.
    Exceptions of the application come through. Inside of a running event loop use `adeliver`.
    """
    return asyncio.run(adeliver(app, callback, path=path))


async def adeliver(app: Asgi, callback: Callback, *, path: str = "") -> Answered:
    """`deliver` for coroutines."""
    url = urlsplit(callback["url"])
    where = urlsplit(path) if path else url
    headers = {"host": url.netloc, **{n.lower(): v for n, v in callback["headers"].items()}}
    headers["content-length"] = str(len(callback["raw"]))
    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": url.scheme or "http",
        "path": unquote(where.path or "/"),
        "raw_path": (where.path or "/").encode(),
        "query_string": where.query.encode(),
        "root_path": "",
        "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": (url.hostname or "127.0.0.1", url.port or 80),
        "state": {},
    }
    sent = asyncio.Event()
    said: list[Message] = []
    pending = [{"type": "http.request", "body": callback["raw"], "more_body": False}]

    async def receive() -> Message:
        if pending:
            return pending.pop()
        await sent.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            sent.set()

    await app(scope, receive, send)
    head = next(m for m in said if m["type"] == "http.response.start")
    return Answered(
        head["status"],
        {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in head.get("headers", ())},
        b"".join(m.get("body", b"") for m in said if m["type"] == "http.response.body"),
    )
