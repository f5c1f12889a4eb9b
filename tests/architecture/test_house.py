"""The house rules that a machine can check: the tree, the data rule, the light start."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGES = ("specs", "mockserver", "contracts")
TOP_LEVEL = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "specs",
    "mockserver",
    "contracts",
    "fixtures",
    "tests",
}
SOURCES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def test_top_level_holds_nothing_beside_what_the_design_names() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert sorted(name for name in top - TOP_LEVEL if not name.startswith(".")) == []
    assert "pyproject.toml" in top


def families() -> set[str]:
    promise = yaml.safe_load((ROOT / "specs/providers/kling/promise.yaml").read_text())
    tasks = [op["x-task"] for path in promise["paths"].values() for op in path.values() if "x-task" in op]
    return {task["family"] for task in tasks}


def data_words() -> set[str]:
    """Words that belong in specs/ as data: families, paths, model names, providers' own fields."""
    return families() | {"subject_image", "scence_image", "kling-v", "/v1/images", "/v1/videos", "SUCCEED"}


def code_only(source: str) -> str:
    """The source without comments and docstrings: examples in prose may name what they like."""
    source = re.sub(r'"""(?:.|\n)*?"""', "", source)
    return re.sub(r"(?m)#.*$", "", source)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_knows_a_provider_s_data(path: Path) -> None:
    code = code_only(path.read_text())
    assert sorted(word for word in data_words() if word in code) == []


def test_the_data_rule_would_notice_a_planted_family() -> None:
    assert "multi-image2image" in code_only('FAMILY = "multi-image2image"  # planted')
    assert families() >= {"multi-image2image", "multi-image2video"}


HEAVY = ("schemathesis", "hypothesis", "PIL", "pytest", "rich", "jsonpath")


@pytest.mark.parametrize("module", ["contracts.cli", "mockserver.cli", "mockserver.server", "mockserver.app"])
def test_serve_starts_light(module: str) -> None:
    """The import path of `understudy serve` loads nothing that it does not need before the first answer."""
    program = f"import sys, {module}; print(*sorted(set(sys.modules) & {set(HEAVY)!r}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""
