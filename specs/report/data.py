"""The report as JSON: keys in the order of the records, two spaces, one final newline.

Characters that are not safe to show are there as escapes, so that nothing is lost and nothing is hidden.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from understudy.specs.harmless import escaped

if TYPE_CHECKING:
    from understudy.specs.report.record import Report


def json_text(report: Report) -> str:
    """{"title", "tool", "version", "invocation", "facts", "verdicts", "grid", "rows"} without what is empty.

    `invocation`: {"command", "began", "ended", "seconds", "seed", "versions", "exit_code"}, as far as known.
    """
    report = report.worst_first()
    data = {
        "title": report.title,
        "tool": report.tool,
        "version": report.version,
        **_told(report),
        "facts": dict(report.facts),
        "verdicts": {verdict: n for verdict, _, n in report.verdicts()},
        **({"grid": [list(line) for line in report.grid]} if report.grid else {}),
        "rows": [_dense(asdict(row)) for row in report.rows],
    }
    return escaped(json.dumps(data, indent=2, ensure_ascii=False)) + "\n"


def _told(report: Report) -> dict[str, Any]:
    """The invocation, where one is known: a seed of 0 and an exit code of 0 say something."""
    told = {**asdict(report.invocation), "versions": dict(report.invocation.versions)}
    known = {name: value for name, value in told.items() if value not in ("", None, {})}
    return {"invocation": known} if known else {}


def _dense(value: Any) -> Any:
    """`value` without empty strings, zeros and empty lists, which say nothing in a report."""
    if isinstance(value, dict):
        return {key: _dense(item) for key, item in value.items() if item or key in ("start_ms", "end_ms")}
    if isinstance(value, list | tuple):
        return [_dense(item) for item in value]
    return value
