"""What the mock took of a request although nobody knows what the provider does with it, for the journal.

It is found out when an entry is shown: requests pay nothing for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.mockserver.accounts.journal import Entry
    from understudy.mockserver.routing import ProfileRoutes
    from understudy.specs.behaviour.rule_kinds import RuleBreach

CREATE, ACCEPTED = "create", "accepted"


def notes(entry: Entry, routes: ProfileRoutes) -> list[str]:
    """A sentence for each rule that an accepted create breaks: what the provider does is not known, or its
    task fails for it."""
    if entry.operation != CREATE or entry.verdict != ACCEPTED:
        return []
    played = routes.collections.get(entry.path)
    rules = played.rules if played is not None else None
    if rules is None or not rules.lenient:
        return []
    try:
        request = orjson.loads(entry.body)
    except orjson.JSONDecodeError:
        return []  # cut short
    return list(_told(rules.breaches(request)))


def _told(breaches: Iterator[RuleBreach]) -> Iterator[str]:
    for breach in breaches:
        rule = breach.rule
        what = f"{rule.id}: {'.'.join(breach.place)} {breach.says}"
        if rule.unknown:
            yield f"{what}; what the provider does is not known, so it was taken"
        elif rule.fails:
            yield f"{what}; the task fails for it"
