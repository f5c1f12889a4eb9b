"""The helper package for Node: made from the control plane's document, and its examples run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.docs.readme import ROOT

from understudy.mockserver.control.document import control_document

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = ROOT / "fixtures/clients/node"
MADE = ("control.mjs", "control.d.mts")
NODE, NPM, CHROMIUM = shutil.which("node"), shutil.which("npm"), shutil.which("chromium")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def run(
    *command: str, cwd: Path, seconds: float = 240, programs: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The end of a command; `programs` is a folder whose programs are found first."""
    path = [*([str(programs)] if programs else []), str(Path(sys.executable).parent), os.environ["PATH"]]
    env = os.environ | {"PATH": ":".join(path), "NO_COLOR": "1"}
    env.pop("FORCE_COLOR", None)
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=seconds)


def test_helpers_are_what_the_generator_makes_of_the_document(tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(control_document()))
    done = run("node", str(PACKAGE / "generate.mjs"), str(document), str(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stale = [n for n in MADE if (tmp_path / n).read_text() != (PACKAGE / "understudy" / n).read_text()]
    assert stale == [], "node fixtures/clients/node/generate.mjs URL makes them anew"


def test_generator_without_a_document_says_how_it_is_called(tmp_path: Path) -> None:
    done = run("node", str(PACKAGE / "generate.mjs"), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "usage: node generate.mjs URL|FILE [FOLDER]\n")


def test_example_without_packages_passes(tmp_path: Path) -> None:
    done = run("node", "--test", "--test-reporter=tap", "client.test.mjs", cwd=PACKAGE)
    assert "# pass 4" in done.stdout, done.stdout + done.stderr


def test_mock_that_cannot_start_says_why(tmp_path: Path) -> None:
    script = (
        f'import {{ startMock }} from "{PACKAGE}/understudy/index.mjs";'
        'for (const [args, options] of [[["--provider", "nobody"], {}], [[], { command: "no-such" }]])'
        "  await startMock(args, options).catch((error) => console.log(error.message));"
    )
    done = run("node", "--input-type=module", "-e", script, cwd=tmp_path)
    first, second = done.stdout.splitlines()
    assert first.startswith("understudy serve ended with 2: understudy: unknown provider 'nobody'")
    assert second.startswith("cannot start no-such: ")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The package in a folder of its own, with its development packages: a runner of its scripts."""
    folder = tmp_path_factory.mktemp("package") / "node"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("node_modules"))
    if NPM is None:
        pytest.skip("npm is not installed")
    done = run("npm", "install", "--no-audit", "--no-fund", cwd=folder)
    if done.returncode:
        pytest.skip(f"npm cannot install packages here: {done.stderr.strip()[-200:]}")
    return lambda *command: run(*command, cwd=folder)


def test_example_for_vitest_passes(installed: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = installed("npm", "run", "test:vitest")
    assert "3 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_example_for_playwright_passes(installed: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = installed("npm", "run", "test:playwright")
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_types_are_valid(installed: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = installed(
        "npx", "tsc", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022",
        "understudy/index.d.mts", "understudy/control.d.mts",
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_example_for_testcontainers_says_when_it_cannot_run() -> None:
    """Where no engine answers it is skipped, not passed; where one does, who runs it installs its package."""
    if shutil.which("docker") and run("docker", "info", cwd=PACKAGE).returncode == 0:
        pytest.skip("a Docker engine answers: npm run test:testcontainers")
    done = run("node", "--test", "--test-reporter=tap", "examples/testcontainers.test.mjs", cwd=PACKAGE)
    assert "# SKIP no Docker engine answers" in done.stdout, done.stdout


def test_example_for_testcontainers_passes_where_its_command_runs_without_a_container(tmp_path: Path) -> None:
    """All but the container: an engine that says it is there, and a library that runs the command here."""
    folder = tmp_path / "node"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("node_modules"))
    library = folder / "node_modules" / "testcontainers"
    library.mkdir(parents=True)
    (library / "package.json").write_text('{"name": "testcontainers", "type": "module", "main": "index.js"}')
    shutil.copy(Path(__file__).with_name("testcontainers_stub.mjs"), library / "index.js")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "docker").write_text("#!/bin/sh\nexit 0\n")
    (programs / "docker").chmod(0o755)
    example = "examples/testcontainers.test.mjs"
    done = run("node", "--test", "--test-reporter=tap", example, cwd=folder, programs=programs)
    assert "# pass 1" in done.stdout, done.stdout + done.stderr


@pytest.mark.skipif(not os.environ.get("UNDERSTUDY_LONG"), reason="long: set UNDERSTUDY_LONG=1")
def test_example_for_testcontainers_fits_the_types_of_its_package(
    installed: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    fetched = installed("npm", "install", "--no-audit", "--no-fund", "--no-save", "testcontainers")
    if fetched.returncode:
        pytest.skip(f"npm cannot install packages here: {fetched.stderr.strip()[-200:]}")
    done = installed(
        "npx", "tsc", "--noEmit", "--allowJs", "--checkJs", "--strict", "--noImplicitAny", "false",
        "--module", "nodenext", "--target", "es2022", "--types", "node", "examples/testcontainers.test.mjs",
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
