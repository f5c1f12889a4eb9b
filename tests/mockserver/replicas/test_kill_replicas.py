"""Three replicas on PostgreSQL, one killed with -9 under load; and PostgreSQL itself restarted under load.

UNDERSTUDY_LONG=1: a hundred kills, and more load. Every acknowledged task is there; every callback that is
due arrives, in the order of its task; nothing is sent twice but by a death; ids and external ids are unique;
the clocks agree.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client, Receiver
from tests.mockserver.postgres import programs, running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.mockserver.postgres import PostgresServer

UNDERSTUDY = str(Path(sys.executable).parent / "understudy")
LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
KILLS = 100 if LONG else 1
# Creates that each of the clients makes before and after a kill.
CREATES = 40 if LONG else 15
STATES = ["submitted", "processing", "succeed"]


class Process:
    """A replica that is a process of its own."""

    def __init__(self, store: str) -> None:
        command = [UNDERSTUDY, "serve", "--port", "0", "--store", store]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        url = json.loads(self.process.stdout.readline())["url"]
        self.client = Client(SimpleNamespace(url=url, api_key="load"))  # type: ignore[arg-type]

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(120)
        if self.process.stdout is not None:
            self.process.stdout.close()


class Load:
    """Clients that create tasks, each at one replica, and note what was acknowledged."""

    def __init__(self, callback_url: str) -> None:
        self.callback_url = callback_url
        self.acknowledged: dict[str, str] = {}
        self.refused: Counter[int] = Counter()
        self.lock = threading.Lock()
        self.halfway = threading.Barrier(3 + 1, timeout=300)

    def run(self, client: Client) -> None:
        place = urlsplit(client.mock.url)
        for number in range(2 * CREATES):
            if number == CREATES:
                self.halfway.wait()
            name = uuid.uuid4().hex
            body = {**IMAGE_REQUEST, "external_task_id": name, "callback_url": self.callback_url}
            line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
            try:
                line.request("POST", IMAGE, json.dumps(body), {"Authorization": f"Bearer {client.key}"})
                answer = line.getresponse()
                said = json.loads(answer.read())
            except (OSError, http.client.HTTPException):
                continue  # this replica has been killed
            finally:
                line.close()
            with self.lock:
                if answer.status == 200:
                    self.acknowledged[name] = said["data"]["task_id"]
                else:
                    self.refused[answer.status] += 1

    @contextlib.contextmanager
    def running(self, clients: list[Client]) -> Iterator[None]:
        """The body runs while they are halfway through."""
        threads = [threading.Thread(target=self.run, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        self.halfway.wait()
        yield
        for thread in threads:
            thread.join(300)


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    """With fsync, as it is run."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with running_postgres() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def told(receiver: Receiver, tasks: Iterable[str], most_seconds: float) -> dict[str, list[str]]:
    """The states that the receiver was told of each task, once the last one of all `tasks` has arrived."""
    wanted = set(tasks)

    def done() -> bool:
        ended = {each.json["task_id"] for each in receiver.received if each.json["task_status"] == STATES[-1]}
        return wanted <= ended

    with receiver.arrived:
        assert receiver.arrived.wait_for(done, most_seconds)
        order: dict[str, list[str]] = {}
        for each in receiver.received:
            order.setdefault(each.json["task_id"], []).append(each.json["task_status"])
        return order


def without_repeats(states: list[str]) -> list[str]:
    return [state for n, state in enumerate(states) if n == 0 or states[n - 1] != state]


@pytest.mark.parametrize("turn", range(KILLS))
def test_a_killed_replica_loses_nothing(durable: PostgresServer, receiver: Receiver, turn: int) -> None:
    store = durable.url_of(f"k{uuid.uuid4().hex}")
    replicas = [Process(store) for _ in range(3)]
    victim, *left = replicas[turn % 3 :] + replicas[: turn % 3]
    load = Load(receiver.url)
    try:
        with load.running([replica.client for replica in replicas]):
            victim.end(signal.SIGKILL)
        acknowledged = load.acknowledged
        order = told(receiver, acknowledged.values(), 120)
        assert len(set(acknowledged.values())) == len(acknowledged) >= 2 * 2 * CREATES
        assert set(load.refused) <= {503}
        for replica in left:
            found = {name: replica.client.task(name)["task_id"] for name in acknowledged}
            assert found == acknowledged
        for task in acknowledged.values():
            assert without_repeats(order[task]) == STATES, task
        again = left[0].client.post(IMAGE, {**IMAGE_REQUEST, "external_task_id": next(iter(acknowledged))})
        assert (again.status, again.json["code"]) == (400, 1201)
        left[0].client.post("/__understudy__/clock", {"rate": 0})
        clocks = [replica.client.get("/__understudy__/clock").json for replica in left]
        assert clocks == [clocks[0]] * 2
        sent = Counter((each.json["task_id"], each.json["task_status"]) for each in receiver.received)
        assert max(sent.values()) <= 2
    finally:
        for replica in replicas:
            replica.end(signal.SIGKILL)


def test_nothing_is_sent_twice_when_nobody_dies(durable: PostgresServer, receiver: Receiver) -> None:
    store = durable.url_of(f"k{uuid.uuid4().hex}")
    replicas = [Process(store) for _ in range(3)]
    load = Load(receiver.url)
    try:
        with load.running([replica.client for replica in replicas]):
            pass
        assert len(load.acknowledged) == 3 * 2 * CREATES
        order = told(receiver, load.acknowledged.values(), 120)
        assert order == dict.fromkeys(load.acknowledged.values(), STATES)
        assert not load.refused
    finally:
        for replica in replicas:
            replica.end(signal.SIGTERM)


def test_a_restart_of_postgresql_is_503_meanwhile_and_loses_nothing(
    durable: PostgresServer, receiver: Receiver
) -> None:
    store = durable.url_of(f"k{uuid.uuid4().hex}")
    replicas = [Process(store) for _ in range(3)]
    load = Load(receiver.url)
    client = replicas[0].client
    try:
        with load.running([replica.client for replica in replicas]):
            durable.stop("immediate")
            refused = client.post(IMAGE, IMAGE_REQUEST)
            assert (refused.status, refused.json["code"], refused.headers["retry-after"]) == (503, 5001, "1")
            ready = client.get("/__understudy__/ready")
            assert (ready.status, "cannot be reached" in ready.json["because"]) == (503, True)
            assert client.get("/__understudy__/health").status == 200
            durable.start()
        while client.post(IMAGE, IMAGE_REQUEST).status == 503:
            pass  # it comes back by itself
        assert client.get("/__understudy__/ready").status == 200
        assert set(load.refused) <= {503}
        order = told(receiver, load.acknowledged.values(), 120)
        for name, task in load.acknowledged.items():
            assert {replica.client.task(name)["task_id"] for replica in replicas} == {task}
            assert without_repeats(order[task]) == STATES, task
    finally:
        for replica in replicas:
            replica.end(signal.SIGKILL)
