"""What was seen on both sides of a gateway. Frozen; times in milliseconds since the run began."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.contracts.client_verifier.trace import JournalDelivery, JournalTask, Trace
    from understudy.specs.behaviour import TaskFamily


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """An order as one answer or callback below showed it.

    status: of HTTP, None for no answer; told: the task's status, "" when there is none; final: it is an end.
    unsigned: what is wrong with a callback's signature, "" for nothing; None when that is not checked.
    """

    at_ms: int
    status: int | None = 200
    told: str = ""
    final: bool = False
    unsigned: str | None = None
    record: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedResult:
    """A result that was fetched below: HTTP status (None: no answer), how many bytes, and their digest."""

    url: str
    status: int | None
    size: int = 0
    digest: str = ""

    @property
    def good(self) -> bool:
        return self.status == 200 and self.size > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    """One order below, from its create to its end.

    account    which of our clients ordered: "A", "B";  token: the words that its request holds
    units      what it would cost at the provider
    task_id    the gateway's own id, "" when it refused;  refusal: why, in its words, "" when it does not say
    refused_with  the body of a refusal, as text
    polls      what polls showed, oldest first;  callbacks: what the gateway called back
    shown_to   (how it was asked, HTTP status) for each time that another account was shown the order
    billed     in units, as the gateway's ledger has it at the end; None when nobody can say
    billed_again  how much more (or less) that was when the order was asked about once more
    """

    account: str
    token: str
    units: float
    at_ms: int
    answered_ms: int | None = None
    create_status: int | None = None
    task_id: str = ""
    refusal: str = ""
    refused_with: str = field(default="", repr=False)
    called: bool = False
    polls: tuple[Sight, ...] = ()
    callbacks: tuple[Sight, ...] = ()
    results: tuple[FetchedResult, ...] = ()
    shown_to: tuple[str, ...] = ()
    billed: float | None = None
    billed_again: float = 0.0

    @property
    def accepted(self) -> bool:
        return bool(self.task_id)

    @property
    def refused(self) -> str:
        """How it was refused: in the gateway's words, or what came in their place."""
        status = "no answer" if self.create_status is None else f"HTTP {self.create_status}"
        return self.refusal.strip() or status

    @property
    def end(self) -> Sight | None:
        """The first answer that told the end."""
        return next((sight for sight in self.polls if sight.final), None)

    @property
    def sights(self) -> tuple[Sight, ...]:
        return tuple(sorted((*self.polls, *self.callbacks), key=lambda one: one.at_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An order and what belongs to it upstream: one line of the ledger.

    trace: the exchanges, callbacks and tasks that are this order's;  family: its family below.
    """

    order: PlacedOrder
    trace: Trace
    family: TaskFamily = field(repr=False)

    @property
    def paid(self) -> tuple[JournalTask, ...]:
        """The tasks upstream that are charged."""
        return tuple(task for task in self.trace.tasks if not task.failed)

    @property
    def bought(self) -> float:
        """Units paid upstream."""
        return sum(task.units for task in self.paid)

    @property
    def delivered(self) -> bool:
        """Whether the client was told a success."""
        end = self.order.end
        return end is not None and end.told in self.family.lifecycle.succeeded

    @property
    def failed_upstream(self) -> bool:
        """Whether everything that was tried upstream for it failed or was refused, and nothing is paid."""
        tried = bool(self.trace.tasks) or any(
            e.verdict != "accepted" or e.status != 200 for e in self.trace.creates
        )
        return tried and not self.paid

    @property
    def lasting(self) -> bool:
        """Whether the gateway met trouble upstream that does not pass: it cannot know the end of the task."""
        return not self.trace.passing and any(e.fault and e.troubled for e in self.trace.exchanges)

    @property
    def ready_ms(self) -> int | None:
        """When a paid task upstream had ended; None when none had, by the end of the run."""
        ends = [task.ended_ms for task in self.paid if task.ended_ms is not None]
        done = [at for at in ends if at <= self.trace.duration_ms]
        return min(done, default=None)

    @property
    def end_upstream_ms(self) -> int | None:
        """When the last task upstream ended, whatever the end; None when none has."""
        ends = [task.ended_ms for task in self.trace.tasks if task.ended_ms is not None]
        return max((at for at in ends if at <= self.trace.duration_ms), default=None)

    @property
    def told_to_wait_ms(self) -> int:
        """For how long in all the provider told the gateway to stay away when the task had ended upstream."""
        end = self.end_upstream_ms or 0
        waits = ((e.at_ms, e.at_ms + (e.retry_after_ms or 0)) for e in self.trace.exchanges)
        return sum(max(0, until - max(began, end)) for began, until in waits)

    @property
    def told_reason(self) -> str:
        """Why it failed, in the gateway's words; "" when it did not, or nothing is said."""
        end = self.order.end
        return (self.order.refusal if end is None else str(self.family.reason_of(end.record) or "")).strip()

    @property
    def reason(self) -> str:
        """Why it failed upstream, in the provider's words; "" when it did not or nothing was said."""
        told = next((task.reason for task in self.trace.tasks if task.reason), "")
        return told or next((e.message for e in reversed(self.trace.creates) if e.message), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRun:
    """One scenario: its orders, line by line, and what is nobody's.

    stray       paid tasks upstream that belong to no order
    upstream    all of the provider's side;  deliveries: the provider's callbacks
    resultless  whether what is played succeeds without results, or with results that cannot be fetched
    calls_back  whether callbacks are expected of the gateway
    late_ms     how long after the end upstream the end may be told below
    price       units billed below for each unit bought; None: what the first run shows
    output      what the gateway printed
    sayings     what the gateway says of failed tasks -> the reasons upstream for which it does, in all runs
    """

    scenario: str
    lines: tuple[OrderLine, ...]
    upstream: Trace
    stray: tuple[JournalTask, ...] = ()
    deliveries: tuple[JournalDelivery, ...] = ()
    resultless: bool = False
    broken_links: bool = False
    calls_back: bool = True
    late_ms: int = 10_000
    price: float | None = None
    # digests of the results upstream, by task
    results: dict[str, tuple[str, ...]] = field(default_factory=dict)
    output: str = ""
    duration_ms: int = 0
    sayings: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def is_late(self, line: OrderLine, ms: int) -> bool:
        """Whether an end that is told so long after it came upstream is late; who was told to wait may."""
        return ms > self.late_ms + line.told_to_wait_ms
