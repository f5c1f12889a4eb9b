"""Reports: one frozen record for what was found, and writers that turn it into text. No domain knowledge.

report = Report("Drift", (ReportRow(id="field-required", title="…", verdict="breaks clients", level="fail"),))
markdown(report)                     # -> str; every writer gives the same bytes for the same report
emit(report, parse_targets(["terminal", "junit=out.xml"]), stream=sys.stdout)
"""

from __future__ import annotations

from understudy.specs.harmless import printable
from understudy.specs.report.console import terminal
from understudy.specs.report.data import json_text
from understudy.specs.report.github import github_annotations
from understudy.specs.report.invocation import Invocation
from understudy.specs.report.junit_xml import junit
from understudy.specs.report.page import html_page
from understudy.specs.report.pull_request import markdown
from understudy.specs.report.record import (
    LEVELS,
    Detail,
    Level,
    Report,
    ReportPlace,
    ReportRow,
    Span,
    counted,
)
from understudy.specs.report.sarif_log import sarif
from understudy.specs.report.targets import (
    FORMATS,
    ReportTarget,
    browse,
    emit,
    make_way,
    parse_targets,
    prepared,
)

__all__ = [
    "FORMATS",
    "LEVELS",
    "Detail",
    "Invocation",
    "Level",
    "Report",
    "ReportPlace",
    "ReportRow",
    "ReportTarget",
    "Span",
    "browse",
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
    "printable",
    "sarif",
    "terminal",
]
