"""Ports of loopback: a free one, and waiting until somebody listens."""

from __future__ import annotations

import asyncio
import socket
import time

LOOK_SECONDS = 0.05


def free_port() -> int:
    """A port of loopback that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def listened_to(host: str, port: int, seconds: float) -> bool:
    """Wait until somebody listens there; False when nobody does after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(LOOK_SECONDS)
            continue
        writer.close()
        return True
