"""Callbacks that are due: ordered per task, at least once, retried.

What a task owes is a pure function of its plan and scenario (`owed`); the store only remembers how far it has
come. So a durable store makes a durable outbox. A task has one delivery waiting or on its way at any time,
which keeps its order; the rest of the work is one heap and one timer for each clock.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from mockserver.signing import signature
from mockserver.tasks import ALL_DELIVERED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockserver.accounts import Account, Accounts
    from mockserver.clock import Clock
    from mockserver.faults import Effects
    from mockserver.sender import Outcome, Sender
    from mockserver.store import Store
    from mockserver.tasks import Task

# Milliseconds of the account's clock between one attempt and the next; then the delivery is given up.
BACKOFF_MS = (500, 2_000, 8_000, 30_000)
AT_ONCE_PER_TARGET = 64
TARGET = re.compile(r"https?://([^/?#]{1,300})", re.IGNORECASE)


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


class Waiting(NamedTuple):
    """An entry of a heap; `number` breaks ties in the order of arrival."""

    due: int
    number: int
    task: Task
    owed: Owed
    attempt: int
    log: Delivery | None


class Agenda:
    """What is due by one clock; `flying` counts attempts on their way, `landed`: there are none."""

    __slots__ = ("clock", "flying", "heap", "held", "landed", "lock", "timer")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.heap: list[Waiting] = []
        self.timer: asyncio.TimerHandle | None = None
        self.lock = asyncio.Lock()
        self.flying = 0
        self.landed = asyncio.Event()
        self.landed.set()
        # While the clock is advanced nothing leaves by timer.
        self.held = False

    def fly(self, change: int) -> None:
        """Count `change` more attempts on their way (or fewer)."""
        self.flying += change
        if self.flying:
            self.landed.clear()
        else:
            self.landed.set()


def target(url: str) -> str:
    """Whom a URL addresses: "http://a:1/b" -> "a:1". Clients send any text for a URL; "" stands for those."""
    found = TARGET.match(url)
    return found[1] if found else ""


class Lane:
    """The deliveries to one target (host and port); it is forgotten when there are none."""

    __slots__ = ("active", "name", "queue")

    def __init__(self, name: str) -> None:
        self.name = name
        self.active = 0
        self.queue: deque[Waiting] = deque()


@dataclass(frozen=True, slots=True)
class Rules:
    """What the outbox must know of a task: its effects, its terminal states, its body. Given by the app."""

    effects: Callable[[Task], Effects]
    terminal: Callable[[Task, str], bool]
    body: Callable[[Task, int, Effects], bytes]


class Outbox:
    """Sends what is due. `real_ms` is the wall clock, for the log and for signatures (receivers check it)."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        rules: Rules,
        sender: Sender,
        real_ms: Callable[[], int],
        keys: Iterable[bytes] = (),
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._rules = rules
        self._sender = sender
        self._real_ms = real_ms
        self.keys = list(keys)
        self._agendas: dict[int, Agenda] = {}
        self._lanes: dict[str, Lane] = {}
        self._numbers = itertools.count()
        self._busy: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()
        self.closing = False

    def agenda(self, clock: Clock) -> Agenda:
        agenda = self._agendas.get(id(clock))
        if agenda is None:
            agenda = self._agendas[id(clock)] = Agenda(clock)
        return agenda

    def start(self) -> None:
        """Take up what a store still owes from an earlier run, late ones first."""
        for task in self._store.undelivered():
            self.watch(task)

    def watch(self, task: Task) -> None:
        """See to it that the next delivery of a task happens; again after its plan has changed."""
        if task.id in self._busy or self.closing:
            return
        effects = self._rules.effects(task)
        deliveries = owed(task, effects, lambda status: self._rules.terminal(task, status))
        if task.delivered >= len(deliveries):
            if not task.plan.rest and task.delivered != ALL_DELIVERED:
                self._store.delivered(task, ALL_DELIVERED)
            return
        if task.delivered == ALL_DELIVERED:
            return
        self._busy.add(task.id)
        nxt = deliveries[task.delivered]
        self._push(Waiting(nxt.due, next(self._numbers), task, nxt, 0, None))

    def again(self, task: Task) -> None:
        """Look anew at a task whose plan has changed: what waits for it may be due at another time now."""
        agenda = self.agenda(self.account_of(task).clock)
        waiting = [w for w in agenda.heap if w.task is task]
        if waiting and waiting[0].attempt == 0:
            agenda.heap = [w for w in agenda.heap if w.task is not task]
            heapq.heapify(agenda.heap)
            self._busy.discard(task.id)
            self.rearm(agenda)
        self.watch(task)

    def account_of(self, task: Task) -> Account:
        return self._accounts.get(task.account)

    def _push(self, waiting: Waiting) -> None:
        agenda = self.agenda(self.account_of(waiting.task).clock)
        heapq.heappush(agenda.heap, waiting)
        if agenda.heap[0] is waiting:
            self.rearm(agenda)

    def rearm(self, agenda: Agenda) -> None:
        """Set the timer for the earliest delivery; called again whenever the clock's course changes."""
        if agenda.timer is not None:
            agenda.timer.cancel()
            agenda.timer = None
        if not agenda.heap or self.closing or agenda.held:
            return
        wait = agenda.clock.real_seconds_until(agenda.heap[0].due)
        if wait is not None:
            agenda.timer = asyncio.get_running_loop().call_later(wait, self._fire, agenda)

    def _fire(self, agenda: Agenda) -> None:
        now = agenda.clock.now()
        while agenda.heap and agenda.heap[0].due <= now:
            self._dispatch(heapq.heappop(agenda.heap), agenda)
        self.rearm(agenda)

    def _dispatch(self, waiting: Waiting, agenda: Agenda) -> None:
        name = target(waiting.task.callback_url)
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(name)
        account = self.account_of(waiting.task)
        account.flying += 1
        agenda.fly(1)
        if lane.active >= AT_ONCE_PER_TARGET:
            lane.queue.append(waiting)
            return
        lane.active += 1
        running = asyncio.get_running_loop().create_task(self._run(lane, waiting))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def _run(self, lane: Lane, waiting: Waiting) -> None:
        try:
            while True:
                try:
                    await self._deliver(waiting)
                finally:
                    # Its account may have been given another clock meanwhile.
                    account = self.account_of(waiting.task)
                    account.flying -= 1
                    self.agenda(account.clock).fly(-1)
                if not lane.queue:
                    return
                waiting = lane.queue.popleft()
        finally:
            lane.active -= 1
            if not lane.active and not lane.queue:
                self._lanes.pop(lane.name, None)

    async def now(self, task: Task) -> None:
        """Send the task's next delivery at once (the scenario in which it comes before the create answer)."""
        effects = self._rules.effects(task)
        deliveries = owed(task, effects, lambda status: self._rules.terminal(task, status))
        if deliveries and task.id not in self._busy:
            self._busy.add(task.id)
            await self._deliver(Waiting(deliveries[0].due, next(self._numbers), task, deliveries[0], 0, None))

    async def _deliver(self, waiting: Waiting) -> None:
        """One attempt, and then what follows from it: the next delivery, a retry, or giving up."""
        task = waiting.task
        account = self.account_of(task)
        log = waiting.log
        if log is None:
            log = self._open_log(task, waiting.owed)
            account.deliveries.append(log)
        started = self._real_ms()
        outcome = await self._sender.post(task.callback_url, log.body, log.headers)
        log.attempts.append(
            {
                "at": started,
                "milliseconds": self._real_ms() - started,
                "status": outcome.status,
                "error": outcome.error,
            }
        )
        if self._again(waiting, outcome, log, account):
            return
        log.state = "delivered" if outcome.ok else "given up"
        written = self._store.delivered(task, task.delivered + 1 if task.delivered >= 0 else ALL_DELIVERED)
        if written is not None:
            await written
        self._busy.discard(task.id)
        self.watch(task)

    def _again(self, waiting: Waiting, outcome: Outcome, log: Delivery, account: Account) -> bool:
        if outcome.ok or outcome.final or waiting.owed.forged or waiting.attempt >= len(BACKOFF_MS):
            return False
        due = account.clock.now() + BACKOFF_MS[waiting.attempt]
        again = Waiting(due, next(self._numbers), waiting.task, waiting.owed, waiting.attempt + 1, log)
        if not self.closing:
            self._push(again)
        return True

    def _open_log(self, task: Task, item: Owed) -> Delivery:
        effects = self._rules.effects(task)
        body = self._rules.body(task, item.change, effects)
        genuine = not (item.forged or effects.badly_signed)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.keys:
            stamp = self._real_ms() // 1000
            webhook_id = f"{task.id}{item.change:02d}"
            signed = body if genuine else body[:-1]
            headers |= {
                "webhook-id": webhook_id,
                "webhook-timestamp": str(stamp),
                "webhook-signature": signature(self.keys, webhook_id, stamp, signed),
            }
        status = task.plan.statuses[item.change]
        return Delivery(task.id, item.change, status, task.callback_url, item.due, body, headers, genuine)

    async def advance(self, clock: Clock, milliseconds: int) -> None:
        """Move a clock forward, stopping at every delivery that falls due; ends when all have been tried."""
        agenda = self.agenda(clock)
        async with agenda.lock:
            agenda.held = True
            self.rearm(agenda)
            try:
                await self._advance(agenda, clock.now() + milliseconds)
            finally:
                agenda.held = False
                self.rearm(agenda)

    async def _advance(self, agenda: Agenda, target: int) -> None:
        clock = agenda.clock
        # What is on its way belongs to the time before, and may have successors that fall due.
        await agenda.landed.wait()
        while agenda.heap and agenda.heap[0].due <= target:
            due = agenda.heap[0].due
            clock.advance(max(0, due - clock.now()))
            batch = []
            while agenda.heap and agenda.heap[0].due <= due:
                batch.append(heapq.heappop(agenda.heap))
            await self._deliver_all(batch)
        clock.advance(max(0, target - clock.now()))

    async def _deliver_all(self, batch: list[Waiting]) -> None:
        gate = asyncio.Semaphore(AT_ONCE_PER_TARGET)

        async def one(waiting: Waiting) -> None:
            async with gate:
                await self._deliver(waiting)

        await asyncio.gather(*(one(waiting) for waiting in batch))

    def move(self, account: Account, clock: Clock) -> None:
        """Give an account another clock, and take its waiting deliveries along."""
        old, new = self.agenda(account.clock), self.agenda(clock)
        account.clock = clock
        moving = [w for w in old.heap if w.task.account == account.key]
        if moving:
            old.heap = [w for w in old.heap if w.task.account != account.key]
            heapq.heapify(old.heap)
            new.heap.extend(moving)
            heapq.heapify(new.heap)
        old.fly(-account.flying)
        new.fly(account.flying)
        self.rearm(old)
        self.rearm(new)

    def forget(self, account: Account) -> None:
        """Drop what an account's tasks still owe."""
        agenda = self.agenda(account.clock)
        gone = {w.task.id for w in agenda.heap if w.task.account == account.key}
        agenda.heap = [w for w in agenda.heap if w.task.account != account.key]
        heapq.heapify(agenda.heap)
        self._busy -= gone
        self.rearm(agenda)

    async def close(self, grace: float) -> None:
        """Stop: what is due is sent if it goes within `grace` seconds; what is left stays with the store."""
        for agenda in self._agendas.values():
            self._fire(agenda)
        self.closing = True
        for agenda in self._agendas.values():
            self.rearm(agenda)
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for running in list(self._running):
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._sender.close()
