"""What a page describes without saying which operation it is, or as one at a path of the provider's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.model import UNSAID_PATH

if TYPE_CHECKING:
    from understudy.specs.model import Operation, Reading


def needs_a_place(reading: Reading, operation: str) -> bool:
    """Whether the page describes an operation without saying which, and `operation` is for that one: the page
    states none at a path like its own."""
    method, _, path = operation.partition(" ")
    same = (one for one in reading.operations if one.path and one.method.lower() == method.lower())
    return any(not one.path for one in reading.operations) and not any(alike(one.path, path) for one in same)


def placed(reading: Reading, operation: str) -> Reading:
    """The reading with one of its operations taken for `operation`: "POST /v1/x", or "".

    That is the first without a path; or, where every path is said, or one like it, the one of `elsewhere`,
    together with all that stands below its path; each keeps the path that the page says.
    """
    if not operation:
        return reading
    method, _, path = operation.partition(" ")
    if not needs_a_place(reading, operation):
        found = elsewhere(reading, operation)
        return _moved(reading, found, path) if found else reading
    nameless = next(one for one in reading.operations if not one.path)
    named = replace(nameless, method=method.lower(), path=path)
    operations = tuple(named if one is nameless else one for one in reading.operations)
    several = any(not one.path for one in operations)
    notes = tuple(note for note in reading.notes if several or note.code != UNSAID_PATH)
    return replace(reading, operations=operations, notes=notes)


def elsewhere(reading: Reading, operation: str) -> Operation | None:
    """The operation of the page that `operation` is meant to be, at another path than the page says.

    It has the same method, and of all of them the path that ends most alike; a page's only one may be
    called anything. None when the page says `operation` itself, or nothing tells which is meant.
    """
    method, _, path = operation.partition(" ")
    same = [one for one in reading.operations if one.path and one.method.lower() == method.lower()]
    if any(one.path.endswith(path) for one in same):
        return None
    ranked = sorted(same, key=lambda one: alike(one.path, path), reverse=True)
    if len(ranked) == 1 or (ranked and alike(ranked[0].path, path) > alike(ranked[1].path, path)):
        return ranked[0]
    return None


def below(reading: Reading, there: str, path: str) -> str:
    """What a page with an operation at or below `there` is to be taken for, when that is `path`; or ""."""
    found = [one for one in reading.operations if one.path == there or one.path.startswith(f"{there}/")]
    if not found:
        return ""
    first = min(found, key=lambda one: len(one.path))
    return f"{first.method.upper()} {path}{first.path.removeprefix(there)}"


def alike(one: str, other: str) -> int:
    """How many segments two paths have in common, counted from their ends."""
    count = 0
    for mine, theirs in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False):
        if mine != theirs or not mine:
            break
        count += 1
    return count


def _moved(reading: Reading, found: Operation, path: str) -> Reading:
    def is_moved(one: Operation) -> bool:
        return one.path == found.path or one.path.startswith(f"{found.path}/")

    operations = tuple(
        replace(one, path=path + one.path.removeprefix(found.path), own_path=one.path)
        if is_moved(one)
        else one
        for one in reading.operations
    )
    return replace(reading, operations=operations)
