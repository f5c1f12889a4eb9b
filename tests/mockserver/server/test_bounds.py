"""Memory is bounded: journals by bytes over all accounts, accounts by number, without losing a task."""

from __future__ import annotations

import asyncio
import tracemalloc
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client
from tests.mockserver.play.records import a_task

from understudy.mockserver.accounts.logs import FEW, PART, ByteBudget, EntryLog
from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import encode
from understudy.mockserver.server.app import MockApp
from understudy.mockserver.settings import Settings
from understudy.mockserver.store import open_store
from understudy.mockserver.store.memory import MemoryStore
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mockserver.conftest import Answer, Receiver


ROOM = 5000
ROOT = "/__understudy__"


def an_entry(number: int, size: int = 100) -> Any:
    return SimpleNamespace(number=number, size=size)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 400)), max_size=200),
    st.sampled_from([1, 7, FEW + 5, 1000]),
)
def test_logs_hold_the_last_entries_and_so_many_bytes(added: list[tuple[int, int]], most: int) -> None:
    """As a plain list of everything would do it."""
    logs: list[EntryLog[Any]] = []
    budget = ByteBudget(ROOM, lambda: logs)
    logs += [EntryLog(most, budget) for _ in range(3)]
    model: list[tuple[int, Any]] = []
    for which, size in added:
        entry = an_entry(budget.next_number(), size)
        logs[which].add(entry)
        mine = [pair for pair in model if pair[0] == which]
        if len(mine) == most:
            model.remove(mine[0])
        model.append((which, entry))
        if sum(e.size for _, e in model) > ROOM:
            while sum(e.size for _, e in model) > ROOM - ROOM // PART:
                model.pop(0)
        assert [list(log) for log in logs] == [[e for w, e in model if w == n] for n in range(3)]
        assert budget.used == sum(e.size for _, e in model)
    for log in logs:
        log.clear()
    assert (budget.used, [len(log) for log in logs]) == (0, [0, 0, 0])


def test_the_oldest_requests_of_all_accounts_are_dropped_first() -> None:
    with mock_account(journal_bytes=100_000) as mock:
        quiet, loud = mock.server.account(key="quiet"), mock.server.account(key="loud")
        Client(quiet).get(f"{IMAGE}/first")
        for n in range(120):
            Client(loud).get(f"{IMAGE}/{n}")
        Client(quiet).get(f"{IMAGE}/last")
        loud_ones = [entry["target"] for entry in loud.journal]
        assert [entry["target"] for entry in quiet.journal] == [f"{IMAGE}/last"]
        assert loud_ones == [f"{IMAGE}/{n}" for n in range(120 - len(loud_ones), 120)]
        assert 40 < len(loud_ones) < 120
        assert requests_of_all(mock)[-1]["target"] == f"{IMAGE}/last"


def test_the_log_of_callbacks_counts_as_well(receiver: Receiver) -> None:
    with mock_account(pace="instant", rate=0, journal_bytes=20_000) as mock:
        client = Client(mock)
        for n in range(5):
            client.create({"callback_url": receiver.url, "external_task_id": f"{n}"})
        receiver.wait(15)
        mock.clock.advance(0)
        assert 0 < len(mock.callbacks) < 15
        # What has been forgotten is the log; every callback was sent.
        assert len({each.json["task_id"] for each in receiver.received}) == 5


def one(app: MockApp, key: str, method: str = "GET", path: str = f"{IMAGE}/none", body: bytes = b"") -> bytes:
    """The answer of an application that is called directly."""
    said: list[dict[str, Any]] = []
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer " + key.encode())],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(app(scope, receive, send))
    answer: bytes = said[-1]["body"]
    return answer


def test_an_idle_account_weighs_less_than_a_kilobyte() -> None:
    """With all that is kept for its key; its journal has a bound of its own."""
    app = MockApp(Settings(journal=1))
    count = 1000

    async def meet(first: int) -> None:
        for n in range(first, first + count):
            app.state.accounts.get(app.state.keyring.account(b"Bearer key-%d" % n))

    asyncio.run(meet(0))
    tracemalloc.start()
    asyncio.run(meet(count))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(app.state.accounts) == 2 * count
    assert taken / count < 800


@pytest.fixture
def full() -> Any:
    """A server with room for three accounts: "busy" has a task, "set" a clock of its own, "idle" nothing."""
    with mock_account(accounts=3) as mock:
        Client(mock.server.account(key="busy")).create({"external_task_id": "mine"})
        mock.server.account(key="set").clock.rate = 0
        Client(mock.server.account(key="idle")).get(f"{IMAGE}/none")
        yield mock


def requests_of_all(mock: Any, **filters: str) -> list[Any]:
    """Requests of every account and of callers without a valid key."""
    rows: list[Any] = mock.server.call("GET", "/journal", query=filters)
    return rows


def ask(mock: Any, key: str) -> Answer:
    return Client(mock.server.account(key=key)).get(f"{IMAGE}/mine")


