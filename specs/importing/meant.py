"""Which pages `--operation` is about, and what to say when none of a page's operations is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError
from understudy.specs.normalise.placed import alike, below, elsewhere, needs_a_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.model import Field, Reading

LEAST_FIELDS = 3


def meant(readings: Sequence[Reading], operation: str) -> list[str]:
    """What each page is to be taken for, "" where that is what it says.

    `operation` is about the pages that do not say theirs; else about the one that says it at another path,
    and what other pages have at and below that path moves with it. Raises UnderstudyError when it is about
    none of them, or nothing tells which.
    """
    if not operation:
        return [""] * len(readings)
    unsaid = [needs_a_place(reading, operation) for reading in readings]
    if any(unsaid):
        return [operation if one else "" for one in unsaid]
    path = operation.partition(" ")[2]
    found = [elsewhere(reading, operation) for reading in readings]
    most = max(alike(one.path, path) if one else -1 for one in found)
    best = [one for one in found if one is not None and alike(one.path, path) == most]
    if len(best) != 1:
        said = [f"{one.method.upper()} {one.path}" for reading in readings for one in reading.operations]
        raise UnderstudyError(
            f"the pages say {some(said)}: that is it already, or nothing tells which of them is meant",
            where=f"--operation '{operation}'",
        )
    there = best[0].path
    return [
        operation if one is best[0] else below(reading, there, path)
        for reading, one in zip(readings, found, strict=True)
    ]


def likely_create(strange: Sequence[str], creates: Sequence[str]) -> str:
    """The create that a strange one is at another path: its last segment is the same; "" when none is."""
    ranked = sorted(
        (-alike(key.partition(" ")[2], known.partition(" ")[2]), known)
        for known in creates
        for key in strange
        if key.partition(" ")[0] == known.partition(" ")[0]
    )
    return ranked[0][1] if ranked and ranked[0][0] < 0 else ""


def by_its_fields(
    readings: Sequence[Reading], known: Mapping[str, Sequence[Field]], usual: Mapping[str, str]
) -> str:
    """The operation whose fields a page describes that does not say its path; "" when nothing tells.

    known: the vendor's fields of each operation; usual: other names that they are often sold under. Most of
    the page's fields must be among them, and three at least.
    """
    ranked: list[tuple[int, int, str]] = []
    for one in (one for reading in readings for one in reading.operations if not one.path):
        names = {usual.get(field.name, field.name) for field in one.request if len(field.path) == 1}
        for key, fields in known.items():
            common = names & {field.name for field in fields if len(field.path) == 1}
            if key.startswith("POST ") and len(common) >= LEAST_FIELDS and len(common) * 2 > len(names):
                ranked.append((-len(common), len(fields), key))
    return min(ranked)[2] if ranked else ""


def some(keys: Sequence[str], most: int = 5) -> str:
    """The first few of them in one line, and how many more there are."""
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return ", ".join(key[:120] for key in keys[:most]) + more
