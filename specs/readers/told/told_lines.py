"""What is known of each line of a document: the values and keywords read from it, and the notes about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.prose.records import one_spelling
from understudy.specs.readers.told.untold_lines import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.model import Reading


@dataclass(slots=True)
class ToldLine:
    """What is known of a line: the values and names of the keywords that stand on it, and its notes."""

    values: set[str] = field(default_factory=set)
    keywords: set[str] = field(default_factory=set)
    is_noted: bool = False
    quoted: set[str] = field(default_factory=set)  # the words of its notes

    def quotes(self, words: list[str]) -> bool:
        """Whether notes of this line have the words of another one: they are of several lines."""
        return bool(words) and self.quoted.issuperset(words)


def told_lines(reading: Reading) -> dict[int, ToldLine]:
    """What is known of each line that a field, an operation, a refusal or a note of the reading stands on."""
    found: dict[int, ToldLine] = {}
    for one in reading.fields():
        found.setdefault(one.line, ToldLine()).values.add(one.name)
        for word in one.keywords:
            if word.evidence.document != reading.document:
                continue  # it stands in a file beside this one
            told = found.setdefault(word.evidence.line, ToldLine())
            told.keywords.add(word.name)
            told.values.update(texts_of(word.value))
    for note in reading.notes:
        told = found.setdefault(note.line, ToldLine())
        told.is_noted = told.is_noted or note.kind != "mend"  # what was mended need not be read
        told.quoted.update(words_of(note.text))
    for line in (*(one.line for one in reading.operations), *(one.line for one in reading.refusals)):
        found.setdefault(line, ToldLine())
    return found


def texts_of(value: Any) -> Iterator[str]:
    """How a value may stand in a text: 10485760 as "10" of megabytes, an exclusive bound as the next one."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        for number in (value, value / 1024, value / 1024**2, value / 1024**3, value + 1, value - 1):
            yield plain(number)
        if value:
            yield plain(round(1 / value, 4))
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield text
        yield from re.findall(r"\d+(?:\.\d+)?", text)


def words_of(text: str) -> list[str]:
    """The words of a line, in the spelling in which notes have them."""
    return re.findall(r"\w+", one_spelling(text))
