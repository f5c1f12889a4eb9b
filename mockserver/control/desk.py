"""Everything the control plane can do, as plain calls; HTTP and the in-code handle both come here.

An account is named by its key. `None` is the server itself: its shared clock, its defaults, every journal.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mockserver import faults
from mockserver.clock import Clock
from mockserver.errors import MockError, Refused
from mockserver.faults import OPERATIONS
from mockserver.journal import select, show
from mockserver.pace import read_pace
from mockserver.plans import finished
from specs.errors import known_names

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping

    from mockserver.accounts import Account
    from mockserver.journal import Entry
    from mockserver.routing import Routes
    from mockserver.tasks import Task
    from mockserver.world import World

LIMIT_RATE = "per_second"
MOST_FORCED = 1_000_000


class Desk:
    """The control plane's verbs. They raise MockError for what cannot be done."""

    def __init__(self, world: World, routes: Routes) -> None:
        self._world = world
        self._routes = routes

    # what there is

    def overview(self) -> dict[str, Any]:
        """What a stranger needs to know next."""
        world = self._world
        return {
            "name": "understudy",
            "profiles": [profile.name for profile in world.profiles],
            "operations": [f"{method} {path}" for method, path in sorted(set(self._routes.shared.known()))],
            "control": [f"{method} {path} - {text}" for method, path, text in CONTROL],
        }

    def scenarios(self) -> list[dict[str, Any]]:
        rows: dict[str, Mapping[str, Any]] = {}
        for profile in reversed(self._world.profiles):
            rows |= profile.errors
        return faults.listing(rows)

    def document(self, profile: str = "") -> Mapping[str, Any]:
        """The OpenAPI document of a profile as it is played."""
        names = [p.name for p in self._world.profiles]
        for one in self._world.profiles:
            if one.name == (profile or names[0]):
                return one.document
        raise MockError(f"no profile {profile!r} is played", advice=f"known: {', '.join(names)}")

    def key_of(self, header: bytes) -> str:
        """The account key of an Authorization header; raises Refused."""
        return self._world.keyring.account(header)

    def account(self, key: str | None) -> Account | None:
        if key is None:
            return None
        try:
            return self._world.accounts.get(key)
        except Refused as refused:
            raise MockError(refused.values.get("because", refused.situation)) from refused

    def _chosen(self, key: str | None) -> list[Account]:
        """The account, or all: those too that have tasks in the store's file and were not asked for since."""
        account = self.account(key)
        if account is not None:
            return [account]
        for one in self._world.store.accounts():
            self._world.accounts.restored(one)
        return list(self._world.accounts)

    def _kept(self, key: str | None) -> Account | None:
        """The account, which stays from now on: it is given something of its own."""
        account = self.account(key)
        if account is not None:
            self._world.accounts.keep(account)
        return account

    # time

    def clock(self, key: str | None) -> dict[str, Any]:
        account = self.account(key)
        clock = account.clock if account is not None else self._world.defaults.clock
        return {"now": clock.now(), "rate": clock.rate, "own": clock is not self._world.defaults.clock}

    async def set_rate(self, key: str | None, rate: float) -> dict[str, Any]:
        """Let a clock run at another rate (0: by hand). An account gets a clock of its own thereby."""
        clock = self._own_clock(key)
        clock.set_rate(rate)
        await self._world.keep_clock(self.account(key))
        self._world.outbox.agenda(clock).rearm()
        return self.clock(key)

    async def advance(self, key: str | None, milliseconds: int) -> dict[str, Any]:
        """Move a clock forward; callbacks that fall due have been sent, in order, when this returns."""
        if milliseconds < 0:
            raise MockError(f"a clock does not go back (asked for {milliseconds} ms)", advice="0 or more")
        clock = self._own_clock(key)
        await self._world.keep_clock(self.account(key), milliseconds)
        await self._world.outbox.advance(clock, milliseconds)
        return self.clock(key)

    async def advance_to_next(self, key: str | None) -> dict[str, Any]:
        """Move a clock to the next change of any task that goes by it, or to the next delivery."""
        clock = self._own_clock(key)
        now = clock.now()
        moments = [at for task in self._tasks_by(clock) if (at := next_change(task, now)) is not None]
        heap = self._world.outbox.agenda(clock).heap
        moments += [heap[0].due] if heap and heap[0].due > now else []
        if not moments:
            return {**self.clock(key), "changed": False}
        await self._world.keep_clock(self.account(key), min(moments) - now)
        await self._world.outbox.advance(clock, min(moments) - now)
        return {**self.clock(key), "changed": True}

    def _own_clock(self, key: str | None) -> Clock:
        account = self._kept(key)
        defaults = self._world.defaults
        if account is None:
            return defaults.clock
        if account.clock is defaults.clock:
            # A clock of its own starts where the shared one is, at the same rate.
            own = Clock(defaults.clock.rate)
            own.advance(max(0, defaults.clock.now() - own.now()))
            self._world.outbox.move(account, own)
        return account.clock

    def _tasks_by(self, clock: Clock) -> Iterable[Task]:
        for account in self._world.accounts:
            if account.clock is clock:
                yield from self._world.store.tasks(account.key)

    def set_pace(self, key: str | None, text: str) -> dict[str, str]:
        pace = read_pace(text)
        account = self._kept(key)
        if account is None:
            self._world.defaults.pace = pace
        else:
            account.pace = pace
        return {"pace": str(pace)}

    # scenarios, faults, limits

    def set_scenario(self, key: str | None, text: str) -> dict[str, str]:
        """The standing scenario; "" for none."""
        self._world.choose(text)
        account = self._kept(key)
        if account is None:
            self._world.defaults.scenario = text
        else:
            account.scenario = text
        return {"scenario": text}

    def force(self, key: str | None, text: str, requests: int) -> dict[str, Any]:
        """A scenario for the next `requests` requests of an account that it can strike."""
        account = self.account(key)
        if account is None:
            raise MockError(
                "faults are for one account", advice="?account=KEY, or send its Authorization header"
            )
        if not 0 < requests <= MOST_FORCED:
            raise MockError(f"{requests} is not a number of requests", advice=f"1 to {MOST_FORCED}")
        if not self._world.choose(text):
            raise MockError("no scenario given", advice="GET /__understudy__/scenarios lists them")
        self._kept(key)
        return {"forced": [{"scenario": t, "next": n} for t, n in account.force(text, requests)]}

    def limit_names(self) -> list[str]:
        return [*sorted({play.life.pool for play in self._world.plays.values()}), LIMIT_RATE]

    def set_limits(self, key: str | None, limits: Mapping[str, int]) -> dict[str, int]:
        """Slots by pool, and requests `per_second`; none: no limits. The table replaces the one before."""
        account = self.account(key)
        if account is None:
            raise MockError(
                "limits are for one account", advice="?account=KEY, or send its Authorization header"
            )
        for name, value in limits.items():
            if name not in self.limit_names():
                raise MockError(f"no limit {name!r}", advice=f"known: {', '.join(self.limit_names())}")
            if type(value) is not int or value < 0:
                raise MockError(f"limit {name}: {value!r} is not a number from 0 on")
        now = account.clock.now()
        tasks = self._world.store.tasks(account.key) if limits and not account.limits else account.running
        account.running = [t for t in tasks if not self._world.is_terminal(t, t.status(now))]
        account.limits = dict(limits)
        self._kept(key)
        return dict(limits)

    # tasks

    def tasks(self, key: str | None) -> list[dict[str, Any]]:
        return [self._shown(t, a) for a in self._chosen(key) for t in self._world.store.tasks(a.key)]

    def _shown(self, task: Task, account: Account) -> dict[str, Any]:
        now = account.clock.now()
        return {
            "id": task.id,
            "external_id": task.external_id,
            "profile": task.profile,
            "family": task.family,
            "status": task.status(now),
            "created_at": task.created_at,
            "plan": [
                {"status": s, "at": task.created_at + o}
                for s, o in zip(task.plan.statuses, task.plan.offsets, strict=True)
            ],
            "waits_for_polls": task.plan.polls - task.polled if task.plan.rest else 0,
            "scenario": task.scenario,
            "callback_url": task.callback_url,
        }

    async def finish(self, task_id: str, status: str = "", reason: str = "") -> dict[str, Any]:
        """Bring a task to a terminal state now; the default is success."""
        world = self._world
        task = world.store.task(task_id)
        if task is None:
            raise MockError(f"no task {task_id}")
        life = world.play_of(task).life
        status = status or life.success
        ends = [s for s in life.states if life.is_terminal(s)]
        if status not in ends:
            raise MockError(f"{status!r} is no terminal state", advice=f"known: {', '.join(ends)}")
        account = world.accounts.get(task.account)
        now = account.clock.now()
        if life.is_terminal(task.status(now)):
            raise MockError(f"task {task_id} is {task.status(now)} already")
        plan = finished(task, life, status, life.failures.get(reason, reason), now)
        written = world.store.change(task, plan)
        if written is not None:
            await written
        world.outbox.again(task)
        return self._shown(task, account)

    # what has happened

    def _entries(self, key: str | None) -> list[Entry]:
        account = self.account(key)
        if account is not None:
            return account.journal.entries()
        every = [entry for one in self._world.accounts for entry in one.journal.entries()]
        return sorted(every + self._world.strangers.entries(), key=lambda entry: entry.number)

    def _check(self, filters: Mapping[str, str]) -> None:
        """Raise MockError for a value that no entry can have: a slip in a test must not look like "none"."""
        plays = self._world.plays.values()
        possible = {
            "operation": ["", *OPERATIONS, "result"],
            "verdict": ["accepted", "refused", *self._world.situations],
            "family": ["", *sorted({play.family.name for play in plays})],
        }
        for name, values in possible.items():
            if name in filters and filters[name] not in values:
                advice = known_names(filters[name], [value for value in values if value])
                raise MockError(f"no {name} {filters[name]!r}", where="journal", advice=advice)
        if not filters.get("status", "200").isdecimal():
            raise MockError(f"no status {filters['status']!r}", where="journal", advice="a number: 200")

    def journal(self, key: str | None, filters: dict[str, str], limit: int = 1000) -> list[dict[str, Any]]:
        """The matching requests, oldest first, at most the last `limit`."""
        self._check(filters)
        known = self._routes.shared.known()
        return [show(entry, known) for entry in list(select(self._entries(key), filters))[-limit:]]

    def count(self, key: str | None, filters: dict[str, str]) -> int:
        self._check(filters)
        return sum(1 for _ in select(self._entries(key), filters))

    def deliveries(self, key: str | None, task: str = "") -> list[dict[str, Any]]:
        """The log of callbacks, in the order in which they were begun."""
        return [
            delivery.show()
            for account in self._chosen(key)
            for delivery in account.logged_deliveries()
            if not task or delivery.task == task
        ]

    async def reset(self, key: str | None) -> None:
        """Forget an account's tasks, journal, scenarios, limits and clock; without a key, everyone's.

        All at once: what comes while the store writes belongs to the time after.
        """
        written = [self._reset(account) for account in self._chosen(key)]
        if key is None:
            self._world.strangers.clear()
            self.set_scenario(None, self._world.settings.scenario)
            self.set_pace(None, self._world.settings.pace)
        await asyncio.gather(*(write for write in written if write is not None))

    def _reset(self, account: Account) -> Awaitable[None] | None:
        world = self._world
        world.outbox.forget(account)
        written = world.store.forget(account.key)
        if account.clock is not world.defaults.clock:
            world.outbox.move(account, world.defaults.clock)
        account.clear()
        world.accounts.release(account)
        return written


