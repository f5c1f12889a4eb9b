"""What fixtures/clients/GUIDE.md says is run; so are the examples for Node and Go, where there are such."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.contracts.client.test_six_clients import MORE, PLANTED

from understudy import mock_server
from understudy.contracts.client_verifier.promises import BY_ID

CLIENTS = Path(__file__).parents[3] / "fixtures" / "clients"
GUIDE = (CLIENTS / "GUIDE.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def blocks(language):
    return [text for name, text in BLOCKS if name == language]


@pytest.fixture
def env(tmp_path):
    """An environment in which `understudy` and `python` are ours."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name, words in (("understudy", "-m understudy.contracts.cli"), ("python", "")):
        script = bin_folder / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        script.chmod(0o755)
    fast = {"POLL_SECONDS": "0.2", "DEADLINE_SECONDS": "120", "FAMILY": "images/multi-image2image"}
    return os.environ | fast | {"PATH": f"{bin_folder}:{os.environ['PATH']}"}


def go(command, env, **options):
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=240, **options)


@pytest.mark.parametrize("number", range(4))
def test_commands_that_grade_pass_as_they_stand(number, env):
    command = [text for text in blocks("sh") if "verify-client" in text][number]
    # That it is started again after it gave up needs a client that does.
    patience = {"DEADLINE_SECONDS": "10"} if "--restart" in command else {}
    done = go(command, env | patience, shell=True, cwd=CLIENTS)
    assert done.returncode == 0, done.stderr
    assert "all-is-well: exit code 0 after" in done.stderr
    assert "kept  It finishes when nothing goes wrong." in done.stdout


def test_command_for_gateways_passes_as_it_stands(env):
    (command,) = (text for text in blocks("sh") if "verify-gateway" in text)
    done = go(command, env, shell=True, cwd=CLIENTS)
    assert done.returncode == 0, done.stderr
    assert "kept" not in done.stderr
    assert "of nobody" in done.stdout


def test_commands_of_the_control_plane_are_all_taken(env):
    (commands,) = (text for text in blocks("sh") if "__understudy__" in text)
    with mock_server() as mock:
        for line in commands.splitlines():
            done = go(line, env | {"URL": mock.url, "KEY": "mine"}, shell=True)
            assert "error" not in json.loads(done.stdout), line
        assert mock.account(key="mine").clock.rate == 0


def test_python_examples_pass(tmp_path, env):
    """In their order: the second uses what the first defines."""
    (tmp_path / "test_it.py").write_text("\n\n".join(blocks("python")))
    words = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "understudy.contracts.plugin",
        "-p",
        "no:cacheprovider",
        "--strict-markers",
    ]
    done = go(
        [sys.executable, *words, str(tmp_path)], env | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, cwd=tmp_path
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_table_of_clients_is_what_their_grade_cards_say():
    told = dict(re.findall(r"^\| `(\w+)\.py` \| `([\w-]+)`", GUIDE, re.MULTILINE))
    clients = [*PLANTED, *((name, planted) for name, _, planted in MORE)]
    assert told == {name: next(iter(planted)) for name, planted in clients if planted}
    assert set(told.values()) <= set(BY_ID)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_node_example_passes(env):
    done = go(["node", "--test", str(CLIENTS / "node") + "/"], env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 4" in done.stdout


@pytest.mark.skipif(
    shutil.which("go") is None or "UNDERSTUDY_LONG" not in os.environ,
    reason="go is not installed, or UNDERSTUDY_LONG not set: the first build of its library takes minutes",
)
def test_go_example_passes(env):
    done = go(["go", "test", "-count=1", "./..."], env, cwd=CLIENTS / "go")
    assert done.returncode == 0, done.stdout + done.stderr
