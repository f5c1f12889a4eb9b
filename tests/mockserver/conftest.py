"""The small world of the mock's tests: a client, a receiver of callbacks, servers that tests share."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from tests.mocks import mock_account

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.contracts.handle import Account

IMAGE = "/v1/images/multi-image2image"
VIDEO = "/v1/videos/multi-image2video"
PICTURE = "https://pictures.example/cat.png"
IMAGE_REQUEST = {"subject_image_list": [{"subject_image": PICTURE}]}
VIDEO_REQUEST = {"image_list": [{"image": PICTURE}], "prompt": "two cats"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def data(self) -> Any:
        return self.json["data"]


class Client:
    """An HTTP client that sends exactly what it is told to."""

    def __init__(self, mock: Account) -> None:
        self.mock = mock
        self.key = mock.api_key

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`path` below the server, or an absolute URL; `body` bytes or JSON; headers with _ for -."""
        place = urlsplit(path if "://" in path else self.mock.url + path)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        sent = {"Authorization": f"Bearer {self.key}"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        target = place.path + (f"?{place.query}" if place.query else "")
        try:
            connection.request(method, target, raw, {k: v for k, v in sent.items() if v})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.request("POST", path, body, **headers)

    def create(self, body: Mapping[str, Any] | None = None, path: str = IMAGE, **headers: str) -> str:
        """Create a task that must be accepted; its id."""
        answer = self.post(
            path, {**(IMAGE_REQUEST if path == IMAGE else VIDEO_REQUEST), **(body or {})}, **headers
        )
        assert answer.status == 200, answer.raw
        task_id: str = answer.data["task_id"]
        return task_id

    def task(self, task_id: str, path: str = IMAGE, **headers: str) -> Any:
        """The record of a task."""
        return self.get(f"{path}/{task_id}", **headers).data


@dataclass(frozen=True)
class Received:
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


class Receiver:
    """An HTTP server that keeps what is posted to it. `answers` are statuses to give, then 200."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        self.arrived = threading.Condition()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                with outer.arrived:
                    outer.received.append(Received({k.lower(): v for k, v in self.headers.items()}, raw))
                    status = outer.answers.pop(0) if outer.answers else 200
                    outer.arrived.notify_all()
                self.send_response(status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def wait(self, count: int, seconds: float = 10) -> list[Received]:
        """What has arrived, once there are `count`."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, seconds), self.received
            return list(self.received)

    @property
    def statuses(self) -> list[str]:
        return [received.json["task_status"] for received in self.received]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Account]:
    """One server for many tests; each has its own key, so they never meet."""
    with mock_account() as mock:
        yield mock


@pytest.fixture
def mock(shared_server: Account) -> Account:
    """A fresh account on the shared server, with a clock that only the test moves."""
    mine = shared_server.server.account(key=f"key-{uuid.uuid4().hex}")
    mine.clock.rate = 0
    return mine


@pytest.fixture
def client(mock: Account) -> Client:
    return Client(mock)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()
