"""What a gateway does with orders and money, as a report: a row a promise, above them the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from understudy.contracts.client_verifier.conversation import conversation
from understudy.contracts.client_verifier.verdict import number, seconds, units
from understudy.contracts.gateway_verifier.promises import GATEWAY_PROMISES
from understudy.specs.report import Detail, Report, ReportRow, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.contracts.client_verifier.verdict import ClientVerdict, Outcome
    from understudy.contracts.gateway_verifier.promises import GatewayPromise
    from understudy.contracts.gateway_verifier.seen import GatewayRun, OrderLine
    from understudy.specs.report import Level

LEVELS: dict[str, Level] = {"kept": "pass", "broken": "fail", "not exercised": "skip"}
DOUBTS, KNOWN = "kept, but look", "broken, known"
# More conversations of one broken promise tell nothing new.
MOST_SHOWN = 3
HEAD = ("scenario", "ordered", "bought", "billed", "delivered", "late", "lost", "doubled", "of nobody")


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A promise in one run."""

    run: GatewayRun
    verdict: ClientVerdict


@dataclass(frozen=True, slots=True)
class JudgedPromise:
    """A promise over all runs in which it is judged."""

    promise: GatewayPromise
    found: tuple[JudgedRun, ...]

    @property
    def outcome(self) -> Outcome:
        """Broken in one run is broken; kept in one run is kept; else there was no occasion."""
        outcomes = {one.verdict.outcome for one in self.found}
        if "broken" in outcomes:
            return "broken"
        return "kept" if "kept" in outcomes else "not exercised"

    @property
    def broken(self) -> tuple[JudgedRun, ...]:
        return tuple(one for one in self.found if one.verdict.outcome == "broken")

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(f"{self.promise.id}/{one.run.scenario}" for one in self.broken)


def judged(runs: Sequence[GatewayRun]) -> tuple[JudgedPromise, ...]:
    """Every promise over `runs`, of which the first is the one in which nothing goes wrong."""
    return tuple(
        JudgedPromise(
            promise,
            tuple(JudgedRun(run, promise.judge(run)) for run in (runs[:1] if promise.healthy else runs)),
        )
        for promise in GATEWAY_PROMISES
    )


def broken_of(runs: Sequence[GatewayRun]) -> frozenset[str]:
    """What a baseline remembers: "bills-no-failure/fails-late" for each promise broken in a run."""
    return frozenset(mark for one in judged(runs) for mark in one.fingerprints)


def gateway_report(
    runs: Sequence[GatewayRun],
    facts: Iterable[tuple[str, str]] = (),
    known: frozenset[str] = frozenset(),
) -> Report:
    """All of it, with the ledger as a table. `known` is the baseline: what it holds is no news."""
    found = judged(runs)
    rows = tuple(_row(one, known) for one in found)
    paid = [task for run in runs for task in run.upstream.tasks if not task.failed]
    tasks = "1 task" if len(paid) == 1 else f"{len(paid)} tasks"
    cost = f"{units(sum(task.units for task in paid))}, for {tasks}"
    told = [("runs", str(len(runs))), *facts, ("cost of these runs at the provider", cost)]
    told += _latency(runs)
    played = {run.scenario for run in runs}
    mended = known.difference(*(one.fingerprints for one in found))
    if gone := sorted(mark for mark in mended if mark.partition("/")[2] in played):
        told.append(("no longer broken, remove from the baseline", ", ".join(gone)))
    return Report("Ledger of the gateway", rows, tuple(told), grid=ledger_table(runs))


def ledger_table(runs: Sequence[GatewayRun]) -> tuple[tuple[str, ...], ...]:
    """The head, a line for each run, and the sum: units, but for late ends, which are counted."""
    amounts = [_amounts(run) for run in runs]
    sums = [_sum(column) for column in zip(*amounts, strict=True)]
    lines = [(run.scenario, *map(_cell, row)) for run, row in zip(runs, amounts, strict=True)]
    return (HEAD, *lines, ("all", *map(_cell, sums)))


def _amounts(run: GatewayRun) -> tuple[float | None, ...]:
    orders = [line.order for line in run.lines]
    billed = [order.billed for order in orders]
    lost = [line for line in run.lines if line.ready_ms is not None and not line.delivered]
    return (
        sum(order.units for order in orders),
        sum(line.bought for line in run.lines) + sum(task.units for task in run.stray),
        _sum(billed),
        sum(line.order.units for line in run.lines if line.delivered),
        float(sum(_late(line, run) for line in run.lines)),
        sum(line.bought for line in lost) if not run.resultless else 0.0,
        sum(sum(task.units for task in line.paid[1:]) for line in run.lines),
        sum(task.units for task in run.stray),
    )


