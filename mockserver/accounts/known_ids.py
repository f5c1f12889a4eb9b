"""Sessions that accounts have opened, and results that they have removed.

It is kept in memory, within a bound: after a restart a session is one that this server does not know.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

MOST = 10_000


class Session(NamedTuple):
    """Whose it is, until when it works, in milliseconds of that account's clock (0: for ever), and how many
    milliseconds its clip has (0: not known)."""

    account: str
    ends_at: int
    clip_ms: int = 0


class KnownIds:
    """The last sessions and removals of all accounts together."""

    __slots__ = ("_removed", "_sessions")

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._removed: OrderedDict[str, None] = OrderedDict()

    def open(self, ident: str, account: str, now: int, valid_ms: int, clip_ms: int = 0) -> None:
        """Remember a session."""
        self._sessions[ident] = Session(account, now + valid_ms if valid_ms else 0, clip_ms)
        if len(self._sessions) > MOST:
            self._sessions.popitem(last=False)

    def session(self, ident: str) -> Session | None:
        """The session of that id, None for one that is not known."""
        return self._sessions.get(ident)

    def remove(self, ident: str) -> None:
        """Mark a result as removed: later requests cannot use it."""
        self._removed[ident] = None
        if len(self._removed) > MOST:
            self._removed.popitem(last=False)

    def is_removed(self, ident: str) -> bool:
        return ident in self._removed
