"""What requests use up of an account, held by one replica at a time.

Faults for the next requests, limits, scenarios with `times` and `after`, slots in use and idempotency keys:
one process counts them in memory, and so does a replica while it holds an account's counters. It holds them
for as long as requests of that account run, some milliseconds at a time; then they are written, and another
may. Look-ups that need them raise `NeedsCounters`; the request begins anew when they are here.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections import deque
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.accounts.accounts import NO_LIMITS, Account
from understudy.mockserver.errors import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from understudy.mockserver.accounts.accounts import AccountDefaults
    from understudy.mockserver.accounts.journal import Journal
    from understudy.mockserver.store.database import Database, Statements
    from understudy.mockserver.store.shared import SharedStore
    from understudy.mockserver.store.tasks import Task

# How long a replica lets requests join those that hold an account's counters.
HOLD_SECONDS = 0.02
MOST_KEYS = 1_000
LOAD = "SELECT counters FROM understudy_accounts WHERE account = $1"
SAVE = (
    "INSERT INTO understudy_accounts (account, settings, counters, n) VALUES ($1, '', $2, 0) "
    "ON CONFLICT (account) DO UPDATE SET counters = excluded.counters"
)


class NeedsCounters(Exception):  # noqa: N818 - no mistake: the request is run again when they are here
    """A request counts something of the account `key`, whose counters are not held."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class CountLog:
    """What a request has counted: when it begins anew, nothing is counted a second time."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.at = 0

    def counted(self, count: Callable[[], Any]) -> Any:
        if self.at == len(self.results):
            try:
                self.results.append(count())
            except Refused as refused:
                self.results.append(refused)
        result = self.results[self.at]
        self.at += 1
        if isinstance(result, Refused):
            raise result
        return result


COUNTED: contextvars.ContextVar[CountLog | None] = contextvars.ContextVar("counted", default=None)


class ReplicaAccount(Account):
    """An account whose counters must be held before they are looked at; `is_counted`: it was given some."""

    def __init__(self, key: str, defaults: AccountDefaults, journal: Journal) -> None:
        self.held = False
        self.is_counted = False
        self.keys: dict[str, dict[str, list[str]]] = {}
        self._own_limits: Mapping[str, int] = NO_LIMITS
        self._own_forced: list[list[Any]] | None = None
        self._own_running: Sequence[Task] = ()
        super().__init__(key, defaults, journal)

    def _need(self) -> None:
        if not self.held:
            raise NeedsCounters(self.key)

    @property
    def limits(self) -> Mapping[str, int]:
        if self.is_counted:
            self._need()
        return self._own_limits

    @limits.setter
    def limits(self, limits: Mapping[str, int]) -> None:
        self._own_limits = limits

    @property
    def forced(self) -> list[list[Any]] | None:
        if self.is_counted:
            self._need()
        return self._own_forced

    @forced.setter
    def forced(self, forced: list[list[Any]] | None) -> None:
        self._own_forced = forced

    @property
    def running(self) -> Sequence[Task]:
        self._need()
        return self._own_running

    @running.setter
    def running(self, running: Sequence[Task]) -> None:
        self._own_running = running

    def counted(self, use: str, times: int) -> bool:
        self._need()
        return bool(self._once(lambda: super(ReplicaAccount, self).counted(use, times)))

    def admit(self, now: int) -> None:
        self._once(lambda: super(ReplicaAccount, self).admit(now))

    def take_forced(self, strikes: Callable[[str], bool]) -> list[str]:
        taken: list[str] = self._once(lambda: super(ReplicaAccount, self).take_forced(strikes))
        return taken

    @staticmethod
    def _once(count: Callable[[], Any]) -> Any:
        log = COUNTED.get()
        return count() if log is None else log.counted(count)

    def clear(self) -> None:
        super().clear()
        self.is_counted = False
        self.keys = {}

    def dump(self) -> str:
        """The counters as JSON."""
        return orjson.dumps(
            {
                "forced": self._own_forced or [],
                "limits": dict(self._own_limits),
                "counts": [[key, used] for key, used in (self._counts or {}).items()],
                "recent": list(self._recent or ()),
                "running": [task.id for task in self._own_running],
                "keys": self.keys,
            }
        ).decode()

    def load(self, text: str, running: Sequence[Task]) -> None:
        """Go by counters as they were written; `running` are the tasks that they name."""
        found = orjson.loads(text or "{}")
        self._own_forced = found.get("forced") or None
        self._own_limits = found.get("limits") or NO_LIMITS
        self._counts = dict(found.get("counts", ())) or None
        self._recent = deque(found["recent"]) if found.get("recent") else None
        self._own_running = running
        self.keys = found.get("keys", {})


class SharedKeys(MutableMapping[tuple[str, Any], tuple[str, str]]):
    """Idempotency keys, kept with their accounts: (account, key) -> (digest of the body, task id)."""

    def __init__(self, kind: str, account: Callable[[str], ReplicaAccount]) -> None:
        self._kind = kind
        self._account = account

    def _of(self, key: tuple[str, Any]) -> tuple[dict[str, list[str]], str]:
        account = self._account(key[0])
        account._need()
        name = key[1].decode("latin-1") if isinstance(key[1], bytes) else str(key[1])
        return account.keys.setdefault(self._kind, {}), name

    def __getitem__(self, key: tuple[str, Any]) -> tuple[str, str]:
        known, name = self._of(key)
        digest, task = known[name]
        return digest, task

    def __setitem__(self, key: tuple[str, Any], value: tuple[str, str]) -> None:
        known, name = self._of(key)
        while len(known) >= MOST_KEYS:
            del known[next(iter(known))]
        known[name] = list(value)

    def __delitem__(self, key: tuple[str, Any]) -> None:
        known, name = self._of(key)
        del known[name]

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(())

    def __len__(self) -> int:
        # Each account's are bounded by themselves.
        return 0


class Holding:
    """One account's counters while they are here: how many use them, and until when more may."""

    def __init__(self, until: float) -> None:
        self.users = 1
        self.until = until
        # Nobody uses them any more; and: they are written.
        self.idle = asyncio.Event()
        self.ended = asyncio.Event()


