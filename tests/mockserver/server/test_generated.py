"""Plain Schemathesis, with all its checks and phases, finds nothing on any profile.

The document is the one that the server itself gives out. The server is started with --textbook, since
Schemathesis judges by the status alone, and with one key: a mock that lets any key in refuses no wrong one.
Long form: UNDERSTUDY_LONG=1, 1,000 examples of every operation of every profile.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.mocks import mock_account

from understudy.specs.library import profiles

LONG = bool(os.environ.get("UNDERSTUDY_LONG"))


def run(mock_url: str, key: str, folder: Path, examples: int, *options: str) -> tuple[int, str]:
    """(exit code, output) of `schemathesis run` against a server, with its own document."""
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", "--no-color"]
    command += [f"{mock_url}/__understudy__/openapi.json"]
    command += ["-H", f"Authorization: Bearer {key}", "--seed", "1", "-n", str(examples), *options]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=3000,
    )
    return done.returncode, done.stdout + done.stderr


# In the short form, one profile of each kind of envelope and request, and families of each kind: pictures,
# films with a source, a voice, and no task. Canonical also shows what is made of text alone and what is kept.
CHOSEN = profiles() if LONG else ["canonical", "cometapi", "newapi", "yutoai"]
SOME = "multi-image2|lip-sync|tts|account|recognize"
MORE = f"{SOME}|text2video|omni-image|advanced-custom-elements"


@pytest.mark.parametrize("profile", CHOSEN)
def test_schemathesis_finds_nothing(profile: str, tmp_path: Path) -> None:
    with mock_account(provider=profile, textbook=True, keys=("understudy-key",)) as mock:
        some = MORE if profile == "canonical" else SOME
        options = () if LONG else ("--include-path-regex", some)
        code, output = run(mock.url, mock.api_key, tmp_path, 1000 if LONG else 3, *options)
    assert code == 0, output[-6000:]
