"""Where tasks are kept: one protocol, several stores.

A store keeps tasks and, for the outbox, how many changes of each have been delivered. What a task's state
*is*, no store knows: that is a pure function of the plan and the clock (`understudy.mockserver.store.tasks`).

Methods that write give None when the write is already as safe as the store promises (memory), or an awaitable
that ends when it is (a durable store, group commit). The server answers a create only after that. When a
write cannot be made the awaitable raises Refused, and the store is as it was: nobody was told otherwise.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from understudy.mockserver.errors import MockError
from understudy.mockserver.store.tasks import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from understudy.mockserver.store.tasks import Anchor, Task, TaskPlan

MEMORY = "memory"


class Store(Protocol):
    """Tasks by account and family. Look-ups are quick enough for the event loop."""

    def add(self, task: Task) -> Awaitable[None] | None:
        """Keep a new task. Its ids are not taken (ask `find` first)."""

    def change(self, task: Task, plan: TaskPlan, polled: int | None = None) -> Awaitable[None] | None:
        """Give a task another plan, and another count of polls."""

    def delivered(self, task: Task, position: int) -> Awaitable[None] | None:
        """Remember how many of a task's deliveries need no work any more (ALL_DELIVERED: it owes nothing)."""

    def task(self, id: str) -> Task | None:  # noqa: A002 - the field's word
        """The task with that task id, whoever owns it."""

    def find(self, account: str, family: str, id: str) -> Task | None:  # noqa: A002
        """The account's task of that family by task id or external id."""

    def has_external_id(self, account: str, external_id: str) -> bool:
        """Whether the account has used that external id, in any family."""

    def page(self, account: str, family: str, offset: int, limit: int) -> list[Task]:
        """The account's tasks of a family, newest first."""

    def has_tasks(self, account: str) -> bool:
        """Whether the account has any task."""

    def accounts(self) -> Iterable[str]:
        """The accounts that have any task."""

    def tasks(self, account: str, before: str = "") -> Iterable[Task]:
        """The tasks of an account, newest first; only those older than the one with the id `before`."""

    def undelivered(self) -> Iterable[Task]:
        """Every task that still owes a callback, oldest first; asked once, when the server starts."""

    def set_aside(self, task: Task) -> None:
        """Leave out a task that cannot be played here; a durable store keeps it for another server."""

    def forget(self, account: str) -> Awaitable[None] | None:
        """Drop an account's tasks."""

    def keep_clock(self, account: str, anchor: Anchor) -> Awaitable[None] | None:
        """Remember the course of an account's clock ("": the server's): a restart must not turn it back."""

    def clocks(self) -> Iterable[tuple[str, Anchor]]:
        """The clocks remembered from an earlier run, by account."""

    def last_id(self) -> str:
        """The youngest task id, "" when there is no task."""

    def count(self) -> int:
        """How many tasks there are."""

    def trouble(self) -> str:
        """Why nothing can be written just now, "" when it can."""

    def observe(self, tell: Callable[[float], None]) -> None:
        """Have `tell` told how long each write takes from now on, in seconds."""

    async def close(self) -> None:
        """Write what is left and let go."""


def open_store(where: str, most: int = MOST_BYTES) -> Store:
    """The store that `--store` names: `memory`, or a file in SQLite's format. Raises MockError.

    It keeps `most` bytes of tasks in memory, about; further ones are refused.
    """
    if not where or where == ":memory:":
        raise MockError(f"{where!r} is not a file", where="--store", advice=f"{MEMORY}, or tasks.sqlite")
    if where == MEMORY:
        from understudy.mockserver.store.memory import MemoryStore  # here: it imports this package

        return MemoryStore(most)
    from understudy.mockserver.store.sqlite import SqliteStore  # here: seldom needed

    return SqliteStore(Path(where), most)
