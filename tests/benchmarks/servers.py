"""Servers under measurement, each a process of its own: how long they take to answer, what they cost."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from understudy.specs.library import effective

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IMAGE = "/v1/images/multi-image2image"
KEY = "bench-key"
START_SECONDS = 30.0
UNDERSTUDY = (
    sys.executable,
    "-m",
    "understudy",
    "serve",
    "--port",
    "0",
)
BARE = (sys.executable, "-m", "tests.benchmarks.apps", "bare")
CHECKED = (sys.executable, "-m", "tests.benchmarks.apps", "checked")


class BenchmarkError(Exception):
    """The measurement cannot be made: what is missing, and what to do."""


@dataclass(frozen=True)
class Server:
    """A running server. `seconds` is the time from starting its process to its first whole answer."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    seconds: float

    def cpu_seconds(self) -> float:
        """CPU time of all its threads so far, in seconds."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def rss(self) -> int:
        """Resident memory, in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def ask(self, method: str, path: str, body: object = None, key: str = KEY) -> tuple[int, bytes]:
        """(status, body) of one request over a connection of its own."""
        place = urlsplit(self.url)
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        try:
            line.request(method, path, None if body is None else json.dumps(body), headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def create(self, key: str = KEY) -> int:
        """The id of a new task; the mock's ids are numbers that follow each other."""
        status, body = self.ask(
            "POST", IMAGE, {"subject_image_list": [{"subject_image": "https://a.example/b.png"}]}, key
        )
        if status != 200:
            raise BenchmarkError(f"{self.name} refused a plain request with {status}: {body[:200]!r}")
        return int(json.loads(body)["data"]["task_id"])


@contextlib.contextmanager
def running(name: str, command: Sequence[str]) -> Iterator[Server]:
    """A server whose process prints its URL as a line of JSON; ended and waited for afterwards."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise BenchmarkError(f"{name} did not start: {' '.join(command)}")
        server = Server(name, json.loads(line)["url"], process, 0.0)
        server.ask("GET", f"{IMAGE}/1")
        yield Server(name, server.url, process, time.perf_counter() - began)
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def prism() -> str | None:
    """Where Prism is, if it is installed (`npm install -g @stoplight/prism-cli`)."""
    return shutil.which("prism")


@contextlib.contextmanager
def running_prism(command: str, folder: Path) -> Iterator[Server]:
    """Prism playing the same document, validating requests as it does by default."""
    document = folder / "openapi.json"
    document.write_text(json.dumps({**effective("canonical"), "servers": [{"url": "/"}]}))
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [command, "mock", "--port", str(port), "--verboseLevel", "silent", str(document)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server("prism", f"http://127.0.0.1:{port}", process, 0.0)
    try:
        while True:
            try:
                server.ask("GET", f"{IMAGE}/1")
                break
            except OSError:
                if time.perf_counter() - began > START_SECONDS or process.poll() is not None:
                    raise BenchmarkError("prism did not start") from None
                time.sleep(0.01)
        yield Server("prism", server.url, process, time.perf_counter() - began)
    finally:
        end(process)
