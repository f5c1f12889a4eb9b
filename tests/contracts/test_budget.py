"""Money: what is reserved, spent and given back, whatever the order of events."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from understudy.contracts.budget import Budget
from understudy.contracts.rate import Rate

UNITS = st.integers(1, 9).map(Decimal)


@given(st.integers(0, 20).map(Decimal), st.lists(st.tuples(UNITS, st.booleans())))
def test_good_requests_never_cost_more_than_the_budget(
    units_allowed: Decimal, asked: list[tuple[Decimal, bool]]
) -> None:
    budget = Budget(units_allowed)
    expected = Decimal(0)
    for units, accepted in asked:
        if budget.reserve(units):
            budget.settle(units, accepted=accepted)
            expected += units if accepted else 0
    assert budget.spent == expected <= units_allowed
    assert budget.reserved == 0


@given(st.integers(0, 12).map(Decimal), st.lists(UNITS, min_size=1, max_size=30))
def test_bad_requests_that_are_taken_stop_at_the_budget_or_after_one(
    units_allowed: Decimal, costs: list[Decimal]
) -> None:
    budget = Budget(units_allowed)

    async def everything() -> None:
        async def one(units: Decimal) -> None:
            async with budget.risk(units) as allowed:
                if allowed:
                    await asyncio.sleep(0)
                    budget.charge(units)

        await asyncio.gather(*(one(u) for u in costs))

    asyncio.run(everything())
    assert budget.spent <= max(units_allowed, *costs)
    assert budget.reserved == 0


@given(st.lists(UNITS, min_size=1, max_size=30))
def test_bad_requests_that_are_refused_are_all_sent_without_any_budget(costs: list[Decimal]) -> None:
    sent = []

    async def everything() -> None:
        budget = Budget(Decimal(0))

        async def one(units: Decimal) -> None:
            async with budget.risk(units) as allowed:
                if allowed:
                    await asyncio.sleep(0)
                    sent.append(units)

        await asyncio.gather(*(one(u) for u in costs))

    asyncio.run(everything())
    assert sorted(sent) == sorted(costs)


def test_a_rate_spaces_requests_evenly() -> None:
    time = 100.0
    left = []

    async def sleep(seconds: float) -> None:
        nonlocal time
        time += seconds

    async def four() -> None:
        rate = Rate(4.0, lambda: time, sleep)
        for _ in range(4):
            await rate.turn()
            left.append(time)

    asyncio.run(four())
    assert left == [100.0, 100.25, 100.5, 100.75]
