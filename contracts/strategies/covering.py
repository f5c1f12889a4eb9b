"""Requests that must be accepted: few, each worth its units, the most informative first."""

from __future__ import annotations

import copy
import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.shapes import put
from contracts.strategies import values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from contracts.target import Family


@dataclass(frozen=True, slots=True)
class Planned:
    """A create to send. `choices` are the values beyond the bare request; `role` as in `contracts.trace`."""

    family: str
    label: str
    aim: str
    body: dict[str, Any]
    cost: Decimal
    role: str = trace.CREATE
    choices: tuple[values.Choice, ...] = ()

    def goals(self) -> set[str]:
        singles = {c.goal for c in self.choices}
        return singles | {f"{a} & {b}" for a, b in itertools.combinations(sorted(singles), 2)}


def bare(family: Family, image: str | None = None) -> dict[str, Any]:
    """The smallest request that the family's schema takes."""
    body = values.example(family.request, image)
    return copy.deepcopy(body) if isinstance(body, dict) else {}


def build(family: Family, chosen: tuple[values.Choice, ...], image: str | None = None) -> dict[str, Any]:
    """The bare request with the chosen values set."""
    body = bare(family, image)
    for choice in chosen:
        put(body, choice.pointer, copy.deepcopy(choice.value))
    return body


def cover(family: Family, seed: int, image: str | None = None) -> Iterator[Planned]:
    """Requests in the order in which to buy them: rich, empty, small picture, bare, then greedy ones.

    Ends when every value, and every pair that the greedy search meets, is covered.
    """
    table = values.choices(family, image)
    rng = random.Random(f"{seed} {family.name}")  # noqa: S311 - a repeatable choice, no secret
    covered: set[str] = set()
    first = [_rich(family, table, rng, image), _empties(family, table, image), *_doubtful(family, image)]
    for planned in [*first, _planned(family, "bare", "only what is required", (), image)]:
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
        if wanted <= covered and number > len(wanted):
            break
    yield from _dated(family, image)


def _planned(
    family: Family,
    label: str,
    aim: str,
    chosen: tuple[values.Choice, ...],
    image: str | None,
    role: str = trace.CREATE,
) -> Planned:
    body = build(family, chosen, image)
    return Planned(family.name, f"{family.name}/{label}", aim, body, family.cost(body), role, chosen)


def _rich(
    family: Family, table: dict[str, list[values.Choice]], rng: random.Random, image: str | None
) -> Planned:
    """Every field set, with more than one result, text beyond ASCII and texts at their longest."""
    count = (family.task.get("result", {}).get("count") or {}).get("field")
    chosen = []
    texts = 0
    for pointer, found in table.items():
        usable = [c for c in found if c.kind != values.EMPTY]
        by_kind = {c.kind: c for c in usable}
        if pointer == count and values.TYPICAL in by_kind:
            chosen.append(by_kind[values.TYPICAL])
        elif values.TEXT in by_kind:
            chosen.append(by_kind[values.TEXT] if texts % 2 == 0 else by_kind.get(values.EDGE, usable[0]))
            texts += 1
        elif all(c.kind == values.ENUM for c in usable) and len(usable) > 1:
            chosen.append(rng.choice(usable))
        elif pointer != count:
            chosen.append(usable[-1] if values.EDGE in by_kind else usable[0])
    return _planned(family, "rich", "every field set", tuple(chosen), image)


def _empties(family: Family, table: dict[str, list[values.Choice]], image: str | None) -> Planned | None:
    chosen = tuple(c for found in table.values() for c in found if c.kind == values.EMPTY)
    return _planned(family, "empty", '"" for every absent text', chosen, image) if chosen else None


def _doubtful(family: Family, image: str | None) -> Iterator[Planned]:
    """A picture below the smallest side: refused at create, or accepted and then failed with a reason."""
    rule = next(_image_rules(family.request), None)
    small = values.small_picture(rule) if rule else None
    if small is None:
        return
    body = bare(family, image)
    good = image or values.picture(rule or {})
    swapped = _swap(body, good, small)
    if swapped != body:
        yield Planned(
            family.name,
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
    family: Family,
    table: dict[str, list[values.Choice]],
    covered: set[str],
    rng: random.Random,
    image: str | None,
    label: str,
) -> Planned | None:
    """Of twenty candidates, the one that covers most new values (then pairs) for its units."""
    best, best_score = None, 0.0
    for _ in range(20):
        chosen = tuple(_draw(found, covered, rng) for found in table.values())
        planned = _planned(family, label, "pairs of values", chosen, image)
        new = planned.goals() - covered
        score = sum(1 if " & " in goal else 20 for goal in new) / float(planned.cost)
        if score > best_score:
            best, best_score = planned, score
    return best


def _draw(found: list[values.Choice], covered: set[str], rng: random.Random) -> values.Choice:
    fresh = [c for c in found if c.goal not in covered]
    return rng.choice(fresh or found)


def _dated(family: Family, image: str | None) -> Iterator[Planned]:
    """Older names of enums that move: refused, they are drift, not a breach."""
    for pointer, schema, _ in values.fields(family):
        if "x-dated" in schema:
            for name in schema.get("enum", ()):
                if name != values.example(schema):
                    choice = values.Choice(pointer, str(name), values.ENUM, name)
                    yield _planned(
                        family, f"dated-{name}", f"the older name {name}", (choice,), image, trace.DATED
                    )
