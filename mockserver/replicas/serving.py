"""Which database a `--store` names, and whether it can be used; said before anything is served."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.mockserver.errors import MockError
from understudy.mockserver.store import MEMORY

if TYPE_CHECKING:
    from understudy.mockserver.store.database import Database

SCHEMES = ("postgresql://", "postgres://")


def is_shared(store: str) -> bool:
    """Whether a store is one that several replicas may use at a time."""
    return store.startswith(SCHEMES)


def shared_database(store: str) -> Database:
    """The database that `--store` names; raises MockError."""
    if is_shared(store):
        from understudy.mockserver.store.postgres import PostgresDatabase  # here: asyncpg is an extra

        return PostgresDatabase(store)
    if store == MEMORY:
        raise MockError("workers do not share memory", where="--store")
    from understudy.mockserver.store.worker_file import WorkerFile  # here: for workers only

    return WorkerFile(Path(store))


def check(store: str) -> None:
    """Bring the database's tables to this version; raises MockError when it cannot be used."""

    async def look() -> None:
        database = shared_database(store)
        await database.open(f"look-{uuid.uuid4().hex[:8]}")
        await database.close()

    asyncio.run(look())
