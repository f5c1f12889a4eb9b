"""Posts callbacks: connections kept per target, no redirects, no proxies, only to allowed addresses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from mockserver.guard import ForbiddenError
from mockserver.lines import Lines, read_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.guard import Network

NO_ADDRESS = "not an http or https URL"


class Outcome(NamedTuple):
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
        self._lines = Lines(allowed)
        self._timeout = timeout

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """One attempt; never raises for what the other side does."""
        target = read_target(url)
        if target is None:
            return Outcome(0, NO_ADDRESS, final=True)
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = b"%s%sContent-Length: %d\r\n\r\n%s" % (target.head, fields.encode(), len(body), body)
        try:
            status = await self._lines.post(target, request, self._timeout)
        except ForbiddenError as error:
            return Outcome(0, str(error), final=True)
        except TimeoutError:
            return Outcome(0, f"no answer within {self._timeout:g} s")
        except OSError as error:
            return Outcome(0, f"{type(error).__name__}: {error}"[:300])
        return Outcome(status, "" if 200 <= status < 300 else f"HTTP {status}")

    async def close(self) -> None:
        self._lines.close()
        # Connections close on the next turn of the loop.
        await asyncio.sleep(0)
