"""Two replicas over one store are one mock: whatever is done on one is seen on the other, at once."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mockserver.conftest import Receiver
    from tests.mockserver.replicas.conftest import Replica

    Two = tuple[Replica, Replica]


def test_a_task_is_found_on_both_by_either_id_and_in_the_list(two: Two) -> None:
    one, other = two
    task = one.create({"external_task_id": "order-1"})
    assert len(task) == 18
    records = [replica.task(name) for replica in two for name in (task, "order-1")]
    assert records == [records[0]] * 4
    later = other.create()
    listed = [[row["task_id"] for row in replica.get(f"{IMAGE}?pageNum=1").data] for replica in two]
    assert listed == [[later, task]] * 2
    assert [replica.get(f"{IMAGE}/{task}", Authorization="Bearer another").status for replica in two] == [
        400
    ] * 2
    assert [row["id"] for row in other.told("/tasks")] == [later, task]


def test_an_external_id_is_given_once_whoever_is_asked(two: Two) -> None:
    body = {**IMAGE_REQUEST, "external_task_id": "mine"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: two[n % 2].post(IMAGE, body), range(16)))
    assert sorted(answer.status for answer in answers) == [200, *[400] * 15]
    refused = {answer.json["message"] for answer in answers if answer.status == 400}
    assert refused == {"External_task_id mine already exists"}


def test_ids_of_tasks_and_requests_are_unique(two: Two) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: two[n % 2].post(IMAGE, IMAGE_REQUEST).json, range(100)))
    assert len({answer["data"]["task_id"] for answer in answers}) == 100
    assert len({answer["request_id"] for answer in answers}) == 100


def test_a_clock_that_is_moved_on_one_has_moved_on_both_and_sends_in_order(
    two: Two, receiver: Receiver
) -> None:
    """Each replica owes some of the callbacks; they leave in the order of their times all the same."""
    one, other = two
    tasks = []
    for replica in (one, other, one, other):
        tasks.append(replica.create({"callback_url": receiver.url}))
        one.order("/clock/advance", {"seconds": 0.1})
    other.order("/clock/advance", {"seconds": 3})
    received = receiver.wait(12)
    order = [(body.json["task_id"], body.json["task_status"]) for body in received]
    moves = {"submitted": 0.0, "processing": 0.5, "succeed": 2.0}
    due = {(task, state): 0.1 * n + at for n, task in enumerate(tasks) for state, at in moves.items()}
    assert [round(due[each], 1) for each in order] == sorted(round(at, 1) for at in due.values())
    clocks = [replica.told("/clock") for replica in two]
    assert clocks == [clocks[0]] * 2
    assert {replica.task(task)["task_status"] for replica in two for task in tasks} == {"succeed"}
    assert other.order("/clock/advance", {"to": "next"})["changed"] is False


def test_to_the_next_change_of_a_task_that_another_replica_took(two: Two) -> None:
    task = two[0].create()
    states = [(two[1].order("/clock/advance", {"to": "next"})["changed"], two[0].task(task)["task_status"])
              for _ in range(3)]  # fmt: skip
    assert states == [(True, "processing"), (True, "succeed"), (False, "succeed")]


def test_a_running_clock_is_the_same_on_both(two: Two) -> None:
    one, other = two
    one.order("/clock", {"rate": 1000})
    before, between, after = (replica.told("/clock")["now"] for replica in (one, other, one))
    # 1000 times as fast, so a difference of 100 ms between replicas would be seen.
    assert before - 100_000 <= between <= after + 100_000
    one.order("/clock", {"rate": 0})
    assert one.told("/clock") == other.told("/clock")


def test_orders_hold_on_both_before_they_are_answered(two: Two) -> None:
    one, other = two
    for replica, behind in itertools.product(two, range(3)):
        there = other if replica is one else one
        replica.order("/pace", {"pace": ["instant", "fast", "realistic"][behind]})
        replica.order("/scenario", {"scenario": "fail" if behind else ""})
        if behind == 0:
            assert there.task(there.create())["task_status"] == "succeed"
        replica.order("/pace", {"pace": "instant"})
        assert there.task(there.create())["task_status"] == ("failed" if behind else "succeed")


def test_faults_for_the_next_requests_strike_that_many_in_all(two: Two) -> None:
    two[0].order("/faults", {"scenario": "refuse:situation=internal_error", "next": 5})
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: two[n % 2].post(IMAGE, IMAGE_REQUEST).status, range(20)))
    assert sorted(answers) == [200] * 15 + [500] * 5


def test_a_scenario_that_strikes_some_times_counts_them_over_both(two: Two) -> None:
    two[1].order("/scenario", {"scenario": "refuse:situation=internal_error,times=3"})
    answers = [two[n % 2].post(IMAGE, IMAGE_REQUEST).status for n in range(6)]
    assert answers == [500, 500, 500, 200, 200, 200]


def test_limits_count_requests_and_slots_over_both(two: Two) -> None:
    two[0].order("/limits", {"image": 3})
    answers = [two[n % 2].post(IMAGE, IMAGE_REQUEST).status for n in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    two[1].order("/clock/advance", {"seconds": 3})
    assert two[0].post(IMAGE, IMAGE_REQUEST).status == 200
    two[1].order("/limits", {"per_second": 4})
    assert [two[n % 2].get(f"{IMAGE}?pageNum=1").status for n in range(6)] == [200] * 4 + [429] * 2


def test_an_idempotency_key_is_known_to_both(two: Two) -> None:
    two[0].order("/scenario", {"scenario": "idempotency"})
    tasks = {two[n % 2].create(Idempotency_Key="the-same") for n in range(4)}
    assert len(tasks) == 1


def test_an_end_by_hand_is_seen_on_both(two: Two, receiver: Receiver) -> None:
    one, other = two
    task = one.create({"callback_url": receiver.url})
    assert other.task(task)["task_status"] == "submitted"
    other.order(f"/tasks/{task}/finish", {"status": "failed"})
    assert [replica.task(task)["task_status"] for replica in two] == ["failed"] * 2
    receiver.wait(3)
    assert receiver.statuses == ["submitted", "processing", "failed"]


def test_queries_are_counted_over_both_and_tell_the_receiver(two: Two, receiver: Receiver) -> None:
    one, other = two
    one.order("/pace", {"pace": "after 4 polls"})
    task = one.create({"callback_url": receiver.url})
    states = [replica.task(task)["task_status"] for replica in (other, one, other, other)]
    assert states == ["processing", "processing", "processing", "succeed"]
    receiver.wait(3)
    assert receiver.statuses == ["submitted", "processing", "succeed"]


def test_many_queries_at_once_are_each_counted(two: Two) -> None:
    two[0].order("/pace", {"pace": "after 30 polls"})
    task = two[0].create()
    with ThreadPoolExecutor(4) as pool:
        states = set(pool.map(lambda n: two[n % 2].task(task)["task_status"], range(29)))
    assert states == {"processing"}
    assert two[0].task(task)["task_status"] == "succeed"


def test_a_reset_forgets_on_both_what_was_there(two: Two, receiver: Receiver) -> None:
    one, other = two
    tasks = [one.create({"callback_url": receiver.url, "external_task_id": "x"}), other.create()]
    for replica in two:
        for task in tasks:
            replica.task(task)
    one.order("/scenario", {"scenario": "fail"})
    other.order("/limits", {"image": 1})
    other.order("/reset", {})
    assert [replica.get(f"{IMAGE}/{task}").status for replica in two for task in tasks] == [400] * 4
    assert [replica.told("/journal/count") for replica in two] == [{"count": 4}] * 2
    again = [replica.create({"external_task_id": name}) for replica, name in zip(two, "xy", strict=True)]
    one.order("/clock/advance", {"seconds": 3})
    assert {one.task(task)["task_status"] for task in again} == {"succeed"}
    assert len(receiver.received) == 1


def test_the_journal_is_that_of_both_in_order(two: Two, receiver: Receiver) -> None:
    tasks = [two[n % 2].create({"callback_url": receiver.url}) for n in range(6)]
    receiver.wait(6)
    for replica in two:
        assert [row["task"] for row in replica.told("/journal?operation=create")] == tasks
        assert [row["task"] for row in replica.told("/journal?operation=create&limit=2")] == tasks[-2:]
        assert replica.told("/journal/count?operation=create") == {"count": 6}
        assert sorted(row["task"] for row in replica.told("/deliveries")) == tasks
        wrong = replica.get("/__understudy__/journal?verdict=nope")
        assert (wrong.status, "unknown verdict" in wrong.json["error"]) == (400, True)


def test_who_joins_later_knows_what_was_ordered(join: Callable[..., Replica]) -> None:
    one = join(rate=0)
    task = one.create()
    one.order("/clock/advance", {"seconds": 1})
    one.order("/pace", {"pace": "instant"})
    one.order("/limits", {"image": 2})
    late = join(rate=0)
    assert late.told("/clock") == one.told("/clock")
    assert late.task(task)["task_status"] == "processing"
    assert [late.post(IMAGE, IMAGE_REQUEST).status for _ in range(2)] == [200, 200]
    assert late.told("/tasks")[0]["status"] == "succeed"


def test_tasks_survive_when_all_replicas_have_gone(shared: str, receiver: Receiver) -> None:
    from tests.mockserver.replicas.conftest import running_replica

    with running_replica(shared, rate=0) as first:
        task = first.create({"callback_url": receiver.url, "external_task_id": "kept"})
        receiver.wait(1)
        now = first.told("/clock")["now"]
    with running_replica(shared, rate=0) as second:
        assert second.told("/clock") == {"now": now, "rate": 0, "own": False}
        assert second.task("kept")["task_id"] == task
        second.order("/clock/advance", {"seconds": 3})
        # What the first has left is taken over at the second's first look.
        receiver.wait(3)
    assert receiver.statuses == ["submitted", "processing", "succeed"]


@pytest.mark.parametrize("path", ["/__understudy__/board", "/__understudy__/inbox/x"])
def test_the_board_says_that_it_is_for_one_process(path: str, join: Callable[..., Replica]) -> None:
    answer = join().get(path)
    assert (answer.status, "one process" in answer.json["error"]) == (501, True)


@pytest.mark.parametrize("shared", ["file"], indirect=True)
def test_an_order_does_not_wait_for_who_enters_later_and_reaches_it_all_the_same(
    shared: str, join: Callable[..., Replica]
) -> None:
    """The order is held up by a replica that was killed just now; meanwhile another takes its place."""
    one = join(rate=0)
    with (
        contextlib.closing(sqlite3.connect(shared, isolation_level=None)) as base,
        ThreadPoolExecutor() as pool,
    ):

        def count(table: str) -> int:
            (found,) = base.execute(f"SELECT count(*) FROM understudy_{table}").fetchone()
            return int(found)

        base.execute("INSERT INTO understudy_replicas VALUES ('killed', 999, ?)", (time.time_ns(),))
        while "killed" not in one.members():
            pass
        said = count("messages")
        order = pool.submit(one.order, "/pace", {"pace": "instant"})
        while count("messages") == said:
            pass
        entering = pool.submit(join, rate=0)
        while count("replicas") < 3:
            pass
        base.execute("DELETE FROM understudy_replicas WHERE id = 'killed'")
        assert order.result(20) == {"pace": "instant"}
        other = entering.result(20)
        assert other.task(other.create())["task_status"] == "succeed"


@pytest.mark.parametrize("shared", ["file"], indirect=True)
def test_on_a_full_disk_reading_goes_on(two: Two) -> None:
    task = two[0].create({"external_task_id": "mine"})
    states = [replica.server.app.state for replica in two]
    for state in states:
        state.database._writer.execute("PRAGMA query_only = ON")  # as a full disk, to whoever writes
    for long in (False, True):
        for replica, state in zip(two, states, strict=True):
            # As if it had not been seen for so long.
            state.members._seen_at -= 10 * long
            refused = replica.post(IMAGE, IMAGE_REQUEST)
            assert (refused.status, "cannot be used: attempt to write" in refused.json["message"]) == (
                503,
                True,
            )
            assert {replica.task(name)["task_id"] for name in (task, "mine")} == {task}
    for state in states:
        state.database._writer.execute("PRAGMA query_only = OFF")
    while two[1].post(IMAGE, IMAGE_REQUEST).status == 503:
        pass


@pytest.mark.parametrize("shared", ["file"], indirect=True)
def test_rows_that_cannot_be_played_are_left_out_and_told_once(
    shared: str, join: Callable[..., Replica], caplog: pytest.LogCaptureFixture
) -> None:
    one = join(rate=0)
    damaged, foreign, whole = (one.create() for _ in range(3))
    with contextlib.closing(sqlite3.connect(shared, isolation_level=None)) as base:
        base.execute("UPDATE understudy_tasks SET plan = '{' WHERE id = ?", (damaged,))
        base.execute("UPDATE understudy_tasks SET family = 'songs' WHERE id = ?", (foreign,))
    other = join(rate=0)
    for _ in range(2):
        assert [other.get(f"{IMAGE}/{task}").status for task in (damaged, foreign, whole)] == [400, 400, 200]
        assert [row["id"] for row in other.told("/tasks")] == [whole]
    told = [record.getMessage() for record in caplog.records if f"{shared}: " in record.getMessage()]
    assert sorted(text.split(": ")[2] for text in told) == [
        "tasks of canonical songs that are not played here are left out, and stay there",
        f"the task {damaged} is damaged and left out",
    ]


@pytest.mark.parametrize("shared", ["file"], indirect=True)
def test_the_workers_of_one_port_tell_their_numbers_together(join: Callable[..., Replica]) -> None:
    one, other, elsewhere = (join(metrics=True, rate=0) for _ in range(3))
    for worker in (one, other):
        worker.server.app.state.group = "one port"
    for replica, creates in ((one, 2), (other, 1), (elsewhere, 4)):
        for _ in range(creates):
            replica.create()
    for replica, creates in ((one, 3), (other, 3), (elsewhere, 4)):
        text = replica.get("/__understudy__/metrics").raw.decode()
        found = [line.rpartition(" ") for line in text.splitlines() if line.startswith("understudy_")]
        numbers = {name: float(number) for name, _, number in found}
        assert numbers['understudy_requests_total{operation="create",verdict="accepted"}'] == creates
        assert numbers["understudy_store_write_seconds_count"] == creates
        # Of all, for it is one store.
        assert numbers['understudy_tasks{family="multi-image2image",state="submitted"}'] == 7
