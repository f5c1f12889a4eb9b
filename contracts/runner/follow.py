"""Follows a task to its end: polls, external id, results, a repeated create, another account."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.calls import Call
from understudy.contracts.checks.results import fetchable
from understudy.contracts.checks.table import PROMISES
from understudy.contracts.client import OTHER, Outgoing, retry_after
from understudy.contracts.paging import paging_of
from understudy.contracts.runner.free import UNKNOWN
from understudy.contracts.skips import Skip, SkipKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.contracts.budget import Budget
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.recording import Recording
    from understudy.contracts.target_family import TargetFamily

# Polls slow down while nothing changes, up to this many times the pace.
SLOWEST = 5.0
SLOWER = 1.15
MOST_DOWNLOADS = 9
MOST_UNKNOWN = 8
# Tasks of a family that are looked at more closely, and queries sent at once for each.
MOST_BURSTS, BURST, MOST_OTHERS = 3, 3, 2
# Queries in a row when a status is new.
AT_ONCE = 2
# Seconds, and multiples of the slowest task's time, after which a task is given up.
FLOOR_NEAR, FLOOR_FAR, LONGEST_NEAR = 6.0, 150.0, 120.0
OWN_TIMES, OTHERS_TIMES = 4.0, 8.0
# A machine that is busy lets time pass without a poll: so many there are before a task is given up.
FEWEST_POLLS = 12


@dataclass
class Following:
    """Of a family: `slowest`: seconds of the slowest task that ended; how many have `begun`, were `watched`
    when their status changed, and have ended and were `looked` at.
    """

    asks: Asking
    pays: Budget
    records: Recording
    slowest: dict[str, float] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    watched: dict[str, int] = field(default_factory=dict)

    async def follow(self, family: TargetFamily, created: trace.Exchange) -> None:
        """Poll a task until it ends or the time is over, and look at everything that it promised."""
        asks = self.asks
        name, label = family.id_of(family.record_of(created)), created.task
        self.records.started += 1
        external = family.behaviour.asked("external_id", created.request.json()) or ""
        await self.repeat(family, created)
        begun = self.begun.get(family.name, 0)
        self.begun[family.name] = begun + 1
        paging = paging_of(family)
        if not begun and paging is not None and asks.wants("list-limits-accepted"):
            case = {"purpose": "running", "aim": "the list while a task runs"}
            await asks.listing(family, paging.first(paging.usual), case=case)
        if external and begun < MOST_BURSTS and asks.wants("query-by-external-id"):
            case = {"aim": "a task that has just begun"}
            await asks.query(family, str(external), trace.BY_EXTERNAL_ID, task=label, case=case)
        ended = await self._poll(family, name, label)
        self.records.ended += 1
        if external:
            await asks.query(family, str(external), trace.BY_EXTERNAL_ID, task=label)
        if ended is None:
            return
        await self.look(family, ended, (name, str(external)), label)
        await asks.client.sleep(min(asks.options.pace, 1.0))
        await asks.query(family, name, trace.POLL, task=label)

    async def look(
        self,
        family: TargetFamily,
        ended: dict[str, Any],
        ids: tuple[str, str],
        label: str,
        *,
        results: bool = True,
    ) -> None:
        """Look at a task that has ended, by its id and its external id: its results, and who may see it."""
        asks, name = self.asks, ids[0]
        looked = self.looked.get(family.name, 0)
        self.looked[family.name] = looked + 1
        if looked < MOST_BURSTS and asks.wants("polls-of-one-instant-agree"):
            case = {"purpose": "burst", "aim": "three queries at once"}
            await asyncio.gather(
                *(asks.query(family, name, trace.POLL, task=label, case=case) for _ in range(BURST))
            )
        if results:
            await self._download(family, ended, label)
        if looked < MOST_BURSTS and asks.wants("families-are-apart"):
            await self._other_families(family, ids, label)
        if self.records.conversation.other_account and asks.wants("other-account-cannot-query"):
            for one in filter(None, ids):
                about = {"aim": "another account's task", "situations": list(UNKNOWN)}
                await asks.query(family, one, trace.OTHER_QUERY, account=OTHER, task=label, case=about)

    async def ended(self, family: TargetFamily, created: trace.Exchange) -> dict[str, Any] | None:
        """The record of a task at its end, None when it does not end in time."""
        self.records.started += 1
        ended = await self._poll(family, family.id_of(family.record_of(created)), created.task)
        self.records.ended += 1
        return ended

    async def _other_families(self, family: TargetFamily, names: Iterable[str], label: str) -> None:
        others = [f for f in self.asks.target.families if f.name != family.name and f.documented]
        others = [f for f in others if f.query_path != family.query_path]
        for other in others[:MOST_OTHERS]:
            aim = {"aim": "a task of another family", "other": other.name}
            about: dict[str, Any] = {**aim, "situations": list(UNKNOWN)}
            for name in filter(None, names):
                await self.asks.call(family, other.query(name), trace.OTHER_FAMILY, task=label, case=about)

    async def _poll(self, family: TargetFamily, name: str, label: str) -> dict[str, Any] | None:
        """The record at the task's end, or None when the time was over. Slows down while nothing changes."""
        asks = self.asks
        pause, last, unknown, begun = asks.options.pace, None, 0, asks.client.now()
        for polls in itertools.count(1):
            exchange = await asks.query(family, name, trace.POLL, task=label)
            record = family.record_of(exchange)
            status = family.get(record, "status")
            waited = asks.client.now() - begun
            if record is not None and family.terminal(status):
                self.slowest[family.name] = max(waited, self.slowest.get(family.name, 0.0))
                return record
            if record is not None and status not in (last, family.behaviour.lifecycle.initial):
                await self._at_once(family, name, label)
            if waited > self._patience(family) and polls >= FEWEST_POLLS:
                return None
            # A state that no document names may be the end, under another name.
            unknown = unknown + 1 if status == last and status not in family.states else 0
            pause = asks.options.pace if status != last else min(pause * SLOWER, asks.options.pace * SLOWEST)
            last = status
            asked = retry_after(exchange.response) if exchange.response else 0.0
            wait = max(pause, asked)
            lost = record is None and self._lost(label)
            if wait > asks.time_left() or unknown >= MOST_UNKNOWN or lost:
                return None
            await asks.client.sleep(wait)
        return None

    async def _at_once(self, family: TargetFamily, name: str, label: str) -> None:
        """Ask again at once where a status was new: by the pace alone it may be over before a third query."""
        watched = self.watched.get(family.name, 0)
        if watched >= MOST_BURSTS or not self.asks.wants("status-moves-forward"):
            return
        self.watched[family.name] = watched + 1
        for _ in range(AT_ONCE):
            case = {"aim": "right after a change"}
            await self.asks.query(family, name, trace.POLL, task=label, case=case)

    def _patience(self, family: TargetFamily) -> float:
        """Seconds that a task gets: a multiple of the slowest that ended, of its family or of any.

        One stuck task must not hold the run; `every-task-ends` names it.
        """
        near = self.asks.options.loopback
        own, others = self.slowest.get(family.name), max(self.slowest.values(), default=None)
        if own is not None:
            return max(FLOOR_NEAR if near else FLOOR_FAR, OWN_TIMES * own)
        if others is not None and near:
            return max(FLOOR_NEAR * 3, OTHERS_TIMES * others)
        return LONGEST_NEAR if near else float("inf")

    def _lost(self, label: str) -> bool:
        """Whether five queries in a row were answered without the task."""
        polls = [e for e in self.records.conversation.exchanges if e.task == label and e.role == trace.POLL]
        return len(polls) >= 5 and all(
            self.asks.target.family(e.family).record_of(e) is None for e in polls[-5:]
        )

    async def repeat(self, family: TargetFamily, created: trace.Exchange) -> None:
        """The same create again, once a family: its external id is taken, so it must be refused."""
        asks, conversation = self.asks, self.records.conversation
        external = family.behaviour.asked("external_id", created.request.json())
        if not external or created.role != trace.CREATE or not asks.wants("external-id-is-unique"):
            return
        data = created.request.meant or created.request.body
        if not asks.target.accepted(family, created.response) or data is None:
            return
        units = family.cost(created.request.json())
        repeats = [e for e in conversation.exchanges if e.role == trace.REPEAT and e.family == family.name]
        if any(e.case.get("purpose") != trace.OLDER for e in repeats):
            return
        async with self.pays.risk(units) as allowed:
            if not allowed:
                more = self.pays.spent + self.pays.reserved + units
                conversation.skipped[family.name, "external-id-is-unique"] = (
                    Skip(SkipKind.USED_UP, self.pays.units)
                    if self.pays.charged
                    else Skip(SkipKind.NOT_AFFORDED, self.pays.units, more)
                )
                return
            case = {
                "aim": "an external id that is taken",
                "pointer": family.place("external_id"),
                "situations": ["duplicate_external_id", "invalid_parameter"],
            }
            label = f"{created.task}/again"
            exchange = await asks.post(family, trace.REPEAT, data, task=label, case=case)
            if asks.target.accepted(family, exchange.response):
                self.pays.charge(units)

    async def _download(self, family: TargetFamily, record: dict[str, Any], label: str) -> None:
        promises = [p.id for p in PROMISES.values() if p.area == "results"]
        asks = self.asks
        if not asks.wants(*promises, "private-results-need-their-key"):
            return
        urls, call = await self._addresses(family, record, label)
        sound = [u for u in urls if isinstance(u, str) and fetchable(u)]
        await asyncio.gather(
            *(
                asks.download(family, url, label, call, case={"place": urls.index(url)})
                for url in dict.fromkeys(sound[:MOST_DOWNLOADS])
            )
        )
        if sound and asks.has_private(family, sound[0]):
            await self._without_key(family, call or Call("GET", sound[0]), label)

    async def _without_key(self, family: TargetFamily, call: Call, label: str) -> None:
        """Ask for a private result as somebody who has no right to it would, once a family."""
        asks, conversation = self.asks, self.records.conversation
        asked = any(e.role == trace.PRIVATE and e.family == family.name for e in conversation.exchanges)
        if asked or not asks.wants("private-results-need-their-key"):
            return
        others = {"none": "without a key"}
        if asks.options.other_api_key:
            others[OTHER] = "with another account's key"
        for account, aim in others.items():
            out = Outgoing(call.method, call.path, family.name, trace.PRIVATE, account, body=call.body)
            await asks.client.send(replace(out, task=label, case={"aim": aim}))

    async def _addresses(
        self, family: TargetFamily, record: dict[str, Any], label: str
    ) -> tuple[list[Any], Call | None]:
        """The URLs of a task's results: in its record, or behind a second request; and that request, with its
        whole URL, where it is answered with the result itself."""
        behaviour, asks = family.behaviour, self.asks
        reply = behaviour.results_reply
        call = family.results_call(behaviour.id_of(record))
        if reply is None or call is None:
            name = behaviour.result.item.get("url", "")
            return [item.get(name) for item in behaviour.items_of(record)], None
        if behaviour.status_of(record) not in behaviour.lifecycle.succeeded:
            return [], None
        if reply.bytes or reply.redirect:
            whole = replace(call, path=asks.url(call.path))
            return [whole.path], whole
        answered = await asks.call(family, call, trace.RESULTS, task=label)
        items = behaviour.fetched_items(answered.response.json()) if answered.response else []
        return [item.get("url") for item in items], None