def next_change(task: Task, now: int) -> int | None:
    """When the task's state changes next, None when it will not by itself."""
    index = task.index(now)
    return task.changed_at(index + 1) if index + 1 < len(task.plan.statuses) else None


CONTROL = (
    ("GET", "/__understudy__/scenarios", "every scenario with a sentence and its parameters"),
    ("GET", "/__understudy__/openapi.json?profile=", "the document as it is played"),
    ("GET", "/__understudy__/clock", "the time"),
    ("POST", "/__understudy__/clock", '{"rate": 0}: 1 real, N accelerated, 0 by hand'),
    ("POST", "/__understudy__/clock/advance", '{"seconds": 30} or {"to": "next"}; sends what falls due'),
    ("POST", "/__understudy__/pace", '{"pace": "after 3 polls"}: instant, fast, realistic, after N polls'),
    (
        "POST",
        "/__understudy__/scenario",
        '{"scenario": "fail:reason=internal"}: for every request; "" for none',
    ),
    ("POST", "/__understudy__/faults", '{"scenario": "latency:ms=500", "next": 3}: for the next requests'),
    ("POST", "/__understudy__/limits", '{"image": 5, "video": 2, "per_second": 10}'),
    ("GET", "/__understudy__/tasks", "tasks and their plans"),
    ("POST", "/__understudy__/tasks/{id}/finish", '{"status": "failed", "reason": "internal"}'),
    ("GET", "/__understudy__/journal?operation=&verdict=&task=&field=", "requests, answers, verdicts"),
    ("GET", "/__understudy__/journal/count?operation=&verdict=", '{"count": 2}'),
    ("GET", "/__understudy__/deliveries?task=", "callbacks: attempts, headers, bodies"),
    ("POST", "/__understudy__/reset", "forget an account, or everything"),
)
