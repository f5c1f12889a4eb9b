"""One command: started in a process group of its own, its output kept, and nothing of it left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from understudy.contracts.client_verifier.trace import Stopped

# Of a command's output the beginning and the end are kept, in bytes.
HEAD = 64 * 1024
TAIL = 192 * 1024
CHUNK = 64 * 1024
GRACE_SECONDS = 0.5
# Once the group is gone nobody can hold the pipe; a process that left the group still may.
DRAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. `exit_code` is None when we stopped it, negative for a signal.

    stopped: why we stopped it, "" when it ended by itself.
    """

    exit_code: int | None
    stopped: Stopped
    duration_ms: int
    output: str


class Output:
    """The beginning and the end of a stream of bytes; what lies between is counted and dropped."""

    def __init__(self) -> None:
        self.head = bytearray()
        self.tail = bytearray()
        self.dropped = 0

    def add(self, data: bytes) -> None:
        room = HEAD - len(self.head)
        self.head += data[:room]
        self.tail += data[room:] if room > 0 else data
        over = len(self.tail) - TAIL
        if over > 0:
            self.dropped += over
            del self.tail[:over]

    def text(self) -> str:
        gap = f"\n… {self.dropped} bytes left out …\n".encode() if self.dropped else b""
        return (bytes(self.head) + gap + bytes(self.tail)).decode("utf-8", "replace")


async def run_command(
    command: Sequence[str],
    env: Mapping[str, str],
    until: Callable[[], Awaitable[Stopped]],
    mark: str = "",
    *,
    patience: float = GRACE_SECONDS,
    began: float | None = None,
) -> Ended:
    """Run `command` until it ends or `until` says why it must; afterwards its whole process group is gone,
    and so is every other process with `mark` (NAME=VALUE) in its environment.

    patience: seconds that it has to end by itself when asked to; 0: it is killed at once.
    began: from when its duration counts, as time.monotonic() gives it; None: from now.
    Standard output and error are kept together. Cancelling stops the command as well.
    """
    began = time.monotonic() if began is None else began
    # A pipe of our own: asyncio's would make `wait` last until every grandchild has closed it.
    ours, theirs = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=theirs,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        os.close(ours)
        advice = "does its first line name an interpreter that is there?"
        raise UnderstudyError(
            f"cannot run {command[0]!r}: {error.strerror}", where="CMD", advice=advice
        ) from error
    finally:
        os.close(theirs)
    output = Output()
    reading = asyncio.create_task(_read(ours, output))
    ending = asyncio.ensure_future(process.wait())
    watching = asyncio.ensure_future(until())
    try:
        await asyncio.wait({ending, watching}, return_when=asyncio.FIRST_COMPLETED)
        stopped: Stopped = "" if ending.done() else watching.result()
    finally:
        duration_ms = round((time.monotonic() - began) * 1000)
        watching.cancel()
        await _end_group(process, patience)
        end_marked(mark)
        await asyncio.wait({watching})  # it may have to end a command of its own
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reading, DRAIN_SECONDS)
    return Ended(None if stopped else process.returncode, stopped, duration_ms, output.text())


async def _read(pipe: int, output: Output) -> None:
    """Everything that comes out of `pipe`, until its last writer is gone."""
    stream = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    with os.fdopen(pipe, "rb", buffering=0) as file:
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), file)
        try:
            while data := await stream.read(CHUNK):
                output.add(data)
        finally:
            transport.close()


async def _end_group(process: asyncio.subprocess.Process, grace: float) -> None:
    """Stop the command and everything it started: asked first, then made to."""
    asked = ((signal.SIGTERM, grace),) if grace else ()
    for number, patience in (*asked, (signal.SIGKILL, 0.0)):
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            break
        deadline = time.monotonic() + patience
        try:
            while patience and _group_lives(process) and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:  # there is no time left to ask
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()  # which it does not outlive, and our event loop may end with this
            raise
    await process.wait()


def end_marked(mark: str) -> None:
    """Kill every process with `mark` in the environment it was started with: daemons that left the group of
    their command. `mark`: NAME=VALUE, or its beginning, that nobody else has. Does nothing without a /proc.
    """
    if not mark:
        return
    wanted = f"\0{mark}".encode()
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in b"\0" + (place / "environ").read_bytes() and int(place.name) != os.getpid():
                os.kill(int(place.name), signal.SIGKILL)


def _group_lives(process: asyncio.subprocess.Process) -> bool:
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
