"""One family of one profile with everything that its requests need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.mockserver.play.envelopes import Envelope
from understudy.mockserver.play.plans import make_plan
from understudy.mockserver.play.request_schema import ITEMS
from understudy.mockserver.play.scenario_table import NOTHING
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.accounts.pace import Pace
    from understudy.mockserver.play.profile import CompiledFamily, PlayedProfile
    from understudy.mockserver.play.refusals import RefusalAnswers
    from understudy.mockserver.play.scenario_table import Effects
    from understudy.mockserver.store.tasks import Task, TaskPlan
    from understudy.specs.pointers import Path

# What a create request says beside what was asked for, in the order in which `PlayedFamily.read` gives it.
READ = ("external_id", "callback_url", "model", "prompt", "watermark")
ADDRESS = ("http://", "https://")


def reader(paths: list[Path]) -> Callable[[Any], list[Any]]:
    """A function that gives what stands at each path of a request, None where nothing does."""
    steps = [(path[0], path[1:]) for path in paths if path]
    if len(steps) < len(paths):
        return lambda value: [at(value, path) if path else None for path in paths]

    def read(value: Any) -> list[Any]:
        get = value.get
        return [v if (v := get(name)) is None or not rest else at(v, rest) for name, rest in steps]

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


class PlayedFamily:
    """One family of one profile, with everything that its requests need."""

    __slots__ = (
        "_last_plan",
        "_plans",
        "behaviour",
        "check",
        "envelope",
        "family",
        "lifecycle",
        "limit_headers",
        "media_types",
        "name",
        "only_addresses",
        "own_results",
        "pictures",
        "profile",
        "read",
        "refusals",
        "rules",
        "situations",
    )

    def __init__(self, profile: PlayedProfile, family: CompiledFamily, refusals: RefusalAnswers) -> None:
        self.profile = profile
        self.family = family
        self.name = family.name
        self.behaviour = family.behaviour
        self.lifecycle = family.behaviour.lifecycle
        self.limit_headers = profile.behaviour.limit_headers
        self.check = family.check
        # What a create's body may be; () where that is not looked at.
        self.media_types = family.media_types if profile.checks_content_type else ()
        self.pictures = tuple(family.check.pictures.items())
        self.read = reader([family.behaviour.request.get(name, ()) for name in READ])
        self.only_addresses = all_addresses([path for path, _ in self.pictures])
        # Whether a task's results follow from its own request alone: nothing is named in it that the account
        # must have, and records repeat nothing of it.
        result = family.behaviour.result
        needs = family.behaviour.names or family.behaviour.source or result.beside or result.otherwise
        self.own_results = not needs
        self.envelope = Envelope(family)
        self.rules = family.rules
        self.refusals = refusals
        self.situations = tuple(refusals.situations)
        self._plans: dict[Pace, TaskPlan] = {}
        # The plan asked for last: most creates ask with the same pace, whose hash is computed in Python.
        self._last_plan: tuple[Pace, TaskPlan] | None = None

    def callback(self, task: Task, index: int, *, newer: bool) -> Any:
        """The body posted when change `index` has happened; `newer`: as a newer API of the vendor's."""
        make = self.envelope.next_callback if newer else self.envelope.callback
        return make(task, index, task.origin)

    def plan(self, pace: Pace, chosen: Effects, seed: str, *, fails: str = "") -> TaskPlan:
        """The plan of a new task; `seed` is its id, `fails` why its request makes it fail."""
        if chosen is not NOTHING or fails or pace.kind == "realistic":
            return make_plan(self.behaviour, pace, chosen, seed, fails=fails)
        last = self._last_plan
        if last is not None and last[0] is pace:
            return last[1]
        plan = self._plans.get(pace)
        if plan is None:
            plan = self._plans[pace] = make_plan(self.behaviour, pace, NOTHING, seed)
        self._last_plan = pace, plan
        return plan
