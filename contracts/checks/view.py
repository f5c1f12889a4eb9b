"""One family's part of a conversation, arranged for judging: its tasks and all that was seen of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from understudy.contracts import trace
from understudy.contracts.checks.older import chosen, lists_one_kind
from understudy.contracts.failures import Inconclusive
from understudy.contracts.strategies.values import CALLBACK
from understudy.specs.behaviour import SituationKind
from understudy.specs.behaviour.told_apart import apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily

GATEWAY = frozenset({502, 503, 504})
TOO_MANY = 429
REDIRECTS = range(300, 400)
ABOUT_THE_ACCOUNT = (SituationKind.ACCOUNT, SituationKind.PACE, SituationKind.POLICY)


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
    family: TargetFamily
    create: trace.Exchange
    body: Any
    id: str
    sightings: list[Sighting] = field(default_factory=list)
    downloads: list[trace.Exchange] = field(default_factory=list)
    # The second requests, where results are not in the record.
    fetches: list[trace.Exchange] = field(default_factory=list)
    # Another task has the same id: what is said of it may be about the other one, and says nothing.
    confused: bool = False
    # It was there before the run: `create` is the list that showed it, and what it was asked for is unknown.
    older: bool = False

    def status(self, sighting: Sighting) -> Any:
        """The status as it was seen; what is neither text nor number, as text: it is compared and counted."""
        value = self.family.get(sighting.record, "status")
        return value if isinstance(value, str | int | float | None) else repr(value)

    def get(self, sighting: Sighting, name: str) -> Any:
        """The record's value at the pointer that `x-task` names `name`."""
        return self.family.get(sighting.record, name)

    @property
    def asked(self) -> list[Sighting]:
        """What we asked for: the create answer and the polls."""
        return [s for s in self.sightings if s.via != "callback"]

    @property
    def callbacks(self) -> list[Sighting]:
        return [s for s in self.sightings if s.via == "callback"]

    @cached_property
    def terminal(self) -> Sighting | None:
        """The first sighting of the whole record in a terminal state we asked for, when all are there."""
        whole = (s for s in self.asked if s.via != "create" or self.family.behaviour.creates_records)
        return next((s for s in whole if self.family.terminal(self.status(s))), None)

    @property
    def succeeded(self) -> Sighting | None:
        end = self.terminal
        return end if end is not None and self.status(end) in self.family.success else None

    @property
    def results(self) -> list[dict[str, Any]]:
        """The result items of a task that succeeded."""
        end, behaviour = self.succeeded, self.family.behaviour
        reply = behaviour.results_reply
        if end is None or reply is None:
            return behaviour.items_of(end.record) if end else []
        if reply.bytes or reply.redirect:
            return [{"url": one.request.place} for one in self.downloads[:1]]
        answers = [one.response for one in self.fetches if one.response is not None]
        return behaviour.fetched_items(answers[0].json()) if answers else []

    @property
    def called_back(self) -> bool:
        """Whether the create named a callback URL: in its body, its query string or a header."""
        if self.family.behaviour.asked("callback_url", self.body):
            return True
        place, name = self.family.callback_outside or ("", "")
        request = self.create.request
        if place == "query":
            return bool(parse_qs(urlsplit(request.url).query).get(name))
        return place == "header" and bool(trace.header(request.headers, name))

    def replays(self, others: Iterable[TaskTrace]) -> bool:
        """Whether this is the answer to a create sent again, and the task is the one that was there."""
        return self.create.role == trace.REPEAT and any(
            o.id == self.id and o is not self and o.external_id == self.external_id for o in others
        )

    @property
    def external_id(self) -> str:
        if self.older:
            told = [self.get(s, "external_id") for s in self.sightings]
            return next((one for one in told if isinstance(one, str) and one), "")
        value = self.family.behaviour.asked("external_id", self.body)
        return value if isinstance(value, str) else ""


def tells_its_kind(task: TaskTrace) -> bool:
    """Whether it is known what a task makes: of an older one, where a list has one kind alone."""
    return not task.older or lists_one_kind(task.family)