class Counters:
    """Which accounts' counters this replica holds."""

    def __init__(
        self, database: Database, store: SharedStore, account: Callable[[str], ReplicaAccount]
    ) -> None:
        self._database = database
        self._store = store
        self._account = account
        self._holdings: dict[str, Holding] = {}

    @contextlib.asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[ReplicaAccount]:
        """The account with its counters, which are written when the last of those that hold them is done."""
        loop = asyncio.get_running_loop()
        while True:
            holding = self._holdings.get(key)
            if holding is None:
                break
            if self._account(key).held and loop.time() < holding.until and holding.users:
                holding.users += 1
                try:
                    yield self._account(key)
                finally:
                    self._leave(holding)
                return
            await holding.ended.wait()
        holding = self._holdings[key] = Holding(loop.time() + HOLD_SECONDS)
        try:
            async with self._database.locked(f"account {key}") as statements:
                account = self._account(key)
                before = await self._read(statements, account)
                account.held = True
                try:
                    yield account
                finally:
                    self._leave(holding)
                    await holding.idle.wait()
                    account.held = False
                    after = account.dump()
                    if after != before:
                        await statements.fetch(SAVE, key, after)
        finally:
            del self._holdings[key]
            holding.ended.set()

    @staticmethod
    def _leave(holding: Holding) -> None:
        holding.users -= 1
        if not holding.users:
            holding.idle.set()

    async def _read(self, statements: Statements, account: ReplicaAccount) -> str:
        rows = await statements.fetch(LOAD, account.key)
        text: str = rows[0][0] if rows else ""
        ids = orjson.loads(text or "{}").get("running", ())
        account.load(text, await self._store.known(ids))
        return text
