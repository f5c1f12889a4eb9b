"""Paths of a provider's own, at which operations of another path are played and verified.

`paths` of `x-conventions` says them: {"/v1/images/x": "/v2/images/x"}. Documents keep the canonical path, so
that providers can be compared; what plays one, or asks one, sees the document with the provider's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CONVENTIONS, PATHS = "x-conventions", "paths"


def at_own_paths(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document with each operation at the provider's own path, and the convention gone that has moved it
    there; the document itself where no path is another."""
    own = stated_paths(document)
    if not own:
        return document
    moved = {own_path(path, own): item for path, item in (document.get("paths") or {}).items()}
    rest = {name: value for name, value in document[CONVENTIONS].items() if name != PATHS}
    return {**document, "paths": moved, CONVENTIONS: rest}


def stated_paths(document: Mapping[str, Any]) -> Mapping[str, str]:
    """The provider's own paths that the document's conventions say, by the paths that it has."""
    stated: Mapping[str, str] = document.get(CONVENTIONS, {}).get(PATHS, {})
    return stated


def own_path(path: str, own: Mapping[str, str]) -> str:
    """The provider's own path of an operation: as stated, or below the one that is stated."""
    if path in own:
        return own[path]
    above = max((one for one in own if path.startswith(f"{one}/")), key=len, default="")
    return own[above] + path.removeprefix(above) if above else path
