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


def prepared(targets: tuple[Target, ...]) -> tuple[Target, ...]:
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
