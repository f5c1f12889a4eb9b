"""Runs the steps of a composite GitHub action and the jobs of a GitLab template, as far as a shell does it.

What is read: `if` with `inputs.NAME != ''` and `||`; `${{ inputs.NAME }}` and `${{ steps.ID.outputs.NAME }}`;
the files behind GITHUB_ENV, GITHUB_PATH, GITHUB_OUTPUT and GITHUB_STEP_SUMMARY; `extends` and `!reference`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")


@dataclass
class Job:
    """What steps leave behind: variables, paths, outputs by step, the job summary, and what was printed."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    printed: str = ""
    exit_code: int = 0

    @property
    def summary(self) -> str:
        file = self.folder / "summary"
        return file.read_text() if file.exists() else ""


def run_action(action: Path, folder: Path, **inputs: str) -> Job:
    """The job after the action has run in `folder`; it stops at the first step that fails, as GitHub does."""
    data = yaml.safe_load(action.read_text())
    known = {name: str(row.get("default", "")) for name, row in data["inputs"].items()}
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert given.keys() <= known.keys(), given.keys() - known.keys()
    values = {**known, **given}
    job = Job(folder)
    for step in data["runs"]["steps"]:
        if _wanted(step.get("if", "true"), values):
            _step(step, values, job)
        if job.exit_code:
            break
    return job


def _wanted(condition: str, values: dict[str, str]) -> bool:
    if condition == "true":
        return True
    terms = [re.fullmatch(r"inputs\.([\w-]+) != ''", term.strip()) for term in condition.split("||")]
    assert all(terms), condition
    return any(term and values[term[1]] for term in terms)


def _step(step: dict[str, Any], values: dict[str, str], job: Job) -> None:
    def value(found: re.Match[str]) -> str:
        kind, name, *rest = found[1].split(".")
        if kind == "inputs":
            return values[name]
        return job.outputs.get(name, {}).get(rest[-1], "")

    def filled(text: str) -> str:
        return EXPRESSION.sub(value, text)

    # Inputs reach a shell through its environment only: in the text of a script they could be commands.
    assert not EXPRESSION.search(step["run"])
    assert step["shell"] == "bash"
    files = {name: job.folder / name.lower() for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT")}
    for file in files.values():
        file.write_text("")
    env = {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(job.folder),
        "GITHUB_STEP_SUMMARY": str(job.folder / "summary"),
        **{name: str(file) for name, file in files.items()},
        **job.env,
        **{name: filled(text) for name, text in step.get("env", {}).items()},
    }
    # As GitHub runs `shell: bash`.
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=job.folder / filled(step.get("working-directory", ".")),
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
    )
    job.printed += done.stdout
    job.exit_code = done.returncode
    job.env |= _pairs(files["GITHUB_ENV"])
    job.outputs[step["id"]] = _pairs(files["GITHUB_OUTPUT"])
    for line in files["GITHUB_PATH"].read_text().split():
        job.env["PATH"] = f"{line}:{env['PATH']}"


def _pairs(file: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in file.read_text().splitlines())
    return {name: value for name, _, value in lines}


class Reference(list[str]):
    """`!reference [JOB, KEY]`."""


class GitLabLoader(yaml.SafeLoader):
    pass


GitLabLoader.add_constructor("!reference", lambda loader, node: Reference(loader.construct_sequence(node)))


def run_gitlab(
    template: Path, name: str, folder: Path, script: tuple[str, ...] = (), **variables: str
) -> Job:
    """The job `name` of a template, run in `folder` in one shell, as GitLab's runner does."""
    jobs = yaml.load(template.read_text(), GitLabLoader)
    merged: dict[str, Any] = {}
    at: str | None = name
    while at:
        for key, row in jobs[at].items():
            merged[key] = {**row, **merged.get(key, {})} if isinstance(row, dict) else merged.get(key, row)
        at = jobs[at].get("extends")
    lines: list[str] = []
    for line in (*merged["before_script"], *(script or merged["script"])):
        lines += jobs[line[0]][line[1]] if isinstance(line, Reference) else [line]
    env = {
        **os.environ,
        "PATH": f"{os.environ.get('SHIMS', BIN)}:{BIN}:{os.environ['PATH']}",
        "CI_PROJECT_DIR": str(folder),
        **merged["variables"],
        **variables,
    }
    text = "\n".join(["set -eo pipefail", *lines])
    done = subprocess.run(
        ["bash", "-c", text], cwd=folder, env=env,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180,
    )  # fmt: skip
    return Job(folder, printed=done.stdout, exit_code=done.returncode)
