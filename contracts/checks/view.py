"""One family's part of a conversation, arranged for judging: its tasks and all that was seen of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.failures import Inconclusive
from contracts.shapes import at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.target import Family, Target

GATEWAY = frozenset({502, 503, 504})
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Sighting:
    """A task record as it was seen: in the create answer, a poll, or a callback.

    `at` is when it reached us (milliseconds); `asked` when we asked, the same as `at` for a callback.
    """

    via: str
    asked: float
    at: float
    record: dict[str, Any]
    number: int

    @property
    def exchanges(self) -> tuple[int, ...]:
        return () if self.via == "callback" else (self.number,)

    @property
    def deliveries(self) -> tuple[int, ...]:
        return (self.number,) if self.via == "callback" else ()


@dataclass
class TaskTrace:
    """One accepted task: what was asked, and every sighting in the order of our clock."""

    label: str
    family: Family
    create: trace.Exchange
    body: Any
    id: str
    sightings: list[Sighting] = field(default_factory=list)
    downloads: list[trace.Exchange] = field(default_factory=list)

    def status(self, sighting: Sighting) -> Any:
        return at(sighting.record, self.family.task["status"])

    def get(self, sighting: Sighting, name: str) -> Any:
        """The record's value at the pointer that `x-task` names `name`."""
        return at(sighting.record, self.family.task[name])

    @property
    def asked(self) -> list[Sighting]:
        """What we asked for: the create answer and the polls."""
        return [s for s in self.sightings if s.via != "callback"]

    @property
    def callbacks(self) -> list[Sighting]:
        return [s for s in self.sightings if s.via == "callback"]

    @property
    def terminal(self) -> Sighting | None:
        """The first sighting by polling in a terminal state."""
        return next((s for s in self.asked if self.family.terminal(self.status(s))), None)

    @property
    def succeeded(self) -> Sighting | None:
        end = self.terminal
        return end if end is not None and self.status(end) in self.family.success else None

    @property
    def results(self) -> list[dict[str, Any]]:
        """The result items of a task that succeeded."""
        end = self.succeeded
        found = at(end.record, self.family.task["result"]["at"]) if end else None
        return [r for r in found if isinstance(r, dict)] if isinstance(found, list) else []

    @property
    def external_id(self) -> str:
        value = at(self.body, self.family.task["request"].get("external_id", ""))
        return value if isinstance(value, str) else ""


@dataclass
class View:
    """What a check reads. Exchanges that were repeated are left out, except by `every`."""

    target: Target
    family: Family
    conversation: trace.Conversation
    webhook_secrets: tuple[str, ...] = ()

    @cached_property
    def every(self) -> list[trace.Exchange]:
        return [e for e in self.conversation.exchanges if e.family == self.family.name]

    @cached_property
    def exchanges(self) -> list[trace.Exchange]:
        return [e for e in self.every if not e.superseded]

    def role(self, *roles: str) -> list[trace.Exchange]:
        return [e for e in self.exchanges if e.role in roles]

    def accepted(self, exchange: trace.Exchange) -> bool:
        return self.target.accepted(self.family, exchange.response)

    def unreadable(self, exchange: trace.Exchange) -> Inconclusive | None:
        """Why an exchange says nothing about the provider's promises, None when it does."""
        if exchange.response is None:
            return Inconclusive(f"no answer: {exchange.problem}", exchange.number)
        if exchange.role == trace.DOWNLOAD:
            return None
        content = trace.header(exchange.response.headers, "content-type").split(";")[0].strip().lower()
        if content and "json" not in content and exchange.response.json() is None:
            return Inconclusive(
                f"answered {content}, status {exchange.status}, which no provider promises: "
                "something in between may have answered",
                exchange.number,
            )
        if exchange.status in GATEWAY:
            return Inconclusive(
                f"answered {exchange.status}: the provider was not available", exchange.number
            )
        if exchange.status == TOO_MANY or self._account_trouble(exchange):
            return Inconclusive(self._said(exchange), exchange.number)
        return None

    def _account_trouble(self, exchange: trace.Exchange) -> bool:
        """Whether the answer is about the account (money, permission, policy), not about the request."""
        if exchange.role == trace.AUTH:
            return False
        body = exchange.response.json() if exchange.response else None
        code = body.get("code") if isinstance(body, dict) else None
        situation = self.target.situation_of(code) if code is not None else ""
        if not situation or self.target.refusals[situation].status != exchange.status:
            return False  # a code that its HTTP status belies says nothing about the account
        own = (
            *("account_", "authorization_"),
            "resource_pack",
            "no_permission",
            "platform",
            "content",
            "too_many",
        )
        return situation.startswith((*own, "ip_not", "unavailable", "timed_out"))

    def _said(self, exchange: trace.Exchange) -> str:
        body = exchange.response.json() if exchange.response else None
        message = body.get("message", "") if isinstance(body, dict) else ""
        return f"refused for another reason: {exchange.status} {str(message)[:120]}".rstrip()

    def readable(self, exchanges: Iterable[trace.Exchange]) -> Iterator[trace.Exchange | Inconclusive]:
        for exchange in exchanges:
            yield self.unreadable(exchange) or exchange

    @cached_property
    def tasks(self) -> list[TaskTrace]:
        """Every task that was accepted, wanted or not, in the order of creation."""
        found = {}
        for exchange in self.every:
            if exchange.role in trace.CREATES and self.accepted(exchange) and exchange.response:
                body = exchange.response.json()
                record = self.family.record(body) or {}
                task = TaskTrace(
                    exchange.task,
                    self.family,
                    exchange,
                    exchange.request.json(),
                    str(at(record, self.family.task["id"])),
                )
                task.sightings.append(
                    Sighting("create", exchange.started, exchange.ended, record, exchange.number)
                )
                if exchange.task:
                    found[exchange.task] = task
        self._sightings(found)
        return list(found.values())

    def _sightings(self, tasks: dict[str, TaskTrace]) -> None:
        for exchange in self.exchanges:
            task = tasks.get(exchange.task)
            if task is None or exchange.response is None:
                continue
            if exchange.role == trace.DOWNLOAD:
                task.downloads.append(exchange)
            elif exchange.role in (trace.POLL, trace.BY_EXTERNAL_ID):
                record = self.family.record(exchange.response.json())
                if record is not None and not self.unreadable(exchange):
                    sighting = Sighting(
                        exchange.role, exchange.started, exchange.ended, record, exchange.number
                    )
                    task.sightings.append(sighting)
        by_id = {t.id: t for t in tasks.values()}
        for delivery in self.deliveries:
            record = delivery.json()
            # A repeated create that was taken has a task of its own and the same callback URL.
            named = at(record, self.family.task["id"]) if isinstance(record, dict) else None
            task = by_id.get(str(named)) or tasks.get(delivery.task)
            if task is not None and isinstance(record, dict):
                at_ms = delivery.received
                task.sightings.append(Sighting("callback", at_ms, at_ms, record, delivery.number))
        for task in tasks.values():
            task.sightings.sort(key=lambda s: (s.at, s.number))

    @cached_property
    def deliveries(self) -> list[trace.Delivery]:
        return [d for d in self.conversation.deliveries if d.family == self.family.name]

    @cached_property
    def followed(self) -> list[TaskTrace]:
        """The tasks that were polled to their end, or until our patience ended."""
        return [t for t in self.tasks if any(s.via == trace.POLL for s in t.sightings)]

    @cached_property
    def unfinished(self) -> list[TaskTrace]:
        return [t for t in self.followed if t.terminal is None]
