"""One SQLite file as the store of the workers of one machine.

Each worker reads from the file in its own process and hands what it writes to a thread; SQLite lets one
process write at a time. Workers ring each other with datagrams over sockets in a folder of the temporary
directory, and lock accounts by files there, which the kernel frees with the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import socket
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import MockError
from understudy.mockserver.store.database import (
    COLUMNS,
    MIGRATIONS,
    OWED,
    DatabaseLostError,
    WriteBatch,
    WriteOutcome,
    check_version,
)
from understudy.mockserver.store.sqlite import cannot_be_opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from understudy.mockserver.store.database import Row

# "Undw" in ASCII: a store of workers, whose tables differ from those of one process.
APPLICATION_ID = 0x556E6477
BUSY_SECONDS = 10.0
UNUSABLE = "cannot be used"
LOOK_SECONDS = 0.002
# Names are locked by files; two that share one wait for each other now and then.
LOCK, LOCKS = "lock-", 1024
ADD = (
    f"INSERT INTO understudy_tasks ({COLUMNS}, owner) VALUES ({','.join('?' * 14)}) "  # noqa: S608
    "ON CONFLICT (account, external_id) WHERE external_id <> '' DO NOTHING"
)
CHANGE = "UPDATE understudy_tasks SET plan = ?2, polled = ?3 WHERE id = ?1 AND (?4 IS NULL OR polled = ?4)"
DELIVERED = "UPDATE understudy_tasks SET delivered = ?2 WHERE id = ?1 AND owner = ?3"


def named(values: Sequence[Any]) -> dict[str, Any]:
    """The values of $1, $2, …, as SQLite wants them."""
    return {str(number): value for number, value in enumerate(values, 1)}


def connect(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
    base.execute("PRAGMA synchronous = NORMAL")
    return base


class WorkerFile:
    """One worker's connections to the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.where = str(path)
        self.on_bell: Callable[[str], None] = lambda _: None
        digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
        self.folder = Path(tempfile.gettempdir()) / f"understudy-{os.getuid()}-{digest}"
        self._thread = ThreadPoolExecutor(1, "worker-file")
        self._reader: Any = None
        self._writer: Any = None
        self._bell: socket.socket | None = None

    async def open(self, name: str) -> None:
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._writer = connect(self.path)
            self._migrate()
            self._reader = connect(self.path)
        except (sqlite3.OperationalError, OSError) as error:
            await self.close()
            raise cannot_be_opened(self.path, error) from error
        except sqlite3.DatabaseError as error:
            await self.close()
            what, advice = f"not a usable SQLite file: {error}", "take another file"
            raise MockError(what, where=self.where, advice=advice) from error
        except BaseException:
            await self.close()
            raise
        self._bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._bell.setblocking(False)
        self._bell.bind(str(self.folder / name))
        asyncio.get_running_loop().add_reader(self._bell, self._hear)

    def _migrate(self) -> None:
        base = self._writer
        (application,) = base.execute("PRAGMA application_id").fetchone()
        (tables,) = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != APPLICATION_ID:
            raise MockError(
                "this file is not a store of workers", where=self.where,
                advice="use another file; one process reads it without --workers",
            )  # fmt: skip
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("BEGIN IMMEDIATE")
        try:
            (found,) = base.execute("PRAGMA user_version").fetchone()
            check_version(found, self.where)
            for script in MIGRATIONS[found:]:
                whole = script.format(text="TEXT", serial="INTEGER PRIMARY KEY AUTOINCREMENT")
                for statement in whole.split(";"):
                    base.execute(statement)
            base.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            base.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            base.execute("COMMIT")
        except BaseException:
            base.execute("ROLLBACK")
            raise

    async def close(self) -> None:
        self._thread.shutdown()
        if self._bell is not None:
            # Ringing once more finds the sockets of workers that were killed.
            self._ring("")
            asyncio.get_running_loop().remove_reader(self._bell)
            Path(self._bell.getsockname()).unlink(missing_ok=True)
            self._bell.close()
            self._bell = None
            self._sweep()
        for base in (self._reader, self._writer):
            if base is not None:
                base.close()

    def _sweep(self) -> None:
        """Leave no folder behind when nobody else is there."""
        if all(place.name.startswith(LOCK) for place in self.folder.iterdir()):
            for place in self.folder.iterdir():
                place.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.folder.rmdir()

    # --- the bell

    async def listen(self) -> None:
        return None

    def _hear(self) -> None:
        heard = set()
        with contextlib.suppress(BlockingIOError):
            while self._bell is not None:
                heard.add(self._bell.recv(200).decode())
        for channel in sorted(heard):
            self.on_bell(channel)

    def _ring(self, channel: str) -> None:
        if self._bell is None:
            return
        for place in self.folder.iterdir():
            if not place.name.startswith(LOCK):
                try:
                    self._bell.sendto(channel.encode(), str(place))
                except ConnectionRefusedError:
                    place.unlink(missing_ok=True)  # of a worker that was killed
                except OSError:
                    continue  # it has enough to read, or is leaving

    # --- statements

    async def now_ns(self) -> int:
        return time.time_ns()

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        try:
            if sql.startswith("SELECT"):
                found: list[Row] = self._reader.execute(sql, named(values)).fetchall()
            else:
                found = await self._in_thread(self._one, sql, values)
        except sqlite3.Error as error:
            raise DatabaseLostError(self.where, error, UNUSABLE) from error
        return found

    async def _in_thread(self, act: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *arguments)

    def _one(self, sql: str, values: Sequence[Any]) -> list[Row]:
        found: list[Row] = self._writer.execute(sql, named(values)).fetchall()
        return found

    async def commit(self, batch: WriteBatch, owner: str) -> WriteOutcome:
        try:
            outcome: WriteOutcome = await self._in_thread(self._write, batch, owner)
        except sqlite3.Error as error:
            raise DatabaseLostError(self.where, error, UNUSABLE) from error
        return outcome

    def _write(self, batch: WriteBatch, owner: str) -> WriteOutcome:
        base = self._writer
        base.execute("BEGIN IMMEDIATE")
        try:
            plain = [row for row in batch.added if not row[4]]
            base.executemany(ADD, plain)
            taken = {row[0] for row in batch.added if row[4] and not base.execute(ADD, row).rowcount}
            stale = {
                place
                for place, one in enumerate(batch.changed)
                if not base.execute(CHANGE, (one.id, one.plan, one.polled, one.before)).rowcount
            }
            base.executemany(DELIVERED, [(id_, position, owner) for id_, position in batch.delivered.items()])
            base.execute("COMMIT")
        except BaseException:
            if base.in_transaction:
                base.execute("ROLLBACK")
            raise
        return WriteOutcome(frozenset(taken), frozenset(stale))

    async def claim(self, owner: str, dead: list[str], most: int) -> list[Row]:
        places = ",".join("?" * len(dead))
        sql = (
            f"UPDATE understudy_tasks SET owner = ? WHERE id IN (SELECT id FROM understudy_tasks "  # noqa: S608
            f"WHERE owner IN ({places}) AND {OWED} ORDER BY id LIMIT ?) RETURNING {COLUMNS}"
        )
        values = (owner, *dead, most)
        try:
            found: list[Row] = await self._in_thread(lambda: self._writer.execute(sql, values).fetchall())
        except sqlite3.Error as error:
            raise DatabaseLostError(self.where, error, UNUSABLE) from error
        return found

    async def publish(self, channel: str, sql: str, *values: Any) -> list[Row]:
        rows = await self.fetch(sql, *values)
        self._ring(channel)
        return rows

    @contextlib.asynccontextmanager
    async def locked(self, name: str) -> AsyncIterator[WorkerFile]:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big") % LOCKS
        place = os.open(self.folder / f"{LOCK}{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(LOOK_SECONDS)
            yield self
        finally:
            os.close(place)
