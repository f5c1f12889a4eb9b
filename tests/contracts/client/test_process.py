"""A command's end, its output, and that nothing of it is left, with real processes."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from understudy.contracts.client_verifier.process import DRAIN_SECONDS, HEAD, TAIL, Output, run_command
from understudy.specs.errors import UnderstudyError

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


def wait_for(path, within=60.0):
    """The number that another process writes into the file."""
    deadline = time.monotonic() + within
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"nobody wrote {path.name}"
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


def test_what_is_watched_beside_a_command_has_ended_with_it():
    """It may have started a command of its own, which takes a moment to end."""
    told = []

    async def until():
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(20):
                await asyncio.sleep(0)
            told.append("ended")

    asyncio.run(run_command([sys.executable, "-c", ""], os.environ, until))
    assert told == ["ended"]


def test_a_command_is_gone_though_its_end_is_cancelled_as_well(tmp_path):
    async def twice():
        stubborn = "import os, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        code = f"{stubborn}; print(os.getpid(), file=open(sys.argv[1], 'w'), flush=True); signal.pause()"
        words = [sys.executable, "-c", code, str(tmp_path / "pid")]
        running = asyncio.ensure_future(run_command(words, os.environ, after(60), patience=30.0))
        pid = await asyncio.to_thread(wait_for, tmp_path / "pid")
        for _ in range(2):
            running.cancel()
            for _ in range(20):
                await asyncio.sleep(0)
        await asyncio.wait({running})
        with pytest.raises(ChildProcessError):  # it was waited for
            os.waitpid(pid, os.WNOHANG)
        return pid

    assert gone(asyncio.run(twice()))


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


# Leaves a process in a session of its own behind, and ends once that one is up.
DAEMON = """
import os, sys, time
up, told = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1], "w").write(str(os.getpid()))
        os.write(told, b"up")
        time.sleep(60)
    os._exit(0)
os.read(up, 2)
"""


def test_a_daemon_that_left_the_group_is_gone_too_and_its_hold_on_the_pipe_with_it(tmp_path):
    file, mark = tmp_path / "pid", f"UNDERSTUDY_RUN={tmp_path}"
    name, value = mark.split("=")

    async def run():
        ending = asyncio.create_task(
            run_command(
                [sys.executable, "-c", DAEMON, str(file)], os.environ | {name: value}, after(30), mark
            )
        )
        pid = await asyncio.to_thread(wait_for, file)
        return pid, await ending

    began = time.monotonic()
    pid, ended = asyncio.run(run())
    assert (ended.exit_code, ended.stopped) == (0, "")
    assert gone(pid)
    assert time.monotonic() - began < DRAIN_SECONDS


def test_a_script_without_a_known_interpreter_is_refused(tmp_path):
    script = tmp_path / "client"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(UnderstudyError, match="does its first line name an interpreter that is there"):
        asyncio.run(run_command([str(script)], os.environ, after(5)))


def test_what_is_no_text_is_shown_all_the_same():
    assert go("import os; os.write(1, b'\\xff\\xfe caf\\xe9\\n')").output == "\ufffd\ufffd caf\ufffd\n"


def test_nobody_answers_what_a_command_asks_for_at_its_keyboard():
    ended = go("input('key? ')")
    assert ended.exit_code == 1
    assert "EOFError" in ended.output
