"""The bearer key *is* the account: its own clock, pace, scenarios, limits, journal and tasks."""

from __future__ import annotations

import sys
from collections import deque
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.mockserver.accounts.logs import EntryLog
from understudy.mockserver.errors import MockError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from understudy.mockserver.accounts.clock import Clock
    from understudy.mockserver.accounts.journal import Journal
    from understudy.mockserver.accounts.logs import Logged
    from understudy.mockserver.accounts.pace import Pace
    from understudy.mockserver.store.tasks import Task

MOST_DELIVERIES = 2000
MOST_COUNTS = 10_000
# Clients choose their keys: what all of them together may take, in bytes.
MOST_KEY_BYTES = 67_108_864
NO_LIMITS: Mapping[str, int] = MappingProxyType({})


class AccountDefaults:
    """The settings of accounts without their own: one shared clock, a pace, a scenario."""

    __slots__ = ("clock", "pace", "scenario")

    def __init__(self, clock: Clock, pace: Pace, scenario: str = "") -> None:
        self.clock = clock
        self.pace = pace
        self.scenario = scenario


class Account:
    """The state of one key. What few accounts need is created on first use, as many accounts may be idle.

    `forced` are scenarios for the next requests: [text, how many are left]. `limits`: pool name -> slots, and
    "per_second" -> requests; without limits nothing is counted. `in_flight`: how many of its callbacks are on
    their way. `kept`: it has tasks or settings, so it does not make room for others.
    """

    __slots__ = (
        "_counts",
        "_recent",
        "clock",
        "deliveries",
        "forced",
        "in_flight",
        "journal",
        "kept",
        "key",
        "limits",
        "pace",
        "running",
        "scenario",
    )

    def __init__(self, key: str, defaults: AccountDefaults, journal: Journal) -> None:
        self.key = key
        self.clock = defaults.clock
        self.journal = journal
        self.kept = False
        self.pace: Pace | None = None
        self.scenario: str | None = None
        self.forced: list[list[Any]] | None = None
        self.deliveries: EntryLog[Any] | None = None
        self.in_flight = 0
        self.limits = NO_LIMITS
        self.running: Sequence[Task] = ()
        self._counts: dict[int, int] | None = None
        self._recent: deque[int] | None = None

    def force(self, text: str, requests: int) -> list[list[Any]]:
        """Apply a scenario to the next requests. Returns every scenario that still has requests left."""
        if self.forced is None:
            self.forced = []
        self.forced.append([text, requests])
        return self.forced

    def take_forced(self, strikes: Callable[[str], bool]) -> list[str]:
        """The first scenario for the next requests that `strikes` accepts; uses it up once."""
        forced = self.forced or []
        for place, (text, left) in enumerate(forced):
            if strikes(text):
                if left <= 1:
                    del forced[place]
                else:
                    forced[place][1] = left - 1
                return [text]
        return []

    def counted(self, use: str, times: int) -> bool:
        """Count one more of at most `times` uses; False when there have been as many."""
        if self._counts is None or len(self._counts) >= MOST_COUNTS:
            self._counts = {}
        # A number for the text, the same in every process: clients choose how long it is.
        key = int.from_bytes(blake2b(use.encode("utf-8", "replace"), digest_size=8).digest(), "big")
        used = self._counts.get(key, 0)
        if used >= times:
            return False
        self._counts[key] = used + 1
        return True

    def log_delivery(self, delivery: Logged) -> None:
        """Log a callback."""
        if self.deliveries is None:
            self.deliveries = EntryLog(MOST_DELIVERIES, self.journal.budget)
        self.deliveries.add(delivery)

    def logged_deliveries(self) -> list[Any]:
        """The log of its callbacks, in the order in which they were begun."""
        return self.deliveries.entries() if self.deliveries is not None else []

    def logs(self) -> Iterator[EntryLog[Any]]:
        yield self.journal
        if self.deliveries is not None:
            yield self.deliveries

    def clear(self) -> None:
        """Reset everything but the clock, which the outbox uses, and the tasks."""
        for log in self.logs():
            log.clear()
        self.pace = self.scenario = None
        self.forced = self.deliveries = self._counts = self._recent = None
        self.limits = NO_LIMITS
        self.running = ()

    def admit(self, now: int) -> None:
        """Count one request against `per_second`; raises Refused when there were too many."""
        limit = self.limits.get("per_second")
        if limit is None:
            return
        recent = self._recent
        if recent is None:
            recent = self._recent = deque()
        while recent and recent[0] <= now - 1000:
            recent.popleft()
        if len(recent) >= limit:
            raise Refused("too_many_requests")
        recent.append(now)

    def quota(self, pool: str, running: Iterable[tuple[str, int]]) -> tuple[int, int] | None:
        """(its limit, how much of it is left): of requests a second, else of slots of `pool`; None without.

        `running` are (pool, slots) in use.
        """
        if (limit := self.limits.get("per_second")) is not None:
            return limit, max(0, limit - len(self._recent or ()))
        if (limit := self.limits.get(pool)) is not None:
            return limit, max(0, limit - sum(n for p, n in running if p == pool))
        return None

    def take_slots(self, pool: str, slots: int, running: Iterable[tuple[str, int]]) -> None:
        """Raise Refused when `slots` more of `pool` are too many; `running` are (pool, slots) in use."""
        limit = self.limits.get(pool)
        if limit is not None and slots + sum(n for p, n in running if p == pool) > limit:
            raise Refused("too_many_tasks")


