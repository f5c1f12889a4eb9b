"""Ports for programs that are started with one: free, and not taken by others before they listen."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import sys

import pytest

from understudy.contracts import local_ports
from understudy.contracts.local_ports import PORTS, reserved_port
from understudy.specs.errors import UnderstudyError

ELSEWHERE = """
import random, sys
from understudy.contracts import local_ports
from understudy.contracts.local_ports import reserved_port
local_ports.PORTS, local_ports.TRIES = tuple(map(int, sys.argv[1:])), len(sys.argv) - 1
with reserved_port(random.Random(0)) as port:
    print(port)
"""


def test_port_is_none_that_the_system_gives_to_whoever_asks_for_any() -> None:
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        assert any_port.getsockname()[1] not in PORTS
    with reserved_port() as port:
        assert port in PORTS


def test_taken_ports_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.ExitStack() as stack:
        taken, other = (stack.enter_context(reserved_port()) for _ in range(2))
        stack.close()
        stack.enter_context(socket.create_server(("127.0.0.1", taken)))
        monkeypatch.setattr(local_ports, "PORTS", (taken, other))
        monkeypatch.setattr(local_ports, "TRIES", 2)
        for seed in range(9):
            with reserved_port(random.Random(seed)) as port:
                assert port == other
        stack.enter_context(socket.create_server(("127.0.0.1", other)))
        none = f"no free port was found between {taken} and {other}"
        with pytest.raises(UnderstudyError, match=none), reserved_port():
            pass


def test_port_is_given_once_until_it_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program listens only some time after it was given its port: others of this process and of further
    ones must not be given it, and its own address stays free."""
    with reserved_port() as first, reserved_port() as second:
        both = (first, second)
    monkeypatch.setattr(local_ports, "PORTS", both)
    monkeypatch.setattr(local_ports, "TRIES", 2)
    with reserved_port(random.Random(0)) as one:
        (left,) = set(both) - {one}
        with reserved_port(random.Random(0)) as other:
            assert other == left
        elsewhere = [sys.executable, "-c", ELSEWHERE, *map(str, both)]
        assert subprocess.run(elsewhere, capture_output=True, text=True, check=True).stdout == f"{left}\n"
        socket.create_server(("127.0.0.1", one)).close()
    with reserved_port(random.Random(0)) as again:
        assert again == one
