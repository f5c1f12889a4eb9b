"""What an earlier import, or a hand, left in a provider's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs import profile as profiles
from understudy.specs.build import overlay_text
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import OVERLAY_FILE, PROFILE_FILE, SPEC_FILE
from understudy.specs.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from understudy.specs.model import ProviderSpec


def existing_profile(folder: Path, name: str) -> tuple[Profile, str]:
    """The provider's profile and its text; an empty text when the provider is new."""
    path = folder / PROFILE_FILE
    if not path.is_file():
        return Profile(name, name), ""
    profile = profiles.load(path)
    if profile.vendor:
        raise UnderstudyError(f"{name} is the vendor; its spec is written by hand", where=str(folder))
    if profile.name != name:
        raise UnderstudyError(f"is named {profile.name!r} but stands in the folder {name!r}", where=str(path))
    # Not read_text, which would take CRLF for LF: the line ends are the hand's too.
    return profile, path.read_bytes().decode()


def edited_files(folder: Path, canonical: Mapping[str, Any], before: ProviderSpec) -> dict[str, str]:
    """Copies of the generated files, when the overlay is not what the spec beside it gives: a hand, or
    another version of Understudy, wrote it."""
    overlay = folder / OVERLAY_FILE
    found = overlay.read_text(encoding="utf-8") if overlay.is_file() else ""
    try:
        if found in ("", overlay_text(canonical, before)):
            return {}
    except UnderstudyError:
        pass  # an openapi.yaml that gives no overlay at all was certainly edited
    return {
        f"{file}.before": (folder / file).read_text(encoding="utf-8") for file in (SPEC_FILE, OVERLAY_FILE)
    }
