"""What endpoints and control share: the profiles as they are played, the store, accounts and the outbox."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from understudy.mockserver.accounts.accounts import Account, AccountDefaults, Accounts
from understudy.mockserver.accounts.clock import NS, Clock, Ids, SteadyTime
from understudy.mockserver.accounts.journal import Journal, ObservedJournal
from understudy.mockserver.accounts.keys import Keyring
from understudy.mockserver.accounts.known_ids import KnownIds
from understudy.mockserver.accounts.logs import ByteBudget
from understudy.mockserver.accounts.pace import read_pace
from understudy.mockserver.callbacks.delivery_rules import DeliveryRules
from understudy.mockserver.callbacks.outbox import Outbox
from understudy.mockserver.callbacks.sender import Sender
from understudy.mockserver.callbacks.signing import read_secret
from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.play.family import PlayedFamily
from understudy.mockserver.play.faults import effects, read_scenarios
from understudy.mockserver.play.mutations import OF_THE_TASK, mutate
from understudy.mockserver.play.profile import read_profile
from understudy.mockserver.play.refusals import RefusalAnswers
from understudy.mockserver.play.scenario_table import NOTHING, Effects
from understudy.mockserver.store import open_store
from understudy.mockserver.store.tasks import REMOVED
from understudy.mockserver.wire import BodyReader
from understudy.specs.addresses import read_networks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, MutableMapping

    from understudy.mockserver.accounts.journal import Entry
    from understudy.mockserver.accounts.logs import EntryLog
    from understudy.mockserver.callbacks.policies import CallbackPolicies
    from understudy.mockserver.play.faults import ChosenScenario
    from understudy.mockserver.play.profile import CompiledFamily, PlayedProfile
    from understudy.mockserver.settings import Settings
    from understudy.mockserver.store import Store
    from understudy.mockserver.store.tasks import Anchor, Task


logger = logging.getLogger("understudy")
# How often a durable store notes the time.
REMEMBER_SECONDS = 1.0
# A wall clock that differs by less is being adjusted, not set back.
TOLERATED_NS = 5 * 10**9


class ServerState:
    """One server's state. Everything is used from one event loop."""

    outbox_type = Outbox
    account_type = Account

    def __init__(self, settings: Settings, store: Store | None = None) -> None:
        self.settings = settings
        self.profiles = [
            read_profile(name, strict=settings.strict, textbook=settings.textbook)
            for name in dict.fromkeys(settings.profiles)
        ]
        if not self.profiles:
            raise MockError("no profile was given", advice="--provider NAME")
        self.refusals = {
            profile.name: RefusalAnswers(profile.behaviour.refusals, textbook=settings.textbook)
            for profile in self.profiles
        }
        # The refusals of all profiles played.
        self.situations = tuple(
            sorted({name for refusals in self.refusals.values() for name in refusals.situations})
        )
        self.families = {
            (profile.name, family.name): played_family(profile, family, self.refusals[profile.name])
            for profile in self.profiles
            for family in profile.families
        }
        self.store: Store = store if store is not None else open_store(settings.store, settings.max_store)
        self.defaults = AccountDefaults(
            Clock(settings.rate, settings.wall() // NS), read_pace(settings.pace), settings.scenario
        )
        # Told of every request, where somebody asked for that.
        self.observers: list[Callable[[Entry], None]] = []
        observed = settings.metrics or settings.log_json
        self.journaling = settings.journal > 0 or observed
        self.budget = ByteBudget(settings.journal_bytes, self.logs)
        self.new_journal = self.observed_journal if observed else self.plain_journal
        self.accounts = Accounts(
            self.defaults,
            self.new_journal,
            self.store.has_tasks,
            settings.accounts,
        )
        self.accounts.account_type = self.account_type
        self.ids = Ids(settings.seed)
        self.ids.go_past(self.store.last_id())
        self.keyring = Keyring(settings.keys, settings.secrets, lambda: settings.wall() / 1e9)
        self.known_ids = KnownIds()
        # Requests that belong to no account: unknown callers and paths.
        self.unidentified = self.new_journal()
        # (account, Idempotency-Key) -> digest of the first body, id of its task.
        self.creates_by_key: MutableMapping[tuple[str, Any], tuple[str, str]] = {}
        self.bodies = BodyReader(settings.max_body, settings.max_in_flight)
        secrets = [read_secret(text) for text in settings.webhook_secrets]
        self.policies = callback_policies(self.families.values(), secrets)
        self.sender = Sender(read_networks(settings.callback_nets), settings.callback_timeout)
        self.outbox = self.outbox_type(
            self.store,
            self.accounts,
            DeliveryRules(self.effects_of, self.is_terminal, self.callback_body, self.policies),
            self.sender,
            lambda: settings.wall() // NS,
            secrets,
        )
        self.choose(settings.scenario)
        self.set_aside_foreign_tasks()
        self.real: Callable[[], int] = settings.wall
        self._remembering: asyncio.Task[None] | None = None

    def plain_journal(self) -> Journal:
        return Journal(self.settings.journal, self.budget)

    def observed_journal(self) -> Journal:
        return ObservedJournal(max(1, self.settings.journal), self.budget, self.observers)

    def logs(self) -> Iterator[EntryLog[Any]]:
        """Every journal and every log of callbacks."""
        yield self.unidentified
        for account in self.accounts:
            yield from account.logs()

    def choose(self, text: str) -> tuple[ChosenScenario, ...]:
        """The scenarios that a text chooses; raises MockError."""
        return read_scenarios(text, self.situations)

    def played_by(self, task: Task) -> PlayedFamily:
        """The family that a task is played by; the first profile's, when its own is not played any more."""
        played = self.families.get((task.profile, task.family))
        if played is None:
            played = next((p for (_, family), p in self.families.items() if family == task.family), None)
        if played is None:
            raise MockError(f"family {task.family!r} is not served by any profile")
        return played

    def effects_of(self, task: Task) -> Effects:
        """What a task's own scenario does, apart from answers to requests."""
        return effects(self.choose(task.scenario)) if task.scenario else NOTHING

    def is_terminal(self, task: Task, status: str) -> bool:
        return self.played_by(task).lifecycle.is_terminal(status)

    def callback_body(self, task: Task, index: int, chosen: Effects) -> bytes:
        played = self.played_by(task)
        body = played.callback(task, index, newer=chosen.new_generation)
        changes = tuple(one for one in chosen.mutations if one in OF_THE_TASK)
        if chosen.callback_extra:
            changes = (*changes, "extra-fields")
        if changes:
            body = mutate(body, changes, played.behaviour)
        return encode(body)

    def set_aside_foreign_tasks(self) -> None:
        """Leave out tasks of the store that no profile here can play, and say so.

        They are of a provider that is not played, or of another version's states or scenarios.
        """
        judged: dict[tuple[object, ...], bool] = {}
        foreign: dict[str, int] = {}
        for account in list(self.store.accounts()):
            for task in list(self.store.tasks(account)):
                marks = (task.profile, task.family, task.plan.statuses, task.plan.rest, task.scenario)
                if marks not in judged:
                    judged[marks] = self.can_play(task)
                if not judged[marks]:
                    self.store.set_aside(task)
                    name = f"{task.profile} {task.family}"
                    foreign[name] = foreign.get(name, 0) + 1
        if foreign:
            told = ", ".join(f"{count} of {name}" for name, count in sorted(foreign.items()))
            logger.warning(
                "understudy: tasks of the store that are not played here are set aside, and stay there: %s",
                told,
            )

    def can_play(self, task: Task) -> bool:
        """Whether a task's family is played here, with its states, and its scenario is known."""
        try:
            known = self.played_by(task).lifecycle.names
            self.effects_of(task)
        except MockError:
            return False
        return {*task.plan.statuses, *task.plan.rest} <= {*known, REMOVED}

    async def start(self) -> None:
        """Go on where the store left off: no clock goes back, and what is owed is sent, late ones first."""
        kept = dict(self.store.clocks())
        self.real = SteadyTime(self.time_after(kept.values()))
        shared = self.defaults.clock
        if "" in kept:
            shared.advance(max(0, Clock.on_course(kept.pop(""), self.real).now() - shared.now()))
        for key, anchor in kept.items():
            self.accounts.restored(key).clock = Clock.on_course(anchor, self.real)
        await self.keep_clock(None)
        self.outbox.start()
        self._remembering = asyncio.get_running_loop().create_task(self.remember_time())

    def time_after(self, anchors: Iterable[Anchor]) -> int:
        """The wall clock's time in nanoseconds, or what is surely later than all that was written before."""
        wall = self.settings.wall()
        last = max((since for _, since, _ in anchors), default=0)
        if last - wall > TOLERATED_NS:
            written, says = (datetime.fromtimestamp(at // 10**9, UTC).isoformat(" ") for at in (last, wall))
            logger.warning(
                "understudy: the store was last written at %s, and this machine's clock says %s. "
                "Time for tasks goes on from where it was.",
                written, says,
            )  # fmt: skip
        # What was shown after the last note of the time, before a kill, must not be shown as still to come.
        return wall if wall > last else last + int(REMEMBER_SECONDS * 1e9)

    async def remember_time(self) -> None:
        """Have a durable store note the time once a second while somebody looks at tasks."""
        seen = -1
        while True:
            await asyncio.sleep(REMEMBER_SECONDS)
            shown = self.ids.requests + self.outbox.attempts
            if shown != seen:
                seen = shown
                with contextlib.suppress(Refused):
                    await self.keep_clock(None)

    async def keep_clock(self, account: Account | None, ahead: int = 0, rate: float | None = None) -> None:
        """Have the store remember a clock, before it is moved `ahead` milliseconds by hand or runs at `rate`.

        Raises Refused when the store cannot be written.
        """
        own = account is not None and account.clock is not self.defaults.clock
        clock = account.clock if account is not None and own else self.defaults.clock
        now, since, old = clock.anchor(ahead, self.real)
        written = self.store.keep_clock(
            account.key if account is not None and own else "", (now, since, old if rate is None else rate)
        )
        if written is not None:
            await written

    async def close(self, grace: float = 0.4) -> None:
        if self._remembering is not None:
            self._remembering.cancel()
        left = await self.outbox.close(grace)
        # A store on disk sends them after the next start.
        if left and self.settings.store == "memory":
            logger.warning(
                "understudy: callbacks due but not sent when the server stopped: %d (see --drain)",
                left,
            )
        with contextlib.suppress(Refused):
            await self.keep_clock(None)
        await self.store.close()


def played_family(profile: PlayedProfile, family: CompiledFamily, refusals: RefusalAnswers) -> PlayedFamily:
    """A family as it is played: by templates where a description says so."""
    axes = family.behaviour.axes
    if axes is None:
        return PlayedFamily(profile, family, refusals)
    # Here, as below: servers of Kling's API alone start 3 ms sooner without what described ones need.
    from understudy.mockserver.play.described import DescribedFamily

    return DescribedFamily(profile, family, refusals, axes)


def callback_policies(families: Iterable[PlayedFamily], secrets: list[bytes]) -> CallbackPolicies | None:
    """How described APIs call back; None where none is played."""
    if all(played.behaviour.axes is None for played in families):
        return None
    # Here, as above.
    from understudy.mockserver.callbacks.policies import CallbackPolicies
    from understudy.mockserver.play.described import DescribedFamily

    return CallbackPolicies([one for one in families if isinstance(one, DescribedFamily)], secrets)
