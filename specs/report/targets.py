"""`--report terminal|markdown=F|…`: what to write where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from specs.errors import UnderstudyError
from specs.report.console import terminal
from specs.report.data import json_text
from specs.report.github import github_annotations
from specs.report.junit_xml import junit
from specs.report.page import html_page
from specs.report.pull_request import markdown
from specs.report.sarif_log import sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from specs.report.record import Report

WRITERS: dict[str, Callable[[Report], str]] = {
    "github": github_annotations,
    "html": html_page,
    "json": json_text,
    "junit": junit,
    "markdown": markdown,
    "sarif": sarif,
}
FORMATS = ("terminal", *sorted(WRITERS))


@dataclass(frozen=True, slots=True)
class Target:
    """A format and the file it goes to; no file means standard output."""

    format: str
    file: Path | None = None


def parse_targets(values: Iterable[str]) -> tuple[Target, ...]:
    """("terminal", "junit=out.xml") -> targets; () gives the terminal alone.

    Raises UnderstudyError for an unknown format or an empty file name.
    """
    targets = []
    for value in values:
        name, equals, file = value.partition("=")
        if name not in FORMATS:
            raise UnderstudyError(
                f"no report format {name!r}", where="--report", advice=f"known: {', '.join(FORMATS)}"
            )
        if equals and not file:
            raise UnderstudyError(f"no file after {value!r}", where="--report", advice=f"say {name}=FILE")
        targets.append(Target(name, Path(file) if file else None))
    return tuple(targets) or (Target("terminal"),)


def emit(report: Report, targets: Iterable[Target], *, stream: TextIO, verbose: bool = False) -> None:
    """Write `report` to every target; those without a file go to `stream`.

    Raises UnderstudyError when a file cannot be written.
    """
    for target in targets:
        if target.file is None:
            if target.format == "terminal":
                terminal(report, stream, verbose=verbose)
            else:
                stream.write(WRITERS[target.format](report))
            continue
        try:
            target.file.parent.mkdir(parents=True, exist_ok=True)
            with target.file.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                if target.format == "terminal":
                    terminal(report, file, verbose=verbose)
                else:
                    file.write(WRITERS[target.format](report))
        except OSError as error:
            raise UnderstudyError(
                f"cannot write the report: {error.strerror}", where=str(target.file)
            ) from error
