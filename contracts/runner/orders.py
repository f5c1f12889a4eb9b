"""Orders tasks: sends one create, as far as the money goes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.runner.free import refuse
from understudy.contracts.strategies import values
from understudy.contracts.strategies.covering import PlannedKind
from understudy.contracts.strategies.refusals import INVALID, MISSING
from understudy.contracts.strategies.values import bare
from understudy.specs.behaviour import SituationKind
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.contracts.budget import Budget
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.recording import Recording
    from understudy.contracts.strategies.covering import Planned
    from understudy.contracts.target_family import TargetFamily

NOT_THE_REQUEST = (SituationKind.ACCOUNT, SituationKind.PACE, SituationKind.SERVER)


@dataclass
class Orders:
    """`raced`: families for which two creates were sent at once already."""

    asks: Asking
    pays: Budget
    records: Recording
    raced: set[str] = field(default_factory=set)

    async def order(self, planned: Planned) -> tuple[trace.Exchange | None, Planned]:
        """Send one create, with a single result where the account has no room for more; and what was sent."""
        target = self.asks.target
        family = target.family(planned.family)
        exchange = await self._first(family, planned)
        count, place = family.count(planned.body), family.behaviour.result.count.path
        if exchange is None or count < 2 or not place or not target.crowded(exchange.response):
            return exchange, planned
        self._change(exchange, superseded=True)
        self.records.note(f"the account has no room for {count} results at once: one was asked for")
        body = json.loads(json.dumps(planned.body))
        put(body, place, 1)
        smaller = replace(planned, label=f"{planned.label}/one", body=body, cost=family.cost(body))
        return await self.create(smaller), smaller

    async def _first(self, family: TargetFamily, planned: Planned) -> trace.Exchange | None:
        """The create, in the way that shows most about its external id."""
        look = next((str(c.value) for c in planned.choices if c.kind == values.IDENTIFIER), "")
        if not look:
            return await self.create(planned)
        if planned.kind is PlannedKind.RICH and self.asks.wants("refused-create-keeps-id-free"):
            return await self._after_refusal(family, planned, self.asks.looking(look))
        if self.asks.wants("external-id-is-unique") and family.name not in self.raced:
            self.raced.add(family.name)
            return await self._race(family, planned, self.asks.looking(look))
        return await self.create(planned)

    async def _after_refusal(
        self, family: TargetFamily, planned: Planned, name: str
    ) -> trace.Exchange | None:
        """Name an external id in a create that must be refused, and then in one that must not."""
        body = bare(family)
        for field_name in family.request.get("required", ())[:1]:
            body.pop(field_name, None)
        put(body, family.sent["external_id"], name)
        if family.request_shape.takes(body):
            return await self.create(planned, name)
        data = json.dumps(body, ensure_ascii=False).encode()
        case = {
            "aim": "without a required field", "promise": MISSING, "pointer": "", "keyword": "required",
            "situations": list(INVALID),
        }  # fmt: skip
        bad = await refuse(self.asks, self.pays, family, data, family.cost(body), case)
        if bad is None or bad.response is None or self.asks.target.may_have_taken(family, bad):
            return await self.create(planned)
        first = await self.create(planned, name, {"named_before": bad.number})
        target = self.asks.target
        if first is None or first.response is None or target.may_have_taken(family, first):
            return first
        if target.recognised(first.response) and target.of_kind(first.response, *NOT_THE_REQUEST):
            return first
        second = await self.create(planned)
        if second is not None and target.accepted(family, second.response):
            self._change(first, role=trace.USED_UP)
        elif second is not None:
            self._change(first, superseded=True)
        return second

    async def _race(self, family: TargetFamily, planned: Planned, name: str) -> trace.Exchange | None:
        """Send a create twice at once, with one external id: one of the two must be refused."""
        twin = replace(planned, label=f"{planned.label}/twin")
        if not self.pays.affords(planned.cost * 2):
            return await self.create(planned, name)
        first, second = await asyncio.gather(self.create(planned, name), self.create(twin, name))
        if first is None or second is None:
            return first or second
        taken = [e for e in (first, second) if self.asks.target.accepted(family, e.response)]
        main = taken[0] if taken else first
        other = second if main is first else first
        pace = self.asks.target.of_kind(other.response, *NOT_THE_REQUEST) or other.response is None
        if not taken or pace:
            self._change(other, superseded=True)
        else:
            case = {**other.case, "aim": "a second create at the same instant, with one external id"}
            case |= {"situations": ["duplicate_external_id", "invalid_parameter"], "choices": []}
            self._change(other, role=trace.REPEAT, case=case)
        return main

    def _change(self, exchange: trace.Exchange, **changes: Any) -> None:
        exchanges = self.records.conversation.exchanges
        exchanges[exchange.number] = replace(exchanges[exchange.number], **changes)

    async def create(
        self, planned: Planned, external: str = "", about: Mapping[str, Any] | None = None
    ) -> trace.Exchange | None:
        """Send one create; None when the budget does not allow it any more.

        `external`: its external id in place of a fresh one; `about` is added to its case.
        """
        if not self.pays.reserve(planned.cost):
            self.records.unbought.append(planned)
            return None
        target = self.asks.target
        family = target.family(planned.family)
        body = self.asks.body(family, planned, external)
        case = {
            "aim": planned.aim,
            "choices": [{"goal": c.goal, "kind": c.kind, "pointer": c.pointer} for c in planned.choices],
            **(about or {}),
        }
        accepted = True  # whatever goes wrong while sending, the task may exist and cost money
        try:
            data = json.dumps(body, ensure_ascii=False).encode()
            called = self.asks.called_at(family, planned)
            exchange = await self.asks.post(family, planned.role, data, called, task=planned.label, case=case)
            accepted = target.may_have_taken(family, exchange)
            if accepted and not target.accepted(family, exchange.response):
                self.pays.unsure.append(planned.cost)
        finally:
            self.pays.settle(planned.cost, accepted=accepted)
        return exchange
