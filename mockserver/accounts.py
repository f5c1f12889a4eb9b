"""The bearer key *is* the account: its own clock, pace, scenarios, limits, journal and tasks."""

from __future__ import annotations

from collections import deque
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockserver.errors import MockError, Refused
from mockserver.logs import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mockserver.clock import Clock
    from mockserver.journal import Journal
    from mockserver.pace import Pace
    from mockserver.tasks import Task

MOST_DELIVERIES = 2000
MOST_COUNTS = 10_000
NO_LIMITS: Mapping[str, int] = MappingProxyType({})


class Defaults:
    """What accounts have that were given nothing of their own: one shared clock, a pace, a scenario."""

    __slots__ = ("clock", "pace", "scenario")

    def __init__(self, clock: Clock, pace: Pace, scenario: str = "") -> None:
        self.clock = clock
        self.pace = pace
        self.scenario = scenario


class Account:
    """One key's world. What few accounts have is made when it is needed: there may be many idle ones.

    `forced` are scenarios for the next requests: [text, how many are left]. `limits`: pool name -> slots, and
    "per_second" -> requests; without limits nothing is counted. `flying`: how many of its callbacks are on
    their way. `kept`: it has tasks or settings, so it does not make room for others.
    """

    __slots__ = (
        "_counts",
        "_recent",
        "clock",
        "deliveries",
        "flying",
        "forced",
        "journal",
        "kept",
        "key",
        "limits",
        "pace",
        "running",
        "scenario",
    )

    def __init__(self, key: str, defaults: Defaults, journal: Journal) -> None:
        self.key = key
        self.clock = defaults.clock
        self.journal = journal
        self.kept = False
        self.pace: Pace | None = None
        self.scenario: str | None = None
        self.forced: list[list[Any]] | None = None
        self.deliveries: Log | None = None
        self.flying = 0
        self.limits = NO_LIMITS
        self.running: Sequence[Task] = ()
        self._counts: dict[str, int] | None = None
        self._recent: deque[int] | None = None

    def force(self, text: str, requests: int) -> list[list[Any]]:
        """Have a scenario strike the next requests; all that will."""
        if self.forced is None:
            self.forced = []
        self.forced.append([text, requests])
        return self.forced

    def counted(self, use: str, times: int) -> bool:
        """Count one more of at most `times` uses; False when there have been as many."""
        if self._counts is None or len(self._counts) >= MOST_COUNTS:
            self._counts = {}
        used = self._counts.get(use, 0)
        if used >= times:
            return False
        self._counts[use] = used + 1
        return True

    def log_delivery(self, size: int, delivery: Any) -> None:
        """Log a callback; `size` in bytes."""
        shelf = self.journal.shelf
        if self.deliveries is None:
            self.deliveries = Log(MOST_DELIVERIES, shelf)
        self.deliveries.add((shelf.number(), size, delivery))

    def logged_deliveries(self) -> list[Any]:
        """The log of its callbacks, in the order in which they were begun."""
        return [delivery for _, _, delivery in self.deliveries or ()]

    def logs(self) -> Iterator[Log]:
        yield self.journal
        if self.deliveries is not None:
            yield self.deliveries

    def clear(self) -> None:
        """Back to how it began; but for its clock, which the outbox goes by, and its tasks."""
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

    def take_slots(self, pool: str, slots: int, running: Iterable[tuple[str, int]]) -> None:
        """Raise Refused when `slots` more of `pool` are too many; `running` are (pool, slots) in use."""
        limit = self.limits.get(pool)
        if limit is not None and slots + sum(n for p, n in running if p == pool) > limit:
            raise Refused("too_many_tasks")


class Accounts:
    """All accounts, made when first met, at most about `most`.

    The oldest account that has neither tasks nor settings, nor callbacks on their way, makes room for a new
    one; its journal is gone.
    While all have, a new key is refused: what was acknowledged to a key must not be lost because of others.
    Keys that have tasks (`has_tasks`) are never refused.
    """

    __slots__ = ("_accounts", "_has_tasks", "_idle", "_make_journal", "defaults", "most")

    def __init__(
        self,
        defaults: Defaults,
        make_journal: Callable[[], Journal],
        has_tasks: Callable[[str], bool],
        most: int,
    ) -> None:
        self._accounts: dict[str, Account] = {}
        # The keys of those that are not kept, in the order in which they came to be so.
        self._idle: dict[str, None] = {}
        self._make_journal = make_journal
        self._has_tasks = has_tasks
        self.defaults = defaults
        self.most = most

    def get(self, key: str) -> Account:
        """The account of a key; raises Refused for a new one when there is no room."""
        account = self._accounts.get(key)
        return account if account is not None else self._new(key)

    def _new(self, key: str) -> Account:
        if self._has_tasks(key):
            return self.restored(key)
        if len(self._accounts) >= self.most:
            self._make_room()
        account = self._accounts[key] = Account(key, self.defaults, self._make_journal())
        self._idle[key] = None
        return account

    def restored(self, key: str) -> Account:
        """The account of a key that has something from an earlier run; it is kept."""
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = Account(key, self.defaults, self._make_journal())
        self.keep(account)
        return account

    def _make_room(self) -> None:
        oldest = next((key for key in self._idle if not self._accounts[key].flying), None)
        if oldest is None:
            said = (
                f"this server holds {len(self._accounts)} accounts that have tasks or settings, and takes no "
                "more keys; POST /__understudy__/reset makes room"
            )
            raise Refused("unavailable", because=said)
        del self._idle[oldest]
        for log in self._accounts.pop(oldest).logs():
            log.retire()

    def keep(self, account: Account) -> None:
        """Let an account stay: it has tasks or settings now."""
        account.kept = True
        self._idle.pop(account.key, None)

    def release(self, account: Account) -> None:
        """Let an account make room for others again: its tasks and settings are gone."""
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
