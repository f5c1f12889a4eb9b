"""Memory is bounded: journals by bytes over all accounts, accounts by number, without losing a task."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.app import MockApp
from mockserver.encoding import encode
from mockserver.errors import MockError, Refused
from mockserver.logs import FEW, PART, Log, Shelf
from mockserver.server import understudy_server
from mockserver.settings import Settings
from mockserver.store import open_store
from mockserver.store.memory import MemoryStore
from tests.mockserver.conftest import IMAGE, Client
from tests.mockserver.records import a_task

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.logs import Thing
    from tests.mockserver.conftest import Answer, Receiver

ROOM = 5000
ROOT = "/__understudy__"


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 400)), max_size=200),
    st.sampled_from([1, 7, FEW + 5, 1000]),
)
def test_logs_hold_the_last_things_and_so_many_bytes(added: list[tuple[int, int]], most: int) -> None:
    """As a plain list of everything would do it."""
    logs: list[Log] = []
    shelf = Shelf(ROOM, lambda: logs)
    logs += [Log(most, shelf) for _ in range(3)]
    model: list[tuple[int, Thing]] = []
    for which, size in added:
        thing = (shelf.number(), size)
        logs[which].add(thing)
        mine = [pair for pair in model if pair[0] == which]
        if len(mine) == most:
            model.remove(mine[0])
        model.append((which, thing))
        if sum(t[1] for _, t in model) > ROOM:
            while sum(t[1] for _, t in model) > ROOM - ROOM // PART:
                model.pop(0)
        assert [list(log) for log in logs] == [[t for w, t in model if w == n] for n in range(3)]
        assert shelf.used == sum(t[1] for _, t in model)
    for log in logs:
        log.clear()
    assert (shelf.used, [len(log) for log in logs]) == (0, [0, 0, 0])


def test_the_oldest_requests_of_all_accounts_are_forgotten_first() -> None:
    with understudy_server(journal_bytes=100_000) as mock:
        quiet, loud = mock.account("quiet"), mock.account("loud")
        Client(quiet).get(f"{IMAGE}/first")
        for n in range(120):
            Client(loud).get(f"{IMAGE}/{n}")
        Client(quiet).get(f"{IMAGE}/last")
        loud_ones = [entry["target"] for entry in loud.journal()]
        assert [entry["target"] for entry in quiet.journal()] == [f"{IMAGE}/last"]
        assert loud_ones == [f"{IMAGE}/{n}" for n in range(120 - len(loud_ones), 120)]
        assert 40 < len(loud_ones) < 120
        assert mock.strangers()[-1]["target"] == f"{IMAGE}/last"


def test_the_log_of_callbacks_counts_as_well(receiver: Receiver) -> None:
    with understudy_server(pace="instant", rate=0, journal_bytes=20_000) as mock:
        client = Client(mock)
        for n in range(5):
            client.create({"callback_url": receiver.url, "external_task_id": f"{n}"})
        receiver.wait(15)
        mock.advance(0)
        assert 0 < len(mock.deliveries()) < 15
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
            app.world.accounts.get(app.world.keyring.account(b"Bearer key-%d" % n))

    asyncio.run(meet(0))
    tracemalloc.start()
    asyncio.run(meet(count))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(app.world.accounts) == 2 * count
    assert taken / count < 800


@pytest.fixture
def full() -> Any:
    """A server with room for three accounts: "busy" has a task, "set" a clock of its own, "idle" nothing."""
    with understudy_server(accounts=3) as mock:
        Client(mock.account("busy")).create({"external_task_id": "mine"})
        mock.account("set").clock(rate=0)
        Client(mock.account("idle")).get(f"{IMAGE}/none")
        yield mock


def ask(mock: Any, key: str) -> Answer:
    return Client(mock.account(key)).get(f"{IMAGE}/mine")


def test_an_account_with_nothing_makes_room_for_a_new_one(full: Any) -> None:
    assert [ask(full, "new").status, ask(full, "newer").status] == [400, 400]  # no such task: they came in
    assert ask(full, "busy").data["task_info"] == {"external_task_id": "mine"}
    assert full.account("set").clock()["rate"] == 0
    assert [entry["target"] for entry in full.strangers() if "none" in entry["target"]] == []


def test_what_is_written_for_an_account_that_made_room_counts_no_more() -> None:
    """As by a slow request that began before."""
    world = MockApp(Settings(accounts=1)).world
    gone = world.accounts.get("gone")
    gone.journal.add((world.shelf.number(), 100))
    world.accounts.get("new")
    assert world.shelf.used == 0
    gone.journal.add((world.shelf.number(), 100))
    assert (world.shelf.used, list(world.logs())) == (0, [world.strangers, world.accounts.get("new").journal])


def test_a_new_key_is_refused_when_every_account_has_something(full: Any) -> None:
    Client(full.account("idle")).create()
    said = (
        "Service unavailable, please try again later: this server holds 3 accounts that have tasks or "
        "settings, and takes no more keys; POST /__understudy__/reset makes room"
    )
    for answer in (ask(full, "new"), Client(full.account("new")).post(IMAGE, {})):
        assert (answer.status, answer.json["code"], answer.json["message"]) == (503, 5001, said)
    with pytest.raises(MockError, match="this server holds 3 accounts"):
        full.account("new").clock(rate=0)
    assert full.strangers(verdict="unavailable")[0]["target"] == f"{IMAGE}/mine"
    assert ask(full, "busy").status == 200

    full.account("busy").reset()
    assert ask(full, "new").json["message"] == "Task not found by id/external id: mine"


def test_keys_whose_tasks_are_there_already_are_never_refused() -> None:
    """As after a restart on a store file: an acknowledged task answers, however many keys there are."""
    store = MemoryStore()
    for n in range(5):
        store.add(a_task(id=f"{n}", account=f"key-{n}"))
    app = MockApp(Settings(accounts=2), store)
    for n in range(5):
        assert f'"task_id":"{n}"'.encode() in one(app, f"key-{n}", path=f"{IMAGE}/{n}")
    assert b"takes no more keys" in one(app, "another")


def test_a_reset_account_makes_room_once_its_callbacks_have_landed() -> None:
    """What is on its way is counted with the account."""
    app = MockApp(Settings(accounts=1))
    accounts = app.world.accounts
    account = accounts.get("busy")
    accounts.keep(account)
    account.flying = 1
    asyncio.run(app.desk.reset("busy"))
    with pytest.raises(Refused):
        accounts.get("new")
    account.flying = 0
    assert accounts.get("new").key == "new"


def test_orders_for_all_accounts_are_for_those_of_an_earlier_run_too(tmp_path: Path) -> None:
    """Their tasks stand in the store's file, whether or not anybody has asked for them since."""
    where = str(tmp_path / "tasks.sqlite")
    with understudy_server(store=open_store(where)) as mock:
        Client(mock.account("early")).create({"external_task_id": "mine"})
    with understudy_server(store=open_store(where)) as mock:
        everything = Client(mock)
        assert [task["external_id"] for task in everything.get(f"{ROOT}/tasks", Authorization="").json] == [
            "mine"
        ]
        everything.post(f"{ROOT}/reset", {}, Authorization="")
        assert ask(mock, "early").status == 400
    with understudy_server(store=open_store(where)) as mock:
        assert ask(mock, "early").json["message"] == "Task not found by id/external id: mine"


def test_what_is_kept_of_answers_weighs_what_the_journal_counts() -> None:
    """What orjson gives holds 4 KB however short it is; answers are copied before they are kept."""
    tracemalloc.start()
    made = [encode({"code": n}) for n in range(1000)]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made[999] == b'{"code":999}'
    assert taken / 1000 < 100
