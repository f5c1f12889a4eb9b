"""Markdown for a pull request (GitHub flavour): a line of counts, a table an area, evidence folded below; of
many rows a fold for each operation."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from understudy.specs.harmless import harmless
from understudy.specs.report.record import LEVELS, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.specs.report.record import Report, ReportRow

# Characters; GitHub refuses a longer comment.
MOST = 60_000
# Rows of an area that are shown in any case.
LEAST = 5
# Rows of an area beyond which those of one operation are folded together.
MANY = 20
SIGN = {"fail": "❌", "warn": "⚠️", "note": "ℹ️", "unknown": "❓", "skip": "⏭️", "pass": "✅"}
HEAD = ("| | verdict | where | what |", "|---|---|---|---|")
# Characters that would otherwise be markup, mentions or links to issues.
MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~@])")


def markdown(report: Report) -> str:
    """The report as one Markdown document, the worst first; whatever came from outside is escaped.

    A comment takes 65,536 characters: rows and evidence beyond that are counted, not shown, and those of rows
    that are fine go before those of broken ones.
    """
    report = harmless(report.worst_first())
    head = [f"## {_escape(report.title)}", "", f"**{_escape(report.summary())}**", ""]
    facts = [*report.invocation.facts(), *report.facts]
    if facts:
        head += [*(f"- {_escape(name)}: {_escape(value)}" for name, value in facts), ""]
    if report.grid:
        first, *lines = (f"| {' | '.join(map(_escape, line))} |" for line in report.grid)
        head += [first, "|---" * len(report.grid[0]) + "|", *lines, ""]
    rows = report.rows
    areas: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        areas.setdefault(row.area, []).append(number)
    worst_first = sorted(range(len(rows)), key=lambda number: LEVELS.index(rows[number].level))
    table = [_table_line(row) for row in rows]
    evidence = [_evidence(row) for row in rows]
    room = MOST - _size(head)
    framed = [[line, *frame] for line, frame in zip(table, _frames(rows, areas), strict=True)]
    tabled, used = _fitting(worst_first, framed, room - MOST // 3)
    tabled |= {number for numbers in areas.values() for number in numbers[:LEAST]}
    with_evidence = [number for number in worst_first if number in tabled and evidence[number]]
    evident, _ = _fitting(with_evidence, evidence, room - used)
    written = [(table[n], evidence[n] if n in evident else []) for n in range(len(rows))]
    lines = [*head]
    for area, numbers in areas.items():
        shown = [number for number in numbers if number in tabled]
        lines += [f"### {_escape(area)}", ""] if area else []
        places = dict.fromkeys(rows[number].operation for number in shown)
        folded = len(shown) > MANY and len(places) > 1
        for place in places if folded else [""]:
            here = [number for number in shown if not folded or rows[number].operation == place]
            made = _table([written[number] for number in here])
            lines += _folded(place, [rows[number] for number in here], made) if folded else made
        left = len(numbers) - len(shown)
        lines += [f"… and {left} more", ""] if left else []
    if len(evident) < len(with_evidence):
        left_out = len(with_evidence) - len(evident)
        lines.append(f"Evidence of {left_out} rows is left out here: the HTML and JSON reports have it all.")
    return "\n".join(lines).rstrip() + "\n"


def _table(rows: list[tuple[str, list[str]]]) -> list[str]:
    """A table of rows, and below it their evidence."""
    return [*HEAD, *(line for line, _ in rows), "", *(line for _, below in rows for line in below)]


def _frames(rows: Sequence[ReportRow], areas: dict[str, list[int]]) -> Iterable[list[str]]:
    """What a row takes beside its line: the first of an operation, where rows are folded, its fold."""
    met: set[tuple[str, str]] = set()
    for row in rows:
        first = (row.area, row.operation) not in met
        met.add((row.area, row.operation))
        yield _folded(row.operation, [row], list(HEAD)) if first and len(areas[row.area]) > MANY else []


def _folded(place: str, rows: list[ReportRow], lines: list[str]) -> list[str]:
    """The rows of one operation, folded below a line that counts them."""
    counts = Counter((LEVELS.index(row.level), row.verdict) for row in rows)
    said = ", ".join(counted(n, verdict) for (_, verdict), n in sorted(counts.items()))
    sign = SIGN[LEVELS[min(counts)[0]]]
    summary = f"<details><summary>{sign} {_html(place or 'no single operation')}: {_html(said)}</summary>"
    return [summary, "", *lines, "</details>", ""]


def _fitting(numbers: Iterable[int], texts: Sequence[list[str]], room: int) -> tuple[set[int], int]:
    """Which of the texts fit into `room` characters, the first before the later ones, and what they take."""
    chosen: set[int] = set()
    used = 0
    for number in numbers:
        size = _size(texts[number])
        if used + size <= room:
            chosen.add(number)
            used += size
    return chosen, used


def _size(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _table_line(row: ReportRow) -> str:
    what = f"{_escape(row.title)} ({_code(row.id)})"
    return f"| {SIGN[row.level]} | {_escape(row.verdict)} | {_code(row.operation)} | {what} |"


def _evidence(row: ReportRow) -> list[str]:
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
