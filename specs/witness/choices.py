"""Choices, alternative by alternative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Answer, Values, covers
from understudy.specs.diff.facts import Child
from understudy.specs.diff.schema import ANNOTATIONS, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.specs.diff.document import ApiDocument, Raw
    from understudy.specs.diff.facts import Fact
    from understudy.specs.witness.proof import SideName


def chosen_among(fact: Fact, side: SideName, *keys: str) -> list[Any]:
    """The alternatives of a side, as they stand in its document, where a fact is about a choice; else [].

    `keys`: which kinds of choices count, all of them if none is named.
    """
    limit = fact.base_limit if side == "base" else fact.revision_limit
    found = limit if isinstance(limit, dict) else {}
    members = [member for key in keys or ("oneOf", "anyOf") for member in found.get(key, ())]
    return [member.raw for member in members if isinstance(member, Child)]


def is_choice_alone(raw: Raw, document: ApiDocument) -> bool:
    """Whether a schema says nothing beside its alternatives. What stands beside them counts as declared in
    each, so that an alternative alone is not all that is sent."""
    said = {k for k in upgrade(raw, document) if k not in ANNOTATIONS and not k.startswith("x-")}
    return said in ({"oneOf"}, {"anyOf"})


def within_one(sent: Iterable[Values | None], taken: Sequence[Values | None]) -> bool:
    """Whether it is proven that each set of `sent` lies within one of `taken`. None: a set that is too large
    to be worked out."""
    known = [one for one in taken if one is not None]
    return all(one is not None and any(covers(other, one) is Answer.YES for other in known) for one in sent)
