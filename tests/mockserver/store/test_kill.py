"""Killed in the middle of its work, a server with a file goes on as if nothing had happened.

The long form (UNDERSTUDY_LONG=1) kills a hundred times.
"""

from __future__ import annotations

import http.client
import http.server
import itertools
import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = 100 if os.environ.get("UNDERSTUDY_LONG") else 3
CLIENTS = 4
CREATES_BEFORE_KILL = 60
PATH = "/v1/images/multi-image2image"
STATUSES = ["submitted", "processing", "succeed"]
HEADERS = {"Authorization": "Bearer killed", "Content-Type": "application/json"}


class Receiver(http.server.ThreadingHTTPServer):
    """Takes callbacks and remembers them by task, in the order of arrival."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.statuses: dict[str, list[str]] = {}

    def seen(self, record: dict[str, Any]) -> None:
        with self.lock:
            self.statuses.setdefault(record["task_id"], []).append(record["task_status"])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen(json.loads(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


# `understudy` on a machine whose wall clock is so many seconds behind.
BEHIND = """
import sys, time
behind, real = int(sys.argv.pop(1)) * 10**9, time.time_ns
time.time_ns = lambda: real() - behind
time.time = lambda: time.time_ns() / 1e9
from understudy.contracts.cli import main
main()
"""


class Served:
    """`understudy serve` with a store, in a process of its own."""

    def __init__(self, store: Path, behind: int = 0) -> None:
        command = [sys.executable, "-c", BEHIND, str(behind), "serve", "--port", "0", "--rate", "20"]
        self.process = subprocess.Popen([*command, "--store", str(store)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.address = json.loads(self.process.stdout.readline())["url"].removeprefix("http://")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()

    def request(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request(method, path, json.dumps(body) if body else None, HEADERS)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


def creates(
    served: Served, names: Iterator[int], callback_url: str, ids: list[str], enough: threading.Event
) -> None:
    """One client: create tasks until the server is gone; `ids` are the acknowledged ones."""
    body = {
        "subject_image_list": [{"subject_image": "https://example.com/a.png"}],
        "callback_url": callback_url,
    }
    try:
        while True:
            answer = served.request("POST", PATH, body | {"external_task_id": f"order-{next(names)}"})
            ids.append(answer["data"]["task_id"])
            if len(ids) >= CREATES_BEFORE_KILL:
                enough.set()
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return


def load_and_kill(served: Served, names: Iterator[int], callback_url: str) -> list[str]:
    ids: list[str] = []
    enough = threading.Event()
    arguments = (served, names, callback_url, ids, enough)
    clients = [threading.Thread(target=creates, args=arguments) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    assert enough.wait(30)
    served.kill()
    for client in clients:
        client.join()
    return ids


def without_repeats(statuses: list[str]) -> list[str]:
    return [status for status, _ in itertools.groupby(statuses)]


def owes_nothing(served: Served, ids: list[str]) -> bool:
    """Whether every acknowledged task has ended and its last callback was taken."""
    return all(served.request("GET", f"{PATH}/{id_}")["data"]["task_status"] == STATUSES[-1] for id_ in ids)


def test_no_acknowledged_task_and_no_due_callback_is_lost(tmp_path: Path, receiver: Receiver) -> None:
    store, names = tmp_path / "tasks.sqlite", itertools.count()
    callback_url = f"http://127.0.0.1:{receiver.server_port}/"
    acknowledged: list[str] = []
    for _ in range(KILLS):
        acknowledged += load_and_kill(Served(store), names, callback_url)

    last = Served(store)
    try:
        found = {id_: last.request("GET", f"{PATH}/{id_}")["data"]["task_id"] for id_ in acknowledged}
        assert found == {id_: id_ for id_ in acknowledged}
        # By hand past the longest run: the answer comes when everything due has been delivered.
        last.request("POST", "/__understudy__/clock/advance", {"seconds": 60})
        assert owes_nothing(last, acknowledged)
    finally:
        last.kill()
    received = {id_: without_repeats(receiver.statuses.get(id_, [])) for id_ in acknowledged}
    assert {tuple(statuses) for statuses in received.values()} == {tuple(STATUSES)}
    assert len(acknowledged) >= KILLS * CREATES_BEFORE_KILL


def test_no_task_goes_back_though_the_wall_clock_is_set_back_at_every_kill(tmp_path: Path) -> None:
    """The clock falls an hour further behind each time; nobody had the time to note what it was."""
    store, shown = tmp_path / "tasks.sqlite", {}
    body = {"subject_image_list": [{"subject_image": "https://example.com/a.png"}]}
    for hours in range(KILLS):
        served = Served(store, behind=3600 * hours)
        try:
            now = {id_: served.request("GET", f"{PATH}/{id_}")["data"] for id_ in shown}
            assert {
                id_: task
                for id_, task in now.items()
                if STATUSES.index(task["task_status"]) < STATUSES.index(shown[id_]["task_status"])
                or task["updated_at"] < shown[id_]["updated_at"]
                or task["created_at"] != shown[id_]["created_at"]
            } == {}
            made = served.request("POST", PATH, body)["data"]
            assert (made["task_id"], made["created_at"]) > max(
                ((id_, task["updated_at"]) for id_, task in now.items()), default=("", 0)
            )
            # A tenth of a second: the time of this is noted once a second only.
            while made["task_status"] != STATUSES[-1]:
                made = served.request("GET", f"{PATH}/{made['task_id']}")["data"]
            shown = {**now, made["task_id"]: made}
        finally:
            served.kill()
    assert len(shown) == KILLS
