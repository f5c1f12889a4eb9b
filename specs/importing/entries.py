"""The documents' entries of a profile: known again by their places, replaced, and added."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError
from understudy.specs.profile import Profile, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document


def entries_of(old: Profile, new: Sequence[Source]) -> tuple[list[tuple[Source | None, Source]], list[str]]:
    """The documents' entries in the profile's order, each with the one that it replaces, and the names of
    those that are no longer read. A document is known again by its place, or by its name."""
    known: dict[int, Source] = {}
    for same_place in (True, False):
        for one in new:
            if id(one) not in known:
                match = next(
                    (
                        entry
                        for entry in old.documents
                        if not any(entry is taken for taken in known.values())
                        and (place(entry) == place(one) if same_place else entry.name == one.name)
                    ),
                    None,
                )
                if match is not None:
                    known[id(one)] = match
    replaced = {id(known[id(one)]): one for one in new if id(one) in known}
    entries: list[tuple[Source | None, Source]] = [
        (entry, _again(entry, replaced[id(entry)])) for entry in old.documents if id(entry) in replaced
    ]
    entries += [(None, one) for one in new if id(one) not in known]
    return entries, [entry.name for entry in old.documents if id(entry) not in replaced]


def place(source: Source) -> tuple[str, str]:
    """By what a document is known again: its file or its URL."""
    return source.file, source.url


def _again(before: Source, now: Source) -> Source:
    """The entry of a document that was read before: the same bytes keep their date."""
    unchanged = before.sha256 == now.sha256 and place(before) == place(now)
    return replace(
        now,
        kind=before.kind,
        date=before.date if unchanged else now.date,
        operation=now.operation or before.operation,
    )


def source_of(root: Path, document: Document, given: str) -> Source:
    """Where the document is to be found again: a file below the root by its relative path."""
    taken = date.fromisoformat(document.date)
    if document.url:
        return Source(url=document.url, date=taken, sha256=document.sha256)
    if not document.place:  # standard input, which is nowhere to be found again
        return Source(file=document.name, date=taken, sha256=document.sha256)
    path = Path(given).resolve()
    inside = path.is_relative_to(root.resolve())
    file = path.relative_to(root.resolve()).as_posix() if inside else path.as_posix()
    try:
        file.encode()
    except UnicodeEncodeError as error:
        what = "its name is no UTF-8, which provider.toml needs"
        raise UnderstudyError(what, where=ascii(file), advice="rename it") from error
    return Source(file=file, date=taken, sha256=document.sha256)
