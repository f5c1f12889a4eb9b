"""Tasks that the account had before the run: which of a list are looked at, and as what.

They cost nothing. What they were asked for is unknown, so they are held only to what their records say.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from understudy.contracts.trace import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.target_family import TargetFamily
    from understudy.contracts.trace import Exchange

# So many are asked for, of so many that are listed.
MOST, LISTED = 4, 30
# Milliseconds after which a task that still runs will not end any more.
STUCK_MS = 86_400_000.0
# Times below are seconds since 1970, from it on milliseconds.
MILLISECONDS = 10**11
# How hosts answer for a result whose time is over; when that is, few documents say.
OVER = frozenset({400, 401, 403, 404, 410})


def lists_its_own(family: TargetFamily) -> bool:
    """Whether a family has a list that no other family shares."""
    return family.behaviour.operations.list is not None and family.list_path == family.create_path


def lists_one_kind(family: TargetFamily) -> bool:
    """Whether it is known what a listed task makes. Who sells many models at one path lists tasks of models
    that the description does not have, so that nothing is known of their results."""
    return family.behaviour.axes is None


def chosen(family: TargetFamily, exchange: Exchange) -> dict[str, dict[str, Any]]:
    """Label -> record of the tasks in a list's answer that are worth asking for.

    The newest success, the one with most results, the newest failure, and one that should have ended long
    ago; then the newest others that have ended.
    """
    records = [r for r in family.records_of(exchange.response) or () if family.id_of(r)]
    ended = [r for r in records if family.terminal(family.get(r, "status"))]
    good = [r for r in ended if family.get(r, "status") in family.success]
    failed = [r for r in ended if r not in good]
    now = exchange.ended + ahead(exchange)
    stuck = [r for r in records if r not in ended and too_old(family, r, now)]
    richest = sorted(good, key=lambda r: -len(family.behaviour.items_of(r)))
    wanted = [*good[:1], *richest[:1], *failed[:1], *stuck[:1], *ended]
    once = {family.id_of(r): r for r in reversed(wanted)}
    order = dict.fromkeys(family.id_of(r) for r in wanted)
    return {f"older-{n}": once[name] for n, name in enumerate(list(order)[:MOST], 1)}


def too_old(family: TargetFamily, record: dict[str, Any], now: float) -> bool:
    """Whether a task was created so long before the server's `now` (milliseconds) that it must have ended."""
    return any(now - at > STUCK_MS for at in _created(family, record)) and (
        family.get(record, "status") in family.states
    )


def ahead(exchange: Exchange) -> float:
    """Milliseconds by which the server's clock is ahead of ours, as its Date says (RFC 9110, 6.6.1)."""
    said = header(exchange.response.headers, "date") if exchange.response else ""
    try:
        return parsedate_to_datetime(said).timestamp() * 1000.0 - exchange.ended
    except (ValueError, OverflowError):
        return 0.0


def _created(family: TargetFamily, record: dict[str, Any]) -> Iterator[float]:
    value = family.get(record, "created_at")
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        yield value if value >= MILLISECONDS else value * 1000.0
