"""The CPU time of single requests, inside the process: `python -m tests.benchmarks.inside SIZE...`

Latencies over sockets say as much of the machine as of the server. Here the application is called directly,
and each call is timed by the CPU that its thread has used: a pause that grows with the tasks (a walk over all
of them, a collector's turn) shows in p99.9 and in the worst, however busy the machine is.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson
from tests.benchmarks.servers import IMAGE

from understudy.mockserver.server.app import MockApp
from understudy.mockserver.server.running import freeze_loaded_objects
from understudy.mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNT = 50_000
BODY = (
    b'{"model_name":"kling-v2-1","prompt":"two cats in a boat, picture number %d","n":1,'
    b'"aspect_ratio":"16:9","subject_image_list":[{"subject_image":"https://pictures.example/cat.png"}]}'
)


class Inside:
    """An application and its last answer."""

    def __init__(self) -> None:
        self.app = MockApp(Settings())
        self.extensions = {"understudy.reply": self.reply}
        self.answer = b""
        self.number = 0
        self.body = b""

    def reply(self, status: int, body: bytes) -> bool:
        assert status == 200, body
        self.answer = body
        return True

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Any) -> None:
        raise AssertionError("the answer leaves in one piece")

    async def call(self, method: str, path: str, key: bytes) -> int:
        """Nanoseconds of CPU for one request; a create has a body of its own."""
        if method == "POST":
            self.number += 1
            self.body = BODY % self.number
        headers = [
            (b"host", b"127.0.0.1:8585"),
            (b"authorization", b"Bearer " + key),
            (b"content-length", b"%d" % len(self.body)),
        ]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "scheme": "http",
            "server": ("127.0.0.1", 8585),
            "extensions": self.extensions,
            "understudy.head": 600,
        }
        began = time.thread_time_ns()
        await self.app(scope, self.receive, self.send)
        return time.thread_time_ns() - began


def quantiles(taken: list[int]) -> list[float]:
    """p50, p99, p99.9 and the most, in µs."""
    taken.sort()
    return [taken[min(len(taken) - 1, int(len(taken) * share))] / 1e3 for share in (0.5, 0.99, 0.999, 1.0)]


async def measure(sizes: Sequence[int]) -> list[dict[str, Any]]:
    inside = Inside()
    freeze_loaded_objects()
    ids: list[int] = []
    rows = []
    for size in sizes:
        while len(ids) < size:
            await inside.call("POST", IMAGE, b"filler")
            ids.append(int(orjson.loads(inside.answer)["data"]["task_id"]))
        count = min(COUNT, 20 * size)
        asked = random.Random(size).choices(ids, k=count)
        queries = [await inside.call("GET", f"{IMAGE}/{task_id}", b"filler") for task_id in asked]
        creates = [await inside.call("POST", IMAGE, b"round") for _ in range(count)]
        await inside.app.control.reset("round")
        rows.append({"tasks": size, "create": quantiles(creates), "query": quantiles(queries)})
    return rows


def run(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """`measure` in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.inside", *map(str, sizes)]
    rows: list[dict[str, Any]] = json.loads(
        subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    )
    return rows


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(measure([int(text) for text in sys.argv[1:]]))))
