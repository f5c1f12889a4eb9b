"""The grade card as a report: one row a promise, the conversation of each broken one below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specs.report import Detail, Report
from specs.report import Row as ReportRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.client_verifier.card import Card, Finding, Row
    from specs.report import Level

LEVELS: dict[str, Level] = {"kept": "pass", "broken": "fail", "not exercised": "skip"}
KNOWN = "broken, known"
# More conversations of one broken promise tell nothing new.
MOST_SHOWN = 4
DOUBTS = "kept, but look"


def card_report(card: Card, facts: Iterable[tuple[str, str]] = ()) -> Report:
    """The card for the writers of `specs.report`; rows in the order of the table of promises."""
    lost = sum(row.units for row in card.rows)
    told = [("runs", str(len(card.runs))), *facts]
    if lost:
        told.append(("money lost", f"{lost:g} units"))
    if card.mended:
        told.append(("no longer broken, take out of the baseline", ", ".join(card.mended)))
    return Report("Grade card of the client", tuple(_row(row, card) for row in card.rows), tuple(told))


def _row(row: Row, card: Card) -> ReportRow:
    known = row.outcome == "broken" and not row.new
    doubts = row.outcome == "kept" and any(f.verdict.warning for f in row.findings)
    shown = row.new or row.broken
    seconds = sum(run.real_seconds for run in card.runs if run.scenario in {f.scenario for f in row.findings})
    return ReportRow(
        id=row.promise.id,
        area=row.promise.area,
        title=row.promise.sentence,
        verdict=KNOWN if known else DOUBTS if doubts else row.outcome,
        level="warn" if known or doubts else LEVELS[row.outcome],
        text=_text(row, only_warnings=doubts),
        details=tuple(_details(shown)),
        explanation=((row.promise.judge and row.promise.judge.__doc__) or "").split("\n", 1)[0],
        fingerprint=", ".join(f.fingerprint for f in shown),
        seconds=seconds,
    )


def _text(row: Row, *, only_warnings: bool = False) -> str:
    """ "resubmits: 2 units paid …; times-out: …" of what decided the outcome; equal sayings are told once."""
    if not row.findings:
        return "none of its scenarios was played"
    decisive = [
        f
        for f in row.findings
        if f.verdict.outcome == row.outcome and (f.verdict.warning or not only_warnings)
    ]
    sayings: dict[str, list[str]] = {}
    for finding in decisive:
        sayings.setdefault(finding.verdict.text, []).append(finding.scenario)
    if row.outcome == "not exercised" and len(sayings) == 1:
        return next(iter(sayings))
    return "; ".join(f"{', '.join(_some(names))}: {text}" for text, names in sayings.items())


def _some(names: list[str]) -> list[str]:
    return names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"]


def _details(findings: Sequence[Finding]) -> list[Detail]:
    """The conversations of the first few, each with what was printed; what several printed is shown once."""
    shown, others = findings[:MOST_SHOWN], findings[MOST_SHOWN:]
    printed: dict[str, list[str]] = {}
    for finding in shown:
        printed.setdefault(finding.output, []).append(finding.scenario)
    details = []
    for finding in shown:
        if finding.conversation:
            details.append(Detail(f"in {finding.scenario}", finding.conversation))
        names = printed.pop(finding.output, [])
        if finding.output and names:
            details.append(Detail(f"printed in {', '.join(names)}", finding.output))
    if others:
        details.append(Detail("and in", "\n".join(f"{f.scenario}: {f.verdict.text}" for f in others)))
    return details
