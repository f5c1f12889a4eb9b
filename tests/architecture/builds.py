"""Release files of a checkout, made as `python -m build` makes them, without a network."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build(kind: str, folder: Path, root: Path = ROOT) -> Path:
    """The `kind` ("wheel" or "sdist") of the project at `root`, written into `folder`."""
    code = f"import hatchling.build; print(hatchling.build.build_{kind}({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return folder / done.stdout.split()[-1]


def content(wheel: Path) -> dict[str, bytes]:
    """What is in a wheel, by name; its RECORD, which lists the rest, apart."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


def unpack(sdist: Path, folder: Path) -> Path:
    """The project's folder in an sdist that is unpacked into `folder`."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")
