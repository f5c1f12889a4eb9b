"""The lifecycle of a task (`x-task`) on both sides: its states, transitions, places and results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.operations import TASK
from understudy.specs.behaviour.stated import POINTERS

if TYPE_CHECKING:
    from understudy.specs.behaviour.stated import StatedTask
    from understudy.specs.diff.records import ApiOperation
    from understudy.specs.diff.stating import MessageFacts


def compare_tasks(facts: MessageFacts, old: ApiOperation, new: ApiOperation) -> None:
    """State what differs between the `x-task` of two operations."""
    before, after = old.task, new.task
    if before is None and after is None:
        return
    spots = (old.raw, TASK), (new.raw, TASK)
    data = {"old": old, "new": new}

    def fact(action: str, about: dict[str, Any] | None = None, **rest: Any) -> None:
        facts.fact(
            "task", action, "response", *spots, operation=new.key, data={**data, **(about or {})}, **rest
        )

    if before is None or after is None:
        fact("task-added" if before is None else "task-removed")
        return
    _states(before, after, fact)
    for key in POINTERS:
        one, other = before.places[key], after.places[key]
        if one != other:
            fact("task-place-changed", subject=key, old=one, new=other)
    if before.initial != after.initial:
        fact("task-initial-changed", old=before.initial, new=after.initial)
    _carries(before, after, fact)
    for key in sorted({*before.others, *after.others}):
        one, other = before.others.get(key), after.others.get(key)
        if one != other:
            fact("task-detail-changed", subject=key, old=one, new=other)


def _states(before: StatedTask, after: StatedTask, fact: Any) -> None:
    old, new = before.states, after.states
    for state in old:
        if state not in new:
            fact("task-state-removed", {"state": state}, subject=state)
    for state in new:
        if state not in old:
            fact("task-state-added", {"state": state}, subject=state)
    for move in sorted(before.moves - after.moves):
        if set(move) <= set(new):
            fact("task-transition-removed", {"move": move}, subject=" to ".join(move))
    for move in sorted(after.moves - before.moves):
        if set(move) <= set(old):
            fact("task-transition-added", {"move": move}, subject=" to ".join(move))


def _carries(before: StatedTask, after: StatedTask, fact: Any) -> None:
    for state in sorted({*before.carries, *after.carries}):
        old, new = set(before.carries.get(state, ())), set(after.carries.get(state, ()))
        for pointer in sorted(old ^ new):
            action = "task-result-removed" if pointer in old else "task-result-added"
            fact(action, subject=f"{pointer} at {state}", old=state, new=pointer)
