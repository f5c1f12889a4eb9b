"""The grade card as a report: one row a promise, the conversation of each broken one below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts.client_verifier.verdict import ending, units
from understudy.specs.report import Detail, Report, ReportRow, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.contracts.client_verifier.card import CardRow, ClientFinding, GradeCard
    from understudy.specs.report import Level

LEVELS: dict[str, Level] = {"kept": "pass", "broken": "fail", "not exercised": "skip"}
KNOWN = "broken, known"
# More conversations of one broken promise tell nothing new.
MOST_SHOWN = 4
MOST_MOMENTS = 10
DOUBTS = "kept, but look"


def card_report(card: GradeCard, facts: Iterable[tuple[str, str]] = ()) -> Report:
    """The card for the writers of `understudy.specs.report`; rows in the order of the table of promises."""
    lost = sum(row.units for row in card.rows)
    told = [("runs", str(len(card.runs))), *facts]
    paid = [task for run in card.runs for task in run.tasks if not task.failed]
    if paid:
        tasks = "1 task" if len(paid) == 1 else f"{len(paid)} tasks"
        cost = units(sum(task.units for task in paid))
        told.append(("cost of these runs at the provider", f"{cost}, for {tasks}"))
    if lost:
        told.append(("money lost", f"{lost:g} units"))
    if card.mended:
        told.append(("no longer broken, remove from the baseline", ", ".join(card.mended)))
    return Report("Grade card of the client", tuple(_row(row, card) for row in card.rows), tuple(told))


def _row(row: CardRow, card: GradeCard) -> ReportRow:
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
        text=_text(row, card, only_warnings=doubts),
        details=tuple(_details(shown)),
        timeline=_timeline(shown[0], card) if shown else (),
        explanation=((row.promise.judge and row.promise.judge.__doc__) or "").split("\n", 1)[0],
        fingerprint=", ".join(f.fingerprint for f in shown),
        seconds=seconds,
    )


def _text(row: CardRow, card: GradeCard, *, only_warnings: bool = False) -> str:
    """ "resubmits: 2 units paid …; times-out: …" of what decided the outcome; equal sayings are told once."""
    if not row.findings and len(card.runs) == 1 and card.runs[0].order_refused:
        return f"not played: the order of {card.runs[0].scenario} was refused as invalid"
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


def _timeline(finding: ClientFinding, card: GradeCard) -> tuple[Span, ...]:
    """The command, each task of its run, what polls were told, and callbacks."""
    run = next((run for run in card.runs if run.scenario == finding.scenario), None)
    if run is None:
        return ()
    spans = [Span(f"the command: {ending(run)}", 0, run.duration_ms)]
    for task in run.tasks:
        create = next((e for e in run.creates if e.task_id == task.task_id), None)
        begin = create.at_ms if create is not None else 0
        end = run.duration_ms if task.ended_ms is None else max(begin, task.ended_ms)
        spans.append(Span(f"task: {task.status}", begin, end, "fail" if task.failed else "pass"))
    marked = [run.exchanges[i] for i in finding.verdict.moments[:MOST_MOMENTS]]
    for e in marked:
        said = f"{e.kind}: {e.status or 'no answer'} {e.told}".rstrip()
        spans.append(Span(said, e.at_ms, e.at_ms, "fail"))
    spans += [Span(f"callback: {d.told}", d.at_ms, d.at_ms) for d in run.deliveries[:MOST_MOMENTS]]
    return tuple(spans)


def _some(names: list[str]) -> list[str]:
    return names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"]


def _details(findings: Sequence[ClientFinding]) -> list[Detail]:
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
