"""`serve --workers N`: one port, workers that are replaced, and what one owed is delivered by another."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tests.mockserver.conftest import Client
from tests.mockserver.replicas.test_kill_replicas import STATES, told, without_repeats

from understudy.contracts.cli import cli
from understudy.mockserver.store.worker_file import WorkerFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.mockserver.conftest import Receiver

UNDERSTUDY = str(Path(sys.executable).parent / "understudy")


# `understudy` where a replica that nobody has seen is taken for dead after an hour only.
PATIENT = """
import understudy.mockserver.replicas as replicas
replicas.LEASE_SECONDS = 3600.0
from understudy.contracts.cli import main
main()
"""


@contextlib.contextmanager
def serving(
    *options: str, program: Sequence[str] = (UNDERSTUDY,)
) -> Iterator[tuple[Client, subprocess.Popen[str]]]:
    command = [*program, "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            yield Client(SimpleNamespace(url=url, api_key="any")), process  # type: ignore[arg-type]
        finally:
            process.terminate()


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_workers_share_what_is_created_and_end_together() -> None:
    with serving("--workers", "3", "--rate", "0") as (client, process):
        workers = children(process.pid)
        assert len(workers) == 3
        with ThreadPoolExecutor(8) as pool:
            tasks = list(pool.map(lambda _: client.create(), range(24)))
            states = list(pool.map(lambda task: client.task(task)["task_status"], tasks * 2))
        assert (len(set(tasks)), set(states)) == (24, {"submitted"})
        process.terminate()
        out, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM
    assert out == ""
    (said,) = err.splitlines()
    assert "3 workers share" in said
    assert not Path(said.split("share ")[1].split(",")[0]).exists()
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_a_killed_worker_is_replaced_and_nothing_of_it_is_lost(tmp_path: Path, receiver: Receiver) -> None:
    """Both workers are killed, one after the other, so whoever has taken a task is killed for sure.

    Who takes a place says whose it was: nobody waits until the dead one has not been seen for long.
    """
    store = tmp_path / "w.sqlite"
    options = ("--workers", "2", "--store", str(store), "--rate", "0")
    with serving(*options, program=(sys.executable, "-c", PATIENT)) as (client, process):
        tasks = [client.create({"callback_url": receiver.url}) for _ in range(10)]
        receiver.wait(10)
        for worker in children(process.pid):
            os.kill(worker, signal.SIGKILL)
        assert settled(client, tasks) == {"submitted"}
        client.post("/__understudy__/clock/advance", {"seconds": 3})
        # A death may send one callback twice: what it had sent was not written yet.
        order = told(receiver, tasks, 120)
        bells = WorkerFile(store).folder
        assert bells.exists()
        process.terminate()
        process.communicate(timeout=60)
    # Those that were killed have left nothing behind either.
    assert not bells.exists()
    assert {task: without_repeats(order[task]) for task in order} == dict.fromkeys(tasks, STATES)


def settled(client: Client, tasks: list[str]) -> set[str]:
    """What the tasks' states are, once somebody answers again."""
    while True:
        with contextlib.suppress(OSError):
            return {client.task(task)["task_status"] for task in tasks}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "2", "--seed", "7"], "--seed: replicas give ids that no other gives"),
        (["--store", "mysql://x/y"], "unknown store mysql://…"),
        (["--workers", "0"], "0 is not in the range"),
        (["--workers", "2", "--store", "."], "it is a folder"),
        (["--workers", "2", "--store", "no-such-folder/t.sqlite"], "make it first"),
        (["--workers", "2", "--store", __file__], "not a usable SQLite file"),
        (["--store", "postgresql://u@127.0.0.1:9/b"], "cannot use the database"),
    ],
)
def test_what_cannot_be_is_said_at_once(options: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, ["serve", "--port", "0", *options])
    assert said in f"{result.output}{result.exception}"
    assert result.exit_code