@dataclass
class TaskView:
    """What a check reads. Exchanges that were repeated are left out, except by `every`."""

    target: Target
    family: TargetFamily
    conversation: trace.Conversation
    webhook_secrets: tuple[str, ...] = ()
    # Exchange number -> what `unreadable` says of it: some forty checks ask about each.
    _unreadable: dict[int, Inconclusive | None] = field(default_factory=dict, repr=False)
    # The same of `taken`, about which those of refusals ask.
    _taken: dict[int, bool] = field(default_factory=dict, repr=False)

    @cached_property
    def every(self) -> list[trace.Exchange]:
        return [e for e in self.conversation.exchanges if e.family == self.family.name]

    @cached_property
    def exchanges(self) -> list[trace.Exchange]:
        return [e for e in self.every if not e.superseded]

    def of(self, name: str) -> TaskView:
        """The same conversation as another family sees it."""
        return TaskView(self.target, self.target.family(name), self.conversation, self.webhook_secrets)

    def role(self, *roles: str) -> list[trace.Exchange]:
        return [e for e in self.exchanges if e.role in roles]

    def silent(self, exchange: trace.Exchange) -> bool:
        """Whether an exchange is about an operation that no page of the provider describes."""
        path, create = exchange.request.url.partition("?")[0], apart(self.family.create_path)[0]
        if exchange.request.method == self.family.create_method and path.endswith(create):
            return False
        return ("list" if path.endswith(self.family.list_path) else "query") in self.family.silent

    def accepted(self, exchange: trace.Exchange) -> bool:
        return self.target.accepted(self.family, exchange.response)

    def taken(self, exchange: trace.Exchange) -> bool:
        """Whether the provider did what it was asked: a record or a list came back."""
        if exchange.number not in self._taken:
            self._taken[exchange.number] = self._hands_over(exchange)
        return self._taken[exchange.number]

    def _hands_over(self, exchange: trace.Exchange) -> bool:
        body = exchange.response.json() if exchange.response else None
        if exchange.response is None or self.target.is_error(body) or exchange.status >= 400:
            return False
        return self.family.record(body) is not None or self.family.records(body) is not None

    def says_success(self, exchange: trace.Exchange) -> bool:
        """Whether an answer that hands nothing over says that all went well: 2xx and a success's code."""
        if exchange.response is None or not 200 <= exchange.status < 300:
            return False
        code = self.target.refusals.code_in(exchange.response.json())
        return code is not None and str(code) == str(self.target.refusals.success_code)

    def unreadable(self, exchange: trace.Exchange) -> Inconclusive | None:
        """Why an exchange says nothing about the provider's promises, None when it does."""
        if exchange.number not in self._unreadable:
            self._unreadable[exchange.number] = self._why_unreadable(exchange)
        return self._unreadable[exchange.number]

    def _why_unreadable(self, exchange: trace.Exchange) -> Inconclusive | None:
        if exchange.response is None:
            return Inconclusive(f"no answer: {exchange.problem}", exchange.number)
        if exchange.role in trace.FILES or self.family.without_json(exchange):
            return None
        content = trace.header(exchange.response.headers, "content-type").split(";")[0].strip().lower()
        if exchange.status in REDIRECTS:
            return None  # no API of this kind redirects: whatever asked for it says so
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
        found = self.target.recognised(exchange.response)
        return bool(found) and all(one.kind in ABOUT_THE_ACCOUNT or one.status in GATEWAY for one in found)

    def _said(self, exchange: trace.Exchange) -> str:
        body = exchange.response.json() if exchange.response else None
        message = body.get("message", "") if isinstance(body, dict) else ""
        return f"refused for another reason: {exchange.status} {str(message)[:120]}".rstrip()

    def readable(self, exchanges: Iterable[trace.Exchange]) -> Iterator[trace.Exchange | Inconclusive]:
        for exchange in exchanges:
            yield self.unreadable(exchange) or exchange

    def found_before(self, exchange: trace.Exchange) -> bool:
        """Whether an earlier query, by the same kind of id, had found the task at its end."""
        return exchange.number > min(self._found.get((exchange.task, exchange.role), [exchange.number]))

    def found_later(self, exchange: trace.Exchange) -> bool:
        """Whether a later query, by the same kind of id, found the task at its end."""
        return exchange.number < max(self._found.get((exchange.task, exchange.role), [exchange.number]))

    @cached_property
    def _found(self) -> dict[tuple[str, str], list[int]]:
        """Task's label and role of a query -> the exchanges that found the task so, at its end."""
        found: dict[tuple[str, str], list[int]] = {}
        ids = {task.label: task.id for task in self.known}
        for exchange in self.role(trace.POLL, trace.BY_EXTERNAL_ID):
            record = self.family.record_of(exchange)
            ended = record is not None and self.family.terminal(self.family.get(record, "status"))
            if ended and self.family.id_of(record) == ids.get(exchange.task):
                found.setdefault((exchange.task, exchange.role), []).append(exchange.number)
        return found

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
                    self.family.id_of(record),
                )
                task.sightings.append(
                    Sighting("create", exchange.started, exchange.ended, record, exchange.number)
                )
                if exchange.task:
                    found[exchange.task] = task
        for label in [name for name, t in found.items() if t.replays(found.values())]:
            del found[label]  # a second create answered with the first one's task: external-id-is-unique
        ids = Counter(t.id for t in found.values())
        for task in found.values():
            task.confused = ids[task.id] > 1
        self._sightings(found)
        return list(found.values())

    @cached_property
    def older(self) -> list[TaskTrace]:
        """Tasks that were there before the run, and what was seen of them since a list showed them."""
        found = {}
        for exchange in self.role(trace.LIST):
            if exchange.case.get("purpose") == trace.OLDER:
                for label, record in chosen(self.family, exchange).items():
                    name = self.family.id_of(record)
                    found[label] = TaskTrace(label, self.family, exchange, None, name, older=True)
        self._sightings(found)
        return list(found.values())

    @cached_property
    def known(self) -> list[TaskTrace]:
        """The tasks of this run and those that were there before it."""
        return [*self.tasks, *self.older]

    def _sightings(self, tasks: dict[str, TaskTrace]) -> None:
        for exchange in self.exchanges:
            task = tasks.get(exchange.task)
            if task is None or task.confused:
                continue
            if exchange.role == trace.DOWNLOAD:
                task.downloads.append(exchange)
            elif exchange.role == trace.RESULTS:
                task.fetches.append(exchange)
            elif exchange.response is None:
                continue
            elif exchange.role in (trace.POLL, trace.BY_EXTERNAL_ID):
                record = self.family.record_of(exchange)
                # Another task's record says nothing about this one: query-by-... is what it breaks.
                own = record is not None and self.family.id_of(record) == task.id
                if record is not None and own and not self.unreadable(exchange):
                    sighting = Sighting(
                        exchange.role, exchange.started, exchange.ended, record, exchange.number
                    )
                    task.sightings.append(sighting)
        by_id = {t.id: t for t in tasks.values()}
        for delivery in self.deliveries:
            record = self.family.called_back(delivery.json())
            # A repeated create that was taken has a task of its own and the same callback URL.
            named = self.family.id_of(record)
            task = by_id.get(named) or (None if named in self.every_id else tasks.get(delivery.task))
            if task is not None and not task.confused and isinstance(record, dict):
                at_ms = delivery.received
                task.sightings.append(Sighting("callback", at_ms, at_ms, record, delivery.number))
        for task in tasks.values():
            task.sightings.sort(key=lambda s: (s.at, s.number))

    @cached_property
    def refused_alone(self) -> set[str]:
        """The values, by name, of creates that tried nothing else and were refused."""
        found = set()
        for exchange in self.role(trace.CREATE):
            chosen = [c for c in exchange.case.get("choices", ()) if c["kind"] != CALLBACK]
            if len(chosen) == 1 and not self.unreadable(exchange) and not self.accepted(exchange):
                found.add(str(chosen[0]["goal"]))
        return found

    @cached_property
    def every_id(self) -> dict[str, str]:
        """Id of every task that was accepted, of any family -> its label."""
        found: dict[str, str] = {}
        for exchange in self.conversation.exchanges:
            if exchange.role in trace.CREATES and exchange.family and exchange.response:
                family = self.target.family(exchange.family)
                if self.target.accepted(family, exchange.response):
                    found.setdefault(family.id_of(family.record_of(exchange)), exchange.task)
        return found

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
