"""`understudy serve`: what a stranger sees, what a machine sees, how it starts and stops."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST

from understudy.contracts.cli import cli, main
from understudy.mockserver.cli import smallest, welcome
from understudy.mockserver.play.profile import read_profile
from understudy.mockserver.server.app import MockApp
from understudy.mockserver.server.running import Server
from understudy.mockserver.settings import Settings
from understudy.specs.library import profiles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from understudy.contracts.handle import Account

UNDERSTUDY = str(Path(sys.executable).parent / "understudy")


def serve(*options: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return subprocess.Popen(
        [UNDERSTUDY, "serve", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def machine() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """(process, URL) of a server that was started with --port 0."""
    with serve("--port", "0", "--pace", "instant") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield process, json.loads(line)["url"]
        process.kill()


def ask(url: str, path: str, body: object = None) -> object:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    raw = json.dumps(body).encode() if body is not None else None
    connection.request("POST" if raw else "GET", path, raw, {"Authorization": "Bearer any"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def test_port_zero_tells_the_url_in_one_line_of_json(machine: tuple[subprocess.Popen[str], str]) -> None:
    _, url = machine
    created = ask(url, "/kling" + IMAGE, IMAGE_REQUEST)
    assert isinstance(created, dict)
    record = ask(url, f"{IMAGE}/{created['data']['task_id']}")
    assert isinstance(record, dict)
    assert record["data"]["task_status"] == "succeed"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_a_second(sign: signal.Signals) -> None:
    with serve("--port", "0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        started = time.monotonic()
        process.send_signal(sign)
        out, err = process.communicate(timeout=10)
        assert time.monotonic() - started < 1.5
    assert (out, err) == ("", "")


def test_screen_tells_a_stranger_what_to_do_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serve("--port", str(port)) as process:
        assert process.stdout is not None
        shown = "".join(process.stdout.readline() for _ in range(7))
        process.terminate()
        process.wait(10)
    assert f"http://127.0.0.1:{port}" in shown
    assert f"curl -s http://127.0.0.1:{port}/kling/v1/images/multi-image2image" in shown
    assert "/__understudy__" in shown


KEYS_SHOWN = {
    "any": {},
    "one-that-is-let-in": {"keys": ("one-that-is-let-in", "two")},
    "JWT": {"secrets": (("AK", "SK"),)},
}


@pytest.mark.parametrize(("key", "options"), KEYS_SHOWN.items())
def test_the_screen_shows_a_key_that_is_let_in(key: str, options: dict[str, Any]) -> None:
    server = Server(MockApp(Settings(port=0, **options)))
    screen = welcome(server.app.state, server.url)
    server.socket.close()
    assert re.findall("Bearer ([^']*)'", screen) == [key, key]


@pytest.mark.parametrize("profile", profiles())
def test_the_request_on_the_screen_is_taken(profile: str) -> None:
    """The curl line's body is made from the schema, and the profile accepts it."""
    for family in read_profile(profile).families:
        assert family.check.is_valid(smallest(family.check.source))


WRONG = [
    (["--provider", "nope"], "unknown provider 'nope' (known: "),
    (["--provider", "klng"], "unknown provider 'klng' (did you mean kling? known: canonical, "),
    (["--pace", "slow"], "unknown pace 'slow' (known: instant, fast, realistic"),
    (["--scenario", "nope"], "unknown scenario 'nope' (known: "),
    (
        ["--scenario", "callback-lost"],
        "unknown scenario 'callback-lost' (did you mean callbacks-lost? known: ",
    ),
    (["--rate", "-1"], "'--rate': -1.0 is not in the range"),
    (["--rate", "nan"], "a clock cannot run at nan"),
    (["--webhook-secret", "x"], "a webhook secret must be whsec_ and Base64 (a new one: echo whsec_$("),
    (["--allow-callback-net", "home"], "not a network: 'home' (for example 10.1.0.0/16)"),
    (["--api-key", "one two"], "--api-key: a key that no client can send (letters,"),
    (["--api-key", ""], "--api-key: a key that no client can send (letters,"),
    (
        ["--public-url", "ftp://x"],
        "--public-url: not the address of a server: 'ftp://x' (http://host:port or https://host)",
    ),
    (["--host", ""], "--host: no address (127.0.0.1, or 0.0.0.0 for all"),
    (["--host", "ü..x"], "(an address of this machine: --host 127.0.0.1)"),
    (["--store", ""], "--store: '' is not a file (memory, or tasks.sqlite)"),
    (["--store", ":memory:"], "--store: ':memory:' is not a file (memory, or tasks.sqlite)"),
    (["--store", "/nodir/x.sqlite"], "/nodir/x.sqlite: there is no folder /nodir (make it first)"),
    (["--store", "/dev/null"], "/dev/null: it is not a regular file (take another file)"),
    (["--access-key", "half"], "must be ACCESSKEY:SECRETKEY"),
    (["--host", "198.51.100.1"], "cannot listen on 198.51.100.1"),
    (["--journal", "-1"], "-1 is not in the range"),
    (["--max-body", "0"], "0 is not in the range"),
    (["--port", "99999"], "'--port': 99999 is not in the range"),
]


