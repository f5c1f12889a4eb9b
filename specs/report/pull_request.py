"""Markdown for a pull request (GitHub flavour): a line of counts, a table an area, evidence folded below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specs.report.record import Report, Row

# Characters; GitHub refuses a longer comment.
MOST = 60_000
# Rows of an area that are shown in any case.
LEAST = 5
SIGN = {"fail": "❌", "warn": "⚠️", "note": "ℹ️", "unknown": "❓", "skip": "⏭️", "pass": "✅"}
# Characters that would otherwise be markup, mentions or links to issues.
MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~@])")


def markdown(report: Report) -> str:
    """The report as one Markdown document; whatever came from outside is escaped.

    A comment takes 65,536 characters: rows and evidence beyond that are counted, not shown.
    """
    head = [f"## {_escape(report.title)}", "", f"**{_escape(report.summary())}**", ""]
    if report.facts:
        head += [*(f"- {_escape(name)}: {_escape(value)}" for name, value in report.facts), ""]
    if report.grid:
        first, *lines = (f"| {' | '.join(map(_escape, line))} |" for line in report.grid)
        head += [first, "|---" * len(report.grid[0]) + "|", *lines, ""]
    room = MOST - _size(head)
    tables: list[list[str]] = []
    shown: list[tuple[Row, ...]] = []
    for area, rows in report.areas():
        lines = [f"### {_escape(area)}", ""] if area else []
        lines += ["| | verdict | where | what |", "|---|---|---|---|"]
        kept = 0
        for line in map(_table_line, rows):
            room -= len(line) + 1
            if room < MOST // 3 and kept >= LEAST:
                break
            lines.append(line)
            kept += 1
        if kept < len(rows):
            lines.append(f"| | | | … and {len(rows) - kept} more |")
        tables.append([*lines, ""])
        shown.append(rows[:kept])
    return "\n".join([*head, *_with_evidence(tables, shown, room)]).rstrip() + "\n"


def _with_evidence(tables: list[list[str]], shown: list[tuple[Row, ...]], room: int) -> list[str]:
    """The tables, each followed by the evidence of its rows as far as there is room."""
    lines: list[str] = []
    left_out = 0
    for table, rows in zip(tables, shown, strict=True):
        lines += table
        for row in rows:
            evidence = _evidence(row)
            if _size(evidence) > room:
                left_out += 1
                continue
            room -= _size(evidence)
            lines += evidence
    if left_out:
        lines += [
            f"Evidence of {left_out} rows is left out here: the HTML and JSON reports have all of it.",
            "",
        ]
    return lines


def _size(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _table_line(row: Row) -> str:
    what = f"{_escape(row.title)} ({_code(row.id)})"
    return f"| {SIGN[row.level]} | {_escape(row.verdict)} | {_code(row.operation)} | {what} |"


def _evidence(row: Row) -> list[str]:
    if not (row.details or row.timeline or row.places or row.text):
        return []
    title = f"{row.operation}: {row.title}" if row.operation else row.title
    lines = [f"<details><summary>{SIGN[row.level]} {_html(title)}</summary>", ""]
    if row.text:
        lines += [part for line in row.text.split("\n") for part in (_escape(line), "")]
    if row.places:
        lines += [*(f"- {_code(str(place))}" for place in row.places), ""]
    for detail in row.details:
        lines += [f"{_escape(detail.title)}:", *_fence(detail.text, detail.language), ""]
        if detail.beside:
            lines += [f"{_escape(detail.beside_title)}:", *_fence(detail.beside, detail.language), ""]
    if row.timeline:
        lines += [*(f"- {span.start_ms}–{span.end_ms} ms {_escape(span.label)}" for span in row.timeline), ""]
    return [*lines, "</details>", ""]


def _fence(text: str, language: str) -> list[str]:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", text, fence]


def _code(text: str) -> str:
    """Inline code that holds backticks and pipes; "" stays ""."""
    if not text:
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{' '.join(text.split())}{pad}{fence}".replace("|", r"\|")


def _escape(text: str) -> str:
    return MARKUP.sub(r"\\\1", " ".join(text.split()))


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
