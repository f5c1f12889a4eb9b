"""Every store keeps the same promises; a file keeps them over a restart too."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.mockserver.store.worlds import LATER, task

from understudy.mockserver.accounts.clock import NS, Clock
from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.store import open_store
from understudy.mockserver.store.memory import MemoryStore
from understudy.mockserver.store.sqlite import SqliteStore
from understudy.mockserver.store.tasks import ALL_DELIVERED

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from understudy.mockserver.store import Store


@pytest.fixture(params=["memory", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory" if request.param == "memory" else str(tmp_path / "tasks.sqlite")


async def saved(written: Awaitable[None] | None) -> None:
    if written is not None:
        await written


def test_a_store_finds_what_was_added(place: str) -> None:
    async def world() -> None:
        store = open_store(place)
        one, two, other = task(1, external_id="order-1"), task(2), task(3, family="videos", external_id="v")
        foreign = task(4, account="another", external_id="order-1")
        for each in (one, two, other, foreign):
            await saved(store.add(each))

        assert store.find("key", "images", one.id) is one
        assert store.find("key", "images", "order-1") is one
        assert store.find("another", "images", "order-1") is foreign
        assert store.find("key", "videos", one.id) is None
        assert store.find("another", "images", two.id) is None
        assert store.task(foreign.id) is foreign
        assert store.has_external_id("key", "v")
        assert not store.has_external_id("another", "v")
        assert store.page("key", "images", 0, 30) == [two, one]
        assert store.page("key", "images", 1, 1) == [one]
        assert store.page("key", "images", 2, 5) == []
        assert list(store.tasks("key")) == [other, two, one]
        assert store.count() == 4
        assert store.last_id() == foreign.id
        await store.close()

    asyncio.run(world())


def test_a_store_forgets_one_account_only(place: str) -> None:
    async def world() -> None:
        store = open_store(place)
        await saved(store.add(task(1)))
        await saved(store.add(task(2, account="another")))
        await saved(store.forget("key"))

        assert [list(store.tasks(key)) for key in ("key", "another")] == [[], [store.task(task(2).id)]]
        assert [store.has_tasks(key) for key in ("key", "another")] == [False, True]
        assert list(store.accounts()) == ["another"]
        await store.close()

    asyncio.run(world())


def contents(store: Store, *accounts: str) -> dict[str, Any]:
    """Everything that can be asked of a store, as plain values."""
    return {
        "tasks": {account: [asdict(t) for t in store.tasks(account)] for account in accounts},
        "pages": {account: [t.id for t in store.page(account, "images", 0, 5)] for account in accounts},
        "accounts": sorted(store.accounts()),
        "undelivered": [t.id for t in store.undelivered()],
        "count": store.count(),
        "last": store.last_id(),
    }


class Agreement(RuleBasedStateMachine):
    """The file's store and the memory's answer alike, whatever happens and whenever it is reopened."""

    path: Path

    @initialize()
    def start(self) -> None:
        self.runner = asyncio.Runner()
        self.path.unlink(missing_ok=True)
        self.memory, self.file = MemoryStore(), SqliteStore(self.path)
        self.number = 0

    def run(self, act: Any) -> None:
        async def both() -> None:
            for store in (self.memory, self.file):
                await saved(act(store))

        self.runner.run(both())

    def drawn(self, store: Store, at: int) -> Any:
        return store.task(task(1 + at % max(1, self.number)).id)

    @rule(
        account=st.sampled_from(["a", "b"]), family=st.sampled_from(["images", "videos"]), named=st.booleans()
    )
    def add(self, account: str, family: str, named: bool) -> None:
        self.number += 1
        number = self.number
        self.run(lambda store: store.add(task(number, account, family, f"x{number}" if named else "")))

    @rule(at=st.integers(0, 50), polled=st.integers(0, 3))
    def change(self, at: int, polled: int) -> None:
        def act(store: Store) -> Any:
            found = self.drawn(store, at)
            if found is None:
                return None
            found.polled = polled
            return store.change(found, LATER)

        self.run(act)

    @rule(at=st.integers(0, 50), position=st.sampled_from([ALL_DELIVERED, 1, 2]))
    def deliver(self, at: int, position: int) -> None:
        self.run(lambda store: store.delivered(found, position) if (found := self.drawn(store, at)) else None)

    @rule(account=st.sampled_from(["a", "b"]))
    def forget(self, account: str) -> None:
        self.run(lambda store: store.forget(account))

    @rule()
    def reopen(self) -> None:
        self.runner.run(self.file.close())
        self.file = SqliteStore(self.path)

    @invariant()
    def agree(self) -> None:
        if hasattr(self, "file"):
            assert contents(self.file, "a", "b") == contents(self.memory, "a", "b")

    def teardown(self) -> None:
        if hasattr(self, "file"):
            self.runner.run(self.file.close())
            self.runner.close()


def test_stores_agree(tmp_path: Path) -> None:
    machine = type("InThisFolder", (Agreement,), {"path": tmp_path / "agreement.sqlite"})
    machine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
    machine.TestCase().runTest()


def test_writes_that_come_together_share_a_commit(tmp_path: Path) -> None:
    async def world() -> int:
        store = SqliteStore(tmp_path / "tasks.sqlite")
        commits = []
        commit = store._commit
        store_commit = lambda writes: (commits.append(len(writes)), commit(writes))[1]  # noqa: E731
        type(store)._commit, before = lambda self, writes: store_commit(writes), type(store)._commit
        try:
            await asyncio.gather(*(store.add(task(number)) for number in range(500)))
        finally:
            type(store)._commit = before
        await store.close()
        assert sum(commits) == 500
        return len(commits)

    assert asyncio.run(world()) <= 2


def test_a_caller_that_goes_away_takes_nobody_s_commit_along(tmp_path: Path) -> None:
    async def world() -> None:
        store = SqliteStore(tmp_path / "tasks.sqlite")
        gone = asyncio.ensure_future(store.add(task(1)))
        kept = asyncio.ensure_future(store.add(task(2)))
        gone.cancel()
        await kept
        await store.close()

    asyncio.run(world())
    reopened = SqliteStore(tmp_path / "tasks.sqlite")
    assert reopened.count() == 2
    asyncio.run(reopened.close())


def fill_disk(store: SqliteStore) -> None:
    """As a disk without room: SQLite may take no page more."""
    (pages,) = store._base.execute("PRAGMA page_count").fetchone()
    store._base.execute(f"PRAGMA max_page_count = {pages}")


def free_disk(store: SqliteStore) -> None:
    store._base.execute("PRAGMA max_page_count = 1073741823")


def test_what_cannot_be_written_is_as_if_it_had_not_been_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk: no phantom task, no half change; when there is room again, all goes on."""
    path = tmp_path / "tasks.sqlite"

    async def world() -> dict[str, Any]:
        store = SqliteStore(path)
        await asyncio.gather(*(store.add(task(n, external_id=f"mine-{n}")) for n in range(50)))
        before = state_of(store)
        fill_disk(store)
        big = "x" * 100_000
        old = store.task(task(1).id)
        assert old is not None
        refused = await asyncio.gather(
            *(store.add(task(100 + n, external_id=f"new-{n}{big}")) for n in range(3)),
            store.change(old, LATER, 7),
            store.delivered(old, 2),
            store.keep_clock("key", (5, 6, 1.0)),
            store.forget("key"),
            store.add(task(200, account="another", external_id=big)),
            return_exceptions=True,
        )
        assert {type(one) for one in refused} == {Refused}
        assert {one.situation for one in refused if isinstance(one, Refused)} == {"unavailable"}
        assert state_of(store) == before
        assert (old.plan, old.polled, old.delivered) == (task(1).plan, 0, 0)
        free_disk(store)
        await store.add(task(300, external_id="new-0"))
        after = state_of(store)
        await store.close()
        return after

    after = asyncio.run(world())
    reopened = SqliteStore(path)
    assert state_of(reopened) == after
    asyncio.run(reopened.close())
    told = [
        record.getMessage().partition(": ")[2] for record in caplog.records if record.name == "understudy"
    ]
    assert told == [
        f"{path} cannot be written: database or disk is full. What would change it is refused until it can.",
        f"{path} can be written again",
    ]


