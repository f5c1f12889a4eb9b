"""`--report terminal|markdown=F|…`: what to write where."""

from __future__ import annotations

import tempfile
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from understudy.specs.errors import UnderstudyError
from understudy.specs.report.console import terminal
from understudy.specs.report.data import json_text
from understudy.specs.report.github import github_annotations
from understudy.specs.report.junit_xml import junit
from understudy.specs.report.page import html_page
from understudy.specs.report.pull_request import markdown
from understudy.specs.report.sarif_log import sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from understudy.specs.report.record import Report

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
class ReportTarget:
    """A format and the file it goes to; no file means standard output."""

    format: str
    file: Path | None = None


def parse_targets(values: Iterable[str]) -> tuple[ReportTarget, ...]:
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
        targets.append(ReportTarget(name, Path(file) if file else None))
    return tuple(targets) or (ReportTarget("terminal"),)


def prepared(targets: tuple[ReportTarget, ...]) -> tuple[ReportTarget, ...]:
    """The same targets, once it is sure that their files can be written; called before the work is done.

    Raises UnderstudyError for the first that cannot be.
    """
    for target in targets:
        if target.file is not None:
            make_way(target.file)
    return targets


def make_way(file: Path, what: str = "the report") -> None:
    """Make the folders above `file`, as pytest does for its reports, and see that it can be written.

    A file that is there stays as it is, and none is left behind. Raises UnderstudyError when it cannot be.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = not file.exists()
        file.open("ab").close()
        if new:
            file.unlink()
    except OSError as error:
        why = f"{error.filename} is no folder" if isinstance(error, FileExistsError) else error.strerror
        raise UnderstudyError(f"cannot write {what}: {why}", where=str(file)) from error


def emit(report: Report, targets: Iterable[ReportTarget], *, stream: TextIO, verbose: bool = False) -> None:
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


def browse(report: Report, targets: Iterable[ReportTarget], *, stream: TextIO) -> None:
    """Show the HTML report in a browser: the file among `targets`, or one in a new temporary folder.

    Which file it is is told on `stream`, also where no browser can be started. BROWSER names another one.
    Raises UnderstudyError when the page cannot be written.
    """
    file = next((one.file for one in targets if one.format == "html" and one.file is not None), None)
    if file is None:
        file = Path(tempfile.mkdtemp(prefix="understudy-")) / "report.html"
        emit(report, (ReportTarget("html", file),), stream=stream)
    opened = webbrowser.open(file.resolve().as_uri())
    stream.write(f"{'opened' if opened else 'no browser to start here; open'} {file}\n")
