"""A server on a bad day: the disk is full, the wall clock is set back, the store is another provider's."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import inside, mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client, Receiver
from tests.mockserver.store.test_stores import fill_disk, free_disk

from understudy.mockserver.callbacks import outbox
from understudy.mockserver.store.sqlite import SqliteStore
from understudy.mockserver.store.tasks import Task, TaskPlan, TaskRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from understudy.contracts.handle import Account

ROOT = "/__understudy__"
HOUR_NS = 3600 * 10**9


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "tasks.sqlite"


@pytest.fixture
def polled(store: Path) -> Iterator[Account]:
    with mock_account(store=SqliteStore(store), pace="after 2 polls") as mock:
        yield mock


def test_a_full_disk_is_a_clear_503_and_leaves_no_phantom(polled: Account) -> None:
    kept: Any = inside(polled).app.state.store
    client = Client(polled)
    task_id = client.create()
    fill_disk(kept)
    big = {**IMAGE_REQUEST, "external_task_id": "mine", "callback_url": "http://127.0.0.1:9/" + "x" * 9000}
    for _ in range(2):
        refused = client.post(IMAGE, big)
        assert (refused.status, refused.json["code"]) == (503, 5001)
        assert "cannot be written: database or disk is full" in refused.json["message"]
    assert client.get(f"{IMAGE}/mine").status == 400
    assert [task["id"] for task in polled.tasks] == [task_id]
    orders = {
        "/clock/advance": {"seconds": 1},
        "/clock": {"rate": 0},
        f"/tasks/{task_id}/finish": {},
        "/reset": {},
    }
    for path, body in orders.items():
        answer = client.post(f"{ROOT}{path}", body)
        assert answer.status in (200, 503), answer.raw
        assert answer.status == 200 or "cannot be written" in answer.json["error"]
    free_disk(kept)
    assert client.post(IMAGE, big).status == 200


def test_a_poll_that_cannot_be_counted_is_refused_and_counts_not(
    polled: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(polled)
    task_id = client.create()
    monkeypatch.setattr(SqliteStore, "_commit", broken)
    for _ in range(3):
        assert client.get(f"{IMAGE}/{task_id}").json["code"] == 5001
    assert client.get(f"{IMAGE}?pageNum=1").status == 200  # what needs no writing goes on
    monkeypatch.undo()
    assert [client.task(task_id)["task_status"] for _ in range(2)] == ["processing", "succeed"]


def broken(*_: object) -> None:
    raise OSError("no room")


def test_a_callback_whose_delivery_cannot_be_noted_holds_up_the_next_only_until_it_can(
    store: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "STORE_RETRY_SECONDS", 0.01)
    with mock_account(store=SqliteStore(store), pace="instant") as mock:
        kept: Any = inside(mock).app.state.store
        commit, left = kept._commit, [3]

        def at_times(writes: Any) -> None:
            if "delivered" in writes[0].sql and left[0]:
                left[0] -= 1
                raise OSError("no room")
            commit(writes)

        monkeypatch.setattr(SqliteStore, "_commit", lambda _, writes: at_times(writes))
        Client(mock).create({"callback_url": receiver.url})
        statuses = [one.json["task_status"] for one in receiver.wait(3)]
    assert statuses == ["submitted", "processing", "succeed"]
    assert left == [0]


def test_terminal_is_for_ever_though_the_wall_clock_is_set_back(
    store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with mock_account(store=SqliteStore(store), rate=100_000) as mock:
        client = Client(mock)
        task_id = client.create()
        while client.task(task_id)["task_status"] != "succeed":
            pass
        before = client.task(task_id)["updated_at"]
        shown = mock.clock.now
    with mock_account(store=SqliteStore(store), rate=0, wall=lambda: time.time_ns() - HOUR_NS) as mock:
        task = Client(mock).task(task_id)
        assert (task["task_status"], task["updated_at"]) == ("succeed", before)
        assert mock.clock.now >= shown
        later = Client(mock).create()
        assert [task["id"] for task in mock.tasks] == [later, task_id]
    assert "Time for tasks goes on from where it was" in caplog.text


KEPT = [
    # profile, family, states, scenario
    ("canonical", "multi-image2image", ("submitted", "succeed"), ""),
    ("elsewhere", "songs", ("submitted", "succeed"), ""),
    ("canonical", "multi-image2image", ("dreaming", "dreamt"), ""),
    ("canonical", "multi-image2image", ("submitted", "succeed"), "no-such-scenario"),
]


def test_tasks_that_are_not_played_here_are_set_aside_with_a_warning(
    store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def made() -> None:
        kept = SqliteStore(store)
        for number, (profile, family, states, scenario) in enumerate(KEPT):
            asked = TaskRequest(1, "1:1", "", "", None, "", 1)
            where = (f"{10**17 + number}", "understudy-key", profile, family, f"mine-{number}", 1000 * number)
            plan = TaskPlan(states, (0, 500))
            await kept.add(Task(*where, plan, asked, "http://127.0.0.1:9/", "http://mock", scenario))
        await kept.close()

    asyncio.run(made())
    with mock_account(store=SqliteStore(store)) as mock:
        assert [task["external_id"] for task in mock.tasks] == ["mine-0"]
        assert int(Client(mock).create()) > 10**17 + 3
    told = [record.getMessage() for record in caplog.records if "not played here" in record.getMessage()]
    why = "understudy: tasks of the store that are not played here are set aside, and stay there"
    assert told == [f"{why}: 2 of canonical multi-image2image, 1 of elsewhere songs"]
