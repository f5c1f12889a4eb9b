"""The HAR file of a recording: written anew while the recording goes on, never half."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from understudy.contracts.har import write_har

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from understudy.contracts import trace

# What one recording keeps at most: exchanges, and bytes of bodies.
MOST_EXCHANGES = 20_000
MOST_BYTES = 268_435_456
# While exchanges come, the file is written anew after so many seconds.
EVERY_SECONDS = 5.0


class RecordingFile:
    """Keeps `conversation` in `path`. A reader of the file finds the one before or the one after."""

    def __init__(
        self,
        conversation: trace.Conversation,
        path: Path,
        version: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conversation = conversation
        self._path = path
        self._version = version
        self._bytes = 0
        self._written = -EVERY_SECONDS
        self._every = EVERY_SECONDS
        self._clock = clock
        self.full = False

    def took(self, exchange: trace.Exchange, now: float) -> bool:
        """Called after each exchange; whether there is room for more.

        `now` is in seconds, of a clock that only goes forward. Raises TargetError when the file cannot be
        written.
        """
        self._bytes += len(exchange.request.body or b"") + len(
            exchange.response.body if exchange.response else b""
        )
        self.full = len(self._conversation.exchanges) >= MOST_EXCHANGES or self._bytes >= MOST_BYTES
        if now - self._written >= self._every:
            began = self._clock()
            self.write()
            # A long recording takes long to write: at most a twentieth of the time goes there.
            self._every = max(EVERY_SECONDS, 20 * (self._clock() - began))
            self._written = now
        return not self.full

    def write(self) -> None:
        """Write the file whole, then put it in the place of the old one."""
        draft = self._path.with_name(f".{self._path.name}.part")
        write_har(self._conversation, draft, self._version)
        draft.replace(self._path)
