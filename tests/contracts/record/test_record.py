"""Recording a conversation with a provider, judging it, and playing it back to the client that had it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from contracts.cli import cli
from contracts.har import read_har
from contracts.testing import understudy
from specs.errors import UnderstudyError

CLIENTS = Path(__file__).parents[3] / "fixtures" / "clients"
KEY = "sk-0123456789-very-secret"
IMAGES = "/v1/images/multi-image2image"
BODY = {"subject_image_list": [{"subject_image": "https://example.com/cat.png?token=hush"}]}


@contextlib.contextmanager
def command(*words):
    """`understudy …` that prints its URL as JSON on its first line; gives (url, process)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "contracts.cli", *words],
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
    with understudy("kling", pace="after 2 polls") as provider:
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
    with understudy("kling") as provider:
        account = provider.provider(key=KEY)
        with command("record", provider.url, "--port", "0", "-o", str(file)) as (url, recording):
            status, _, created = ask(url, "POST", f"{IMAGES}?api_key=hush", BODY, Cookie="session=hush")
            stop(recording)
        entry = account.journal[0]
    assert (status, json.loads(created)["code"]) == (200, 0)
    assert entry["target"] == f"{IMAGES}?api_key=hush"
    assert entry["request"] == BODY
    kept = file.read_text()
    assert "hush" not in kept
    assert KEY not in kept
    assert "[blotted out]" in kept


def test_broken_promise_is_told_as_it_passes_and_in_the_end(tmp_path):
    with understudy("kling") as provider:
        provider.provider(key=KEY, scenario="unknown-status")
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
    with understudy("kling") as provider:
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
    with understudy("kling") as provider:
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
    "http://x/?a=b": "URL: the URL is what stands before the paths",
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
