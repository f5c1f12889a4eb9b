"""`record --downloads --callbacks`: what passes the recorder is passed on, kept and judged."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import queue
import threading
import time

import pytest
from click.testing import CliRunner

from contracts.cli import cli
from contracts.har import read_har
from contracts.record.detour import Guarded
from contracts.testing import understudy
from mockserver.guard import ForbiddenError
from tests.contracts.record.test_record import BODY, IMAGES, KEY, ask, command, stop


@contextlib.contextmanager
def listening():
    """A client's callback URL, and the queue of (headers, body) that arrive there."""
    came = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?token=hush", came
    finally:
        server.shutdown()
        server.server_close()


def finished(url, task):
    """The record at the task's end, as the client sees it through the recorder."""
    for _ in range(100):
        record = json.loads(ask(url, "GET", f"{IMAGES}/{task}")[2])["data"]
        if record["task_status"] == "succeed":
            return record
        time.sleep(0.05)
    raise AssertionError("the task did not end")


def test_results_and_callbacks_pass_the_recorder_unchanged_but_for_their_urls(tmp_path):
    file = tmp_path / "run.har"
    words = ("--port", "0", "-o", str(file), "--downloads", "--callbacks")
    with understudy("kling") as provider, listening() as (hook, came):
        account = provider.provider(key=KEY)
        with command("record", provider.url, "-p", "kling", *words) as (url, recording):
            created = ask(url, "POST", IMAGES, {**BODY, "callback_url": hook})[2]
            task = json.loads(created)["data"]["task_id"]
            [result] = finished(url, task)["task_result"]["images"]
            arrived = [came.get(timeout=10) for _ in range(3)]
            status, headers, picture = ask(result["url"], path="")
            unknown = ask(result["url"] + "0", path="")[0]
            code, out, err = stop(recording)
        sent = account.journal[0]["request"]["callback_url"]
    assert (code, "broken" in out) == (0, False), out + err
    # The client: our address for the result, the provider's bytes behind it; and every callback.
    assert result["url"].startswith(f"{url}/__record__/")
    assert (status, headers["content-type"], picture[:4], unknown) == (200, "image/png", b"\x89PNG", 404)
    assert [json.loads(body)["task_status"] for _, body in arrived] == ["submitted", "processing", "succeed"]
    # The provider: our address for callbacks.
    assert sent.startswith("http://127.0.0.1:")
    assert sent != hook
    # What is kept is what the provider said, without secrets.
    kept = read_har(file)
    assert [d.json()["task_status"] for d in kept.deliveries] == ["submitted", "processing", "succeed"]
    [download] = [e for e in kept.exchanges if e.role == "download"]
    assert download.request.url.startswith(provider.url)
    assert (download.task, download.case["media"]["format"]) == (task, "png")
    assert "hush" not in file.read_text()
    judged = CliRunner().invoke(cli, ["verify", "--replay", str(file), "-v"]).stdout
    assert "kept  callback of multi-image2image" in judged
    assert "kept  result of multi-image2image" in judged


def test_nothing_is_changed_unless_it_is_asked_for(tmp_path):
    with understudy("kling", pace="instant") as provider, listening() as (hook, came):
        account = provider.provider(key=KEY)
        with command("record", provider.url, "--port", "0", "-o", str(tmp_path / "run.har")) as (
            url,
            recording,
        ):
            created = ask(url, "POST", IMAGES, {**BODY, "callback_url": hook})[2]
            [result] = finished(url, json.loads(created)["data"]["task_id"])["task_result"]["images"]
            came.get(timeout=10)
            stop(recording)
        assert account.journal[0]["request"]["callback_url"] == hook
    assert result["url"].startswith(provider.url)


def test_a_client_that_takes_no_callback_is_noted_and_the_provider_hears_of_it(tmp_path):
    file = tmp_path / "run.har"
    with understudy("kling", pace="instant") as provider:
        account = provider.provider(key=KEY)
        words = ("--port", "0", "-o", str(file), "--callbacks")
        with command("record", provider.url, "-p", "kling", *words) as (url, recording):
            ask(url, "POST", IMAGES, {**BODY, "callback_url": "http://10.1.2.3/hook"})
            for _ in range(100):
                if account.callbacks and account.callbacks[0]["attempts"]:
                    break
                time.sleep(0.05)
            stop(recording)
    assert "callbacks may not go to 10.1.2.3" in read_har(file).notes[0]


def test_the_last_callback_is_waited_for_before_anybody_is_accused(tmp_path):
    words = ("--port", "0", "-o", str(tmp_path / "run.har"), "--callbacks")
    with understudy("kling") as provider, listening() as (hook, _):
        provider.provider(key=KEY, scenario="callbacks-lost")
        with command("record", provider.url, "-p", "kling", *words) as (url, recording):
            task = json.loads(ask(url, "POST", IMAGES, {**BODY, "callback_url": hook})[2])["data"]["task_id"]
            finished(url, task)
            code, out, err = stop(recording)
    assert "waiting for late callbacks, at most 2 s (Ctrl-C ends it now)" in err
    assert (code, "[callback-on-each-change]" in out) == (1, True)


def test_a_provider_elsewhere_needs_a_public_url_to_call_back(tmp_path):
    words = ["https://api.example.com", "--callbacks", "--port", "0", "-o", str(tmp_path / "run.har")]
    result = CliRunner().invoke(cli, ["record", *words])
    assert list(tmp_path.iterdir()) == []
    assert "--callbacks: a provider elsewhere cannot call here" in str(result.exception)


REFUSED = [
    "http://10.0.0.1/x",
    "http://169.254.169.254/latest",
    "http://[fd00::1]/x",
    "file:///etc/passwd",
    "http://",
]


@pytest.mark.parametrize("url", REFUSED)
@pytest.mark.parametrize("loopback", [True, False])
def test_private_addresses_are_refused_whoever_names_them(url, loopback):
    with pytest.raises(ForbiddenError):
        Guarded(loopback=loopback).check_url(url)


def test_this_machine_is_for_those_on_it():
    """A provider elsewhere may not have us fetch from this machine, under a name or a number."""

    async def resolve(guard):
        return await guard.resolve("localhost", 80)

    Guarded(loopback=True).check_url("http://127.0.0.1:1/x")
    assert asyncio.run(resolve(Guarded(loopback=True)))
    with pytest.raises(ForbiddenError, match="may not name this machine"):
        Guarded(loopback=False).check_url("http://127.0.0.1:1/x")
    with pytest.raises(ForbiddenError, match="may not name this machine"):
        asyncio.run(resolve(Guarded(loopback=False)))


def test_names_and_public_addresses_are_let_through_to_the_resolver():
    for url in ("https://cdn.example.com/a.png", "http://93.184.216.34/a.png"):
        Guarded(loopback=False).check_url(url)
