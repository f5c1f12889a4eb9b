"""One self-contained HTML page, to be read in a minute: counts, what failed, then everything in areas.

The page is offline, prints with everything unfolded, and runs no script. Areas with the worst rows come
first; the kept rows of an area are folded into one line. Template: page.html; look: palette.css, which the
live board shares, and page.css.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.specs.harmless import harmless
from understudy.specs.report.record import counted
from understudy.specs.report.timeline import draw

if TYPE_CHECKING:
    from jinja2 import Template

    from understudy.specs.report.record import Report, ReportRow
    from understudy.specs.report.timeline import Drawing

HERE = Path(__file__).parent
# The page loads nothing, and nothing in it runs.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with what the page needs besides: where links lead, and its time line as a drawing."""

    row: ReportRow
    anchor: str
    drawing: Drawing | None


@dataclass(frozen=True, slots=True)
class ShownArea:
    """An area's rows: those to look at, and those that ask for nothing, behind one line: "12 kept"."""

    name: str
    shown: tuple[ShownRow, ...]
    kept: tuple[ShownRow, ...]
    verdicts: str


def html_page(report: Report) -> str:
    """The report as one page without any outside asset. Failed rows are open, the others folded."""
    report = harmless(report.worst_first())
    rows = [ShownRow(row, f"row-{n}", draw(row.timeline)) for n, row in enumerate(report.rows, start=1)]
    broken = [one for one in rows if one.row.level == "fail"]
    counts = [(level, counted(n, verdict)) for verdict, level, n in report.verdicts()]
    return _template().render(
        report=report,
        policy=POLICY,
        style=_style(),
        counts=counts,
        broken=broken,
        headline=", ".join(text for level, text in counts if level == "fail"),
        worth_a_look=", ".join(text for level, text in counts if level == "warn"),
        unsure=any(one.row.level == "unknown" for one in rows),
        facts=[*report.invocation.facts(), *report.facts],
        areas=_areas(rows),
    )


def _areas(rows: list[ShownRow]) -> list[ShownArea]:
    made = []
    for name in dict.fromkeys(one.row.area for one in rows):
        mine = [one for one in rows if one.row.area == name]
        kept = tuple(one for one in mine if one.row.level == "pass")
        shown = tuple(one for one in mine if one.row.level != "pass")
        made.append(ShownArea(name, shown, kept, ", ".join(dict.fromkeys(one.row.verdict for one in kept))))
    return made


@functools.cache
def _template() -> Template:
    # Here, so that commands which write no page start without it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(HERE)
    return Environment(autoescape=True, loader=loader, undefined=StrictUndefined).get_template("page.html")


def _style() -> str:
    from markupsafe import Markup  # here: it comes with Jinja2, which only pages need

    # Our own files: nothing from outside is in them.
    return Markup("\n").join(Markup((HERE / name).read_text("utf-8")) for name in ("palette.css", "page.css"))  # noqa: S704
