"""The report as JSON: keys in the order of the records, two spaces, one final newline."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specs.report.record import Report


def json_text(report: Report) -> str:
    """{"title", "tool", "version", "facts", "verdicts", "grid", "rows"}; what is empty is left out."""
    data = {
        "title": report.title,
        "tool": report.tool,
        "version": report.version,
        "facts": dict(report.facts),
        "verdicts": {verdict: n for verdict, _, n in report.verdicts()},
        **({"grid": [list(line) for line in report.grid]} if report.grid else {}),
        "rows": [_dense(asdict(row)) for row in report.rows],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _dense(value: Any) -> Any:
    """`value` without empty strings, zeros and empty lists, which say nothing in a report."""
    if isinstance(value, dict):
        return {key: _dense(item) for key, item in value.items() if item or key in ("start_ms", "end_ms")}
    if isinstance(value, list | tuple):
        return [_dense(item) for item in value]
    return value
