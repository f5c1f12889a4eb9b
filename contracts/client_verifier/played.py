"""What was played to a command: a scenario on the mock's clock, and the API that the mock played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.contracts.client_verifier.scenarios import GradedScenario
    from understudy.specs.behaviour import Behaviour

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
