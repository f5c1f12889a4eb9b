"""One function per promise of a gateway: a run in, a verdict out. No clock, no network.

What must come out below follows from what was seen upstream, order by order, not from the scenario's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts.client_verifier import callbacks, judges
from understudy.contracts.client_verifier.verdict import (
    ClientVerdict,
    broken,
    kept,
    not_exercised,
    plain,
    seconds,
    units,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from understudy.contracts.client_verifier.trace import Trace
    from understudy.contracts.gateway_verifier.seen import GatewayRun, OrderLine

# Clocks of both sides are one; what is told so much too early is a rounding.
EARLY_MS = 50
# Amounts that differ by less are the same.
CENT = 1e-6


def orders_work(run: GatewayRun) -> ClientVerdict:
    """When nothing goes wrong upstream, every order ends in success."""
    for line in run.lines:
        order = line.order
        if not order.accepted:
            return broken(f"order {order.account} was refused: {order.refused}")
        if order.end is None:
            last = order.polls[-1].told if order.polls else ""
            return broken(f"order {order.account} is still {last or 'without a status'!r}")
        if not line.delivered:
            reason = line.family.reason_of(order.end.record)
            return broken(f"order {order.account} ended {order.end.told!r}: {reason or 'no reason given'}")
    return kept(f"{len(run.lines)} orders")


def tells_own_words(run: GatewayRun) -> ClientVerdict:
    """Every status in its answers and callbacks is one of the API that it speaks, whoever's is upstream."""
    seen = 0
    for line in run.lines:
        for sight in line.order.sights:
            if sight.record is None:
                continue
            seen += 1
            if sight.told not in line.family.lifecycle.names:
                known = ", ".join(line.family.lifecycle.names)
                return broken(f"told the status {sight.told!r}; its API knows {known}")
    return kept(f"in {seen} answers") if seen else not_exercised("it told no status")


def callbacks_agree(run: GatewayRun) -> ClientVerdict:
    """Who asked for callbacks is called back at the end, with what polls tell."""
    if not run.calls_back:
        return not_exercised("it is not asked to call back")
    asked = [line for line in run.lines if line.order.called and line.order.end is not None]
    if not asked:
        return not_exercised("no order with a callback came to its end")
    for line in asked:
        end = line.order.end
        finals = [sight.told for sight in line.order.callbacks if sight.final]
        if not finals:
            return broken(f"no callback told the end of order {line.order.account}")
        if end is not None and set(finals) != {end.told}:
            others = ", ".join(sorted({*finals} - {end.told}))
            return broken(f"called back {others!r} where polls tell {end.told!r}")
    return kept(f"{len(asked)} ends")


def signs_callbacks(run: GatewayRun) -> ClientVerdict:
    """Its callbacks are signed as its API says, with the secret that its clients know."""
    seen = [sight for line in run.lines for sight in line.order.callbacks if sight.unsigned is not None]
    if not seen:
        return not_exercised("no callback came that could be checked: name its secret with --callback-secret")
    wrong = [sight.unsigned for sight in seen if sight.unsigned]
    if wrong:
        return broken(f"{len(wrong)} of {len(seen)} callbacks: {wrong[0]}")
    return kept(f"{len(seen)} callbacks")


def results_arrive(run: GatewayRun) -> ClientVerdict:
    """The results of a success can be fetched."""
    if run.broken_links:
        return not_exercised("the results upstream cannot be fetched either")
    # What is told too early has a promise of its own.
    sold = [line for line in run.lines if line.delivered and not _too_early(line)]
    for line in sold:
        bad = [one for one in line.order.results if not one.good]
        if bad:
            why = "no answer" if bad[0].status is None else f"HTTP {bad[0].status}, {bad[0].size} bytes"
            return broken(f"a result of order {line.order.account} cannot be fetched: {why}")
    if not any(line.order.results for line in sold):
        return not_exercised("no success had results that are fetched by a link")
    return kept(f"{sum(len(line.order.results) for line in sold)} fetched")


def accounts_apart(run: GatewayRun) -> ClientVerdict:
    """What one account ordered no other is shown, and each gets the results of its own order."""
    for line in run.lines:
        if line.order.shown_to:
            how = ", ".join(line.order.shown_to)
            return broken(f"order {line.order.account} was shown to the other account, asked {how}")
    for line in run.lines:
        own = {task.task_id for task in line.trace.tasks}
        digests = {one.digest for one in line.order.results if one.good}
        mine = {digest for task in own for digest in run.results.get(task, ())}
        others = {d for task, found in run.results.items() if task not in own for d in found} - mine
        if digests & others:
            return broken(f"order {line.order.account} was given the results of another order")
    if not any(line.order.accepted for line in run.lines):
        return not_exercised("no order was accepted")
    same = any(line.order.task_id in {t.task_id for t in line.trace.tasks} for line in run.lines)
    return kept("asked with the other's key" + ("; its ids are those of the provider" if same else ""))


