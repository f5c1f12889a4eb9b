"""`understudy … | head -1` ends quietly: without noise, and never with 1 ("a promise is broken")."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.mocks import mock_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

UNDERSTUDY = (sys.executable, "-m", "understudy.contracts.cli")
CLIENTS = Path(__file__).parents[2] / "fixtures" / "clients"
LEFT = 141


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(pace="fast") as running:
        yield running


def unread(*words: str, errors_too: bool = False) -> tuple[int, str]:
    """Exit code and standard error of a command whose output nobody reads."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [*UNDERSTUDY, *words],
            stdout=write,
            stderr=write if errors_too else subprocess.PIPE,
            text=True,
            timeout=60,
            env={**os.environ, "UNDERSTUDY_API_KEY": ""},
        )
    finally:
        os.close(write)
    return done.returncode, done.stderr or ""


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("verify", "--help"),
        ("verify", "--list"),
        ("drift", "canonical", "chainhub"),
        ("drift", "canonical", "chainhub", "--report", "json"),
        ("specs", "show", "chainhub"),
        ("verify-client", "--scenarios", "all-is-well", "--", sys.executable, str(CLIENTS / "careful.py")),
    ],
    ids=lambda words: " ".join(words)[:30],
)
def test_a_reader_that_leaves_ends_the_command_quietly(words: tuple[str, ...]) -> None:
    code, said = unread(*words)
    assert (code, "Traceback" in said, "Exception ignored" in said) == (LEFT, False, False), said


def test_verify_ends_quietly_too_and_says_its_plan_where_somebody_listens(mock: Account) -> None:
    family = ("--family", "multi-image2image")
    code, said = unread("verify", mock.url, "--budget", "0", "--generated", "0", *family)
    assert code == LEFT
    assert [line.split(",")[0] for line in said.splitlines()] == ["about 85 free requests"]


def test_record_keeps_its_file_all_the_same(mock: Account, tmp_path: Path) -> None:
    file = tmp_path / "run.har"
    assert unread("record", mock.url, "--port", "0", "-o", str(file)) == (LEFT, "")
    assert file.exists()


def test_standard_error_may_be_the_pipe_that_nobody_reads(mock: Account) -> None:
    assert unread("verify", mock.url, "--budget", "0", "--generated", "0", errors_too=True) == (LEFT, "")
    assert unread("verify", "ftp://wrong", errors_too=True) == (LEFT, "")


def test_a_closed_output_is_no_reason_to_fail() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{' '.join(UNDERSTUDY)} verify --list >&-"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pipe_that_is_read_gets_everything() -> None:
    done = subprocess.run([*UNDERSTUDY, "verify", "--list"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("]\n")
    assert len(done.stdout.splitlines()) > 60
