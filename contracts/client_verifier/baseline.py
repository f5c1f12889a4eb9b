"""The baseline file: what is known to be broken, so that CI fails only on what is new.

{"version": 1, "broken": ["submits-once/create-times-out", …]}
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from understudy.contracts.client_verifier.promises import BY_ID
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from pathlib import Path

    from understudy.contracts.client_verifier.card import GradeCard

VERSION = 1


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints in the file; an absent file is an empty baseline.

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
        raise UnderstudyError("not a baseline of verify-client", where=str(path), advice=advice)
    strange = sorted(entry for entry in broken if entry.partition("/")[0] not in BY_ID)
    if strange:
        raise UnderstudyError(
            f"no promise {strange[0].partition('/')[0]!r}",
            where=str(path),
            advice=f"known: {', '.join(sorted(BY_ID))}",
        )
    return frozenset(broken)


def check_writable(path: Path) -> None:
    """Raises UnderstudyError when a baseline cannot be written there: before the runs, not after them."""
    place = path if path.is_file() else path.parent
    if not place.exists() or not os.access(place, os.W_OK) or path.is_dir():
        raise UnderstudyError("cannot write the baseline", where=str(path), advice="is its folder there?")


def write_baseline(path: Path, card: GradeCard) -> None:
    """Remember what `card` finds broken now. Raises UnderstudyError when the file cannot be written."""
    broken = sorted({f.fingerprint for row in card.rows for f in row.broken})
    text = json.dumps({"version": VERSION, "broken": broken}, indent=2) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnderstudyError(f"cannot write the baseline: {error.strerror}", where=str(path)) from error
