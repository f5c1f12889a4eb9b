"""What `understudy drift --watch` says of each provider: one line, then its findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from understudy.specs.cli.drift_rows import finding_row, untold_row
from understudy.specs.drift.data import finding_data
from understudy.specs.drift.finding import VERDICTS
from understudy.specs.report import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.specs.drift import Finding
    from understudy.specs.drift.watch import Watched
    from understudy.specs.report import ReportRow

HARMLESS = ("strict", "compatible", "no effect")


def watched_line(one: Watched, findings: Iterable[Finding]) -> str:
    """One line for a person or a mail from cron: "changed: 1 breaks clients; https://…"."""
    if one.drift is None:
        return "could not be read, see below"
    counts = Counter(f.verdict for f in findings if not f.waived and f.verdict not in HARMLESS)
    said = ", ".join(counted(counts[v], v) for v in VERDICTS if counts[v])
    if one.same:
        state = "the same bytes as when it was imported"
        state += f", but it is read or committed otherwise now: {said}" if said else ""
    else:
        state = f"changed: {said}" if said else "promises the same"
    unread = f"; {len(one.unread)} parts could not be read, first {one.unread[0]}" if one.unread else ""
    return f"{state} ({', '.join(one.read)}){unread}"


def watched_rows(one: Watched, findings: Sequence[Finding], fail_on: str) -> Iterable[ReportRow]:
    """The findings of one provider, or why there are none."""
    if one.drift is None:
        yield untold_row(one.provider, one.problem, "watch")
    for finding in findings:
        yield finding_row(finding, fail_on, area=one.provider)


def watched_data(one: Watched, findings: Iterable[Finding]) -> dict[str, Any]:
    """The same as plain data."""
    data: dict[str, Any] = {"provider": one.provider, "read": list(one.read), "problem": one.problem}
    if one.drift is not None:
        data |= {
            "same_bytes": one.same,
            "unread": list(one.unread),
            "base": one.drift.base,
            "revision": one.drift.revision,
            "findings": [finding_data(finding) for finding in findings],
        }
    return data
