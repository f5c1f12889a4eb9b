"""Stating facts: what differs goes down here, with its place in both documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.diff.children import says_kind
from understudy.specs.diff.facts import Fact
from understudy.specs.diff.known import changed_fields
from understudy.specs.diff.parts import UNDOCUMENTED
from understudy.specs.diff.same import Sameness

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument
    from understudy.specs.diff.facts import Pair
    from understudy.specs.diff.records import Api
    from understudy.specs.diff.view import SchemaView


class MessageFacts:
    """The facts of two APIs that are not about schemas, in the order in which they are stated."""

    def __init__(self, base: Api, revision: Api) -> None:
        self.base, self.revision = base, revision
        self.stated: list[Fact] = []

    def fact(self, area: str, action: str, direction: Any, left: Any, right: Any, /, **rest: Any) -> Fact:
        """State a fact; `left` and `right` are (container, key) on each side, or None."""
        found = Fact(
            area,
            action,
            direction,
            base=self.base.document.place(*left) if left else None,
            revision=self.revision.document.place(*right) if right else None,
            **rest,
        )
        self.stated.append(found)
        return found

    def silence(
        self, word: str, direction: Any, old: dict[str, Any], new: dict[str, Any], rest: dict[str, Any]
    ) -> None:
        """Whether the owner of only one document mentions this part of it."""
        before, after = old.get(UNDOCUMENTED) is True, new.get(UNDOCUMENTED) is True
        if before != after:
            action = f"{word}-{'undocumented' if after else 'documented'}"
            self.fact(word, action, direction, (old, UNDOCUMENTED), (new, UNDOCUMENTED), **rest)

    def fields(self, kind: str, old: dict[str, Any], new: dict[str, Any], rest: dict[str, Any]) -> None:
        """What a document says in fields that are not known, where it changes."""
        versions = self.base.document.version, self.revision.document.version
        for key, before, after in changed_fields(kind, old, new, versions):
            named = {**rest, "subject": f"{kind} {key}", "old": before, "new": after}
            self.fact("operation", "field-not-understood", "none", (old, key), (new, key), **named)


class SchemaFacts:
    """States facts about pairs of schemas, and knows which schemas say the same."""

    def __init__(self, base: ApiDocument, revision: ApiDocument) -> None:
        self.base, self.revision = base, revision
        self.same = Sameness(base, revision)

    def implied(self, pair: Pair) -> bool:
        """Whether a pair only repeats what the discriminators of both documents say."""
        return says_kind(pair.base, self.base) and says_kind(pair.revision, self.revision)

    def fact(
        self, pair: Pair, action: str, left: SchemaView, right: SchemaView, key: Any, /, **rest: Any
    ) -> Fact:
        """State a difference of `pair`; `key` is the keyword (or what else has a spot) on both sides."""
        found = Fact(
            "schema",
            action,
            pair.direction,
            base=self.base.place(*left.spot(key)),
            revision=self.revision.place(*right.spot(key)),
            pair=pair,
            **rest,
        )
        pair.facts.append(found)
        return found
