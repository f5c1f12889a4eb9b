"""Callbacks that are due: ordered per task, at least once, retried.

What a task owes is a pure function of its plan and scenario (`deliveries`); the store only remembers how far
it has come. So a durable store makes a durable outbox. A task has one delivery waiting or on its way at any
time, which keeps its order; the rest of the work is one heap and one timer for each clock.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

from understudy.mockserver.callbacks.agenda import Agenda, ScheduledDelivery
from understudy.mockserver.callbacks.deliveries import Delivery, next_owed
from understudy.mockserver.callbacks.signing import signature
from understudy.mockserver.callbacks.targets import read_target
from understudy.mockserver.errors import Refused
from understudy.mockserver.store.tasks import ALL_DELIVERED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from understudy.mockserver.accounts.accounts import Account, Accounts
    from understudy.mockserver.accounts.clock import Clock
    from understudy.mockserver.callbacks.deliveries import OwedDelivery
    from understudy.mockserver.callbacks.delivery_rules import DeliveryRules
    from understudy.mockserver.callbacks.sender import AttemptOutcome, Sender
    from understudy.mockserver.store import Store
    from understudy.mockserver.store.tasks import Task

# Real seconds until a store that could not be written is tried again.
STORE_RETRY_SECONDS = 1.0
# Milliseconds of the account's clock between one attempt and the next; then the delivery is given up.
BACKOFF_MS = (500, 2_000, 8_000, 30_000)
HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class TargetQueue:
    """The deliveries to one target (scheme, host, port); all unusable addresses share the target None."""

    __slots__ = ("active", "queue", "target")

    def __init__(self, target: Any) -> None:
        self.target = target
        self.active = 0
        self.queue: deque[ScheduledDelivery] = deque()


class Outbox:
    """Sends what is due. `real_ms` is the wall clock, for the log and for signatures (receivers check it)."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        rules: DeliveryRules,
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
        self._lanes: dict[Any, TargetQueue] = {}
        self._numbers = itertools.count()
        self._busy: set[str] = set()
        # Tasks that a reset dropped while a delivery of theirs was on its way.
        self._dropped: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()
        self.closing = False
        # How many attempts have been made, by all.
        self.attempts = 0
        # Told of every attempt, and how many milliseconds late it left, where somebody asked for that.
        self.observe: Callable[[AttemptOutcome, int], None] | None = None

    def agenda(self, clock: Clock) -> Agenda:
        agenda = self._agendas.get(id(clock))
        if agenda is None:
            agenda = self._agendas[id(clock)] = Agenda(clock, self._dispatch)
        return agenda

    def start(self) -> None:
        """Resume the deliveries that a store still owes from an earlier run, overdue ones first."""
        for task in self._store.undelivered():
            waiting = self._expect(task)
            if waiting is not None:
                self._push(waiting)

    def watch(self, task: Task) -> None:
        """Schedule the next delivery of a task; call it again after the plan has changed."""
        waiting = self._expect(task)
        if waiting is None:
            return
        agenda = self.agenda(self.account_of(task).clock)
        if agenda.paused or waiting.due > agenda.clock.now():
            self._push(waiting)
        else:
            self._dispatch(waiting)

    def _expect(self, task: Task) -> ScheduledDelivery | None:
        """The next delivery of a task, unless it is seen to already."""
        if task.id in self._busy or self.closing or not task.callback_url:
            return None
        item = self._next(task)
        if item is None:
            if not task.plan.rest and task.delivered != ALL_DELIVERED:
                self._store.delivered(task, ALL_DELIVERED)
            return None
        self._busy.add(task.id)
        return ScheduledDelivery(item.due, next(self._numbers), task, item, 0, None)

    def _next(self, task: Task) -> OwedDelivery | None:
        policy = self._rules.policy(task)
        wanted = None if policy is None else policy.states(task)
        return next_owed(
            task, self._rules.effects(task), lambda status: self._rules.terminal(task, status), wanted
        )

    def again(self, task: Task) -> None:
        """Reschedule a task whose plan has changed."""
        agenda = self.agenda(self.account_of(task).clock)
        if agenda.drop(lambda waiting: waiting.task is task and waiting.attempt == 0):
            self._busy.discard(task.id)
        self.watch(task)

    def waiting(self) -> int:
        """How many deliveries wait for their time, or are on their way."""
        return sum(len(agenda.heap) + agenda.in_flight for agenda in self._agendas.values())

    def account_of(self, task: Task) -> Account:
        return self._accounts.get(task.account)

    def _push(self, waiting: ScheduledDelivery) -> None:
        self.agenda(self.account_of(waiting.task).clock).push(waiting)

    def _dispatch(self, waiting: ScheduledDelivery) -> None:
        target = read_target(waiting.task.callback_url)
        key = target and target[:3]
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = TargetQueue(key)
        account = self.account_of(waiting.task)
        account.in_flight += 1
        self.agenda(account.clock).count_in_flight(1)
        if lane.active >= self._sender.per_target:
            lane.queue.append(waiting)
            return
        lane.active += 1
        self._spawn(self._run(lane, waiting))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        running = asyncio.get_running_loop().create_task(work)
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def _run(self, lane: TargetQueue, waiting: ScheduledDelivery) -> None:
        """Deliver, then continue with the rest of the target's queue, without waiting for the store."""
        try:
            while True:
                written = None
                try:
                    written = await self._attempt(waiting)
                finally:
                    if written is None:
                        self._settle(waiting)
                if written is not None:
                    self._spawn(self._settle_when(waiting, written))
                if not lane.queue:
                    return
                waiting = lane.queue.popleft()
        finally:
            lane.active -= 1
            if not lane.active and not lane.queue:
                self._lanes.pop(lane.target, None)

    async def _settle_when(self, waiting: ScheduledDelivery, written: Awaitable[None]) -> None:
        try:
            await self._follow_when(waiting.task, written)
        finally:
            self._settle(waiting)

    def _settle(self, waiting: ScheduledDelivery) -> None:
        # Its account may have been given another clock meanwhile.
        account = self.account_of(waiting.task)
        account.in_flight -= 1
        self.agenda(account.clock).count_in_flight(-1)

    async def now(self, task: Task) -> None:
        """Send the task's next delivery at once (the scenario in which it comes before the create answer)."""
        waiting = self._expect(task)
        if waiting is not None:
            await self._deliver(waiting)

    async def _deliver(self, waiting: ScheduledDelivery) -> None:
        """One attempt, and all that follows from it."""
        written = await self._attempt(waiting)
        if written is not None:
            await self._follow_when(waiting.task, written)

    async def _attempt(self, waiting: ScheduledDelivery) -> Awaitable[None] | None:
        """One attempt, and then a retry, giving up, or what follows: the next delivery.

        When the store must write first, what it promises is the answer, and `_follow_when` is for later.
        """
        task = waiting.task
        account = self.account_of(task)
        log = waiting.log
        if log is None:
            log = self._open_log(task, waiting.owed, account.journal.budget.next_number())
            account.log_delivery(log)
        late = account.clock.now() - waiting.due if self.observe is not None else 0
        outcome = await self._post(task, log)
        if self.observe is not None:
            self.observe(outcome, late)
        if self._retried(waiting, outcome, log, account):
            return None
        log.state = "delivered" if outcome.ok else "given up"
        written = self._store.delivered(task, task.delivered + 1 if task.delivered >= 0 else ALL_DELIVERED)
        if written is None:
            self._follow(task)
        return written

    async def _post(self, task: Task, log: Delivery) -> AttemptOutcome:
        """One attempt, and its place in the log."""
        started = self._real_ms()
        self.attempts += 1
        outcome = await self._sender.post(task.callback_url, log.body, log.headers)
        log.attempts.append(
            {
                "at": started,
                "milliseconds": self._real_ms() - started,
                "status": outcome.status,
                "error": outcome.error,
            }
        )
        return outcome

    async def send_one(self, task: Task, item: OwedDelivery) -> Delivery:
        """Send one callback now, once, beside what the task owes and whatever the receiver says to it."""
        account = self.account_of(task)
        log = self._open_log(task, item, account.journal.budget.next_number())
        account.log_delivery(log)
        outcome = await self._post(task, log)
        log.state = "delivered" if outcome.ok else "given up"
        return log

    async def _follow_when(self, task: Task, written: Awaitable[None]) -> None:
        """Go on when the store has written that a delivery is done; while it cannot, try again."""
        position = task.delivered
        while True:
            try:
                await written
                break
            except Refused:
                await asyncio.sleep(STORE_RETRY_SECONDS)
                again = self._store.delivered(task, position)
                if again is None:
                    break
                written = again
        self._follow(task)

    def _follow(self, task: Task) -> None:
        self._busy.discard(task.id)
        if task.id in self._dropped:
            self._dropped.discard(task.id)
            return
        self.watch(task)

    def _retried(
        self, waiting: ScheduledDelivery, outcome: AttemptOutcome, log: Delivery, account: Account
    ) -> bool:
        if waiting.task.id in self._dropped:
            return False
        policy = self._rules.policy(waiting.task)
        backoff = BACKOFF_MS if policy is None or policy.retry_ms is None else policy.retry_ms
        if outcome.ok or outcome.final or waiting.owed.forged or waiting.attempt >= len(backoff):
            return False
        due = account.clock.now() + backoff[waiting.attempt]
        again = ScheduledDelivery(
            due, next(self._numbers), waiting.task, waiting.owed, waiting.attempt + 1, log
        )
        if not self.closing:
            self._push(again)
        return True

    def _open_log(self, task: Task, item: OwedDelivery, number: int) -> Delivery:
        effects = self._rules.effects(task)
        body = self._rules.body(task, item.change, effects)
        genuine = not (item.forged or effects.badly_signed)
        headers = HEADERS
        policy = self._rules.policy(task)
        if policy is not None:
            stamp, webhook_id = self._real_ms() // 1000, f"{task.id}{item.change:02d}"
            headers = HEADERS | policy.headers(task, webhook_id, stamp, body if genuine else body[:-1])
        elif self.keys:
            stamp = self._real_ms() // 1000
            webhook_id = f"{task.id}{item.change:02d}"
            signed = body if genuine else body[:-1]
            headers = HEADERS | {
                "webhook-id": webhook_id,
                "webhook-timestamp": str(stamp),
                "webhook-signature": signature(self.keys, webhook_id, stamp, signed),
            }
        status = task.plan.statuses[item.change]
        return Delivery(
            number, task.id, item.change, status, task.callback_url, item.due, body, headers, genuine
        )

    async def advance(self, clock: Clock, milliseconds: int) -> None:
        """Move a clock forward, stopping at every delivery that falls due; ends when all have been tried."""
        agenda = self.agenda(clock)
        async with agenda.lock:
            agenda.pause(True)
            try:
                await self._advance(agenda, clock.now() + milliseconds)
            finally:
                agenda.pause(self.closing)

    async def _advance(self, agenda: Agenda, target: int) -> None:
        clock = agenda.clock
        # What is on its way belongs to the time before, and may have successors that fall due.
        await agenda.all_done.wait()
        while agenda.heap and agenda.heap[0].due <= target:
            due = agenda.heap[0].due
            clock.advance(max(0, due - clock.now()))
            await self._deliver_all(agenda.take(due))
        clock.advance(max(0, target - clock.now()))

    async def _deliver_all(self, batch: list[ScheduledDelivery]) -> None:
        gate = asyncio.Semaphore(self._sender.per_target)

        async def one(waiting: ScheduledDelivery) -> None:
            async with gate:
                await self._deliver(waiting)

        await asyncio.gather(*(one(waiting) for waiting in batch))

    def move(self, account: Account, clock: Clock) -> None:
        """Give an account another clock, and take its waiting deliveries along."""
        old, new = self.agenda(account.clock), self.agenda(clock)
        account.clock = clock
        new.add(old.drop(lambda waiting: waiting.task.account == account.key))
        old.count_in_flight(-account.in_flight)
        new.count_in_flight(account.in_flight)
        if not old.heap and not old.in_flight and old.clock is not self._accounts.defaults.clock:
            del self._agendas[id(old.clock)]

    def forget(self, account: Account) -> None:
        """Drop what an account's tasks still owe, before the store forgets them."""
        agenda = self.agenda(account.clock)
        gone = {task.id for task in self._store.tasks(account.key)} & self._busy
        waiting = {w.task.id for w in agenda.drop(lambda waiting: waiting.task.account == account.key)}
        # What is on its way cannot be called back, but has no successor.
        self._dropped |= gone - waiting
        self._busy -= gone

    async def close(self, grace: float) -> int:
        """Stop: what is due is sent if it goes within `grace` seconds; what is left stays with the store.

        Gives how many deliveries were due and are left.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + grace
        while loop.time() < ends:
            for agenda in list(self._agendas.values()):
                agenda.send_due()
            if not self._running:
                break
            await asyncio.wait(self._running, timeout=ends - loop.time(), return_when=asyncio.FIRST_COMPLETED)
        self.closing = True
        left = sum(agenda.in_flight for agenda in self._agendas.values())
        for agenda in self._agendas.values():
            agenda.pause(True)
        for running in list(self._running):
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._sender.close()
        return left
