"""Every kind of trouble that public reports show keeps its test, and those of two further situations."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CASES = TESTS.parents[1] / "shared" / "cases" / "behaviour"
TOLD = tomllib.loads((TESTS / "architecture" / "reported_situations.toml").read_text())
SITUATIONS, ASKED_FOR = TOLD["situation"], TOLD["asked_for"]
ENTRY = re.compile(r"(?P<path>[\w/.]+)::(?P<test>\w+)(?: \[(?:(?P<beside>\.\./[\w/.]+): )?(?P<row>.+)\])?")


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def missing(entry: str) -> str:
    """What an entry names that is not there; "" for nothing."""
    told = ENTRY.fullmatch(entry)
    if told is None:
        return f"{entry} is no path::test"
    if not (TESTS / told["path"]).is_file() or told["test"] not in names_in(told["path"]):
        return f"there is no {told['path']}::{told['test']}"
    rows = TESTS / (told["beside"] or told["path"])
    if told["row"] and told["row"] not in rows.read_text(encoding="utf-8"):
        return f"{told['test']} has no row {told['row']}"
    return ""


@pytest.mark.parametrize("situation", SITUATIONS, ids=[one["kind"] for one in SITUATIONS])
def test_kind_has_the_tests_that_it_names(situation: dict) -> None:
    entries = [situation["shown"], *situation["further"]]
    assert [what for entry in entries if (what := missing(entry))] == []
    assert len(set(entries)) == len(entries) >= 3


@pytest.mark.parametrize("one", ASKED_FOR, ids=[one["what"] for one in ASKED_FOR])
def test_what_is_asked_for_in_vain_is_reproduced_by_the_tests_that_it_names(one: dict) -> None:
    assert [what for entry in one["tests"] if (what := missing(entry))] == []
    assert one["tests"]


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not part of the repository")
def test_every_shared_case_stands_for_a_kind() -> None:
    shared = {folder.name for folder in CASES.iterdir() if (folder / "run.sh").exists()}
    assert {one["case"] for one in SITUATIONS if "case" in one} == shared


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("architecture/test_reported_situations.py::test_gone", "there is no architecture/"),
        ("architecture/none.py::test_kind", "there is no architecture/none.py::test_kind"),
        ("architecture/test_reported_situations.py::test_kind_has_the_tests_that_it_names [ro" + "w]", ""),
        (
            "architecture/test_layers.py::test_layers_are_kept [no such row]",
            "test_layers_are_kept has no row",
        ),
        ("test_layers_are_kept", "test_layers_are_kept is no path::test"),
    ],
)
def test_entry_that_names_nothing_is_found(entry: str, what: str) -> None:
    assert missing(entry).startswith(what)
    assert bool(missing(entry)) == bool(what)
