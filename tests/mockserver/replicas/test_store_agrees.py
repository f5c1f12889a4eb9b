"""Memory, PostgreSQL and a workers' file answer alike, whichever of two replicas is asked."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.mockserver.store.worlds import LATER, task

from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.replicas.control import FORGET
from understudy.mockserver.replicas.serving import check, shared_database
from understudy.mockserver.store.database import VERSION
from understudy.mockserver.store.memory import MemoryStore
from understudy.mockserver.store.shared import FETCHED, NotInMemory, SharedStore
from understudy.mockserver.store.tasks import ALL_DELIVERED

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.mockserver.store import Store
    from understudy.mockserver.store.tasks import Task


async def asked(store: Store, look: Callable[[Store], Any]) -> Any:
    """What a look-up gives, as a request gets it: what is not in memory is fetched first."""
    FETCHED.set({})
    while True:
        try:
            return look(store)
        except NotInMemory as missing:
            assert isinstance(store, SharedStore)
            await store.fetch(missing.key)


async def contents(store: Store) -> dict[str, Any]:
    """Everything that can be asked about two accounts, as plain values."""
    found: dict[str, Any] = {"count": await asked(store, lambda s: s.count())}
    found["accounts"] = sorted(await asked(store, lambda s: list(s.accounts())))
    for account in ("a", "b"):
        tasks = await asked(store, lambda s, a=account: list(s.tasks(a)))
        found[account] = [
            {name: value for name, value in asdict(t).items() if name != "delivered"} for t in tasks
        ]
        found[account, "page"] = [
            t.id for t in await asked(store, lambda s, a=account: s.page(a, "images", 1, 3))
        ]
        for one in tasks:
            for id_ in filter(None, (one.id, one.external_id)):
                same = await asked(store, lambda s, o=one, i=id_: s.find(o.account, o.family, i))
                assert same is not None
                assert same.id == one.id
                assert await asked(store, lambda s, o=one, i=id_: s.find("c", o.family, i)) is None
    return found


class Agreement(RuleBasedStateMachine):
    """Two replicas over one database, and memory, whatever happens and through whichever it does."""

    place: Callable[[], str]

    @initialize()
    def start(self) -> None:
        self.runner = asyncio.Runner()
        self.memory = MemoryStore()
        self.number = 0
        self.runner.run(self._open())

    async def _open(self) -> None:
        where = type(self).place()
        self.replicas = [SharedStore(shared_database(where), uuid.uuid4().hex[:8]) for _ in range(2)]
        for store, other in zip(self.replicas, self.replicas[::-1], strict=True):
            await store.database.open(store.owner)
            store.changed = lambda changed, there=other: self._refresh(there, changed)
            store.start()

    @staticmethod
    async def _refresh(there: SharedStore, changed: Task) -> None:
        await there.refresh([changed.id])

    def at(self, number: int) -> str:
        return task(1 + number % max(1, self.number)).id

    async def both(self, replica: int, act: Callable[[Store, Task], Any], id_: str) -> None:
        for store in (self.memory, self.replicas[replica]):
            found = await asked(store, lambda s: s.task(id_))
            written = act(store, found) if found is not None else None
            if written is not None:
                await written

    @rule(
        replica=st.integers(0, 1), account=st.sampled_from("ab"),
        family=st.sampled_from(["images", "videos"]), named=st.sampled_from(["", "x", "y"]),
    )  # fmt: skip
    def add(self, replica: int, account: str, family: str, named: str) -> None:
        self.number += 1
        number = self.number

        async def act() -> None:
            new = task(number, account, family, named)
            if named and self.memory.has_external_id(account, named):
                with pytest.raises(Refused, match="duplicate_external_id"):
                    await self.replicas[replica].add(new)
            else:
                await self.replicas[replica].add(new)
                self.memory.add(task(number, account, family, named))

        self.runner.run(act())

    @rule(replica=st.integers(0, 1), number=st.integers(0, 50))
    def change(self, replica: int, number: int) -> None:
        self.runner.run(self.both(replica, lambda store, found: store.change(found, LATER), self.at(number)))

    @rule(number=st.integers(0, 50), position=st.sampled_from([ALL_DELIVERED, 1, 2]))
    def deliver(self, number: int, position: int) -> None:
        async def act() -> None:
            for store in self.replicas:
                if self.at(number) in store.owned:
                    await store.delivered(store.owned[self.at(number)], position)

        self.runner.run(act())

    @rule(replica=st.integers(0, 1), account=st.sampled_from("ab"))
    def forget(self, replica: int, account: str) -> None:
        async def act() -> None:
            await self.replicas[replica].database.fetch(FORGET, account, "9" * 18)
            for store in (self.memory, *self.replicas):
                store.forget(account)

        self.runner.run(act())

    @invariant()
    def alike(self) -> None:
        if not hasattr(self, "replicas"):
            return

        async def look() -> None:
            expected = await contents(self.memory)
            assert [await contents(store) for store in self.replicas] == [expected] * 2

        self.runner.run(look())

    def teardown(self) -> None:
        if hasattr(self, "replicas"):
            for store in self.replicas:
                self.runner.run(store.close())
            self.runner.close()


def test_stores_agree(request: pytest.FixtureRequest, shared: str, tmp_path: Any) -> None:
    """A new place for each example: a schema of PostgreSQL, or a file."""

    def place() -> str:
        if "://" not in shared:
            return str(tmp_path / f"{uuid.uuid4().hex}.sqlite")
        url: str = request.getfixturevalue("postgres").url_of(f"t{uuid.uuid4().hex}")
        return url

    machine = type("PlacedAgreement", (Agreement,), {"place": staticmethod(place)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=10, stateful_step_count=20, deadline=None)
    )


def test_a_dead_replicas_tasks_are_claimed_once_and_with_their_progress(shared: str) -> None:
    async def world() -> None:
        stores = [SharedStore(shared_database(shared), name) for name in ("dead", "one", "two")]
        for store in stores:
            await store.database.open(store.owner)
            store.start()
        dead, one, two = stores
        for number in range(1, 8):
            await dead.add(task(number, external_id=f"x{number}"))
        await dead.delivered(dead.owned[task(1).id], 2)
        await dead.delivered(dead.owned[task(2).id], ALL_DELIVERED)
        claimed = await asyncio.gather(*(store.claim(["dead"], 3) for store in (one, two, one, two)))
        ids = sorted(t.id for tasks in claimed for t in tasks)
        assert ids == [task(number).id for number in (1, 3, 4, 5, 6, 7)]
        assert {t.delivered for tasks in claimed for t in tasks if t.id == task(1).id} == {2}
        # What the dead one says now counts no more.
        await dead.delivered(dead.owned[task(1).id], ALL_DELIVERED)
        rows = await one.database.fetch("SELECT delivered FROM understudy_tasks WHERE id = $1", task(1).id)
        assert rows == [(2,)]
        for store in stores:
            await store.close()

    asyncio.run(world())


def test_tables_of_a_later_version_are_refused(shared: str) -> None:
    check(shared)

    async def world() -> None:
        database = shared_database(shared)
        await database.open("later")
        later = f"UPDATE understudy_schema SET version = {VERSION + 1}"
        await database.fetch(later if "://" in shared else f"PRAGMA user_version = {VERSION + 1}")
        await database.close()

    asyncio.run(world())
    with pytest.raises(
        MockError, match=f"the store has version {VERSION + 1}, this Understudy knows {VERSION}"
    ):
        check(shared)


def test_a_database_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(MockError, match="cannot use the database") as failed:
        check("postgresql://user:secret@127.0.0.1:9/base")
    assert "secret" not in str(failed.value)
    assert "127.0.0.1:9/base" in str(failed.value)
