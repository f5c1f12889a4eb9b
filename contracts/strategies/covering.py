"""Requests that must be accepted: few, each worth its units, the most informative first."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.strategies import values
from understudy.specs.pointers import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from understudy.contracts.target_family import TargetFamily


class PlannedKind(Enum):
    """What a planned create is there for."""

    RICH = "rich"
    EMPTY = "empty"
    SMALL_PICTURE = "small-picture"
    BARE = "bare"
    PAIR = "pair"
    MANY = "many"
    DATED = "dated"
    PART = "part"


# More results than two show what is lost, cut or mixed up among many. So many are asked for in one task, once
# so many others are planned.
SEVERAL, MANY_AFTER = 5, 8
# What a task counts as that costs nothing, in units.
NEXT_TO_NOTHING = 0.001


@dataclass(frozen=True, slots=True)
class Planned:
    """A create to send. `choices` are the values beyond the bare request; `role` as in `contracts.trace`.

    `kind`: what it is there for; `label`: the task's name in the conversation, unique in a run.
    """

    family: str
    kind: PlannedKind
    label: str
    aim: str
    body: dict[str, Any]
    cost: Decimal
    role: str = trace.CREATE
    choices: tuple[values.Choice, ...] = ()

    def goals(self) -> set[str]:
        singles = {c.goal for c in self.choices}
        return singles | {f"{a} & {b}" for a, b in itertools.combinations(sorted(singles), 2)}


def cover(family: TargetFamily, seed: int, image: str | None = None) -> Iterator[Planned]:
    """Requests in the order in which to buy them: rich, empty, small picture, bare, then greedy ones.

    Ends when every value, and every pair that the greedy search meets, is covered.
    """
    table = values.choices(family, image)
    rng = random.Random(f"{seed} {family.name}")  # noqa: S311 - a repeatable choice, no secret
    covered: set[str] = set()
    first = [_rich(family, table, rng, image), _empties(family, table, image), *_doubtful(family, image)]
    for planned in [*first, _planned(family, PlannedKind.BARE, "only what is required", (), image)]:
        if planned is not None:
            covered |= planned.goals()
            yield planned
    wanted = {c.goal for found in table.values() for c in found}
    for number in itertools.count(1):
        best = _best(family, table, covered, rng, image, f"pair-{number}")
        if best is None:
            break
        covered |= best.goals()
        yield best
        if number == MANY_AFTER:
            yield from _many(family, table, image)
        if wanted <= covered and number > len(wanted):
            break
    yield from _dated(family, image)


def _planned(
    family: TargetFamily,
    kind: PlannedKind,
    aim: str,
    chosen: tuple[values.Choice, ...],
    image: str | None,
    label: str = "",
) -> Planned:
    """`label`: what tells several of a kind apart. Of the values those are sent that fit together."""
    chosen = values.together(family, chosen, image)
    body = values.build(family, chosen, image)
    role = trace.DATED if kind is PlannedKind.DATED else trace.CREATE
    label = f"{family.name}/{label or kind.value}"
    return Planned(family.name, kind, label, aim, body, family.cost(body), role, chosen)


def _rich(
    family: TargetFamily, table: dict[str, list[values.Choice]], rng: random.Random, image: str | None
) -> Planned:
    """Every field set, with more than one result, text beyond ASCII and texts at their longest."""
    count = text_of(family.behaviour.result.count.path or ())
    chosen = []
    texts = 0
    for pointer, found in table.items():
        usable = [c for c in found if c.kind != values.EMPTY]
        by_kind = {c.kind: c for c in usable}
        if not usable:
            continue
        if pointer == count and values.TYPICAL in by_kind:
            chosen.append(by_kind[values.TYPICAL])
        elif values.TEXT in by_kind:
            chosen.append(by_kind[values.TEXT] if texts % 2 == 0 else by_kind.get(values.EDGE, usable[0]))
            texts += 1
        elif all(c.kind == values.ENUM for c in usable) and len(usable) > 1:
            # A default may be played whatever was asked for: another value shows that it was read.
            plain = family.request.get("properties", {}).get(pointer[1:], {}).get("default", usable[0].value)
            chosen.append(rng.choice([c for c in usable if c.value != plain] or usable))
        elif pointer != count:
            chosen.append(usable[-1] if values.EDGE in by_kind else usable[0])
    return _planned(family, PlannedKind.RICH, "every field set", tuple(chosen), image)


def _empties(
    family: TargetFamily, table: dict[str, list[values.Choice]], image: str | None
) -> Planned | None:
    chosen = tuple(c for found in table.values() for c in found if c.kind == values.EMPTY)
    odd = values.odd_choices(family)
    if family.behaviour.axes is not None:
        # Kling and its resellers take "" and null for what is left out; an API of its own may refuse both.
        chosen, odd = (
            tuple(c for c in some if family.request_shape.takes(values.build(family, (c,), image)))
            for some in (chosen, odd)
        )
    empties = '"" for every absent text, ' if chosen else ""
    nulls = "null and " if any(c.value is None for c in odd) else ""
    aim = f"{empties}{nulls}an unknown field"
    return _planned(family, PlannedKind.EMPTY, aim, (*chosen, *odd), image)


def _many(
    family: TargetFamily, table: dict[str, list[values.Choice]], image: str | None
) -> Iterator[Planned]:
    """Several results in one task, where a request says how many and most are more than that."""
    count = text_of(family.behaviour.result.count.path or ())
    found = [c for c in table.get(count, ()) if c.kind == values.EDGE]
    if found and isinstance(found[-1].value, int) and found[-1].value > SEVERAL:
        several = values.Choice(count, str(SEVERAL), values.TYPICAL, SEVERAL)
        yield _planned(family, PlannedKind.MANY, f"{SEVERAL} results", (several,), image)


def _doubtful(family: TargetFamily, image: str | None) -> Iterator[Planned]:
    """A picture below the smallest side: refused at create, or accepted and then failed with a reason."""
    rule = next(_image_rules(family.request), None)
    small = values.small_picture(rule) if rule else None
    if small is None:
        return
    body = values.bare(family, image)
    good = image or values.picture(rule or {})
    swapped = _swap(body, good, small)
    if swapped != body:
        yield Planned(
            family.name,
            PlannedKind.SMALL_PICTURE,
            f"{family.name}/small-picture",
            "a picture below the smallest side",
            swapped,
            family.cost(swapped),
            trace.DOUBTFUL,
        )


def _image_rules(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if values.IMAGE in schema:
            yield schema[values.IMAGE]
        for inner in [*schema.get("properties", {}).values(), schema.get("items")]:
            yield from _image_rules(inner)


def _swap(value: Any, old: Any, new: Any) -> Any:
    if isinstance(value, dict):
        return {k: _swap(v, old, new) for k, v in value.items()}
    if isinstance(value, list):
        return [_swap(v, old, new) for v in value]
    return new if value == old else value


def _best(
    family: TargetFamily,
    table: dict[str, list[values.Choice]],
    covered: set[str],
    rng: random.Random,
    image: str | None,
    label: str,
) -> Planned | None:
    """Of twenty candidates, the one that covers most new values (then pairs) for its units, if any."""
    best, best_score = None, 0.0
    for _ in range(20):
        drawn = [_draw(found, covered, rng) for found in table.values()]
        # What is new goes first: of two that do not fit together, the later one is left out.
        chosen = tuple(sorted(drawn, key=lambda choice: choice.goal in covered))
        planned = _planned(family, PlannedKind.PAIR, "pairs of values", chosen, image, label)
        new = planned.goals() - covered
        score = sum(1 if " & " in goal else 20 for goal in new) / (float(planned.cost) or NEXT_TO_NOTHING)
        if score > best_score:
            best, best_score = planned, score
    return best


def _draw(found: list[values.Choice], covered: set[str], rng: random.Random) -> values.Choice:
    fresh = [c for c in found if c.goal not in covered]
    return rng.choice(fresh or found)


def _dated(family: TargetFamily, image: str | None) -> Iterator[Planned]:
    """Older names of enums that move: refused, they are drift, not a breach."""
    for pointer, schema, _ in values.fields(family):
        if "x-dated" in schema:
            for name in schema.get("enum", ()):
                if name != values.example(schema):
                    choice = values.Choice(pointer, str(name), values.ENUM, name)
                    aim = f"the older name {name}"
                    planned = _planned(family, PlannedKind.DATED, aim, (choice,), image, f"dated-{name}")
                    if planned.choices:
                        yield planned
