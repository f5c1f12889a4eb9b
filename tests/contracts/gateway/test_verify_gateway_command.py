"""`understudy verify-gateway`: what cannot be done, what could not be told, gateways that run already."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.contracts.client.test_process import gone, wait_for

from understudy.contracts.cli import cli
from understudy.contracts.client_verifier.played import abilities
from understudy.contracts.gateway_verifier.scenarios import choose_for_gateway
from understudy.contracts.local_ports import reserved_port
from understudy.contracts.testing import mock_server
from understudy.specs.errors import UnderstudyError

GATEWAY = Path(__file__).parents[3] / "fixtures" / "gateways" / "gateway.py"


def verify_gateway(*words):
    return CliRunner().invoke(cli, ["verify-gateway", *words])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "there is no gateway to run"),
        (("--upstream", "http://127.0.0.1:9"), "--gateway: the address of the gateway is not known"),
        (("--gateway", "127.0.0.1", "--", "true"), "--gateway: '127.0.0.1' is no URL"),
        (("--keys", "one", "--", "true"), "--keys: two keys with a comma between them are needed"),
        (("--scenarios", "al", "--", "true"), "--scenarios: unknown scenario 'al'"),
        (
            ("--upstream-env", "X={prt}", "--", "true"),
            "--upstream-env: unknown placeholder {prt}",
        ),
        (
            ("--upstream-provider", "runway", "--scenarios", "callbacks-lost", "--", "true"),
            "--scenarios: callbacks-lost needs callbacks; the API has none",
        ),
        (("--", "no-such-gateway"), "CMD: no program 'no-such-gateway'"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(words, message):
    error = verify_gateway(*words).exception
    assert isinstance(error, UnderstudyError)
    assert str(error).startswith(message)


def test_gateway_that_ends_at_once_could_not_be_told(tmp_path):
    file = tmp_path / "card.json"
    command = (sys.executable, "-c", "print('no database'); raise SystemExit(7)")
    result = verify_gateway("-q", "--report", f"json={file}", "--", *command)
    assert result.exit_code == 3
    assert "it ended by itself, with exit code 7\nIt printed:\nno database" in result.output
    assert json.loads(file.read_text())["rows"][0]["id"] == "takes-orders"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_stopping_leaves_no_gateway_behind(tmp_path, number, code):
    """It has a child, which writes its id down: both are gone when the command has ended."""
    child = "import os, time; print(os.getpid(), file=open('id', 'w'), flush=True); time.sleep(60)"
    gateway = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    words = ("verify-gateway", "-q", "--", sys.executable, "-c", gateway)
    command = subprocess.Popen(
        [sys.executable, "-m", "understudy.contracts.cli", *words],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    running = wait_for(tmp_path / "id")
    os.kill(command.pid, number)
    assert (command.communicate(timeout=60), command.returncode) == ((b"", b""), code)
    assert gone(running)


def test_gateway_that_takes_no_order_could_not_be_told():
    code = (
        "import http.server, os\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "    def do_POST(self): self.send_error(401)\n"
        "    do_GET = do_POST\n"
        "http.server.HTTPServer(('127.0.0.1', int(os.environ['UNDERSTUDY_PORT'])), H).serve_forever()"
    )
    result = verify_gateway("-q", "--", sys.executable, "-c", code)
    assert (result.exit_code, "it takes no order: HTTP 401" in result.output) == (3, True)


def test_listing_has_every_scenario_and_promise():
    listed = json.loads(verify_gateway("--list", "--json").output)
    assert {"all-is-well", "fails-and-is-called-back-twice"} <= {s["name"] for s in listed["scenarios"]}
    assert {"buys-once", "gives-back-once"} <= {p["id"] for p in listed["promises"]}
    assert "buys-once" in verify_gateway("--list").output


def test_nothing_is_played_about_callbacks_to_the_gateway_of_a_provider_that_calls_nobody_back():
    played = {name: choose_for_gateway("all", abilities=abilities(name)) for name in ("runway", "canonical")}
    assert {name: any(s.needs == "callback" for s in found) for name, found in played.items()} == {
        "runway": False,
        "canonical": True,
    }


@pytest.mark.parametrize(
    ("words", "restart", "restarted"),
    [
        ("quick", False, []),
        ("quick", True, ["restarted-while-polling"]),
        ("quick,-restarted-while-polling", True, []),
        ("restarted-while-polling", False, ["restarted-while-polling"]),
    ],
)
def test_scenarios_are_chosen_by_the_names_that_are_listed(words, restart, restarted):
    found = choose_for_gateway(words, restart=restart)
    assert [s.name for s in found if s.restart] == restarted


@contextlib.contextmanager
def running_gateway(upstream, key):
    with reserved_port() as port:
        env = {"UNDERSTUDY_URL": upstream, "UNDERSTUDY_API_KEY": key, "UNDERSTUDY_PORT": str(port)}
        process = subprocess.Popen([sys.executable, str(GATEWAY)], env=os.environ | env)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def test_gateway_and_provider_that_run_already_are_driven_where_they_are():
    with mock_server("canonical") as server, running_gateway(server.url, "the-gateways") as url:
        where = ("--upstream", server.url, "--gateway", url, "--keys", "one,two")
        result = verify_gateway("-q", *where, "--scenarios", "fails-late", "--late", "60", "--json")
    assert result.exit_code == 0, result.output
    assert [line[:4] for line in json.loads(result.output)["grid"][1:]] == [
        ["all-is-well", "2", "2", "2"],
        ["fails-late", "2", "0", "0"],
        ["all", "4", "2", "2"],
    ]


def test_every_report_has_the_ledger_and_the_broken_row(tmp_path):
    files = {form: tmp_path / f"card.{form}" for form in ("html", "json", "junit", "markdown")}
    reports = [word for form, file in files.items() for word in ("--report", f"{form}={file}")]
    command = (sys.executable, str(GATEWAY.with_name("mixes_accounts.py")))
    result = verify_gateway("-q", *reports, "--scenarios", "all-is-well", "--", *command)
    assert result.exit_code == 1, result.output
    texts = {form: file.read_text() for form, file in files.items()}
    assert all("accounts-apart" in text for text in texts.values())
    assert all("of nobody" in texts[form] for form in ("html", "json", "markdown"))
    assert "<svg" in texts["html"]


def test_baseline_lets_what_is_known_pass_and_tells_what_is_mended(tmp_path):
    baseline = tmp_path / "known.json"
    words = ("-q", "--scenarios", "all-is-well", "--task-seconds", "0.3", "--baseline", str(baseline))
    faulty = ("--", sys.executable, str(GATEWAY.with_name("mixes_accounts.py")))
    assert verify_gateway(*words, "--update-baseline", *faulty).exit_code == 0
    assert json.loads(baseline.read_text())["broken"] == ["accounts-apart/all-is-well"]
    again = verify_gateway(*words, *faulty)
    assert (again.exit_code, "broken, known  No account sees" in again.stdout) == (0, True), again.stdout
    better = verify_gateway(*words, "--", sys.executable, str(GATEWAY))
    gone = "no longer broken, remove from the baseline: accounts-apart/all-is-well"
    assert (better.exit_code, gone in better.stdout) == (0, True), better.stdout
    baseline.write_text('{"version": 1, "broken": ["submits-once/all-is-well"]}')
    assert str(verify_gateway(*words, *faulty).exception).startswith(f"{baseline}: no promise 'submits-once'")
