"""The grade card: every promise, its outcome over all runs, and the findings with their conversation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.contracts.client_verifier.conversation import conversation, output_tail
from understudy.contracts.client_verifier.promises import PROMISES
from understudy.contracts.client_verifier.verdict import not_exercised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from understudy.contracts.client_verifier.promises import ClientPromise
    from understudy.contracts.client_verifier.trace import Trace
    from understudy.contracts.client_verifier.verdict import ClientVerdict, Outcome


@dataclass(frozen=True, slots=True)
class ClientFinding:
    """One promise in one run: the verdict, and the conversation and output behind it where it is broken."""

    promise: str
    scenario: str
    verdict: ClientVerdict
    conversation: str = ""
    output: str = ""

    @property
    def fingerprint(self) -> str:
        """What a baseline remembers: "submits-once/create-times-out"."""
        return f"{self.promise}/{self.scenario}"


@dataclass(frozen=True, slots=True)
class CardRow:
    """One promise over all runs. `known` are broken findings that the baseline holds already."""

    promise: ClientPromise
    findings: tuple[ClientFinding, ...]
    known: frozenset[str] = frozenset()

    @property
    def broken(self) -> tuple[ClientFinding, ...]:
        return tuple(f for f in self.findings if f.verdict.outcome == "broken")

    @property
    def new(self) -> tuple[ClientFinding, ...]:
        return tuple(f for f in self.broken if f.fingerprint not in self.known)

    @property
    def outcome(self) -> Outcome:
        """Broken in one run is broken; kept in one run is kept; else there was no occasion."""
        outcomes = {f.verdict.outcome for f in self.findings}
        if "broken" in outcomes:
            return "broken"
        return "kept" if "kept" in outcomes else "not exercised"

    @property
    def units(self) -> float:
        return sum(f.verdict.units for f in self.findings)


@dataclass(frozen=True, slots=True)
class GradeCard:
    """All rows in the order of the table of promises, and what was run."""

    rows: tuple[CardRow, ...]
    runs: tuple[Trace, ...] = ()
    # Entries of the baseline that no longer hold: the client became better.
    mended: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 when a promise is newly broken; 3 when it was not seen to finish even when nothing went wrong,
        which leaves little to judge; else 0.
        """
        if not any(row.new for row in self.rows) and self.unfinished is not None:
            return 3
        return 1 if any(row.new for row in self.rows) else 0

    @property
    def unfinished(self) -> Trace | None:
        """The run in which nothing went wrong, when we had to stop it and cannot say whether it hangs."""
        (row,) = (row for row in self.rows if row.promise.id == "finishes")
        ran = {f.scenario for f in row.findings if row.outcome == "not exercised"}
        return next((run for run in self.runs if run.scenario in ran and run.stopped), None)

    def accepted(self) -> GradeCard:
        """The same card when everything that is broken now is known."""
        return GradeCard(tuple(replace(row, known=self.broken) for row in self.rows), self.runs)

    @property
    def broken(self) -> frozenset[str]:
        """The fingerprints of all that is broken: what a baseline remembers."""
        return frozenset(f.fingerprint for row in self.rows for f in row.broken)


def grade(
    runs: Iterable[tuple[Trace, frozenset[str]]],
    *,
    extra: Mapping[str, Iterable[ClientFinding]] | None = None,
    known: frozenset[str] = frozenset(),
) -> GradeCard:
    """The card for `runs`, each with the ids of the promises that its scenario exercises.

    `extra` holds findings that no single run gives, by promise id; `known` is the baseline.
    """
    all_runs = tuple(runs)
    healthy = all(run.ended_well for run, ids in all_runs if "finishes" in ids)
    rows = []
    for promise in PROMISES:
        judge = promise.judge
        found = [
            _finding(promise.id, judge if healthy or not promise.needs_health else _unwell, run)
            for run, ids in all_runs
            if judge is not None and (promise.always or promise.id in ids)
        ]
        found += (extra or {}).get(promise.id, ())
        rows.append(CardRow(promise, tuple(found), known))
    ran = {run.scenario for run, _ in all_runs}
    broken = {f.fingerprint for row in rows for f in row.broken}
    mended = sorted(entry for entry in known - broken if entry.partition("/")[2] in ran)
    return GradeCard(tuple(rows), tuple(run for run, _ in all_runs), tuple(mended))


def _unwell(_: Trace) -> ClientVerdict:
    return not_exercised("it does not finish even when nothing goes wrong")


def _finding(promise: str, judge: Callable[[Trace], ClientVerdict], run: Trace) -> ClientFinding:
    verdict = judge(run)
    if verdict.outcome != "broken":
        return ClientFinding(promise, run.scenario, verdict)
    return ClientFinding(promise, run.scenario, verdict, conversation(run, verdict.moments), output_tail(run))
