"""Callbacks of one replica: it sends what its own tasks owe, and nothing while it may be taken for dead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.mockserver.callbacks.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.accounts.clock import Clock
    from understudy.mockserver.callbacks.agenda import ScheduledDelivery
    from understudy.mockserver.store.shared import SharedStore
    from understudy.mockserver.store.tasks import Task


class ReplicaOutbox(Outbox):
    """`fenced` tells whether this replica must be silent. Only tasks that the store owns are looked at."""

    _store: SharedStore
    fenced: Callable[[], bool] = staticmethod(lambda: False)
    _silenced = False

    def start(self) -> None:
        """Nothing is owed by a replica that has just joined."""

    def take_over(self, tasks: Iterable[Task]) -> None:
        """Send from now on what these tasks owe, late ones first."""
        for task in tasks:
            self.watch(task)

    def speak_again(self) -> None:
        """Send what fell due while this replica was silent, if it is still its own to send."""
        if self._silenced and not self.fenced():
            self._silenced = False
            self.take_over(list(self._store.owned.values()))

    def give_up(self, ids: Iterable[str]) -> None:
        """Forget what tasks owe that others send from now on."""
        gone = set(ids)
        for agenda in list(self._agendas.values()):
            self._busy -= {waiting.task.id for waiting in agenda.drop(lambda one: one.task.id in gone)}
        # What is on its way ends without a successor.
        self._dropped |= gone & self._busy

    def watch(self, task: Task) -> None:
        super().watch(self._store.owned.get(task.id, task))

    def again(self, task: Task) -> None:
        super().again(self._store.owned.get(task.id, task))

    def _expect(self, task: Task) -> ScheduledDelivery | None:
        return super()._expect(task) if self._store.owns(task) else None

    def _dispatch(self, waiting: ScheduledDelivery) -> None:
        if self.fenced():
            # Others send it; or nobody has noticed, and this replica does when it is seen again.
            self._busy.discard(waiting.task.id)
            self._silenced = True
            return
        super()._dispatch(waiting)

    async def _attempt(self, waiting: ScheduledDelivery) -> Awaitable[None] | None:
        # It may have waited for others to the same address while this replica was taken for dead.
        if self.fenced() or not self._store.owns(waiting.task):
            self._busy.discard(waiting.task.id)
            self._dropped.discard(waiting.task.id)
            self._silenced = True
            return None
        return await super()._attempt(waiting)

    async def now(self, task: Task) -> None:
        if self._store.owns(task):
            await super().now(task)

    def forget(self, account: Account) -> None:
        """Drop what an account's tasks owe here; the reset says up to which id (`SharedStore.cut`)."""
        cut = self._store.cut
        self.give_up(
            id_
            for id_, task in self._store.owned.items()
            if task.account == account.key and (not cut or id_ < cut)
        )

    # --- a clock that is moved by hand, on all replicas at once

    async def pause(self, clock: Clock) -> int | None:
        """Let nothing leave by the clock; when what was on its way is done, when the next delivery is due."""
        agenda = self.agenda(clock)
        agenda.pause(True)
        await agenda.all_done.wait()
        return agenda.heap[0].due if agenda.heap else None

    async def step(self, clock: Clock, course: Any, due: int) -> int | None:
        """Move the clock, and send what is due by then; when the next delivery is due."""
        agenda = self.agenda(clock)
        clock.set_course(course)
        await self._deliver_all([w for w in agenda.take(due) if self._store.owns(w.task)])
        return agenda.heap[0].due if agenda.heap else None

    def resume(self, clock: Clock) -> None:
        self.agenda(clock).pause(self.closing)
