"""A store in one SQLite file: what was acknowledged survives a kill of the process.

Reads come from memory, which mirrors the file, so querying costs what it costs without a file. Writes are
gathered while the previous commit runs and go into the next one together (group commit, one writer thread);
the awaitable that a write returns ends when its commit has. The write-ahead log is synced at checkpoints,
not at every commit: a killed process loses nothing, a power cut may lose the last moment.

Kept: tasks with their plans, how far their callbacks have come, and where the clocks stand. Not kept: the
journal, the delivery log, and what the control plane has set for accounts.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import logging
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.store.memory import MemoryStore
from understudy.mockserver.store.rows import as_row, as_task, encode_plan
from understudy.mockserver.store.tasks import MOST_BYTES, age_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    from understudy.mockserver.store.tasks import Anchor, Task, TaskPlan

logger = logging.getLogger("understudy")
# So many damaged tasks are named on the terminal.
MOST_TOLD = 3
# "Undr" in ASCII; `file` and others can tell whose database this is.
APPLICATION_ID = 0x556E6472
VERSION = 1
SCHEMA = """
CREATE TABLE tasks (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, profile TEXT NOT NULL, family TEXT NOT NULL,
  external_id TEXT NOT NULL, created_at INTEGER NOT NULL, plan TEXT NOT NULL, wish TEXT NOT NULL,
  callback_url TEXT NOT NULL, origin TEXT NOT NULL, scenario TEXT NOT NULL,
  polled INTEGER NOT NULL, delivered INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE clocks (
  account TEXT PRIMARY KEY, base_ms INTEGER NOT NULL, real_ns INTEGER NOT NULL, rate REAL NOT NULL
) WITHOUT ROWID;
"""
INSERT = "INSERT INTO tasks VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
CHANGE = "UPDATE tasks SET plan = ?, polled = ? WHERE id = ?"
DELIVERED = "UPDATE tasks SET delivered = ? WHERE id = ?"
FORGET = "DELETE FROM tasks WHERE account = ?"
FORGET_CLOCK = "DELETE FROM clocks WHERE account = ?"
CLOCK = "INSERT OR REPLACE INTO clocks VALUES (?,?,?,?)"
# Ids are decimal digits and ascend, so the longer one is the later one.
LOAD = "SELECT * FROM tasks ORDER BY length(id), id"


def open_database(path: Path) -> sqlite3.Connection:
    """The file, made if need be, and held by this process alone. Raises MockError."""
    where = str(path)
    try:
        base = sqlite3.connect(where, isolation_level=None, check_same_thread=False, timeout=0.2)
        try:
            prepare(base, where)
        except BaseException:
            base.close()
            raise
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise MockError(
                "another server is using this store", where=where, advice="stop it or use another file"
            ) from error
        try:
            told = cannot_be_opened(path, error)
        except PermissionError:
            told = MockError(
                "this user has no permission to read it", where=where, advice="take another folder"
            )
        raise told from error
    except sqlite3.DatabaseError as error:
        raise MockError(
            f"not a usable SQLite file: {error}", where=where, advice="take another file"
        ) from error
    return base


def cannot_be_opened(path: Path, error: Exception) -> MockError:
    """Why SQLite cannot open or write a file, as far as can be seen."""
    where, folder = str(path), path.resolve().parent
    if path.is_dir():
        inside = path / "tasks.sqlite"
        return MockError("it is a folder", where=where, advice=f"name a file in it: --store {inside}")
    if not folder.is_dir():
        return MockError(f"there is no folder {folder}", where=where, advice="make it first")
    if path.exists() and not path.is_file():
        return MockError("it is not a regular file", where=where, advice="take another file")
    if not os.access(path if path.exists() else folder, os.W_OK):
        what = "it" if path.exists() else f"the folder {folder}"
        return MockError(f"{what} cannot be written", where=where, advice="change that, or use another file")
    advice = "is there room on the disk, and may this user write here? Otherwise use another file"
    return MockError(str(error), where=where, advice=advice)


def prepare(base: sqlite3.Connection, where: str) -> None:
    """Look whose file it is before anything is written to it."""
    base.execute("PRAGMA locking_mode = EXCLUSIVE")
    (application,) = base.execute("PRAGMA application_id").fetchone()
    (version,) = base.execute("PRAGMA user_version").fetchone()
    (tables,) = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise MockError(
            "this SQLite file is not an Understudy store", where=where, advice="take another file"
        )
    if tables and version != VERSION:
        what = f"the store has version {version}, this Understudy reads {VERSION}"
        raise MockError(what, where=where, advice="take a new file")
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = NORMAL")
    base.execute("BEGIN IMMEDIATE")
    if not tables:
        for statement in SCHEMA.split(";"):
            base.execute(statement)
        base.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        base.execute(f"PRAGMA user_version = {VERSION}")
    base.execute("COMMIT")


def _retrieve(done: asyncio.Future[None]) -> None:
    """Look at a failure, so that asyncio does not tell of it where nobody waits for the write."""
    if not done.cancelled():
        done.exception()


class PendingWrite(NamedTuple):
    """A statement that waits for its commit, its values, and what takes the change back in memory."""

    sql: str
    values: tuple[Any, ...]
    undo: Callable[[], object]


class SqliteStore(MemoryStore):
    """Tasks in memory and in a file. Used from one event loop; commits happen in a thread of its own.

    Memory is changed first; when a commit fails (a full disk), the change is taken back, and so is what was
    gathered behind it, which may stand on it. The next write tries again.
    """

    __slots__ = (
        "_base",
        "_broken",
        "_clocks",
        "_done",
        "_last_id",
        "_observe",
        "_path",
        "_running",
        "_thread",
        "_writes",
    )

    def __init__(self, path: Path, most: int = MOST_BYTES) -> None:
        super().__init__(most)
        self._path = path
        self._base = open_database(path)
        self._clocks: dict[str, Anchor] = {}
        try:
            self._last_id = self._load()
        except (sqlite3.Error, ValueError, TypeError) as error:
            self._base.close()
            advice = "use another file; this one is left as it is"
            raise MockError(f"the store is damaged: {error}", where=str(path), advice=advice) from error
        self._thread = ThreadPoolExecutor(1, "sqlite-store")
        self._writes: list[PendingWrite] = []
        self._done: asyncio.Future[None] | None = None
        self._running: asyncio.Future[None] | None = None
        self._broken = ""
        self._observe: Callable[[float], None] | None = None

    def _load(self) -> str:
        """Read the file; the id of the youngest task that is set aside, "" when none is."""
        last, damaged = "", []
        for row in self._base.execute(LOAD):
            try:
                task = as_task(row)
            except (ValueError, TypeError, OverflowError) as error:
                damaged.append(f"{str(row[0])[:40]!r} ({error})")
                last = str(row[0])
            else:
                self.take_in(task)
        for account, base_ms, real_ns, rate in self._base.execute("SELECT * FROM clocks"):
            self._clocks[account] = (int(base_ms), int(real_ns), float(rate))
        if damaged:
            more = f", and {len(damaged) - MOST_TOLD} more" if len(damaged) > MOST_TOLD else ""
            logger.warning(
                "understudy: %s: %d damaged tasks are set aside, and stay in the file: %s%s",
                self._path, len(damaged), ", ".join(damaged[:MOST_TOLD]), more,
            )  # fmt: skip
        return last

    def add(self, task: Task) -> Awaitable[None]:
        super().add(task)
        return self._write(INSERT, as_row(task), functools.partial(super().set_aside, task))

    def set_aside(self, task: Task) -> None:
        self._last_id = max(self._last_id, task.id, key=age_of)
        super().set_aside(task)

    def change(self, task: Task, plan: TaskPlan, polled: int | None = None) -> Awaitable[None]:
        before = task.plan, task.polled
        super().change(task, plan, polled)
        undo = functools.partial(super().change, task, *before)
        return self._write(CHANGE, (encode_plan(plan), task.polled, task.id), undo)

    def delivered(self, task: Task, position: int) -> Awaitable[None]:
        undo = functools.partial(super().delivered, task, task.delivered)
        super().delivered(task, position)
        return self._write(DELIVERED, (position, task.id), undo)

    def forget(self, account: str) -> Awaitable[None]:
        tasks = list(self.tasks(account))[::-1]
        anchor = self._clocks.pop(account, None)
        super().forget(account)

        def undo() -> None:
            for task in tasks:
                super(SqliteStore, self).add(task)
            if anchor is not None:
                self._clocks[account] = anchor

        self._write(FORGET_CLOCK, (account,), lambda: None)
        return self._write(FORGET, (account,), undo)

    def keep_clock(self, account: str, anchor: Anchor) -> Awaitable[None]:
        before = self._clocks.get(account)
        self._clocks[account] = anchor

        def undo() -> None:
            if before is not None:
                self._clocks[account] = before
            else:
                self._clocks.pop(account, None)

        return self._write(CLOCK, (account, *anchor), undo)

    def clocks(self) -> Iterable[tuple[str, Anchor]]:
        return sorted(self._clocks.items())

    def last_id(self) -> str:
        return max(self._last_id, super().last_id(), key=age_of)

    def _write(self, sql: str, values: tuple[Any, ...], undo: Callable[[], object]) -> Awaitable[None]:
        loop = asyncio.get_running_loop()
        if self._done is None:
            self._done = loop.create_future()
            # Nobody may be waiting for it: the failure of a write that nobody asks about is told by `_tell`.
            self._done.add_done_callback(_retrieve)
            if self._running is None:
                loop.call_soon(self._flush)
        self._writes.append(PendingWrite(sql, values, undo))
        # Shielded: one caller that goes away must not cancel what all of them wait for.
        written = asyncio.shield(self._done)
        written.add_done_callback(_retrieve)
        return written

    def _flush(self) -> None:
        """Hand what has been gathered to the writer thread, and gather the next batch meanwhile."""
        done, writes = self._done, self._writes
        self._done, self._writes = None, []
        if done is None:
            self._running = None
            return
        loop = asyncio.get_running_loop()
        begun = loop.time()

        def committed(ended: asyncio.Future[None]) -> None:
            if self._observe is not None:
                self._observe(loop.time() - begun)
            self._committed(done, writes, ended.exception())

        self._running = loop.run_in_executor(self._thread, self._commit, writes)
        self._running.add_done_callback(committed)

    def _committed(
        self, done: asyncio.Future[None], writes: list[PendingWrite], error: BaseException | None
    ) -> None:
        failed = [] if error is None else [done]
        if error is not None:
            # What was gathered meanwhile may stand on what has failed: the youngest goes first.
            if self._done is not None:
                failed.append(self._done)
            for write in reversed([*writes, *self._writes]):
                write.undo()
            self._done, self._writes = None, []
        elif not done.done():
            done.set_result(None)
        self._tell(error)
        for one in failed:
            if not one.done():
                one.set_exception(Refused("unavailable", because=f"the store cannot be written: {error}"))
        self._flush()

    def _tell(self, error: BaseException | None) -> None:
        """Say once on the terminal that the store cannot be written, and once that it can again."""
        if error is not None and not self._broken:
            logger.warning(
                "understudy: %s cannot be written: %s. What would change it is refused until it can.",
                self._path, error,
            )  # fmt: skip
        elif error is None and self._broken:
            logger.warning("understudy: %s can be written again", self._path)
        self._broken = "" if error is None else f"{self._path} cannot be written: {error}"

    def trouble(self) -> str:
        return self._broken

    def observe(self, tell: Callable[[float], None]) -> None:
        self._observe = tell

    def _commit(self, writes: list[PendingWrite]) -> None:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            for sql, group in itertools.groupby(writes, itemgetter(0)):
                self._base.executemany(sql, [write.values for write in group])
            self._base.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself where the disk is full.
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise

    async def close(self) -> None:
        """Write what is left, fold the log into the file, and let go of it."""
        while waiting := [future for future in (self._done, self._running) if future is not None]:
            await asyncio.wait(waiting)
        self._thread.shutdown()
        self._base.close()
