"""The load, from another process: wrk with 32 connections, and what it says."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.servers import KEY, BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.servers import Server

CONNECTIONS = 32
SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Reading:
    """One round against one server: requests a second, latencies in ms, the server's CPU µs a request."""

    rate: float
    p50: float
    p99: float
    cpu: float
    refused: int = 0


def median(readings: Sequence[Reading]) -> Reading:
    """The median of each figure by itself."""
    return Reading(
        *(statistics.median(getattr(r, name) for r in readings) for name in ("rate", "p50", "p99", "cpu")),
        refused=max(r.refused for r in readings),
    )


def wrk() -> str:
    """Where wrk is; raises BenchmarkError."""
    found = shutil.which("wrk")
    if found is None:
        raise BenchmarkError(
            "wrk is not installed: apt-get install wrk (Debian, Ubuntu), brew install wrk (macOS)"
        )
    return found


def deaf_to_interrupts() -> None:
    """An interrupt does nothing to a program that starts, until it has a handler of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def interrupted(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """What wrk printed, to its standard output and error. It counts in whole seconds; an interrupt ends it at
    any time, with its summary, once it listens for one: on a busy machine it may not have come so far."""
    while True:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=0.2)


def hit(
    server: Server,
    operation: str,
    seconds: float,
    key: str = KEY,
    ids: Path | None = None,
    connections: int = CONNECTIONS,
) -> Reading:
    """Load a server for so many seconds; raises BenchmarkError when connections broke."""
    before = server.cpu_seconds()
    process = subprocess.Popen(
        [wrk(), "-t1", f"-c{connections}", "-d600", "--timeout", "10", "-s", SCRIPT, server.url,
         "--", operation, key, *([str(ids)] if ids else [])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=deaf_to_interrupts,  # noqa: PLW1509 - one thread
    )  # fmt: skip
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        out, complaint = interrupted(process)
    finally:
        process.kill()
    cpu = server.cpu_seconds() - before
    try:
        said = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        raise BenchmarkError(f"wrk failed: {complaint.decode() or out.decode()}") from None
    if said["broken"]:
        raise BenchmarkError(f"{server.name}, {operation}: {said['broken']} connections broke")
    count = said["requests"] or 1
    return Reading(count / said["seconds"], said["p50"], said["p99"], cpu / count * 1e6, said["refused"])
