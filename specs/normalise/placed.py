"""What a page describes without saying which operation it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specs.model import Reading

UNSAID = "does not say the path"


def needs_a_place(reading: Reading) -> bool:
    """Whether the page describes an operation without saying which."""
    return any(not one.path for one in reading.operations)


def placed(reading: Reading, operation: str) -> Reading:
    """The reading with its first operation without a path taken for `operation`: "POST /v1/x", or ""."""
    if not operation or not needs_a_place(reading):
        return reading
    nameless = next(one for one in reading.operations if not one.path)
    method, _, path = operation.partition(" ")
    named = replace(nameless, method=method.lower(), path=path)
    operations = tuple(named if one is nameless else one for one in reading.operations)
    several = any(not one.path for one in operations)
    notes = tuple(note for note in reading.notes if several or UNSAID not in note.text)
    return replace(reading, operations=operations, notes=notes)
