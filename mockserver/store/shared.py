"""A store that replicas share: each answers from its own memory where it can, else from the database.

A task hardly ever changes: what its state is follows from its plan and the clock. So a task that was read
once is kept, and whoever changes one (an end by hand, a cancel, a reset) tells all replicas before it answers
(`mockserver.replicas`). What is not in memory is fetched, and the request begins anew: look-ups are plain
calls that raise `NotInMemory`, and `mockserver.replicas.rerun` awaits `fetch` and runs the request again.
Until then nothing has been said or written. So one process, which never fetches, pays nothing for this.

A task that moves on with queries ("after N polls") is fetched for each request, and changed only if nobody
else has; else the request begins anew.

Writes go into the next commit together (`store.group_commit`). Which ids are taken, the database decides.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from typing import TYPE_CHECKING, Any

from understudy.mockserver.store.database import SELECT, PlanChange
from understudy.mockserver.store.group_commit import GroupCommit
from understudy.mockserver.store.rows import as_row, as_task, encode_plan
from understudy.mockserver.store.tasks import ALL_DELIVERED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from understudy.mockserver.store.database import Database, Row
    from understudy.mockserver.store.tasks import Anchor, Task, TaskPlan

logger = logging.getLogger("understudy")
# Tasks that a replica keeps in memory, about; those that it owes callbacks for come on top.
MOST_KEPT = 200_000
# Tasks of an account that are listed at a time: the newest.
MOST_LISTED = 10_000
# Warnings about rows.
MOST_TOLD = 100
# Behind every id, in the order of bytes.
AFTER_ALL = ":"

Key = tuple[str, ...]
# What has been fetched for the request that runs: the answers to look-ups, by key.
FETCHED: contextvars.ContextVar[dict[Key, Any] | None] = contextvars.ContextVar("fetched", default=None)


class NotInMemory(Exception):  # noqa: N818 - no mistake: the request is run again when `key` has been fetched
    """A look-up that only the database can answer; `key` is for `SharedStore.fetch`."""

    def __init__(self, key: Key) -> None:
        super().__init__(*key)
        self.key = key


class SharedStore:
    """The store of the replica `owner`. Used from one event loop.

    `can_play` says whether a task can be played here; others are as good as absent. `changed` is called with
    a task whose plan was changed here, when that is committed, and ends when all replicas know.
    """

    def __init__(self, database: Database, owner: str) -> None:
        self.database = database
        self.owner = owner
        self.can_play: Callable[[Task], bool] = lambda _: True
        self.changed: Callable[[Task], Awaitable[None]] | None = None
        # Tasks of the accounts that a reset is about stay when their id is not below this one.
        self.cut = ""
        # Tasks that this replica sends the callbacks of.
        self.owned: dict[str, Task] = {}
        self._tasks: dict[str, Task] = {}
        self._externals: dict[tuple[str, str], Task] = {}
        self._accounts: dict[str, None] = {}
        # Counts what was said to have changed: what was read before that is not kept.
        self._epoch = 0
        # Tasks whose change is on its way to the database: what is read of them may be older.
        self._changing: dict[str, asyncio.Future[None]] = {}
        # What was said on the terminal of rows.
        self._told_of: set[str] = set()
        self._commits = GroupCommit(database, lambda: self.owner)

    def start(self) -> None:
        self._commits.start()

    # --- look-ups

    def _look(self, *key: str) -> Any:
        fetched = FETCHED.get()
        if fetched is None or key not in fetched:
            raise NotInMemory(key)
        return fetched[key]

    def task(self, id: str) -> Task | None:  # noqa: A002
        task = self._tasks.get(id)
        if task is None or task.plan.rest:
            found: Task | None = self._look("task", id)
            return found
        return task

    def find(self, account: str, family: str, id: str) -> Task | None:  # noqa: A002
        task = self._tasks.get(id)
        if task is None or task.account != account:
            task = self._externals.get((account, id))
        if task is None or task.plan.rest:
            task = self._look("find", account, id)
        return task if task is not None and task.family == family else None

    def has_external_id(self, account: str, external_id: str) -> bool:
        """Whether this replica knows that it is taken; that it is not, the commit finds out."""
        return (account, external_id) in self._externals

    def page(self, account: str, family: str, offset: int, limit: int) -> list[Task]:
        found: list[Task] = self._look("page", account, family, str(offset), str(limit))
        return found

    def has_tasks(self, account: str) -> bool:
        """Whether this replica has had to do with tasks of the account."""
        return account in self._accounts

    def accounts(self) -> Iterable[str]:
        found: list[str] = self._look("accounts")
        return found

    def tasks(self, account: str, before: str = "") -> Iterable[Task]:
        found: list[Task] = self._look("tasks", account, before)
        return found

    def undelivered(self) -> Iterable[Task]:
        return list(self.owned.values())

    def last_id(self) -> str:
        return ""

    def count(self) -> int:
        found: int = self._look("count")
        return found

    async def fetch(self, key: Key) -> None:
        """Have the database answer a look-up, for the request that runs; raises Refused."""
        fetched = FETCHED.get()
        if fetched is None:
            fetched = {}
            FETCHED.set(fetched)
        what, *given = key
        fetched[key] = await getattr(self, f"_fetch_{what}")(*given)

    async def _unchanging(self, task: Task | None) -> None:
        """Wait for what this replica changes of a task just now: what is read then is the last word."""
        while task is not None and self._is_changing(task.id):
            await asyncio.wait([self._changing[task.id]])

    async def _fetch_task(self, id_: str) -> Task | None:
        await self._unchanging(self._tasks.get(id_))
        found = await self._select("WHERE id = $1", id_)
        return found[0] if found else None

    async def _fetch_find(self, account: str, id_: str) -> Task | None:
        await self._unchanging(self._tasks.get(id_) or self._externals.get((account, id_)))
        found = await self._select("WHERE id = $2 AND account = $1", account, id_)
        if not found and id_:
            found = await self._select(
                "WHERE account = $1 AND external_id = $2 AND external_id <> ''", account, id_
            )
        return found[0] if found else None

    async def _fetch_page(self, account: str, family: str, offset: str, limit: str) -> list[Task]:
        where = "WHERE account = $1 AND family = $2 ORDER BY id DESC LIMIT $3 OFFSET $4"
        return await self._select(where, account, family, int(limit), int(offset))

    async def _fetch_tasks(self, account: str, before: str) -> list[Task]:
        where = "WHERE account = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        return await self._select(where, account, before or AFTER_ALL, MOST_LISTED)

    async def _fetch_accounts(self) -> list[str]:
        rows = await self.database.fetch("SELECT DISTINCT account FROM understudy_tasks ORDER BY account")
        return [row[0] for row in rows]

    async def _fetch_count(self) -> int:
        ((count,),) = await self.database.fetch("SELECT count(*) FROM understudy_tasks")
        return int(count)

    async def _select(self, where: str, *values: Any) -> list[Task]:
        epoch = self._epoch
        rows = await self.database.fetch(f"{SELECT} {where}", *values)
        return self.adopt(rows, keep=epoch == self._epoch)

    def adopt(self, rows: Sequence[Row], *, keep: bool = True) -> list[Task]:
        """The tasks of rows, without those that cannot be played; with `keep` they stay in memory."""
        found = []
        for row in rows:
            try:
                read = as_task(row)
            except (ValueError, TypeError, OverflowError) as error:
                self._tell_once(f"the task {row[0]!s:.40} is damaged and left out: {error}")
                continue
            task = self._tasks.get(read.id)
            if task is None:
                if not self.can_play(read):
                    what = f"tasks of {read.profile} {read.family}"
                    self._tell_once(f"{what} that are not played here are left out, and stay there")
                    continue
                task = read
                if keep:
                    self._keep(task)
            elif keep and not self._is_changing(task.id):
                task.plan, task.polled = read.plan, read.polled
                if task.id not in self.owned:
                    task.delivered = read.delivered
            if read.plan.rest:
                # What a query makes of it is the request's own until it is committed.
                task = read
            found.append(task)
        return found

    def _tell_once(self, text: str) -> None:
        """Say on the terminal what is wrong with rows, which are read again and again."""
        if text not in self._told_of and len(self._told_of) < MOST_TOLD:
            self._told_of.add(text)
            logger.warning("understudy: %s: %s", self.database.where, text)

    def _keep(self, task: Task) -> None:
        self._tasks[task.id] = task
        if task.external_id:
            self._externals[task.account, task.external_id] = task
        self._accounts[task.account] = None
        if len(self._tasks) > MOST_KEPT + len(self.owned):
            self._make_room()

    def _make_room(self) -> None:
        """Let go of the oldest that owe nothing: they can be read again."""
        for id_ in list(self._tasks)[: MOST_KEPT // 10]:
            if id_ not in self.owned:
                self._drop(self._tasks[id_])

    def _drop(self, task: Task) -> None:
        self._tasks.pop(task.id, None)
        self.owned.pop(task.id, None)
        if self._externals.get((task.account, task.external_id)) is task:
            del self._externals[task.account, task.external_id]

    async def account_names(self) -> list[str]:
        """The accounts that have any task."""
        return await self._fetch_accounts()

    async def all_of(self, account: str) -> list[Task]:
        """An account's tasks, newest first."""
        return await self._select("WHERE account = $1 ORDER BY id DESC", account)

    async def known(self, ids: Sequence[str]) -> list[Task]:
        """Tasks by id, from memory or from the database; those that are gone are left out."""
        found = []
        for id_ in ids:
            task = self._tasks.get(id_)
            found += [task] if task is not None else await self._select("WHERE id = $1", id_)
        return found

    async def refresh(self, ids: Sequence[str]) -> list[Task]:
        """Read anew those of these tasks that are in memory: another replica has changed them."""
        self._epoch += 1
        known = [id_ for id_ in ids if id_ in self._tasks]
        found: list[Task] = []
        for id_ in known:
            found += await self._select("WHERE id = $1", id_)
        return found

    # --- whose callbacks are whose

    def owns(self, task: Task) -> bool:
        """Whether this replica sends the task's callbacks."""
        return task.id in self.owned

    async def claim(self, dead: list[str], most: int) -> list[Task]:
        """Take over at most `most` tasks that replicas which are gone owed callbacks for."""
        found = self.adopt(await self.database.claim(self.owner, dead, most))
        self.owned |= {task.id: self._tasks.get(task.id, task) for task in found}
        return [self.owned[task.id] for task in found]

    def disown(self) -> list[str]:
        """Owe nothing any more: this replica was taken for dead."""
        ids, self.owned = list(self.owned), {}
        return ids

    def clear(self) -> None:
        """Forget everything that was read: it may be out of date."""
        self._epoch += 1
        self._tasks.clear()
        self._externals.clear()
        self._commits.forget_delivered()

    # --- writes

    def add(self, task: Task) -> Awaitable[None]:
        def undo() -> None:
            self._drop(task)

        done = self._commits.add((*as_row(task), self.owner if task.callback_url else ""), undo)
        self._keep(task)
        if task.callback_url:
            self.owned[task.id] = task
        return done

    def change(self, task: Task, plan: TaskPlan, polled: int | None = None) -> Awaitable[None]:
        before = task.plan, task.polled

        def undo() -> None:
            task.plan, task.polled = before

        def kept() -> None:
            # It may have been read anew meanwhile.
            in_memory = self._tasks.get(task.id)
            if in_memory is not None:
                in_memory.plan, in_memory.polled = task.plan, task.polled

        condition = None if polled is None else task.polled
        count = task.polled if polled is None else polled
        change = PlanChange(task.id, encode_plan(plan), count, condition)
        done = self._commits.change(change, undo, kept)
        self._changing[task.id] = done
        done.add_done_callback(lambda _: self._changed_one(task.id))
        task.plan, task.polled = plan, count
        # Those that only moved on with a query are read anew by everybody, and what they owe by its sender.
        if self.changed is None or (polled is not None and (not task.callback_url or self.owns(task))):
            return done
        return self._told(task, done)

    def _changed_one(self, id_: str) -> None:
        last = self._changing.get(id_)
        if last is not None and last.done():
            del self._changing[id_]

    def _is_changing(self, id_: str) -> bool:
        last = self._changing.get(id_)
        return last is not None and not last.done()

    async def _told(self, task: Task, done: asyncio.Future[None]) -> None:
        await done
        if self.changed is not None:
            await self.changed(task)

    def delivered(self, task: Task, position: int) -> Awaitable[None]:
        task.delivered = position
        if position == ALL_DELIVERED:
            self.owned.pop(task.id, None)
        return self._commits.delivered(task.id, position)

    def forget(self, account: str) -> Awaitable[None] | None:
        """Drop what is in memory of an account's tasks; the replica that resets it has deleted their rows."""
        self._epoch += 1
        for task in [task for task in self._tasks.values() if task.account == account]:
            if not self.cut or task.id < self.cut:
                self._drop(task)
                self._commits.forget_delivered(task.id)
        self._accounts.pop(account, None)
        return None

    def set_aside(self, task: Task) -> None:
        self._drop(task)

    def keep_clock(self, account: str, anchor: Anchor) -> Awaitable[None] | None:
        """Clocks are kept with the other settings of accounts."""
        return None

    def clocks(self) -> Iterable[tuple[str, Anchor]]:
        return ()

    def trouble(self) -> str:
        return self._commits.trouble

    def reached(self, trouble: str) -> None:
        """Note why the database cannot be written ("": it can)."""
        self._commits.reached(trouble)

    def observe(self, tell: Callable[[float], None]) -> None:
        self._commits.observe = tell

    async def close(self) -> None:
        """Write what is left, and let go of the database."""
        await self._commits.close()
        await self.database.close()
