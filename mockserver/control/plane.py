"""Everything the control plane can do, as plain calls; `control.routes` serves them over HTTP.

An account is named by its key. `None` is the server itself: its shared clock, its defaults, every journal.
"""

from __future__ import annotations

import asyncio
import dataclasses
import heapq
import itertools
from typing import TYPE_CHECKING, Any

from understudy.mockserver.accounts.clock import Clock, checked_rate
from understudy.mockserver.accounts.journal import select, show, without_secrets
from understudy.mockserver.accounts.pace import read_pace
from understudy.mockserver.callbacks.deliveries import OwedDelivery
from understudy.mockserver.control.access import Access
from understudy.mockserver.control.leniency import notes
from understudy.mockserver.control.verbs import CONTROL
from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.play import faults
from understudy.mockserver.play.plans import finished
from understudy.mockserver.play.scenario_table import OPERATIONS
from understudy.mockserver.store.tasks import age
from understudy.specs.errors import known_names

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Mapping

    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.accounts.journal import Entry
    from understudy.mockserver.routing import Routes
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.store.tasks import Task
    from understudy.specs.behaviour import Situation

LIMIT_RATE = "per_second"
MOST_FORCED = 1_000_000
# How many tasks are examined before other requests get a turn.
SERVE_OTHERS = 5_000


