"""Ports of loopback: a free one, and waiting until somebody listens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOK_SECONDS = 0.05
# Below those that systems give to whoever asks for any port (Linux: from 32768, IANA: from 49152).
PORTS = range(20_000, 32_000)
TRIES = 100


@contextlib.contextmanager
def reserved_port(chance: Random | None = None) -> Iterator[int]:
    """A port of loopback for a program that will listen there: nothing listens on it now, the system gives it
    to nobody who asks for any, and until this context ends nobody else is given it here, in any process.

    A UDP socket with the same number is the sign that it is taken: it leaves the TCP port to the program, and
    is gone with its process however that ends.
    Raises UnderstudyError when a hundred that `chance` chose are taken.
    """
    for port in (chance or SystemRandom()).sample(PORTS, TRIES):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sign:
            try:
                sign.bind(("127.0.0.1", port))
                socket.create_server(("127.0.0.1", port)).close()
            except OSError:
                continue
            yield port
            return
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
