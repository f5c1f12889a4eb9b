"""The part of a run that records: what was said, how far the run is, and what could not be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.contracts.runner import events

if TYPE_CHECKING:
    from decimal import Decimal

    from understudy.contracts.strategies.covering import Planned
    from understudy.contracts.trace import Conversation


@dataclass
class Recording:
    """`phase` is for a person. `unbought`: what was planned and for which no money was left any more."""

    conversation: Conversation
    listener: events.Listener = events.ignore
    phase: str = "locating the API"
    free_requests: int = 0
    started: int = 0
    ended: int = 0
    unbought: list[Planned] = field(default_factory=list)

    def note(self, text: str) -> None:
        """One line for the report's list of notes."""
        self.conversation.notes.append(text)

    def say(self, text: str) -> None:
        """A note that a person is told at once."""
        self.note(text)
        self.listener(events.Said(text))

    def progress(self, spent: Decimal, waiting: str) -> None:
        """Tell how far the run is."""
        sent = len(self.conversation.exchanges)
        self.listener(
            events.RunProgress(self.phase, sent, self.free_requests, self.ended, self.started, spent, waiting)
        )
