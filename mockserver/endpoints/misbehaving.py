"""Answers that are sent badly, as a scenario wants it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from understudy.mockserver.jsontext import encode
from understudy.mockserver.play.mutations import mutate
from understudy.mockserver.wire import JSON_TYPE, end

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.mockserver.play.scenario_table import Effects
    from understudy.mockserver.wire import Scope, Send
    from understudy.specs.behaviour import TaskFamily

HANG_SECONDS = 600.0
# How a connection ends when nothing is answered.
ENDS = {"hang": "understudy.abort", "reset": "understudy.reset", "close": "understudy.close"}
PROXY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def spoil(effects: Effects, status: int, value: Any, family: TaskFamily) -> tuple[int, bytes]:
    """(HTTP status, body bytes) of an answer as the scenario wants it; `value` is the good body."""
    body = encode(mutate(value, effects.mutations, family))
    if effects.transport in ENDS:
        return 0, b""
    if effects.transport == "empty":
        return status, b""
    if effects.transport == "html":
        return 502, PROXY_PAGE
    if effects.transport == "truncated":
        return status, body[: len(body) // 2]
    if effects.transport == "malformed":
        return status, body[: max(1, len(body) - 5)]
    return status, body


async def misbehave(
    effects: Effects,
    scope: Scope,
    send: Send,
    status: int,
    body: bytes,
    more: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send what `spoil` made, with `more` headers, in the way the scenario wants."""
    kind = effects.transport
    if kind == "hang":
        await asyncio.sleep(HANG_SECONDS)
    if kind in ENDS:
        end(scope, ENDS[kind])
        return
    content_type = (b"content-type", b"text/html") if kind == "html" else JSON_TYPE
    # Of a truncated answer the length tells the truth about the whole.
    length = 2 * len(body) + 1 if kind == "truncated" else len(body)
    headers = [content_type, (b"content-length", b"%d" % length), *more]
    if effects.retry_after:
        headers.append((b"retry-after", b"%d" % effects.retry_after))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": kind == "truncated"})
    if kind == "truncated":
        end(scope, "understudy.close")
