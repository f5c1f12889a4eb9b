"""A comparison as plain data, for `--json` and whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.specs.diff.document import Place
    from understudy.specs.drift.engine import Acceptance, Drift
    from understudy.specs.drift.finding import Finding
    from understudy.specs.witness.proof import Witness


# Places that are listed with a finding: thousands of findings may reach each of hundreds of operations.
REACH = 100


def as_data(drift: Drift, findings: Iterable[Finding]) -> dict[str, Any]:
    """{"base", "revision", "findings": [...], "surfaces": [...]}."""
    return {
        "base": drift.base,
        "revision": drift.revision,
        "findings": [finding_data(f) for f in findings],
        "surfaces": [_acceptance(a) for a in drift.acceptance],
    }


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding; empty parts left out, except the values, where None is one side that says nothing. Beyond
    100 places that it reaches, the first are listed and all are counted."""
    data: dict[str, Any] = {
        "rule": finding.rule,
        "verdict": finding.verdict,
        "title": finding.title,
        "direction": finding.direction,
        "area": finding.area,
        "surface": finding.surface,
        "where": finding.where,
        "base_place": _place(finding.base),
        "revision_place": _place(finding.revision),
        "reach": list(finding.reach[:REACH]),
        "reach_count": len(finding.reach) if len(finding.reach) > REACH else None,
        "witness": witness_data(finding.witness),
        "reason": finding.reason,
        "fingerprint": finding.fingerprint,
        "waived": finding.waived,
    }
    data = {key: value for key, value in data.items() if value}
    return {**data, "old": finding.old, "new": finding.new}


def witness_data(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "kind": witness.kind,
        "surface": witness.surface,
        "payload": witness.payload,
        "taken_by": witness.taken_by,
        "refused_by": witness.refused_by,
        "refusal": witness.refusal,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    return {"file": place.file, "line": place.line} if place else None


def _acceptance(acceptance: Acceptance) -> dict[str, Any]:
    words = {"proven": "incompatible", "strict": "compatible", "none": "compatible", "open": "unknown"}
    data = {
        "surface": str(acceptance.surface),
        "direction": acceptance.surface.direction,
        "stays": acceptance.audience,
        "verdict": words[acceptance.proof.verdict],
        "reason": acceptance.proof.reason,
        "witness": witness_data(acceptance.proof.witness),
    }
    return {key: value for key, value in data.items() if value}
