"""SARIF 2.1.0 (OASIS), as code scanning reads it. Rows that passed or were not looked at are left out."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specs.report.record import Place, Report, Row

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVEL = {"fail": "error", "warn": "warning", "note": "note", "unknown": "warning"}


def sarif(report: Report) -> str:
    """The report as one SARIF run. A row's last place is its location; the others are related locations."""
    rows = [row for row in report.rows if row.level in LEVEL]
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
    run = {"tool": {"driver": driver}, "results": [_result(row, ids.index(row.id)) for row in rows]}
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)
        + "\n"
    )


def _result(row: Row, index: int) -> dict[str, Any]:
    said = [f"{row.operation}: {row.title}" if row.operation else row.title, row.text]
    said += [f"{detail.title}: {detail.text}" for detail in row.details]
    result: dict[str, Any] = {
        "ruleId": row.id,
        "ruleIndex": index,
        "level": LEVEL[row.level],
        "message": {"text": "\n".join(part for part in said if part)},
        "properties": {"verdict": row.verdict},
    }
    if row.places:
        result["locations"] = [_location(row.places[-1])]
    if row.places[:-1]:
        result["relatedLocations"] = [
            {"id": n, **_location(place)} for n, place in enumerate(row.places[:-1], start=1)
        ]
    if row.fingerprint:
        result["partialFingerprints"] = {f"{row.id}/v1": row.fingerprint}
    return result


def _location(place: Place) -> dict[str, Any]:
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
