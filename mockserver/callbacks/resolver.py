"""Name resolution for callbacks: without a thread where possible, and few names at a time.

uvloop looks names up in libuv's four threads, and numeric addresses too on some ways: four hosts whose name
server never answers held up every new connection, to 127.0.0.1 as well. Here numbers and `localhost` are
read at once, each name is looked up once at a time, in threads of our own, and what was found is kept for a
moment.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# Names that are looked up at the same time; a name server that does not answer holds a thread for some 30 s.
MOST_LOOKUPS = 32
MOST_KEPT = 1024
# For so many seconds an answer is kept, and that there is none.
FOUND_SECONDS = 30.0
FAILED_SECONDS = 3.0
LOCALHOST = ("127.0.0.1", "::1")


class KeptLookup(NamedTuple):
    """The result of a look-up, and until when it is cached (in the loop's seconds)."""

    addresses: tuple[str, ...]
    error: str
    until: float


def ask_the_system(name: str) -> list[str]:
    """The addresses of a name, as the system knows it; raises OSError."""
    return [str(row[4][0]) for row in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]


class Resolver:
    """Resolves names; concurrent look-ups of one name share one call of `ask`, which runs in a thread."""

    def __init__(self, ask: Callable[[str], list[str]] = ask_the_system) -> None:
        self._ask = ask
        self._kept: dict[str, KeptLookup] = {}
        self._running: dict[str, asyncio.Future[KeptLookup]] = {}
        self._threads: ThreadPoolExecutor | None = None

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of a host, as text; raises OSError when it has none. The caller limits the time."""
        numeric = numeric_address(host)
        if numeric:
            return (numeric,)
        name = host.lower().rstrip(".")
        if name == "localhost" or name.endswith(".localhost"):
            return LOCALHOST  # RFC 6761, 6.3
        loop = asyncio.get_running_loop()
        kept = self._kept.get(name)
        if kept is None or kept.until < loop.time():
            running = self._running.get(name)
            if running is None:
                running = self._running[name] = loop.create_task(self._look_up(name))
            # Who gives up waiting does not end the look-up that others wait for.
            kept = await asyncio.shield(running)
        if not kept.addresses:
            raise OSError(kept.error)
        return kept.addresses

    async def _look_up(self, name: str) -> KeptLookup:
        loop = asyncio.get_running_loop()
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MOST_LOOKUPS, "names-of-callbacks")
        try:
            found = await loop.run_in_executor(self._threads, self._ask, name)
        except (OSError, UnicodeError) as error:
            kept = KeptLookup((), f"{name}: {error}", loop.time() + FAILED_SECONDS)
        else:
            kept = KeptLookup(
                tuple(dict.fromkeys(found)), f"{name} has no address", loop.time() + FOUND_SECONDS
            )
        finally:
            del self._running[name]
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[name] = kept
        return kept

    def close(self) -> None:
        """Wait for no thread: one may hang for as long as its name server is silent."""
        for running in self._running.values():
            running.cancel()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None


def numeric_address(host: str) -> str:
    """The address that a host writes as a number, also as C does ("0x7f.1", "2130706433"); "" for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    if not host[:1].isdigit():
        return ""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError):
        return ""
