"""The promises as a pytest suite, and the search through orders of requests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.broken_servers.bugs import BUGS
from tests.contracts.serving import serving
from tests.mocks import mock_account

from understudy.contracts.lifecycle import explore
from understudy.contracts.runner.options import Options
from understudy.contracts.target import read_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from understudy.contracts.handle import Account

TARGET = read_target("canonical")


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(rate=10.0) as running:
        yield running


def pytest_run(folder: Path, *arguments: str) -> tuple[int, str]:
    """pytest in a process of its own, with our plugin alone: loading the others takes longest."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("UNDERSTUDY_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rfs", "-p", "understudy.contracts.plugin", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    return done.returncode, done.stdout + done.stderr


SUITE = (
    "--pyargs",
    "understudy.contracts.suite",
    "--understudy-generated",
    "0",
    "--understudy-pace",
    "0.04",
    "--understudy-family",
    "multi-image2image",
)


def test_a_faithful_server_passes_the_suite(mock: Account, tmp_path: Path) -> None:
    code, said = pytest_run(tmp_path, *SUITE, "--understudy-url", mock.url, "--understudy-budget", "6",
                            "--understudy-explore", "3")  # fmt: skip
    assert code == 0, said
    counts = re.search(r"(\d+) passed, (\d+) skipped", said)
    assert counts is not None
    assert int(counts[1]) >= 60
    assert "not checked: no webhook secret" in said


def test_a_broken_server_fails_the_suite_with_the_evidence(mock: Account, tmp_path: Path) -> None:
    with serving(mock.url, BUGS["indexes-from-one"]) as url:
        code, said = pytest_run(tmp_path, *SUITE, "--understudy-url", url, "--understudy-budget", "6")
    assert code == 1
    assert "FAILED" in said
    assert "test_promise[result-indexes-multi-image2image]" in said
    assert "promised by specs/canonical/openapi.yaml:" in said
    assert "curl -sS" in said


def test_nobody_at_the_url_is_an_error_and_no_failure(tmp_path: Path) -> None:
    code, said = pytest_run(tmp_path, *SUITE, "--understudy-url", "http://127.0.0.1:9")
    assert code == 1
    assert " failed" not in said.splitlines()[-1]
    assert said.count("could not tell: http://127.0.0.1:9: connection refused") == 1
    assert "nothing was sent to be judged" in said


def test_without_a_url_everything_is_skipped(tmp_path: Path) -> None:
    code, said = pytest_run(tmp_path, *SUITE)
    assert code == 0
    assert "give --understudy-url URL" in said


def test_a_team_adds_its_own_promise(mock: Account, tmp_path: Path) -> None:
    (tmp_path / "test_ours.py").write_text(
        "def test_results_are_png(understudy_views):\n"
        "    [view] = understudy_views.values()\n"
        "    urls = [item['url'] for task in view.tasks for item in task.results]\n"
        "    assert urls and all('/multi' in u or u.startswith('http') for u in urls)\n"
    )
    code, said = pytest_run(
        tmp_path, "test_ours.py", "--understudy-url", mock.url, "--understudy-pace", "0.04",
        "--understudy-family", "multi-image2image", "--understudy-budget", "2",
    )  # fmt: skip
    assert code == 0, said
    assert "1 passed" in said


def options(url: str, units: int) -> Options:
    return Options(
        url=url, api_key="v-explorer", other_api_key="v-stranger", families=("multi-image2image",),
        budget=Decimal(units), pace=0.05, seed=1,
    )  # fmt: skip


def test_no_order_of_requests_breaks_a_faithful_server(mock: Account) -> None:
    explore(options(mock.url, 12), TARGET, examples=4, steps=20)


@pytest.mark.parametrize(
    ("bug", "promise"),
    [
        ("created-at-moves", "created-at-is-constant"),
        ("create-times-differ", "create-times-agree"),
        ("everybody-may-query", "other-account-cannot-query"),
        ("external-ids-are-not-found", "query-by-external-id"),
    ],
)
def test_a_search_finds_the_order_that_shows_a_bug(bug: str, promise: str, mock: Account) -> None:
    with serving(mock.url, BUGS[bug]) as url, pytest.raises(AssertionError, match=promise):
        explore(options(url, 40), TARGET, examples=10, steps=30)