def buys_once(run: GatewayRun) -> ClientVerdict:
    """For one order one task is paid upstream."""
    bought = False
    for line in run.lines:
        bought = bought or bool(line.paid)
        if len(line.paid) > 1:
            lost = sum(task.units for task in line.paid[1:])
            text = f"bought {len(line.paid)} tasks for order {line.order.account}"
            return broken(f"{text}: {units(lost)} paid for nothing", (), lost)
    return kept("one for each") if bought else not_exercised("nothing was bought")


def buys_for_orders(run: GatewayRun) -> ClientVerdict:
    """Every paid task upstream belongs to an order."""
    if run.stray:
        lost = sum(task.units for task in run.stray)
        many = "a task" if len(run.stray) == 1 else f"{len(run.stray)} tasks"
        return broken(f"it bought {many} for no order: {units(lost)} paid for nothing", (), lost)
    return kept("") if any(line.paid for line in run.lines) else not_exercised("nothing was bought")


def bills_what_it_sold(run: GatewayRun) -> ClientVerdict:
    """A success is billed once, at one price, however often it is asked about."""
    sold = [line for line in run.lines if line.delivered and line.ready_ms is not None]
    known = [(line, line.order.billed) for line in sold if line.order.billed is not None]
    if not known:
        return not_exercised(UNKNOWN if sold else "nothing was sold")
    for line, billed in known:
        price = run.price if run.price is not None else 1.0
        due = line.order.units * price
        if billed <= CENT:
            return broken(f"order {line.order.account} was delivered and not billed", (), due)
        if line.order.billed_again > CENT:
            return broken(f"order {line.order.account} was billed once more when it was asked about again")
        if abs(billed - due) > CENT:
            return broken(f"order {line.order.account} was billed {units(billed)}, not {units(due)}")
    return kept(f"{units(sum(billed for _, billed in known))}")


UNKNOWN = "how it bills is not known: say so with --ledger"


def bills_no_failure(run: GatewayRun) -> ClientVerdict:
    """Nothing is billed for what failed or was refused, when all is settled."""
    unsold = [line for line in run.lines if _unsold(line)]
    known = [(line, line.order.billed) for line in unsold if line.order.billed is not None]
    if not known:
        return not_exercised(UNKNOWN if unsold else "no order failed")
    for line, billed in known:
        if billed > CENT:
            what = "failed" if line.order.accepted else "was refused"
            return broken(f"billed {units(billed)} for order {line.order.account}, which {what}", (), billed)
    return kept("nothing")


def _unsold(line: OrderLine) -> bool:
    ended = line.order.end is not None or not line.order.accepted
    return ended and (not line.delivered or line.failed_upstream)


def gives_back_once(run: GatewayRun) -> ClientVerdict:
    """No more is given back than was taken."""
    known = [(line, line.order.billed) for line in run.lines if line.order.billed is not None]
    if not known:
        return not_exercised(UNKNOWN)
    for line, billed in known:
        if billed >= -CENT and billed + line.order.billed_again < -CENT:
            return broken(f"gave back once more when order {line.order.account} was asked about again")
        if billed < -CENT:
            text = f"gave back {units(-billed)} more than it had taken for order {line.order.account}"
            return broken(text, (), -billed)
    return kept("")


def delivers_what_it_bought(run: GatewayRun) -> ClientVerdict:
    """What succeeded upstream is a success below."""
    ready = [line for line in run.lines if line.ready_ms is not None and not run.resultless]
    if not ready:
        return not_exercised("nothing succeeded upstream")
    doubts = []
    for line in ready:
        if line.delivered:
            continue
        text, certain = _lost(line, run)
        if certain:
            return broken(f"{text}: {units(line.bought)} lost", (), line.bought)
        doubts.append(f"{text}, after trouble that did not pass: {units(line.bought)}")
    return kept("; ".join(doubts), warning=bool(doubts))


def _lost(line: OrderLine, run: GatewayRun) -> tuple[str, bool]:
    """What became of an order that had succeeded upstream, and whether the gateway could have known."""
    order = line.order
    if not order.accepted:
        doubtful = any(e.doubtful for e in line.trace.creates)
        return f"order {order.account} was bought upstream and refused below", not (doubtful or line.lasting)
    if order.end is not None:
        return (
            f"order {order.account} succeeded upstream and ended {order.end.told!r} below",
            not line.lasting,
        )
    late = run.is_late(line, run.duration_ms - (line.ready_ms or 0))
    return f"the end of order {order.account} was never told below", late and not line.lasting


