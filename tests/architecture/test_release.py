"""What is published: an sdist and a wheel that are the same thing, and run where nothing else is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tests.architecture.builds import ROOT, build, content, unpack

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
long = pytest.mark.skipif(not os.environ.get("UNDERSTUDY_LONG"), reason="long: set UNDERSTUDY_LONG=1")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", tmp_path_factory.mktemp("sdist"))


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_wheel_of_the_sdist_is_the_wheel_of_the_checkout(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    again = build("wheel", tmp_path, unpack(sdist, tmp_path))
    assert content(again) == content(wheel)


def test_checkout_without_symbolic_links_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """As git makes one on Windows: each link is a text file."""
    copy = tmp_path / "checkout"
    for name in ("specs", "mockserver", "contracts", ".package", ".docs"):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    links = [path for path in (copy / ".package" / "understudy").iterdir() if path.is_symlink()]
    assert len(links) == 3
    for link in links:
        target = str(link.readlink())
        link.unlink()
        link.write_text(target)
    assert content(build("wheel", tmp_path, copy)) == content(wheel)


def test_wheel_runs_from_a_folder_with_nothing_of_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """With the dependencies of this environment; `test_installer_gives_a_working_command` has its own."""
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    shutil.unpack_archive(wheel, site, "zip")
    path = {"PYTHONPATH": str(site)}
    understudy = (sys.executable, "-m", "understudy")

    version = run(*understudy, "--version", cwd=empty, **path)
    where = run(sys.executable, "-c", "import understudy; print(understudy.__file__)", cwd=empty, **path)
    shown = run(*understudy, "specs", "show", "kling", cwd=empty, **path)
    drifted = run(*understudy, "drift", "canonical", "chainhub", "--report", "json", cwd=empty, **path)

    assert version.stdout == f"understudy, version {PROJECT['version']}\n"
    assert where.stdout.startswith(str(site))
    assert shown.returncode == 0, shown.stderr
    assert json.loads(drifted.stdout), drifted.stderr


def test_version_stands_in_one_place() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.py", "*.toml", "*.yml", "*.yaml"], cwd=ROOT, capture_output=True, text=True
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    quoted = re.compile(rf'[vV]ersion\S* *[=:] *"?{re.escape(PROJECT["version"])}"?(?![.\d])')
    places = [path for path in tracked.stdout.splitlines()
              if (ROOT / path).is_file() and quoted.search((ROOT / path).read_text())]  # fmt: skip
    assert [path for path in places if not path.startswith(("specs/providers", "fixtures"))] == [
        "pyproject.toml"
    ]


def test_changelog_ends_with_the_version_that_is_built() -> None:
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / ".docs" / "CHANGELOG.md").read_text())
    assert headings[0].split()[0] == PROJECT["version"]
    assert len(headings) == len(set(headings))


def licences(name: str, seen: dict[str, str]) -> dict[str, str]:
    """A distribution and all that it needs here -> what its metadata say of its licence."""
    for need in metadata.distribution(name).requires or ():
        requirement = Requirement(need)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if requirement.name not in seen:
            told = metadata.metadata(requirement.name)
            rows = [row for row in told.get_all("Classifier", []) if row.startswith("License")]
            seen[requirement.name] = " ".join(
                [told.get("License-Expression") or told.get("License") or "", *rows]
            )
            licences(requirement.name, seen)
    return seen


def test_security_page_names_what_is_under_a_licence_that_asks_for_more() -> None:
    asking = re.compile(r"\bMPL\b|Mozilla|\bA?L?GPL|EUPL|CDDL", re.IGNORECASE)
    found = licences("understudy", {})
    page = (ROOT / ".github" / "SECURITY.md").read_text(encoding="utf-8")
    [sentence] = re.findall(r"used as they are published: (.+)\.", page)
    named = sentence.replace("and part of ", "").split(", ")
    assert sorted(name for name, said in found.items() if asking.search(said)) == sorted(named)
    assert sorted(name for name, said in found.items() if not said.strip()) == []


def pip(wheel: Path, home: Path) -> Path:
    venv.create(home / "venv", with_pip=True)
    done = run(home / "venv/bin/pip", "install", "-q", wheel, cwd=home)
    assert done.returncode == 0, done.stderr
    return home / "venv/bin/understudy"


def uv_tool(wheel: Path, home: Path) -> Path:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert uv is not None
    env = {"UV_TOOL_DIR": str(home / "tools"), "UV_TOOL_BIN_DIR": str(home / "bin")}
    done = run(uv, "tool", "install", "-q", "--python", sys.executable, wheel, cwd=home, **env)
    assert done.returncode == 0, done.stderr
    return home / "bin/understudy"


def pipx(wheel: Path, home: Path) -> Path:
    env = {"PIPX_HOME": str(home / "pipx"), "PIPX_BIN_DIR": str(home / "bin")}
    command = (sys.executable, "-m", "pipx", "install", "--python", sys.executable, wheel)
    done = run(*command, cwd=home, **env)
    assert done.returncode == 0, done.stderr
    return home / "bin/understudy"


@long
@pytest.mark.parametrize("installer", [pip, uv_tool, pipx])
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_installer_gives_a_working_command(
    installer: type, kind: str, wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    """From an empty folder, with dependencies of its own from the package index."""
    command = installer(wheel if kind == "wheel" else sdist, tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run(command, "demo", cwd=empty)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(empty.iterdir()) == []


def test_long_form_tests_every_python_that_is_promised() -> None:
    named = {row.split(" :: ")[-1] for row in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", row)}
    pythons = re.search(r'(?m)^pythons="(.+)"$', (ROOT / ".ci" / "long").read_text())
    assert pythons is not None
    assert named == {PROJECT["requires-python"].removeprefix(">="), *pythons.group(1).split()}
