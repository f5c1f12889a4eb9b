"""The lifecycle of a task (`x-task`) on both sides: its states, transitions, places and results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specs.diff.api import Operation
    from specs.diff.compare import Comparison

# Places in the answer where a client looks: pointers into the task record.
POINTERS = ("record", "id", "external_id", "status", "reason", "created_at", "updated_at")


def compare_tasks(comparison: Comparison, old: Operation, new: Operation) -> None:
    """State what differs between the `x-task` of two operations."""
    before, after = old.task, new.task
    if before is None and after is None:
        return
    spots = (old.raw, "x-task"), (new.raw, "x-task")
    data = {"old": old, "new": new}

    def fact(action: str, **rest: Any) -> None:
        comparison.fact("task", action, "response", *spots, operation=new.key, data=data, **rest)

    if before is None or after is None:
        fact("task-added" if before is None else "task-removed")
        return
    _states(before, after, fact)
    for key in POINTERS:
        if before.get(key) != after.get(key):
            fact("task-place-changed", subject=key, old=before.get(key), new=after.get(key))
    one, other = before.get("initial"), after.get("initial")
    if one != other:
        fact("task-initial-changed", old=one, new=other)
    _carries(before, after, fact)
    said = {*POINTERS, "states", "transitions", "initial", "carries"}
    for key in sorted({*before, *after} - said):
        if before.get(key) != after.get(key):
            fact("task-detail-changed", subject=key, old=before.get(key), new=after.get(key))


def _states(before: dict[str, Any], after: dict[str, Any], fact: Any) -> None:
    old, new = _words(before.get("states")), _words(after.get("states"))
    for state in old:
        if state not in new:
            fact("task-state-removed", subject=state)
    for state in new:
        if state not in old:
            fact("task-state-added", subject=state)
    old_moves, new_moves = _moves(before), _moves(after)
    for move in sorted(old_moves - new_moves):
        if set(move) <= set(new):
            fact("task-transition-removed", subject=" to ".join(move))
    for move in sorted(new_moves - old_moves):
        if set(move) <= set(old):
            fact("task-transition-added", subject=" to ".join(move))


def _carries(before: dict[str, Any], after: dict[str, Any], fact: Any) -> None:
    old, new = before.get("carries") or {}, after.get("carries") or {}
    for state in sorted({*old, *new}):
        for pointer in sorted({*_words(old.get(state)), *_words(new.get(state))}):
            is_old, is_new = pointer in _words(old.get(state)), pointer in _words(new.get(state))
            if is_old != is_new:
                action = "task-result-removed" if is_old else "task-result-added"
                fact(action, subject=f"{pointer} at {state}", old=state, new=pointer)


def _moves(task: dict[str, Any]) -> set[tuple[str, str]]:
    transitions = task.get("transitions")
    if not isinstance(transitions, dict):
        return set()
    return {(start, end) for start, ends in transitions.items() for end in _words(ends)}


def _words(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else []
