"""When a run is stopped, and which scenarios are chosen."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from understudy.contracts.client_verifier.played import abilities
from understudy.contracts.client_verifier.runner import (
    WATCH_SECONDS,
    GradingPlan,
    enough,
    run_one,
)
from understudy.contracts.client_verifier.scenarios import SCENARIOS, choose
from understudy.contracts.testing import mock_server
from understudy.specs.errors import UnderstudyError

APIS = ("runway", "fal", "kling")
CALLBACKS = [s.name for s in SCENARIOS if s.name.startswith("callbacks-")]
CAREFUL = Path(__file__).parents[3] / "fixtures" / "clients" / "careful.py"


class Account:
    """An account whose requests come at given seconds of a clock that the watching itself moves."""

    callbacks = tasks = ()

    def __init__(self, *polls):
        self.seconds = 0.0
        self.polls = polls
        self.looks = []
        self.server = self

    async def pause(self, seconds):
        self.seconds += seconds

    def count(self, operation=""):
        return sum(at <= self.seconds for at in self.polls)

    def call(self, method, path, query):
        assert (method, path) == ("GET", "/journal")
        return ()

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
    assert str(error.value).startswith(f"--scenarios: unknown scenario {word!r} ({advice}")


WITH_RESULTS = ["results-come-late", "succeeds-without-results", "succeeds-with-fewer-results"]


def test_scenarios_are_those_that_the_api_can_play():
    """Runway throttles, cancels nobody's task by a call of its own, and calls nobody back; fal does, and its
    records hold no results."""
    further = {name: [s.name for s in choose("all", abilities=abilities(name)) if s.needs] for name in APIS}
    assert further == {
        "runway": [*WITH_RESULTS, "ends-cancelled", "throttled-at-first"],
        "fal": [*CALLBACKS, "ends-cancelled", "cancel-too-late", "cancel-without-effect"],
        "kling": [*WITH_RESULTS, *CALLBACKS],
    }


def test_scenario_that_the_api_cannot_play_is_refused_by_name():
    needs = "--scenarios: ends-moderated needs a state of the class moderated; the API has none"
    with pytest.raises(UnderstudyError, match=needs):
        choose("ends-moderated", abilities=abilities("runway"))


def test_nothing_is_played_about_callbacks_where_nobody_is_called_back():
    (scenario,) = (s for s in SCENARIOS if s.name == "unknown-fields")
    said = [scenario.text(task_ms=9, pause_seconds=1, calls_back=calls) for calls in (True, False)]
    assert said == ["run:ms=9+extra-fields+callbacks-extra-fields", "run:ms=9+extra-fields"]


def test_unknown_scenario_is_refused_even_to_leave_it_out():
    with pytest.raises(UnderstudyError, match="unknown scenario 'fial'"):
        choose("all,-fial")


def test_requests_and_the_end_of_the_command_are_timed_from_one_moment():
    """Even of a command that is started twice, with a pause between: no request comes after its end."""
    env = {"UNDERSTUDY_URL": "{url}", "UNDERSTUDY_API_KEY": "{api_key}", "UNDERSTUDY_FOLDER": "{folder}"}
    plan = GradingPlan([sys.executable, str(CAREFUL)], (), env={**env, "POLL_SECONDS": "0.05"}, task_ms=300)
    *_, scenario = choose("restarted-after-the-end")
    run = asyncio.run(run_one(plan, lambda key: mock_server(keys=[key]), scenario))
    assert (run.exit_code, run.restarted is None) == (0, False)
    assert [e.method for e in run.exchanges if e.at_ms > run.duration_ms] == []
