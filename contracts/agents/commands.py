"""The other commands, run for an agent: in a process of their own, their report as data."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# What an exit code means; the others are errors.
OUTCOMES = {0: "well", 1: "broken", 3: "could not tell"}
# Of what a command says beside its report, in characters.
MOST_WORDS = 4000
# Rows of a report that say nothing is wrong.
FINE = {"pass", "skip"}
GRACE_SECONDS = 5.0


async def run(
    *words: str, folder: Path | None = None, env: Mapping[str, str] | None = None, seconds: float = 600.0
) -> dict[str, Any]:
    """`understudy WORDS…` with its JSON report: {"command", "outcome", "exit_code", "report", "said"}.

    Raises UnderstudyError with the command's own words when it cannot be done as given, or takes too long.
    Cancelled, it ends the command first, as Ctrl-C does.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "understudy", *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", **(env or {})},
    )  # fmt: skip
    typed = " ".join(["understudy", *words])
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        advice = "raise its time limit, or give it less to do"
        raise UnderstudyError(f"did not finish within {seconds:.0f} s", where=typed, advice=advice) from None
    finally:
        await _end(process)
    said = err.decode("utf-8", "replace").strip()[-MOST_WORDS:]
    code = process.returncode
    outcome = OUTCOMES.get(code if code is not None else -1)
    if outcome is None:
        raise UnderstudyError(said or f"exit code {code}", where=typed)
    try:
        report = json.loads(out)
    except ValueError:
        report = {"text": out.decode("utf-8", "replace")[-MOST_WORDS:]}
    return {"command": typed, "outcome": outcome, "exit_code": code, "report": report, "said": said}


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE_SECONDS)
    finally:  # it did not end in time, or there is no time left
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def what_matters(told: dict[str, Any]) -> dict[str, Any]:
    """The same with only the rows of the report that are not well; the others are counted in `verdicts`."""
    report = told["report"]
    if isinstance(report, dict) and isinstance(report.get("rows"), list):
        report = {**report, "rows": [row for row in report["rows"] if row.get("level") not in FINE]}
    return {**told, "report": report}


def flags(option: str, values: Sequence[str]) -> list[str]:
    """`values` each after `option`."""
    return [word for value in values for word in (option, value)]
