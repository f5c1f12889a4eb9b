"""One name at the top of site-packages: a project with packages called as ours are is not disturbed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.architecture.builds import ROOT, build, content

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel of this checkout."""
    return list(content(build("wheel", tmp_path_factory.mktemp("wheel"))))


def test_wheel_holds_one_top_level_package(wheel: list[str]) -> None:
    top = {name.split("/")[0] for name in wheel}
    assert sorted(name for name in top if not name.endswith(".dist-info")) == ["understudy"]


def test_wheel_holds_the_code_and_the_data_of_every_package(wheel: list[str]) -> None:
    command = ["git", "ls-files", "specs", "mockserver", "contracts"]
    tracked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    missing = {f"understudy/{path}" for path in tracked.stdout.splitlines()} - set(wheel)
    assert sorted(path for path in missing if (ROOT / path.removeprefix("understudy/")).exists()) == []


@pytest.mark.parametrize("command", [["-m", "pytest"], ["-c", "import pytest; pytest.console_main()"]])
def test_project_with_packages_of_the_same_names_is_collected_and_tested(
    tmp_path: Path, command: list[str]
) -> None:
    for name in ("contracts", "specs", "mockserver", "fixtures", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"NAME = {name!r}\n")
    (tmp_path / "tests" / "test_own.py").write_text(
        "from contracts import NAME as contracts\n"
        "from specs import NAME as specs\n"
        "from mockserver import NAME as mockserver\n"
        "from fixtures import NAME as fixtures\n\n\n"
        "def test_own_packages_are_imported(understudy):\n"
        "    assert [contracts, specs, mockserver, fixtures] == "
        "['contracts', 'specs', 'mockserver', 'fixtures']\n"
        "    assert understudy.url.startswith('http://127.0.0.1:')\n"
    )
    plugin = ["-p", "understudy.contracts.plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, *command, "-q", *plugin],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1].startswith("1 passed"), done.stdout + done.stderr
