"""A client that is a service stays, and is driven by a URL or a command; restarted, it goes on by itself."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.contracts.client.grading import graded

from understudy.contracts.cli import cli

SERVICE = Path(__file__).parents[3] / "fixtures" / "clients" / "service.py"
POST = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], b'').read())"
BY_URL = "http://127.0.0.1:{port}/generate"
BY_COMMAND = f"{shlex.quote(sys.executable)} -c {shlex.quote(POST)} {BY_URL}"


def grade(drive, scenarios, *words):
    fast = ["--task-seconds", "0.6", "--env", "POLL_SECONDS=0.2", "--env", "DEADLINE_SECONDS=120"]
    driven = ["--service", drive, "--scenarios", scenarios, "--timeout", "10"]
    code, card = graded(
        "verify-client", "-q", "--json", *fast, *driven, "--", sys.executable, SERVICE, *words
    )
    rows = {row["id"]: row for row in card["rows"]}
    return code, {name: row["text"] for name, row in rows.items() if row["verdict"] == "broken"}, rows


@pytest.mark.parametrize("drive", [BY_URL, BY_COMMAND])
def test_service_that_goes_on_after_a_restart_breaks_nothing(drive):
    restarts = "restarted-while-ordering,restarted-while-polling,restarted-after-the-end"
    code, broken, rows = grade(drive, f"poll-reset,{restarts}")
    assert (code, broken) == (0, {})
    kept = ("finishes", "recovers-from-reset", "resumes-after-a-restart")
    assert {name: rows[name]["verdict"] for name in kept} == dict.fromkeys(kept, "kept")


def test_service_that_forgets_what_it_paid_for_is_told_so():
    code, broken, _ = grade(BY_URL, "restarted-while-polling", "--forgetful")
    said = "restarted-while-polling: never asked about its task again: 1 unit abandoned"
    assert (code, broken) == (1, {"resumes-after-a-restart": said})


def test_what_a_url_answers_is_the_end_of_the_run():
    code, broken, rows = grade(BY_URL, "fails-late")
    assert (code, broken) == (0, {})
    assert rows["reports-failure-reason"]["text"].endswith("'Failure to pass the risk control system'")


def test_service_that_ends_by_itself_has_not_finished():
    """Whatever its exit code: there is nobody left to have the results."""
    once = "import os, urllib.request as u; u.urlopen(os.environ['UNDERSTUDY_URL'] + '/')"
    words = ["--service", "sleep 60", "--", sys.executable, "-c", once]
    done = CliRunner().invoke(cli, ["verify-client", "-q", *words])
    assert (done.exit_code, "It ended with exit code 1" in done.stderr) == (3, True), done.stderr
