"""Asks for what some APIs offer beside create, query and list: results of their own, cancelling, deleting,
events, several tasks at once, waiting creates, repeated keys. `contracts.checks.operations` judges them.

Tasks are bought for it only where a description says that there is something to ask; they are kept apart from
those that are followed, because they are stopped before their end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from understudy.contracts import trace
from understudy.contracts.budget import ZERO
from understudy.contracts.calls import Call, call_of, several_call
from understudy.contracts.checks import operations as offered
from understudy.contracts.checks.offered import stopping
from understudy.contracts.checks.table import PROMISES
from understudy.contracts.checks.told import HEADERS
from understudy.contracts.checks.view import TaskView
from understudy.contracts.runner.free import refuse
from understudy.contracts.skips import Skip, SkipKind
from understudy.contracts.strategies.refusals import INVALID
from understudy.contracts.strategies.values import bare
from understudy.specs.behaviour.told_apart import with_query
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from decimal import Decimal

    from understudy.contracts.budget import Budget
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.recording import Recording
    from understudy.contracts.target_family import TargetFamily
    from understudy.specs.behaviour.axes import Axes

# Seconds: the longest that a create is asked to wait, and what an answer may take beyond it.
LONGEST_WAIT, BEYOND = 60, 30.0
# Seconds that a stopped task gets until it shows it, and between two looks.
STOPS_WITHIN, LOOK = 6.0, 0.2

# The promises that a bought task shows, by the step that buys it.
BOUGHT = {
    "stopped": (offered.CANCEL, offered.RESULTS_EARLY),
    "streamed": (offered.STREAM,),
    "repeated": (offered.WAIT, offered.SAME_KEY),
}


def _made(name: str, axes: Axes) -> bool:
    """Whether an API with these axes makes a promise."""
    rule = PROMISES[name].offered
    return rule is not None and rule(axes)


def steps(family: TargetFamily, promises: Collection[str]) -> list[str]:
    """The steps of BOUGHT that a family has something to show for."""
    axes = family.behaviour.axes
    if axes is None:
        return []
    return [
        step
        for step, names in BOUGHT.items()
        if any(name in promises and _made(name, axes) for name in names)
    ]


def units_for(families: Iterable[TargetFamily], promises: Collection[str]) -> Decimal:
    """The units that the tasks of all steps cost; where the same create may be a second task, both."""
    return sum((family.cost({}) * _creates(family, promises) for family in families), ZERO)


def tasks_for(families: Iterable[TargetFamily], promises: Collection[str]) -> int:
    """How many tasks are bought for all steps, at most."""
    return sum(_creates(family, promises) for family in families)


def _creates(family: TargetFamily, promises: Collection[str]) -> int:
    found = steps(family, promises)
    axes = family.behaviour.axes
    twice = axes is not None and axes.service.idempotency is not None and offered.SAME_KEY in promises
    return len(found) + (1 if twice and "repeated" in found else 0)


async def without_headers(asks: Asking, pays: Budget) -> None:
    """Creates that lack a header which requests must carry: each must be refused."""
    for family in asks.families if asks.wants(HEADERS) else ():
        axes = family.behaviour.axes
        names = {**axes.service.headers, **axes.create.headers} if axes is not None else {}
        for name in names:
            case = {
                "aim": f"without the header {name}",
                "about": HEADERS,
                "situations": list(INVALID),
            }
            data = json.dumps(bare(family, asks.options.image)).encode()
            await refuse(asks, pays, family, data, family.cost({}), case, without=(name,))


async def offered_operations(asks: Asking, pays: Budget, records: Recording) -> None:
    """Ask each family for all that it offers beside; ended tasks are asked about last, and then deleted."""
    for family in asks.families:
        axes = family.behaviour.axes
        if axes is None:
            continue
        asked = Offered(asks, pays, records, family, axes)
        wanted = steps(family, asks.promises)
        await asks.each(getattr(asked, step) for step in wanted)
        await asked.ended()


@dataclass
class Offered:
    """What one family offers, asked for."""

    asks: Asking
    pays: Budget
    records: Recording
    family: TargetFamily
    axes: Axes

    # --- on tasks that are bought for it

    async def stopped(self) -> None:
        """A new task: its results before there are any, then cancelled, then looked at until it shows it."""
        made = await self._buy("stopped")
        name = self._id(made)
        if not name:
            return
        early = self.family.results_call(name)
        if early is not None and self.asks.wants(offered.RESULTS_EARLY):
            await self._ask(early, offered.RESULTS_EARLY, name, "results before the end")
            await self._look(offered.RESULTS_EARLY, name, "after")
        rule = stopping(self.axes)
        if rule is None or not self.asks.wants(offered.CANCEL):
            return
        await self._look(offered.CANCEL, name, "before")
        await self._ask(call_of(rule.call, name), offered.CANCEL, name, "cancelled")
        lifecycle = self.family.behaviour.lifecycle
        until = self.asks.client.now() + min(STOPS_WITHIN, self.asks.time_left())
        while True:
            seen = await self._look(offered.CANCEL, name, "after")
            record = self.family.record_of(seen)
            over = record is None or lifecycle.is_terminal(self.family.get(record, "status"))
            if over or self.asks.client.now() >= until:
                return
            await self.asks.client.sleep(LOOK)

    async def streamed(self) -> None:
        """A new task, and the events that tell its states to the end."""
        made = await self._buy("streamed")
        name, rule = self._id(made), self.axes.stream
        if not name or rule is None:
            return
        call = call_of(rule.call, name)
        within = max(1.0, self.asks.time_left())
        await self._ask(call, offered.STREAM, name, "its events", within=within)

    async def repeated(self) -> None:
        """A create that may wait for the end, with a key; and the same again."""
        rule, wait = self.axes.service.idempotency, self.axes.create.wait
        headers: list[tuple[str, str]] = []
        about, seconds = "", 0
        if wait is not None and self.asks.wants(offered.WAIT):
            seconds = max(1, min(wait.most_ms // 1000, LONGEST_WAIT, int(self.asks.time_left())))
            headers, about = [(wait.header, f"wait={seconds}")], offered.WAIT
        key = self.asks.fresh("key")
        twice = rule is not None and self.asks.wants(offered.SAME_KEY)
        if rule is not None and twice and rule.header:
            headers.append((rule.header, key))
        field = rule.path if rule is not None and twice and rule.path else None
        first = await self._buy("repeated", headers, {"about": about, "seconds": seconds}, (field, key))
        if first is not None and twice:
            case = {
                "about": offered.SAME_KEY,
                "aim": "the same create with the same key",
                "first": first.number,
            }
            await self._buy("repeated", headers[-1:] if rule and rule.header else [], case, (field, key))

    # --- on tasks that have ended

    async def ended(self) -> None:
        view = TaskView(self.asks.target, self.family, self.records.conversation)
        tasks = [t for t in view.followed if t.terminal is not None]
        if not tasks:
            return
        if self.axes.batch is not None and self.asks.wants(offered.SEVERAL):
            names = [t.id for t in tasks[:2]]
            await self._ask(
                several_call(self.axes.batch, names), offered.SEVERAL, "", "several at once", names=names
            )
        done = next((t for t in tasks if t.succeeded is not None), None)
        results = self.axes.results
        if (
            done is not None
            and results is not None
            and results.variants
            and self.asks.wants(offered.VARIANTS)
        ):
            for variant in results.variants:
                await self._variant(call_of(results.call, done.id), results.variant, variant, done.id)
        last = tasks[-1]
        cancel = self.axes.cancel
        if cancel is not None and self.asks.wants(offered.CANCEL_LATE):
            await self._ask(
                call_of(cancel.call, last.id), offered.CANCEL_LATE, last.id, "cancelled after its end"
            )
            await self._look(offered.CANCEL_LATE, last.id, "after")
        delete = self.axes.delete
        if delete is not None and delete.removes and self.asks.wants(offered.DELETE):
            await self._ask(call_of(delete.call, last.id), offered.DELETE, last.id, "deleted")
            await self._look(offered.DELETE, last.id, "after")

    async def _variant(self, call: Call, parameter: str, variant: str, name: str) -> None:
        path = with_query(call.path, urlencode({parameter: variant}))
        await self._ask(replace(call, path=path), offered.VARIANTS, name, f"its {variant}", variant=variant)

    # --- requests

    async def _buy(
        self,
        step: str,
        headers: Iterable[tuple[str, str]] = (),
        about: dict[str, Any] | None = None,
        given: tuple[Any, str] = (None, ""),
    ) -> trace.Exchange | None:
        """A create of which no task is followed; None where the budget does not buy it. `given`: a place in
        the body and the value there."""
        family, pays = self.family, self.pays
        body = bare(family, self.asks.options.image)
        if given[0]:
            put(body, *given)
        units = family.cost(body)
        if not pays.reserve(units):
            needs = pays.spent + pays.reserved + units_for([family], self.asks.promises)
            for name in BOUGHT[step]:
                if _made(name, self.axes):
                    skip = Skip(SkipKind.NOT_AFFORDED, pays.units, needs)
                    self.records.conversation.skipped.setdefault((family.name, name), skip)
            return None
        taken = True
        try:
            case = {"aim": "a task to stop or to watch", **(about or {})}
            within = float(case.get("seconds", 0)) + BEYOND if case.get("seconds") else None
            exchange = await self.asks.post(
                family, trace.OPERATED, json.dumps(body).encode(), task=self.asks.fresh(step), case=case,
                headers=tuple(headers), within=within,
            )  # fmt: skip
            taken = self.asks.target.may_have_taken(family, exchange)
            if case.get("first") is not None:
                taken = taken and self._id(exchange) != self._id(self._exchange(case["first"]))
        finally:
            pays.settle(units, accepted=taken)
        return exchange

    def _exchange(self, number: int) -> trace.Exchange:
        return self.records.conversation.exchanges[number]

    def _id(self, made: trace.Exchange | None) -> str:
        """The id of a task that was bought, "" where there is none."""
        if made is None or not self.asks.target.accepted(self.family, made.response):
            return ""
        return self.family.id_of(self.family.record_of(made))

    async def _ask(self, call: Call, about: str, name: str, aim: str, **more: Any) -> trace.Exchange:
        within = more.pop("within", None)
        case = {"about": about, "step": "asked", "aim": aim, "id": name, **more}
        return await self.asks.call(self.family, call, trace.OPERATION, case=case, within=within)

    async def _look(self, about: str, name: str, step: str) -> trace.Exchange:
        case = {"about": about, "step": step, "aim": f"the task, {step}", "id": name}
        return await self.asks.call(self.family, self.family.query(name), trace.OPERATION, case=case)
