"""The README's client section is executed, as printed but for the folder of the virtual environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.readme import ROOT, block

BIN = Path(sys.executable).parent


def test_client_command_ends_with_the_printed_row() -> None:
    command = block("client")
    env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(command, shell=True, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    assert block("card") in done.stdout
    assert "POST /v1/images/multi-image2image → 504/5002" in done.stdout


def test_plugin_example_passes(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(block("plugin"))
    words = [
        "-m",
        "pytest",
        "-q",
        "-W",
        "error",
        "--strict-markers",
        "-p",
        "understudy.contracts.plugin",
        "-p",
        "no:cacheprovider",
    ]
    env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, *words, str(tmp_path)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "1 passed" in done.stdout, done.stdout


def test_guide_is_where_the_readme_says() -> None:
    assert (ROOT / "fixtures" / "clients" / "GUIDE.md").is_file()
