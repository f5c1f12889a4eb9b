"""Which of the vendor's fields a provider means: by order, type and wording, or by a near-identical name.

The words that people use for a field, and the other names it is sold under, are data:
`specs/canonical/vocabulary.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from specs.places import ITEM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from specs.model import Field, FieldPath

# Below these a field stays unnamed, or keeps its own name.
CONFIDENT = 0.5
ALIKE = 0.88
SHORTEST_ALIKE = 5

COMPARED = ("enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "default")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`words`: the vendor's field name -> phrases that describe it; `names`: another name -> the vendor's."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def named(
    fields: Sequence[Field], known: Sequence[Field], vocabulary: Vocabulary
) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """(the fields with names, those that stay unnamed). Fields that have a name are left as they are."""
    groups = _groups(fields)
    nameless = [group for group in groups if group[0].path[:1] == ("",)]
    if not nameless:
        return tuple(fields), ()
    taken = {one.path[0] for one in fields if one.path and one.path[0]}
    free = [one for one in known if len(one.path) == 1 and one.path[0] not in taken]
    meant = _assigned([group[0] for group in nameless], free, vocabulary)
    result: list[Field] = []
    unnamed: list[Field] = []
    for group in groups:
        if group[0].path[:1] != ("",):
            result.extend(group)
            continue
        match = meant.get(nameless.index(group))
        if match is None:
            unnamed.append(group[0])
            continue
        name, confidence = match
        result.extend(replace(one, path=(name, *one.path[1:]), confidence=confidence) for one in group)
    return tuple(_into_objects(result, known)), tuple(unnamed)


def aliases(
    fields: Sequence[Field], known: Sequence[Field], explicit: Mapping[str, str], vocabulary: Vocabulary
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
        told = explicit.get(one.name) or vocabulary.names.get(one.name)
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


def _groups(fields: Sequence[Field]) -> list[list[Field]]:
    """Top-level fields, each with the fields inside it, in the document's order."""
    groups: list[list[Field]] = []
    for one in fields:
        if groups and len(one.path) > 1 and one.path[0] == groups[-1][0].path[0]:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _assigned(
    nameless: Sequence[Field], free: Sequence[Field], vocabulary: Vocabulary
) -> dict[int, tuple[str, float]]:
    """The best pairs first, each field and each name once; order decides between equals."""
    pairs = []
    for i, one in enumerate(nameless):
        for j, other in enumerate(free):
            score = confidence(one, other, vocabulary)
            distance = abs(i / len(nameless) - j / len(free))
            if score >= CONFIDENT:
                pairs.append((-score, distance, i, j))
    found: dict[int, tuple[str, float]] = {}
    used: set[int] = set()
    for score, _, i, j in sorted(pairs):
        if i not in found and j not in used:
            found[i] = (free[j].name, round(-score, 2))
            used.add(j)
    return found


def confidence(one: Field, other: Field, vocabulary: Vocabulary) -> float:
    """How sure it is, from 0 to 1, that the nameless field `one` is the vendor's `other`.

    Seven tenths are wording, three tenths limits and enums said of both; without any of the latter,
    wording alone counts for nine tenths.
    """
    wording = _wording(one.wording, other.name, vocabulary)
    agreement = [_agreement(one.get(word), other.get(word)) for word in COMPARED if _both(one, other, word)]
    if not agreement:
        return 0.9 * wording
    return 0.7 * wording + 0.3 * sum(agreement) / len(agreement)


def _both(one: Field, other: Field, word: str) -> bool:
    return one.get(word) is not None and other.get(word) is not None


def _agreement(one: Any, other: Any) -> float:
    if isinstance(one, list) and isinstance(other, list):
        ours, theirs = set(map(str, one)), set(map(str, other))
        return len(ours & theirs) / max(len(ours | theirs), 1)
    return float(one == other)


def _wording(text: str, name: str, vocabulary: Vocabulary) -> float:
    """How well the first line of a description fits a field's name; a quoted name settles it."""
    if f'"{name}"' in text:
        return 1.0
    first = text.strip().split("\n", 1)[0].lower()
    if any(phrase in first for phrase in vocabulary.words.get(name, ())):
        return 0.95
    wanted = {_stem(word) for word in name.lower().split("_")}
    present = {_stem(word) for word in re.findall(r"[a-z0-9]+", first)}
    return 0.9 * len(wanted & present) / len(wanted)


def _stem(word: str) -> str:
    """A word without its ending: images -> image, watermarked -> watermark."""
    for ending in ("ing", "ed", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)]
    return word


def _into_objects(fields: Sequence[Field], known: Sequence[Field]) -> list[Field]:
    """A field whose type is that of the only field inside the vendor's object is that inner field."""
    result = []
    for one in fields:
        outer = next((k for k in known if k.path == one.path), None)
        inner = [k for k in known if len(k.path) == len(one.path) + 1 and k.path[:-1] == one.path]
        fits = (
            outer is not None
            and one.confidence < 1
            and outer.get("type") == "object"
            and len(inner) == 1
            and one.get("type") is not None
            and one.get("type") == inner[0].get("type")
        )
        result.append(replace(one, path=inner[0].path) if fits else one)
    return result
