"""Where something is stated: the spec files of a profile, their lines, and how a person names a file."""

from __future__ import annotations

import functools
from pathlib import Path

from understudy.specs import library
from understudy.specs.errors import UnderstudyError
from understudy.specs.source import ParsedSource, parse


def spec_files(profile: str) -> list[Path]:
    """The spec files in which a profile's promises stand, the most particular first.

    For `canonical`, and for a document in no folder of ours, that is the canonical spec alone.
    """
    try:
        own = library.folder_of(profile)
    except UnderstudyError:
        own = None
    found = [] if own is None else [own / "promise.yaml", own / "openapi.yaml"]
    found.append(library.canonical_file(own.parents[1] if own else None))
    return [file for file in found if file.is_file()]


def parsed(file: Path) -> ParsedSource:
    """A spec file with its lines; read anew when it has changed. Raises DocumentError and OSError."""
    return _parsed(file, file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _parsed(file: Path, _changed_ns: int) -> ParsedSource:
    return parse(file.read_text(encoding="utf-8"), file.name)


def named(file: Path) -> str:
    """A file from the folder that holds the package on, or from the current one: "specs/…/openapi.yaml"."""
    return _named(file, Path.cwd())


# Each promise of a run names one of the same few files.
@functools.lru_cache(maxsize=64)
def _named(file: Path, current: Path) -> str:
    for folder in (library.HERE.parent, current):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return file.as_posix()
