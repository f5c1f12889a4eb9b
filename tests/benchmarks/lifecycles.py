"""Whole lifecycles: a client that creates and asks, and a receiver that notes when callbacks come.

Both are as light as Python allows (`asyncio.Protocol` on uvloop), so that what is late is the server.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import uvloop
from tests.benchmarks.servers import IMAGE, KEY, BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.benchmarks.servers import Server

CHANGES = 3  # submitted, processing, succeed
END = b"\r\n\r\n"
LENGTH = b"content-length:"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def cut(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """(head, body, rest) of the first whole message in a buffer, None while it is not whole."""
    at = buffer.find(END)
    if at < 0:
        return None
    head = buffer[:at].lower()
    found = head.find(LENGTH)
    size = int(head[found + len(LENGTH) :].split(b"\r\n", 1)[0]) if found >= 0 else 0
    end = at + len(END) + size
    return (head, buffer[at + len(END) : end], buffer[end:]) if len(buffer) >= end else None


class Messages(asyncio.Protocol):
    """Reads HTTP messages with a content-length, one after another."""

    transport: Any
    buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.buffer and (whole := cut(self.buffer)) is not None:
            head, body, self.buffer = whole
            self.message(head, body)

    def message(self, head: bytes, body: bytes) -> None:
        raise NotImplementedError


class Hook(Messages):
    """The receiver of callbacks: answers 200 and gives each body to `note`."""

    def __init__(self, note: Callable[[bytes], None]) -> None:
        self.note = note

    def message(self, head: bytes, body: bytes) -> None:
        self.transport.write(OK)
        self.note(body)


class Line(Messages):
    """A client's connection; one request at a time."""

    answer: asyncio.Future[tuple[int, bytes]]

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer

    def message(self, head: bytes, body: bytes) -> None:
        self.answer.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.answer.done():
            self.answer.set_exception(BenchmarkError(f"the server closed a connection: {error}"))


