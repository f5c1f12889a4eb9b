"""specs/README.md: its worked example goes from an empty folder to a served API, as written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[3] / "specs" / "README.md").read_text(encoding="utf-8")
PORT = "8599"


def block(marker: str) -> str:
    found = re.search(rf"<!-- {re.escape(marker)} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found is not None, marker
    return found[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = tmp_path / "specs" / "apis" / "acme" / "api.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(block("file specs/apis/acme/api.yaml"), encoding="utf-8")
    return tmp_path


def run(command: str, folder: Path) -> str:
    """What a shell prints that runs `command` there."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "UNDERSTUDY_SPECS": ""}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_commands_of_the_example_print_what_it_says(folder: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = str(probe.getsockname()[1])
    commands = block("commands").replace(PORT, free).replace("kill %1", "kill $!")
    # Two seconds are not enough on every machine: wait until the port answers.
    waits = f"curl -s -o /dev/null --retry 60 --retry-delay 1 --retry-connrefused http://127.0.0.1:{free}/"
    assert "sleep 2" in commands
    commands = commands.replace("sleep 2", waits)
    printed = run(commands, folder)
    assert "1 description is complete." in printed
    assert re.search(r'\{"id":"\d+"\}', printed)
    assert '{"error":{"type":"invalid_parameter"' in printed
    assert '{"error":{"type":"no_such_clip"' in printed
    assert re.search(r"^(\d+ arguable · )?\d+ not checked · \d+ kept$", printed, re.MULTILINE), printed


def test_new_copies_an_api_that_can_be_checked_at_once(tmp_path: Path) -> None:
    assert "wrote specs/apis/mine/api.yaml" in run("understudy specs new mine --like bfl", tmp_path)
    assert "1 description is complete." in run("understudy specs check mine", tmp_path)


def test_new_vendor_of_an_api_compares_with_it(tmp_path: Path) -> None:
    run("understudy specs new reseller --like replicate --vendor", tmp_path)
    assert "1 description is complete." in run("understudy specs check reseller", tmp_path)
    listed = run("understudy specs list", tmp_path)
    assert re.search(r"^replicate .*\n  reseller ", listed, re.MULTILINE)
    run("understudy drift replicate reseller", tmp_path)


def test_check_tells_file_and_line_of_what_is_wrong(folder: Path) -> None:
    file = folder / "specs" / "apis" / "acme" / "api.yaml"
    file.write_text(file.read_text().replace("class: queued", "class: idle"), encoding="utf-8")
    printed = run("understudy specs check acme || true", folder)
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "class: idle" in text)
    assert f'apis/acme/api.yaml:{line}: /families/clips/states/waiting/class: unknown word "idle"' in printed


def test_table_of_axes_names_every_key_of_the_schema() -> None:
    import json

    schema = json.loads((Path(__file__).parents[3] / "specs/behaviour/description.schema.json").read_text())
    axes = set(schema["$defs"]["family"]["properties"]) | {
        "account",
        "headers",
        "limits",
        "idempotency",
        "refusals",
    }
    table = README.partition("## The axes")[2]
    assert sorted(axis for axis in axes if not re.search(rf"\b{axis}\b", table)) == []
