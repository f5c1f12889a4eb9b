"""The default store: dictionaries. Nothing survives the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.tasks import ALL_DELIVERED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Iterator

    from mockserver.clock import Anchor
    from mockserver.tasks import Plan, Task


class Drawer:
    """One account's tasks."""

    __slots__ = ("externals", "families")

    def __init__(self) -> None:
        self.externals: dict[str, Task] = {}
        self.families: dict[str, list[Task]] = {}


class MemoryStore:
    """Tasks in memory; writes are done when the method returns."""

    __slots__ = ("_drawers", "_tasks")

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._drawers: dict[str, Drawer] = {}

    def add(self, task: Task) -> Awaitable[None] | None:
        self._tasks[task.id] = task
        drawer = self._drawers.get(task.account)
        if drawer is None:
            drawer = self._drawers[task.account] = Drawer()
        if task.external_id:
            drawer.externals[task.external_id] = task
        tasks = drawer.families.get(task.family)
        if tasks is None:
            tasks = drawer.families[task.family] = []
        tasks.append(task)
        return None

    def change(self, task: Task, plan: Plan) -> Awaitable[None] | None:
        task.plan = plan
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

    def tasks(self, account: str) -> Iterable[Task]:
        drawer = self._drawers.get(account)
        every = [task for tasks in drawer.families.values() for task in tasks] if drawer is not None else []
        return sorted(every, key=lambda task: (task.created_at, task.id), reverse=True)

    def undelivered(self) -> Iterator[Task]:
        return (t for t in self._tasks.values() if t.callback_url and t.delivered != ALL_DELIVERED)

    def forget(self, account: str) -> Awaitable[None] | None:
        drawer = self._drawers.pop(account, None)
        for tasks in drawer.families.values() if drawer is not None else ():
            for task in tasks:
                self._tasks.pop(task.id, None)
        return None

    def keep_clock(self, account: str, anchor: Anchor) -> Awaitable[None] | None:
        return None

    def clocks(self) -> Iterable[tuple[str, Anchor]]:
        return ()

    def last_id(self) -> str:
        # Ids ascend, so the last one added is the youngest.
        return next(reversed(self._tasks), "")

    def count(self) -> int:
        return len(self._tasks)

    async def close(self) -> None:
        return None