def _late(line: OrderLine, run: GatewayRun) -> bool:
    end, since = line.order.end, line.end_upstream_ms
    told_late = end is not None and since is not None and run.is_late(line, end.at_ms - since)
    return told_late and not (run.resultless or line.lasting)


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _cell(value: float | None) -> str:
    return "?" if value is None else number(value)


def _latency(runs: Sequence[GatewayRun]) -> list[tuple[str, str]]:
    """How long a create takes, and how much later than upstream an end is told, when all is well."""
    creates = [
        line.order.answered_ms - line.order.at_ms
        for line in runs[0].lines
        if line.order.answered_ms is not None
    ]
    ends = [
        line.order.end.at_ms - since
        for line in runs[0].lines
        if line.order.end is not None and (since := line.end_upstream_ms) is not None
    ]
    told = [("a create takes", f"{median(creates):.0f} ms")] if creates else []
    return told + ([("the end is told later by", seconds(median(ends)))] if ends else [])


def _row(one: JudgedPromise, known: frozenset[str]) -> ReportRow:
    news = tuple(mark for mark in one.fingerprints if mark not in known)
    old = one.outcome == "broken" and not news
    doubts = one.outcome == "kept" and any(found.verdict.warning for found in one.found)
    worst = one.broken[0].run if one.broken else None
    return ReportRow(
        id=one.promise.id,
        area=one.promise.area,
        title=one.promise.sentence,
        verdict=KNOWN if old else DOUBTS if doubts else one.outcome,
        level="warn" if doubts or old else LEVELS[one.outcome],
        text=_text(one, only_warnings=doubts),
        details=tuple(d for found in one.broken[:MOST_SHOWN] for d in _details(found.run)),
        timeline=timeline(worst) if worst is not None else (),
        explanation=(one.promise.judge.__doc__ or "").split("\n", 1)[0],
        fingerprint=", ".join(news or one.fingerprints),
    )


def _text(one: JudgedPromise, *, only_warnings: bool) -> str:
    """ "fails-late: billed 1 unit…", of what decided the outcome; equal sayings are told once."""
    sayings: dict[str, list[str]] = {}
    for found in one.found:
        verdict = found.verdict
        if verdict.outcome == one.outcome and verdict.text and (verdict.warning or not only_warnings):
            sayings.setdefault(verdict.text, []).append(found.run.scenario)
    if one.outcome != "broken" and not only_warnings:
        return next(iter(sayings), "")
    return "; ".join(f"{', '.join(_some(names))}: {text}" for text, names in sayings.items())


def _some(names: list[str]) -> list[str]:
    return names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"]


def _details(run: GatewayRun) -> list[Detail]:
    details = []
    for line in run.lines:
        above = conversation(line.trace)
        title = f"in {run.scenario}, order {line.order.account} below"
        details.append(Detail(title, _below(line), above, "upstream"))
    printed = "\n".join(run.output.rstrip().splitlines()[-12:])
    return details + ([Detail(f"printed in {run.scenario}", printed)] if printed else [])


def _below(line: OrderLine) -> str:
    """What the client of the gateway saw, a line each; what was seen again is not repeated."""
    order = line.order
    answer = "no answer" if order.create_status is None else str(order.create_status)
    lines = [f"{_clock(order.at_ms)}  create → {answer} {order.task_id or order.refused}"]
    told = [(sight, "poll") for sight in order.polls] + [(sight, "callback") for sight in order.callbacks]
    last = ""
    for sight, how in sorted(told, key=lambda one: one[0].at_ms):
        said = f"{how}: {sight.told or ('no answer' if sight.status is None else sight.status)}"
        if said != last:
            lines.append(f"{_clock(sight.at_ms)}  {said}")
        last = said
    if order.billed is not None:
        lines.append(f"            billed {number(order.billed)}, of {number(order.units)} ordered")
    return "\n".join(lines)


def _clock(ms: int) -> str:
    return f"{ms / 1000:8.3f} s"


def timeline(run: GatewayRun) -> tuple[Span, ...]:
    """Each order and its tasks upstream, from create to end."""
    spans = []
    for line in run.lines:
        order = line.order
        ended = order.end.at_ms if order.end is not None else run.duration_ms
        word = order.end.told if order.end is not None else "no end" if order.accepted else "refused"
        until = ended if order.accepted else (order.answered_ms or ended)
        level: Level = "pass" if line.delivered else "fail"
        spans.append(Span(f"order {order.account}: {word}", order.at_ms, until, level))
        for create in line.trace.creates:
            task = next((t for t in line.trace.tasks if t.task_id == create.task_id), None)
            end = task.ended_ms if task is not None and task.ended_ms is not None else create.at_ms
            what = task.status if task is not None else str(create.status or "no answer")
            spans.append(Span(f"upstream: {what}", create.at_ms, max(create.at_ms, end)))
    return tuple(spans)
