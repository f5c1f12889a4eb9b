"""What a run will send, and what it can cost at most, before anything is sent."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from understudy.contracts.checks.table import PROMISES, TASK
from understudy.contracts.evidence import promised
from understudy.contracts.skips import Skip, SkipKind
from understudy.contracts.strategies import values
from understudy.contracts.strategies.covering import Planned, PlannedKind, cover
from understudy.contracts.strategies.refusals import Bad, list_refusals, refusals
from understudy.specs.recalled import Recalled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily

# A covering set never needs more; it also bounds the work when the budget is huge.
MOST_TASKS = 400
# Tasks of one family that show nearly all that its provider does wrong; only then another family is asked.
# They are looked for among so many: one that costs much more than the others waits.
DEEP, LOOK_AHEAD = 8, 14
# So many, for values that only some tasks name, where a part of the budget buys them.
DEEPER, PART = 11, Decimal("0.6")
# The planned request that a promise needs; any other promise is shown by the rich one.
RICH = PlannedKind.RICH
# So many results at once may be answered well by who mixes up more.
FEW = 2
FOR_PROMISES = (RICH, PlannedKind.EMPTY, PlannedKind.SMALL_PICTURE)
FIRST = (*FOR_PROMISES, PlannedKind.BARE)
NEEDED = {"accepts-empty-texts": PlannedKind.EMPTY, "bad-picture-fails": PlannedKind.SMALL_PICTURE}


@dataclass(slots=True)
class SpendingPlan:
    """`tasks`: creates to buy, in order; `bad`: free requests by family; `left_out`: what was too dear."""

    tasks: list[Planned] = field(default_factory=list)
    bad: dict[str, list[Bad]] = field(default_factory=dict)
    skipped: dict[tuple[str, str], Skip] = field(default_factory=dict)
    left_out: int = 0

    def waves(self) -> list[list[Planned]]:
        """What to buy first, and what only once nothing was found that is worth making smaller."""
        first = [p for p in self.tasks if p.kind in FIRST]
        return [first, [p for p in self.tasks if p not in first]]

    @property
    def cost(self) -> Decimal:
        return sum((p.cost for p in self.tasks), Decimal(0))


def make_plan(
    target: Target,
    families: Sequence[TargetFamily],
    budget: Decimal,
    seed: int,
    promises: Collection[str],
    image: str | None = None,
    keep: Decimal = Decimal(0),
) -> SpendingPlan:
    """Fill the budget: what promises need of each family, then the cheapest family in depth, then in turns.

    `keep`: units that are left alone unless a task needs them that a promise needs.
    """
    plan = SpendingPlan()
    for family in families:
        every = [b for b in refusals(family, image) if b.promise in promises]
        plan.bad[family.name] = [b for b in every if promised(target, family, b.pointer, b.keyword)]
        for name in {b.promise for b in every} - {b.promise for b in plan.bad[family.name]}:
            plan.skipped[family.name, name] = Skip(SkipKind.UNDOCUMENTED)
    if any(PROMISES[p].cost == TASK for p in promises):
        left = budget - sum(f.source_units for f in families)
        turns = [iter(_covering(f, seed, image)) for f in families]
        first = families.index(cheapest(families, seed, promises, image))
        deep = {p.label for p in in_depth(_first_tasks(families[first], seed, image, LOOK_AHEAD), budget)}
        order = _in_order(turns, first, deep, needed_kinds(promises))
        _buy(plan, order, left, min(f.cost({}) for f in families), keep)
        _name(plan, families)
    enough = enough_for(families, seed, promises, image)
    for family in families:
        bought = {p.kind for p in plan.tasks if p.family == family.name}
        planned = {p.kind for p in _first_tasks(family, seed, image)}
        for name in promises:
            needed = NEEDED.get(name, RICH)
            if PROMISES[name].cost == TASK and needed in planned - bought:
                plan.skipped[family.name, name] = Skip(SkipKind.NOT_AFFORDED, budget, enough)
    return plan


def _name(plan: SpendingPlan, families: Sequence[TargetFamily]) -> None:
    """Give each task that has one an external id of another look, and its callback URL, as choices."""
    by_name = {f.name: f for f in families}
    turn = itertools.count()
    for place, planned in enumerate(plan.tasks):
        family = by_name[planned.family]
        looks = values.identifiers(family)
        if planned.kind in (PlannedKind.BARE, PlannedKind.EMPTY, PlannedKind.DATED):
            continue
        # One that may be refused for its picture does not tell that its external id is taken, only how it is
        # kept.
        doubtful = planned.kind is PlannedKind.SMALL_PICTURE
        added = [values.mixed(family) if doubtful else looks[next(turn) % len(looks)]] if looks else []
        if family.sent.get("callback_url"):
            added.append(values.Choice(family.sent["callback_url"], "a callback URL", values.CALLBACK))
        plan.tasks[place] = replace(planned, choices=(*planned.choices, *added))


def cheapest(
    families: Sequence[TargetFamily], seed: int, promises: Collection[str], image: str | None = None
) -> TargetFamily:
    """The family whose needed tasks cost least, the first of several: the one that is asked in depth.

    Of those that charge a unit, what a picture costs, or more, if there are any: a search in depth of what is
    free tells little to who pays for pictures and videos.
    """
    if len(families) == 1:
        return families[0]
    paid = [f for f in families if f.cost({}) >= 1] or families
    return min(paid, key=lambda f: enough_for([f], seed, promises, image))


def in_depth(near: Sequence[Planned], budget: Decimal | None = None) -> list[Planned]:
    """Of a family's first tasks those that ask it in depth: none dearer than what promises need.

    Some more, for a `budget` of which they are a part that leaves enough for others, or for any (None).
    """
    most = max(p.cost for p in near if p.kind in FOR_PROMISES)
    found = [p for p in near if p.cost <= most]
    return next(
        found[:size]
        for size in range(DEEPER, DEEP - 1, -1)
        if budget is None or size == DEEP or sum(p.cost for p in found[:size]) <= budget * PART
    )


def within(
    families: Sequence[TargetFamily],
    budget: Decimal,
    seed: int,
    promises: Collection[str],
    image: str | None = None,
) -> list[TargetFamily]:
    """The cheapest family, and those others whose needed tasks the budget buys once it is asked in depth.

    All of them, in their own order, when nothing is to be bought.
    """
    if not budget:
        return list(families)
    first = cheapest(families, seed, promises, image)
    bought = [first]
    left = budget - enough_for_all([first], seed, promises, image, budget)
    costs = {f.name: enough_for([f], seed, promises, image) for f in families if f is not first}
    for family in sorted((f for f in families if f is not first), key=lambda f: costs[f.name]):
        if costs[family.name] <= left:
            left -= costs[family.name]
            bought.append(family)
    return [f for f in families if f in bought]


@functools.lru_cache(maxsize=64)
def _covering(family: TargetFamily, seed: int, image: str | None) -> Recalled[Planned]:
    """All tasks that cover a family, each planned when it is first asked for: of most families only the first
    few are, though their prices are asked several times before a run begins.
    """
    return Recalled(cover(family, seed, image))


def _first_tasks(
    family: TargetFamily, seed: int, image: str | None, count: int = len(FIRST)
) -> list[Planned]:
    return list(itertools.islice(_covering(family, seed, image), count))


def needed_kinds(promises: Collection[str]) -> set[PlannedKind]:
    """The kinds of tasks by which these promises are shown; none when all of them cost nothing."""
    return {NEEDED.get(p, RICH) for p in promises if PROMISES[p].cost == TASK}


def enough_for_all(
    families: Sequence[TargetFamily],
    seed: int,
    promises: Collection[str],
    image: str | None = None,
    budget: Decimal | None = None,
) -> Decimal:
    """The units with which all of the families are asked, the cheapest of them as deep as `budget` allows, or
    as deep as can be (None).
    """
    first = cheapest(families, seed, promises, image)
    deep = in_depth(_first_tasks(first, seed, image, LOOK_AHEAD), budget)
    needed = enough_for([first], seed, promises, image)
    more = max(Decimal(0), sum((p.cost for p in deep), first.source_units) - needed) if needed else Decimal(0)
    return enough_for(families, seed, promises, image) + more


def enough_for(
    families: Sequence[TargetFamily], seed: int, promises: Collection[str], image: str | None = None
) -> Decimal:
    """The units that buy every task which one of `promises` needs."""
    needed = needed_kinds(promises)
    first = [p for f in families for p in _first_tasks(f, seed, image)]
    sources = sum((f.source_units for f in families), Decimal(0)) if needed else Decimal(0)
    return sum((p.cost for p in first if p.kind in needed), sources)


def _buy(
    plan: SpendingPlan, order: Iterator[Planned], budget: Decimal, least: Decimal, keep: Decimal
) -> None:
    left = budget
    for planned in itertools.islice(order, MOST_TASKS):
        if left < least:
            plan.left_out += 1
            break
        if planned.cost <= (left if planned.kind in FOR_PROMISES else left - keep):
            plan.tasks.append(planned)
            left -= planned.cost
        else:
            plan.left_out += 1


def few_results(plan: SpendingPlan, families: Sequence[TargetFamily]) -> str:
    """What to say of families whose tasks may have many results, where none with many is bought; else ""."""
    few = []
    for family in families:
        most = family.count(values.largest(family))
        asked = [family.count(p.body) for p in plan.tasks if p.family == family.name]
        if asked and max(asked) <= FEW < most:
            few.append(f"{family.name} ({max(asked)} of at most {most})")
    return f"no task with more than {FEW} results is bought: {', '.join(few)}" if few else ""


def _in_order(
    turns: list[Iterator[Planned]], first: int, deep: Collection[str], needed: Collection[PlannedKind]
) -> Iterator[Planned]:
    """What a promise needs of any family, then the tasks labelled `deep`, then what makes the search wider.

    `first`: the place among `turns` of the family that is asked in depth; `needed`: what promises need.
    """
    heads = [list(itertools.islice(turn, len(FIRST))) for turn in turns]
    yield from _round_robin([iter([p for p in head if p.kind in needed]) for head in heads])
    others: list[Iterator[Planned]] = [
        itertools.chain((p for p in head if p.kind not in needed), turn)
        for head, turn in zip(heads, turns, strict=True)
    ]
    near = list(itertools.islice(others[first], LOOK_AHEAD))
    yield from (p for p in near if p.label in deep)
    others[first] = itertools.chain((p for p in near if p.label not in deep), others[first])
    yield from _round_robin(others)


def _round_robin(turns: list[Iterator[Planned]]) -> Iterator[Planned]:
    while turns:
        for turn in list(turns):
            planned = next(turn, None)
            if planned is None:
                turns.remove(turn)
            else:
                yield planned


# Credentials, unknown ids and lists, for one family.
OTHERS = 24


def count_free(families: Sequence[TargetFamily], plan: SpendingPlan, generated: int) -> int:
    """About how many free requests a run will send."""
    extra = generated if any(plan.bad.values()) else 0
    return sum(len(plan.bad[f.name]) + len(list(list_refusals(f))) + OTHERS + extra for f in families)