def refused(options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command says when it cannot start; it must exit with 2."""
    monkeypatch.setattr(sys, "argv", ["understudy", "serve", *options])
    with pytest.raises(SystemExit) as raised:
        main()
    assert raised.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(("options", "words"), WRONG, ids=lambda value: str(value)[:24])
def test_options_that_cannot_be_are_told_and_exit_two(
    options: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(options, monkeypatch, capsys)


def test_a_taken_port_is_told_with_what_to_do(
    mock: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = mock.url.rpartition(":")[2]
    told = refused(["--port", port], monkeypatch, capsys)
    assert told.startswith(f"understudy: cannot listen on 127.0.0.1:{port}: ")
    assert told.endswith("(another --port, or --port 0)\n")


def test_help_teaches() -> None:
    shown = CliRunner().invoke(cli, ["serve", "--help"]).output
    for words in ("--provider", "--pace", "after N", "--scenario", "/__understudy__/scenarios", "curl"):
        assert words in shown


def test_keys_and_secrets_can_come_from_the_environment() -> None:
    """So that they stand in no list of processes."""
    keys = {"UNDERSTUDY_API_KEYS": "one two", "UNDERSTUDY_WEBHOOK_SECRETS": "whsec_dGVzdA=="}
    with subprocess.Popen(
        [UNDERSTUDY, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, env={**os.environ, **keys}
    ) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        seen = [http_status(url, key) for key in ("one", "two", "three")]
        process.terminate()
    assert seen == [200, 200, 401]


def http_status(url: str, key: str) -> int:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.request("GET", IMAGE, headers={"Authorization": f"Bearer {key}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_serving_brings_neither_test_libraries_nor_pillow() -> None:
    """Up to the first answers, callbacks and downloads aside."""
    script = (
        "import sys, json\n"
        "from understudy.mockserver.server import serve_in_thread\n"
        "import http.client\n"
        "with serve_in_thread() as mock:\n"
        "    c = http.client.HTTPConnection('127.0.0.1', int(mock.url.rpartition(':')[2]))\n"
        f"    c.request('POST', {IMAGE!r}, {json.dumps(IMAGE_REQUEST)!r}, {{'Authorization': 'Bearer k'}})\n"
        "    assert c.getresponse().status == 200\n"
        "heavy = {'schemathesis', 'hypothesis', 'PIL', 'aiohttp', 'jwt', 'starlette'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_sixteen_processes_share_one_server_and_never_meet() -> None:
    script = (
        "import sys, json, http.client\n"
        "url, key = sys.argv[1:]\n"
        "def ask(method, path, body=None):\n"
        "    c = http.client.HTTPConnection('127.0.0.1', int(url.rpartition(':')[2]), timeout=30)\n"
        "    c.request(method, path, json.dumps(body) if body is not None else None,\n"
        "              {'Authorization': 'Bearer ' + key})\n"
        "    return json.loads(c.getresponse().read())\n"
        "n = int(key)\n"
        "ask('POST', '/__understudy__/clock', {'rate': 0})\n"
        f"base = {IMAGE_REQUEST!r}\n"
        "bodies = [{**base, 'external_task_id': f'e{i}'} for i in range(n)]\n"
        f"ids = [ask('POST', {IMAGE!r}, body)['data']['task_id'] for body in bodies]\n"
        "ask('POST', '/__understudy__/clock/advance', {'seconds': n * 0.2})\n"
        f"listed = ask('GET', {IMAGE!r})['data']\n"
        "assert [r['task_id'] for r in listed] == ids[::-1], listed\n"
        "wanted = 'succeed' if n >= 10 else 'processing' if n * 0.2 >= 0.5 else 'submitted'\n"
        "assert {r['task_status'] for r in listed} == {wanted}, (n, listed[0])\n"
        "assert ask('GET', '/__understudy__/journal/count?operation=create')['count'] == n\n"
    )
    with mock_account() as mock:
        running = [
            subprocess.Popen(
                [sys.executable, "-c", script, mock.url, str(n)], stderr=subprocess.PIPE, text=True
            )
            for n in range(1, 17)
        ]
        told = [process.communicate(timeout=60)[1] for process in running]
    assert told == [""] * 16
