"""What a run says while it goes on; a terminal shows it, everything else may ignore it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Planned:
    """Before anything can cost: what will be sent, and what it can cost at most."""

    free: int
    tasks: int
    most: Decimal
    budget: Decimal
    left_out: int
    expected_seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """After each exchange: how far the run is. `phase` is a word for a person."""

    phase: str
    sent: int
    of: int
    tasks_ended: int
    tasks: int
    spent: Decimal


@dataclass(frozen=True, slots=True)
class Said:
    """One line for a person: what is waited for, what was taken differently from how it was given."""

    text: str


Event = Planned | Progress | Said
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """A listener that does nothing."""
    del event