def state_of(store: SqliteStore) -> dict[str, Any]:
    return {
        "tasks": {account: [asdict(t) for t in store.tasks(account)] for account in sorted(store.accounts())},
        "externals": store.has_external_id("key", "new-0"),
        "clocks": list(store.clocks()),
        "count": store.count(),
    }


def test_damaged_tasks_are_set_aside_named_and_left_in_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tasks.sqlite"

    async def made() -> None:
        store = SqliteStore(path)
        await asyncio.gather(*(store.add(task(n)) for n in range(8)))
        await store.close()

    asyncio.run(made())
    damage = [
        ("plan", "{"),
        ("plan", '[["a"],[0,1],"",0,[]]'),
        ("wish", "[1]"),
        ("created_at", "yesterday"),
        ("wish", '["two","1:1","","",null,"",1]'),
        ("delivered", -2),
        ("origin", b"\x00"),
    ]
    with sqlite3.connect(path) as base:
        for number, (column, value) in enumerate(damage):
            base.execute(f"UPDATE tasks SET {column} = ? WHERE id = ?", (value, task(number).id))
    base.close()
    store = SqliteStore(path)
    assert [one.id for one in store.tasks("key")] == [task(7).id]
    assert store.last_id() == task(7).id
    asyncio.run(store.close())
    [told] = [record.getMessage() for record in caplog.records if record.name == "understudy"]
    assert "7 damaged tasks are set aside" in told
    assert f"'{task(0).id}' (" in told
    with sqlite3.connect(path) as base:
        assert base.execute("SELECT count(*) FROM tasks").fetchone() == (8,)
    base.close()


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tasks.sqlite")
    with pytest.raises(MockError, match="another server is using this store"):
        SqliteStore(tmp_path / "tasks.sqlite")
    asyncio.run(store.close())


