"""A command's end, its output, and that nothing of it is left, with real processes."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from contracts.client_verifier.process import HEAD, TAIL, Output, find_program, run_command
from specs.errors import UnderstudyError

# Prints its own pid and that of a child which ignores SIGTERM, then does what the argument says.
FAMILY = """
import signal, subprocess, sys, time
stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE, stderr=sys.stderr)
child.stdout.readline()
open(sys.argv[1], "w").write(str(child.pid))
if sys.argv[2] == "stay":
    time.sleep(60)
"""


# Never set: waiting for it lets other processes run.
MOMENT = threading.Event()


def after(seconds):
    async def until():
        await asyncio.sleep(seconds)
        return "time"

    return until


def go(code, *args, timeout=30.0):
    return asyncio.run(run_command([sys.executable, "-c", code, *args], os.environ, after(timeout)))


def alive(pid):
    """Whether the process runs; one that is dead and waits for its parent does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def gone(pid, within=20.0):
    deadline = time.monotonic() + within
    while alive(pid) and time.monotonic() < deadline:
        MOMENT.wait(0.01)
    return not alive(pid)


def wait_for(path):
    """The number that another process writes into the file."""
    while not (path.exists() and path.read_text()):
        MOMENT.wait(0.01)
    return int(path.read_text())


def test_output_of_both_streams_and_the_exit_code_are_kept():
    ended = go("import sys; print('to out', flush=True); print('to err', file=sys.stderr); sys.exit(3)")
    assert (ended.exit_code, ended.stopped, ended.output) == (3, "", "to out\nto err\n")


def test_a_signal_of_its_own_is_negative():
    assert go("import os; os.abort()").exit_code == -6


def test_a_command_over_its_time_is_stopped_and_its_output_kept(tmp_path):
    file = tmp_path / "said"
    code = "import sys, time; print('waiting', flush=True); open(sys.argv[1], 'w').write('1'); time.sleep(60)"

    async def until():
        await asyncio.to_thread(wait_for, file)
        return "time"

    ended = asyncio.run(run_command([sys.executable, "-c", code, str(file)], os.environ, until))
    assert (ended.exit_code, ended.stopped, ended.output) == (None, "time", "waiting\n")


@pytest.mark.parametrize(("then", "stopped"), [("stay", "time"), ("leave", "")])
def test_a_stubborn_child_is_gone_afterwards(tmp_path, then, stopped):
    """A child that ignores SIGTERM and holds the pipe; the command is stopped, or ends by itself."""
    file = tmp_path / "pid"

    async def until():
        await asyncio.to_thread(wait_for, file)
        await asyncio.sleep(0 if stopped else 30)
        return "time"

    ended = asyncio.run(run_command([sys.executable, "-c", FAMILY, str(file), then], os.environ, until))
    assert ended.stopped == stopped
    assert gone(int((tmp_path / "pid").read_text()))


def test_cancelling_leaves_nothing_behind(tmp_path):
    file = tmp_path / "pid"

    async def cancel():
        running = asyncio.create_task(
            run_command([sys.executable, "-c", FAMILY, str(file), "stay"], os.environ, after(60.0))
        )
        pid = await asyncio.to_thread(wait_for, file)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return pid

    assert gone(asyncio.run(cancel()))


def test_of_endless_output_the_beginning_and_the_end_are_kept():
    output = Output()
    for n in range(100):
        output.add(f"{n:<9999}\n".encode())
    text = output.text()
    assert text.startswith("0 ")
    assert f"… {100 * 10000 - HEAD - TAIL} bytes left out …" in text
    assert text.rstrip().endswith("99")


def test_short_output_is_kept_whole():
    output = Output()
    output.add(b"a" * (HEAD - 1))
    output.add("ü€\n".encode())
    assert output.text() == "a" * (HEAD - 1) + "ü€\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ([], "no command to run (put it after --: understudy verify-client -- CMD)"),
        (["no-such-program"], "CMD: no program 'no-such-program' (is it on the PATH?)"),
    ],
)
def test_a_command_that_cannot_run_is_refused(command, message):
    with pytest.raises(UnderstudyError) as error:
        find_program(command)
    assert str(error.value) == message
