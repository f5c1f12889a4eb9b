"""JUnit XML, as CI servers read it: an area is a suite, a row is a case.

`fail` is a failure, `unknown` an error (the case could not be judged), `skip` and `note` are skipped with
their reason, `warn` passes with its text as output: CI must not go red for it.

Attributes and elements are those that Jenkins' schema knows (junit-10.xsd of its xUnit plugin): no `skipped`
on `testsuites`, no `file` and `line` on a `testcase`; where a promise stands is in the case's text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from understudy.specs.harmless import harmless

if TYPE_CHECKING:
    from understudy.specs.report.record import Report, ReportRow

OUTCOME = {"fail": "failure", "unknown": "error", "skip": "skipped", "note": "skipped"}


def junit(report: Report) -> str:
    """The report as a `testsuites` document, without characters that XML 1.0 has no place for."""
    report = harmless(report.worst_first())
    root = ET.Element("testsuites", {"name": report.title, **_counts(report.rows)})
    root.attrib.pop("skipped")
    for area, rows in report.areas():
        suite = ET.SubElement(root, "testsuite", {"name": area or report.title, **_counts(rows)})
        if report.invocation.began:
            suite.set("timestamp", report.invocation.began.removesuffix("Z"))
        facts = [*report.invocation.facts(), *report.facts]
        if facts:
            properties = ET.SubElement(suite, "properties")
            for name, value in facts:
                ET.SubElement(properties, "property", {"name": name, "value": value})
        for row in rows:
            _case(suite, row)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, row: ReportRow) -> None:
    name = f"{row.operation} {row.title}".strip()
    attributes = {"classname": row.id, "name": name, "time": f"{row.seconds:.3f}"}
    case = ET.SubElement(suite, "testcase", attributes)
    body = _body(row)
    outcome = OUTCOME.get(row.level)
    if outcome:
        message = row.title if outcome != "skipped" else f"{row.verdict}: {row.text or row.title}"
        ET.SubElement(case, outcome, {"message": message, "type": row.verdict}).text = body
    elif row.level == "warn":
        ET.SubElement(case, "system-out").text = f"{row.verdict}\n{body}"


def _body(row: ReportRow) -> str:
    parts = [row.text, *(str(place) for place in row.places)]
    for detail in row.details:
        parts += [f"\n{detail.title}:", detail.text]
        if detail.beside:
            parts += [f"\n{detail.beside_title}:", detail.beside]
    parts += [f"{span.start_ms}–{span.end_ms} ms {span.label}" for span in row.timeline]
    return "\n".join(part for part in parts if part)


def _counts(rows: tuple[ReportRow, ...]) -> dict[str, str]:
    outcomes = [OUTCOME.get(row.level, "passed") for row in rows]
    return {
        "tests": str(len(rows)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(row.seconds for row in rows):.3f}",
    }
