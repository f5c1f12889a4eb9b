"""Judges of gateways on runs small enough to read."""

from __future__ import annotations

import pytest

from understudy.contracts.client_verifier.trace import JournalExchange, JournalTask, Trace
from understudy.contracts.gateway_verifier import judges
from understudy.contracts.gateway_verifier.card import ledger_table
from understudy.contracts.gateway_verifier.runner import _with_sayings
from understudy.contracts.gateway_verifier.seen import GatewayRun, OrderLine, PlacedOrder, Sight
from understudy.specs.behaviour import read
from understudy.specs.library import effective

FAMILY = read(effective("canonical"), "canonical").families[0]
PIXELS, RISK, ARREARS = "Image pixel is invalid", "Failure to pass the risk control", "Account is in arrears"


def failed(upstream, below):
    """An order whose task failed upstream, and what is told of that below."""
    record = {"task_id": "g", "task_status": "failed", "task_status_msg": below}
    order = PlacedOrder(
        account="A", token="t", units=1.0, at_ms=0, task_id="g",
        polls=(Sight(at_ms=9, told="failed", final=True, record=record),),
    )  # fmt: skip
    task = JournalTask(task_id="u", status="failed", reason=upstream, units=1.0, ended_ms=5, failed=True)
    return OrderLine(order=order, trace=Trace(scenario="x", tasks=(task,), duration_ms=20), family=FAMILY)


def refused(upstream, below, body=""):
    order = PlacedOrder(
        account="A", token="t", units=1.0, at_ms=0, create_status=429, refusal=below, refused_with=body
    )
    create = JournalExchange(at_ms=0, kind="create", status=429, message=upstream, verdict="x")
    return OrderLine(order=order, trace=Trace(scenario="x", exchanges=(create,)), family=FAMILY)


def run(*lines):
    return GatewayRun(scenario="x", lines=lines, upstream=Trace(scenario="x"), duration_ms=20)


REASONS = [
    # the first run is judged, beside the others
    ([failed(RISK, RISK)], "kept", ""),
    ([failed(RISK, f"provider: {RISK.upper()}")], "kept", ""),
    ([failed(RISK, "")], "broken", f"the reason {RISK!r} of order A is not told"),
    # Other words may be a translation; the same for two reasons tell neither.
    ([failed(RISK, "not allowed")], "kept", f"{RISK!r} is told as 'not allowed'"),
    ([failed(RISK, "not allowed"), failed(PIXELS, "no")], "kept", f"{RISK!r} is told as 'not allowed'"),
    (
        [failed(RISK, "it failed"), failed(PIXELS, "it failed")],
        "broken",
        f"'it failed' is all that is told, for {RISK!r} and for {PIXELS!r}",
    ),
    ([failed(RISK, "sorry"), failed(RISK, "sorry")], "kept", f"{RISK!r} is told as 'sorry'"),
    # The gateway's own money is its own affair, yet a refusal says something.
    ([refused(ARREARS, "busy"), refused(PIXELS, "busy")], "kept", f"{ARREARS!r} is told as 'busy'"),
    ([refused(ARREARS, "")], "broken", f"the reason {ARREARS!r} of order A is not told (HTTP 429)"),
    ([refused(ARREARS, "", f'{{"detail": "{ARREARS}"}}')], "kept", ""),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "outcome", "text"), REASONS)
def test_reason_of_a_failure_is_told_as_it_is(lines, outcome, text):
    first, *_ = _with_sayings([run(line) for line in lines])
    verdict = judges.tells_failures(first)
    assert (verdict.outcome, verdict.text) == (outcome, text)


def ended(told, billed, again):
    """An order that came to its end, what was billed for it, and how much more after another look."""
    order = PlacedOrder(
        account="A", token="t", units=1.0, at_ms=0, task_id="g", billed=billed, billed_again=again,
        polls=(Sight(at_ms=9, told=told, final=True, record={"task_id": "g", "task_status": told}),),
    )  # fmt: skip
    task = JournalTask(task_id="u", status=told, units=1.0, ended_ms=5, failed=told == "failed")
    return OrderLine(order=order, trace=Trace(scenario="x", tasks=(task,), duration_ms=20), family=FAMILY)


