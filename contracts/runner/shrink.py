"""Makes a refused request smaller while it is still refused: what is left is what the provider objects to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from contracts import trace
from contracts.strategies import values
from contracts.strategies.covering import Planned, build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.runner.run import Run
    from contracts.strategies.values import Choice
    from contracts.target import Family

# Each trial that is accepted costs a task; this bounds the rest.
MOST_TRIALS = 16


async def shrink(run: Run, planned: Planned, refused: trace.Exchange) -> None:
    """Try parts of the request until none smaller is refused, or neither budget nor patience is left.

    Accepted parts are tasks like any other and are followed: without them a provider that refuses the rich
    request would leave nothing to look at.
    """
    from contracts.runner.tasks import follow

    family = run.target.family(planned.family)
    async with run.searching:
        accepted = await _search(run, family, planned, refused)
    await asyncio.gather(*(follow(run, family, exchange) for exchange in accepted))


async def _search(
    run: Run, family: Family, planned: Planned, refused: trace.Exchange
) -> list[trace.Exchange]:
    """Find a smaller refused request; the exchanges of those that were accepted on the way."""
    from contracts.runner.tasks import create

    current, trials, accepted = planned.choices, 0, []
    if any(known <= _goals(current) for known in run.refused):
        return []
    smaller = True
    while smaller and len(current) > 1 and trials < MOST_TRIALS:
        smaller = False
        for part in _parts(current):
            trials += 1
            body = build(family, part, run.options.image)
            one = Planned(
                family.name, f"{planned.label}/part-{trials}", "a part of a refused request", body,
                family.cost(body), trace.CREATE, part,
            )  # fmt: skip
            exchange = await create(run, one)
            if exchange is None or trials >= MOST_TRIALS:
                break
            if run.target.accepted(family, exchange.response):
                accepted.append(exchange)
            elif exchange.status == refused.status:
                current, smaller = part, True
                break
    run.refused.append(_goals(current))
    return accepted


def _goals(choices: tuple[Choice, ...]) -> frozenset[str]:
    return frozenset(f"{c.goal}" for c in choices)


def _parts(current: tuple[Choice, ...]) -> Iterator[tuple[Choice, ...]]:
    """First what is special (one kind alone), then halves, then everything but one, then each alone."""
    seen = {current}
    kinds = [
        tuple(c for c in current if c.kind == k)
        for k in (values.TEXT, values.EDGE, values.EMPTY, values.ENUM)
    ]
    middle = len(current) // 2
    halves = [current[:middle], current[middle:]]
    singles = [(c,) for c in current] if len(current) <= 4 else []
    for part in [*kinds, *halves, *singles]:
        if part and part not in seen:
            seen.add(part)
            yield part
