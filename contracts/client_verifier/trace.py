"""What one run of a client was, as the mock saw it. Frozen; times in milliseconds since the run began.

Times are the wall's, not the account's accelerated clock: how often a client asks is felt in real time.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Literal

ExchangeKind = Literal["create", "query", "list", "result", "cancel", "other"]
# Why a run was stopped: it was over its time; it was certain to ask for ever; it is started again.
Stopped = Literal["", "time", "loop", "restart"]
POLLS = frozenset({"query", "list"})
HTTP_ERROR, UNAUTHORIZED = 400, 401
# No client waits for so many times as long as it did before.
PAUSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalExchange:
    """One request and what the mock answered.

    at_ms, answered_ms  when the request came, when the answer left (None: no answer did)
    task_id             the task that was created or asked about; "" for none
    external_id         the client's own id in a create; "" for none
    callback_url        where a create asks callbacks to go; "" for none
    order               what a create asks for, without the two above: equal text, same order
    family, request     the task family, and a create's body as it was sent (long texts may be shortened)
    unknown_fields      fields of a create that no document of the provider names, and so nobody heeds
    problems            what the contract has against the request, each naming a field
    fault               the misbehaviour played in this answer; "" for none
    status              HTTP status; None when the connection was reset or nothing was sent
    code                the provider's own code in the answer; None for none
    told                the task's status that the answer told in a readable way; "" for none
    final               whether `told` is a terminal state;  given: how many results the answer told
    doubtful            whether a client cannot know if what it asked was done (5xx, reset, timeout)
    verdict             the mock's own: "accepted", or the name of a refusal
    media_type          of a create whose body was not sent as what the document declares; "" otherwise
    idempotency_key     what a create sends as Idempotency-Key; "" for none
    missing             whether it was told that there is no such task
    unknown_id          the id that a query asked about and that nobody was ever given; "" otherwise
    """

    at_ms: int
    answered_ms: int | None = None
    method: str = "GET"
    path: str = ""
    kind: ExchangeKind = "other"
    task_id: str = ""
    external_id: str = ""
    callback_url: str = ""
    order: str = ""
    family: str = ""
    request: Any = None
    unknown_fields: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    fault: str = ""
    status: int | None = 200
    code: int | str | None = None
    message: str = ""
    told: str = ""
    final: bool = False
    given: int = 0
    doubtful: bool = False
    retry_after_ms: int | None = None
    verdict: str = "accepted"
    media_type: str = ""
    missing: bool = False
    unknown_id: str = ""
    idempotency_key: str = ""

    @property
    def troubled(self) -> bool:
        """Whether the client got something else than a good answer."""
        return bool(self.fault) or self.status is None or self.status >= HTTP_ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalDelivery:
    """One callback that the mock sent. `answered` is the receiver's HTTP status, None when it gave none.

    genuine: its signature is right (or signing is off); final: it tells a terminal state; given: how many
    results it tells.
    """

    at_ms: int
    task_id: str = ""
    told: str = ""
    final: bool = False
    given: int = 0
    answered: int | None = 200
    genuine: bool = True
    fault: str = ""

    @property
    def taken(self) -> bool:
        return self.answered is not None and 200 <= self.answered < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalTask:
    """A task that exists at the mock: what it costs (`units`), and why it failed if it did.

    ended_ms: when it reaches its terminal state, None when it never does.
    failed: it has ended without results, and so is not charged.
    """

    task_id: str
    status: str = ""
    reason: str = ""
    units: float = 0.0
    ended_ms: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One run. `exit_code` is None while it was not started or was stopped; negative: ended by that signal.

    stopped: why we ended the run; "" when it ended by itself. `duration_ms` is how long it took till then.
    speed: how many of the client's milliseconds, which all these are, pass in a real one.
    orders: how many tasks the command is meant to create. `task_ms`: how long a task takes; 0 for no end.
    passing: whether the trouble that is played goes away when the client tries again.
    keys_count: whether the provider answers the same Idempotency-Key with the first task.
    restarted: how many exchanges there had been when the command was killed to be started again; None: never.
    """

    scenario: str
    exchanges: tuple[JournalExchange, ...] = ()
    deliveries: tuple[JournalDelivery, ...] = ()
    tasks: tuple[JournalTask, ...] = ()
    exit_code: int | None = 0
    stopped: Stopped = ""
    duration_ms: int = 0
    output: str = ""
    speed: float = 1.0
    orders: int = 1
    task_ms: int = 0
    passing: bool = False
    restarted: int | None = None
    keys_count: bool = False

    @property
    def creates(self) -> tuple[JournalExchange, ...]:
        return tuple(e for e in self.exchanges if e.kind == "create")

    @property
    def order_refused(self) -> bool:
        """Whether every create was refused as invalid, whoever sent it."""
        return bool(self.creates) and all(e.problems and e.status != UNAUTHORIZED for e in self.creates)

    @property
    def polls(self) -> tuple[JournalExchange, ...]:
        return tuple(e for e in self.exchanges if e.kind in POLLS)

    @property
    def ended_well(self) -> bool:
        return self.exit_code == 0 and not self.stopped

    @property
    def learned(self) -> frozenset[str]:
        """The tasks whose end the client was told, or whose results it fetched."""
        told = {e.task_id for e in self.exchanges if e.final or e.kind == "result"}
        return frozenset(told | self.called_back)

    @property
    def called_back(self) -> frozenset[str]:
        """The tasks whose end the client may know by a callback.

        One that got no answer may have been read by a client that lived and then ended well; of another that
        is as likely to have come too late.
        """
        read = {d.task_id for d in self.deliveries if d.final and d.genuine and d.taken}
        if self.ended_well:
            lived = [d for d in self.deliveries if d.answered is None and d.at_ms <= self.duration_ms]
            read |= {d.task_id for d in lived if d.final and d.genuine}
        return frozenset(read)

    @property
    def idle_ms(self) -> int:
        """How long before the end the last thing happened that the client had a part in or waited for."""
        moments = [e.at_ms for e in self.exchanges] + [d.at_ms for d in self.deliveries]
        moments += [task.ended_ms for task in self.tasks if task.ended_ms is not None]
        return self.duration_ms - max(moments, default=0)

    def hangs(self, least_ms: int) -> bool:
        """Whether nothing has happened for so long (by our clock) that it is no pause any more.

        A client that waits longer each time may be in its next pause, twice as long as the one before.
        """
        moments = [e.at_ms for e in self.exchanges]
        longest = max((b - a for a, b in itertools.pairwise(moments)), default=0)
        return self.idle_ms >= max(least_ms * self.speed, PAUSES * longest)

    @property
    def real_seconds(self) -> float:
        """How long it took, by our clock."""
        return self.duration_ms / 1000 / self.speed

    def units(self) -> float:
        """What all tasks of the run cost together."""
        return sum(task.units for task in self.tasks)
