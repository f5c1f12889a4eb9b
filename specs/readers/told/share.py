"""How much of a document was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs.readers.told.told_lines import told_lines
from understudy.specs.readers.told.unread_lines import unread_lines

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.model import Reading


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a document was read: its lines with any text, and those that a fact or a note came from.

    `unread` are the numbers of the others that may say something: see `unread_lines`.
    """

    lines: int
    read: int
    unread: tuple[int, ...] = ()


def share_read(reading: Reading, document: Document) -> Share:
    """The share of the document that the reading came from."""
    shown = [number for number, line in enumerate(document.lines, 1) if line.strip(" \t|`~-#*{}[](),")]
    told = told_lines(reading)
    return Share(len(shown), sum(number in told for number in shown), unread_lines(reading, document, told))
