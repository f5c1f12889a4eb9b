"""The same question at the same time has one answer; errors of the provider's own are counted and told."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.lifecycle import documented
from understudy.contracts.checks.table import FREE, promise
from understudy.contracts.checks.view import GATEWAY
from understudy.contracts.failures import Failure, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import Sighting, TaskTrace, TaskView
    from understudy.contracts.failures import Outcome

REFUSED, INTERNAL = 400, 500
# What a task that has ended is held to by a promise of its own.
OF_THE_END = frozenset({"status", "results"})
# So many requests may end in an internal error before it is no accident any more.
MOST_ACCIDENTS = 2
# So many at a gateway, and one of so many requests.
MOST_ABSENCES, SHARE = 8, 10


@promise(
    "polls-of-one-instant-agree",
    area="query",
    operation="query",
    sentence="Queries for one task that are sent at once say the same.",
    source="x-task/transitions",
)
def polls_of_one_instant_agree(view: TaskView) -> Iterator[Outcome]:
    burst = {e.number for e in view.role(trace.POLL) if e.case.get("purpose") == "burst"}
    for task in view.known:
        seen = [s for s in task.asked if s.number in burst]
        for before, after in itertools.pairwise(seen):
            differ = [n for n, v in _said(task, before).items() if v != _said(task, after)[n]]
            if not differ:
                yield Kept(after.number)
                continue
            if set(differ) <= OF_THE_END and _changed_for_good(task, seen[0], after):
                continue  # terminal-is-final says so
            yield Failure(
                f"two queries of one instant disagree about {differ[0]}: several servers, or caches, answer",
                expected=short(_said(task, before)[differ[0]]),
                found=short(_said(task, after)[differ[0]]),
                exchanges=(after.number, before.number),
                task=task.label,
            )


def _changed_for_good(task: TaskTrace, first: Sighting, changed: Sighting) -> bool:
    """Whether all queries since `first` said one thing until `changed`, and all since then another: no two
    servers answer so, but one that has changed what had ended."""
    asked = [s for s in task.asked if s.at >= first.at]
    place = asked.index(changed)
    before, since = ([_said(task, s) for s in part] for part in (asked[:place], asked[place:]))
    return (
        len(since) > 1 and all(one == before[0] for one in before) and all(one == since[0] for one in since)
    )


def _said(task: TaskTrace, sighting: Sighting) -> dict[str, Any]:
    names = ("status", "created_at", "updated_at", "reason", "external_id")
    return {n: task.get(sighting, n) or "" for n in names} | {"results": documented(task, sighting) or None}


@promise(
    "no-stale-answers",
    area="query",
    operation="query",
    sentence="An answer is never older than an earlier one, as from a stale cache.",
    source="x-task/updated_at",
)
def no_stale_answers(view: TaskView) -> Iterator[Outcome]:
    for task in view.known:
        polls = [s for s in task.asked if s.via != "create"]
        said = [_said(task, s) for s in polls]
        for number, sighting in enumerate(polls):
            before = [n for n, s in enumerate(polls[:number]) if s.at < sighting.asked]
            if not before:
                continue
            newest = polls[before[-1]]
            old = any(said[n] == said[number] for n in before[:-1])
            status, was = task.status(sighting), task.status(newest)
            known = {status, was} <= set(view.family.states)
            if known and old and not view.family.reachable(was, status):
                yield Failure(
                    f"a query says {status} again after one said {was}, as a stale cache would",
                    expected=was,
                    found=status,
                    exchanges=(sighting.number, newest.number),
                    task=task.label,
                )
            else:
                yield Kept(sighting.number)


@promise(
    "answers-without-internal-errors",
    area="answers",
    operation="any",
    sentence="Requests do not fail with an internal error now and then.",
    source="/x-errors/internal_error",
    cost=FREE,
)
def answers_without_internal_errors(view: TaskView) -> Iterator[Outcome]:
    """Only those count that were answered properly when asked again: the others are about the request.

    A gateway's 502 to 504 are no accident any more where they are spread over the run and are a tenth of it.
    One with Retry-After asks for a slower pace, as 429 does (RFC 9110, 15.6.4).
    """
    asked = [e for e in view.every if e.role not in (*trace.FILES, trace.PROBE)]
    fine = {_question(e) for e in asked if 0 < e.status < INTERNAL}
    flaky = [e for e in asked if e.status == INTERNAL and _question(e) in fine]
    absent = [e for e in asked if e.status in GATEWAY and _question(e) in fine and not _asks_to_wait(e)]
    found = []
    if len(flaky) > MOST_ACCIDENTS:
        found.append((flaky, "in an internal error", str(INTERNAL)))
    if len(absent) > MOST_ABSENCES and len(absent) * SHARE >= len(asked) and _spread(asked, absent):
        found.append((absent, "at a gateway", "502 to 504"))
    for failed, where, what in found:
        yield Failure(
            f"{len(failed)} of {len(asked)} requests ended {where} and were fine when repeated",
            expected="an answer",
            found=f"{what}, now and then",
            exchanges=tuple(e.number for e in failed[:2]),
        )
    if asked and not found:
        yield Kept(asked[0].number)


def _asks_to_wait(exchange: trace.Exchange) -> bool:
    return bool(exchange.response and trace.header(exchange.response.headers, "retry-after"))


def _spread(asked: list[trace.Exchange], failed: list[trace.Exchange]) -> bool:
    """Whether what failed is no outage, during which all fails: most of it stands between proper answers."""
    bad = {e.number for e in failed}
    alone = [b for a, b in itertools.pairwise(asked) if b.number in bad and a.number not in bad]
    return len(alone) * 2 > len(failed)


def _question(exchange: trace.Exchange) -> tuple[Any, ...]:
    """What makes two requests the same one."""
    request = exchange.request
    return exchange.role, exchange.account, request.method, request.url, request.headers, request.body


@promise(
    "answers-are-fresh",
    area="answers",
    operation="any",
    sentence="No cache may keep an answer about tasks, for what it says changes (RFC 9111, 5.2.2).",
    source="responses/200",
    cost=FREE,
)
def answers_are_fresh(view: TaskView) -> Iterator[Outcome]:
    """`public` and `s-maxage` alone let caches keep what was asked for with a key (3.5)."""
    for exchange in view.role(trace.POLL, trace.BY_EXTERNAL_ID, trace.UNKNOWN, trace.LIST):
        said = trace.header(exchange.response.headers, "cache-control").lower() if exchange.response else ""
        words = {one.strip() for one in said.split(",")}
        shared = [w for w in words if w == "public" or (w.startswith("s-maxage=") and w != "s-maxage=0")]
        if exchange.response is None or exchange.status >= REFUSED:
            continue
        if not shared or words & {"no-store", "no-cache", "private", "max-age=0"}:
            yield Kept(exchange.number)
        else:
            yield Failure(
                "caches on the way may keep an answer about tasks, and show it to others",
                expected="Cache-Control: no-store, or none",
                found=f"Cache-Control: {short(said)}",
                exchanges=(exchange.number,),
                task=exchange.task,
            )
