"""What several processes share: the tables, and what a database must be able to do for them.

Two databases can: PostgreSQL, for any number of machines (`store.postgres`), and one SQLite file, for the
workers of one machine (`store.worker_file`). Both speak the statements below; parameters are $1, $2, …

understudy_tasks     a task and its plan; `owner` is the replica that sends its callbacks
understudy_accounts  what accounts ("": the server) were given: `settings`, and `counters`, which are used up
understudy_replicas  who takes part, and when each was last seen, by the database's clock
understudy_messages  messages to all replicas, in one sequence (`n`); understudy_answers: what each answered
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from understudy.mockserver.errors import MockError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

Row = tuple[Any, ...]
TASK = (
    "id", "account", "profile", "family", "external_id", "created_at", "plan", "wish", "callback_url",
    "origin", "scenario", "polled", "delivered",
)  # fmt: skip
COLUMNS = ", ".join(TASK)
SELECT = f"SELECT {COLUMNS} FROM understudy_tasks"  # noqa: S608 - constants only
# What a task owes: somebody must send it.
OWED = "callback_url <> '' AND delivered >= 0"
# {text}: a text that is compared byte by byte; {serial}: a number that ascends by itself.
MIGRATIONS = (
    f"""
CREATE TABLE understudy_tasks (
  id {{text}} PRIMARY KEY, account {{text}} NOT NULL, profile TEXT NOT NULL, family {{text}} NOT NULL,
  external_id {{text}} NOT NULL, created_at BIGINT NOT NULL, plan TEXT NOT NULL, wish TEXT NOT NULL,
  callback_url TEXT NOT NULL, origin TEXT NOT NULL, scenario TEXT NOT NULL,
  polled INTEGER NOT NULL, delivered INTEGER NOT NULL, owner {{text}} NOT NULL
);
CREATE UNIQUE INDEX understudy_external_ids ON understudy_tasks (account, external_id)
  WHERE external_id <> '';
CREATE INDEX understudy_pages ON understudy_tasks (account, family, id);
CREATE INDEX understudy_owed ON understudy_tasks (owner) WHERE {OWED};
CREATE TABLE understudy_accounts (
  account {{text}} PRIMARY KEY, settings TEXT NOT NULL, counters TEXT NOT NULL, n BIGINT NOT NULL
);
CREATE TABLE understudy_replicas (
  id {{text}} PRIMARY KEY, slot INTEGER NOT NULL UNIQUE, seen BIGINT NOT NULL
);
CREATE TABLE understudy_messages (
  n {{serial}}, sender TEXT NOT NULL, body TEXT NOT NULL, at BIGINT NOT NULL
);
CREATE TABLE understudy_answers (
  n BIGINT NOT NULL, replica {{text}} NOT NULL, body TEXT NOT NULL, PRIMARY KEY (n, replica)
);
""",
)  # fmt: skip
VERSION = len(MIGRATIONS)


class DatabaseLostError(Refused):
    """The database cannot be used just now: requests that need it are refused with 503."""

    def __init__(self, where: str, error: BaseException, what: str = "cannot be reached") -> None:
        said = str(error) or type(error).__name__
        super().__init__("unavailable", because=f"{where} {what}: {said}")


@dataclass(frozen=True, slots=True)
class PlanChange:
    """Another plan for a task; with `before` only if it was polled so often before (else it is stale)."""

    id: str
    plan: str
    polled: int
    before: int | None


@dataclass(slots=True)
class WriteBatch:
    """What goes into one commit. `added` are rows of `TASK` and the owner."""

    added: list[Row] = field(default_factory=list)
    changed: list[PlanChange] = field(default_factory=list)
    delivered: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What a commit has not done: tasks whose external id was taken, by id, and stale changes, by place."""

    taken: frozenset[str]
    stale: frozenset[int]


class Statements(Protocol):
    """Runs single statements; raises DatabaseLostError."""

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        """The rows that a statement gives; one that writes is committed when this returns."""


class Database(Statements, Protocol):
    """A database that replicas share. `where` names it in messages, without passwords.

    `on_bell` is called with a channel whenever something was published there, by whomever.
    """

    where: str
    on_bell: Callable[[str], None]

    async def open(self, name: str) -> None:
        """Connect as the replica `name` and bring the tables to this version. Raises MockError."""

    async def close(self) -> None:
        """Let go."""

    async def listen(self) -> None:
        """See to it that the bell is heard; again after the database was away."""

    async def now_ns(self) -> int:
        """The database's wall clock, in nanoseconds."""

    async def commit(self, batch: WriteBatch, owner: str) -> WriteOutcome:
        """Write all of it in one transaction; `delivered` counts for tasks of that owner only."""

    async def claim(self, owner: str, dead: list[str], most: int) -> list[Row]:
        """Take over at most `most` tasks that owe a callback from owners that are gone; their rows."""

    async def publish(self, channel: str, sql: str, *values: Any) -> list[Row]:
        """Run a statement, alone in its order for all, and ring the channel's bell."""

    def locked(self, name: str) -> AbstractAsyncContextManager[Statements]:
        """Hold a lock that one process at a time has; it ends with the process."""


def check_version(found: int, where: str) -> None:
    """Raise MockError for tables that a later version has made."""
    if found > VERSION:
        raise MockError(
            f"the store has version {found}, this Understudy knows {VERSION}",
            where=where,
            advice="run the version that wrote it, or use another database",
        )
