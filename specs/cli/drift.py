"""`understudy drift BASE REVISION`: what differs, whom it breaks, and the payload that proves it."""

from __future__ import annotations

import copy
import datetime
import json
import sys
from collections import Counter
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from understudy.specs import library
from understudy.specs.cli.amounts import units
from understudy.specs.cli.drift_help import HELP
from understudy.specs.cli.drift_progress import progress
from understudy.specs.cli.drift_rows import fails, field_data, field_row, finding_row, untold_row
from understudy.specs.cli.names import PROVIDER
from understudy.specs.cli.network import Network, network_options
from understudy.specs.cli.report_options import report_options, typed
from understudy.specs.drift import compare, load
from understudy.specs.drift.data import as_data, finding_data
from understudy.specs.drift.waivers import read_waivers, waive
from understudy.specs.errors import UnderstudyError
from understudy.specs.render.text import listed, terminal_width
from understudy.specs.report import (
    Invocation,
    Report,
    ReportRow,
    browse,
    counted,
    emit,
    parse_targets,
    prepared,
)
from understudy.specs.report.invocation import versions_of
from understudy.specs.rules import RULES, Levels, read_levels
from understudy.specs.say import say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from understudy.specs.cli.drift_live import Ask
    from understudy.specs.drift import Finding

# Imports stand in the functions that need them: help, completion and complaints come 70 ms sooner.

BREAKS = ("breaks clients", "breaks providers")
# Operations that the summary names.
MOST_OPERATIONS = 20
QUIET = ("strict", "compatible", "no effect")
FAIL_ON = ("breaks clients", "breaks providers", "warns", "never")
COULD_NOT_TELL = 3
TOOL = "understudy drift"
ACCEPT = "`understudy specs import URL --name NAME` takes a changed document over; commit what it writes"
WAIVERS = Path(__file__).parents[1] / "waivers.toml"


def command(ask: Ask) -> click.Command:
    """The command, with the means to ask a provider of tasks."""
    made = copy.copy(drift)
    made.context_settings = {**drift.context_settings, "obj": ask}
    return made


@click.command(help=HELP)
@click.argument("sides", nargs=-1, type=PROVIDER, metavar="[BASE REVISION | NAME...]")
@click.option("--matrix", "mode", flag_value="matrix", help="Compare all providers, or those named.")
@click.option("--watch", "mode", flag_value="watch", help="Read the providers' documents again.")
@click.option("--live", metavar="URL|HAR", help="Compare what a provider does with what its document says.")
@click.option(
    "--api-key", envvar="UNDERSTUDY_API_KEY", help="Key for --live URL; better as UNDERSTUDY_API_KEY."
)
@click.option(
    "--budget",
    default="0",
    callback=units,
    show_default=True,
    help="Units that --live URL may spend on tasks; 0: only what is free.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default=FAIL_ON[0],
    show_default=True,
    help="The least verdict that makes the exit code 1; worse ones do as well.",
)
@click.option(
    "--levels",
    type=click.Path(path_type=Path, dir_okay=False),
    help='TOML file of `rule-id = "level"`; levels: breaks clients, breaks providers, warns, compatible.',
)
@click.option(
    "--waivers",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file of waivers; without it, the one of this package.",
)
@network_options
@report_options("Print findings and surfaces as JSON, nothing else.")
@click.option("--all", "everything", is_flag=True, help="Show strict, compatible and no effect as well.")
@click.option("-v", "--verbose", is_flag=True, help="Do not cut evidence.")
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), help="The day by which waivers expire (default: today)."
)
@click.option("--rules", "mode", flag_value="rules", help="Print the table of rules and exit.")
@click.pass_obj
def drift(
    ask: Ask | None, /, sides: tuple[str, ...], mode: str | None, live: str | None, **options: Any
) -> None:
    run = DriftRun(ask=ask, **options)
    if mode == "rules":
        say(rules_table(as_json=run.as_json, width=terminal_width()), nl=False)
        return
    if live is not None:
        code = run.live(sides, live)
    elif mode == "matrix":
        code = run.matrix(sides)
    elif mode == "watch":
        code = run.watch(sides)
    else:
        code = run.compare(sides)
    sys.exit(code)


