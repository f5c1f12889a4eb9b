"""Properties by pattern: a proof that what one side sends under any name keeps to what the other demands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.specs.algebra import Answer, Values, covers
from understudy.specs.diff.definitions import complete, definitions
from understudy.specs.diff.language import texts
from understudy.specs.witness.budget import StepBudget
from understudy.specs.witness.flat import MAX_CASES, flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.algebra import Schema

# Schema objects of a property beyond which it is not looked into.
MAX_SIZE = 200
ABOUT_NAMES = frozenset(("properties", "patternProperties", "additionalProperties", "$defs"))


class _Names(NamedTuple):
    """What an object schema says of names: a schema for each pattern, and one for names that fit none."""

    by_pattern: tuple[tuple[str, Schema], ...]
    rest: Schema
    defs: Mapping[str, Schema]

    @property
    def patterns(self) -> tuple[str, ...]:
        return tuple(pattern for pattern, _ in self.by_pattern)


def names_kept(bundle: Schema, demanded: Schema) -> bool:
    """Whether it is proven that every property of what `bundle` sends keeps to `demanded`, which only says
    what stands under which names."""
    if isinstance(bundle, bool) or isinstance(demanded, bool) or "patternProperties" not in demanded:
        return False
    if not demanded.keys() <= ABOUT_NAMES:
        return False
    budget = StepBudget(2_000)
    cases = list(flatten(bundle, definitions(bundle), budget))
    if budget.spent or len(cases) == MAX_CASES:
        return False
    taker = _names(demanded, definitions(demanded))
    return all(
        "enum" not in case and _kept(_names(case, definitions(bundle)), taker)
        for case in cases
        if "object" in case.get("type", ("object",))
    )


def _names(schema: dict[str, Any], defs: Mapping[str, Schema]) -> _Names:
    named = {f"^{re.escape(name)}$": child for name, child in schema.get("properties", {}).items()}
    return _Names(
        (*named.items(), *schema.get("patternProperties", {}).items()),
        schema.get("additionalProperties", True),
        defs,
    )


def _kept(sender: _Names, taker: _Names) -> bool:
    for wanted, demand in taker.by_pattern:
        for pattern, child in sender.by_pattern:
            if texts((wanted, pattern), most=1) != () and not _covered(demand, child, taker, sender):
                return False
        others = texts((wanted,), sender.patterns, most=1)
        if others != () and not _covered(demand, sender.rest, taker, sender):
            return False
    for pattern, child in sender.by_pattern:
        beyond = texts((pattern,), taker.patterns, most=1)
        if beyond != () and not _covered(taker.rest, child, taker, sender):
            return False
    free = texts((), (*taker.patterns, *sender.patterns), most=1)
    return free == () or _covered(taker.rest, sender.rest, taker, sender)


def _covered(demand: Schema, child: Schema, taker: _Names, sender: _Names) -> bool:
    """Whether a demand takes all that is sent under a name."""
    if demand is True or child is False:
        return True
    sides = [_whole(demand, taker.defs), _whole(child, sender.defs)]
    if sides[0] is None or sides[1] is None:
        return False
    return covers(Values(sides[0]), Values(sides[1])) is Answer.YES


def _whole(schema: Schema, defs: Mapping[str, Schema]) -> Schema | None:
    return schema if isinstance(schema, bool) else complete({**schema, "$defs": defs}, MAX_SIZE)