def no_database(path: Path) -> None:
    path.write_bytes(b"\x89PNG" * 100)


def foreign_database(path: Path) -> None:
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE songs (name TEXT)")
    base.close()


def newer_store(path: Path) -> None:
    asyncio.run(SqliteStore(path).close())
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA user_version = 99")
    base.close()


def damaged_store(path: Path) -> None:
    """As a disk leaves it: the header stands, the pages behind it are rubbish."""
    asyncio.run(SqliteStore(path).close())
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\x55" * (len(raw) - 4096))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (no_database, "not a usable SQLite file"),
        (foreign_database, "not an Understudy store"),
        (newer_store, "the store has version 99"),
        (lambda path: path.mkdir(), "it is a folder .name a file in it: --store .*tasks.sqlite/tasks.sqlite"),
        (damaged_store, "the store is damaged: .*this one is left as it is"),
    ],
)
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path, make: Any, says: str) -> None:
    path = tmp_path / "tasks.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(MockError, match=says):
        SqliteStore(path)
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("rate", [0.0, 1.0, 60.0])
def test_a_clock_goes_on_where_an_earlier_process_left_it(rate: float) -> None:
    real = [1_000_000 * NS]
    first = Clock(rate, 1_000_000, lambda: real[0])
    first.advance(5_000)
    course = first.anchor(real=lambda: real[0])
    real[0] += 10_000 * NS
    later = Clock.on_course(course, lambda: real[0]).now()
    assert first.now() == 1_005_000 + rate * 10_000
    # The new clock runs from the moment it was made.
    assert 0 <= later - first.now() <= rate * 1_000
