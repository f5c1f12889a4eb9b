"""A conversation with an API that a description describes is recorded, judged and played back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.mockserver.described.test_every_api import Client

from understudy.contracts.record.recording import called_at
from understudy.contracts.testing import mock_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A task is polled at an address that the answer gives, at one with variables, by a query, by either.
NAMES = ["replicate", "fal", "minimax", "bfl"]


@contextmanager
def understudy(folder: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """(URL, process) of a command that prints its URL."""
    command = [sys.executable, "-m", "understudy.contracts.cli", *words, "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"], process
        finally:
            process.send_signal(signal.SIGINT)


def conversation(name: str, url: str) -> list[Any]:
    """What a client sees that creates a task, follows it by path, and fetches its result."""
    client = Client(name, url)
    client.create()
    seen: list[Any] = [str(client.state()) for _ in range(2)]
    results = client.axes.results
    if results is not None:
        seen.append(client.call(results.call)[0])
    return seen


@pytest.mark.parametrize("name", NAMES)
def test_conversation_is_recorded_judged_and_played_back(name: str, tmp_path: Path) -> None:
    with mock_server(name, pace="after 2 polls") as server:
        words = ("record", server.url, "-p", name, "--har", "run.har", "-q", "--report", "json=report.json")
        with understudy(tmp_path, *words) as (recorder, process):
            seen = conversation(name, recorder)
        assert process.returncode == 0
    report = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert seen[:2] == ["running", "success"]
    assert '"status-moves-forward"' in report
    with understudy(tmp_path, "serve", "--replay", "run.har") as (played, _):
        assert conversation(name, played) == seen


@pytest.mark.parametrize(
    ("template", "path", "variables"),
    [
        ("/v1/tasks/{id}", "/v1/tasks/a%2Fb", {"id": "a/b"}),
        ("/{owner}/{model}/{rest*}", "/o/m/r/s", {"owner": "o", "model": "m", "rest": "r/s"}),
        ("/v1/models/{model}:run", "/v1/models/veo:run", {"model": "veo"}),
        ("/v1/tasks/{id}", "/v1/tasks/7/cancel", None),
        ("/v1/tasks", "/v1/tasks/7", None),
    ],
)
def test_path_has_the_variables_of_its_template(
    template: str, path: str, variables: dict[str, str] | None
) -> None:
    assert called_at(template, path) == variables
