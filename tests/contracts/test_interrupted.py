"""Ctrl-C is nobody's broken promise: exit code 130, one line, and what was spent is told."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from contracts.cli import cli
from mockserver.server import understudy_server

UNDERSTUDY = str(Path(sys.executable).parent / "understudy")


def test_an_interrupted_run_tells_what_was_spent_and_accuses_nobody() -> None:
    with understudy_server(pace="realistic") as mock:
        command = [UNDERSTUDY, "verify", mock.url, "--family", "multi-image2image", "--generated", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr
            plan = running.stderr.readline()
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=30)
    assert "for at most 10 units" in plan
    assert running.returncode == 130
    assert out == ""
    assert "units spent so far: " in err
    assert err.endswith("understudy: interrupted\n")
    assert "Traceback" not in err


def test_a_mistyped_command_is_answered_with_the_near_one() -> None:
    result = CliRunner().invoke(cli, ["verfy"])
    assert (result.exit_code, "Did you mean 'verify'?" in result.output) == (2, True)
