"""The default store: dictionaries. Nothing survives the process.

It takes so many bytes of tasks and no more: further ones are refused with 503 until an account is reset. A
server that grew until the system ended it would lose them all.
"""

from __future__ import annotations

import bisect
import heapq
from typing import TYPE_CHECKING

from understudy.mockserver.errors import Refused
from understudy.mockserver.store.tasks import ALL_DELIVERED, MOST_BYTES, age, age_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from understudy.mockserver.store.tasks import Anchor, Task, TaskPlan


# What a task takes beside what the client sent, in bytes, about.
TASK_BYTES = 400


def size_of(task: Task) -> int:
    """What a task takes in memory, in bytes, about."""
    asked = task.request
    return TASK_BYTES + len(asked.text) + len(asked.echo) + len(task.callback_url) + len(task.external_id)


class AccountTasks:
    """One account's tasks."""

    __slots__ = ("externals", "families")

    def __init__(self) -> None:
        self.externals: dict[str, Task] = {}
        self.families: dict[str, list[Task]] = {}


class MemoryStore:
    """Tasks in memory, `most` bytes of them; writes are done when the method returns."""

    __slots__ = ("_bytes", "_drawers", "_most", "_tasks")

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._tasks: dict[str, Task] = {}
        self._drawers: dict[str, AccountTasks] = {}
        self._bytes = 0
        self._most = most

    def add(self, task: Task) -> Awaitable[None] | None:
        if self._bytes > self._most:
            because = f"the store holds {self._most >> 20} MB of tasks (--max-store); a reset makes room"
            raise Refused("unavailable", because=because)
        self.take_in(task)
        return None

    def take_in(self, task: Task) -> None:
        """Keep a task, however many there are."""
        # As `size_of` has it, without the call: every create comes here.
        asked = task.request
        self._bytes += (
            TASK_BYTES + len(asked.text) + len(asked.echo) + len(task.callback_url) + len(task.external_id)
        )
        self._tasks[task.id] = task
        drawer = self._drawers.get(task.account)
        if drawer is None:
            drawer = self._drawers[task.account] = AccountTasks()
        if task.external_id:
            drawer.externals[task.external_id] = task
        tasks = drawer.families.get(task.family)
        if tasks is None:
            tasks = drawer.families[task.family] = []
        tasks.append(task)

    def change(self, task: Task, plan: TaskPlan, polled: int | None = None) -> Awaitable[None] | None:
        task.plan = plan
        if polled is not None:
            task.polled = polled
        return None

    def delivered(self, task: Task, position: int) -> Awaitable[None] | None:
        task.delivered = position
        return None

    def task(self, id: str) -> Task | None:  # noqa: A002
        return self._tasks.get(id)

    def find(self, account: str, family: str, id: str) -> Task | None:  # noqa: A002
        task = self._tasks.get(id)
        if task is None or task.account != account:
            drawer = self._drawers.get(account)
            task = drawer.externals.get(id) if drawer is not None else None
        return task if task is not None and task.family == family else None

    def has_external_id(self, account: str, external_id: str) -> bool:
        drawer = self._drawers.get(account)
        return drawer is not None and external_id in drawer.externals

    def page(self, account: str, family: str, offset: int, limit: int) -> list[Task]:
        drawer = self._drawers.get(account)
        tasks = drawer.families.get(family, []) if drawer is not None else []
        end = len(tasks) - offset
        return tasks[max(0, end - limit) : max(0, end)][::-1]

    def has_tasks(self, account: str) -> bool:
        return account in self._drawers

    def accounts(self) -> Iterable[str]:
        return list(self._drawers)

    def tasks(self, account: str, before: str = "") -> Iterable[Task]:
        drawer = self._drawers.get(account)
        families = drawer.families.values() if drawer is not None else ()
        ends = [
            bisect.bisect_left(tasks, age_of(before), key=age) if before else len(tasks) for tasks in families
        ]
        newest = [
            map(tasks.__getitem__, range(end - 1, -1, -1)) for tasks, end in zip(families, ends, strict=True)
        ]
        return heapq.merge(*newest, key=age, reverse=True) if len(newest) != 1 else newest[0]

    def undelivered(self) -> Iterator[Task]:
        return (t for t in self._tasks.values() if t.callback_url and t.delivered != ALL_DELIVERED)

    def forget(self, account: str) -> Awaitable[None] | None:
        drawer = self._drawers.pop(account, None)
        for tasks in drawer.families.values() if drawer is not None else ():
            for task in tasks:
                self._tasks.pop(task.id, None)
                self._bytes -= size_of(task)
        return None

    def set_aside(self, task: Task) -> None:
        if self._tasks.pop(task.id, None) is not None:
            self._bytes -= size_of(task)
        drawer = self._drawers.get(task.account)
        if drawer is None:
            return
        if drawer.externals.get(task.external_id) is task:
            del drawer.externals[task.external_id]
        tasks = drawer.families[task.family]
        # Nearly always the youngest: the last one.
        tasks.pop(next(i for i in range(len(tasks) - 1, -1, -1) if tasks[i] is task))
        if not tasks:
            del drawer.families[task.family]
        if not drawer.families:
            del self._drawers[task.account]

    def keep_clock(self, account: str, anchor: Anchor) -> Awaitable[None] | None:
        return None

    def clocks(self) -> Iterable[tuple[str, Anchor]]:
        return ()

    def last_id(self) -> str:
        # Ids ascend, so the last one added is the youngest.
        return next(reversed(self._tasks), "")

    def count(self) -> int:
        return len(self._tasks)

    def trouble(self) -> str:
        return ""

    def observe(self, tell: Callable[[float], None]) -> None:
        """Writes take no time here."""

    async def close(self) -> None:
        return None
