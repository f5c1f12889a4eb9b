"""What a report is made of. All frozen. The order of rows is the caller's; files show the worst first.

A terminal keeps the caller's order, for there the end is what a person sees. In a file the beginning is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

from understudy.specs.report.invocation import Invocation

# What a row means for the run: a promise broken, worth a look, for information, could not be told, not
# looked at, kept. The word a person reads is `ReportRow.verdict`.
Level = Literal["fail", "warn", "note", "unknown", "skip", "pass"]
LEVELS: tuple[Level, ...] = ("fail", "warn", "note", "unknown", "skip", "pass")

# Verdicts, by their first word, that are verbs.
VERBS = ("breaks", "warns")


@dataclass(frozen=True, slots=True, order=True)
class ReportPlace:
    """A place in a file. Lines and columns count from 1; 0 means that it is not known.

    `label` says whose file it is where a row has several: "base", "revision", "promised by".
    """

    file: str
    line: int = 0
    column: int = 0
    label: str = ""

    def __str__(self) -> str:
        spot = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        return f"{self.label} {spot}" if self.label else spot


@dataclass(frozen=True, slots=True)
class Detail:
    """Evidence below a row, folded where the format can fold: a payload, an answer, a command to repeat.

    `beside`, when given, is shown next to `text` (two sides of one thing), under `beside_title`.
    """

    title: str
    text: str
    beside: str = ""
    beside_title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a time line, in milliseconds from its start; `start_ms == end_ms` is a moment."""

    label: str
    start_ms: int
    end_ms: int
    level: Level = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One verdict.

    id           stable, kebab-case: the rule or promise
    title        what is wrong (or right), one line
    verdict      the word for it: "breaks clients", "kept", "could not tell"
    text         why, a sentence or two
    operation    "POST /v1/things", or ""
    area         heading under which rows are gathered: "request", "lifecycle"
    explanation  what the rule is about, the same for all rows of one id
    fingerprint  stable across runs and commits; "" when there is none
    """

    id: str
    title: str
    verdict: str
    level: Level
    text: str = ""
    operation: str = ""
    area: str = ""
    places: tuple[ReportPlace, ...] = ()
    details: tuple[Detail, ...] = ()
    timeline: tuple[Span, ...] = ()
    explanation: str = ""
    fingerprint: str = ""
    seconds: float = 0.0


def counted(n: int, verdict: str) -> str:
    """ "1 breaks clients", "2 break clients", "2 compatible": a verb agrees with its number."""
    verb, _, rest = verdict.partition(" ")
    if n != 1 and verb in VERBS:
        verb = verb.removesuffix("s")
    return f"{n} {verb} {rest}".rstrip()


@dataclass(frozen=True, slots=True)
class Report:
    """A title, the rows, and a few facts about the run shown above them, as (name, value) pairs.

    `tool` is the command that made it, `version` the tool's version. `tally` stands for the counts of
    verdicts where the rows are only a part of all, or gathered. `grid` is a table above the rows: its head,
    then lines of as many cells. `invocation` says how it came about; files show it, a terminal does not.
    """

    title: str
    rows: tuple[ReportRow, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tool: str = "understudy"
    version: str = ""
    tally: tuple[tuple[str, Level, int], ...] = ()
    grid: tuple[tuple[str, ...], ...] = ()
    invocation: Invocation = field(default_factory=Invocation)

    def verdicts(self) -> list[tuple[str, Level, int]]:
        """(verdict, level, how many), worst level first, then by verdict."""
        if self.tally:
            return list(self.tally)
        counts = Counter((LEVELS.index(row.level), row.verdict) for row in self.rows)
        return [(verdict, LEVELS[rank], n) for (rank, verdict), n in sorted(counts.items())]

    def summary(self) -> str:
        """ "2 break clients · 1 compatible", or "nothing found"."""
        return " · ".join(counted(n, verdict) for verdict, _, n in self.verdicts()) or "nothing found"

    def areas(self) -> list[tuple[str, tuple[ReportRow, ...]]]:
        """Rows by area; areas in the order in which they first appear."""
        names = list(dict.fromkeys(row.area for row in self.rows))
        return [(name, tuple(row for row in self.rows if row.area == name)) for name in names]

    def worst_first(self) -> Report:
        """The same report with areas in the order of their worst rows, and the rows of each likewise."""
        areas = [(name, sorted(rows, key=_rank)) for name, rows in self.areas()]
        areas.sort(key=lambda area: _rank(area[1][0]))
        return replace(self, rows=tuple(row for _, rows in areas for row in rows))


def _rank(row: ReportRow) -> int:
    return LEVELS.index(row.level)
