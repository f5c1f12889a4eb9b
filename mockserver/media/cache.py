"""Results kept in memory, within a bound."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from threading import Lock

from understudy.mockserver.media.render import Render, render
from understudy.specs.errors import UnderstudyError


class MediaCache:
    """Renders on first use and keeps at most `max_bytes` of results; the least recently used go first.

    Safe in threads: one result is rendered by one of them while the others that ask for it wait, and
    different results are rendered side by side. `renders` counts the renderings begun, `held_bytes` what is
    kept. A result larger than `max_bytes` is handed out and not kept. A rendering that fails is not
    remembered.
    """

    def __init__(self, max_bytes: int) -> None:
        if max_bytes < 0:
            raise UnderstudyError(
                f"a cache cannot hold {max_bytes} bytes", where="max_bytes", advice="use 0 or more"
            )
        self.max_bytes = max_bytes
        self.renders = 0
        self.held_bytes = 0
        self._lock = Lock()
        self._kept: OrderedDict[Render, bytes] = OrderedDict()
        self._coming: dict[Render, Future[bytes]] = {}

    def get(self, wanted: Render) -> bytes:
        """The bytes of `render(wanted)`; raises what it raises."""
        with self._lock:
            kept = self._kept.get(wanted)
            if kept is not None:
                self._kept.move_to_end(wanted)
                return kept
            coming = self._coming.get(wanted)
            if coming is None:
                mine = self._coming[wanted] = Future()
                self.renders += 1
        return coming.result() if coming is not None else self._make(wanted, mine)

    def _make(self, wanted: Render, mine: Future[bytes]) -> bytes:
        try:
            made = render(wanted)
        except BaseException as error:
            with self._lock:
                del self._coming[wanted]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._coming[wanted]
            self._keep(wanted, made)
        mine.set_result(made)
        return made

    def _keep(self, wanted: Render, made: bytes) -> None:
        if len(made) > self.max_bytes:
            return
        self._kept[wanted] = made
        self.held_bytes += len(made)
        while self.held_bytes > self.max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self.held_bytes -= len(dropped)
