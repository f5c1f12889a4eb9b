"""JUnit XML, as CI servers read it: an area is a suite, a row is a case.

`fail` is a failure, `unknown` an error (the case could not be judged), `skip` and `note` are skipped with
their reason, `warn` passes with its text as output: CI must not go red for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from specs.report.record import Report, Row

OUTCOME = {"fail": "failure", "unknown": "error", "skip": "skipped", "note": "skipped"}
# XML 1.0 has no place for these, not even escaped.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def junit(report: Report) -> str:
    """The report as a `testsuites` document."""
    root = ET.Element("testsuites", {"name": _clean(report.title), **_counts(report.rows)})
    for area, rows in report.areas():
        suite = ET.SubElement(root, "testsuite", {"name": _clean(area or report.title), **_counts(rows)})
        for row in rows:
            _case(suite, row)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, row: Row) -> None:
    name = f"{row.operation} {row.title}".strip()
    attributes = {"classname": row.id, "name": _clean(name), "time": f"{row.seconds:.3f}"}
    if row.places and row.places[-1].line:
        attributes |= {"file": _clean(row.places[-1].file), "line": str(row.places[-1].line)}
    case = ET.SubElement(suite, "testcase", attributes)
    body = _clean(_body(row))
    outcome = OUTCOME.get(row.level)
    if outcome:
        message = row.title if outcome != "skipped" else f"{row.verdict}: {row.text or row.title}"
        ET.SubElement(case, outcome, {"message": _clean(message), "type": row.verdict}).text = body
    elif row.level == "warn":
        ET.SubElement(case, "system-out").text = f"{row.verdict}\n{body}"


def _body(row: Row) -> str:
    parts = [row.text, *(str(place) for place in row.places)]
    for detail in row.details:
        parts += [f"\n{detail.title}:", detail.text]
        if detail.beside:
            parts += [f"\n{detail.beside_title}:", detail.beside]
    parts += [f"{span.start_ms}–{span.end_ms} ms {span.label}" for span in row.timeline]
    return "\n".join(part for part in parts if part)


def _counts(rows: tuple[Row, ...]) -> dict[str, str]:
    outcomes = [OUTCOME.get(row.level, "passed") for row in rows]
    return {
        "tests": str(len(rows)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(row.seconds for row in rows):.3f}",
    }


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
