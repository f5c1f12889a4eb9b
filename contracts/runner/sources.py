"""Buys what requests of some families name: a finished result of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts.skips import Skip, SkipKind
from understudy.contracts.strategies.covering import Planned, PlannedKind
from understudy.contracts.strategies.values import bare
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.follow import Following
    from understudy.contracts.runner.orders import Orders
    from understudy.contracts.runner.plan import SpendingPlan
    from understudy.contracts.target_family import TargetFamily


async def buy_sources(asks: Asking, orders: Orders, following: Following, plan: SpendingPlan) -> None:
    """Have a result for every family whose tasks are to be bought and need one; of the others nothing is
    bought, and the plan says why."""
    for name in dict.fromkeys(planned.family for planned in plan.tasks):
        family = asks.target.family(name)
        if family.source is None or await _found(asks, orders, following, family):
            continue
        plan.tasks = [planned for planned in plan.tasks if planned.family != name]
        orders.records.note(f"no task of {family.source} could be made, of which {name} needs a result")
        for promise in asks.promises:
            plan.skipped.setdefault((name, promise), Skip(SkipKind.NO_TASK_ENDED))


async def _found(asks: Asking, orders: Orders, following: Following, family: TargetFamily) -> bool:
    source = asks.target.family(family.source or "")
    body = bare(source, asks.options.image)
    label = f"{family.name}/source"
    aim = f"a result for {family.name} to begin with"
    planned = Planned(source.name, PlannedKind.BARE, label, aim, body, source.cost(body))
    exchange = await orders.create(planned)
    if exchange is None or not asks.target.accepted(source, exchange.response):
        return False
    record = await following.ended(source, exchange)
    items = source.behaviour.items_of(record) if record is not None else []
    rule = family.behaviour.source
    ident = items[0].get(source.behaviour.result.item.get("id", "id")) if items else None
    if rule is None or not isinstance(ident, str):
        return False
    asks.named[family.name] = (str(at(bare(family), rule.field)), ident)
    return True
