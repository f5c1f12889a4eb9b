"""PostgreSQL as the store of any number of replicas (asyncpg).

The address is a URI of libpq: `postgresql://user@host/base?sslmode=verify-full`, or `postgresql://` with
PGHOST, PGSERVICE and so on in the environment. A password belongs into PGPASSWORD, a password file or a
service file. asyncpg and psycopg 3 were measured side by side: asyncpg inserts 1.6 times as many tasks a
second in groups of 200 and reads 2.3 times as many single ones, at a third of the CPU time.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

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

try:
    import asyncpg
except ImportError:
    advice = "pip install 'understudy[postgres]'"
    raise MockError("asyncpg is not installed", where="--store postgresql://…", advice=advice) from None

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from understudy.mockserver.store.database import Row

logger = logging.getLogger("understudy")
SCHEMES = ("postgresql", "postgres")
# Connections of a replica: for statements, and for locks: who waits for one keeps no statement waiting.
MOST_CONNECTIONS = 8
MOST_LOCKS = 8
COMMAND_SECONDS = 15.0
CONNECT_SECONDS = 10.0
# A clock is locked while deliveries are made that may each take ten seconds.
LOCK_SECONDS = 300.0
# "Undr" in ASCII: keys of advisory locks.
MIGRATING, PUBLISHING = 0x556E6472_0001, 0x556E6472_0002
CHANNEL = "understudy"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
LOST = (OSError, EOFError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError,
        asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError)  # fmt: skip
TYPES = ("text",) * 5 + ("bigint",) + ("text",) * 5 + ("int", "int", "text")
ADD = (
    f"INSERT INTO understudy_tasks ({COLUMNS}, owner) SELECT * FROM unnest("  # noqa: S608 - constants only
    + ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(TYPES, 1))
    + ") ON CONFLICT (account, external_id) WHERE external_id <> '' DO NOTHING RETURNING id"
)
CHANGE = (
    "UPDATE understudy_tasks SET plan = $2, polled = $3 "
    "WHERE id = $1 AND ($4::int IS NULL OR polled = $4) RETURNING id"
)
DELIVERED = (
    "UPDATE understudy_tasks SET delivered = given.position "
    "FROM unnest($1::text[], $2::int[]) AS given(id, position) "
    "WHERE understudy_tasks.id = given.id AND owner = $3"
)
CLAIM = (
    f"UPDATE understudy_tasks SET owner = $1 WHERE id IN (SELECT id FROM understudy_tasks "  # noqa: S608
    f"WHERE owner = ANY($2::text[]) AND {OWED} ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED) "
    f"RETURNING {COLUMNS}"
)


def without_password(url: str) -> str:
    """An address as it may be shown."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"postgresql://{host}{parts.path}"


async def _keep_as_it_is(connection: Any) -> None:
    """Nothing is set on a connection that would have to be taken back."""


class PostgresStatements:
    """Statements on one connection, in the transaction that is open there."""

    def __init__(self, connection: Any, where: str) -> None:
        self._connection = connection
        self._where = where

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        try:
            return [tuple(row) for row in await self._connection.fetch(sql, *values)]
        except LOST as error:
            raise DatabaseLostError(self._where, error) from error


