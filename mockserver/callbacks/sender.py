"""Posts callbacks: connections kept per target, no redirects, no proxies, only to allowed addresses."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, NamedTuple

from understudy.mockserver.callbacks.http_client import ConnectionPool, most_open
from understudy.mockserver.callbacks.targets import read_target
from understudy.specs.addresses import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.mockserver.callbacks.targets import RequestTarget
    from understudy.specs.addresses import Network

logger = logging.getLogger("understudy")
MOST_PER_TARGET = 64
# So many targets are told of on the terminal.
MOST_TOLD = 100
NO_ADDRESS = "not an http or https URL"


class AttemptOutcome(NamedTuple):
    """How one attempt went: HTTP status (0: none came), words when it failed, `final`: no retry helps."""

    status: int
    error: str
    final: bool = False

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Sender:
    """Makes attempts. `timeout` is in seconds, from the start of an attempt to the end of its answer."""

    def __init__(self, allowed: Sequence[Network] = (), timeout: float = 10.0) -> None:
        most = most_open()
        self._pool = ConnectionPool(allowed, most)
        # Callbacks of one target on their way at once: a silent one must not take all connections.
        self.per_target = max(2, min(MOST_PER_TARGET, most // 8))
        self._timeout = timeout
        self._told: set[str] = set()

    async def ask(self, url: str, body: bytes) -> bytes | None:
        """What a POST of JSON is answered with; None when it is not answered with 2xx."""
        target = read_target(url)
        if target is None:
            return None
        head = b"%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (target.head, len(body))
        try:
            status, answer = await self._pool.ask(target, head + body, self._timeout)
        except (ForbiddenError, TimeoutError, OSError):
            return None
        return answer if 200 <= status < 300 else None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> AttemptOutcome:
        """One attempt; never raises for what the other side does."""
        target = read_target(url)
        if target is None:
            return AttemptOutcome(0, NO_ADDRESS, final=True)
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = b"%s%sContent-Length: %d\r\n\r\n%s" % (target.head, fields.encode(), len(body), body)
        try:
            status = await self._pool.post(target, request, self._timeout)
        except ForbiddenError as error:
            self._tell(target, error)
            return AttemptOutcome(0, str(error), final=True)
        except TimeoutError:
            return AttemptOutcome(0, f"no answer within {self._timeout:g} s")
        except OSError as error:
            return AttemptOutcome(0, f"{type(error).__name__}: {error}"[:300])
        return AttemptOutcome(status, "" if 200 <= status < 300 else f"HTTP {status}")

    def _tell(self, target: RequestTarget, error: ForbiddenError) -> None:
        """Warn once for each target that callbacks to it are not allowed, and which option allows them."""
        host = f"[{target.host}]" if ":" in target.host else target.host
        name = f"{host}:{target.port}"
        if name not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(name)
            logger.warning("understudy: no callback is sent to %s: %s", name, error)

    async def close(self) -> None:
        self._pool.close()
        # Connections close on the next turn of the loop.
        await asyncio.sleep(0)
