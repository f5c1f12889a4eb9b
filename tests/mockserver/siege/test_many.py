"""Many at a time: test processes that must not meet, connections that wait, clients that go away."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mockserver.siege.conftest import BODY, IMAGE, LONG, Wire, head, post
from tests.mockserver.siege.test_command import Served
from tests.mockserver.siege.test_fuzz import memory

if TYPE_CHECKING:
    from understudy.contracts.handle import Account

BESIEGER = str(Path(__file__).with_name("besieger.py"))


def test_sixteen_processes_with_sixteen_keys_and_clocks_never_meet(fort: Account) -> None:
    rounds = "40" if LONG else "2"
    processes = [
        subprocess.Popen(
            [sys.executable, BESIEGER, fort.url, str(number), rounds], stderr=subprocess.PIPE, text=True
        )
        for number in range(16)
    ]
    told = [(process.communicate(timeout=300)[1], process.returncode) for process in processes]
    assert told == [("", 0)] * 16


def test_a_besieger_sees_what_is_not_its_own(fort: Account) -> None:
    """The check of the check: two processes with one key and one clock do meet."""
    processes = [
        subprocess.Popen([sys.executable, BESIEGER, fort.url, "99", "20"], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [(process.communicate(timeout=300)[1], process.returncode) for process in processes]
    assert any(code for _, code in told), told


async def shut(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def held(port: int, count: int) -> tuple[list[int], float]:
    """Open so many connections, and only then ask on each: (statuses, seconds a client waited meanwhile)."""
    lines = []
    for _ in range(count // 100):
        lines += await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(100)))
    started = time.monotonic()
    reader, writer = lines[-1]
    writer.write(post(BODY))
    await reader.readuntil(b"\r\n\r\n")
    waited = time.monotonic() - started

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        writer.write(head("GET", f"{IMAGE}/nobody", "Connection: close"))
        answer = await reader.read()
        await shut(writer)
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0

    await shut(writer)
    return await asyncio.gather(*(ask(*line) for line in lines[:-1])), waited


def test_thousands_of_open_connections_are_kept_and_answered() -> None:
    count = 5000 if LONG else 500
    served = Served()
    try:
        before = memory(served.process.pid)
        statuses, waited = asyncio.run(held(served.port, count))
        grown = memory(served.process.pid) - before
        assert (statuses, waited < 1) == ([400] * (count - 1), True), waited
        assert grown < count * 0.03, grown
        sys.stdout.write(
            f"{count} connections: {grown:.1f} MB more, a create waited {waited * 1000:.1f} ms\n"
        )
    finally:
        _, err = served.stop(signal.SIGTERM)
    assert err == ""


def test_clients_that_go_away_in_the_middle_leave_nothing_behind(fort: Account) -> None:
    leaver = fort.server.account(key="leaver")
    with Wire(fort) as wire:
        for _ in range(500):
            wire.send(post(BODY, key="leaver")).answer()
    listing = head("GET", f"{IMAGE}?pageSize=500", key="leaver")
    slow = head("GET", IMAGE, "X-Understudy-Scenario: latency:ms=50", key="leaver")
    for data in (listing, listing * 3, slow, slow * 3, post(BODY, key="leaver")[:-5], b"GET /"):
        for _ in range(20):
            with Wire(fort) as wire:
                # A reset, not a farewell.
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                wire.send(data)
    time.sleep(0.2)  # what was slow has been answered to nobody
    with Wire(fort) as wire:
        assert len(json.loads(wire.send(listing).answer().raw)["data"]) == 500
    assert leaver.count(verdict="refused") == 0
