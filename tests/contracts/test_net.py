"""An error of ours is exit 4 with a traceback in a file, whatever the command; never a verdict."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from tests.mocks import mock_account

from understudy.contracts import cli
from understudy.contracts.cli import net, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

COMMAND = [sys.executable, "-m", "understudy.contracts.cli"]


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(rate=5.0) as running:
        yield running


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Exception]:
    """Each command ends with the exception in this list; files go to tmp_path."""
    errors: list[Exception] = [ZeroDivisionError("no\nluck")]

    def command(_: click.Context, __: str) -> click.Command:
        def callback() -> None:
            raise errors[0]

        return click.Command("any", callback=callback)

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda self, context, name: command(context, name))
    monkeypatch.setattr("sys.argv", ["understudy", "verify", "--api-key", "never-shown"])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["understudy", "verify"])
    return errors


def test_an_error_of_ours_is_one_line_a_file_and_exit_4(
    crash: list[Exception], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run() == 4
    [kept] = tmp_path.iterdir()
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"internal error (exit 4): ZeroDivisionError: no luck; the traceback is in {kept}" in said
    assert "raise errors[0]" in kept.read_text()


def test_a_full_disk_is_no_bug_to_report(
    crash: list[Exception], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crash[0] = OSError(errno.ENOSPC, "No space left on device", "run.har")
    assert cli.run() == 4
    assert capsys.readouterr().err == "understudy: run.har: No space left on device (exit 4)\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_output_that_nobody_can_read_is_no_success() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, "verify", "--list"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr


def test_an_error_in_the_middle_of_a_run_keeps_what_was_said(
    mock: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("in the middle")

    monkeypatch.setattr("understudy.contracts.runner.run._tell_plan", broken)
    har = tmp_path / "run.har"
    with pytest.raises(ZeroDivisionError):
        verify.verify.main([mock.url, "--har", str(har)], standalone_mode=False)
    assert "units spent so far: 0; nothing was judged" in capsys.readouterr().err
    assert verify.read_har(har).exchanges


def test_a_recording_that_cannot_be_written_does_not_cost_the_verdict(
    mock: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise verify.TargetError("cannot write: No space left on device", where="run.har")

    monkeypatch.setattr(verify, "write_har", full)
    with pytest.raises(SystemExit) as ended:
        verify.verify.main([mock.url, "--budget", "0", "--generated", "0", "--har", "run.har"])
    told = capsys.readouterr()
    assert "No space left on device" in told.err
    assert "kept" in told.out
    assert ended.value.code == net.INTERNAL_ERROR


@pytest.mark.parametrize("job", ["foreground", "background"])
def test_sigterm_says_what_was_spent_and_keeps_the_recording(job: str, tmp_path: Path) -> None:
    """In the background, too, where a script's shell has SIGINT ignored."""
    ignored = (lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if job == "background" else None
    har = tmp_path / "run.har"
    with mock_account(rate=1.0) as slow:
        slow.server.account(key="term-key-1").scenario("never-finish")
        given = ["--api-key", "term-key-1", "--har", str(har), "--budget", "2"]
        command = [*COMMAND, "verify", slow.url, *given]
        with subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=ignored,  # noqa: PLW1509 - one thread
        ) as process:
            assert process.stderr is not None
            process.stderr.readline()  # the plan: connections are open
            process.send_signal(signal.SIGTERM)
            rest = process.stderr.read()
            assert process.wait(timeout=20) == net.TERMINATED, rest
    assert "units spent so far:" in rest
    assert har.exists()