class Client:
    """Requests over a fixed number of connections."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.place = place.hostname, place.port
        self.head = f"Host: {place.netloc}\r\nAuthorization: Bearer {KEY}\r\n".encode()
        self.free: deque[Line] = deque()
        self.gate = asyncio.Semaphore(0)

    async def open(self, lines: int) -> None:
        for _ in range(lines):
            _, line = await asyncio.get_running_loop().create_connection(Line, *self.place)
            self.free.append(line)
            self.gate.release()

    async def ask(self, first: bytes, body: bytes = b"") -> bytes:
        """The body of the answer, which must be 200; `first` is method and path."""
        head = b"%s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (first, self.head, len(body))
        async with self.gate:
            line = self.free.popleft()
            status, answer = await line.ask(head + body)
            self.free.append(line)
        if status != 200:
            raise BenchmarkError(f"{first!r} was answered with {status}: {answer[:200]!r}")
        return answer

    async def create(self, n: int, callback_url: str) -> str:
        body = {
            "prompt": f"two cats in a boat, lifecycle number {n}",
            "subject_image_list": [{"subject_image": "https://pictures.example/cat.png"}],
            "callback_url": callback_url,
        }
        answer = orjson.loads(await self.ask(b"POST " + IMAGE.encode(), orjson.dumps(body)))
        return str(answer["data"]["task_id"])

    async def query(self, task_id: str) -> Any:
        return orjson.loads(await self.ask(f"GET {IMAGE}/{task_id}".encode()))["data"]

    def close(self) -> None:
        for line in self.free:
            line.transport.close()


async def receive(note: Callable[[bytes], None]) -> tuple[asyncio.Server, str]:
    """A receiver on a free port, and its URL."""
    server = await asyncio.get_running_loop().create_server(lambda: Hook(note), "127.0.0.1", 0, backlog=1024)
    return server, "http://{}:{}/hook".format(*server.sockets[0].getsockname())


def run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


# -- one after another: how many a second ------------------------------------------------------------------


async def _rate(url: str, seconds: float, lines: int, changes: int) -> tuple[int, float]:
    left: dict[str, int] = {}
    ended: dict[str, asyncio.Event] = {}

    def note(body: bytes) -> None:
        task_id = str(orjson.loads(body)["task_id"])
        left[task_id] = left.get(task_id, changes) - 1
        if not left[task_id]:
            ended.setdefault(task_id, asyncio.Event()).set()

    server, hook = await receive(note)
    client = Client(url)
    await client.open(lines)
    done = 0
    began = time.perf_counter()

    async def one_after_another() -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            task_id = await client.create(done, hook)
            if changes:
                await asyncio.wait_for(ended.setdefault(task_id, asyncio.Event()).wait(), 30)
                del ended[task_id], left[task_id]
            if (await client.query(task_id))["task_status"] != "succeed" and changes:
                raise BenchmarkError(f"task {task_id} has not succeeded after its last callback")
            done += 1

    await asyncio.gather(*(one_after_another() for _ in range(lines)))
    passed = time.perf_counter() - began
    client.close()
    server.close()
    return done, passed


def rate(server: Server, seconds: float, *, callbacks: bool) -> tuple[float, float]:
    """(lifecycles a second, the server's CPU µs for each): create, its callbacks, query; 32 at a time.

    The mock must play at pace `instant`. Servers without callbacks are asked for the same, less those.
    """
    before = server.cpu_seconds()
    done, passed = run(_rate(server.url, seconds, 32, CHANGES if callbacks else 0))
    return done / passed, (server.cpu_seconds() - before) / max(1, done) * 1e6


# -- many at once: how late callbacks are ------------------------------------------------------------------


@dataclass(frozen=True)
class Flight:
    """What came of many lifecycles at once. Lateness in ms: from the change's own time to its arrival."""

    lifecycles: int
    begun_seconds: float
    p50: float
    p99: float
    most: float
    lost: int
    again: int
    out_of_order: int


async def _flight(url: str, count: int, spread: float, patience: float) -> Flight:
    came: list[tuple[int, bytes]] = []
    now = time.time_ns
    server, hook = await receive(lambda body: came.append((now(), body)))
    client = Client(url)
    await client.open(64)
    loop = asyncio.get_running_loop()
    began = loop.time()
    creates = []
    for n in range(count):
        wait = began + spread * n / count - loop.time()
        if wait > 0.001:
            await asyncio.sleep(wait)
        creates.append(loop.create_task(client.create(n, hook)))
    ids = await asyncio.gather(*creates)
    begun = loop.time() - began
    deadline = loop.time() + patience
    while len(came) < CHANGES * count and loop.time() < deadline:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)  # what comes twice would come now
    client.close()
    server.close()
    return judge(came, ids, begun)


def judge(came: list[tuple[int, bytes]], ids: list[str], begun: float) -> Flight:
    """Lateness, losses and disorder of what came: (time in ns, body) in the order of arrival."""
    seen: dict[str, list[int]] = {task_id: [] for task_id in ids}
    late = []
    for at, body in came:
        record = orjson.loads(body)
        seen[record["task_id"]].append(record["updated_at"])
        late.append(at / 1e6 - record["updated_at"])
    late = sorted(late) or [0.0]
    expected = CHANGES * len(ids)
    distinct = sum(len(set(times)) for times in seen.values())
    return Flight(
        lifecycles=len(ids),
        begun_seconds=begun,
        p50=statistics.median(late),
        p99=late[min(len(late) - 1, int(len(late) * 0.99))],
        most=late[-1],
        lost=expected - distinct,
        again=len(came) - distinct,
        out_of_order=sum(times != sorted(times) for times in seen.values()),
    )


def flight(server: Server, count: int, spread: float, patience: float = 30.0) -> Flight:
    """Begin `count` lifecycles of two seconds evenly over `spread` seconds, and see every callback come."""
    result: Flight = run(_flight(server.url, count, spread, patience))
    return result
