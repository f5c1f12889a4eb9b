"""`understudy serve` as a process: bad options, and how it stops."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.mockserver.siege.conftest import BODY, IMAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mockserver.conftest import Receiver

UNDERSTUDY = str(Path(sys.executable).parent / "understudy")
UNSENT = "understudy: callbacks due but not sent when the server stopped"

BAD = [
    ("--provider", "nobody", "known: canonical"),
    ("--port", "99999", "range 0<=x<=65535"),
    ("--port", "x", "not a valid integer"),
    ("--host", "999.1.1.1", "cannot listen"),
    ("--pace", "quickly", "known: instant"),
    ("--rate", "-1", "1000000"),
    ("--rate", "nan", "1000000"),
    ("--store", "/nowhere/at/all.sqlite", "folder"),
    ("--store", "/dev/null/x", "folder"),
    ("--scenario", "nobody", "known: "),
    ("--scenario", "latency:ms=x", "600000"),
    ("--seed", "x", "not a valid integer"),
    ("--public-url", "nonsense", "http://host:port"),
    ("--public-url", "ftp://a", "http://host:port"),
    ("--access-key", "nocolon", "ACCESSKEY:SECRETKEY"),
    ("--webhook-secret", "plain", "whsec_"),
    ("--allow-callback-net", "10.0.0.1/8", "10.1.0.0/16"),
    ("--journal", "-1", "range x>=0"),
    ("--max-body", "0", "range 1<=x<=1024"),
    ("--max-body", "99999999", "range 1<=x<=1024"),
    ("--nobody", "x", "No such option"),
]


def test_every_bad_option_is_refused_in_one_line_with_exit_code_2() -> None:
    """In one process, since starting Python twenty times would take most of the test's time."""
    program = """
import json, sys, contextlib, io
from understudy.contracts.cli import main
told = []
for option, value in json.loads(sys.argv[1]):
    sys.argv = ["understudy", "serve", option, value] + ([] if option == "--port" else ["--port", "0"])
    err = io.StringIO()
    code = 0
    with contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as exit:
            code = exit.code
    told.append([code, err.getvalue()])
print(json.dumps(told))
"""
    options = json.dumps([bad[:2] for bad in BAD])
    done = subprocess.run(
        [sys.executable, "-c", program, options], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    for (option, value, words), (code, err) in zip(BAD, json.loads(done.stdout), strict=True):
        lines = err.strip().splitlines()
        assert code == 2, (option, value, err)
        assert words in lines[-1], (option, value, err)
        assert len(lines) == 1 or lines[0].startswith("Usage:"), err


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [UNDERSTUDY, "serve", "--port", str(port)], capture_output=True, text=True, timeout=20
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"understudy: cannot listen on 127.0.0.1:{port}: ")
    assert done.stderr.count("\n") == 1


class Served:
    """A server process."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [UNDERSTUDY, "serve", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(json.loads(self.process.stdout.readline())["url"].rpartition(":")[2])

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        connection = self.connect()
        try:
            sent = {"Authorization": "Bearer any"} | {k.replace("_", "-"): v for k, v in headers.items()}
            connection.request(method, path, body, sent)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def stop(self, how: signal.Signals) -> tuple[float, str]:
        """(seconds until the process was gone, what it wrote to stderr)."""
        started = time.monotonic()
        self.process.send_signal(how)
        _, err = self.process.communicate(timeout=20)
        return time.monotonic() - started, err


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.process.kill()
    made.process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_within_a_second_whatever_its_clients_do(served: Served, how: signal.Signals) -> None:
    idle = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(20)]
    halves = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(20)]
    for half in halves:
        half.sendall(b"POST /v1/images/multi-image2image HTTP/1.1\r\nContent-Length: 10\r\n\r\n{")
    hanging, late = served.connect(), served.connect()
    hanging.request("GET", IMAGE, headers={"Authorization": "Bearer a", "X-Understudy-Scenario": "timeout"})
    late.request(
        "GET", IMAGE, headers={"Authorization": "Bearer a", "X-Understudy-Scenario": "latency:ms=200"}
    )
    served.ask("GET", "/__understudy__/health")
    seconds, err = served.stop(how)
    assert json.loads(late.getresponse().read())["code"] == 0
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        hanging.getresponse()
    # 0.4 s for answers and 0.4 s for callbacks; the rest is what a busy machine adds.
    assert (err, seconds < 2.5) == ("", True), seconds
    for each in (*idle, *halves, hanging, late):
        each.close()


def test_a_stopping_server_still_sends_what_is_due(receiver: Receiver) -> None:
    served = Served("--drain", "60")
    served.ask("POST", "/__understudy__/pace", b'{"pace": "instant"}')
    count = 30
    task = json.dumps({**json.loads(BODY), "callback_url": receiver.url}).encode()
    ids = {served.ask("POST", IMAGE, task)["data"]["task_id"] for _ in range(count)}
    _, err = served.stop(signal.SIGTERM)
    ended = {r.json["task_id"] for r in receiver.received if r.json["task_status"] == "succeed"}
    assert (err, ended) == ("", ids)


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("memory", f"{UNSENT}: 3 (see --drain)\n"),
        ("tasks.sqlite", ""),
    ],
)
def test_callbacks_that_a_stopping_server_loses_are_told(store: str, said: str, tmp_path: Path) -> None:
    """Their receiver takes the connection and never answers. A store on disk sends them after the restart."""
    where = store if store == "memory" else str(tmp_path / store)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        served = Served("--drain", "0", "--store", where)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        task = json.dumps({**json.loads(BODY), "callback_url": url}).encode()
        for _ in range(3):
            served.ask("POST", IMAGE, task)
        _, err = served.stop(signal.SIGTERM)
    assert err == said


def test_what_a_stopped_server_did_not_send_it_sends_after_its_restart(
    tmp_path: Path, receiver: Receiver
) -> None:
    store = ("--store", str(tmp_path / "tasks.sqlite"))
    first = Served(*store)
    task = json.dumps({**json.loads(BODY), "callback_url": receiver.url}).encode()
    ids = {first.ask("POST", IMAGE, task)["data"]["task_id"] for _ in range(20)}
    _, err = first.stop(signal.SIGTERM)
    assert err == ""
    second = Served(*store)
    try:
        receiver.wait(3 * len(ids))
        ended = {r.json["task_id"] for r in receiver.received if r.json["task_status"] == "succeed"}
        assert ended == ids
    finally:
        second.stop(signal.SIGTERM)
