"""`understudy drift`: the command of specs, given the means to buy tasks at a live provider."""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from specs.cli.drift import command
from specs.drift.exchanges import Asked, from_har

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contracts.runner.events import Listener
    from contracts.strategies.refusals import Bad
    from contracts.target import Family, Target
    from contracts.trace import Conversation
    from specs.drift import Finding

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
) -> Asked:
    """Ask the provider at `url` all that shows what it does, for at most `budget` units.

    Free for a provider that keeps to its `document`: lists, unknown ids, wrong credentials, requests that it
    must refuse, those of `findings` among them. With a budget, whole lifecycles, the cheaper family first.
    Families that the document does not describe are left out, by name.
    Raises UnderstudyError when an option cannot be used.
    """
    from contracts.cli.progress import listener
    from contracts.target import target_from

    target = target_from(name, document)
    bad = list(_witnesses(findings, target))
    made, unseen = Asked(), list[str]()
    opened: list[Conversation] = []
    with listener(sys.stderr, opened) as listen:
        families = sorted(target.asked(), key=lambda f: (_first(f), f.name))
        left_out = target.left_out(families)
        made.notes += [left_out] if left_out else []
        for n, family in enumerate(families):
            share = max((budget - made.spent) / (len(families) - n), Decimal(0))
            mine = [(f, one) for f, one in bad if f is family]
            try:
                held = asyncio.run(_hold(url, target, family, mine, share, api_key, listen))
            except KeyboardInterrupt:
                # Money is gone even when nothing is judged.
                spent = sum(Decimal(conversation.spent) for conversation in opened)
                click.echo(f"units spent so far: {spent}; nothing was judged", err=True)
                raise
            bought = _add(made, held)
            if made.stopped:
                break
            url = held.url  # where the API was found
            unseen += [] if bought else [family.name]
    if unseen:
        made.notes.append(_missed(unseen, families, budget))
    return made


def _missed(unseen: list[str], families: list[Family], budget: Decimal) -> str:
    """Why no task of some families was bought, and what to do."""
    enough = sum(f.cost({}) for f in families)
    why = "no task was bought"
    if budget >= enough:
        why = f"the budget of {budget} went to requests that were taken although the document refuses them"
    return f"successes of {' and '.join(unseen)}: {why}; give --budget {max(enough, budget * 2)}"


def _first(family: Family) -> Decimal:
    """What the most telling request of a family costs."""
    from contracts.strategies.covering import cover

    return next(cover(family, 0)).cost


async def _hold(
    url: str,
    target: Target,
    family: Family,
    bad: list[tuple[Family, Bad]],
    budget: Decimal,
    api_key: str,
    listen: Listener,
) -> Conversation:
    from contracts.checks import PROMISES
    from contracts.runner.options import options_for
    from contracts.runner.run import hold

    wanted = {p.id for p in PROMISES.values() if p.operation in ("create", "query", "list", "any")}
    options = options_for(
        url,
        api_key=api_key,
        provider=target.provider,
        families=(family.name,),
        budget=budget,
        promises=frozenset(wanted - set(NOT_ASKED)),
        generated=0,
    )
    return await hold(options, target, listen, bad)


def _add(made: Asked, held: Conversation) -> int:
    """Put what was said into `made`; returns how many tasks were bought."""
    from contracts import trace
    from contracts.har import to_har

    made.spent += Decimal(held.spent)
    made.stopped = held.stopped.replace("\n  ", "; ")
    if held.at_the_door:
        return 0  # nobody there who speaks this API: what was answered says nothing about the document
    made.exchanges += from_har(to_har(held))
    bought = {e.task for e in held.exchanges if e.role == trace.POLL and e.task}
    made.tasks += len(bought)
    return len(bought)


def _witnesses(findings: Iterable[Finding], target: Target) -> Iterator[tuple[Family, Bad]]:
    """The request witnesses that the provider's document refuses, for the family that each is for."""
    from contracts.strategies.refusals import LIMITS, Bad

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