class Accounts:
    """All accounts, made when first met, at most about `most`, with keys of `MOST_KEY_BYTES` together.

    The oldest account that has neither tasks nor settings, nor callbacks on their way, makes room for a new
    one; its journal is gone.
    While all have, a new key is refused: what was acknowledged to a key must not be lost because of others.
    Keys that have tasks (`has_tasks`) are never refused.
    """

    __slots__ = (
        "_accounts", "_has_tasks", "_idle", "_key_bytes", "_make_journal", "account_type", "defaults", "most",
    )  # fmt: skip

    def __init__(
        self,
        defaults: AccountDefaults,
        make_journal: Callable[[], Journal],
        has_tasks: Callable[[str], bool],
        most: int,
    ) -> None:
        self._accounts: dict[str, Account] = {}
        # The keys of those that are not kept, in the order in which they came to be so.
        self._idle: dict[str, None] = {}
        self._key_bytes = 0
        self._make_journal = make_journal
        self._has_tasks = has_tasks
        self.account_type: type[Account] = Account
        self.defaults = defaults
        self.most = most

    def get(self, key: str) -> Account:
        """The account of a key; raises Refused for a new one when there is no room."""
        account = self._accounts.get(key)
        return account if account is not None else self._new(key)

    def _new(self, key: str) -> Account:
        if self._has_tasks(key):
            return self.restored(key)
        size = sys.getsizeof(key)
        while len(self._accounts) >= self.most or self._key_bytes + size > MOST_KEY_BYTES:
            self._make_room()
        account = self._made(key)
        self._idle[key] = None
        return account

    def restored(self, key: str) -> Account:
        """The account of a key that has something from an earlier run; it is kept."""
        account = self._accounts.get(key)
        if account is None:
            account = self._made(key)
        self.keep(account)
        return account

    def _made(self, key: str) -> Account:
        self._key_bytes += sys.getsizeof(key)
        account = self._accounts[key] = self.account_type(key, self.defaults, self._make_journal())
        return account

    def _make_room(self) -> None:
        oldest = next((key for key in self._idle if not self._accounts[key].in_flight), None)
        if oldest is None:
            said = (
                f"this server has {len(self._accounts)} accounts that have tasks or settings, and accepts "
                "no more keys; POST /__understudy__/reset makes room"
            )
            raise Refused("unavailable", because=said)
        del self._idle[oldest]
        self._key_bytes -= sys.getsizeof(oldest)
        for log in self._accounts.pop(oldest).logs():
            log.retire()

    def keep(self, account: Account) -> None:
        """Never evict an account from now on: it has tasks or settings."""
        account.kept = True
        self._idle.pop(account.key, None)

    def release(self, account: Account) -> None:
        """Allow an account to be evicted again: its tasks and settings are gone."""
        account.kept = False
        self._idle[account.key] = None

    def known(self, key: str) -> Account:
        """The account of a key that has been used; raises MockError when there is none."""
        if key not in self._accounts:
            raise MockError(f"no account has used the key {key[:4]}…", advice="send a request with it first")
        return self._accounts[key]

    def __iter__(self) -> Iterator[Account]:
        return iter(list(self._accounts.values()))

    def __len__(self) -> int:
        return len(self._accounts)
