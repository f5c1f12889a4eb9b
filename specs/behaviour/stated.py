"""An `x-task` as far as it goes: what half a document, or one that contradicts itself, says of its tasks.

Documents that are compared are somebody's drafts: what is not in its shape is left out, nothing is refused,
and nothing is completed. Who plays or checks reads it whole (`specs.behaviour.family`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Places in the answer where a client looks: pointers into the task record.
POINTERS = ("record", "id", "external_id", "status", "reason", "created_at", "updated_at")
MOST_COURSES = 200


@dataclass(frozen=True, slots=True)
class StatedTask:
    """One operation's `x-task`. `initial` and `places` are as they stand, None where nothing does.

    `carries`: a terminal state -> pointers to what it must have. `others`: all further keys, as they stand.
    """

    states: tuple[str, ...]
    transitions: Mapping[str, tuple[str, ...]]
    carries: Mapping[str, tuple[str, ...]]
    initial: Any
    places: Mapping[str, Any]
    others: Mapping[str, Any]

    @property
    def moves(self) -> frozenset[tuple[str, str]]:
        """Every (state, next state)."""
        return frozenset((start, end) for start, ends in self.transitions.items() for end in ends)

    @property
    def request_external_id(self) -> str:
        """The pointer to the client's own id in a create's body, "" where none is told."""
        asked = self.others.get("request")
        pointer = asked.get("external_id") if isinstance(asked, dict) else None
        return pointer if isinstance(pointer, str) else ""

    def courses(self, most: int = MOST_COURSES) -> Iterator[list[str]]:
        """Courses of a task from its initial state, shortest first, no state twice except the last."""
        if not isinstance(self.initial, str):
            return
        queue, made = deque([[self.initial]]), 0
        while queue and made < most:
            course = queue.popleft()
            made += 1
            yield course
            queue += [
                [*course, state] for state in self.transitions.get(course[-1], ()) if state not in course
            ]

    def refuses(self, course: list[str]) -> str:
        """Why no task takes this course, "" when one may: "pending does not go to succeed"."""
        if course[0] != self.initial:
            return f"a task starts as {self.initial}, not {course[0]}"
        for state in course:
            if state not in self.states:
                return f"there is no state {state}"
        for before, after in pairwise(course):
            if after not in self.transitions.get(before, ()):
                return f"{before} does not go to {after}"
        return ""


def stated_task(task: Any) -> StatedTask | None:
    """What an `x-task` says; None when it is no object."""
    if not isinstance(task, dict):
        return None
    read = {"states", "transitions", "carries", "initial", *POINTERS}
    return StatedTask(
        states=_words(task.get("states")),
        transitions=_lists(task.get("transitions")),
        carries=_lists(task.get("carries")),
        initial=task.get("initial"),
        places={name: task.get(name) for name in POINTERS},
        others={name: value for name, value in task.items() if name not in read},
    )


def _words(value: Any) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _lists(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        return {}
    return {name: _words(part) for name, part in value.items() if isinstance(name, str)}
