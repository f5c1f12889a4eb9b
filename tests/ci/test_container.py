"""The container's files: what they copy exists, what they run runs, nothing needs root or holds secrets."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from tests.mocks import mock_account

from understudy.contracts.cli import cli
from understudy.mockserver.cli import serve

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".docker"
PAGE = (ROOT / "mockserver" / "README.md").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """(instruction, its words) of the Dockerfile, with lines joined."""
    text = re.sub(r"(?m)^#.*\n", "", (FOLDER / "Dockerfile").read_text(encoding="utf-8"))
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines if line.strip()]


def copied() -> list[tuple[str, str]]:
    """(from, to) of what the build takes from the repository."""
    found = []
    for name, words in instructions():
        if name == "COPY" and "--from" not in words:
            *sources, target = words.split()
            found += [(source, target) for source in sources]
    return found


def test_what_is_copied_exists_and_is_let_through() -> None:
    let_through = {
        line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text().split() if line[0] == "!"
    }
    assert {source for source, _ in copied()} == let_through
    assert [source for source, _ in copied() if not (ROOT / source).exists()] == []


def test_the_image_is_not_root_and_takes_wheels_only() -> None:
    last = [words for name, words in instructions() if name == "USER"][-1]
    assert last.split(":")[0].isdigit()
    assert int(last.split(":")[0]) > 0
    runs = " ".join(words for name, words in instructions() if name == "RUN")
    installs = re.findall(r"pip install [^&]*", runs)
    assert installs
    assert all("--only-binary :all:" in one for one in installs)
    assert not [name for name, _ in instructions() if name == "ADD"]


def test_a_wheel_comes_out_of_what_is_copied(tmp_path: Path) -> None:
    """The step that builds it, on the files that the image sees."""
    for source, target in copied():
        place = tmp_path / target / (Path(source).name if target == "./" else "")
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, place)
    runs = " ".join(words for name, words in instructions() if name == "RUN")
    step = next(part for part in runs.split("&&") if "pip wheel" in part)
    assert "--no-build-isolation" in step
    options = shlex.split(step.split("pip", 1)[1].replace("/tmp/wheel", str(tmp_path / "out")))
    subprocess.run([sys.executable, "-m", "pip", "-q", *options], cwd=tmp_path, check=True)
    (wheel,) = (tmp_path / "out").glob("*.whl")
    assert wheel.name.startswith("understudy-")


def test_the_health_check_tells_ready_from_not_ready(tmp_path: Path) -> None:
    words = next(words for name, words in instructions() if name == "HEALTHCHECK")
    command = json.loads(words.partition("CMD ")[2])
    with mock_account() as mock:
        check = [part.replace("http://127.0.0.1:8585", mock.url) for part in command]
        assert check != command
        assert subprocess.run([sys.executable, *check[1:]], capture_output=True).returncode == 0
        gone = [part.replace("/ready", "/nothing") for part in check]
        assert subprocess.run([sys.executable, *gone[1:]], capture_output=True).returncode != 0


def parsed(arguments: list[str]) -> dict[str, Any]:
    return serve.make_context("serve", arguments).params


def test_the_image_starts_the_server_with_options_that_it_has() -> None:
    by_name = dict(instructions())
    entry, usual = json.loads(by_name["ENTRYPOINT"]), json.loads(by_name["CMD"])
    assert entry[:2] == ["understudy", "serve"]
    assert parsed([*entry[2:], *usual])["host"] == "0.0.0.0"


def test_compose_has_three_hardened_replicas_on_one_database_and_no_secrets() -> None:
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    mock = services["mock"]
    assert parsed(mock["command"])["store"] == "postgresql://understudy@postgres/understudy"
    assert mock["deploy"] == {"replicas": 3}
    assert (mock["read_only"], mock["cap_drop"]) == (True, ["ALL"])
    assert (
        FOLDER / mock["build"]["context"] / mock["build"]["dockerfile"]
    ).resolve() == FOLDER / "Dockerfile"
    given = {**mock["environment"], **services["postgres"]["environment"]}
    secrets = {name: value for name, value in given.items() if re.search("PASSWORD|KEY", name)}
    assert all(re.fullmatch(r"\$\{[A-Z_]+:\?set it\}", value) for value in secrets.values()), secrets
    assert services["balancer"]["ports"] == ["127.0.0.1:8585:8585"]


@pytest.mark.parametrize("line", re.findall(r"(?m)^understudy serve[^#\n]*", PAGE))
def test_every_command_of_the_operations_page_can_be_given(line: str) -> None:
    words = shlex.split(line)
    assert parsed(words[2:])
    assert CliRunner().invoke(cli, ["serve", "--help"]).exit_code == 0


def test_the_operations_page_names_options_that_there_are() -> None:
    known = {option for parameter in serve.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) - known == set()
