"""What the README prints is executed, as printed but for the ports."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.docs.readme import ROOT, TEXT, block, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, list[str]]]:
    """`understudy serve` as command one starts it, on a free port: the port, and the screen so far."""
    port = free_port()
    command = [str(BIN / "understudy"), "serve", "--port", str(port)]
    env = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=env) as server:
        assert server.stdout
        screen = []
        expected = len(block("screen").splitlines())
        assert expected
        while len(screen) < expected and (line := server.stdout.readline()):
            screen.append(line.rstrip("\n"))
        yield port, screen
        server.terminate()


def test_serve_shows_the_printed_screen(served: tuple[int, list[str]]) -> None:
    port, screen = served
    assert screen == block("screen").replace("8585", str(port)).splitlines()


def png_size(data: bytes) -> tuple[int, int]:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def printed(text: str) -> tuple[list[Any], list[Any]]:
    """The answers and the callbacks in what two programs print at once, in any order and on one line."""
    found: tuple[list[Any], list[Any]] = [], []
    end = 0
    while (begin := text.find("{", end)) >= 0:
        value, end = json.JSONDecoder().raw_decode(text, begin)
        found[text.endswith("callback: ", 0, begin)].append(value)
    return found


def test_what_two_programs_print_at_once_is_told_apart() -> None:
    assert printed('{"a": 1}callback: {"b": 2}{"a": 3}\ncallback: {"b": 4}\n\n') == (
        [{"a": 1}, {"a": 3}],
        [{"b": 2}, {"b": 4}],
    )


def test_the_conversation_goes_as_printed(served: tuple[int, list[str]], tmp_path: Path) -> None:
    port, listener = served[0], free_port()
    script = block("conversation").replace("8585", str(port)).replace("8586", str(listener))
    done = subprocess.run(
        ["bash", "-m", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    answers, callbacks = printed(done.stdout)
    width, height = png_size((tmp_path / "boat.png").read_bytes())

    assert [answer["data"]["task_status"] for answer in answers] == ["submitted", "succeed"]
    assert [record["task_status"] for record in callbacks] == ["submitted", "processing", "succeed"]
    assert {record["task_id"] for record in callbacks} == {answers[0]["data"]["task_id"]}
    assert width * 2 == height * 3


def test_command_two_is_what_ci_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "<!-- command two -->" in script
    assert re.search(r"\.venv/bin/pytest", block("command two"))


def test_every_link_to_a_file_leads_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", TEXT)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_schemathesis_has_nothing_to_complain_of(tmp_path: Path) -> None:
    env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "NO_COLOR": "1"}
    port = str(free_port())
    script = block("schemathesis").replace("serve", f"serve --port {port}").replace("8585", port)
    # All operations, and many examples: tests/mockserver/server/test_generated.py.
    script = script.replace("schemathesis run", "schemathesis run -n 3 --include-path-regex multi-image2")
    done = subprocess.run(
        ["bash", "-m", "-c", script],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert re.search(r"Selected: (\d+)/\d+\n +Tested: \1\n", done.stdout), done.stdout + done.stderr
    # Three examples do not reach each query with a task of its family, which is a warning there.
    assert re.search(r"(\d+) generated, \1 passed", done.stdout), done.stdout


# What a command of the README is given here for the file or provider that a reader has.
STAND_INS = {
    "old.yaml new.yaml": "{root}/specs/canonical/openapi.yaml {root}/specs/canonical/openapi.yaml",
    "page.md": "{root}/fixtures/docs/chainhub-multi-image2video.md",
    "https://api.example.com/kling --provider chainhub --budget 10": "{url} --family text2video --budget 0",
    "http://127.0.0.1:8585": "{url}",
    "fixtures/clients": "{root}/fixtures/clients",
    "specs build": "specs build --root {root}",
}
# All providers are a minute of a processor; two go the same way (tests/specs/drift has the matrix' content).
if not os.environ.get("UNDERSTUDY_LONG"):
    STAND_INS["drift --matrix"] = "drift --matrix canonical chainhub"
# Drift between providers is there, and found; `verify` and `specs` have nothing to complain of.
FOUND = {"drift canonical chainhub", "drift --matrix"}


def printed_commands() -> list[str]:
    """Every `understudy …` and `curl …` line of the blocks that say how they can be run."""
    lines = [line for kind in ("run from the checkout", "run with the server", "run against the server")
             for text in blocks(kind) for line in text.splitlines()]  # fmt: skip
    return [line.split("  #")[0].strip() for line in lines]


@pytest.mark.parametrize("command", printed_commands())
def test_a_printed_command_does_what_it_says(
    command: str, tmp_path: Path, served: tuple[int, list[str]]
) -> None:
    url = f"http://127.0.0.1:{served[0]}"
    for printed, given in STAND_INS.items():
        command = command.replace(printed, given.format(root=ROOT, url=url))
    env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    expected = 1 if any(known in command for known in FOUND) else 0
    assert done.returncode == expected, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.strip()
