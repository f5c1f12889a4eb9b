"""What endpoints and control share: the profiles as they are played, the store, accounts and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.accounts import Account, Accounts, Defaults
from mockserver.checks import ITEMS
from mockserver.clock import NS, Clock, Ids
from mockserver.encoding import encode
from mockserver.envelopes import Envelope
from mockserver.errors import MockError
from mockserver.faults import NOTHING, Effects, effects, read_scenarios
from mockserver.guard import read_networks
from mockserver.journal import Journal
from mockserver.keys import Keyring
from mockserver.lifecycle import look
from mockserver.logs import Shelf
from mockserver.outbox import Outbox, Rules
from mockserver.pace import read_pace
from mockserver.plans import make_plan
from mockserver.profile import read_profile
from mockserver.refusals import Refusals
from mockserver.sender import Sender
from mockserver.signing import read_secret
from mockserver.store import open_store
from mockserver.wire import Bodies, mutate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.faults import Chosen
    from mockserver.lifecycle import Path
    from mockserver.logs import Log
    from mockserver.pace import Pace
    from mockserver.profile import Family, Profile
    from mockserver.settings import Settings
    from mockserver.store import Store
    from mockserver.tasks import Plan, Task


# What a create request says beside what was asked for, in the order in which `Play.read` gives it.
READ = ("external_id", "callback_url", "model", "prompt", "watermark")
ADDRESS = ("http://", "https://")


def reader(paths: list[Path]) -> Callable[[Any], list[Any]]:
    """A function that gives what stands at each path of a request, None where nothing does."""
    steps = [(path[0], path[1:]) for path in paths if path]
    if len(steps) < len(paths):
        return lambda value: [look(value, path) if path else None for path in paths]

    def read(value: Any) -> list[Any]:
        get = value.get
        return [look(get(name), rest) if rest else get(name) for name, rest in steps]

    return read


def all_addresses(paths: list[Path]) -> Callable[[Any], bool]:
    """A function that says whether a request's pictures are all addresses ("" and absent ones aside).

    False where it cannot say: then each picture is looked at.
    """
    alone = [path[0] for path in paths if len(path) == 1]
    listed = [(path[0], path[2]) for path in paths if len(path) == 3 and path[1] == ITEMS]
    if len(alone) + len(listed) < len(paths):
        return lambda _: False

    def check(value: Any) -> bool:
        for name in alone:
            if (text := value.get(name)) and not text.startswith(ADDRESS):
                return False
        for name, leaf in listed:
            for item in value.get(name) or ():
                if (text := item.get(leaf)) and not text.startswith(ADDRESS):
                    return False
        return True

    return check


class Play:
    """One family of one profile, with everything that its requests need."""

    __slots__ = (
        "_plans",
        "check",
        "envelope",
        "family",
        "life",
        "only_addresses",
        "pictures",
        "profile",
        "read",
        "refusals",
        "situations",
    )

    def __init__(self, profile: Profile, family: Family, refusals: Refusals) -> None:
        self.profile = profile
        self.family = family
        self.life = family.life
        self.check = family.check
        self.pictures = tuple(family.check.pictures.items())
        self.read = reader([family.life.request.get(name, ()) for name in READ])
        self.only_addresses = all_addresses([path for path, _ in self.pictures])
        self.envelope = Envelope(profile, family)
        self.refusals = refusals
        self.situations = tuple(refusals.situations())
        self._plans: dict[Pace, Plan] = {}

    def plan(self, pace: Pace, chosen: Effects, seed: str, bad_picture: str) -> Plan:
        """The plan of a new task; `seed` is its id."""
        if chosen is not NOTHING or bad_picture or pace.kind == "realistic":
            return make_plan(self.life, pace, chosen, seed, bad_picture)
        plan = self._plans.get(pace)
        if plan is None:
            plan = self._plans[pace] = make_plan(self.life, pace, NOTHING, seed)
        return plan


class World:
    """One server's state. Everything is used from one event loop."""

    def __init__(self, settings: Settings, store: Store | None = None) -> None:
        self.settings = settings
        self.profiles = [
            read_profile(name, strict=settings.strict) for name in dict.fromkeys(settings.profiles)
        ]
        if not self.profiles:
            raise MockError("no profile to play", advice="--provider NAME")
        self.refusals = {
            profile.name: Refusals(profile, textbook=settings.textbook) for profile in self.profiles
        }
        self.plays = {
            (profile.name, family.name): Play(profile, family, self.refusals[profile.name])
            for profile in self.profiles
            for family in profile.families
        }
        self.store: Store = store if store is not None else open_store(settings.store)
        self.defaults = Defaults(
            Clock(settings.rate, settings.wall() // NS), read_pace(settings.pace), settings.scenario
        )
        self.journaling = settings.journal > 0
        self.shelf = Shelf(settings.journal_bytes, self.logs)
        self.accounts = Accounts(
            self.defaults,
            lambda: Journal(settings.journal, self.shelf),
            self.store.has_tasks,
            settings.accounts,
        )
        self.ids = Ids(settings.seed)
        self.ids.go_past(self.store.last_id())
        self.keyring = Keyring(settings.keys, settings.secrets, lambda: settings.wall() / 1e9)
        # Requests that belong to no account: unknown callers and paths.
        self.strangers = Journal(settings.journal, self.shelf)
        self.bodies = Bodies(settings.max_body, settings.max_in_flight)
        self.outbox = Outbox(
            self.store,
            self.accounts,
            Rules(self.effects_of, self.is_terminal, self.callback_body),
            Sender(read_networks(settings.callback_nets), settings.callback_timeout),
            lambda: settings.wall() // NS,
            [read_secret(text) for text in settings.webhook_secrets],
        )
        self.choose(settings.scenario)

    def logs(self) -> Iterator[Log]:
        """Every journal and every log of callbacks."""
        yield self.strangers
        for account in self.accounts:
            yield from account.logs()

    @property
    def situations(self) -> tuple[str, ...]:
        """The refusals of all profiles played."""
        return tuple(sorted({name for refusals in self.refusals.values() for name in refusals.situations()}))

    def choose(self, text: str) -> tuple[Chosen, ...]:
        """The scenarios that a text chooses; raises MockError."""
        return read_scenarios(text, self.situations)

    def play_of(self, task: Task) -> Play:
        """The play of a task's family; the first profile's, when its own is not played any more."""
        play = self.plays.get((task.profile, task.family))
        if play is None:
            play = next((p for (_, family), p in self.plays.items() if family == task.family), None)
        if play is None:
            raise MockError(f"no profile plays family {task.family!r}")
        return play

    def effects_of(self, task: Task) -> Effects:
        """What a task's own scenario does, apart from answers to requests."""
        return effects(self.choose(task.scenario)) if task.scenario else NOTHING

    def is_terminal(self, task: Task, status: str) -> bool:
        return self.play_of(task).life.is_terminal(status)

    def callback_body(self, task: Task, index: int, chosen: Effects) -> bytes:
        play = self.play_of(task)
        body = play.envelope.callback(task, index, task.origin)
        if chosen.new_generation:
            body = new_generation(play, task, index)
        if chosen.callback_extra:
            body = mutate(body, ("extra-fields",), play.life.status[-1])
        return encode(body)

    async def start(self) -> None:
        """Go on where the store left off: no clock goes back, and what is owed is sent, late ones first."""
        kept = dict(self.store.clocks())
        shared = self.defaults.clock
        if "" in kept:
            shared.advance(max(0, Clock.on_course(kept.pop("")).now() - shared.now()))
        for key, anchor in kept.items():
            self.accounts.restored(key).clock = Clock.on_course(anchor)
        await self.keep_clock(None)
        self.outbox.start()

    async def keep_clock(self, account: Account | None, ahead: int = 0) -> None:
        """Have the store remember a clock, before it is moved `ahead` milliseconds by hand."""
        own = account is not None and account.clock is not self.defaults.clock
        clock = account.clock if account is not None and own else self.defaults.clock
        written = self.store.keep_clock(
            account.key if account is not None and own else "", clock.anchor(ahead)
        )
        if written is not None:
            await written

    async def close(self, grace: float = 0.4) -> None:
        await self.outbox.close(grace)
        await self.store.close()


def new_generation(play: Play, task: Task, index: int) -> dict[str, Any]:
    """The change as the vendor's new API generation words it: id, status `succeeded`, outputs."""
    life = play.life
    status = task.plan.statuses[index]
    word = "succeeded" if status == life.success else status
    record = play.envelope.records.record(task, index, task.origin)
    results: Any = record
    for name in life.result.at:
        results = results.get(name, {}) if isinstance(results, dict) else {}
    return {
        "id": task.id,
        "external_id": task.external_id,
        "status": word,
        "message": task.plan.reason if status == life.failure else "",
        "create_time": task.created_at,
        "update_time": task.changed_at(index),
        "outputs": results or [],
    }
