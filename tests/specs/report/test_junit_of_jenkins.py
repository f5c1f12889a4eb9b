"""JUnit files hold what Jenkins' schema allows (junit-10.xsd of its xUnit plugin, 2.22 and later), no more.

The schema's facts stand here as a table: which attributes and children an element may have, which it must.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from understudy.specs.report import LEVELS, Detail, Invocation, Report, ReportPlace, ReportRow, Span, junit

COUNTS = {"name", "time", "tests", "failures", "errors"}
OUTCOME = ({"type", "message"}, set(), set())
# element -> (attributes it may have, those it must have, children it may have)
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (COUNTS, set(), {"testsuite"}),
    "testsuite": (
        COUNTS | {"group", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"name", "tests", "failures", "errors"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name", "time", "classname", "group"},
        {"name"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "failure": OUTCOME,
    "error": OUTCOME,
    "skipped": OUTCOME,
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def problems(element: ET.Element) -> list[str]:
    """What the schema has against an element and those below it."""
    may, must, children = SCHEMA[element.tag]
    found = [f"{element.tag} has {name}" for name in sorted(set(element.attrib) - may)]
    found += [f"{element.tag} lacks {name}" for name in sorted(must - set(element.attrib))]
    if element.tag.startswith("testsuite") and not TIME.fullmatch(element.get("time", "")):
        found.append(f"{element.tag} has the time {element.get('time')}")
    for child in element:
        found += problems(child) if child.tag in children else [f"{child.tag} in {element.tag}"]
    return found


def row(level) -> ReportRow:
    return ReportRow(
        id="r",
        title="a title",
        verdict="a verdict",
        level=level,
        text="why",
        operation="POST /x",
        area="request",
        places=(ReportPlace("spec.yaml", 7),),
        details=(Detail("witness", "{}"),),
        timeline=(Span("submitted", 0, 5),),
        seconds=1234.5,
    )


WHOLE = Report(
    "everything",
    (*map(row, LEVELS), ReportRow(id="x", title="\x00\ud800", verdict="v", level="fail")),
    facts=(("units", "4 of 10"),),
    invocation=Invocation(command="understudy verify x", began="2026-11-29T01:50:00Z", seconds=3.0, seed=7),
)


@pytest.mark.parametrize("report", [WHOLE, Report("nothing")], ids=["everything", "nothing"])
def test_a_file_is_valid(report: Report) -> None:
    assert problems(ET.fromstring(junit(report))) == []


def test_an_attribute_that_the_schema_lacks_is_found() -> None:
    root = ET.fromstring('<testsuites skipped="1"><testsuite name="a" tests="1" time="x"/></testsuites>')
    assert problems(root) == [
        "testsuites has skipped",
        "testsuite lacks errors",
        "testsuite lacks failures",
        "testsuite has the time x",
    ]


def test_a_case_says_in_its_text_where_its_promise_stands() -> None:
    case = ET.fromstring(junit(Report("t", (row("fail"),)))).find("testsuite/testcase/failure")
    assert case is not None
    assert case.text == "why\nspec.yaml:7\n\nwitness:\n{}\n0–5 ms submitted"


def test_seed_and_date_are_told() -> None:
    suite = ET.fromstring(junit(WHOLE)).find("testsuite")
    assert suite is not None
    assert suite.get("timestamp") == "2026-11-29T01:50:00"
    assert {p.get("name"): p.get("value") for p in suite.iter("property")} == {
        "date": "2026-11-29T01:50:00Z",
        "duration": "3.0 s",
        "seed": "7",
        "command line": "understudy verify x",
        "units": "4 of 10",
    }
