"""Posts callbacks: one session with keep-alive, no redirects, no proxies, only to allowed addresses."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.guard import ForbiddenError, check_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aiohttp

    from mockserver.guard import Network

NO_ADDRESS = "not an http or https URL"
KEPT_ANSWER = 2000


class Outcome(NamedTuple):
    """How one attempt went: HTTP status (0: none came), words when it failed, `final`: no retry helps."""

    status: int
    error: str
    final: bool = False

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Sender:
    """The outgoing session, opened when the first callback leaves. `timeout` is in seconds."""

    def __init__(self, allowed: Sequence[Network] = (), timeout: float = 10.0) -> None:
        self._allowed = allowed
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for an address, at connect time: what was resolved is what is checked and connected to."""
        family, kind, protocol, _, address = info
        check_address(str(address[0]), self._allowed)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp  # here, because a server without callbacks should start without it

        connector = aiohttp.TCPConnector(limit=0, socket_factory=self._socket, keepalive_timeout=30)
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            trust_env=False,
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """One attempt; never raises for what the other side does."""
        if not url.lower().startswith(("http://", "https://")):
            return Outcome(0, NO_ADDRESS, final=True)
        if self._session is None:
            self._session = self._open()
        import aiohttp

        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                await response.content.read(KEPT_ANSWER)
                taken = 200 <= response.status < 300
                return Outcome(response.status, "" if taken else f"HTTP {response.status}")
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            return Outcome(0, NO_ADDRESS, final=True)
        except ForbiddenError as error:
            return Outcome(0, str(error), final=True)
        except TimeoutError:
            return Outcome(0, f"no answer within {self._timeout:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            forbidden = forbidden_behind(error)
            if forbidden is not None:
                return Outcome(0, str(forbidden), final=True)
            return Outcome(0, f"{type(error).__name__}: {error}"[:300])

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            # aiohttp closes its transports on the next turn of the loop.
            await asyncio.sleep(0)


def forbidden_behind(error: BaseException | None) -> ForbiddenError | None:
    """The ForbiddenError that a client error wraps."""
    while error is not None:
        if isinstance(error, ForbiddenError):
            return error
        if isinstance(error, BaseExceptionGroup):
            return next((f for f in map(forbidden_behind, error.exceptions) if f is not None), None)
        error = getattr(error, "os_error", None) or error.__cause__
    return None