def test_an_account_with_nothing_makes_room_for_a_new_one(full: Any) -> None:
    assert [ask(full, "new").status, ask(full, "newer").status] == [400, 400]  # no such task: they came in
    assert ask(full, "busy").data["task_info"] == {"external_task_id": "mine"}
    assert full.server.account(key="set").clock.rate == 0
    assert [entry["target"] for entry in requests_of_all(full) if "none" in entry["target"]] == []


def test_what_is_written_for_an_account_that_made_room_counts_no_more() -> None:
    """As by a slow request that began before."""
    world = MockApp(Settings(accounts=1)).state
    gone = world.accounts.get("gone")
    gone.journal.add(an_entry(world.budget.next_number()))
    world.accounts.get("new")
    assert world.budget.used == 0
    gone.journal.add(an_entry(world.budget.next_number()))
    assert (world.budget.used, list(world.logs())) == (
        0,
        [world.unidentified, world.accounts.get("new").journal],
    )


def test_a_new_key_is_refused_when_every_account_has_something(full: Any) -> None:
    Client(full.server.account(key="idle")).create()
    said = (
        "Service unavailable, please try again later: this server has 3 accounts that have tasks or "
        "settings, and accepts no more keys; POST /__understudy__/reset makes room"
    )
    for answer in (ask(full, "new"), Client(full.server.account(key="new")).post(IMAGE, {})):
        assert (answer.status, answer.json["code"], answer.json["message"]) == (503, 5001, said)
    with pytest.raises(UnderstudyError, match="this server has 3 accounts"):
        full.server.account(key="new").clock.rate = 0
    assert requests_of_all(full, verdict="unavailable")[0]["target"] == f"{IMAGE}/mine"
    assert ask(full, "busy").status == 200

    full.server.account(key="busy").reset()
    assert ask(full, "new").json["message"] == "Task not found by id/external id: mine"


def test_keys_whose_tasks_are_there_already_are_never_refused() -> None:
    """As after a restart on a store file: an acknowledged task answers, however many keys there are."""
    store = MemoryStore()
    for n in range(5):
        store.add(a_task(id=f"{n}", account=f"key-{n}"))
    app = MockApp(Settings(accounts=2), store)
    for n in range(5):
        assert f'"task_id":"{n}"'.encode() in one(app, f"key-{n}", path=f"{IMAGE}/{n}")
    assert b"accepts no more keys" in one(app, "another")


@pytest.mark.parametrize("file", [False, True])
def test_a_full_store_refuses_creates_until_an_account_is_reset(tmp_path: Path, file: bool) -> None:
    path = tmp_path / "tasks.sqlite"
    store = open_store(str(path), 1000) if file else None
    with mock_account(store=store, max_store=1000) as mock:
        client = Client(mock)
        answers = [client.post(IMAGE, IMAGE_REQUEST) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 503]
        assert "of tasks (--max-store); a reset makes room" in answers[-1].json["message"]
        assert answers[-1].headers["retry-after"] == "1"
        assert {client.get(f"{IMAGE}/{each.data['task_id']}").status for each in answers[:3]} == {200}
        mock.reset()
        assert client.post(IMAGE, IMAGE_REQUEST).status == 200
    if file:
        # A restart keeps what is there, however little it may take.
        with mock_account(store=open_store(str(path), 1)) as mock:
            assert len(mock.tasks) == 1
            assert Client(mock).post(IMAGE, IMAGE_REQUEST).status == 503


def test_a_reset_account_makes_room_once_its_callbacks_have_landed() -> None:
    """What is on its way is counted with the account."""
    app = MockApp(Settings(accounts=1))
    accounts = app.state.accounts
    account = accounts.get("busy")
    accounts.keep(account)
    account.in_flight = 1
    asyncio.run(app.control.reset("busy"))
    with pytest.raises(Refused):
        accounts.get("new")
    account.in_flight = 0
    assert accounts.get("new").key == "new"


def test_orders_for_all_accounts_are_for_those_of_an_earlier_run_too(tmp_path: Path) -> None:
    """Their tasks stand in the store's file, whether or not anybody has asked for them since."""
    where = str(tmp_path / "tasks.sqlite")
    with mock_account(store=open_store(where)) as mock:
        Client(mock.server.account(key="early")).create({"external_task_id": "mine"})
    with mock_account(store=open_store(where)) as mock:
        everything = Client(mock)
        assert [task["external_id"] for task in everything.get(f"{ROOT}/tasks", Authorization="").json] == [
            "mine"
        ]
        everything.post(f"{ROOT}/reset", {}, Authorization="")
        assert ask(mock, "early").status == 400
    with mock_account(store=open_store(where)) as mock:
        assert ask(mock, "early").json["message"] == "Task not found by id/external id: mine"


def test_what_is_kept_of_answers_weighs_what_the_journal_counts() -> None:
    """What orjson gives holds 4 KB however short it is; answers are copied before they are kept."""
    tracemalloc.start()
    made = [encode({"code": n}) for n in range(1000)]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made[999] == b'{"code":999}'
    assert taken / 1000 < 100
