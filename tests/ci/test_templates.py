"""The composite action, the GitLab template and the pre-commit hook, run as their services would."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
import yaml
from tests.architecture.builds import build
from tests.ci.steps import BIN, ROOT, run_action, run_gitlab

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTION = ROOT / ".github/actions/understudy/action.yml"
TEMPLATE = ROOT / ".gitlab/understudy.yml"
CLIENTS = ROOT / "fixtures/clients"
SCENARIO = "--scenarios create-times-out-at-the-provider"


@pytest.fixture
def no_server_left(tmp_path: Path) -> Iterator[None]:
    """What a service does at the end of the job: end the processes that its steps left running."""
    yield
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"={tmp_path}\0".encode() in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGTERM)


@pytest.mark.usefixtures("no_server_left")
def test_action_serves_and_verifies_with_annotations_and_a_summary(tmp_path: Path) -> None:
    job = run_action(
        ACTION,
        tmp_path,
        install="",
        serve="chainhub canonical",
        verify="mock",
        args="--budget 0 --provider chainhub",
    )
    url = job.env["UNDERSTUDY_URL"]
    assert job.outputs["serve"]["url"] == url
    assert job.exit_code == 0, job.printed
    with urllib.request.urlopen(f"{url}/__understudy__", timeout=10) as answer:
        assert b'"chainhub"' in answer.read()
    assert "Understudy plays chainhub canonical on" in job.printed
    assert job.summary.startswith("#")
    assert ElementTree.parse(job.outputs["check"]["junit"]).getroot().tag in ("testsuite", "testsuites")


@pytest.mark.usefixtures("no_server_left")
def test_action_tells_why_a_mock_does_not_start(tmp_path: Path) -> None:
    job = run_action(ACTION, tmp_path, install="", serve="nobody")
    assert job.exit_code == 1
    assert "::error title=understudy serve::understudy: unknown provider 'nobody'" in job.printed


def test_action_fails_with_an_annotation_for_a_broken_client(tmp_path: Path) -> None:
    command = f"{sys.executable} {CLIENTS / 'resubmits.py'}"
    job = run_action(ACTION, tmp_path, install="", verify_client=command, args=SCENARIO)
    assert job.exit_code == 1
    assert "::error" in job.printed
    assert "submits-once" in job.summary


def test_action_compares_documents_and_keeps_the_worst_exit_code(tmp_path: Path) -> None:
    job = run_action(ACTION, tmp_path, install="", drift="canonical chainhub")
    assert (job.exit_code, "::error" in job.printed) == (1, True)
    assert "chainhub" in job.summary
    same = run_action(ACTION, tmp_path, install="", drift="canonical canonical")
    assert same.exit_code == 0


def test_action_installs_what_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_DEPS", "1")  # those are the installers' test in the long form
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_COMPILE", "1")
    job = run_action(ACTION, tmp_path, install=str(build("wheel", tmp_path)))
    assert job.exit_code == 0, job.printed
    assert (tmp_path / "understudy/bin/understudy").exists()
    assert job.env["PATH"].startswith(f"{tmp_path}/understudy/bin:")


def test_action_documents_every_input_and_uses_each() -> None:
    text = ACTION.read_text()
    inputs = yaml.safe_load(text)["inputs"]
    assert [name for name, row in inputs.items() if not row.get("description")] == []
    assert [name for name in inputs if f"inputs.{name} " not in text] == []


@pytest.mark.usefixtures("no_server_left")
def test_gitlab_mock_is_there_for_the_job_s_own_script(tmp_path: Path, install_nothing: str) -> None:
    job = run_gitlab(
        TEMPLATE,
        ".understudy-mock",
        tmp_path,
        ('curl -s "$UNDERSTUDY_URL/__understudy__"', "kill %1 || true"),
        UNDERSTUDY_INSTALL=install_nothing,
        UNDERSTUDY_PROVIDERS="kling",
    )
    assert job.exit_code == 0, job.printed
    assert '"kling"' in job.printed


@pytest.fixture
def install_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A `python3 -m venv` that makes an empty folder with a `pip`: the command is found behind it."""
    folder = tmp_path / "shims"
    folder.mkdir()
    text = '#!/bin/sh\nmkdir -p "$3/bin"; printf "#!/bin/sh\\n" >"$3/bin/pip"; chmod +x "$3/bin/pip"\n'
    (folder / "python3").write_text(text)
    (folder / "python3").chmod(0o755)
    monkeypatch.setenv("SHIMS", str(folder))
    return "nothing"


JOBS = [
    (".understudy-drift", {"UNDERSTUDY_BASE": "canonical", "UNDERSTUDY_REVISION": "chainhub"}, 1),
    (".understudy-drift", {"UNDERSTUDY_BASE": "canonical", "UNDERSTUDY_REVISION": "canonical"}, 0),
    (
        ".understudy-client",
        {
            "UNDERSTUDY_CLIENT": f"{sys.executable} {CLIENTS / 'resubmits.py'}",
            "UNDERSTUDY_ARGS": SCENARIO,
        },
        1,
    ),
]


@pytest.mark.parametrize(("name", "variables", "expected"), JOBS)
def test_gitlab_job_writes_the_reports_that_it_keeps(
    name: str, variables: dict[str, str], expected: int, tmp_path: Path, install_nothing: str
) -> None:
    job = run_gitlab(TEMPLATE, name, tmp_path, UNDERSTUDY_INSTALL=install_nothing, **variables)
    assert job.exit_code == expected, job.printed
    ElementTree.parse(tmp_path / "understudy.xml")
    assert "<html" in (tmp_path / "understudy.html").read_text()


def hook(folder: Path) -> subprocess.CompletedProcess[str]:
    (row,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (row["pass_filenames"], row["language"]) == (False, "python")
    env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    return subprocess.run(
        row["entry"].split(), cwd=folder, env=env, capture_output=True, text=True, timeout=120
    )


def test_pre_commit_hook_fails_for_a_spec_that_was_edited_by_hand(tmp_path: Path) -> None:
    page = ROOT / "fixtures/docs/chainhub-multi-image2video.md"
    command = [BIN / "understudy", "specs", "import", page, "--name", "acme"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    assert hook(tmp_path).returncode == 0, hook(tmp_path).stderr
    generated = tmp_path / "specs/providers/acme/openapi.yaml"
    generated.write_text(generated.read_text() + "\n")
    done = hook(tmp_path)
    assert (done.returncode, "specs/providers/acme/openapi.yaml" in done.stdout + done.stderr) == (1, True)


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda p: p.name)
def test_workflow_runs_scripts_that_are_there(path: Path) -> None:
    jobs = yaml.safe_load(path.read_text())["jobs"]
    scripts = [step["run"].split()[0] for job in jobs.values() for step in job["steps"] if "run" in step]
    own = [word for word in scripts if word.startswith(".ci/")]
    assert own
    assert [word for word in own if not os.access(ROOT / word, os.X_OK)] == []
