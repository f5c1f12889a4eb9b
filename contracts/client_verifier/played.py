"""What was played to a command: a scenario on the mock's clock, and the API that the mock played."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.contracts.shapes import expand, request_schema
from understudy.specs.behaviour import read
from understudy.specs.library import effective

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from understudy.contracts.client_verifier.scenarios import GradedScenario
    from understudy.specs.behaviour import Behaviour, TaskFamily

# Of the mock's scenarios: trouble that goes away not by itself, but when the task is asked about again.
RENEWED = frozenset({"results-renewed"})


@dataclass(frozen=True, slots=True)
class Played:
    """What was played to a run: the scenario, its text as the mock was given it, and by which clock.

    began_ms   when the command was started, milliseconds since 1970 by the mock's clock
    speed      how many times as fast as ours that clock runs
    task_ms    how long a task takes, by that clock;  orders: how many the command is meant to create
    restarted  how many requests had come when the command was killed and started again; None: it was not
    """

    scenario: GradedScenario
    text: str
    began_ms: float
    speed: float = 1.0
    task_ms: int = 0
    orders: int = 1
    restarted: int | None = None

    @property
    def passing(self) -> bool:
        """Whether it is trouble, and goes away when the client tries again.

        What may well be sent is no trouble: who ends because of it has broken the promise to survive it.
        """
        news = any(promise.startswith("survives-") for promise in self.scenario.promises)
        passes = self.number("times") is not None or bool(self.parts.keys() & RENEWED)
        return passes and bool(self.scenario.strikes) and not news

    @property
    def parts(self) -> dict[str, dict[str, str]]:
        """The mock's scenarios with their parameters: {"unavailable": {"at": "query", "times": "2"}}."""
        named = (part.partition(":") for part in self.text.split("+"))
        return {
            name: dict(pair.partition("=")[::2] for pair in given.split(",") if pair)
            for name, _, given in named
        }

    def number(self, parameter: str) -> int | None:
        """What one of the parts gives for a parameter; None when none does."""
        return next((int(given[parameter]) for given in self.parts.values() if parameter in given), None)


@dataclass(frozen=True, slots=True)
class PlayedApi:
    """The API that is played: its behaviour, and by family the fields of a create that its document names;
    None where it names not all of them.
    """

    behaviour: Behaviour
    fields: Mapping[str, frozenset[str] | None]


def check_providers(names: Iterable[str]) -> None:
    """Raises UnderstudyError for a provider that does not exist."""
    for name in names:
        effective(name)


def abilities(provider: str) -> frozenset[str]:
    """What scenarios may need of an API: classes of states, and "cancel", "callback", "progress", "results".

    Raises UnderstudyError for a provider that does not exist.
    """
    families = played_api(provider).behaviour.families
    classes = {str(state.kind.value) for family in families for state in family.lifecycle.states}
    cancels = any(family.axes is not None and family.axes.cancel is not None for family in families)
    further = {
        "cancel": cancels,
        "callback": calls_back(families),
        "progress": any(family.progress_members for family in families),
        "results": any(family.axes is None or family.result.at for family in families),
    }
    return frozenset(classes | {name for name, has in further.items() if has})


def calls_back(families: Iterable[TaskFamily]) -> bool:
    """Whether an API with these families calls its clients back."""
    return any(family.axes is None or family.axes.callback is not None for family in families)


@functools.cache
def played_api(provider: str) -> PlayedApi:
    """What a run's journal is read by, the same for all runs. Raises UnderstudyError for a provider that does
    not exist.
    """
    behaviour = read(effective(provider), provider)
    whole = behaviour.document
    return PlayedApi(behaviour, {one.name: _fields(one, whole) for one in behaviour.families})


def _fields(family: TaskFamily, whole: Mapping[str, Any]) -> frozenset[str] | None:
    """The fields of a create; None for a description that lets others be."""
    schema = expand(request_schema(family.operations.create.raw, whole), whole)
    if family.axes is not None and schema.get("additionalProperties") is not False:
        return None
    return frozenset(schema.get("properties", {}))
