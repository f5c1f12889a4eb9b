"""Folders with packages from npm, installed once for all workers of a run."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 300


def npm_folder(factory: pytest.TempPathFactory, source: Path, *packages: str) -> Path:
    """A copy of the folder `source` with what its package.json names, or with `packages`, installed in it.

    Skips the test without node and npm, or where npm cannot install.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    found, told = shared / f"npm-{source.name}", shared / f"npm-{source.name}.installed"
    with (shared / f"npm-{source.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            ignored = shutil.ignore_patterns("node_modules", "__pycache__")
            shutil.copytree(source, found, ignore=ignored, dirs_exist_ok=True)
            if packages:
                # Without one of its own npm would look for a folder to install into further up.
                (found / "package.json").write_text('{"private": true}')
            command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages]
            done = subprocess.run(command, cwd=found, capture_output=True, text=True, timeout=SECONDS)
            told.write_text(done.stderr.strip()[-200:] if done.returncode else "")
    if problem := told.read_text():
        pytest.skip(f"npm cannot install packages here: {problem}")
    return found
