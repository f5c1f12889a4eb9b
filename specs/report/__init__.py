"""Reports: one frozen record for what was found, and writers that turn it into text. No domain knowledge.

report = Report("Drift", (Row(id="field-required", title="…", verdict="breaks clients", level="fail"),))
markdown(report)                     # -> str; every writer gives the same bytes for the same report
emit(report, parse_targets(["terminal", "junit=out.xml"]), stream=sys.stdout)
"""

from __future__ import annotations

from specs.report.console import terminal
from specs.report.data import json_text
from specs.report.github import github_annotations
from specs.report.junit_xml import junit
from specs.report.page import html_page
from specs.report.pull_request import markdown
from specs.report.record import LEVELS, Detail, Level, Place, Report, Row, Span, counted
from specs.report.sarif_log import sarif
from specs.report.targets import FORMATS, Target, emit, make_way, parse_targets, prepared

__all__ = [
    "FORMATS",
    "LEVELS",
    "Detail",
    "Level",
    "Place",
    "Report",
    "Row",
    "Span",
    "Target",
    "counted",
    "emit",
    "github_annotations",
    "html_page",
    "json_text",
    "junit",
    "make_way",
    "markdown",
    "parse_targets",
    "prepared",
    "sarif",
    "terminal",
]
