"""The bearer key *is* the account: its own clock, pace, scenarios, limits, journal and tasks."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from mockserver.errors import MockError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockserver.clock import Clock
    from mockserver.journal import Journal
    from mockserver.pace import Pace
    from mockserver.tasks import Task


class Defaults:
    """What accounts have that were given nothing of their own: one shared clock, a pace, a scenario."""

    __slots__ = ("clock", "pace", "scenario")

    def __init__(self, clock: Clock, pace: Pace, scenario: str = "") -> None:
        self.clock = clock
        self.pace = pace
        self.scenario = scenario


class Account:
    """One key's world. `forced` are scenarios for the next requests: [text, how many are left]."""

    __slots__ = (
        "clock",
        "counts",
        "deliveries",
        "flying",
        "forced",
        "journal",
        "key",
        "limits",
        "pace",
        "recent",
        "running",
        "scenario",
    )

    def __init__(self, key: str, defaults: Defaults, journal: Journal) -> None:
        self.key = key
        self.clock = defaults.clock
        self.pace: Pace | None = None
        self.scenario: str | None = None
        self.forced: deque[list[Any]] = deque()
        self.counts: dict[str, int] = {}
        self.journal = journal
        self.deliveries: deque[Any] = deque(maxlen=2000)
        # How many of its callbacks are on their way.
        self.flying = 0
        # Pool name -> slots, and "per_second" -> requests; empty: no limits, and nothing is counted.
        self.limits: dict[str, int] = {}
        self.running: list[Task] = []
        self.recent: deque[int] = deque()

    def admit(self, now: int) -> None:
        """Count one request against `per_second`; raises Refused when there were too many."""
        limit = self.limits.get("per_second")
        if limit is None:
            return
        while self.recent and self.recent[0] <= now - 1000:
            self.recent.popleft()
        if len(self.recent) >= limit:
            raise Refused("too_many_requests")
        self.recent.append(now)

    def take_slots(self, pool: str, slots: int, running: Iterable[tuple[str, int]]) -> None:
        """Raise Refused when `slots` more of `pool` are too many; `running` are (pool, slots) in use."""
        limit = self.limits.get(pool)
        if limit is not None and slots + sum(n for p, n in running if p == pool) > limit:
            raise Refused("too_many_tasks")


class Accounts:
    """All accounts, made when first met. At most `most` are kept: the oldest makes room.

    Its tasks stay in the store; a clock, scenarios and a journal of its own are gone.
    """

    __slots__ = ("_accounts", "_make_journal", "defaults", "most")

    def __init__(self, defaults: Defaults, make_journal: Any, most: int = 100_000) -> None:
        self._accounts: dict[str, Account] = {}
        self._make_journal = make_journal
        self.defaults = defaults
        self.most = most

    def get(self, key: str) -> Account:
        account = self._accounts.get(key)
        if account is None:
            if len(self._accounts) >= self.most:
                del self._accounts[next(iter(self._accounts))]
            account = self._accounts[key] = Account(key, self.defaults, self._make_journal())
        return account

    def known(self, key: str) -> Account:
        """The account of a key that has been used; raises MockError when there is none."""
        if key not in self._accounts:
            raise MockError(f"no account has used the key {key[:4]}…", advice="send a request with it first")
        return self._accounts[key]

    def __iter__(self) -> Iterator[Account]:
        return iter(list(self._accounts.values()))

    def __len__(self) -> int:
        return len(self._accounts)
