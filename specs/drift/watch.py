"""Over time: is what a provider's documents say today still what is committed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from specs import documents, library
from specs.drift.engine import Drift, compare
from specs.drift.normalised import profile_of, promised
from specs.drift.sides import load
from specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from specs.profile import Source
    from specs.rules import Levels


@dataclass(frozen=True, slots=True)
class Watched:
    """One provider: what its documents have drifted to, or why that could not be told."""

    provider: str
    read: tuple[str, ...] = ()
    drift: Drift | None = None
    problem: str = ""


def watch(names: Sequence[str], *, root: Path | None = None, levels: Levels | None = None) -> list[Watched]:
    """Read each provider's documents from where they came, and compare with what is committed.

    A document with a URL in provider.toml is fetched, one with a file alone is read from below `root` (or,
    without it, the folder with the `specs/` that the provider was found in). A provider without documents, or
    whose documents cannot be read, could not be told; that is no error.
    """
    folders = library.folders()
    return [
        _watched(name, root or (folders[name].parents[2] if name in folders else library.HERE.parent), levels)
        for name in names
    ]


def _watched(name: str, root: Path, levels: Levels | None) -> Watched:
    about = profile_of(name)
    sources = [source for source in about.documents if source.kind != "vendor"]
    if not sources:
        return Watched(name, problem="its provider.toml names no document to read again")
    where = tuple(source.url or source.file for source in sources)
    try:
        found = [_read(source, root) for source in sources]
        now = promised(f"{name} today", found, about)
    except UnderstudyError as error:
        return Watched(name, where, problem=str(error))
    return Watched(name, where, compare(load(name), now, levels=levels))


def _read(source: Source, root: Path) -> documents.Document:
    return documents.load_url(source.url) if source.url else documents.load_file(root / source.file)
