"""How much of a document was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs.readers.told.told_lines import told_lines

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.model import Reading


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a document was read: its lines that say something, and those that a fact came from."""

    lines: int
    read: int


def share_read(reading: Reading, document: Document) -> Share:
    """The lines of the document that say something, and those of them that a fact or a note came from."""
    shown = [number for number, line in enumerate(document.lines, 1) if line.strip(" \t|`~-#*{}[](),")]
    told = told_lines(reading)
    return Share(len(shown), sum(number in told for number in shown))
