"""Ports for programs that are started with one: free, and not taken by others before they listen."""

from __future__ import annotations

import contextlib
import random
import socket

import pytest

from understudy.contracts import local_ports
from understudy.contracts.local_ports import PORTS, free_port
from understudy.specs.errors import UnderstudyError


def test_port_is_none_that_the_system_gives_to_whoever_asks_for_any() -> None:
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        assert any_port.getsockname()[1] not in PORTS
    assert free_port() in PORTS


def test_taken_ports_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.ExitStack() as stack:
        taken = [free_port()]
        stack.enter_context(socket.create_server(("127.0.0.1", taken[0])))
        other = free_port()
        monkeypatch.setattr(local_ports, "PORTS", (*taken, other))
        monkeypatch.setattr(local_ports, "TRIES", 2)
        assert {free_port(random.Random(seed)) for seed in range(9)} == {other}
        stack.enter_context(socket.create_server(("127.0.0.1", other)))
        with pytest.raises(UnderstudyError, match=f"no free port was found between {taken[0]} and {other}"):
            free_port()
