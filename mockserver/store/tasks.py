"""The state machine: what a task's state is, as a pure function of its plan and the clock."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

ALL_DELIVERED = -1
# The state of a task that was deleted: nobody knows it any more.
REMOVED = ""
# A clock's course: at real time `[1]` (nanoseconds) it showed `[0]` (milliseconds); it runs at rate `[2]`.
Anchor = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """What will become of a task: `statuses[i]` from `offsets[i]` milliseconds after its creation on.

    `reason` is said when the last state is reached and is a failure. `polls` > 0: the later states wait for
    queries (the plan is then replaced as they come). Plans are shared between tasks.
    """

    statuses: tuple[str, ...]
    offsets: tuple[int, ...]
    reason: str = ""
    polls: int = 0
    # The states still to come under the pace "after N polls".
    rest: tuple[str, ...] = ()

    def index(self, elapsed_ms: int) -> int:
        """Which state holds so many milliseconds after creation."""
        at = len(self.offsets) - 1
        while at > 0 and self.offsets[at] > elapsed_ms:
            at -= 1
        return at


def plan(
    statuses: tuple[str, ...],
    offsets: tuple[int, ...],
    reason: str = "",
    polls: int = 0,
    rest: tuple[str, ...] = (),
) -> TaskPlan:
    """A plan, shared when the same was asked for before; a long reason, which clients may choose, aside."""
    make = _shared_plan if len(reason) <= MOST_REASON else TaskPlan
    return make(statuses, offsets, reason, polls, rest)


MOST_REASON = 200
_shared_plan = functools.lru_cache(maxsize=4096)(TaskPlan)
# What one process keeps in memory of tasks, about, unless told: bytes.
MOST_BYTES = 2048 * 1_048_576


class TaskRequest(NamedTuple):
    """What the client asked for, as far as results and slots need it."""

    results: int
    aspect_ratio: str
    duration: str
    text: str
    watermark: bool | None
    model: str
    slots: int
    # What answers of a described API repeat of the create, as JSON (mockserver.play.described.remembered).
    echo: str = ""


@dataclass(slots=True, eq=False)
class Task:
    """One task. Times are milliseconds of the account's clock; `origin` is where its results are served.

    `scenario` is the text of the scenario it was created under ("" for none); `polled` counts queries, only
    under the pace "after N polls".
    """

    id: str
    account: str
    profile: str
    family: str
    external_id: str
    created_at: int
    plan: TaskPlan
    request: TaskRequest
    callback_url: str
    origin: str
    scenario: str = ""
    polled: int = 0
    # How many of its deliveries are done (or given up), for the outbox; ALL_DELIVERED when it owes nothing.
    delivered: int = 0

    def index(self, now: int) -> int:
        return self.plan.index(now - self.created_at)

    def status(self, now: int) -> str:
        return self.plan.statuses[self.plan.index(now - self.created_at)]

    def changed_at(self, index: int) -> int:
        """When change `index` happens."""
        return self.created_at + self.plan.offsets[index]


def age_of(task_id: str) -> tuple[int, str]:
    """What orders task ids by when they were given: they are decimal and ascend."""
    return len(task_id), task_id


def age(task: Task) -> tuple[int, str]:
    return age_of(task.id)


def after_poll(task: Task, polled: int, now: int) -> TaskPlan:
    """The plan after the query number `polled` (pace "after N polls"); the N-th shows the terminal state."""
    old = task.plan
    # The states before the last come with the first query.
    moved = old.rest if polled >= old.polls else old.rest[:-1]
    if not moved:
        return old
    at = now - task.created_at
    return TaskPlan(
        old.statuses + moved,
        old.offsets + (at,) * len(moved),
        old.reason,
        old.polls,
        old.rest[len(moved) :],
    )