class DriftRun:
    """One run with its options; each way to run returns the exit code."""

    def __init__(
        self,
        *,
        fail_on: str,
        levels: Path | None,
        waivers: Path | None,
        reports: tuple[str, ...],
        as_json: bool,
        open_page: bool,
        everything: bool,
        verbose: bool,
        today: datetime.datetime | None,
        api_key: str | None,
        budget: Decimal,
        proxy: str = "",
        direct: bool = False,
        ca_file: Path | None = None,
        ask: Ask | None = None,
    ) -> None:
        self.fail_on = fail_on
        self.levels = read_levels(levels) if levels else Levels()
        self.waivers = read_waivers(waivers or WAIVERS)
        self.targets = prepared(parse_targets(reports))
        self.reported = bool(reports)
        self.open_page = open_page
        self.as_json, self.everything, self.verbose = as_json, everything, verbose
        self.today = today.date() if today else datetime.date.today()  # noqa: DTZ011 - the local day
        self.api_key, self.budget, self.ask = api_key or "", budget, ask
        self.network = Network(proxy, direct, ca_file)

    # --- ways to run

    def compare(self, sides: tuple[str, ...]) -> int:
        if len(sides) != 2:
            raise click.UsageError(
                "two documents are needed: BASE and REVISION, as in: understudy drift canonical chainhub"
            )
        base, revision = sides
        found = compare(load(base), load(revision), levels=self.levels)
        findings = self.waived(found.findings, base, revision)
        self.print(as_data(found, findings))
        self.show(f"Drift from {base} to {revision}", findings, (("base", base), ("revision", revision)))
        return exit_code(findings, self.fail_on)

    def matrix(self, names: tuple[str, ...]) -> int:
        from understudy.specs.drift.matrix import matrix

        chosen = self.known(names or tuple(library.profiles()), library.profiles())
        with progress(sys.stderr) as began:
            made = matrix(chosen, self.levels, began)
        findings = {pair: self.waived(drift.findings, *pair) for pair, drift in made.drifts.items()}
        data = [as_data(drift, findings[pair]) for pair, drift in made.drifts.items()]
        facts = (("in the table", "how many findings break clients of the base / how many warn"),)
        self.print({"pairs": data, "fields": [field_data(f) for f in made.fields()]})
        rows = tuple(field_row(f, self.fail_on) for f in made.fields() if self.loud(f.worst))
        title = "Drift of each with each, and by field from canonical"
        self.emit(Report(title, rows, facts, TOOL, _version(), grid=made.grid()))
        every = tuple(f for (base, _), group in findings.items() if base == library.CANONICAL for f in group)
        return exit_code(every, self.fail_on)

    def watch(self, names: tuple[str, ...]) -> int:
        from understudy.specs.cli.drift_watch import watched_data, watched_line, watched_rows
        from understudy.specs.drift.watch import watch, watchable

        chosen = self.known(names or tuple(watchable()), library.providers())
        if not chosen:
            raise UnderstudyError(
                "no provider has a document to read again",
                advice="`understudy specs import URL --name acme` makes one, below ./specs",
            )
        watched = watch(chosen, levels=self.levels)
        findings = {
            one.provider: self.waived(one.drift.findings, one.provider, one.drift.revision)
            if one.drift
            else ()
            for one in watched
        }
        self.print({"providers": [watched_data(one, findings[one.provider]) for one in watched]})
        facts = [(one.provider, watched_line(one, findings[one.provider])) for one in watched]
        facts += [("to accept", ACCEPT)] if any(findings.values()) else []
        rows = [
            row
            for one in watched
            for row in watched_rows(one, [f for f in findings[one.provider] if self.loud(f)], self.fail_on)
        ]
        self.emit(Report("Drift since it was committed", tuple(rows), tuple(facts), TOOL, _version()))
        code = exit_code(tuple(f for group in findings.values() for f in group), self.fail_on)
        return COULD_NOT_TELL if any(one.drift is None for one in watched) and not code else code

    def live(self, sides: tuple[str, ...], target: str) -> int:
        from understudy.specs.cli.drift_live import LiveAccess, answers, is_web
        from understudy.specs.drift.live import live

        if len(sides) != 1:
            raise click.UsageError("one name is needed: the provider, or its document")
        document = load(sides[0])
        access = LiveAccess(self.api_key, self.budget, self.network)
        asked = answers(target, document, ask=self.ask, name=sides[0], access=access)
        findings = self.waived(tuple(live(document, asked.exchanges, self.levels)), sides[0], "live")
        self.print(
            {
                "exchanges": len(asked.exchanges),
                "spent": str(asked.spent),
                "tasks": asked.tasks,
                "notes": asked.notes,
                "stopped": asked.stopped,
                "findings": [finding_data(f) for f in findings],
            }
        )
        facts = [("document", sides[0]), ("exchanges", f"{len(asked.exchanges)} from {target}")]
        if is_web(target):
            facts.append(("spent", f"{asked.spent} of {self.budget} units, {asked.tasks} tasks"))
        facts += [("not asked", note) for note in asked.notes]
        untold = [untold_row(sides[0], asked.stopped, "live")] if asked.stopped else []
        self.show(f"What {sides[0]} does, and what it says", findings, tuple(facts), untold)
        code = exit_code(findings, self.fail_on)
        return COULD_NOT_TELL if asked.stopped and not code else code

    # --- output

    def known(self, names: tuple[str, ...], all_names: list[str]) -> tuple[str, ...]:
        unknown = [name for name in names if name not in all_names]
        if unknown:
            raise UnderstudyError(f"unknown provider {unknown[0]!r}", advice=f"known: {', '.join(all_names)}")
        return names

    def waived(self, findings: tuple[Finding, ...], base: str, revision: str) -> tuple[Finding, ...]:
        return waive(findings, self.waivers, base=base, revision=revision, today=self.today)

    def loud(self, finding: Finding) -> bool:
        return self.everything or bool(finding.waived) or finding.verdict not in QUIET

    def print(self, data: Any) -> None:
        if self.as_json:
            say_json(data)

    def show(
        self,
        title: str,
        findings: tuple[Finding, ...],
        facts: tuple[tuple[str, str], ...],
        untold: Sequence[ReportRow] = (),
    ) -> None:
        rows = (*untold, *(finding_row(f, self.fail_on) for f in findings if self.loud(f)))
        facts = (*facts, *_left_out([f.verdict for f in findings if not self.loud(f)]))
        self.emit(Report(title, rows, facts, TOOL, _version(), grid=operations_broken(findings)))

    def emit(self, report: Report) -> None:
        # The day by which waivers expire is the day that a comparison holds for.
        told = Invocation(typed(), self.today.isoformat(), versions=versions_of("understudy"))
        report = replace(report, invocation=told)
        if not self.as_json or self.reported:
            emit(report, self.targets, stream=sys.stdout, verbose=self.verbose)
        if self.open_page:
            browse(report, self.targets, stream=sys.stderr)


