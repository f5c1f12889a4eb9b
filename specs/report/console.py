"""The report for a person at a terminal: rows by area, then the counts. Colours only on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from understudy.specs.harmless import harmless
from understudy.specs.report.record import counted

if TYPE_CHECKING:
    from understudy.specs.report.record import Report, ReportRow

COLOUR = {
    "fail": "bold red",
    "warn": "yellow",
    "note": "blue",
    "unknown": "magenta",
    "skip": "dim",
    "pass": "green",
}
# A pipe has no width; wrapping there would break lines that people grep for.
PIPE_WIDTH = 10_000
# Rows beyond which the counts stand at the top as well.
MANY = 20


def terminal(report: Report, stream: TextIO, *, verbose: bool = False, lines: int = 12) -> None:
    """Print the report to `stream`. Evidence of failed rows is cut to `lines` lines unless `verbose`.

    NO_COLOR and TERM=dumb are honoured (rich does).
    """
    report = harmless(report)
    console = Console(
        file=stream,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if stream.isatty() else PIPE_WIDTH,
    )
    _print(console, Text(report.title, style="bold"))
    if len(report.rows) > MANY:
        _print(console, _summary(report))
    for name, value in report.facts:
        _print(console, Text(f"  {name}: {value}", style="dim"))
    if report.grid:
        console.print()
        console.print(_grid(report.grid))
    for area, rows in report.areas():
        console.print()
        if area:
            _print(console, Text(area, style="bold underline"))
        for row in rows:
            commands = [line for one in row.details if one.language == "sh" for line in one.text.split("\n")]
            _print(console, _row(row, verbose=verbose, lines=lines), *filter(None, commands))
    if report.rows:
        console.print()
    _print(console, _summary(report))


def _print(console: Console, text: Text, *whole: str) -> None:
    """Print `text`; on a terminal lines that are too long go on below, a little further in.

    Lines that end in one of `whole`, commands to be copied, stay one line: the terminal breaks them.
    """
    for line in text.split("\n", allow_blank=True):
        if not console.is_terminal or line.cell_len <= console.width or line.plain.endswith(whole):
            console.print(line, soft_wrap=True)
            continue
        indent = len(line.plain) - len(line.plain.lstrip(" "))
        further = min(indent + 2, console.width // 2)
        for n, piece in enumerate(line[indent:].wrap(console, console.width - further)):
            piece.rstrip()
            console.print(Text(" " * (further if n else indent)) + piece, soft_wrap=True)


def _grid(grid: tuple[tuple[str, ...], ...]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for n, cell in enumerate(grid[0]):
        table.add_column(Text(cell), justify="right" if n else "left", overflow="fold")
    for line in grid[1:]:
        table.add_row(*(Text(cell) for cell in line))
    return table


def _row(row: ReportRow, *, verbose: bool, lines: int) -> Text:
    text = Text()
    text.append(row.verdict, style=COLOUR[row.level])
    text.append(f"  {row.operation}  " if row.operation else "  ")
    text.append(row.title)
    text.append(f"  [{row.id}]", style="dim")
    if row.level in ("pass", "skip") and not verbose:
        return text
    if row.text:
        text.append("".join(f"\n    {line}" for line in row.text.split("\n")))
    for place in row.places:
        text.append(f"\n    {place}", style="dim")
    if row.level in ("fail", "unknown") or verbose:
        for detail in row.details:
            _block(text, detail.title, detail.text, None if verbose else lines)
            if detail.beside and (verbose or "\n" not in detail.beside):
                _block(text, detail.beside_title, detail.beside, None)
    for span in row.timeline if verbose else ():
        text.append(f"\n    {span.start_ms:>8}–{span.end_ms} ms  {span.label}", style=COLOUR[span.level])
    return text


def _block(text: Text, title: str, body: str, limit: int | None) -> None:
    all_lines = body.split("\n")
    if len(all_lines) == 1:
        text.append(f"\n    {title}: {body}")
        return
    text.append(f"\n    {title}:")
    for line in all_lines[:limit]:
        text.append(f"\n      {line}")
    if limit is not None and len(all_lines) > limit:
        text.append(f"\n      … {len(all_lines) - limit} lines more", style="dim")


def _summary(report: Report) -> Text:
    if not report.verdicts():
        return Text("nothing found", style="green")
    text = Text()
    for n, (verdict, level, count) in enumerate(report.verdicts()):
        text.append(" · " if n else "")
        text.append(counted(count, verdict), style=COLOUR[level])
    return text
