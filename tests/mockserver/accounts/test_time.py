"""Clocks, paces and plans: a state is a pure function of the plan and the clock."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, VIDEO, Client

from understudy.mockserver.accounts.clock import NS, Clock, Ids
from understudy.mockserver.accounts.pace import FAST_MS, offsets, read_pace
from understudy.mockserver.errors import MockError
from understudy.mockserver.play.plans import make_plan
from understudy.mockserver.play.scenario_table import NOTHING, Effects
from understudy.specs.behaviour import read
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import effective

if TYPE_CHECKING:
    from understudy.contracts.handle import Account
    from understudy.specs.behaviour import TaskFamily

FAMILIES = read(effective("canonical")).families
PACES = ["instant", "fast", "realistic", "after 3 polls"]


class Wall:
    """Ticks that a test lets pass, in milliseconds."""

    def __init__(self) -> None:
        self.ms = 77

    def __call__(self) -> int:
        return self.ms * NS


def test_real_clock_goes_with_real_time() -> None:
    wall = Wall()
    clock = Clock(start=1_000_000, ticks=wall)
    wall.ms += 1500
    assert clock.now() == 1_001_500


def test_accelerated_clock_runs_ahead_and_goes_on_from_there() -> None:
    wall = Wall()
    clock = Clock(60, 1_000_000, wall)
    wall.ms += 1000
    clock.set_rate(1)
    wall.ms += 500
    assert clock.now() == 1_060_500


def test_clock_by_hand_moves_by_hand_only() -> None:
    wall = Wall()
    clock = Clock(0, 1_000_000, wall)
    wall.ms += 5000
    clock.advance(30_000)
    assert (clock.now(), clock.real_seconds_until(1_040_000)) == (1_030_000, None)


@given(st.lists(st.tuples(st.sampled_from(["wall", "hand", "rate"]), st.integers(0, 100_000)), max_size=20))
def test_clock_never_goes_back(steps: list[tuple[str, int]]) -> None:
    wall = Wall()
    clock = Clock(start=1_000_000, ticks=wall)
    last = clock.now()
    for kind, amount in steps:
        if kind == "wall":
            wall.ms += amount
        elif kind == "hand":
            clock.advance(amount)
        else:
            clock.set_rate(amount % 100)
        assert clock.now() >= last
        last = clock.now()


def test_clock_says_how_long_to_wait_in_real_seconds() -> None:
    clock = Clock(10, 1_000_000, Wall())
    assert (clock.real_seconds_until(1_005_000), clock.real_seconds_until(1)) == (0.5, 0.0)


@pytest.mark.parametrize("rate", [-1, 1e9, float("nan")])
def test_rates_that_cannot_be_are_refused(rate: float) -> None:
    with pytest.raises(MockError, match="a clock cannot run at"):
        Clock(rate)


def test_ids_have_eighteen_digits_ascend_and_follow_the_seed() -> None:
    one, two = Ids(seed=7), Ids(seed=7)
    made = [one.task() for _ in range(3)]
    assert made == sorted(made) == [two.task() for _ in range(3)]
    assert {len(task_id) for task_id in made} == {18}
    assert one.request() == two.request() != one.request()
    assert UUID(one.request()).version == 4


@pytest.mark.parametrize("text", ["", "slow", "after 0 polls", "after polls", "after -1 polls"])
def test_unknown_paces_are_refused_with_the_known(text: str) -> None:
    with pytest.raises(MockError, match="known: instant, fast, realistic, after N polls"):
        read_pace(text)


@given(st.sampled_from(FAMILIES), st.sampled_from(PACES), st.builds(
    Effects, fail=st.booleans(), reason=st.sampled_from(["", "internal", "own words"]), skip=st.booleans(),
    never=st.booleans(),
    run_ms=st.sampled_from([-1, 0, 1, 999_999])), st.text(max_size=3))  # fmt: skip
def test_every_plan_keeps_the_promise(family: TaskFamily, pace: str, chosen: Effects, seed: str) -> None:
    """States follow allowed transitions from the first one; times never run backwards."""
    life = family.lifecycle
    plan = make_plan(family, read_pace(pace), chosen, seed)
    states = plan.statuses + plan.rest
    assert states[0] == life.initial
    for before, after in itertools.pairwise(states):
        assert after in life.transitions[before]
    assert list(plan.offsets) == sorted(plan.offsets)
    assert plan.offsets[0] == 0
    ends = not life.transitions[states[-1]]
    assert ends is not chosen.never or chosen.skip
    if ends:
        assert states[-1] == (life.failure if chosen.fail else life.success)


@given(st.integers(0, 10**9), st.integers(1, 6))
def test_offsets_begin_at_zero_ascend_and_end_with_the_run(run_ms: int, changes: int) -> None:
    times = offsets(run_ms, changes)
    assert len(times) == changes
    assert list(times) == sorted(times)
    assert times[0] == 0
    assert changes == 1 or times[-1] == run_ms


def test_realistic_runs_are_spread_around_what_was_observed() -> None:
    at_once = [life for life in FAMILIES if life.median_ms == 0]
    assert [life.name for life in at_once] == ["tts"]
    for life in (family for family in FAMILIES if family not in at_once):
        runs = [read_pace("realistic").run_ms(life.median_ms, life.spread, str(i)) for i in range(300)]
        low, high = life.median_ms * (1 - life.spread), life.median_ms * (1 + life.spread)
        assert low <= min(runs) < life.median_ms * 0.9
        assert life.median_ms * 1.1 < max(runs) <= high
        assert runs == [
            read_pace("realistic").run_ms(life.median_ms, life.spread, str(i)) for i in range(300)
        ]


def test_throttled_task_waits_in_that_state_before_it_runs() -> None:
    (family,) = read(effective("runway")).families
    plan = make_plan(family, read_pace("fast"), Effects(throttled=True, run_ms=600), "")
    assert plan.statuses == ("PENDING", "THROTTLED", "RUNNING", "SUCCEEDED")


def test_fast_ends_after_about_two_seconds() -> None:
    plan = make_plan(FAMILIES[0], read_pace("fast"), NOTHING, "")
    assert (plan.statuses, plan.offsets) == (("submitted", "processing", "succeed"), (0, 500, FAST_MS))


# --- on the server


def test_after_n_polls_what_never_ends_shows_all_it_reaches_at_once(client: Client, mock: Account) -> None:
    mock.pace("after 3 polls")
    task_id = client.create(X_Understudy_Scenario="never-finish")
    assert [client.task(task_id)["task_status"] for _ in range(4)] == ["processing"] * 4


def test_after_n_polls_the_nth_query_shows_the_end(client: Client, mock: Account) -> None:
    mock.pace("after 3 polls")
    task_id = client.create()
    mock.clock.advance(10**6)
    client.get(IMAGE)  # a list is no query
    seen = [client.task(task_id)["task_status"] for _ in range(4)]
    assert seen == ["processing", "processing", "succeed", "succeed"]


def test_after_one_poll_the_first_query_shows_the_end(client: Client, mock: Account) -> None:
    mock.pace("after 1 poll")
    assert client.task(client.create())["task_status"] == "succeed"


def test_instant_has_ended_by_the_first_query(client: Client, mock: Account) -> None:
    mock.pace("instant")
    assert client.task(client.create(path=VIDEO), VIDEO)["task_status"] == "succeed"


def test_changing_the_pace_leaves_running_tasks_alone(client: Client, mock: Account) -> None:
    task_id = client.create()
    mock.pace("instant")
    assert client.task(task_id)["task_status"] == "submitted"


def test_advance_to_next_stops_at_every_change(client: Client, mock: Account) -> None:
    task_id = client.create()
    start = mock.clock.now
    stops = []
    while mock.clock.advance_to_next():
        stops.append((mock.clock.now - start, client.task(task_id)["task_status"]))
    assert stops == [(500, "processing"), (2000, "succeed")]


def test_shared_clock_moves_all_accounts_without_one_of_their_own() -> None:
    with mock_account(rate=0) as mock:
        one, two = Client(mock), Client(mock.server.account(key="two"))
        ids = [one.create(), two.create()]
        one.request("POST", "/__understudy__/clock/advance", {"seconds": 2}, Authorization="")
        assert [c.task(i)["task_status"] for c, i in zip((one, two), ids, strict=True)] == ["succeed"] * 2


def test_accelerated_server_ends_a_realistic_video_in_no_time() -> None:
    with mock_account(pace="realistic", rate=100_000) as mock:
        client = Client(mock)
        task_id = client.create(path=VIDEO)
        for _ in range(200):
            if (record := client.task(task_id, VIDEO))["task_status"] == "succeed":
                break
        assert record["task_status"] == "succeed"
        assert 75_000 <= record["updated_at"] - record["created_at"] <= 125_000


def test_finish_calls_nobody_back_who_did_not_ask(client: Client, mock: Account) -> None:
    mock.finish(client.create())
    assert mock.callbacks == []


def test_finish_ends_a_task_by_hand(client: Client, mock: Account) -> None:
    won, lost = client.create(), client.create()
    mock.finish(won)
    mock.finish(lost, "failed", "risk_control")
    assert client.task(won)["task_status"] == "succeed"
    assert client.task(lost)["task_status_msg"] == "Failure to pass the risk control system"
    with pytest.raises(UnderstudyError, match="is succeed already"):
        mock.finish(won)
    with pytest.raises(UnderstudyError, match="is not a terminal state"):
        mock.finish(client.create(), "processing")
