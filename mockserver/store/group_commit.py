"""Writes of one process that share their commits: what comes while one commit runs goes into the next.

A write that cannot be made is undone in memory before whoever waits for it is told: nothing of it is done
later. One commit at a time keeps their order. Which ids are taken, and which changes are stale, the database
decides.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.mockserver.errors import Refused
from understudy.mockserver.store.database import DatabaseLostError, PlanChange, WriteBatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from understudy.mockserver.store.database import Database, Row, WriteOutcome

logger = logging.getLogger("understudy")
# Writes that wait for a commit; more are refused with 503.
MOST_WAITING = 20_000
# Tasks that go into one commit.
MOST_TOGETHER = 2_000
# Where a row (`database.TASK`) has them.
ID, EXTERNAL_ID = 0, 4


class StaleChangeError(Exception):
    """A task was changed meanwhile, by another request: the request that wanted to change it begins anew."""


@dataclass(slots=True)
class WaitingWrite:
    """A write that waits for its commit: a new row, or a change.

    `undo` takes back in memory what could not be written; `kept` is called when a change is.
    """

    done: asyncio.Future[None]
    write: Row | PlanChange
    undo: Callable[[], object]
    kept: Callable[[], object]

    def settle(self, refusal: Exception | None) -> None:
        """Tell whoever waits, who may have gone."""
        if refusal is not None:
            self.undo()
        else:
            self.kept()
        if self.done.done():
            return
        if refusal is not None:
            self.done.set_exception(refusal)
        else:
            self.done.set_result(None)


def _future() -> asyncio.Future[None]:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.add_done_callback(_retrieve)
    return done


def _retrieve(done: asyncio.Future[None]) -> None:
    """Look at a failure, so that asyncio does not tell of it where nobody waits for the write."""
    if not done.cancelled():
        done.exception()


def _nothing() -> None:
    """What is to be done where there is nothing to do."""


class GroupCommit:
    """The writes of one replica; `owner` gives the name that it has in the database just now.

    `trouble` says why the database cannot be written, "" when it can; `observe` is told how long each commit
    took, in seconds.
    """

    def __init__(self, database: Database, owner: Callable[[], str]) -> None:
        self.trouble = ""
        self.observe: Callable[[float], None] | None = None
        self._database = database
        self._owner = owner
        self._waiting: list[WaitingWrite] = []
        self._delivered: dict[str, int] = {}
        self._delivered_done: asyncio.Future[None] | None = None
        self._wake = asyncio.Event()
        self._is_committing = False
        self._writer: asyncio.Task[None] | None = None
        # Ids of tasks whose commit ended nobody knows how: to be deleted, since they were refused.
        self._doubtful: list[str] = []

    def start(self) -> None:
        self._writer = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Write what is left."""
        while self._waiting or self._delivered or self._is_committing:
            self._wake.set()
            await asyncio.sleep(0.01)
            if self.trouble:
                break
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    def add(self, row: Row, undo: Callable[[], object]) -> asyncio.Future[None]:
        """Add a task; ends when it is committed. Raises Refused when too many writes wait."""
        return self._wait(row, undo, _nothing)

    def change(
        self, change: PlanChange, undo: Callable[[], object], kept: Callable[[], object]
    ) -> asyncio.Future[None]:
        """Change a task; ends when that is committed. Raises Refused when too many writes wait."""
        return self._wait(change, undo, kept)

    def delivered(self, task: str, position: int) -> Awaitable[None]:
        """Note how many deliveries of a task need no work any more."""
        self._delivered[task] = position
        if self._delivered_done is None:
            self._delivered_done = _future()
        self._wake.set()
        return asyncio.shield(self._delivered_done)

    def forget_delivered(self, task: str = "") -> None:
        """Write nothing of the kind about a task ("": about any)."""
        if task:
            self._delivered.pop(task, None)
        else:
            self._delivered.clear()

    def _wait(
        self, write: Row | PlanChange, undo: Callable[[], object], kept: Callable[[], object]
    ) -> asyncio.Future[None]:
        if len(self._waiting) >= MOST_WAITING:
            raise Refused("unavailable", because=f"{MOST_WAITING} writes wait for the store")
        done = _future()
        self._waiting.append(WaitingWrite(done, write, undo, kept))
        self._wake.set()
        return done

    async def _write(self) -> None:
        """Commit what has been gathered, and gather meanwhile."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting or self._delivered:
                self._is_committing = True
                await self._commit()
                self._is_committing = False

    async def _commit(self) -> None:
        """One commit of what waits now."""
        writes, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        batch = WriteBatch(
            [one.write for one in writes if not isinstance(one.write, PlanChange)],
            [one.write for one in writes if isinstance(one.write, PlanChange)],
            self._delivered,
        )
        self._delivered = {}
        told, self._delivered_done = self._delivered_done, None
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            await self._delete_doubtful()
            outcome = await self._database.commit(batch, self._owner())
        except Exception as error:
            lost = error if isinstance(error, DatabaseLostError) else None
            if lost is None:
                logger.exception("understudy: a commit failed")
            self._doubtful += [row[ID] for row in batch.added]
            self._failed(writes, told, lost or DatabaseLostError(self._database.where, error))
            return
        if self.observe is not None:
            self.observe(loop.time() - begun)
        self.reached("")
        self._settle(writes, batch, outcome)
        if told is not None and not told.done():
            told.set_result(None)

    @staticmethod
    def _settle(writes: list[WaitingWrite], batch: WriteBatch, outcome: WriteOutcome) -> None:
        stale = {id(batch.changed[place]) for place in outcome.stale}
        for one in writes:
            refusal: Exception | None = None
            if isinstance(one.write, PlanChange):
                if id(one.write) in stale:
                    refusal = StaleChangeError(one.write.id)
            elif one.write[ID] in outcome.taken:
                refusal = Refused("duplicate_external_id", id=one.write[EXTERNAL_ID])
            one.settle(refusal)

    def _failed(
        self, writes: list[WaitingWrite], told: asyncio.Future[None] | None, error: DatabaseLostError
    ) -> None:
        """Refuse what could not be committed; whoever waits is told so, and nothing of it is done later."""
        self.reached(str(error.values.get("because", error)))
        for one in reversed(writes):
            one.settle(error)
        if told is not None and not told.done():
            told.set_exception(error)

    async def _delete_doubtful(self) -> None:
        """Delete tasks that were refused when the database went away, in case it had committed them."""
        while self._doubtful:
            await self._database.fetch("DELETE FROM understudy_tasks WHERE id = $1", self._doubtful[-1])
            self._doubtful.pop()

    def reached(self, trouble: str) -> None:
        """Note why the database cannot be written ("": it can), and say on the terminal what is new of it."""
        if trouble and not self.trouble:
            logger.warning("understudy: %s. What would change a task is refused until it can.", trouble)
        elif self.trouble and not trouble:
            logger.warning("understudy: %s can be written again", self._database.where)
        self.trouble = trouble
