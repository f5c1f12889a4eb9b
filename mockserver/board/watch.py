"""What has changed since a board last looked: tasks, requests, callbacks, clocks. Always bounded.

Nothing tells a board of changes: states are a function of the clock. So it looks again, some four times a
second, at what may change, which is tasks that have not ended; and asks the store for those that are new.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import MockError
from understudy.mockserver.store.tasks import REMOVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.accounts.clock import Clock
    from understudy.mockserver.accounts.journal import Entry, Journal
    from understudy.mockserver.board.inbox import Inbox
    from understudy.mockserver.board.rows import Rows
    from understudy.mockserver.callbacks.deliveries import Delivery
    from understudy.mockserver.play.family import PlayedFamily
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.store.tasks import Task, TaskPlan

# Tasks that a board holds: the youngest. Of requests and callbacks it is shown the last so many.
MOST_TASKS = 10_000
MOST_REQUESTS, MOST_DELIVERIES = 100, 50
# Tasks that the store is asked for at a time.
PAGE = 64
# Tasks of which a board is told at a time: more are told a moment later.
MOST_AT_ONCE = 2000
# Accounts, and tasks of a snapshot, after which clients have their turn.
MANY = 200
MOST_ACCOUNTS = 200


@dataclass(slots=True)
class Seen:
    """What one look at all accounts found: new tasks and requests, the last callbacks, the clocks."""

    accounts: list[str]
    tasks: list[Task] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    clocks: dict[str, Clock] = field(default_factory=dict)


@dataclass(slots=True)
class WatchedTask:
    """A task and what the board was last sent about it."""

    task: Task
    played: PlayedFamily
    index: int
    plan: TaskPlan


class Watch:
    """What one board has seen of one account, or (`key` None) of all.

    Of the inbox it sees one box, or (`box` None) all. `snapshot` begins anew; `changes` gives what came
    since, {} for nothing.
    """

    def __init__(
        self, state: ServerState, rows: Rows, inbox: Inbox, key: str | None, box: str | None
    ) -> None:
        self._state = state
        self._rows = rows
        self._inbox = inbox
        self._key = key
        self._box = box
        self._tasks: dict[str, WatchedTask] = {}
        self._open: dict[str, WatchedTask] = {}
        self._newest: dict[tuple[str, str], str] = {}
        # The last request that was seen of each account; None: of callers without one.
        self._entries: dict[str | None, int] = {}
        self._received = -1
        self._deliveries: dict[int, tuple[int, str]] = {}
        self._clocks: dict[str, Any] = {}
        self._untold: dict[str, WatchedTask] = {}

    # --- what a board is told

    async def snapshot(self) -> dict[str, Any]:
        """Everything that is shown, newest tasks first."""
        self._tasks, self._open, self._newest = {}, {}, {}
        self._deliveries, self._clocks, self._untold = {}, {}, {}
        self._entries, self._received = {}, -1
        seen = await self._look()
        self._take(seen.tasks)
        now: dict[str, int] = {}
        tasks = []
        for number, one in enumerate(reversed(list(self._tasks.values()))):
            tasks.append(self._told(one, now))
            if number % MANY == MANY - 1:
                await asyncio.sleep(0)
        return {
            "tasks": [row for row in tasks if "gone" not in row],
            "older": max(0, self._count() - len(tasks)),
            "requests": self._requests(seen.entries),
            "deliveries": self._logged(seen.deliveries),
            "received": self._inbox_news(),
            "answers": self._inbox.answer,
            "clocks": self._clock_news(seen.clocks),
            "accounts": seen.accounts,
        }

    async def changes(self) -> dict[str, Any]:
        """What came since, {} for nothing; {"reset": True} when tasks are gone and all must be asked anew."""
        if self._gone():
            return {"reset": True}
        seen = await self._look()
        now: dict[str, int] = {}
        self._untold |= {one.task.id: one for one in self._take(seen.tasks)}
        self._untold |= {one.task.id: one for one in self._moved(now)}
        self._untold |= {one.task.id: one for one in self._touched(seen.entries)}
        told, later = list(self._untold.values())[:MOST_AT_ONCE], list(self._untold.items())[MOST_AT_ONCE:]
        self._untold = dict(later)
        news = {
            "tasks": [self._told(one, now) for one in told],
            "requests": self._requests(seen.entries),
            "deliveries": self._logged(seen.deliveries),
            "received": self._inbox_news(),
            "clocks": self._clock_news(seen.clocks),
        }
        return {name: value for name, value in news.items() if value}

    async def _look(self) -> Seen:
        """Look at every account once; where there are many, requests of clients come in between."""
        accounts = self._accounts()
        seen = Seen(accounts=[account.key for account in accounts[:MOST_ACCOUNTS]])
        families = list(dict.fromkeys(family for _, family in self._state.families))
        shared = self._state.defaults.clock
        seen.clocks[""] = shared
        for number, account in enumerate(accounts):
            for family in families:
                mine = list(self._since(account.key, family, self._newest.get((account.key, family), "")))
                if mine:
                    self._newest[account.key, family] = mine[0].id
                    seen.tasks += mine
            seen.entries += self._fresh(account.journal, account.key)
            seen.deliveries += account.logged_deliveries()[-MOST_DELIVERIES:]
            if account.clock is not shared:
                seen.clocks[account.key] = account.clock
            if number % MANY == MANY - 1:
                await asyncio.sleep(0)
        if self._key is None:
            seen.entries += self._fresh(self._state.unidentified, None)
        return seen

    # --- tasks

    def _accounts(self) -> list[Account]:
        accounts = self._state.accounts
        if self._key is not None:
            return [accounts.get(self._key)]
        for one in self._state.store.accounts():
            accounts.restored(one)
        return list(accounts)

    def _count(self) -> int:
        store = self._state.store
        return store.count() if self._key is None else sum(1 for _ in store.tasks(self._key))

    def _gone(self) -> bool:
        """Whether a reset took tasks that are shown: an account loses all at once."""
        return any(self._state.store.task(task_id) is None for task_id in self._newest.values())

    def _take(self, found: list[Task]) -> list[WatchedTask]:
        """Watch new tasks from now on, oldest first; when there are too many, the oldest are dropped."""
        taken = []
        for task in sorted(found, key=lambda task: (task.created_at, task.id))[-MOST_TASKS:]:
            try:
                one = WatchedTask(task, self._state.played_by(task), -1, task.plan)
            except MockError:
                continue  # of a family that is not played any more
            self._tasks[task.id] = self._open[task.id] = one
            taken.append(one)
        while len(self._tasks) > MOST_TASKS:
            oldest = next(iter(self._tasks))
            del self._tasks[oldest]
            self._open.pop(oldest, None)
        return taken

    def _since(self, account: str, family: str, known: str) -> Iterator[Task]:
        """The account's tasks of a family down to the one that is known, youngest first."""
        for offset in range(0, MOST_TASKS, PAGE):
            page = self._state.store.page(account, family, offset, PAGE)
            for task in page:
                if task.id == known:
                    return
                yield task
            if len(page) < PAGE:
                return

    def _moved(self, now: dict[str, int]) -> Iterator[WatchedTask]:
        """Tasks whose state, or what is to become of them, has changed."""
        for one in list(self._open.values()):
            task = one.task
            moment = self._moment(task, now)
            if task.plan is not one.plan or task.plan.index(moment - task.created_at) != one.index:
                yield one

    def _touched(self, entries: list[Entry]) -> Iterator[WatchedTask]:
        """Tasks that have ended, and of which a request has made something else: they were deleted."""
        for task_id in {entry.task for entry in entries if entry.task}:
            one = self._tasks.get(task_id)
            if one is not None and one.task.plan is not one.plan:
                yield one

    def _moment(self, task: Task, now: dict[str, int]) -> int:
        """The time of a task's account, the same for all tasks of one look."""
        moment = now.get(task.account)
        if moment is None:
            moment = now[task.account] = self._state.accounts.get(task.account).clock.now()
        return moment

    def _told(self, one: WatchedTask, now: dict[str, int]) -> dict[str, Any]:
        """A task as it is now, `gone` when it was deleted; it is not looked at again once it has ended."""
        task = one.task
        one.index, one.plan = task.index(self._moment(task, now)), task.plan
        status = task.plan.statuses[one.index]
        if status == REMOVED or one.played.lifecycle.is_terminal(status):
            self._open.pop(task.id, None)
        return (
            {"id": task.id, "gone": True}
            if status == REMOVED
            else self._rows.task(task, one.played, one.index)
        )

    # --- requests, callbacks, clocks

    def _fresh(self, journal: Journal, key: str | None) -> list[Entry]:
        """The last requests of an account's journal that were not seen before; they are seen from now on."""
        last = self._entries.get(key, -1)
        fresh: list[Entry] = []
        for entry in reversed(journal.entries()):
            if entry.number <= last or len(fresh) >= MOST_REQUESTS:
                break
            fresh.append(entry)
        if fresh:
            self._entries[key] = fresh[0].number
        return fresh

    def _requests(self, found: list[Entry]) -> list[dict[str, Any]]:
        """The last of these requests, oldest first."""
        found.sort(key=lambda entry: entry.number)
        return [self._rows.request(entry) for entry in found[-MOST_REQUESTS:]]

    def _logged(self, found: list[Delivery]) -> list[dict[str, Any]]:
        """The last of these callbacks that are new, or were tried again, oldest first."""
        recent = sorted(found, key=lambda one: one.number)[-MOST_DELIVERIES:]
        state = {one.number: (len(one.attempts), one.state) for one in recent}
        rows = [
            self._rows.delivery(one)
            for one in recent
            if self._deliveries.get(one.number) != state[one.number]
        ]
        self._deliveries = state
        return rows

    def _inbox_news(self) -> list[dict[str, Any]]:
        found = self._inbox.after(self._received, self._box)
        if found:
            self._received = found[-1].number
        return [one.show() for one in found[-MOST_DELIVERIES:]]

    def _clock_news(self, clocks: dict[str, Clock]) -> dict[str, Any]:
        """Clocks whose course has changed: account -> {now, rate}; "" is the one that accounts share."""
        courses = {key: clock.course for key, clock in clocks.items()}
        changed: dict[str, Any] = {
            key: {"now": clocks[key].now(), "rate": clocks[key].rate}
            for key, course in courses.items()
            if self._clocks.get(key) != course
        }
        changed |= {key: None for key in self._clocks if key not in courses}
        self._clocks = courses
        return changed
