"""How a task may move: its states, what kind each is, and the transitions between them.

Vendors have words of their own; what a client must do depends on the class of the state alone. So everything
above (scenarios, promises, grades, workflows) is written against classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError, known_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class StateClass(StrEnum):
    """What a state means to a client, whatever the vendor calls it."""

    # accepted, not begun
    QUEUED = "queued"
    # accepted, and held back because too many run
    THROTTLED = "throttled"
    RUNNING = "running"
    # ended: with results, with a reason, without a result for a rule of content, stopped, too late
    SUCCESS = "success"
    FAILED = "failed"
    MODERATED = "moderated"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def terminal(self) -> bool:
        return self not in _OPEN

    @property
    def charged(self) -> bool:
        """Whether providers charge a task in this state: it has succeeded, or may still do so."""
        return self in _OPEN or self is StateClass.SUCCESS


_OPEN = (StateClass.QUEUED, StateClass.THROTTLED, StateClass.RUNNING)


@dataclass(frozen=True, slots=True)
class State:
    """One state: its name in templates and transitions, and its class."""

    name: str
    kind: StateClass


@dataclass(frozen=True)
class Lifecycle:
    """The states of a family's tasks. `success` and `failure` name the first state of their class.

    `carries` says which places of the record a state must fill, as pointers.
    """

    states: tuple[State, ...]
    initial: str
    transitions: Mapping[str, tuple[str, ...]]
    success: str
    failure: str
    carries: Mapping[str, tuple[str, ...]]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(state.name for state in self.states)

    def kind(self, name: str) -> StateClass | None:
        """The class of a state, None for a word that is no state."""
        return next((state.kind for state in self.states if state.name == name), None)

    def of(self, *kinds: StateClass) -> tuple[str, ...]:
        """The names of the states of these classes."""
        return tuple(state.name for state in self.states if state.kind in kinds)

    @property
    def succeeded(self) -> tuple[str, ...]:
        """Every state that means success."""
        return self.of(StateClass.SUCCESS)

    def is_terminal(self, name: Any) -> bool:
        """Whether a task in this state stays there; False for a word that is no state."""
        return name in self.names and not self.transitions.get(name, ())

    def route(self, last: str) -> tuple[str, ...]:
        """The states from the first to `last`, through every usual one on the way that is not terminal."""
        path = [self.initial]
        while True:
            ahead = [
                name
                for name in self.transitions[path[-1]]
                if name not in path
                and not self.is_terminal(name)
                and self.kind(name) is not StateClass.THROTTLED
            ]
            if not ahead:
                break
            path.append(ahead[0])
        return (*path, last) if last not in path else tuple(path[: path.index(last) + 1])

    def reachable(self, before: str, after: str) -> bool:
        """Whether the transitions lead from one state to the other; polls may miss what is between."""
        seen, todo = {before}, [before]
        while todo:
            for name in self.transitions.get(todo.pop(), ()):
                if name not in seen:
                    seen.add(name)
                    todo.append(name)
        return after in seen


def read_lifecycle(task: Mapping[str, Any], result_at: str, reason: str, where: str) -> Lifecycle:
    """The lifecycle in an `x-task`; `result_at` and `reason` are pointers into the record.

    `states` lists the names. Their classes stand in `classes`, or follow from the rest: the initial state is
    queued, a terminal one that carries results is a success, every other terminal one failed, the rest run.
    Raises UnderstudyError when no terminal state is a success, or none has failed.
    """
    names: list[str] = list(task["states"])
    transitions = {state: tuple(after) for state, after in task["transitions"].items()}
    carries = {state: tuple(places) for state, places in task.get("carries", {}).items()}
    stated: Mapping[str, str] = task.get("classes", {})
    states = tuple(
        State(name, _class_of(name, stated, transitions, carries, result_at, task["initial"], where))
        for name in names
    )
    success = next((s.name for s in states if s.kind is StateClass.SUCCESS), None)
    failure = next((s.name for s in states if s.kind is StateClass.FAILED), None)
    if success is None or failure is None:
        raise UnderstudyError(
            f"no terminal state carries {result_at} or {reason}",
            where=where,
            advice="x-task.carries must name both, or x-task.classes a success and a failed state",
        )
    return Lifecycle(states, task["initial"], transitions, success, failure, carries)


def _class_of(
    name: str,
    stated: Mapping[str, str],
    transitions: Mapping[str, Iterable[str]],
    carries: Mapping[str, tuple[str, ...]],
    result_at: str,
    initial: str,
    where: str,
) -> StateClass:
    if name in stated:
        try:
            return StateClass(stated[name])
        except ValueError:
            raise UnderstudyError(
                f"unknown class {stated[name]!r} of state {name!r}",
                where=where,
                advice=known_names(str(stated[name]), [str(one) for one in StateClass]),
            ) from None
    if transitions.get(name):
        return StateClass.QUEUED if name == initial else StateClass.RUNNING
    return StateClass.SUCCESS if result_at in carries.get(name, ()) else StateClass.FAILED
