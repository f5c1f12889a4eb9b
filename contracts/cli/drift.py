"""`understudy drift`: the command of specs, given the means to buy tasks at a live provider."""

from __future__ import annotations

import asyncio
import itertools
import sys
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.specs.cli.drift import command
from understudy.specs.drift.exchanges import Asked, from_har
from understudy.specs.say import say

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping

    from understudy.contracts.runner.events import Listener
    from understudy.contracts.strategies.refusals import Bad
    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily
    from understudy.contracts.trace import Conversation, Exchange
    from understudy.specs.cli.network import Network
    from understudy.specs.drift import Finding

# Imports stand in the functions that need them: help, completion and complaints come 280 ms sooner.

# What a comparison of answers does not need: another account, downloads, a second order of the same name.
NOT_ASKED = ("external-id-is-unique", "other-account-cannot-query", "other-account-cannot-list")


def ask(
    url: str,
    document: Mapping[str, Any],
    findings: Iterable[Finding],
    *,
    name: str,
    api_key: str,
    budget: Decimal,
    network: Network,
) -> Asked:
    """Ask the provider at `url` all that shows what it does, for at most `budget` units.

    Free for a provider that keeps to its `document`: lists, unknown ids, wrong credentials, requests that it
    must refuse, those of `findings` among them. With a budget, whole lifecycles, the cheaper family first.
    Families that the document does not describe are left out, by name.
    Raises UnderstudyError when an option cannot be used.
    """
    from understudy.contracts.cli.progress import listener
    from understudy.contracts.target import target_from

    target = target_from(name, document)
    bad = list(_witnesses(findings, target))
    made, unseen = Asked(), list[str]()
    # Once for all families: the system's authorities take 50 ms to load.
    key = LiveKey(api_key, network, network.tls())
    opened: list[Conversation] = []
    with listener(sys.stderr, opened) as listen:
        families = sorted(target.asked(), key=lambda f: (_one(f), _first(f), f.name))
        left_out = target.left_out(families)
        made.notes += [f"not documented by {name}: {', '.join(left_out)}"] if left_out else []
        afforded = _afforded(families, budget)
        for n, family in enumerate(families):
            share = _share(families[n : max(1, afforded)], budget - made.spent)
            mine = [(f, one) for f, one in bad if f is family]
            try:
                held = asyncio.run(_hold(url, target, family, mine, share, key, listen))
            except KeyboardInterrupt:
                # Money is gone even when nothing is judged.
                spent = sum(Decimal(conversation.spent) for conversation in opened)
                say(f"units spent so far: {spent}; nothing was judged", err=True)
                raise
            bought = _add(made, held)
            if made.stopped:
                break
            url = held.url  # where the API was found
            unseen += [] if bought else [family.name]
    if unseen:
        made.notes.append(_missed(unseen, families, budget))
    return made


def _afforded(families: list[TargetFamily], budget: Decimal) -> int:
    """Of how many of the families, the cheapest first, the budget buys a task."""
    costs = itertools.accumulate(map(_one, families))
    return sum(1 for cost in costs if cost <= budget)


def _share(families: list[TargetFamily], left: Decimal) -> Decimal:
    """What may be spent on the first of `families`: an even part of what is left, or a task where that buys
    none, as long as it leaves a task of each of the others.
    """
    if not families:
        return Decimal(0)
    even = max(left / len(families), _one(families[0]))
    return max(min(even, left - sum(map(_one, families[1:]))), Decimal(0))


def _missed(unseen: list[str], families: list[TargetFamily], budget: Decimal) -> str:
    """Why no task of some families was bought, and what to do."""
    enough = sum(map(_one, families))
    why = "no task was bought"
    if budget >= enough:
        why = f"the budget of {budget} went to requests that were taken although the document refuses them"
    names = " and ".join([*([", ".join(unseen[:-1])] if unseen[1:] else []), unseen[-1]])
    return f"successes of {names}: {why}; give --budget {max(enough, budget * 2)}"


def _one(family: TargetFamily) -> Decimal:
    """What a task of a family costs, with what it needs to begin with."""
    return family.cost({}) + family.source_units


def _first(family: TargetFamily) -> Decimal:
    """What the most telling request of a family costs."""
    from understudy.contracts.strategies.covering import cover

    return next(cover(family, 0)).cost


class LiveKey(NamedTuple):
    """What opens a provider, the way there, and by what its certificate is checked."""

    api_key: str
    network: Network
    tls: ssl.SSLContext


async def _hold(
    url: str,
    target: Target,
    family: TargetFamily,
    bad: list[tuple[TargetFamily, Bad]],
    budget: Decimal,
    key: LiveKey,
    listen: Listener,
) -> Conversation:
    from understudy.contracts.checks import PROMISES
    from understudy.contracts.runner.options import options_for
    from understudy.contracts.runner.run import hold

    wanted = {p.id for p in PROMISES.values() if p.operation in ("create", "query", "list", "any")}
    options = options_for(
        url,
        api_key=key.api_key,
        provider=target.provider,
        families=(family.name,),
        budget=budget,
        promises=frozenset(wanted - set(NOT_ASKED)),
        generated=0,
        proxy=key.network.way(url),
        tls=key.tls,
    )
    return await hold(options, target, listen, bad)


def _add(made: Asked, held: Conversation) -> int:
    """Put what was said into `made`; returns how many tasks were bought."""
    from understudy.contracts import trace
    from understudy.contracts.har import to_har

    made.spent += Decimal(held.spent)
    made.stopped = held.stopped.replace("\n  ", "; ")
    if held.not_located:
        return 0  # nobody there who speaks this API: what was answered says nothing about the document
    made.exchanges += from_har(to_har(replace(held, exchanges=[e for e in held.exchanges if _telling(e)])))
    # Tasks that were there before are asked for as well.
    ordered = {e.task for e in held.exchanges if e.role in trace.CREATES}
    bought = {e.task for e in held.exchanges if e.role == trace.POLL and e.task in ordered - {""}}
    made.tasks += len(bought)
    return len(bought)


def _telling(exchange: Exchange) -> bool:
    """Whether an exchange bears on documents: requests that clients send beside them, to see what a server
    makes of them (other methods, null for what is left out), do not."""
    from understudy.contracts import trace

    if exchange.role == trace.PROBE:
        return False
    body = exchange.request.json() if exchange.role == trace.CREATE else None
    return not (isinstance(body, dict) and None in body.values())


def _witnesses(findings: Iterable[Finding], target: Target) -> Iterator[tuple[TargetFamily, Bad]]:
    """The request witnesses that the provider's document refuses, for the family that each is for."""
    from understudy.contracts.strategies.refusals import LIMITS, Bad

    for finding in findings:
        witness = finding.witness
        if witness is None or witness.kind != "payload" or witness.refused_by != "revision":
            continue
        for family in target.families:
            if witness.surface == f"POST {family.create_path} application/json":
                # A witness that is about the external id keeps its own.
                name = family.sent.get("external_id", "")
                about = name if name[1:] in witness.payload else ""
                yield family, Bad(LIMITS, finding.title, about, finding.rule, witness.payload)


drift = command(ask)
