"""A broken server, or one that is none at all, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

from tests.broken_servers.proxy import BrokenServer, Bug

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def serving(upstream: str, bug: Bug) -> Iterator[str]:
    """The URL of `upstream` with `bug` in it."""
    started, stop = threading.Event(), asyncio.Event()
    found: list[tuple[str, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        async with BrokenServer(upstream, bug) as server:
            found.append((server.url, asyncio.get_running_loop()))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    url, loop = found[0]
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
