"""--report, --json and --open: one style for every command, told the same way in each report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from understudy.contracts.cli import cli
from understudy.contracts.testing import mock_server

CLIENT = "import urllib.request as u, os; u.urlopen(os.environ['UNDERSTUDY_URL'])"
# A browser that writes down which page it was given.
BROWSER = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
REPORTING = ("verify", "verify-client", "verify-gateway", "drift", "record")


@pytest.mark.parametrize("command", REPORTING)
def test_every_command_with_a_report_takes_the_same_options(command: str) -> None:
    shown = CliRunner().invoke(cli, [command, "--help"]).stdout
    assert [name for name in ("--report FORMAT[=FILE]", "--json", "--open") if name not in shown] == []


def test_verify_prints_its_report_as_data_with_seed_times_and_exit_code() -> None:
    with mock_server("canonical") as server:
        words = [
            "verify",
            server.url,
            "--budget",
            "0",
            "--seed",
            "7",
            "--only",
            "unknown-task-refused",
            "--json",
        ]
        result = CliRunner().invoke(cli, words, env={"UNDERSTUDY_API_KEY": "k", "GITHUB_ACTIONS": "true"})
    told = json.loads(result.stdout)["invocation"]
    assert (told["seed"], told["exit_code"], set(told["versions"]) >= {"understudy", "Python"}) == (
        7,
        0,
        True,
    )
    assert (
        told["command"]
        == f"understudy verify {server.url} --budget 0 --seed 7 --only unknown-task-refused --json"
    )
    assert told["began"] <= told["ended"]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("verify", "--list", "--json"), {"id", "area", "operation", "cost", "sentence", "source"}),
        (("specs", "list", "--json"), {"name", "title", "folder"}),
    ],
)  # fmt: skip
def test_tables_are_data_on_request(words: tuple[str, ...], keys: set[str]) -> None:
    rows = json.loads(CliRunner().invoke(cli, words).stdout)
    assert rows
    assert all(keys <= set(row) for row in rows)


def test_the_scenarios_for_clients_are_data_on_request() -> None:
    data = json.loads(CliRunner().invoke(cli, ["verify-client", "--list", "--json"]).stdout)
    assert set(data) == {"scenarios", "promises"}
    assert {"name": "all-is-well"}.items() <= data["scenarios"][0].items()


def test_a_build_says_what_it_would_write_as_data() -> None:
    result = CliRunner().invoke(cli, ["specs", "build", "--check", "--json"])
    data = json.loads(result.stdout)
    assert (result.exit_code, data["stale"]) == (0, [])
    assert data["files"] > 0


@pytest.mark.parametrize("file", ["given", "temporary"])
def test_open_shows_the_page_in_a_browser(file: str, tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser.py", tmp_path / "opened"
    browser.write_text(BROWSER)
    words = ["drift", "canonical", "chainhub", "--fail-on", "never", "--open"]
    words += ["--report", f"html={tmp_path / 'page.html'}"] if file == "given" else []
    env = os.environ | {
        "BROWSER": f"{sys.executable} {browser} {opened} %s",
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", "understudy", *words]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60)
    page = Path(opened.read_text().removeprefix("file://"))
    assert page == (tmp_path / "page.html" if file == "given" else page)
    assert page.is_relative_to(tmp_path)
    assert "<title>Drift from canonical to chainhub</title>" in page.read_text()
    assert result.stderr.endswith(f"opened {page}\n")
