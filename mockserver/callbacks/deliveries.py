"""What a task owes: its deliveries as a pure function of its plan and scenario, and the log of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from understudy.mockserver.accounts.journal import without_secrets
from understudy.mockserver.play.scenario_table import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.play.scenario_table import Effects
    from understudy.mockserver.store.tasks import Task

# What the log of a delivery weighs beside its texts, in bytes.
WEIGHT = 2000


class OwedDelivery(NamedTuple):
    """One delivery that a task owes: when (milliseconds of its account's clock), and which change.

    A forged one reports a change that has not happened; it is sent once and never retried.
    """

    due: int
    change: int
    forged: bool = False


def owed(
    task: Task,
    effects: Effects,
    terminal: Callable[[str], bool],
    wanted: frozenset[str] | None = None,
) -> list[OwedDelivery]:
    """Every delivery of a task, in the order in which they leave; `wanted` states only, None for all."""
    plan = task.plan
    if effects.lost:
        return []
    changes = [
        OwedDelivery(task.changed_at(i) + effects.late_ms, i)
        for i, status in enumerate(plan.statuses)
        if (not effects.terminal_only or terminal(status)) and (wanted is None or status in wanted)
    ]
    if effects.reversed and not plan.rest and changes:
        last = changes[-1].due
        changes = [OwedDelivery(last, each.change) for each in reversed(changes)]
    if effects.forged and not plan.rest and changes:
        changes.insert(*_forged(task, changes[0]))
    if effects.doubled:
        changes = [each for each in changes for _ in range(2)]
    return changes


def _forged(task: Task, first: OwedDelivery) -> tuple[int, OwedDelivery]:
    """The place of a forged end among a task's deliveries, and when it is due: after the first of them, or
    before it where that is not called back until something has happened.
    """
    last = len(task.plan.statuses) - 1
    if first.change == 0:
        return 1, OwedDelivery(first.due, last, forged=True)
    return 0, OwedDelivery((task.changed_at(0) + first.due) // 2, last, forged=True)


def next_owed(
    task: Task,
    effects: Effects,
    terminal: Callable[[str], bool],
    wanted: frozenset[str] | None = None,
) -> OwedDelivery | None:
    """The delivery after those that are done, None when there is none (or none yet)."""
    done = task.delivered
    if done < 0:
        return None
    if effects is NOTHING and wanted is None:
        # The same as below, without making what is not asked for.
        offsets = task.plan.offsets
        return OwedDelivery(task.created_at + offsets[done], done) if done < len(offsets) else None
    deliveries = owed(task, effects, terminal, wanted)
    return deliveries[done] if done < len(deliveries) else None


@dataclass(slots=True)
class Delivery:
    """The log of one delivery. Times are milliseconds: `due` of the account's clock, attempts' real ones."""

    number: int
    task: str
    index: int
    status: str
    url: str
    due: int
    body: bytes
    headers: dict[str, str]
    # Whether the provider sent it: its signature is right, if there is one.
    genuine: bool = True
    state: str = "waiting"
    attempts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Its approximate size in bytes, with all attempts."""
        return WEIGHT + len(self.body) + len(self.url)

    def show(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "index": self.index,
            "status": self.status,
            "url": without_secrets(self.url),
            "due": self.due,
            "genuine": self.genuine,
            "state": self.state,
            "attempts": self.attempts,
            "headers": self.headers,
            "body": orjson.loads(self.body),
            # As it was sent, to the byte: what a signature is computed over.
            "raw": self.body.decode(),
        }
