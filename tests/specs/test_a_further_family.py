"""A further family of tasks is data: the entry in specs/README.md, a build, and everything plays it.

The vendor has no such family: nothing in the package knows its name.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from understudy.specs import library
from understudy.specs.cli.specs import specs as command

ROOT = Path(__file__).parents[2]
FAMILY = "/v1/videos/loop"
PROFILE = """name = "acme-vendor"
title = "One family more"
vendor = true

[[documents]]
file = "promise.yaml"
kind = "vendor"
"""
PAGE = """# Loop

`POST /kling/v1/videos/loop`

| Parameter | Type | Required | Description |
|---|---|---|---|
| model | string | no | one of `kling-v1` or `kling-v1-6` |
| prompt | string | yes | at most 500 characters |
| duration | string | no | Enum values: 5, 10 |
"""
# The entry of `x-families` that specs/README.md adds: what differs from one family to the next.
README = (ROOT / "specs/README.md").read_text(encoding="utf-8")
ENTRY = re.search(r"<!-- one family more -->\n```yaml\n(.*?)```", README, re.DOTALL)


def promise() -> str:
    """The vendor's promise with one entry more."""
    text = (ROOT / "specs/providers/kling/promise.yaml").read_text(encoding="utf-8")
    head, _, families = text.partition("\nx-families:\n")
    assert ENTRY is not None
    entry = textwrap.indent(ENTRY[1], "  ")
    return f"{head}\nx-families:\n{entry}{families}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one's own whose canonical spec has one family more; not changed."""
    own = tmp_path_factory.mktemp("built")
    (own / "specs/providers/acme-vendor").mkdir(parents=True)
    (own / "specs/providers/acme-vendor/provider.toml").write_text(PROFILE, encoding="utf-8")
    (own / "promise.yaml").write_text(promise(), encoding="utf-8")
    done = CliRunner().invoke(command, ["build", "--root", str(own)])
    assert (done.exit_code, done.exception) == (0, None)
    return own


@pytest.fixture
def family(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, found by the environment."""
    own = tmp_path / "own"
    shutil.copytree(built, own)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv(library.ENVIRONMENT, str(own / "specs"))
    return own


def test_the_canonical_spec_has_the_family_and_a_reseller_of_it_is_imported(family: Path) -> None:
    assert FAMILY in library.effective("canonical")["paths"]
    assert FAMILY in library.effective("acme-vendor")["paths"]
    assert FAMILY not in library.effective("chainhub")["paths"]
    (family / "page.md").write_text(PAGE, encoding="utf-8")
    done = CliRunner().invoke(
        command, ["import", str(family / "page.md"), "--name", "acme", "--root", str(family)]
    )
    assert done.exception is None
    assert "alias (model): model is taken for the vendor's model_name" in done.stdout
    assert done.stdout.endswith("play it: understudy serve --provider acme\n")
    properties = library.effective("acme")["components"]["schemas"]["LoopRequest"]["properties"]
    assert properties["prompt"] == {"type": "string", "minLength": 1, "maxLength": 500}
    assert (properties["duration"]["enum"], properties["mode"]["x-undocumented"]) == (["5", "10"], True)
    assert "`understudy specs build` takes it in\n" in done.stdout
    assert CliRunner().invoke(command, ["build", "--root", str(family)]).exit_code == 0
    assert library.effective("acme")["components"]["schemas"]["LoopRequest"]["properties"] == properties


def test_the_family_is_played_verified_and_compared(family: Path) -> None:
    understudy = [sys.executable, "-P", "-m", "understudy"]
    serve = [*understudy, "serve", "--port", "0", "--pace", "instant"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env={**os.environ}) as server:
        try:
            assert server.stdout is not None
            url = json.loads(server.stdout.readline())["url"]
            verify = [
                *understudy,
                "verify",
                url,
                "--family",
                "loop",
                "--budget",
                "2",
                "--generated",
                "5",
            ]
            verified = subprocess.run(verify, capture_output=True, text=True, timeout=120)
        finally:
            server.terminate()
    assert "broken" not in verified.stdout
    assert verified.returncode in (0, 3), verified.stdout + verified.stderr
    kept = re.search(r"(\d+) kept", verified.stdout)
    assert kept is not None, verified.stdout
    assert int(kept[1]) > 50
    drift = subprocess.run(
        [*understudy, "drift", "canonical", "kling", "--json"], capture_output=True, text=True, timeout=60
    )
    assert FAMILY in drift.stdout  # the package's vendor does not have it
