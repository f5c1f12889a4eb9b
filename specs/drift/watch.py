"""Over time: is what a provider's documents say today still what is committed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs import documents, library, profile
from understudy.specs.drift.engine import Drift, compare
from understudy.specs.drift.normalised import promise_of, stated
from understudy.specs.drift.sides import load
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from understudy.specs.model import ProviderSpec
    from understudy.specs.profile import Source
    from understudy.specs.rules import Levels


NO_DOCUMENT = (
    "its provider.toml names no document to read again: enter one under [[documents]], as url or file"
)


@dataclass(frozen=True, slots=True)
class Watched:
    """One provider: what its documents have drifted to, or why that could not be told.

    `same` says that every byte is the one that was imported; `unread` are parts that could not be read.
    """

    provider: str
    read: tuple[str, ...] = ()
    drift: Drift | None = None
    problem: str = ""
    same: bool = False
    unread: tuple[str, ...] = ()


def watchable(root: Path | None = None) -> list[str]:
    """The providers that have documents to read again, sorted.

    An installed package comes without the documents of its own providers; those are not watchable.
    """
    found = []
    for name, folder in library.folders().items():
        sources = _sources(name)
        ours = folder.is_relative_to(library.HERE)
        below = root or _root(folder)
        if sources and (not ours or all(s.url or (below / s.file).is_file() for s in sources)):
            found.append(name)
    return found


def watch(
    names: Sequence[str],
    *,
    root: Path | None = None,
    levels: Levels | None = None,
    timeout: float = documents.TIMEOUT_SECONDS,
) -> list[Watched]:
    """Read each provider's documents from where they came, and compare with what is committed.

    A document with a URL in provider.toml is fetched, one with a file alone is read from below `root` (or,
    without it, the folder with the `specs/` that the provider was found in). A provider without documents, or
    whose documents cannot be read, could not be told; that is no error. `timeout` is in seconds, a document.
    """
    return [_watched(name, root, levels, timeout) for name in names]


def _watched(name: str, root: Path | None, levels: Levels | None, timeout: float) -> Watched:
    sources = _sources(name)
    where = tuple(source.url or source.file for source in sources)
    if not sources:
        return Watched(name, problem=NO_DOCUMENT)
    folder = library.folders()[name]
    try:
        found = [_read(source, root or _root(folder), timeout) for source in sources]
        spec = stated(found, profile.load(folder / library.PROFILE_FILE))
        _check(name, spec)
        now = promise_of(f"{name} today", spec, folder.parents[1])
        drift = compare(load(name), now, levels=levels)
    except UnderstudyError as error:
        return Watched(name, where, problem=str(error))
    same = all(s.sha256 == d.sha256 for s, d in zip(sources, found, strict=True))
    unread = tuple(f"{n.document}:{n.line}: {n.text}" for n in spec.notes if n.kind == "problem")
    return Watched(name, where, drift, same=same, unread=unread)


def _check(name: str, spec: ProviderSpec) -> None:
    """Raise UnderstudyError when the documents speak about nothing that they spoke about before."""
    before = _operations(library.documented(name) or {})
    if before and not before & set(spec.operations):
        now = ", ".join(sorted(spec.operations)[:3]) or "no operation"
        raise UnderstudyError(
            f"describes {now}, and no longer {', '.join(sorted(before)[:3])}: has the page moved?",
            where=name,
            advice="check the URL in its provider.toml",
        )


def _operations(document: library.Document) -> set[str]:
    paths = document.get("paths", {})
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in item}


def _sources(name: str) -> tuple[Source, ...]:
    about = profile.load(library.folders()[name] / library.PROFILE_FILE)
    return tuple(source for source in about.documents if source.kind != "vendor")


def _root(folder: Path) -> Path:
    """The folder with the `specs/` that holds a provider's folder."""
    return folder.parents[2]


def _read(source: Source, root: Path, timeout: float) -> documents.Document:
    if source.url:
        return documents.load_url(source.url, timeout=timeout)
    return documents.load_file(root / source.file)
