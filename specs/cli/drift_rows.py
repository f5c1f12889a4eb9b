"""Findings as rows of a report."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import understudy.specs
from understudy.specs.drift.data import witness_data
from understudy.specs.drift.finding import VERDICTS, Finding
from understudy.specs.drift.words import SHORT
from understudy.specs.report import Detail, Level, ReportPlace, ReportRow
from understudy.specs.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.specs.drift.matrix import FieldDrift
    from understudy.specs.witness.proof import Witness

USUAL: dict[str, Level] = {
    "breaks clients": "warn",
    "breaks providers": "warn",
    "undecided": "unknown",
    "warns": "warn",
    "strict": "note",
    "compatible": "pass",
    "no effect": "pass",
}
# Of what a finding reaches so many are named.
REACH = 3
# The folder that holds the packages: of the installation, or of the repository.
HOME = Path(understudy.specs.__file__).resolve().parents[1]
# Characters of a refusal, and items of a list, that are shown.
SAID, ITEMS = 120, 12


def fails(finding: Finding, fail_on: str) -> bool:
    """Whether a finding fails the run: `fail_on` is a verdict, and those worse than it fail as well."""
    if finding.waived or fail_on == "never" or finding.verdict == "undecided":
        return False
    return VERDICTS.index(finding.verdict) <= VERDICTS.index(fail_on)


def finding_row(finding: Finding, fail_on: str, *, area: str = "") -> ReportRow:
    """One finding. Rows of findings that fail the run are failures; the rest keep their own level."""
    level: Level = "fail" if fails(finding, fail_on) else USUAL[finding.verdict]
    text = _meaning(finding)
    if len(finding.reach) > 1:
        text += ("\n" if text else "") + _reach(finding.reach)
    places = [
        ReportPlace(file_named(place.file), place.line, label=label)
        for place, label in (
            (finding.base, "document" if finding.area == "live" else "base"),
            (finding.revision, "revision"),
        )
        if place is not None
    ]
    return ReportRow(
        id=finding.rule,
        title=finding.title,
        verdict="waived" if finding.waived else finding.verdict,
        level="skip" if finding.waived else level,
        text=f"{finding.waived} (waived)" if finding.waived else text,
        operation=finding.surface,
        area=area or (finding.verdict[0].upper() + finding.verdict[1:]),
        places=tuple(places),
        details=tuple(_details(finding)),
        explanation=RULES[finding.rule].sentence,
        fingerprint=finding.fingerprint,
    )


# What a proven break means for whom.
MEANS = {
    ("breaks clients", "request"): "The revision refuses what a client of the base may send.",
    ("breaks clients", "response"): "The revision may answer what a client of the base does not expect.",
    (
        "breaks providers",
        "request",
    ): "Who stays with the base refuses what a client of the revision may send.",
    ("breaks providers", "response"): (
        "Who stays with the base may answer what a client of the revision does not expect."
    ),
}


def _meaning(finding: Finding) -> str:
    """What a finding means, with the hint or the reason that it has."""
    means = MEANS.get((finding.verdict, finding.direction), "")
    if finding.area == "live" or finding.witness is None or not means:
        return sentence(finding.reason)
    own = finding.reason != RULES[finding.rule].sentence
    return f"{means} {sentence(finding.reason)}" if own and finding.reason else means


def sentence(text: str) -> str:
    """A reason as a sentence of its own: "no payload tells" -> "No payload tells."."""
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def file_named(file: str) -> str:
    """A file as a person names it: of the installation from its packages on, others from the current folder
    where that is shorter."""
    path = Path(file)
    if "://" in file or not path.is_absolute():
        return file
    if path.is_relative_to(HOME / "specs"):
        return path.relative_to(HOME).as_posix()
    try:
        return min(file, os.path.relpath(path), key=len)
    except (OSError, ValueError):  # no current folder, or one of another drive
        return file


def _details(finding: Finding) -> Iterable[Detail]:
    if finding.witness is not None:
        yield witness_detail(finding.witness)
    if any(len(shown(value)) > SHORT for value in (finding.old, finding.new)):  # else the title says it
        yield Detail(
            "base", shown(finding.old), beside=shown(finding.new), beside_title="revision", language="json"
        )


def witness_detail(witness: Witness) -> Detail:
    """The payload, with who takes and who refuses it."""
    refusal = (
        witness.refusal
        if len(witness.refusal) <= SAID
        else f"{witness.refusal[: SAID - 40]}…{witness.refusal[-39:]}"
    )
    title = f"witness: {witness.taken_by} takes, {witness.refused_by} refuses"
    if witness.kind == "meaning":
        title = "witness: both take it, with another meaning"
    if witness.kind == "silence":
        title = f"witness, both read strictly: {witness.taken_by} takes, {witness.refused_by} refuses"
    if witness.kind == "overlap":
        return Detail(f"witness ({refusal})", shown(witness.payload), language="json")
    if witness.kind == "seen":
        return Detail(f"witness, {refusal}", shown(witness.payload), language="json")
    return Detail(f"{title} ({refusal})", shown(witness.payload), language="json")


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
        cut = [_cut(v) for v in value[: ITEMS if len(value) > ITEMS + 1 else None]]
        return cut if len(cut) == len(value) else [*cut, f"… ({len(value)} items)"]
    return value


def _reach(names: tuple[str, ...]) -> str:
    what = "operations" if all(name.count(" ") == 1 or " callback " in name for name in names) else "places"
    more = f"; and {len(names) - REACH} more" if len(names) > REACH else ""
    return f"Reaches {len(names)} {what}: {'; '.join(names[:REACH])}{more}."


def field_row(field: FieldDrift, fail_on: str) -> ReportRow:
    """A difference from the canonical spec with every provider that has it, and its witnesses."""
    worst = field.worst
    level: Level = "fail" if fails(worst, fail_on) else USUAL[worst.verdict]
    said = [f"{provider} ({finding.verdict})" for provider, finding in field.findings]
    details = tuple(
        Detail(f"{provider}: {detail.title}", detail.text, language=detail.language)
        for provider, finding in field.findings
        if finding.witness is not None
        for detail in (witness_detail(finding.witness),)
    )
    return ReportRow(
        id=field.rule,
        title=field.title,
        verdict=worst.verdict,
        level=level,
        text=", ".join(said),
        operation=field.surface,
        area=field.surface.split(" ", 2)[1] if " " in field.surface else "Around the messages",
        details=details,
        explanation=RULES[field.rule].sentence,
    )


def field_data(field: FieldDrift) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "surface": field.surface,
        "title": field.title,
        "rule": field.rule,
        "providers": {
            provider: {"verdict": finding.verdict, "witness": witness_data(finding.witness)}
            for provider, finding in field.findings
        },
    }


def untold_row(provider: str, problem: str, mode: str) -> ReportRow:
    """A provider about whom nothing could be told."""
    return ReportRow(id=mode, title=problem, verdict="could not tell", level="unknown", area=provider)
