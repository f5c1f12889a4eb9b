"""Ports of loopback: a free one, and waiting until somebody listens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from random import Random, SystemRandom

from understudy.specs.errors import UnderstudyError

LOOK_SECONDS = 0.05
# Below those that systems give to whoever asks for any port (Linux: from 32768, IANA: from 49152).
PORTS = range(20_000, 32_000)
TRIES = 100


def free_port(chance: Random | None = None) -> int:
    """A port of loopback that nothing listens on now, and that is given to nobody who asks for any: until the
    program that it is for listens there, other servers start on this machine.

    Raises UnderstudyError when a hundred that `chance` chose are taken.
    """
    for port in (chance or SystemRandom()).sample(PORTS, TRIES):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise UnderstudyError(f"no free port was found between {PORTS[0]} and {PORTS[-1]}")


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
