"""When a run is stopped, and which scenarios are chosen."""

from __future__ import annotations

import asyncio

import pytest

from contracts.client_verifier.runner import WATCH_SECONDS, enough
from contracts.client_verifier.scenarios import SCENARIOS, choose
from specs.errors import UnderstudyError


class Account:
    """An account whose requests come at given seconds of a clock that the watching itself moves."""

    journal = callbacks = tasks = ()

    def __init__(self, *polls):
        self.seconds = 0.0
        self.polls = polls
        self.looks = []

    async def pause(self, seconds):
        self.seconds += seconds

    def count(self, operation=""):
        return sum(at <= self.seconds for at in self.polls)

    def certain(self, seen):
        assert seen == {"requests": (), "deliveries": (), "tasks": ()}
        self.looks.append(self.count())
        return self.looks[-1] >= 20

    def watch(self, timeout):
        run = enough(self, timeout, self.certain, now=lambda: self.seconds, pause=self.pause)
        return asyncio.run(run), self.seconds


def test_time_counts_from_the_first_request():
    assert Account(25.0).watch(30) == ("time", 55.0 + WATCH_SECONDS)


def test_command_that_asks_nothing_has_the_same_time():
    assert Account().watch(30) == ("time", 30.0 + WATCH_SECONDS)


def test_run_is_over_as_soon_as_it_is_certain_to_ask_for_ever():
    account = Account(*range(1, 1000))
    assert account.watch(300) == ("loop", 24.0)
    # The whole journal is read now and then, not at every look.
    assert account.looks == [6, 12, 18, 24]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("all-is-well", ["all-is-well"]),
        ("poll-reset, never-ends", ["all-is-well", "never-ends", "poll-reset"]),
        ("all", [s.name for s in SCENARIOS]),
        ("quick", [s.name for s in SCENARIOS if s.quick]),
        ("-never-ends", [s.name for s in SCENARIOS if s.name != "never-ends"]),
        ("quick,-all-is-well,poll-reset", [s.name for s in SCENARIOS if s.quick or s.name == "poll-reset"]),
        ("poll-reset,-quick", ["all-is-well", "poll-reset"]),
    ],
)
def test_scenarios_are_chosen_in_the_order_of_the_table(words, names):
    assert [s.name for s in choose(words)] == names


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("poll-rest", "did you mean poll-reset? --list shows them all"),
        ("reset", "a scenario of the mock itself; for clients it is part of create-reset, poll-reset"),
        ("never-finish", "a scenario of the mock itself; for clients it is part of never-ends"),
        ("xyz", "known: all, quick, all-is-well, "),
    ],
)
def test_unknown_scenario_is_refused_with_what_was_meant(word, advice):
    with pytest.raises(UnderstudyError) as error:
        choose(word)
    assert str(error.value).startswith(f"--scenarios: no scenario {word!r} ({advice}")


def test_unknown_scenario_is_refused_even_to_leave_it_out():
    with pytest.raises(UnderstudyError, match="no scenario 'fial'"):
        choose("all,-fial")
