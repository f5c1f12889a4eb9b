"""GitHub workflow commands: one line a row, shown beside the line of the file that it is about.

Syntax: GitHub Actions, "Workflow commands", setting an error, warning or notice message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.harmless import harmless

if TYPE_CHECKING:
    from understudy.specs.report.record import Report, ReportRow

COMMAND = {"fail": "error", "unknown": "warning", "warn": "warning", "note": "notice"}


def github_annotations(report: Report) -> str:
    """One `::error file=…,line=…,title=…::message` line for each row that is not fine, the worst first.

    GitHub shows ten of each kind for a step.
    """
    rows = harmless(report.worst_first()).rows
    return "".join(f"{_line(row)}\n" for row in rows if row.level in COMMAND)


def _line(row: ReportRow) -> str:
    properties = []
    if row.places:
        place = row.places[-1]
        properties.append(f"file={_property(place.file)}")
        if place.line:
            properties.append(f"line={place.line}")
        if place.column:
            properties.append(f"col={place.column}")
    properties.append(f"title={_property(f'{row.verdict}: {row.id}')}")
    said = [f"{row.operation}: {row.title}" if row.operation else row.title, row.text]
    said += [f"{detail.title}: {detail.text}" for detail in row.details]
    message = _data("\n".join(part for part in said if part))
    return f"::{COMMAND[row.level]} {','.join(properties)}::{message}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
