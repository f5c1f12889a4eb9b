"""The state of one replica: a server's state over a shared store, and its part in what all do together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from typing import TYPE_CHECKING, Any, cast

import orjson

from understudy.mockserver.accounts.clock import NS, Clock
from understudy.mockserver.accounts.pace import read_pace
from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.play.described import DescribedFamily
from understudy.mockserver.replicas import BEAT_SECONDS
from understudy.mockserver.replicas.bus import ENTER, Bus
from understudy.mockserver.replicas.counters import Counters, ReplicaAccount, SharedKeys
from understudy.mockserver.replicas.membership import Membership
from understudy.mockserver.replicas.outbox import ReplicaOutbox
from understudy.mockserver.replicas.time import ReplicaIds, SharedTime
from understudy.mockserver.state import ServerState
from understudy.mockserver.store.database import DatabaseLostError
from understudy.mockserver.store.shared import SharedStore

if TYPE_CHECKING:
    from understudy.mockserver.settings import Settings
    from understudy.mockserver.store.database import Database
    from understudy.mockserver.store.tasks import Task

logger = logging.getLogger("understudy")
# Tasks that are taken over at a time.
CLAIMED_AT_ONCE = 500
# How long messages are kept for replicas that were away, in milliseconds.
KEPT_MS = 120_000
LOAD = "SELECT account, settings, n FROM understudy_accounts"
SAVE = (
    "INSERT INTO understudy_accounts (account, settings, counters, n) VALUES ($1, $2, '', $3) "
    "ON CONFLICT (account) DO UPDATE SET settings = excluded.settings, n = excluded.n "
    "WHERE understudy_accounts.n <= excluded.n"
)
BEGIN = (
    "INSERT INTO understudy_accounts (account, settings, counters, n) VALUES ('', $1, '', 0) "
    "ON CONFLICT (account) DO NOTHING"
)
DISOWN = "UPDATE understudy_tasks SET owner = '' WHERE owner = $1 AND callback_url <> '' AND delivered >= 0"
SWEEP_MESSAGES = "DELETE FROM understudy_messages WHERE at < $1"
SWEEP_ANSWERS = "DELETE FROM understudy_answers WHERE n < $1"

Course = tuple[int, int, float]


def new_name() -> str:
    """A name that no other replica has."""
    return uuid.uuid4().hex[:16]


class ReplicaState(ServerState):
    """`start` joins the others, and `close` leaves them in order."""

    outbox_type = ReplicaOutbox
    account_type = ReplicaAccount
    store: SharedStore
    outbox: ReplicaOutbox

    def __init__(self, settings: Settings, database: Database, name: str = "") -> None:
        if settings.seed is not None:
            advice = "leave it out: the same ids in every run are for one process with its own store"
            raise MockError("replicas give ids that no other gives", where="--seed", advice=advice)
        name = name or new_name()
        # A replica whose process has ended, and whose place this one takes; "" for none.
        self.takes_place_of = ""
        # Who counts as one process in numbers for operation: the workers of one port have one name.
        self.group = name
        self.database = database
        super().__init__(settings, SharedStore(database, name))
        self.time = SharedTime()
        self.members = Membership(database, name)
        self.bus = Bus(database, self.members)
        self.counters = Counters(database, self.store, self.replica_account)
        self.store.can_play = self.can_play
        self.store.changed = self._tell_changed
        self.outbox.fenced = lambda: self.members.fenced
        self.creates_by_key = SharedKeys("", self.replica_account)
        for played in self.families.values():
            if isinstance(played, DescribedFamily):
                kind = f"{played.profile.name} {played.name}"
                played.creates_by_key = SharedKeys(kind, self.replica_account)
        self.bus.handlers |= {
            ENTER: self._on_members,
            "set": self._on_set,
            "course": self._on_course,
            "counted": self._on_counted,
            "changed": self._on_changed,
            "pause": self._on_pause,
            "step": self._on_step,
            "resume": self._on_resume,
        }
        # Clocks that another replica moves by hand just now: account -> who.
        self._paused: dict[str, str] = {}
        self._beating: asyncio.Task[None] | None = None
        # Before that it is seen, but takes over nothing.
        self._joined = False
        self._number = 0

    def replica_account(self, key: str) -> ReplicaAccount:
        return cast("ReplicaAccount", self.accounts.get(key))

    def set_aside_foreign_tasks(self) -> None:
        """Tasks are looked at when they are read."""

    # --- joining and leaving

    async def start(self) -> None:
        await self.database.open(self.members.me)
        self.database.on_bell = self.bus.ring
        await self.database.listen()
        self.time.begin(await self.time.measured(self.database.now_ns))
        self.store.start()
        self._beating = asyncio.get_running_loop().create_task(self._beat())
        if self.takes_place_of:
            await self.members.ended(self.takes_place_of)
        await self._join()
        self._joined = True

    async def _join(self) -> None:
        """Take part, knowing what the others know."""
        await self.bus.attend()
        await self.members.join()
        self.ids = ReplicaIds(self.time, self.members.slot)  # type: ignore[assignment]
        self.budget.next_number = self._next_number
        clock = self.defaults.clock
        course = [clock.now(), self.time(), self.settings.rate]
        await self.database.fetch(BEGIN, orjson.dumps({"clock": course}).decode())
        alone = self.members.live == {self.members.me}
        self.defaults.clock = shared = Clock(1.0, 0, self.time)
        for account in self.accounts:
            if account.clock is clock:
                account.clock = shared
        for key, text, _ in await self.database.fetch(LOAD):
            self._apply(key, orjson.loads(text or "{}"))
        # Recent messages whose effect may not be in the tables yet are handled once more; then this replica's
        # own, from which on others wait for it.
        self.bus.start()
        await self.bus.ask_all(ENTER)
        if alone and shared.rate != self.settings.rate:
            # The first of a new run says how fast time runs from now on.
            course = [shared.now(), self.time(), self.settings.rate]
            await self.bus.ask_all("course", account="", course=course)
            await self.save("", self.bus.last)

    def _next_number(self) -> int:
        """Numbers of log entries, in one order over all replicas."""
        self._number = max(self._number + 1, self.time())
        return self._number

    async def close(self, grace: float = 0.4) -> None:
        """Let others send what is still owed, and leave."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self.outbox.close(grace)
        with contextlib.suppress(Refused):
            await self.database.fetch(DISOWN, self.members.me)
            await self.members.leave()
            await self.bus.tell(ENTER)
        await self.bus.close()
        await self.store.close()

    async def _beat(self) -> None:
        """Be seen; take over what dead replicas owe; follow the database's clock."""
        while True:
            wait = BEAT_SECONDS
            try:
                await self._one_beat()
                self.store.reached("")
            except DatabaseLostError as error:
                self.store.reached(error.values["because"])
                wait /= 4
                # On a full disk it can still be read.
                with contextlib.suppress(DatabaseLostError):
                    await self.members.look()
            except Exception:
                logger.exception("understudy: a heartbeat failed")
            await asyncio.sleep(wait)

    async def _one_beat(self) -> None:
        await self.database.listen()
        if not self._joined:
            await self.members.beat()
            return
        if not await self.members.beat():
            await self._come_back()
        self.outbox.speak_again()
        self.time.follow(await self.time.measured(self.database.now_ns, 1))
        for dead in ["", *self.members.dead]:
            await self._take_over(dead)
        for key, who in list(self._paused.items()):
            if who not in self.members.live:
                await self._on_resume(who, {"account": key})
        now = await self.database.now_ns() // NS
        await self.database.fetch(SWEEP_MESSAGES, now - KEPT_MS)
        await self.database.fetch(SWEEP_ANSWERS, self.bus.last - 1000)

    async def _take_over(self, dead: str) -> None:
        if dead and not await self.members.condemn(dead):
            return
        while True:
            tasks = await self.store.claim([dead], CLAIMED_AT_ONCE)
            self.outbox.take_over(tasks)
            if tasks:
                logger.info("understudy: took over %d tasks of %s", len(tasks), dead or "one that left")
            if len(tasks) < CLAIMED_AT_ONCE:
                break
        if dead:
            await self.members.bury(dead)

    async def _come_back(self) -> None:
        """This replica was away for too long, and taken for dead: what it owed others send now."""
        self.outbox.give_up(self.store.disown())
        self.store.clear()
        # Under another name: what the old one owed belongs to others.
        self.members.me = self.store.owner = new_name()
        await self.bus.close()
        await self._join()

    # --- what accounts were given

    def _apply(self, key: str, settings: dict[str, Any]) -> None:
        if key == "":
            if "pace" in settings:
                self.defaults.pace = read_pace(settings["pace"])
            if "scenario" in settings:
                self.defaults.scenario = settings["scenario"]
            if settings.get("clock"):
                self._set_clock("", settings["clock"])
            return
        account = cast("ReplicaAccount", self.accounts.restored(key))
        account.pace = read_pace(settings["pace"]) if settings.get("pace") else None
        account.scenario = settings.get("scenario")
        account.is_counted = bool(settings.get("counted"))
        if settings.get("clock"):
            self._set_clock(key, settings["clock"])

    def _set_clock(self, key: str, course: Course | None) -> None:
        """Let an account ("": the server) go by this course; None: by the server's clock."""
        shared = self.defaults.clock
        if key == "":
            if course is not None:
                shared.set_course((int(course[0]), int(course[1]), float(course[2])))
                self.outbox.agenda(shared).rearm()
            return
        account = self.accounts.restored(key)
        if course is None:
            if account.clock is not shared:
                self.outbox.move(account, shared)
            return
        if account.clock is shared:
            self.outbox.move(account, Clock(1.0, 0, self.time))
        account.clock.set_course((int(course[0]), int(course[1]), float(course[2])))
        self.outbox.agenda(account.clock).rearm()

    async def save(self, key: str, n: int) -> None:
        """Write down what an account ("": the server) was given, for those who join later."""
        if key == "":
            defaults = self.defaults
            settings: dict[str, Any] = {
                "pace": str(defaults.pace), "scenario": defaults.scenario, "clock": defaults.clock.course,
            }  # fmt: skip
        else:
            account = self.replica_account(key)
            own = account.clock is not self.defaults.clock
            settings = {
                "pace": str(account.pace) if account.pace is not None else None,
                "scenario": account.scenario,
                "clock": account.clock.course if own else None,
                "counted": account.is_counted,
            }
        await self.database.fetch(SAVE, key, orjson.dumps(settings).decode(), n)

    def clock_of(self, key: str) -> Clock:
        return self.accounts.get(key).clock if key else self.defaults.clock

    async def keep_clock(self, account: Any, ahead: int = 0, rate: float | None = None) -> None:
        """Clocks are written when they are moved (`replicas.control`)."""

    # --- messages of other replicas

    async def _on_members(self, sender: str, given: dict[str, Any]) -> None:
        await self.members.look()

    async def _on_set(self, sender: str, given: dict[str, Any]) -> None:
        key, name, text = given["account"], given["name"], given["text"]
        target: Any = self.accounts.restored(key) if key else self.defaults
        setattr(target, name, read_pace(text) if name == "pace" else text)

    async def _on_course(self, sender: str, given: dict[str, Any]) -> None:
        self._set_clock(given["account"], given["course"])

    async def _on_counted(self, sender: str, given: dict[str, Any]) -> None:
        cast("ReplicaAccount", self.accounts.restored(given["account"])).is_counted = True

    async def _on_changed(self, sender: str, given: dict[str, Any]) -> None:
        for task in await self.store.refresh([given["task"]]):
            if self.store.owns(task):
                self.outbox.again(task)

    async def _on_pause(self, sender: str, given: dict[str, Any]) -> int | None:
        self._paused[given["account"]] = sender
        return await self.outbox.pause(self.clock_of(given["account"]))

    async def _on_step(self, sender: str, given: dict[str, Any]) -> int | None:
        base, anchor, rate = given["course"]
        clock = self.clock_of(given["account"])
        return await self.outbox.step(clock, (int(base), int(anchor), float(rate)), given["due"])

    async def _on_resume(self, sender: str, given: dict[str, Any]) -> None:
        self._paused.pop(given["account"], None)
        if given.get("course"):
            self._set_clock(given["account"], given["course"])
        self.outbox.resume(self.clock_of(given["account"]))

    async def _tell_changed(self, task: Task) -> None:
        await self.bus.ask_all("changed", task=task.id)