ONCE_MORE = "order A was billed once more when it was asked about again"
BACK = "gave back once more when order A was asked about again"
BILLS = [
    (judges.bills_what_it_sold, ended("succeed", 1.0, 0.0), "kept", "1 unit"),
    (judges.bills_what_it_sold, ended("succeed", 3.0, 1.0), "broken", ONCE_MORE),
    (
        judges.bills_what_it_sold, ended("succeed", 3.0, 0.0), "broken",
        "order A was billed 3 units, not 1 unit",
    ),
    (judges.gives_back_once, ended("failed", 0.0, 0.0), "kept", ""),
    (judges.gives_back_once, ended("failed", 0.0, -1.0), "broken", BACK),
    # Given back late, and once.
    (judges.gives_back_once, ended("failed", 1.0, -1.0), "kept", ""),
    (
        judges.gives_back_once, ended("failed", -1.0, -1.0), "broken",
        "gave back 1 unit more than it had taken for order A",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("judge", "line", "outcome", "text"), BILLS)
def test_bill_is_the_same_however_often_an_order_is_looked_at(judge, line, outcome, text):
    verdict = judge(run(line))
    assert (verdict.outcome, verdict.text) == (outcome, text)


def told_late(ms, *, at_ms=0, told_to_wait_ms=None):
    """An order whose end is told so late after it came; the provider asked for a pause at `at_ms`."""
    polls = (
        Sight(
            at_ms=5_000 + ms, told="succeed", final=True, record={"task_id": "g", "task_status": "succeed"}
        ),
    )
    order = PlacedOrder(account="A", token="t", units=1.0, at_ms=0, task_id="g", polls=polls)
    poll = JournalExchange(at_ms=at_ms, kind="query", task_id="u", status=429, retry_after_ms=told_to_wait_ms)
    task = JournalTask(task_id="u", status="succeed", units=1.0, ended_ms=5_000)
    trace = Trace(scenario="x", exchanges=(poll,), tasks=(task,), duration_ms=99_000)
    return run(OrderLine(order=order, trace=trace, family=FAMILY))


@pytest.mark.parametrize(
    ("seen", "outcome", "text", "late"),
    [
        (told_late(9_000), "kept", "at most 9 s later", "0"),
        (told_late(11_000), "broken", "the end of order A was reported 11 s after it had come", "1"),
        # Who was told to stay away may be later by that, as far as it reached beyond the end.
        (told_late(11_000, at_ms=5_500, told_to_wait_ms=2_000), "kept", "at most 11 s later", "0"),
        (told_late(11_000, at_ms=4_500, told_to_wait_ms=2_000), "kept", "at most 11 s later", "0"),
        (
            told_late(11_000, at_ms=1_000, told_to_wait_ms=4_000),
            "broken",
            "the end of order A was reported 11 s after it had come",
            "1",
        ),
    ],
)
def test_end_is_late_by_what_the_provider_did_not_ask_for(seen, outcome, text, late):
    verdict = judges.tells_in_time(seen)
    assert (verdict.outcome, verdict.text) == (outcome, text)
    head, line, _ = ledger_table([seen])
    assert dict(zip(head, line, strict=True))["late"] == late


@pytest.mark.parametrize(("count", "text"), [(1, "a task"), (2, "2 tasks")])
def test_what_was_bought_for_no_order_is_counted(count, text):
    stray = tuple(JournalTask(task_id=f"s{n}", units=1.5) for n in range(count))
    seen = GatewayRun(scenario="x", lines=(), upstream=Trace(scenario="x"), stray=stray)
    verdict = judges.buys_for_orders(seen)
    assert (verdict.outcome, verdict.units) == ("broken", 1.5 * count)
    assert verdict.text == f"it bought {text} for no order: {1.5 * count:g} units paid for nothing"
