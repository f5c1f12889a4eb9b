"""SARIF 2.1.0 (OASIS), as code scanning reads it. Rows that passed or were not looked at are left out."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from understudy.specs.harmless import escaped
from understudy.specs.report.invocation import Invocation

if TYPE_CHECKING:
    from understudy.specs.report.record import Report, ReportPlace, ReportRow

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVEL = {"fail": "error", "warn": "warning", "note": "note", "unknown": "warning"}


def sarif(report: Report) -> str:
    """The report as one SARIF run. A row's last place is its location; the others are related locations."""
    rows = [row for row in report.worst_first().rows if row.level in LEVEL]
    by_id = {row.id: row for row in reversed(rows)}
    ids = sorted(by_id)
    driver: dict[str, Any] = {
        "name": report.tool,
        "rules": [
            {"id": i, "shortDescription": {"text": by_id[i].explanation or by_id[i].title}} for i in ids
        ],
    }
    if report.version:
        driver["version"] = report.version
    run = {
        "tool": {"driver": driver},
        **_invocations(report),
        "results": [_result(row, ids.index(row.id)) for row in rows],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return escaped(json.dumps(log, indent=2, ensure_ascii=False)) + "\n"


def _invocations(report: Report) -> dict[str, Any]:
    """The run's `invocations` (SARIF 2.1.0, 3.14.11 and 3.20), where something is known of it."""
    told = report.invocation
    if told == Invocation():
        return {}
    # A promise that is broken is what the tool was run to find out: it did its work.
    invocation: dict[str, Any] = {"executionSuccessful": told.exit_code in (0, 1, None)}
    if told.command:
        invocation["commandLine"] = told.command
    if told.exit_code is not None:
        invocation["exitCode"] = told.exit_code
    moments = {"startTimeUtc": told.began, "endTimeUtc": told.ended}
    invocation |= {name: moment for name, moment in moments.items() if "T" in moment}
    known = [("seed", told.seed), ("versions", dict(told.versions)), ("seconds", told.seconds)]
    properties = {name: value for name, value in known if value not in (None, {})}
    return {"invocations": [{**invocation, **({"properties": properties} if properties else {})}]}


def _result(row: ReportRow, index: int) -> dict[str, Any]:
    said = [f"{row.operation}: {row.title}" if row.operation else row.title, row.text]
    said += [f"{detail.title}: {detail.text}" for detail in row.details]
    result: dict[str, Any] = {
        "ruleId": row.id,
        "ruleIndex": index,
        "level": LEVEL[row.level],
        "message": {"text": "\n".join(part for part in said if part)},
        "properties": {"verdict": row.verdict},
    }
    # Code scanning drops a result without a location: where no file is known, the operation is it.
    if row.places:
        result["locations"] = [_location(row.places[-1])]
    else:
        name = row.operation or row.id
        result["locations"] = [{"logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}]}]
    if row.places[:-1]:
        result["relatedLocations"] = [
            {"id": n, **_location(place)} for n, place in enumerate(row.places[:-1], start=1)
        ]
    if row.fingerprint:
        result["partialFingerprints"] = {f"{row.id}/v1": row.fingerprint}
    return result


def _location(place: ReportPlace) -> dict[str, Any]:
    # A URI has forward slashes and no spaces; a web address stays as it is.
    uri = place.file if "://" in place.file else PurePath(place.file).as_posix().replace(" ", "%20")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if place.line:
        column = {"startColumn": place.column} if place.column else {}
        physical["region"] = {"startLine": place.line, **column}
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.label:
        location["message"] = {"text": place.label}
    return location
