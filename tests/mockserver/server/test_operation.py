"""For who runs the mock: numbers for Prometheus, readiness, logs, and refusals instead of queues."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client
from tests.mockserver.store.test_stores import fill_disk, free_disk

from understudy.mockserver.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.mockserver.conftest import Receiver

ROOT = "/__understudy__"
UNDERSTUDY = str(Path(sys.executable).parent / "understudy")
SAMPLE = re.compile(r"(?m)^([a-z_]+)(?:\{(.*)\})? ([0-9.e+-]+)$")


def samples(text: str) -> dict[tuple[str, str], float]:
    """{(name, labels as they stand there): value} of Prometheus' text."""
    return {(name, labels): float(value) for name, labels, value in SAMPLE.findall(text)}


def test_metrics_tell_requests_tasks_callbacks_and_the_store(tmp_path: Path, receiver: Receiver) -> None:
    store = SqliteStore(tmp_path / "tasks.sqlite")
    with mock_account(store=store, metrics=True, rate=0) as mock:
        client = Client(mock)
        client.create({"callback_url": receiver.url})
        client.create({"callback_url": "http://127.0.0.1:9/"})
        client.task(client.create())
        assert client.post(IMAGE, {}).status == 400
        receiver.wait(1)
        mock.clock.advance(0.6)
        scraped = client.get(f"{ROOT}/metrics")
        found = samples(scraped.raw.decode())
    assert scraped.headers["content-type"].startswith("text/plain")
    assert {key: value for key, value in found.items() if key[0] == "understudy_requests_total"} == {
        ("understudy_requests_total", 'operation="create",verdict="accepted"'): 3,
        ("understudy_requests_total", 'operation="create",verdict="invalid_parameter"'): 1,
        ("understudy_requests_total", 'operation="query",verdict="accepted"'): 1,
    }
    assert found["understudy_tasks", 'family="multi-image2image",state="processing"'] == 3
    assert found["understudy_callback_attempts_total", 'outcome="delivered"'] == 2
    assert found["understudy_callback_attempts_total", 'outcome="failed"'] >= 1
    assert found["understudy_callbacks_due", ""] >= 1
    assert found["understudy_callback_lateness_seconds_count", ""] >= 3
    assert found["understudy_store_write_seconds_count", ""] >= 3
    assert found["understudy_loop_lag_seconds", ""] >= 0


def test_without_the_option_nothing_is_counted() -> None:
    script = (
        "import sys\nfrom understudy.mockserver.server import serve_in_thread\n"
        "with serve_in_thread() as mock: print('prometheus_client' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout == "False\n"


def test_a_server_is_not_ready_while_its_store_cannot_be_written(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tasks.sqlite")
    with mock_account(store=store) as mock:
        client = Client(mock)
        assert client.get(f"{ROOT}/ready").json == {"status": "ready"}
        fill_disk(store)
        refused = client.post(IMAGE, {**IMAGE_REQUEST, "callback_url": "http://127.0.0.1:9/" + "x" * 9000})
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        unready = client.get(f"{ROOT}/ready")
        assert (unready.status, unready.headers["retry-after"]) == (503, "1")
        assert "cannot be written" in unready.json["because"]
        assert client.get(f"{ROOT}/health").json == {"status": "ok"}
        free_disk(store)
        client.create()
        assert client.get(f"{ROOT}/ready").status == 200


def test_a_request_is_a_span_of_the_callers_trace() -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("understudy.mockserver.server.traces.exporting", lambda: provider)
        with mock_account(traces=True) as mock:
            client = Client(mock)
            client.create(traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
            assert client.post(IMAGE, {}).status == 400
    accepted, refused = kept.get_finished_spans()
    assert f"{accepted.context.trace_id:032x}" == "a" * 32
    assert f"{refused.context.trace_id:032x}" != "a" * 32
    statuses = [
        {value for name, value in (span.attributes or {}).items() if name.endswith("status_code")}
        for span in (accepted, refused)
    ]
    assert statuses == [{200}, {400}]


def test_connections_beyond_the_bound_are_refused_but_for_the_control_plane() -> None:
    with mock_account(connections=1) as mock:
        place = urlsplit(mock.url)
        with socket.create_connection((place.hostname or "", place.port or 0)) as held:
            held.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
            assert held.recv(12) == b"HTTP/1.1 404"
            client = Client(mock)
            refused = client.post(IMAGE, IMAGE_REQUEST)
            assert (refused.status, refused.json["code"]) == (503, 5001)
            assert {"retry-after": "1", "connection": "close"}.items() <= refused.headers.items()
            assert "1 open connections" in refused.json["message"]
            assert client.get(f"{ROOT}/health").status == 200


def test_requests_are_logged_as_json_without_their_keys() -> None:
    command = [UNDERSTUDY, "serve", "--port", "0", "--log-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        place = urlsplit(json.loads(process.stdout.readline())["url"])
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        line.request("POST", IMAGE, json.dumps(IMAGE_REQUEST), {"Authorization": "Bearer secret-of-mine"})
        task = json.loads(line.getresponse().read())["data"]["task_id"]
        line.close()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert "secret-of-mine" not in said
    logged = [json.loads(one) for one in said.splitlines()]
    assert [{name: value for name, value in one.items() if name != "time"} for one in logged] == [
        {
            "level": "info", "event": "request", "method": "POST", "target": IMAGE, "status": 200,
            "operation": "create", "family": "multi-image2image", "verdict": "accepted", "task": task,
            "account": "Bearer secr…",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(("drain", "status"), [("0", 0), ("30", 200)])
def test_a_stopping_server_goes_on_with_what_it_has_begun(drain: str, status: int) -> None:
    """An answer that is delayed by a second is out before the process ends, when there is time for it."""
    command = [UNDERSTUDY, "serve", "--port", "0", "--drain", drain, "--scenario", "latency:ms=1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        place = urlsplit(json.loads(process.stdout.readline())["url"])
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        line.request("POST", IMAGE, json.dumps(IMAGE_REQUEST), {"Authorization": "Bearer any"})
        waiting = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        waiting.request("GET", f"{ROOT}/health")  # once this is answered, the create has been taken up
        waiting.getresponse().read()
        process.send_signal(signal.SIGTERM)
        try:
            got = line.getresponse().status
        except (ConnectionError, http.client.BadStatusLine):
            got = 0
        line.close()
        waiting.close()
        assert process.wait(60) in (0, -signal.SIGTERM, 143)
    assert got == status
