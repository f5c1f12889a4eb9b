"""`understudy specs list | show | portable`: what people read, and what programs read with --json."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from understudy.specs import library
from understudy.specs.cli.specs import specs as command
from understudy.specs.render.text import aligned, fitted


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments))
    assert (done.exit_code, done.exception) == (0, None)
    return done.stdout


def test_list_names_every_profile_with_its_title() -> None:
    first, rest = run("list").split("\n\n")
    assert first.splitlines() == [
        "canonical        Kling multi-image tasks, as the vendor promises them",
        "  chainhub       ChainHub",
        "  cometapi       CometAPI",
        "  kling          Kling (the vendor)",
        "  newapi         A gateway of the new-api family",
        "  powertokens    PowerTokens",
        "  yutoai         YutoAI",
    ]
    assert [line.split()[0] for line in rest.splitlines()] == list(library.apis())
    rows = {row["name"]: row["api"] for row in json.loads(run("list", "--json"))}
    assert (rows["chainhub"], rows["canonical"], rows["fal"]) == ("canonical", "canonical", "fal")


def test_show_gives_each_keyword_its_document_line_and_kind() -> None:
    lines = [line.split("|")[1:-1] for line in run("show", "chainhub").splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in row] for row in lines]
    assert ["n", "maximum", "9", "chainhub-multi-image2image.md:74", "prose"] in rows
    assert ["", "required", "true", "chainhub-multi-image2image.md:87", "declared"] in rows


def test_show_says_what_is_named_otherwise_unnamed_and_undocumented() -> None:
    assert "| scene_image (there: scence_image) " in run("show", "yutoai")
    assert "| scene_image (unnamed there; 99% sure) " in run("show", "powertokens")
    assert "POST /v1/images/multi-image2image, answer 200\n\nundocumented\n" in run("show", "chainhub")


def test_show_as_data_holds_the_same() -> None:
    shown = json.loads(run("show", "yutoai", "--json"))
    (operation,) = shown["operations"].values()
    scene = next(one for one in operation["request"] if one["field"] == "scene_image")
    assert scene == {
        "field": "scene_image",
        "name": "scence_image",
        "confidence": 1.0,
        "keywords": [
            {
                "keyword": "required",
                "value": False,
                "evidence": {"document": "yutoai-multi-image2image.txt", "line": 28, "kind": "declared"},
            },
            {
                "keyword": "type",
                "value": "string",
                "evidence": {"document": "yutoai-multi-image2image.txt", "line": 27, "kind": "declared"},
            },
        ],
    }
    assert [note["kind"] for note in shown["notes"]] == ["alias", "mend", "mend"]


def test_show_canonical_is_the_table_of_disagreements() -> None:
    assert run("show", "canonical").startswith("# Where the providers' documents disagree\n")
    assert json.loads(run("show", "canonical", "--json"))["openapi"] == "3.1.0"


def test_show_of_a_provider_without_documents_shows_its_conventions() -> None:
    assert '"unknown_task": "task_not_exist"' in run("show", "newapi")
    assert json.loads(run("show", "newapi", "--json"))["x-conventions"]["error"]["code"] == "word"


def test_portable_compares_those_that_are_named() -> None:
    found = json.loads(run("portable", "--json", "kling", "cometapi"))
    image = found["operations"]["POST /v1/images/multi-image2image"]
    assert image["providers"] == ["cometapi", "kling"]
    model = next(one for one in image["request"] if one["path"] == "model_name")
    assert (model["send"], model["schema"]["enum"]) == ("may", ["kling-v2-1"])
    assert "| `model_name` " in run("portable", "kling", "cometapi")


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "nobody"),
        ("portable", "kling", "nobody"),
        ("build", "--root", "/nonexistent"),
        ("import", "none.md", "--name", "x"),
    ],
)
def test_an_error_is_one_line_and_exit_code_2(arguments: tuple[str, ...], tmp_path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "understudy",
            "specs",
            *arguments,
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("understudy: ")
    assert done.stderr.count("\n") == 1


def test_a_table_that_is_too_wide_for_a_terminal_becomes_a_list() -> None:
    head, row = ("field", "a", "b", "c"), ("n", "integer, of some words", "integer, of some words", "")
    assert fitted(head, [row], 29) == [
        "n",
        "  a, b: integer, of some",
        "    words",
    ]
    assert fitted(head, [row], 200) == fitted(head, [row], 0) == aligned(head, [row])
