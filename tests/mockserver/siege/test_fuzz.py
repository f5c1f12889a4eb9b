"""Raw requests by the thousand: no 500, nothing in the log, memory flat. Long form: 100,000 of them."""

from __future__ import annotations

import random
import re
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from tests.mockserver.siege.conftest import BODY, IMAGE, LONG, Wire, head, post
from tests.mockserver.siege.test_command import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

COUNT = 100_000 if LONG else 3_000
KEYS = ("besieger", "second", "third")
VIDEO = "/v1/videos/multi-image2video"
ROOT = "/__understudy__"
CONTROL = [
    ("clock", b'{"rate": 1}'), ("clock/advance", b'{"seconds": 1}'), ("clock/advance", b'{"to": "next"}'),
    ("pace", b'{"pace": "after 2 polls"}'), ("scenario", b'{"scenario": "skip-processing"}'),
    ("faults", b'{"scenario": "extra-fields", "next": 2}'), ("limits", b'{"image": 1000000}'),
    ("tasks/1/finish", b'{"status": "failed"}'),
]  # fmt: skip
FULL = (
    b'{"subject_image_list":[{"subject_image":"iVBORw0KGgo="},{"subject_image":"http://a"}],"n":3,"prompt":"two",'
    b'"image_list":[{"image":"http://a"}],"aspect_ratio":"1:1","watermark_info":{"enabled":true},"duration":"10",'
    b'"callback_url":"http://127.0.0.1:1/","external_task_id":"mine","negative_prompt":"\\u00e9","mode":"pro"}'
)


def seeds(key: str) -> Iterator[bytes]:
    """Requests as clients send them."""
    for path in (IMAGE, VIDEO):
        yield post(BODY, path, key=key)
        yield post(FULL, path, "Content-Type: application/json", "X-Forwarded-Proto: https", key=key)
        yield head("POST", path, "Transfer-Encoding: chunked", key=key) + b"%x\r\n%s\r\n0\r\n\r\n" % (
            len(FULL),
            FULL,
        )
        yield post(BODY, path, "Expect: 100-continue", key=key)
        for tail in (
            "",
            "/mine",
            "/179525575673600097",
            "?pageNum=2&pageSize=3",
            "?task_id=mine",
            "/a%2Fb%00",
        ):
            yield head("GET", path + tail, key=key)
        yield head("DELETE", path, key=key)
    yield head("GET", "/results/179525575673600097/0.png?expires=1", key=key)
    yield head("GET", IMAGE, "Connection: Upgrade", "Upgrade: h2c", key=key)
    yield head("GET", IMAGE, "X-Understudy-Scenario: code-as-string+skip-processing", key=key)
    for name in (
        "",
        "/scenarios",
        "/journal?limit=3&verdict=refused",
        "/journal/count",
        "/deliveries",
        "/tasks",
    ):
        yield head("GET", ROOT + name, key=key)
    for name, body in CONTROL:
        yield post(body, f"{ROOT}/{name}", key=key)


TOKENS = [
    b"\r\n", b"\r\n\r\n", b"\x00", b"\xff", b"%", b"%00", b"..", b"//", b"{", b"}", b"[" * 300, b'"', b"null",
    b"NaN", b"1e999", b"-1", b"9" * 30, b"9" * 400, b'"\\ud800"', b"\\u0000", b":", b",",
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: [\r\n", b"A" * 3000, b" ", b"\t",
    b"?", b"&", b"=", b"+", b"HTTP/1.0", b"HEAD", b"Bearer ", b"\xf0\x9f\x99\x82",
]  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` with some of its bytes changed, taken out, put in, or said twice."""
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 8))):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in "ab")
        to = min(to, at + chance.choice((1, 2, 8, 64, 4096)))
        kind = chance.randrange(5)
        if kind == 0:
            data = data[:at] + bytes(chance.randrange(256) for _ in range(min(to - at, 8))) + data[to:]
        elif kind == 1:
            data = data[:at] + data[to:]
        elif kind == 2:
            data = data[:to] + data[at:to] * chance.choice((1, 1, 5)) + data[to:]
        else:
            data = data[:at] + chance.choice(TOKENS) + data[at if kind == 3 else to :]
        data = data or b"\n"
    return data


ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")


def check(sent: bytes, got: bytes) -> int:
    """How many answers there were; each must be whole, and none a mistake of the server's own."""
    count = 0
    while got:
        found = ANSWER.match(got)
        assert found, (sent, got)
        status, fields = int(found[1]), found[2].lower()
        assert status < 500, (sent, got)
        got = got[found.end() :]
        if status == 100:
            continue
        count += 1
        length = re.search(rb"content-length: (\d+)", fields)
        assert length, (sent, got)
        if b"HEAD" in sent and not got.startswith((b"{", b"[")):
            continue
        body, got = got[: int(length[1])], got[int(length[1]) :]
        if b"application/json" in fields:
            value = orjson.loads(body)
            assert (
                not isinstance(value, dict)
                or {"code", "error", "name", "now"} & value.keys()
                or status == 200
            ), value
    return count


def exchange(port: int, data: bytes) -> bytes:
    """What comes back for `data` from a client that says no more then."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        got = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(1 << 18):
                got += part
        except ConnectionError:
            pass  # refused before all was said
        return got


def memory(pid: int) -> float:
    """Resident memory of a process, in MB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024  # type: ignore[index]


@pytest.mark.parametrize(("store", "count"), [("memory", COUNT), ("tasks.sqlite", COUNT // 5)])
def test_raw_requests_do_no_harm(store: str, count: int, tmp_path: Path) -> None:
    options = [word for key in KEYS for word in ("--api-key", key)]
    served = Served(
        *options, "--journal", "200", "--store", store if store == "memory" else str(tmp_path / store)
    )
    chance = random.Random(count)
    base = [seed for key in KEYS for seed in seeds(key)]
    answers, sizes = 0, []
    try:
        for number in range(count):
            data = mutated(chance.choice(base), chance)
            answers += check(data, exchange(served.port, data))
            if (number + 1) % (count // 10) == 0:
                served.ask("POST", f"{ROOT}/reset", Authorization="")
                sizes.append(memory(served.process.pid))
        sys.stdout.write(f"{count} requests, {answers} answers, MB: {[round(size, 1) for size in sizes]}\n")
        assert answers > count * 0.7
        # The first fifth fills what is bounded: journals, caches, what the allocator keeps.
        assert sizes[-1] - sizes[1] < (12 if LONG else 8), sizes
    finally:
        _, err = served.stop(signal.SIGTERM)
    assert err == ""


def test_a_client_that_says_no_more_still_gets_its_answers(fort: Account) -> None:
    with Wire(fort) as wire:
        wire.send(post(BODY), head("GET", f"{IMAGE}/nobody"))
        wire.socket.shutdown(socket.SHUT_WR)
        assert [wire.answer().told for _ in "ab"] == [(200, 0), (400, 1201)]
        assert wire.ended()
