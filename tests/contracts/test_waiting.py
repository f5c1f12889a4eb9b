"""Waits that a provider asks for are bounded over the whole run, by the clock and not by the request."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict

from understudy.contracts import trace
from understudy.contracts.client import Client, Limits, Outgoing
from understudy.contracts.rate import Rate
from understudy.contracts.runner.options import options_for
from understudy.contracts.runner.run import with_time
from understudy.contracts.target import read_target
from understudy.contracts.trace import Conversation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TARGET = read_target("canonical")
OUT = Outgoing("GET", "http://provider.example/v1/images/multi-image2image", "multi-image2image", trace.LIST)


class Busy:
    """A session to a provider that says 429 to everything, and to come again in 20 s."""

    status = 429
    headers = CIMultiDict({"Retry-After": "20", "Content-Type": "application/json"})

    @asynccontextmanager
    async def request(self, *_: Any, **__: Any) -> AsyncIterator[Busy]:
        yield self

    @property
    def content(self) -> Busy:
        return self

    async def iter_any(self) -> AsyncIterator[bytes]:
        yield b'{"code": 1302, "message": "too fast", "request_id": "r-1"}'


class Clock:
    seconds = 0.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        await asyncio.sleep(0)
        self.seconds = max(self.seconds, until)


def waited(requests: int, *, at_once: bool) -> tuple[float, int]:
    """Seconds waited in all, and how many requests were sent again."""
    clock = Clock()
    talk = Conversation("canonical", "http://provider.example")
    session: Any = Busy()
    rate = Rate(None, clock.now)
    limits = Limits(patience=70.0, in_all=100.0)
    client = Client(session, talk, TARGET, {}, rate, limits, now=clock.now, sleep=clock.sleep)

    async def run() -> None:
        if at_once:
            await asyncio.gather(*(client.send(OUT) for _ in range(requests)))
        for _ in range(0 if at_once else requests):
            await client.send(OUT)

    asyncio.run(run())
    return client.waited, sum(e.superseded for e in talk.exchanges)


def test_waits_one_after_another_end_at_the_bound_of_the_run() -> None:
    assert waited(5, at_once=False) == (100.0, 5)


def test_waits_at_once_count_once() -> None:
    assert waited(3, at_once=True) == (60.0, 9)


@pytest.mark.parametrize(
    ("given", "requests", "seconds"),
    [
        ({}, 300, 600.0),
        ({}, 3_000, 1_200.0),  # five a second
        ({"rate": 10.0}, 3_000, 600.0),
        ({"timeout": 60.0}, 3_000, 60.0),
    ],
)
def test_time_for_a_run_grows_with_its_requests_unless_it_is_given(given, requests, seconds):
    options = options_for("https://acme.example", api_key="k", **given)
    assert with_time(options, requests).timeout == seconds


def test_time_for_a_run_on_this_machine_is_no_matter_of_requests():
    assert with_time(options_for("http://127.0.0.1:1"), 3_000).timeout == 600.0
