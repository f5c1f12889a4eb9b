"""The baseline file: what is known to be broken, so that CI fails only on what is new.

{"version": 1, "broken": ["submits-once/create-times-out", …]}
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

VERSION = 1


def read_baseline(path: Path, promises: Collection[str], tool: str) -> frozenset[str]:
    """The fingerprints in the file; an absent file is an empty baseline.

    promises: the ids that there are;  tool: the command that wrote it.
    Raises UnderstudyError when the file is not a baseline or names a promise that does not exist.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError) as error:
        raise UnderstudyError(f"cannot be read: {error}", where=str(path)) from error
    broken = data.get("broken") if isinstance(data, dict) and data.get("version") == VERSION else None
    if not isinstance(broken, list) or not all(isinstance(entry, str) for entry in broken):
        advice = "write one with --update-baseline"
        raise UnderstudyError(f"not a baseline of {tool}", where=str(path), advice=advice)
    strange = sorted(entry for entry in broken if entry.partition("/")[0] not in promises)
    if strange:
        raise UnderstudyError(
            f"no promise {strange[0].partition('/')[0]!r}",
            where=str(path),
            advice=f"known: {', '.join(sorted(promises))}",
        )
    return frozenset(broken)


def check_writable(path: Path) -> None:
    """Raises UnderstudyError when a baseline cannot be written there: before the runs, not after them."""
    place = path if path.is_file() else path.parent
    if not place.exists() or not os.access(place, os.W_OK) or path.is_dir():
        raise UnderstudyError("cannot write the baseline", where=str(path), advice="does its folder exist?")


def write_baseline(path: Path, broken: Iterable[str]) -> None:
    """Remember what is broken now, as fingerprints. Raises UnderstudyError when that cannot be written."""
    text = json.dumps({"version": VERSION, "broken": sorted({*broken})}, indent=2) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnderstudyError(f"cannot write the baseline: {error.strerror}", where=str(path)) from error