def exit_code(findings: tuple[Finding, ...], fail_on: str) -> int:
    """1 when a finding fails the run, 3 when one is undecided, else 0."""
    if any(fails(finding, fail_on) for finding in findings):
        return 1
    undecided = any(finding.verdict == "undecided" and not finding.waived for finding in findings)
    return COULD_NOT_TELL if undecided and fail_on != "never" else 0


def operations_broken(findings: Iterable[Finding]) -> tuple[tuple[str, ...], ...]:
    """A table of the operations that break, by path: with how many findings of each verdict. Empty where a
    single one breaks."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        if finding.verdict in BREAKS and not finding.waived:
            for operation in {
                " ".join(place.split(" ")[:2]) for place in finding.reach or (finding.surface,)
            }:
                counts.setdefault(operation, Counter())[finding.verdict] += 1
    if len(counts) < 2:
        return ()
    order = sorted(counts, key=lambda name: (name.partition(" ")[2], name))
    lines = [(name, *(str(counts[name][v] or "") for v in BREAKS)) for name in order[:MOST_OPERATIONS]]
    more = len(order) - MOST_OPERATIONS
    return (("operation", *BREAKS), *lines, *([(f"and {more} more", "", "")] if more > 0 else []))


def _left_out(verdicts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """How many findings of no harm are not shown."""
    counts = [(verdict, verdicts.count(verdict)) for verdict in QUIET]
    said = ", ".join(counted(n, verdict) for verdict, n in counts if n)
    return (("not shown", f"{said} (--all shows them)"),) if said else ()


def rules_table(*, as_json: bool = False, width: int = 0) -> str:
    """The table of rules: id, area, level, level when nothing tells the sides apart, sentence.

    `width`, in columns, is that of a terminal: what does not fit is put below each other. 0: no limit.
    """
    rows = [(r.id, r.area, r.level, r.otherwise, r.sentence) for _, r in sorted(RULES.items())]
    if as_json:
        keys = ("id", "area", "level", "otherwise", "sentence")
        return json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2) + "\n"
    head = ("rule", "area", "level", "otherwise", "what it says")
    if width:
        return "\n".join(listed(head, rows, width)) + "\n"
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[4]]) for row in rows]
    return "\n".join(lines) + "\n"


def _version() -> str:
    try:
        return version("understudy")
    except PackageNotFoundError:
        return ""
