"""What the mock does, in numbers, for Prometheus: /__understudy__/metrics of `serve --metrics`.

Without the option nothing is counted, and prometheus-client is not imported. With it, a request costs one
more addition: totals are made from the plain counts when they are asked for.
"""

from __future__ import annotations

import asyncio
import bisect
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.mockserver.errors import MockError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prometheus_client.core import Metric

    from understudy.mockserver.accounts.journal import Entry
    from understudy.mockserver.callbacks.sender import AttemptOutcome
    from understudy.mockserver.state import ServerState

# Upper bounds in seconds.
LATENESS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
STORE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
# A callback that leaves so many milliseconds after its time is late.
LATE_MS = 500
# How often the loop is looked at.
LOOK_SECONDS = 0.25
# After so many tasks looked at, others are served.
SERVE_OTHERS = 5_000


class Histogram:
    """Counts of values by upper bound (seconds), and their sum."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float], counts: Sequence[int] = (), total: float = 0.0) -> None:
        self.bounds = bounds
        self.counts = list(counts) or [0] * (len(bounds) + 1)
        self.total = total

    def add(self, seconds: float) -> None:
        self.counts[bisect.bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """(upper bound, how many values do not exceed it), as Prometheus wants them."""
        names = [*map(str, self.bounds), "+Inf"]
        return list(zip(names, map(float, itertools.accumulate(self.counts)), strict=True))


@dataclass(frozen=True, slots=True)
class Counts:
    """What one process has counted, as JSON can carry it to another; `+` is what both have.

    `requests`: [operation, verdict, number]; `lateness` and `writes`: the counts of a histogram and its sum.
    """

    requests: list[tuple[str, str, int]]
    delivered: int
    failed: int
    late: int
    due: int
    lag: float
    lateness: tuple[list[int], float]
    writes: tuple[list[int], float]

    def __add__(self, other: Counts) -> Counts:
        requests: Counter[tuple[str, str]] = Counter()
        for operation, verdict, number in (*self.requests, *other.requests):
            requests[operation, verdict] += number
        return Counts(
            [(*names, number) for names, number in sorted(requests.items())],
            self.delivered + other.delivered,
            self.failed + other.failed,
            self.late + other.late,
            self.due + other.due,
            max(self.lag, other.lag),
            _both(self.lateness, other.lateness),
            _both(self.writes, other.writes),
        )


def _both(one: tuple[list[int], float], other: tuple[list[int], float]) -> tuple[list[int], float]:
    return [a + b for a, b in zip(one[0], other[0], strict=True)], one[1] + other[1]


class Metrics:
    """Counts what a server does from its start on. Raises MockError where prometheus-client is missing."""

    def __init__(self, state: ServerState) -> None:
        try:
            import prometheus_client  # here: an extra that few install
        except ImportError:
            advice = "pip install 'understudy[metrics]'"
            raise MockError("prometheus-client is not installed", where="--metrics", advice=advice) from None
        self._client = prometheus_client
        self._state = state
        self.requests: Counter[tuple[str, str]] = Counter()
        self.attempts: Counter[str] = Counter()
        self.late = 0
        self.lateness = Histogram(LATENESS)
        self.writes = Histogram(STORE)
        self.lag = 0.0
        state.observers.append(self.count_request)
        state.outbox.observe = self.count_attempt
        state.store.observe(self.writes.add)
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._looking = asyncio.get_running_loop().create_task(self._look())

    def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def count_request(self, entry: Entry) -> None:
        self.requests[entry.operation, entry.verdict] += 1

    def count_attempt(self, outcome: AttemptOutcome, late_ms: int) -> None:
        self.attempts["delivered" if outcome.ok else "failed"] += 1
        self.lateness.add(max(0, late_ms) / 1000)
        self.late += late_ms > LATE_MS

    async def _look(self) -> None:
        """Note how much later than asked the loop comes back: the longest delay since the last scrape."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS)
            self.lag = max(self.lag, loop.time() - due)

    async def tasks_by_state(self) -> Counter[tuple[str, str]]:
        """How many tasks there are of each family in each state now; others are served meanwhile."""
        found: Counter[tuple[str, str]] = Counter()
        looked = 0
        store, accounts = self._state.store, self._state.accounts
        for key in list(store.accounts()):
            now = accounts.get(key).clock.now()
            for task in list(store.tasks(key)):
                found[task.family, task.status(now)] += 1
                looked += 1
                if not looked % SERVE_OTHERS:
                    await asyncio.sleep(0)
        return found

    @property
    def media_type(self) -> str:
        return self._client.CONTENT_TYPE_LATEST

    def counts(self) -> Counts:
        """What was counted so far; the loop's lag since this was asked last."""
        lag, self.lag = self.lag, 0.0
        return Counts(
            [(*names, number) for names, number in sorted(self.requests.items())],
            self.attempts["delivered"],
            self.attempts["failed"],
            self.late,
            self._state.outbox.waiting(),
            lag,
            (self.lateness.counts, self.lateness.total),
            (self.writes.counts, self.writes.total),
        )

    def text(self, tasks: Counter[tuple[str, str]], counts: Counts) -> bytes:
        """Everything, in Prometheus' text format."""
        families = list(_families(tasks, counts))

        class Collected:
            def collect(self) -> Iterable[Metric]:
                return families

        registry = self._client.CollectorRegistry()
        registry.register(Collected())
        return self._client.generate_latest(registry)


def _families(tasks: Counter[tuple[str, str]], counts: Counts) -> Iterator[Metric]:
    from prometheus_client.core import (  # here: an extra that few install
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    requests = CounterMetricFamily(
        "understudy_requests", "Requests answered.", labels=["operation", "verdict"]
    )
    for operation, verdict, number in counts.requests:
        requests.add_metric([operation, verdict], number)
    yield requests
    states = GaugeMetricFamily("understudy_tasks", "Tasks by family and state.", labels=["family", "state"])
    for values, number in sorted(tasks.items()):
        states.add_metric(values, number)
    yield states
    attempts = CounterMetricFamily(
        "understudy_callback_attempts", "Attempts to deliver a callback.", labels=["outcome"]
    )
    attempts.add_metric(["delivered"], counts.delivered)
    attempts.add_metric(["failed"], counts.failed)
    yield attempts
    late = f"Attempts that left more than {LATE_MS} ms after their time."
    yield CounterMetricFamily("understudy_callbacks_late", late, value=counts.late)
    waiting = "Callbacks that wait for their time, or are on their way."
    yield GaugeMetricFamily("understudy_callbacks_due", waiting, value=counts.due)
    for name, text, bounds, (numbers, total) in (
        ("understudy_callback_lateness_seconds", "How late attempts left.", LATENESS, counts.lateness),
        ("understudy_store_write_seconds", "How long the store took for a write.", STORE, counts.writes),
    ):
        buckets = Histogram(bounds, numbers, total).buckets()
        yield HistogramMetricFamily(name, text, buckets=buckets, sum_value=total)
    lag = "The longest delay of the event loop since the last scrape."
    yield GaugeMetricFamily("understudy_loop_lag_seconds", lag, value=counts.lag)