class ControlPlane:
    """The control plane's verbs. They raise MockError for what cannot be done."""

    def __init__(self, state: ServerState, routes: Routes) -> None:
        self._state = state
        self._routes = routes
        self.access = Access.of(state.settings, state.keyring)

    # what there is

    def overview(self) -> dict[str, Any]:
        """The profiles, the operations and the control plane's requests, for people who open `/`."""
        state = self._state
        return {
            "name": "understudy",
            "profiles": [profile.name for profile in state.profiles],
            "operations": [f"{method} {path}" for method, path in sorted(set(self._routes.shared.known()))],
            "control": [f"{method} {path} - {text}" for method, path, text in CONTROL],
        }

    def trouble(self) -> str:
        """Why requests that change tasks are refused at present, "" when they are not."""
        return self._state.store.trouble()

    def scenarios(self) -> list[dict[str, Any]]:
        rows: dict[str, Situation] = {}
        for profile in reversed(self._state.profiles):
            rows |= profile.behaviour.refusals.situations
        return faults.listing(rows)

    def document(self, profile: str = "") -> Mapping[str, Any]:
        """The OpenAPI document of a profile as it is played, with the places that it has here as servers."""
        names = [p.name for p in self._state.profiles]
        for one in self._state.profiles:
            if one.name == (profile or names[0]):
                below = "" if one.name == names[0] else f"/{one.name}"
                places = [{"url": f"{below}{prefix}" or "/"} for prefix in one.prefixes]
                return {**one.document, "servers": places}
        raise MockError(f"unknown profile {profile!r}", advice=f"known: {', '.join(names)}")

    def account(self, key: str | None) -> Account | None:
        if key is None:
            return None
        try:
            return self._state.accounts.get(key)
        except Refused as refused:
            raise MockError(refused.values.get("because", refused.situation)) from refused

    def _chosen(self, key: str | None) -> list[Account]:
        """The account, or all of them, including those that so far exist only in the store."""
        account = self.account(key)
        if account is not None:
            return [account]
        for one in self._state.store.accounts():
            self._state.accounts.restored(one)
        return list(self._state.accounts)

    def _kept(self, key: str | None) -> Account | None:
        """The account, which is never evicted from now on, as it gets settings of its own."""
        account = self.account(key)
        if account is not None:
            self._state.accounts.keep(account)
        return account

    # time

    def clock(self, key: str | None) -> dict[str, Any]:
        account = self.account(key)
        clock = account.clock if account is not None else self._state.defaults.clock
        return {"now": clock.now(), "rate": clock.rate, "own": clock is not self._state.defaults.clock}

    async def set_rate(self, key: str | None, rate: float) -> dict[str, Any]:
        """Change the rate of a clock (0: it moves only when advanced); an account gets its own clock."""
        clock = self._own_clock(key)
        checked_rate(rate)
        await self._state.keep_clock(self.account(key), rate=rate)
        clock.set_rate(rate)
        self._state.outbox.agenda(clock).rearm()
        return self.clock(key)

    async def advance(self, key: str | None, milliseconds: int) -> dict[str, Any]:
        """Move a clock forward; callbacks that fall due have been sent, in order, when this returns."""
        if milliseconds < 0:
            raise MockError(f"a clock cannot go back (requested: {milliseconds} ms)", advice="0 or more")
        clock = self._own_clock(key)
        await self._state.keep_clock(self.account(key), milliseconds)
        await self._state.outbox.advance(clock, milliseconds)
        return self.clock(key)

    async def advance_to_next(self, key: str | None) -> dict[str, Any]:
        """Advance a clock to the next change of any task that uses it, or to the next delivery."""
        clock = self._own_clock(key)
        now = clock.now()
        moments = [at async for at in self._changes_by(clock, now)]
        heap = self._state.outbox.agenda(clock).heap
        moments += [heap[0].due] if heap and heap[0].due > now else []
        if not moments:
            return {**self.clock(key), "changed": False}
        await self._state.keep_clock(self.account(key), min(moments) - now)
        await self._state.outbox.advance(clock, min(moments) - now)
        return {**self.clock(key), "changed": True}

    def _own_clock(self, key: str | None) -> Clock:
        account = self._kept(key)
        defaults = self._state.defaults
        if account is None:
            return defaults.clock
        if account.clock is defaults.clock:
            # A clock of its own starts where the shared one is, at the same rate.
            own = Clock(defaults.clock.rate, defaults.clock.now())
            self._state.outbox.move(account, own)
        return account.clock

    async def _changes_by(self, clock: Clock, now: int) -> AsyncIterator[int]:
        """When each task that uses a clock changes next. Yields to other requests in between."""
        looked = 0
        for account in self._state.accounts:
            for task in list(self._state.store.tasks(account.key)) if account.clock is clock else ():
                at = next_change(task, now)
                if at is not None:
                    yield at
                looked += 1
                if not looked % SERVE_OTHERS:
                    await asyncio.sleep(0)

    def set_pace(self, key: str | None, text: str) -> dict[str, str]:
        pace = read_pace(text)
        account = self._kept(key)
        if account is None:
            self._state.defaults.pace = pace
        else:
            account.pace = pace
        return {"pace": str(pace)}

    # scenarios, faults, limits

    def set_scenario(self, key: str | None, text: str) -> dict[str, str]:
        """Set the scenario for every request; "" for none."""
        self._state.choose(text)
        account = self._kept(key)
        if account is None:
            self._state.defaults.scenario = text
        else:
            account.scenario = text
        return {"scenario": text}

    def force(self, key: str | None, text: str, requests: int) -> dict[str, Any]:
        """Apply a scenario to the next `requests` requests of an account that it can affect."""
        account = self.account(key)
        if account is None:
            raise MockError(
                "faults apply to one account", advice="?account=KEY, or send its Authorization header"
            )
        if not 0 < requests <= MOST_FORCED:
            raise MockError(f"{requests} is not a number of requests", advice=f"1 to {MOST_FORCED}")
        if not self._state.choose(text):
            raise MockError("no scenario given", advice="GET /__understudy__/scenarios lists them")
        self._kept(key)
        return {"forced": [{"scenario": t, "next": n} for t, n in account.force(text, requests)]}

    def limit_names(self) -> list[str]:
        return [*sorted({played.behaviour.pool for played in self._state.families.values()}), LIMIT_RATE]

    def set_limits(self, key: str | None, limits: Mapping[str, int]) -> dict[str, int]:
        """Slots by pool, and requests `per_second`; none: no limits. The table replaces the one before."""
        account = self.account(key)
        if account is None:
            raise MockError(
                "limits are for one account", advice="?account=KEY, or send its Authorization header"
            )
        for name, value in limits.items():
            if name not in self.limit_names():
                raise MockError(f"unknown limit {name!r}", advice=f"known: {', '.join(self.limit_names())}")
            if type(value) is not int or value < 0:
                raise MockError(f"limit {name}: {value!r} is not a number from 0 on")
        now = account.clock.now()
        tasks = self._state.store.tasks(account.key) if limits and not account.limits else account.running
        account.running = [t for t in tasks if not self._state.is_terminal(t, t.status(now))]
        account.limits = dict(limits)
        self._kept(key)
        return dict(limits)

    # tasks

    def tasks(self, key: str | None, limit: int = 1000, before: str = "") -> list[dict[str, Any]]:
        """Tasks, newest first: at most `limit`, and only those older than the task with the id `before`."""
        store, accounts = self._state.store, self._state.accounts
        keys = list(store.accounts()) if key is None else [key]
        found = heapq.merge(*(store.tasks(one, before) for one in keys), key=age, reverse=True)
        return [self._shown(task, accounts.get(task.account)) for task in itertools.islice(found, limit)]

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
            "callback_url": without_secrets(task.callback_url),
            "units": self._charged(task, now),
        }

    def _charged(self, task: Task, now: int) -> float:
        """What the task would have cost at the provider, in units; 0 when it ended without results."""
        family = self._state.played_by(task).behaviour
        kind = family.lifecycle.kind(task.status(now))
        return float(family.cost.units(task.request.results)) if kind is None or kind.charged else 0.0

    def owned(self, task_id: str, key: str | None) -> str:
        """`task_id`; raises MockError when keys count and the task is another account's than `key`'s."""
        task = self._state.store.task(task_id)
        if task is not None and self.access.closed and key not in (None, task.account):
            raise MockError(f"unknown task {task_id}")
        return task_id

    async def finish(self, task_id: str, status: str = "", reason: str = "") -> dict[str, Any]:
        """Bring a task to a terminal state now; the default is success."""
        state = self._state
        task = state.store.task(task_id)
        if task is None:
            raise MockError(f"unknown task {task_id}")
        played = state.played_by(task)
        lifecycle = played.lifecycle
        status = status or lifecycle.success
        ends = [s for s in lifecycle.names if lifecycle.is_terminal(s)]
        if status not in ends:
            raise MockError(f"{status!r} is not a terminal state", advice=f"known: {', '.join(ends)}")
        account = state.accounts.get(task.account)
        now = account.clock.now()
        if lifecycle.is_terminal(task.status(now)):
            raise MockError(f"task {task_id} is {task.status(now)} already")
        plan = finished(task, lifecycle, status, played.behaviour.failures.get(reason, reason), now)
        written = state.store.change(task, plan)
        if written is not None:
            await written
        state.outbox.again(task)
        return self._shown(task, account)

    async def send_callback(self, task_id: str, status: str = "", *, forged: bool = False) -> dict[str, Any]:
        """Send a callback of a task once, beside those that it owes: again, or a forged one.

        Without a `status` it tells the state that the task is in. A forged one tells what has not happened
        (success, unless told), with a signature that does not fit where callbacks are signed.
        """
        state = self._state
        task = state.store.task(task_id)
        if task is None:
            raise MockError(f"unknown task {task_id}")
        if not task.callback_url:
            raise MockError(f"task {task_id} asked for no callbacks", advice="callback_url in its create")
        now = state.accounts.get(task.account).clock.now()
        lifecycle = state.played_by(task).lifecycle
        status = status or (lifecycle.success if forged else task.status(now))
        told = task.plan.statuses if forged else task.plan.statuses[: task.index(now) + 1]
        if status not in lifecycle.names:
            raise MockError(f"unknown state {status!r}", advice=f"known: {', '.join(lifecycle.names)}")
        if status not in told:
            if not forged:
                advice = f"it was {', '.join(told)}; with forged it is sent all the same"
                raise MockError(f"task {task_id} was not {status} yet", advice=advice)
            # Told as if it had come to this.
            task = dataclasses.replace(task, plan=finished(task, lifecycle, status, "", now))
        item = OwedDelivery(now, task.plan.statuses.index(status), forged)
        return (await state.outbox.send_one(task, item)).show()

    # what has happened

    def _entries(self, key: str | None) -> list[Entry]:
        account = self.account(key)
        if account is not None:
            return account.journal.entries()
        every = [entry for one in self._state.accounts for entry in one.journal.entries()]
        return sorted(every + self._state.unidentified.entries(), key=lambda entry: entry.number)

    def _check(self, filters: Mapping[str, str]) -> None:
        """Raise MockError for a value that no entry can have: a slip in a test must not look like "none"."""
        families = self._state.families.values()
        possible = {
            "operation": ["", *OPERATIONS, "result"],
            "verdict": ["accepted", "refused", *self._state.situations],
            "family": ["", *sorted({played.name for played in families})],
        }
        for name, values in possible.items():
            if name in filters and filters[name] not in values:
                advice = known_names(filters[name], [value for value in values if value])
                raise MockError(f"unknown {name} {filters[name]!r}", where="journal", advice=advice)
        if not filters.get("status", "200").isdecimal():
            raise MockError(f"unknown status {filters['status']!r}", where="journal", advice="a number: 200")

    def journal(self, key: str | None, filters: dict[str, str], limit: int = 1000) -> list[dict[str, Any]]:
        """The matching requests, oldest first, at most the last `limit`."""
        self._check(filters)
        routes = self._routes.shared
        known = routes.known()
        found = list(select(self._entries(key), filters))[-limit:]
        return [show(entry, known, notes(entry, routes)) for entry in found]

    def count(self, key: str | None, filters: dict[str, str]) -> int:
        self._check(filters)
        return sum(1 for _ in select(self._entries(key), filters))

    def deliveries(self, key: str | None, task: str = "", limit: int = 1000) -> list[dict[str, Any]]:
        """The log of callbacks, in the order in which they were begun; at most the last `limit`."""
        found = [
            delivery
            for account in self._chosen(key)
            for delivery in account.logged_deliveries()
            if not task or delivery.task == task
        ]
        return [delivery.show() for delivery in found[-limit:]]

    async def reset(self, key: str | None) -> None:
        """Forget an account's tasks, journal, scenarios, limits and clock; without a key, everyone's.

        All at once: what comes while the store writes belongs to the time after.
        """
        written = [self._reset(account) for account in self._chosen(key)]
        if key is None:
            self._state.unidentified.clear()
            self.set_scenario(None, self._state.settings.scenario)
            self.set_pace(None, self._state.settings.pace)
        try:
            await asyncio.gather(*(write for write in written if write is not None))
        except Refused:
            # The store has its tasks back; what they owe is still to be sent.
            for account in self._chosen(key):
                for task in self._state.store.tasks(account.key):
                    self._state.outbox.watch(task)
            raise

    def _reset(self, account: Account) -> Awaitable[None] | None:
        state = self._state
        state.outbox.forget(account)
        written = state.store.forget(account.key)
        if account.clock is not state.defaults.clock:
            state.outbox.move(account, state.defaults.clock)
        account.clear()
        state.accounts.release(account)
        return written


def next_change(task: Task, now: int) -> int | None:
    """When the task's state changes next, None when it will not by itself."""
    index = task.index(now)
    return task.changed_at(index + 1) if index + 1 < len(task.plan.statuses) else None
