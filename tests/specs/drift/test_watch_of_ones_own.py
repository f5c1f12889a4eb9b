"""A provider that was imported into one's own folder is watched there, wherever the package is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from understudy.specs.cli.drift import drift
from understudy.specs.cli.specs import specs

PAGE = Path(__file__).parents[3] / "fixtures" / "docs" / "chainhub-multi-image2video.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a page, and the provider that was imported from it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(PAGE, tmp_path / "page.md")
    imported = CliRunner().invoke(specs, ["import", "page.md", "--name", "acme"])
    assert imported.exit_code == 0, imported.output
    return tmp_path


def watch(*arguments: str) -> Any:
    return CliRunner().invoke(drift, ["--watch", "acme", *arguments])


def test_an_unchanged_page_is_no_drift(folder: Path) -> None:
    result = watch()
    assert (result.exit_code, "cannot read" in result.output) == (0, False), result.output


def test_a_changed_page_is_drift(folder: Path) -> None:
    page = folder / "page.md"
    page.write_text(page.read_text().replace("2500", "1500"))
    result = watch("--json")
    assert result.exit_code == 1, result.output
    assert "request-max-length-decreased" in json.dumps(json.loads(result.output))


def test_a_provider_of_ones_own_is_compared_with_its_past(folder: Path) -> None:
    """Its repository does not hold the canonical spec that it is laid over: that is today's."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["tag", "v1"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    page = folder / "page.md"
    page.write_text(page.read_text().replace("2500", "1500"))
    assert CliRunner().invoke(specs, ["import", "page.md", "--name", "acme"]).exit_code == 0
    result = CliRunner().invoke(drift, ["acme@v1", "acme", "--json"])
    assert [f["rule"] for f in json.loads(result.output)["findings"]] == ["request-max-length-decreased"]
