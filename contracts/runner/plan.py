"""What a run will send, and what it can cost at most, before anything is sent."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from contracts.checks.table import PROMISES, TASK
from contracts.evidence import promised
from contracts.strategies.covering import Planned, cover
from contracts.strategies.refusals import Bad, list_refusals, refusals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from contracts.target import Family, Target

# A covering set never needs more; it also bounds the work when the budget is huge.
MOST_TASKS = 400
# The planned request that a promise needs; any other promise is shown by the rich one.
RICH = "rich"
FIRST = (RICH, "empty", "small-picture", "bare")
NEEDED = {"accepts-empty-texts": "empty", "bad-picture-fails": "small-picture"}


@dataclass(slots=True)
class Plan:
    """`tasks`: creates to buy, in order; `bad`: free requests by family; `left_out`: what was too dear."""

    tasks: list[Planned] = field(default_factory=list)
    bad: dict[str, list[Bad]] = field(default_factory=dict)
    skipped: dict[tuple[str, str], str] = field(default_factory=dict)
    left_out: int = 0

    def waves(self) -> list[list[Planned]]:
        """What to buy first, and what only once nothing was found that is worth making smaller."""
        first = [p for p in self.tasks if p.label.rpartition("/")[2] in FIRST]
        return [first, [p for p in self.tasks if p not in first]]

    @property
    def cost(self) -> Decimal:
        return sum((p.cost for p in self.tasks), Decimal(0))


def make_plan(
    target: Target,
    families: Sequence[Family],
    budget: Decimal,
    seed: int,
    promises: Collection[str],
    image: str | None = None,
) -> Plan:
    """Fill the budget: families take turns, each with its most informative request that is affordable."""
    plan = Plan()
    for family in families:
        every = [b for b in refusals(family, image) if b.promise in promises]
        plan.bad[family.name] = [b for b in every if promised(target, family, b.pointer, b.keyword)]
        for name in {b.promise for b in every} - {b.promise for b in plan.bad[family.name]}:
            plan.skipped[family.name, name] = "the provider's documents do not promise it"
    if any(PROMISES[p].cost == TASK for p in promises):
        _buy(plan, families, budget, seed, image)
    enough = enough_for(families, seed, promises, image)
    for family in families:
        bought = {p.label.rpartition("/")[2] for p in plan.tasks if p.family == family.name}
        for name in promises:
            needed = NEEDED.get(name, RICH)
            if PROMISES[name].cost == TASK and needed not in bought:
                plan.skipped[family.name, name] = (
                    f"not afforded with a budget of {budget}; --budget {enough} buys a task for every promise"
                )
    return plan


def enough_for(
    families: Sequence[Family], seed: int, promises: Collection[str], image: str | None = None
) -> Decimal:
    """The units that buy every task which one of `promises` needs."""
    needed = {NEEDED.get(p, RICH) for p in promises if PROMISES[p].cost == TASK}
    first = [p for f in families for p in itertools.islice(cover(f, seed, image), len(FIRST))]
    return sum((p.cost for p in first if p.label.rpartition("/")[2] in needed), Decimal(0))


def _buy(plan: Plan, families: Sequence[Family], budget: Decimal, seed: int, image: str | None) -> None:
    turns = [cover(f, seed, image) for f in families]
    left, cheapest = budget, min(f.cost({}) for f in families)
    for planned in itertools.islice(_round_robin(turns), MOST_TASKS):
        if left < cheapest:
            plan.left_out += 1
            break
        if planned.cost <= left:
            plan.tasks.append(planned)
            left -= planned.cost
        else:
            plan.left_out += 1


def _round_robin(turns: list[Iterator[Planned]]) -> Iterator[Planned]:
    while turns:
        for turn in list(turns):
            planned = next(turn, None)
            if planned is None:
                turns.remove(turn)
            else:
                yield planned


# Credentials, unknown ids and lists, for one family.
DOORS = 24


def count_free(families: Sequence[Family], plan: Plan, generated: int) -> int:
    """About how many free requests a run will send."""
    extra = generated if any(plan.bad.values()) else 0
    return sum(len(plan.bad[f.name]) + len(list(list_refusals(f))) + DOORS + extra for f in families)
