"""Ctrl-C is nobody's broken promise: exit code 130, one line, and what was spent is told."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from click.testing import CliRunner
from tests.mocks import mock_account

from understudy.contracts.cli import cli

UNDERSTUDY = str(Path(sys.executable).parent / "understudy")


def wait_for_tasks(url: str) -> None:
    """Until the mock has a task of anybody."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with urllib.request.urlopen(f"{url}/__understudy__/journal") as answer:
            if any(e["operation"] == "create" and e["status"] == 200 for e in json.load(answer)):
                return
        time.sleep(0.05)
    raise AssertionError("no task was created")


def test_an_interrupted_run_tells_what_was_spent_and_accuses_nobody(tmp_path: Path) -> None:
    with mock_account(pace="realistic") as mock:
        har = tmp_path / "run.har"
        command = [UNDERSTUDY, "verify", mock.url, "--family", "multi-image2image", "--generated", "0"]
        command += ["--har", str(har)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr
            plan = running.stderr.readline()
            wait_for_tasks(mock.url)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
    assert "for at most 9 units" in plan
    assert running.returncode == 130
    assert out == ""
    assert re.match(r"units spent so far: [1-9]; nothing was judged; tasks that run go on", err)
    assert err.endswith("understudy: interrupted\n")
    assert "Traceback" not in err
    again = CliRunner().invoke(cli, ["verify", "--replay", str(har)])
    assert (again.exit_code, "stopped: interrupted" in again.stdout) == (3, True)


def test_an_interrupted_look_at_a_live_provider_tells_what_was_spent() -> None:
    with mock_account("chainhub", pace="realistic") as mock:
        command = [UNDERSTUDY, "drift", "chainhub", "--live", mock.url, "--budget", "4"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            wait_for_tasks(mock.url)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
    assert (running.returncode, out, "Traceback" in err) == (130, "", False)
    assert re.search(r"units spent so far: [1-9]; nothing was judged\n", err)


def test_a_mistyped_command_is_answered_with_the_near_one() -> None:
    result = CliRunner().invoke(cli, ["verfy"])
    assert (result.exit_code, "Did you mean 'verify'?" in result.output) == (2, True)
