"""A family that the provider's documents never mention is nobody's promise: it is asked only by name."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from tests.mocks import mock_account

from understudy.contracts.cli.drift import drift
from understudy.contracts.cli.verify import verify
from understudy.contracts.har import read_har
from understudy.contracts.target import read_target
from understudy.specs.cli.specs import specs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

PAGE = Path(__file__).parents[2] / "fixtures" / "docs" / "chainhub-multi-image2image.md"
IMAGES, VIDEOS = "multi-image2image", "multi-image2video"
OTHERS = [family.name for family in read_target("canonical").families if family.name != IMAGES]
LEFT_OUT = f"not documented by acme: {', '.join(OTHERS)}"


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(pace="fast", rate=5.0) as running:
        yield running


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a provider whose only page is about images."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(PAGE, tmp_path / "page.md")
    imported = CliRunner().invoke(specs, ["import", "page.md", "--name", "acme"])
    assert imported.exit_code == 0, imported.output
    return tmp_path


def held(mock: Account, folder: Path, *arguments: str) -> tuple[Result, set[str]]:
    """What the command prints, and the families that were asked."""
    given = [mock.url, "--provider", "acme", "--generated", "0", "--pace", "0.04", "--har", "run.har"]
    result = CliRunner().invoke(verify, [*given, *arguments], env={"UNDERSTUDY_API_KEY": ""})
    asked = read_har(folder / "run.har").exchanges
    return result, {name for e in asked for name in re.findall(r"/v1/\w+/([\w-]+)", e.request.url)}


@pytest.mark.parametrize("budget", ["0", "4"])
def test_a_family_that_is_not_documented_is_neither_asked_nor_bought(
    mock: Account, acme: Path, budget: str
) -> None:
    result, asked = held(mock, acme, "--budget", budget)
    assert asked == {IMAGES}
    assert re.findall(r"not documented.*", result.output) == [
        f"{LEFT_OUT}; --family NAME asks one all the same"
    ]


def test_a_family_that_is_named_is_asked_all_the_same(mock: Account, acme: Path) -> None:
    result, asked = held(mock, acme, "--budget", "0", "--family", VIDEOS)
    assert asked == {VIDEOS}
    assert "not documented by acme" not in result.output


def test_drift_asks_a_live_provider_only_for_what_is_documented(mock: Account, acme: Path) -> None:
    result = CliRunner().invoke(drift, ["acme", "--live", mock.url], env={"UNDERSTUDY_API_KEY": ""})
    assert re.findall(r"not asked: (.*documented.*)", result.output) == [LEFT_OUT]
    assert f"/{VIDEOS}" not in result.output.replace(LEFT_OUT, "")


def test_what_was_sent_where_the_api_was_not_is_no_witness() -> None:
    """CometAPI answers below /cometapi/kling; above it are refusals, of which no document says anything."""
    with mock_account(profiles=("chainhub", "cometapi"), pace="fast") as server:
        command = ["chainhub", "--live", f"{server.url}/cometapi", "--all"]
        result = CliRunner().invoke(drift, command, env={"UNDERSTUDY_API_KEY": ""})
    assert result.output.count("the API answers below") == 1
    assert 'code: "0" is not of type "integer"' in result.output
    assert "does not exist: /cometapi/v1/" not in result.output
