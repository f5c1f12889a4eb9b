"""What a run says while it goes on; a terminal shows it, everything else may ignore it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from understudy.contracts.trace import Conversation


@dataclass(frozen=True, slots=True)
class Opened:
    """At the very beginning: what will hold everything that is said, also when the run is interrupted."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class RunPlanned:
    """Before anything can cost: what will be sent, and what it can cost at most."""

    free: int
    tasks: int
    most: Decimal
    budget: Decimal
    left_out: int
    expected_seconds: float


@dataclass(frozen=True, slots=True)
class RunProgress:
    """After each exchange: how far the run is. `phase` is for a person; `waiting` is why it stands still."""

    phase: str
    sent: int
    of: int
    tasks_ended: int
    tasks: int
    spent: Decimal
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One line for a person: what is waited for, what was taken differently from how it was given."""

    text: str


Event = Opened | RunPlanned | RunProgress | Said
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """A listener that does nothing."""
    del event