class PostgresDatabase:
    """One replica's connections."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.where = without_password(url)
        self.on_bell: Callable[[str], None] = lambda _: None
        self._pool: Any = None
        self._locks: Any = None
        self._ear: Any = None

    async def open(self, name: str) -> None:
        options: dict[str, Any] = {
            "command_timeout": COMMAND_SECONDS,
            "timeout": CONNECT_SECONDS,
            "reset": _keep_as_it_is,
            "server_settings": {"application_name": f"understudy {name}"},
        }
        try:
            self._pool = await asyncpg.create_pool(
                self._url, min_size=1, max_size=MOST_CONNECTIONS, **options
            )
            self._locks = await asyncpg.create_pool(self._url, min_size=0, max_size=MOST_LOCKS, **options)
            async with self._pool.acquire() as connection:
                await self._migrate(connection)
        except (*LOST, asyncpg.PostgresError, ValueError) as error:
            await self.close()
            advice = "is it running, and do user, password (PGPASSWORD) and database exist?"
            said = str(error) or type(error).__name__
            raise MockError(f"cannot use the database: {said}", where=self.where, advice=advice) from error
        except BaseException:
            await self.close()
            raise

    async def _migrate(self, connection: Any) -> None:
        """Bring the tables to this version; replicas that start at the same time wait for each other."""
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATING)
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS understudy_schema (version INTEGER NOT NULL)"
            )
            found = await connection.fetchval("SELECT max(version) FROM understudy_schema") or 0
            check_version(found, self.where)
            for number, script in enumerate(MIGRATIONS[found:], found + 1):
                await connection.execute(
                    script.format(text='TEXT COLLATE "C"', serial="BIGSERIAL PRIMARY KEY")
                )
                await connection.execute("INSERT INTO understudy_schema VALUES ($1)", number)

    async def close(self) -> None:
        ear, self._ear = self._ear, None
        if ear is not None and not ear.is_closed():
            with contextlib.suppress(*LOST):
                await ear.close(timeout=1)
        for pool in (self._pool, self._locks):
            if pool is not None:
                pool.terminate()

    async def listen(self) -> None:
        if self._ear is not None and not self._ear.is_closed():
            return
        try:
            ear = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
            await ear.add_listener(CHANNEL, lambda _connection, _pid, _channel, said: self.on_bell(said))
        except LOST as error:
            raise DatabaseLostError(self.where, error) from error
        self._ear = ear
        # What was rung meanwhile was not heard.
        self.on_bell("")

    async def now_ns(self) -> int:
        ((seconds,),) = await self.fetch("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        return int(seconds) * 1000

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        try:
            return [tuple(row) for row in await self._pool.fetch(sql, *values)]
        except LOST as error:
            raise DatabaseLostError(self.where, error) from error

    async def commit(self, batch: WriteBatch, owner: str) -> WriteOutcome:
        try:
            async with self._pool.acquire() as connection:
                if not batch.changed and not (batch.added and batch.delivered):
                    # One statement is a transaction by itself.
                    return await self._write(connection, batch, owner)
                async with connection.transaction():
                    return await self._write(connection, batch, owner)
        except LOST as error:
            raise DatabaseLostError(self.where, error) from error

    async def _write(self, connection: Any, batch: WriteBatch, owner: str) -> WriteOutcome:
        taken: set[str] = set()
        stale: set[int] = set()
        if batch.added:
            columns = [list(column) for column in zip(*batch.added, strict=True)]
            kept = await connection.fetch(ADD, *columns)
            if len(kept) < len(batch.added):
                taken = set(columns[0]) - {row[0] for row in kept}
        for place, one in enumerate(batch.changed):
            if not await connection.fetch(CHANGE, one.id, one.plan, one.polled, one.before):
                stale.add(place)
        if batch.delivered:
            ids, positions = list(batch.delivered), list(batch.delivered.values())
            await connection.execute(DELIVERED, ids, positions, owner)
        return WriteOutcome(frozenset(taken), frozenset(stale))

    async def claim(self, owner: str, dead: list[str], most: int) -> list[Row]:
        return await self.fetch(CLAIM, owner, dead, most)

    async def publish(self, channel: str, sql: str, *values: Any) -> list[Row]:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                # Read by replicas that run, and by nobody after a crash.
                await connection.execute("SET LOCAL synchronous_commit = off")
                await connection.execute("SELECT pg_advisory_xact_lock($1)", PUBLISHING)
                rows = await connection.fetch(sql, *values)
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, channel)
                return [tuple(row) for row in rows]
        except LOST as error:
            raise DatabaseLostError(self.where, error) from error

    @contextlib.asynccontextmanager
    async def locked(self, name: str) -> AsyncIterator[PostgresStatements]:
        try:
            async with self._locks.acquire() as connection, connection.transaction():
                await connection.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name, timeout=None
                )
                yield PostgresStatements(connection, self.where)
        except LOST as error:
            raise DatabaseLostError(self.where, error) from error
