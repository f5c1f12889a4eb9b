"""What a task owes: its deliveries as a pure function of its plan and scenario, and the log of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from mockserver.faults import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.faults import Effects
    from mockserver.tasks import Task

# What the log of a delivery weighs beside its texts, in bytes.
WEIGHT = 2000


class Owed(NamedTuple):
    """One delivery that a task owes: when (milliseconds of its account's clock), and which change.

    A forged one tells a change that has not happened; it is sent once, whatever the receiver says.
    """

    due: int
    change: int
    forged: bool = False


def owed(task: Task, effects: Effects, terminal: Callable[[str], bool]) -> list[Owed]:
    """Every delivery of a task, in the order in which they leave."""
    plan = task.plan
    if effects.lost:
        return []
    changes = [
        Owed(task.changed_at(i) + effects.late_ms, i)
        for i, status in enumerate(plan.statuses)
        if not effects.terminal_only or terminal(status)
    ]
    if effects.reversed and not plan.rest and changes:
        last = changes[-1].due
        changes = [Owed(last, each.change) for each in reversed(changes)]
    if effects.forged and not plan.rest and changes:
        changes.insert(1, Owed(changes[0].due, len(plan.statuses) - 1, forged=True))
    if effects.doubled:
        changes = [each for each in changes for _ in range(2)]
    return changes


def next_owed(task: Task, effects: Effects, terminal: Callable[[str], bool]) -> Owed | None:
    """The delivery after those that are done, None when there is none (or none yet)."""
    done = task.delivered
    if done < 0:
        return None
    if effects is NOTHING:
        # The same as below, without making what is not asked for.
        offsets = task.plan.offsets
        return Owed(task.created_at + offsets[done], done) if done < len(offsets) else None
    deliveries = owed(task, effects, terminal)
    return deliveries[done] if done < len(deliveries) else None


@dataclass(slots=True)
class Delivery:
    """The log of one delivery. Times are milliseconds: `due` of the account's clock, attempts' real ones."""

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
        """What it weighs with all its attempts, in bytes, about."""
        return WEIGHT + len(self.body) + len(self.url)

    def show(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "index": self.index,
            "status": self.status,
            "url": self.url,
            "due": self.due,
            "genuine": self.genuine,
            "state": self.state,
            "attempts": self.attempts,
            "headers": self.headers,
            "body": orjson.loads(self.body),
        }
