"""Which names a provider of one's own may have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError
from understudy.specs.library import CANONICAL, HERE, PROFILE_FILE

if TYPE_CHECKING:
    from pathlib import Path

MOST = 64
NAME = re.compile(rf"[a-z][a-z0-9-]{{0,{MOST - 1}}}\Z")
# Windows keeps these names for devices, with any ending; a version is the beginning of the API's own paths.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])\Z")
_VERSION = re.compile(r"v[0-9]+[a-z0-9]*\Z")
_SHOWN = 40


def checked_name(name: str) -> str:
    """The name itself. Raises UnderstudyError, with the reason and a name that would do, when it cannot be
    one: it is a folder's name, a part of the mock's addresses (`/NAME/v1/…`) and a word on the command line.
    """
    reason = _reason(name)
    if reason:
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        raise UnderstudyError(
            f"{shown!r} cannot be a provider's name: {reason}",
            advice=f"a name has 1 to {MOST} of a-z, 0-9 and '-' and begins with a letter: {_like(name)}",
        )
    return name


def _reason(name: str) -> str:
    if name == CANONICAL:
        return "it is the name of the spec that all providers are compared with"
    if _DEVICE.match(name):
        return "Windows reserves it for a device"
    if _VERSION.match(name):
        return "it looks like a version in a path"
    if len(name) > MOST:
        return f"it has {len(name)} characters"
    if not name:
        return "it is empty"
    return "" if NAME.match(name) else "it has other characters"


def _like(name: str) -> str:
    """A good name that is spelt like `name`."""
    like = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:MOST].rstrip("-")
    like = like if like[:1].isalpha() or not like else f"x-{like}"[:MOST]
    return f"my-{like}" if like and _reason(like) else like or "acme-2"


def shadowed(folder: Path) -> Path | None:
    """The folder of the package's own provider that a provider in `folder` would override."""
    packaged = HERE / "providers" / folder.name
    ours = (packaged / PROFILE_FILE).is_file() and packaged.resolve() != folder.resolve()
    return packaged if ours else None


def refuse_shadowing(folder: Path) -> None:
    """Raise UnderstudyError when a new provider in `folder` would override a built-in one."""
    if shadowed(folder) and not (folder / PROFILE_FILE).is_file():
        raise UnderstudyError(
            f"{folder.name} is a provider that comes with Understudy; yours would be used instead",
            advice=f"choose another name, such as my-{folder.name}, or confirm with --replace",
        )