def tells_failures(run: GatewayRun) -> ClientVerdict:
    """What failed or was refused upstream has failed below, with the reason."""
    failed = [line for line in run.lines if line.failed_upstream]
    if not failed:
        return not_exercised("nothing failed upstream")
    doubts = []
    for line in failed:
        order = line.order
        if line.delivered:
            continue  # `no_false_success` is about that
        if order.accepted and order.end is None:
            since = line.end_upstream_ms
            if since is not None and run.is_late(line, run.duration_ms - since):
                return broken(f"order {order.account} failed upstream, and that was never told below")
            continue
        told = line.told_reason
        if line.reason and plain(line.reason) in plain(told or order.refused_with):
            continue
        if not told:
            how = "" if order.accepted else f" ({order.refused})"
            return broken(f"the reason {line.reason!r} of order {order.account} is not told{how}")
        if len(meant := run.sayings.get(told, frozenset())) > 1:
            reasons = " and for ".join(map(repr, sorted(meant)))
            return broken(f"{told!r} is all that is told, for {reasons}")
        if line.reason:
            doubts.append(f"{line.reason!r} is told as {told!r}")
    return kept("; ".join(doubts[:1]), warning=bool(doubts))


def no_false_success(run: GatewayRun) -> ClientVerdict:
    """A success below is one upstream, and not before that."""
    sold = [line for line in run.lines if line.delivered]
    if not sold:
        return not_exercised("nothing was reported to have succeeded")
    for line in sold:
        order = line.order
        if run.resultless and not order.results:
            return broken(f"order {order.account} is told to have succeeded, and has no results")
        if not line.paid:
            what = "failed" if line.failed_upstream else "was never made"
            return broken(f"order {order.account} succeeded below and {what} upstream")
        if _too_early(line):
            return broken(f"order {order.account} is told to have succeeded before it had upstream")
    return kept("")


def _too_early(line: OrderLine) -> bool:
    """Whether an end was reported below before any task upstream had come to its own."""
    end = line.order.end
    ends = [task.ended_ms for task in line.paid if task.ended_ms is not None]
    return end is not None and (not ends or end.at_ms < min(ends) - EARLY_MS)


def tells_in_time(run: GatewayRun) -> ClientVerdict:
    """The end is told soon after it came upstream."""
    late = []
    for line in run.lines:
        end, since = line.order.end, line.end_upstream_ms
        waits = run.resultless or line.lasting
        if end is not None and since is not None and end.at_ms >= since and not waits:
            late.append((end.at_ms - since, line))
    if not late:
        return not_exercised("no end was reported after one upstream")
    for ms, line in sorted(late, key=lambda one: -one[0]):
        if run.is_late(line, ms):
            account = line.order.account
            return broken(f"the end of order {account} was reported {seconds(ms)} after it had come")
    return kept(f"at most {seconds(max(ms for ms, _ in late))} later")


# --- the gateway as a client of the provider


def requests_valid(run: GatewayRun) -> ClientVerdict:
    """Its requests to the provider are valid, and made with the key that it was given."""
    return judges.requests_valid(run.upstream)


def polls_at_a_sane_rate(run: GatewayRun) -> ClientVerdict:
    """It asks the provider about a task at most ten times a second, however often it is asked itself."""
    return _of_lines(run, judges.sane_rate)


def stops_polling(run: GatewayRun) -> ClientVerdict:
    """Once the provider has told an end, it does not go on asking."""
    return _of_lines(run, judges.stops_polling)


def honours_retry_after(run: GatewayRun) -> ClientVerdict:
    """When the provider says for how long to stay away, it does."""
    return _of_lines(run, judges.honours_retry_after)


def takes_genuine(run: GatewayRun) -> ClientVerdict:
    """It takes the provider's callbacks that are signed rightly, if it asks for any."""
    return callbacks.takes_genuine(run.upstream)


def _of_lines(run: GatewayRun, judge: Callable[[Trace], ClientVerdict]) -> ClientVerdict:
    """The worst of what a judge of clients says of each order's part upstream."""
    return worst_of([judge(line.trace) for line in run.lines])


def worst_of(verdicts: Iterable[ClientVerdict]) -> ClientVerdict:
    """Broken before kept before not exercised; of kept ones one with a warning."""
    ranks = {"broken": 0, "kept": 1, "not exercised": 2}
    ordered = sorted(verdicts, key=lambda v: (ranks[v.outcome], not v.warning))
    return ordered[0] if ordered else not_exercised("there was no order")
