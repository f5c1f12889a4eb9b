"""`--report FORMAT=FILE` and `--har FILE`: folders are made, as pytest does; what cannot be is told first.

"First" means before money is spent, a client is run, or time is lost.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from understudy import mock_server
from understudy.contracts.cli import cli
from understudy.specs.errors import UnderstudyError
from understudy.specs.report import make_way, parse_targets, prepared

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = (sys.executable, "-c", "raise SystemExit('the client was run')")
COMMANDS = {
    "verify": ("verify", "URL", "--report", "html=FILE"),
    "verify --har": ("verify", "URL", "--har", "FILE"),
    "verify-client": ("verify-client", "--scenarios", "all-is-well", "--report", "html=FILE", "--", *CLIENT),
    "drift": ("drift", "canonical", "chainhub", "--report", "html=FILE"),
    "record": ("record", "URL", "--port", "0", "--report", "html=FILE"),
    "record --har": ("record", "URL", "--port", "0", "--har", "FILE"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_done(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    wrong = tmp_path / "file" / "below" / "report.html"
    with mock_server("canonical") as server:
        account = server.account()
        filled = [w.replace("URL", server.url).replace("FILE", str(wrong)) for w in words]
        result = CliRunner().invoke(cli, filled, env={"UNDERSTUDY_API_KEY": account.api_key})
        asked = account.journal
    assert isinstance(result.exception, UnderstudyError), result.output
    assert (result.exception.where, result.exception.what.split(":")[1]) == (str(wrong), " Not a directory")
    assert asked == []


def test_folders_are_made_and_nothing_else_is_touched(tmp_path: Path) -> None:
    old, new = tmp_path / "old.xml", tmp_path / "a" / "b" / "new.html"
    old.write_text("as it was")
    targets = parse_targets([f"junit={old}", f"html={new}", "terminal"])
    assert prepared(targets) == targets
    assert (old.read_text(), new.parent.is_dir(), new.exists()) == ("as it was", True, False)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    with pytest.raises(UnderstudyError, match=f"cannot write the report: {file} is no folder"):
        make_way(file / "report.html")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="cannot write the conversation: Is a directory"):
        make_way(tmp_path, "the conversation")
