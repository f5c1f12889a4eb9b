"""What an operation says of itself: whether it is deprecated, its id, tags and extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.diff.facts import changed
from understudy.specs.diff.parts import UNDOCUMENTED

if TYPE_CHECKING:
    from understudy.specs.diff.records import ApiOperation
    from understudy.specs.diff.stating import MessageFacts


def compare_metadata(facts: MessageFacts, old: ApiOperation, new: ApiOperation) -> None:
    """State what differs in what an operation says of itself, beside its messages."""
    spots = {"operation": new.key, "data": {"old": old, "new": new}}
    before, after = old.raw.get("deprecated") is True, new.raw.get("deprecated") is True
    if before != after:
        action = "deprecated-added" if after else "deprecated-removed"
        facts.fact("operation", action, "none", (old.raw, "deprecated"), (new.raw, "deprecated"), **spots)
    for key, word in (("operationId", "operation-id"), ("x-sunset", "sunset"), ("tags", "tags")):
        one, other = old.raw.get(key), new.raw.get(key)
        if key == "tags":
            one, other = _sorted(one), _sorted(other)
        if one != other:
            action = changed(word, one, other)
            facts.fact(
                "operation", action, "none", (old.raw, key), (new.raw, key), old=one, new=other, **spots
            )
    if not old.inverted and old.path != new.path and old.key == new.key:
        facts.fact(
            "operation",
            "path-parameter-renamed",
            "none",
            (old.raw, None),
            (new.raw, None),
            old=old.path,
            new=new.path,
            **spots,
        )
    facts.silence("operation", "none", old.raw, new.raw, spots)
    facts.fields("operation", old.raw, new.raw, spots)
    facts.fields("path", old.item, new.item, spots)
    told = {"x-task", "x-sunset", UNDOCUMENTED}
    for key in sorted({k for k in (*old.raw, *new.raw) if k.startswith("x-")} - told):
        one, other = old.raw.get(key), new.raw.get(key)
        if one != other:
            facts.fact(
                "operation",
                "extension-changed",
                "none",
                (old.raw, key),
                (new.raw, key),
                subject=key,
                old=one,
                new=other,
                **spots,
            )


def _sorted(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else value
