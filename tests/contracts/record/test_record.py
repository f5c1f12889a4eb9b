"""Recording a conversation with a provider, judging it, and playing it back to the client that had it."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from tests.mocks import mock_account

from understudy import mock_server
from understudy.contracts.cli import cli
from understudy.contracts.har import read_har
from understudy.specs.errors import UnderstudyError

CLIENTS = Path(__file__).parents[3] / "fixtures" / "clients"
KEY = "sk-0123456789-very-secret"
IMAGES = "/v1/images/multi-image2image"
BODY = {"subject_image_list": [{"subject_image": "https://example.com/cat.png?token=hush"}]}


@contextlib.contextmanager
def command(*words):
    """`understudy …` that prints its URL as JSON on its first line; gives (url, process)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "understudy.contracts.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield json.loads(line)["url"], process
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def listening(redirect="", body=b""):
    """A callback URL, or a provider's, and the queue of (headers with the ":path", body) that arrive there.

    Who asks for it is sent to `redirect`, if any, and given `body`.
    """
    came = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302 if redirect else 200)
            self.send_header("Location", redirect)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.put(({":path": self.path, **{k.lower(): v for k, v in self.headers.items()}}, body))
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


def stop(process):
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


def ask(url, method="GET", path="/", body=None, **headers):
    """(status, headers, body bytes) of one request."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
    sent = {"Authorization": f"Bearer {KEY}", **headers}
    try:
        connection.request(method, place.path + path, json.dumps(body) if body is not None else None, sent)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def client(url, name="careful"):
    env = {**os.environ, "UNDERSTUDY_URL": url, "UNDERSTUDY_API_KEY": KEY, "POLL_SECONDS": "0.1"}
    env.pop("UNDERSTUDY_WEBHOOK_SECRET", None)
    done = subprocess.run(
        [sys.executable, CLIENTS / f"{name}.py"], env=env, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stderr


def test_recording_passes_everything_on_keeps_it_and_judges_it_and_replay_gives_it_again(tmp_path):
    """The whole way: a client works through the proxy; what was said is judged, and played back offline."""
    file = tmp_path / "run.har"
    with mock_server("kling", pace="after 2 polls") as provider:
        with command("record", provider.url, "-p", "kling", "--port", "0", "-o", str(file)) as (
            url,
            recording,
        ):
            assert client(url) == (0, "")
            code, out, err = stop(recording)
        assert code == 0, out
        assert out.splitlines()[-1].endswith(" kept")
        assert [line.split()[0] for line in err.splitlines()[:-1]] == ["200"] * 3
        assert [e.role for e in read_har(file).exchanges] == ["create", "poll", "poll"]
        with command("serve", "--replay", str(file), "--port", "0") as (url, _):
            assert client(url) == (0, "")
    judged = CliRunner().invoke(cli, ["verify", "--replay", str(file)])
    assert judged.exit_code == 0


def test_no_secret_is_in_the_file_and_the_provider_got_them_all(tmp_path):
    file = tmp_path / "run.har"
    with listening() as (hook, came):
        provider = hook.partition("/hook")[0]
        with command("record", provider, "--port", "0", "-o", str(file)) as (url, recording):
            status, _, _ = ask(url, "POST", f"{IMAGES}?api_key=hush", BODY, Cookie="session=hush")
            stop(recording)
    headers, body = came.get(timeout=10)
    arrived = (headers[":path"], headers["authorization"], headers["cookie"], json.loads(body))
    assert (status, arrived) == (204, (f"{IMAGES}?api_key=hush", f"Bearer {KEY}", "session=hush", BODY))
    kept = file.read_text()
    assert "hush" not in kept
    assert KEY not in kept
    assert "[blotted out]" in kept


def test_broken_promise_is_told_as_it_passes_and_in_the_end(tmp_path):
    with mock_server("kling") as provider:
        provider.account(key=KEY, scenario="unknown-status")
        words = ("record", provider.url, "-p", "kling", "--port", "0", "-o", str(tmp_path / "run.har"))
        with command(*words) as (url, recording):
            task = json.loads(ask(url, "POST", IMAGES, BODY)[2])["data"]["task_id"]
            ask(url, "GET", f"{IMAGES}/{task}")
            code, out, err = stop(recording)
    assert code == 1
    assert "  ! answer /data/task_status: " in err
    assert "broken" in out
    assert "[status-known]" in out


def test_what_is_wrong_with_the_client_s_request_is_told_too(tmp_path):
    with mock_server("kling") as provider:
        words = ("record", provider.url, "-p", "kling", "--port", "0", "-o", str(tmp_path / "run.har"))
        with command(*words) as (url, recording):
            assert ask(url, "POST", IMAGES, {**BODY, "n": 0})[0] == 400
            _, _, err = stop(recording)
    assert "  ! request /n: 0 is less than the minimum of 1" in err


def test_provider_that_does_not_answer_is_a_502_of_our_own_and_could_not_tell(tmp_path):
    words = ("record", "http://127.0.0.1:9", "--port", "0", "-o", str(tmp_path / "run.har"))
    with command(*words) as (url, recording):
        status, headers, body = ask(url, "POST", IMAGES, BODY)
        code, _, err = stop(recording)
    assert (status, headers["x-understudy"], list(json.loads(body))) == (502, "record", ["understudy"])
    assert code == 3
    assert err.startswith("---")


def test_file_that_cannot_be_written_does_not_come_between_client_and_provider(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    with mock_server("kling") as provider:
        words = ("record", provider.url, "--port", "0", "-o", str(folder / "run.har"))
        with command(*words) as (url, recording):
            shutil.rmtree(folder)
            assert ask(url, "POST", IMAGES, BODY)[0] == 200
            code, _, err = stop(recording)
    assert code == 2
    assert "not kept so far: " in err
    assert err.splitlines()[-1].startswith("understudy: ")


def test_recording_of_nothing_is_could_not_tell(tmp_path):
    with command("record", "http://127.0.0.1:9", "--port", "0", "-o", str(tmp_path / "run.har")) as (
        _,
        recording,
    ):
        code, _, err = stop(recording)
    assert (code, err.startswith("0 exchanges kept in")) == (3, True)


NO_URL = "URL: not an http or https URL"
NO_ADDRESS = {
    "api.example.com": NO_URL,
    "ftp://x": NO_URL,
    "http://": NO_URL,
    "http://x:port": NO_URL,
    "http://[::1": NO_URL,
    "http://x/?a=b": "URL: the URL is the part before the paths",
    "http://me:hush@x": (
        "URL: a user or password in the URL cannot be used (keys come with the client's requests)"
    ),
}


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_address_is_refused(url, tmp_path):
    result = CliRunner().invoke(cli, ["record", url, "-o", str(tmp_path / "run.har")])
    assert isinstance(result.exception, UnderstudyError)
    assert str(result.exception).startswith(NO_ADDRESS[url])
    assert "hush" not in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_proxy_of_the_environment_leads_to_the_provider_unless_told_otherwise(tmp_path, monkeypatch):
    """The provider's name means nothing here: only the proxy knows it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nobody: the option goes before it
    monkeypatch.delenv("http_proxy", raising=False)
    words = ("http://api.example.test", "--port", "0", "-o", str(tmp_path / "run.har"))
    with mock_server("kling") as provider:
        with command("record", *words, "--proxy", provider.url) as (url, recording):
            through = ask(url, "GET", IMAGES)[0]
            stop(recording)
        with command("record", *words, "--no-proxy") as (url, recording):
            status, _, direct = ask(url, "GET", IMAGES)
            stop(recording)
    assert (through, status) == (200, 502)
    assert b"no such host" in direct


def test_authority_of_ones_own_is_trusted_when_named(tmp_path):
    tls = Path(__file__).parents[2] / "mockserver" / "server" / "tls"
    cert, key = str(tls / "cert.pem"), str(tls / "key.pem")
    with mock_account("kling", tls_cert=cert, tls_key=key) as provider:
        for given, expected in (((), 502), (("--ca-file", cert), 200)):
            words = ("--port", "0", "-o", str(tmp_path / "run.har"), *given)
            with command("record", provider.url, *words) as (url, recording):
                status, _, body = ask(url, "GET", IMAGES)
                stop(recording)
            assert (status, b"certificate is not trusted" in body) == (expected, expected == 502)
