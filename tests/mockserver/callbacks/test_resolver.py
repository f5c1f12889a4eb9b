"""Names of callbacks' hosts: what needs no look-up gets none, and what hangs holds up nobody else."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from understudy.mockserver.callbacks.resolver import Resolver, numeric_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("0x7f.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0xa9fea9fe", "169.254.169.254"),
        ("1and1.example", ""),
        ("hooks.example", ""),
    ],
)
def test_numbers_are_read_as_c_reads_them(host: str, address: str) -> None:
    assert numeric_address(host) == address


class Names:
    """A name server: `silent…` gets no answer until the end, `nobody…` none, others 192.0.2.N by letter."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ended = threading.Event()

    def ask(self, name: str) -> list[str]:
        self.asked.append(name)
        if name.startswith("silent"):
            self.ended.wait(30)
            raise OSError("no answer")
        if name.startswith("nobody"):
            raise OSError("unknown")
        return [f"192.0.2.{ord(name[0])}"] * 2


@pytest.fixture
def names() -> Iterator[Names]:
    server = Names()
    yield server
    server.ended.set()


def run(names: Names, work: Callable[[Resolver], Any]) -> Any:
    async def all_of_it() -> Any:
        made = Resolver(names.ask)
        try:
            async with asyncio.timeout(10):
                return await work(made)
        finally:
            made.close()

    return asyncio.run(all_of_it())


def test_silent_name_servers_hold_up_neither_numbers_nor_localhost_nor_other_names(names: Names) -> None:
    async def work(made: Resolver) -> Any:
        waiting = [asyncio.ensure_future(made.addresses(f"silent{n}.example")) for n in range(8)]
        await asyncio.sleep(0)
        found = [
            await made.addresses(host)
            for host in ("127.0.0.1", "::1", "LocalHost", "api.localhost", "a.example")
        ]
        assert not any(one.done() for one in waiting)
        for one in waiting:
            one.cancel()
        return found

    local = ("127.0.0.1", "::1")
    assert run(names, work) == [("127.0.0.1",), ("::1",), local, local, ("192.0.2.97",)]
    assert sorted(names.asked) == ["a.example", *(f"silent{n}.example" for n in range(8))]


def test_a_name_is_looked_up_once_for_all_who_wait_and_then_kept(names: Names) -> None:
    async def work(made: Resolver) -> Any:
        first = await asyncio.gather(
            *(made.addresses(host) for host in ("b.example", "B.example.", "b.example"))
        )
        return [*first, await made.addresses("b.example")]

    assert run(names, work) == [("192.0.2.98",)] * 4
    assert names.asked == ["b.example"]


def test_a_name_that_nobody_has_is_an_error_each_time_and_asked_for_once(names: Names) -> None:
    async def work(made: Resolver) -> list[str]:
        told = []
        for _ in range(2):
            with pytest.raises(OSError, match=r"nobody\.example: unknown") as raised:
                await made.addresses("nobody.example")
            told.append(str(raised.value))
        return told

    assert len(run(names, work)) == 2
    assert names.asked == ["nobody.example"]
