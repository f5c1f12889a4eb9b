"""`understudy demo`: the whole conversation, for every provider, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from understudy.contracts.demo.script import play
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import apis, profiles

if TYPE_CHECKING:
    from pathlib import Path

    from understudy.contracts.demo.script import DemoStep


def said(steps: list[DemoStep], kind: str) -> list[str]:
    return [line.text for step in steps for line in step.lines if line.kind == kind]


@pytest.mark.parametrize("provider", profiles())
def test_demo_plays_the_whole_conversation_with_any_provider(provider: str) -> None:
    steps = list(play(provider))
    answers = said(steps, "answer")

    assert len(said(steps, "callback")) >= 2
    assert any("image/" in text or "video/" in text for text in answers)
    assert any(text.startswith("Retry-After: ") for text in answers)
    assert any("failed" in text for text in answers)
    assert [text.split()[-1] for text in said(steps, "bad")] == ["[submits-once]"]
    assert any("1 unit paid for nothing" in text for text in said(steps, "quote"))


@pytest.mark.parametrize("provider", apis())
def test_demo_plays_every_described_api_to_the_end(provider: str) -> None:
    """Where an answer tells id and state in one place a client is graded, too; else it is said why not."""
    steps = list(play(provider))
    graded = [text.split()[-1] for text in said(steps, "bad")]
    assert any(text.startswith("Retry-After: ") for text in said(steps, "answer"))
    assert "And a task that fails" in [step.title for step in steps]
    assert graded == ["[submits-once]"] or "not plain" in steps[-1].title


def test_demo_refuses_an_unknown_provider_with_the_known_ones() -> None:
    with pytest.raises(UnderstudyError, match=r"'nobody'.*known: canonical"):
        list(play("nobody"))


def test_demo_writes_no_file_and_ends_no_line_in_an_escape_when_piped(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "understudy", "demo"]
    env = os.environ | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "understudy verify-client -- python your_client.py" in done.stdout
    assert list(tmp_path.iterdir()) == []
