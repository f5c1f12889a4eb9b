"""No text from a provider or a document steers a terminal: what commands print goes one way."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from understudy.contracts.cli import cli, run
from understudy.specs import say as say_module
from understudy.specs.harmless import escaped, printable
from understudy.specs.say import say, say_json

ROOT = Path(__file__).parents[2]
# A title, a cleared screen, a line turned around, C1's own "escape [".
ESCAPES = "\x1b]0;title\x07\x1b[2J\u202e\x9b31m"
PAGE = (ROOT / "fixtures/docs/chainhub-multi-image2video.md").read_text()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A provider whose page has escapes in a field's name and in its prose."""
    root = tmp_path_factory.mktemp("hostile")
    page = root / "page.md"
    page.write_text(re.sub("negative_prompt|Kling", lambda found: found[0] + ESCAPES, PAGE))
    done = CliRunner().invoke(cli, ["specs", "import", str(page), "--name", "hostile", "--root", str(root)])
    assert done.exit_code == 0, done.output
    assert printable(done.output) == done.output
    return root / "specs/providers/hostile"


@pytest.mark.parametrize(
    "command",
    [
        "specs show {}", "specs show {} --json",
        "specs portable {} canonical", "specs portable {} canonical --json",
        "verify --list --provider {}", "verify --list --provider {} --json",
        "drift canonical {}/openapi.yaml", "drift canonical {}/openapi.yaml --json",
        "drift {}/openapi.yaml nothing\u202e.yaml",
    ],
)  # fmt: skip
def test_command_shows_no_escape_of_a_document(command: str, provider: Path) -> None:
    done = CliRunner().invoke(cli, command.format(provider).split(" "))
    shown = done.output + str(done.exception or "")
    assert printable(done.output) == done.output
    assert len(shown) > 20


@pytest.mark.parametrize(
    "words",
    [
        [f"serve{ESCAPES}"],
        [f"--{ESCAPES}"],
        ["serve", f"--{ESCAPES}"],
        ["serve", "--port", ESCAPES],
        ["serve", f"{ESCAPES}"],
        ["serve", "--provider", ESCAPES],
        ["verify", ESCAPES],
        ["drift", ESCAPES, ESCAPES],
        ["specs", "show", ESCAPES],
    ],
    ids=" ".join,
)
def test_complaint_about_what_was_typed_shows_none_of_its_escapes(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed may have been copied from a page, or be a file's name."""
    monkeypatch.setattr("sys.argv", ["understudy", *words])
    assert run() == 2
    shown = capsys.readouterr().err
    assert printable(shown) == shown
    assert len(shown) > 20


def test_text_keeps_its_length_and_json_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"a{ESCAPES}b")
    say_json({"a": ESCAPES})
    text, *_ = capsys.readouterr().out.splitlines()
    assert (len(text), printable(text)) == (len(ESCAPES) + 2, text)


@pytest.mark.parametrize("indent", [2, None])
def test_json_is_the_same_in_however_many_parts_it_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, indent: int | None
) -> None:
    value = {"a": [1, 2.5, None, {"b\u202e": "x\u0000y\n"}], "c": {}, "d": [], "e": "日本", "f": Path("g")}
    monkeypatch.setattr(say_module, "PARTS", 3)
    say_json(value, indent=indent)
    whole = json.dumps(value, indent=indent, ensure_ascii=False, default=str)
    assert capsys.readouterr().out == escaped(whole) + "\n"


def test_every_command_prints_the_one_way() -> None:
    """`live` draws on a stream of its own, through the same function."""
    own = {"specs/say.py", "specs/report/live.py"}
    files = [
        path for package in ("specs", "contracts", "mockserver") for path in (ROOT / package).rglob("*.py")
    ]
    direct = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if re.search(r"\bclick\.s?echo\(", path.read_text())
    ]
    assert sorted(set(direct) - own) == []
