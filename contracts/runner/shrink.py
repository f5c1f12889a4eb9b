"""Makes a request smaller while it still fails: what is left is what the provider objects to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from contracts import trace
from contracts.checks import judge
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


async def shrink_tasks(run: Run) -> None:
    """For each promise that a task broke, buy parts of its request, as far as the budget goes.

    The report shows the smallest request that failed, so all there is to do is to buy smaller ones.
    """
    for family in run.families:
        tried: set[frozenset[str]] = set()
        for promise in sorted(run.promises):
            current = _smallest(run, family, promise)
            while len(current) > 1:
                smaller = await _try_parts(run, family, promise, current, tried)
                if len(smaller) >= len(current):
                    break
                current = smaller


async def _try_parts(
    run: Run, family: Family, promise: str, current: tuple[Choice, ...], tried: set[frozenset[str]]
) -> tuple[Choice, ...]:
    """Buy parts of a request until one breaks the promise as well; the smallest that does."""
    from contracts.runner.tasks import create, follow

    for part in _parts(current):
        body = build(family, part, run.options.image)
        cost = family.cost(body)
        if _goals(part) in tried or not run.ledger.affords(cost):
            continue
        tried.add(_goals(part))
        label = f"{family.name}/{promise}/part-{len(tried)}"
        aim = "a part of a request whose task broke a promise"
        exchange = await create(run, Planned(family.name, label, aim, body, cost, trace.CREATE, part))
        if exchange is not None and run.target.accepted(family, exchange.response):
            await follow(run, family, exchange)
        smaller = _smallest(run, family, promise)
        if len(smaller) < len(current):
            return smaller
    return current


def _smallest(run: Run, family: Family, promise: str) -> tuple[Choice, ...]:
    """The choices of the smallest request whose task broke a promise; () when none did, or a bare one did."""
    found = [j for j in judge(run.conversation, run.target, promises={promise}) if j.family == family.name]
    labels = [f.task for j in found for f in j.failures if f.task]
    requests = {e.task: e for e in run.conversation.exchanges if e.role == trace.CREATE}
    sizes = [requests[label].case.get("choices", ()) for label in labels if label in requests]
    if not sizes or len(sizes) < len(labels):
        return ()
    table = {c.goal: c for values_ in values.choices(family, run.options.image).values() for c in values_}
    return tuple(table[c["goal"]] for c in min(sizes, key=len) if c["goal"] in table)


def _goals(choices: tuple[Choice, ...]) -> frozenset[str]:
    return frozenset(f"{c.goal}" for c in choices)


def _parts(current: tuple[Choice, ...]) -> Iterator[tuple[Choice, ...]]:
    """First what is special (one kind alone), then halves, then everything but one, then each alone."""
    seen = {current}
    kinds = [
        tuple(c for c in current if c.kind == k)
        for k in (values.TEXT, values.EDGE, values.EMPTY, values.ENUM, values.TYPICAL)
    ]
    middle = len(current) // 2
    halves = [current[:middle], current[middle:]]
    singles = [(c,) for c in current] if len(current) <= 4 else []
    for part in [*kinds, *halves, *singles]:
        if part and part not in seen:
            seen.add(part)
            yield part
