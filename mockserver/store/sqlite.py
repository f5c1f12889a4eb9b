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
import itertools
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.errors import MockError, Refused
from mockserver.store.memory import MemoryStore
from mockserver.tasks import Task, Wish, plan

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable
    from pathlib import Path

    from mockserver.clock import Anchor
    from mockserver.tasks import Plan

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


def encode_plan(p: Plan) -> str:
    return orjson.dumps((p.statuses, p.offsets, p.reason, p.polls, p.rest)).decode()


def decode_plan(text: str) -> Plan:
    statuses, offsets, reason, polls, rest = orjson.loads(text)
    return plan(tuple(statuses), tuple(offsets), reason, polls, tuple(rest))


def as_row(task: Task) -> tuple[Any, ...]:
    return (
        task.id,
        task.account,
        task.profile,
        task.family,
        task.external_id,
        task.created_at,
        encode_plan(task.plan),
        orjson.dumps(tuple(task.wish)).decode(),
        task.callback_url,
        task.origin,
        task.scenario,
        task.polled,
        task.delivered,
    )


def as_task(row: tuple[Any, ...]) -> Task:
    id_, account, profile, family, external_id, created_at, plan_text, wish, *rest = row
    return Task(
        id_,
        account,
        profile,
        family,
        external_id,
        created_at,
        decode_plan(plan_text),
        Wish(*orjson.loads(wish)),
        *rest,
    )


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
        if "locked" in str(error):
            raise MockError(
                "another server is using this store", where=where, advice="stop it or take another file"
            ) from error
        try:
            told = cannot_be_opened(path, error)
        except PermissionError:
            told = MockError("this user may not look there", where=where, advice="take another folder")
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
        return MockError("it is no plain file", where=where, advice="take another file")
    if not os.access(path if path.exists() else folder, os.W_OK):
        what = "it" if path.exists() else f"the folder {folder}"
        return MockError(f"{what} cannot be written", where=where, advice="change that, or take another file")
    advice = "is there room on the disk, and may this user write here? Else take another file"
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


class SqliteStore(MemoryStore):
    """Tasks in memory and in a file. Used from one event loop; commits happen in a thread of its own."""

    __slots__ = ("_base", "_clocks", "_done", "_failed", "_running", "_thread", "_writes")

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._base = open_database(path)
        self._clocks: dict[str, Anchor] = {}
        try:
            self._load()
        except (sqlite3.Error, ValueError, TypeError) as error:
            self._base.close()
            advice = "take another file; this one is left as it is"
            raise MockError(f"the store is damaged: {error}", where=str(path), advice=advice) from error
        self._thread = ThreadPoolExecutor(1, "sqlite-store")
        self._writes: list[tuple[str, tuple[Any, ...]]] = []
        self._done: asyncio.Future[None] | None = None
        self._running: asyncio.Future[None] | None = None
        self._failed = False

    def _load(self) -> None:
        for row in self._base.execute(LOAD):
            super().add(as_task(row))
        for account, base_ms, real_ns, rate in self._base.execute("SELECT * FROM clocks"):
            self._clocks[account] = (base_ms, real_ns, rate)

    def add(self, task: Task) -> Awaitable[None]:
        super().add(task)
        return self._write(INSERT, as_row(task))

    def change(self, task: Task, plan: Plan) -> Awaitable[None]:
        super().change(task, plan)
        return self._write(CHANGE, (encode_plan(plan), task.polled, task.id))

    def delivered(self, task: Task, position: int) -> Awaitable[None]:
        super().delivered(task, position)
        return self._write(DELIVERED, (position, task.id))

    def forget(self, account: str) -> Awaitable[None]:
        super().forget(account)
        self._clocks.pop(account, None)
        self._write(FORGET_CLOCK, (account,))
        return self._write(FORGET, (account,))

    def keep_clock(self, account: str, anchor: Anchor) -> Awaitable[None]:
        self._clocks[account] = anchor
        return self._write(CLOCK, (account, *anchor))

    def clocks(self) -> Iterable[tuple[str, Anchor]]:
        return sorted(self._clocks.items())

    def _write(self, sql: str, values: tuple[Any, ...]) -> Awaitable[None]:
        loop = asyncio.get_running_loop()
        if self._done is None:
            self._done = loop.create_future()
            # Nobody may be waiting for it; a failure is remembered in `_failed` all the same.
            self._done.add_done_callback(lambda done: done.exception())
            if self._running is None:
                loop.call_soon(self._flush)
        self._writes.append((sql, values))
        # Shielded: one caller that goes away must not cancel what all of them wait for.
        return asyncio.shield(self._done)

    def _flush(self) -> None:
        """Hand what has been gathered to the writer thread, and gather the next batch meanwhile."""
        done, writes = self._done, self._writes
        self._done, self._writes = None, []
        if done is None:
            self._running = None
            return
        self._running = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, writes)
        self._running.add_done_callback(lambda ended: self._committed(done, ended.exception()))

    def _committed(self, done: asyncio.Future[None], error: BaseException | None) -> None:
        if error is not None:
            self._failed = True
        if not done.done():
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(Refused("unavailable", because=f"the store cannot be written: {error}"))
        self._flush()

    def _commit(self, writes: list[tuple[str, tuple[Any, ...]]]) -> None:
        if self._failed:
            raise sqlite3.OperationalError("an earlier write failed; restart the server")
        self._base.execute("BEGIN IMMEDIATE")
        try:
            for sql, group in itertools.groupby(writes, itemgetter(0)):
                self._base.executemany(sql, [values for _, values in group])
            self._base.execute("COMMIT")
        except BaseException:
            self._base.execute("ROLLBACK")
            raise

    async def close(self) -> None:
        """Write what is left, fold the log into the file, and let go of it."""
        while waiting := [future for future in (self._done, self._running) if future is not None]:
            await asyncio.wait(waiting)
        self._thread.shutdown()
        self._base.close()
