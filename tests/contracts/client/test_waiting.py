"""What is said to those whose client mostly sleeps."""

from __future__ import annotations

import pytest

from understudy.contracts.client_verifier.trace import JournalExchange, Trace
from understudy.contracts.client_verifier.waiting import advice, waiting_ms


def run(*polls, end, speed=1.0):
    create = JournalExchange(at_ms=100, kind="create")
    asked = (JournalExchange(at_ms=at, kind="query") for at in polls)
    result = JournalExchange(at_ms=end, kind="result")
    exchanges = (create, *asked, result)
    return Trace(scenario="all-is-well", exchanges=exchanges, duration_ms=end, speed=speed)


def test_pauses_before_polls_are_counted_when_they_are_long():
    assert waiting_ms(run(5100, 5300, 10300, end=60000)) == 10000


def test_client_that_mostly_sleeps_is_told_what_to_do():
    assert advice(run(5100, 10100, end=10400)) == (
        "In all-is-well it spent 10.0 of 10.4 s in pauses between polls. To make them shorter, set what it "
        "takes its interval from (--env POLL_SECONDS=0.1, if that is its name); for Python and Node there is "
        "--fast-sleep 10."
    )


@pytest.mark.parametrize(
    "other",
    [run(2100, end=2200), run(5100, end=30000), run(5100, 10100, end=10400, speed=10.0), run(end=9000)],
    ids=["short", "busy", "fast already", "never asks"],
)
def test_others_are_left_in_peace(other):
    assert advice(other) == ""
