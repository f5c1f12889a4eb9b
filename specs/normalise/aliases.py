"""Fields that a provider sells under another name than the vendor's: `model`, `scence_image`."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from understudy.specs.places import ITEM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.model import Field, FieldPath

# Below this, or when shorter, a name is the provider's own: there is no telling a misspelt name from another.
ALIKE = 0.88
SHORTEST_ALIKE = 5


def aliases(
    fields: Sequence[Field], known: Sequence[Field], explicit: Mapping[str, str], usual: Mapping[str, str]
) -> dict[FieldPath, FieldPath]:
    """The provider's places -> the vendor's, for fields that the vendor knows under another name."""
    places = {one.path: one for one in known}
    present = {one.path for one in fields}
    found: dict[FieldPath, FieldPath] = {}
    for one in fields:
        if one.path in places or one.name in ("", ITEM):
            continue
        free = [
            path
            for path in places
            if path[:-1] == one.path[:-1]
            and path[-1] != ITEM
            and path not in present
            and path not in found.values()
        ]
        told = explicit.get(one.name) or usual.get(one.name)
        meant = (*one.path[:-1], told) if told else _alike(one, [places[path] for path in free])
        if meant in free:
            found[one.path] = meant
    return found


def _alike(one: Field, candidates: list[Field]) -> FieldPath | None:
    """The candidate that is spelt almost the same and not of another type."""
    best: tuple[float, FieldPath] | None = None
    for other in candidates:
        if len(one.name) < SHORTEST_ALIKE or _types_differ(one, other):
            continue
        ratio = SequenceMatcher(None, one.name, other.name, autojunk=False).ratio()
        if ratio >= ALIKE and (best is None or ratio > best[0]):
            best = (ratio, other.path)
    return best[1] if best else None


def _types_differ(one: Field, other: Field) -> bool:
    return (
        one.get("type") is not None and other.get("type") is not None and one.get("type") != other.get("type")
    )
