"""What is remembered of texts that clients choose is bounded in bytes."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from understudy.mockserver.accounts.keys import Keyring
from understudy.mockserver.callbacks.targets import read_target
from understudy.mockserver.play.faults import effects, read_scenarios
from understudy.mockserver.store.tasks import plan

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 6 * 1024 * 1024
KEYRING = Keyring((), (), lambda: 0.0)


def scenarios(n: int) -> None:
    chosen = read_scenarios("+".join(f"latency:ms={n % 500_000},times={n + i}" for i in range(60)), ())
    effects(chosen, "create")


def short_scenarios(n: int) -> None:
    effects(read_scenarios("+".join(f"latency:ms={n},times={i}" for i in range(8)), ()), "create")


def targets(n: int) -> None:
    read_target(f"http://127.0.0.1/{n}" + "x" * 900)


def keys(n: int) -> None:
    KEYRING.account(f"Bearer {n}".encode() + b"x" * 4000)


def plans(n: int) -> None:
    plan(("a", "b"), (0, n), "why" * 5000 + str(n))


# How many of each, kept without a bound, would be more than MOST.
TEXTS = [(scenarios, 250), (short_scenarios, 1500), (targets, 4000), (keys, 4000), (plans, 4000)]


@pytest.mark.parametrize(("remember", "times"), TEXTS)
def test_thousands_of_distinct_texts_leave_little_behind(remember: Callable[[int], None], times: int) -> None:
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for n in range(times):
            remember(n)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert held < MOST
