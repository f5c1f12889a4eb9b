"""Findings as rows of a report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from specs.drift.finding import VERDICTS, Finding
from specs.report import Detail, Level, Place, Report, Row
from specs.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from specs.witness.proof import Witness

USUAL: dict[str, Level] = {
    "breaks clients": "warn",
    "breaks providers": "warn",
    "undecided": "unknown",
    "warns": "warn",
    "strict": "note",
    "compatible": "pass",
    "no effect": "pass",
}
REACH = 8


def fails(finding: Finding, fail_on: str) -> bool:
    """Whether a finding fails the run: `fail_on` is a verdict, and those worse than it fail as well."""
    if finding.waived or fail_on == "never" or finding.verdict == "undecided":
        return False
    return VERDICTS.index(finding.verdict) <= VERDICTS.index(fail_on)


def report(
    title: str, findings: Iterable[Finding], *, facts: tuple[tuple[str, str], ...], fail_on: str, version: str
) -> Report:
    """The findings as a report, in their order."""
    return Report(title, tuple(row(f, fail_on) for f in findings), facts, "understudy drift", version)


def row(finding: Finding, fail_on: str, *, area: str = "") -> Row:
    """One finding. Rows of findings that fail the run are failures; the rest keep their own level."""
    level: Level = "fail" if fails(finding, fail_on) else USUAL[finding.verdict]
    text = finding.reason
    if len(finding.reach) > 1:
        text += f" Reaches {len(finding.reach)}: " + _listed(finding.reach)
    places = [
        Place(place.file, place.line, label=label)
        for place, label in ((finding.base, "base"), (finding.revision, "revision"))
        if place is not None
    ]
    return Row(
        id=finding.rule,
        title=finding.title,
        verdict="waived" if finding.waived else finding.verdict,
        level="skip" if finding.waived else level,
        text=f"{finding.waived} (waived)" if finding.waived else text,
        operation=finding.surface,
        area=area
        or {"request": "Requests", "response": "Answers"}.get(finding.direction, "Around the messages"),
        places=tuple(places),
        details=tuple(_details(finding)),
        explanation=RULES[finding.rule].sentence,
        fingerprint=finding.fingerprint,
    )


def _details(finding: Finding) -> Iterable[Detail]:
    if finding.witness is not None:
        yield witness_detail(finding.witness)
    if finding.old is not None or finding.new is not None:
        yield Detail(
            "base", shown(finding.old), beside=shown(finding.new), beside_title="revision", language="json"
        )


def witness_detail(witness: Witness) -> Detail:
    """The payload, with who takes and who refuses it."""
    title = f"witness: {witness.taken_by} takes, {witness.refused_by} refuses"
    if witness.kind == "meaning":
        title = "witness: both take it, with another meaning"
    return Detail(f"{title} ({witness.refusal})", shown(witness.payload), language="json")


def shown(value: Any) -> str:
    """A value as JSON; long strings are cut in the middle, where a witness is only long."""
    return json.dumps(
        _cut(value), ensure_ascii=False, indent=2 if isinstance(value, dict) else None, default=str
    )


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 120:
        return f"{value[:40]}…({len(value)} characters)…{value[-10:]}"
    if isinstance(value, dict):
        return {k: _cut(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_cut(v) for v in value[:50]]
    return value


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - REACH} more" if len(names) > REACH else ""
    return "; ".join(names[:REACH]) + more
