"""The documents that an import was given, read, each as of the operation that is said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.importing.entries import entries_of, place, source_of
from understudy.specs.importing.meant import meant
from understudy.specs.importing.sources import read_all
from understudy.specs.normalise import placed
from understudy.specs.readers.told.share import Share, share_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from understudy.specs.documents import Document
    from understudy.specs.model import Reading
    from understudy.specs.profile import Profile, Source


@dataclass(frozen=True, slots=True)
class Pages:
    """The documents that were given, what each states, and their entries in the profile."""

    readings: list[Reading]
    documents: list[tuple[str, Document]]
    skipped: list[str]
    entries: list[tuple[Source | None, Source]]
    dropped: list[str]

    @property
    def shares(self) -> Mapping[str, Share]:
        """How much of each document a fact or a note came from, by its name."""
        read = zip(self.readings, self.documents, strict=True)
        return MappingProxyType({document.name: share_read(one, document) for one, (_, document) in read})


def pages_of(
    root: Path, sources: Sequence[str], today: date, old: Profile, operation: str, *, follow: bool
) -> Pages:
    """The documents at `sources`, each read as of the operation that is said of it."""
    readings, documents, skipped = read_all(sources, today, follow)
    new = [
        replace(source_of(root, document, given), operation=its)
        for (given, document), its in zip(documents, meant(readings, operation), strict=True)
    ]
    entries, dropped = entries_of(old, new)
    said = {(new.file, new.url): new.operation for _, new in entries}
    readings = [
        placed(reading, said[place(source_of(root, document, given))])
        for reading, (given, document) in zip(readings, documents, strict=True)
    ]
    return Pages(readings, documents, skipped, entries, dropped)
