"""Replicas in threads over a store that they share; and PostgreSQL for them."""

from __future__ import annotations

import contextlib
import threading
import uuid
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.mockserver.conftest import Client
from tests.mockserver.postgres import programs, running_postgres

from understudy.mockserver.replicas.app import ReplicaApp
from understudy.mockserver.replicas.serving import shared_database
from understudy.mockserver.server.running import Server
from understudy.mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.mockserver.postgres import PostgresServer

ROOT = "/__understudy__"
START_SECONDS = 60.0


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of a run; each takes a schema of its own."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with running_postgres("-c fsync=off") as server:
        yield server


@pytest.fixture(params=["postgres", "file"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that several replicas can use: its name for --store."""
    if request.param == "file":
        return str(tmp_path / "tasks.sqlite")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url_of(f"t{uuid.uuid4().hex}")


class Replica(Client):
    """A replica in a thread, as its client sees it."""

    def __init__(self, server: Server, key: str = "mine") -> None:
        self.server = server
        super().__init__(SimpleNamespace(url=server.url, api_key=key))  # type: ignore[arg-type]

    def members(self) -> set[str]:
        """Who takes part, as this replica saw it last."""
        live: set[str] = self.server.app.state.members.live
        return live

    def order(self, path: str, body: Any) -> Any:
        """An order to the control plane, which must be carried out; its answer."""
        answer = self.post(f"{ROOT}{path}", body)
        assert answer.status == 200, answer.raw
        return answer.json

    def told(self, path: str) -> Any:
        return self.get(f"{ROOT}{path}").json


@contextlib.contextmanager
def running_replica(store: str, **options: Any) -> Iterator[Replica]:
    settings = replace(Settings(profiles=("canonical",), port=0, store=store), **options)
    server = Server(ReplicaApp(settings, shared_database(store)))
    started = threading.Event()
    server.on_started = started.set
    thread = threading.Thread(target=server.run, args=([server.socket],), daemon=True)
    thread.start()
    try:
        assert started.wait(START_SECONDS)
        yield Replica(server)
    finally:
        server.stop()
        thread.join(START_SECONDS)
        server.socket.close()


@pytest.fixture
def join(shared: str) -> Iterator[Callable[..., Replica]]:
    """Have one more replica take part: join(pace="instant") -> Replica."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(running_replica(shared, **options))


@pytest.fixture
def two(join: Callable[..., Replica]) -> tuple[Replica, Replica]:
    """Two replicas whose shared clock stands."""
    return join(rate=0), join(rate=0)
