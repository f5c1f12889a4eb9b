"""`understudy drift BASE REVISION`: what differs, whom it breaks, and the payload that proves it."""

from __future__ import annotations

import copy
import datetime
import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specs import library
from specs.cli.amounts import units
from specs.cli.drift_progress import progress
from specs.cli.drift_rows import fails, field_data, field_row, finding_row, untold_row
from specs.drift import compare, load
from specs.drift.data import as_data, finding_data
from specs.drift.waivers import read_waivers, waive
from specs.errors import UnderstudyError
from specs.render.text import listed, terminal_width
from specs.report import FORMATS, Report, Row, counted, emit, parse_targets, prepared
from specs.rules import RULES, Levels, read_levels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from specs.cli.drift_live import Ask
    from specs.drift import Finding

QUIET = ("strict", "compatible", "no effect")
FAIL_ON = ("breaks clients", "breaks providers", "warns", "never")
COULD_NOT_TELL = 3
TOOL = "understudy drift"
ACCEPT = "`understudy specs import URL --name NAME` takes a changed document over; commit what it writes"
WAIVERS = Path(__file__).parents[1] / "waivers.toml"

HELP = """Compare two API documents; each finding comes with a payload that one side takes, the other refuses.

\b
  understudy drift BASE REVISION          two documents
  understudy drift --matrix [NAME...]     all providers, each with each
  understudy drift --watch [NAME...]      what their documents say now
  understudy drift NAME --live FILE.har   what was recorded, and what is said
  understudy drift NAME --live URL        the same, asked now; with
                                          --budget UNITS tasks are bought too

A side is a file or URL with OpenAPI 3.0 or 3.1 of any API, `canonical`, a provider, provider@gitref, or a
provider's document in another format, which is normalised first.

\b
Examples:
  understudy drift old.yaml new.yaml
  understudy drift canonical chainhub   # a client of the vendor at ChainHub
  understudy drift chainhub@v1.2 chainhub --report markdown=drift.md
  understudy drift old.yaml new.yaml --fail-on "breaks providers"
  UNDERSTUDY_API_KEY=… understudy drift chainhub \\
      --live https://api.example.com/kling --budget 4

\b
Verdicts, worst first:
  breaks clients     a client that stays with BASE breaks: proven with a
                     witness
  breaks providers   a provider that stays with BASE breaks when its clients
                     move on: proven with a witness
  undecided          may break; no witness, and no proof that there is none
  warns              no payload is refused for it, or a policy below says so
  strict             only a sender who sends what his document does not
                     declare is refused
  compatible         of no harm
  no effect          looks like a break, and is shown to be none

\b
Policies:
  A sender does not send properties that its document does not declare,
  unless an object declares none at all or says with a schema what more may
  come (else: strict). readOnly properties are not sent in requests and
  never required there; writeOnly likewise in answers. A new value of an
  enum in an answer warns. A changed default warns: the same payload means
  something else. A format is an annotation, as JSON Schema has it: it
  warns, with a witness for validators that assert it. Parameters are
  compared as they stand on the wire. A property that is gone while one like
  it came is hinted at as a rename. What a provider's documents do not
  mention is inherited and unknown (x-undocumented): it warns, with a
  witness that only a strict reading refuses. --levels moves any rule.

\b
Watch:
  Each provider's documents are read again from where provider.toml says,
  and held against what is committed. `understudy specs import URL --name
  acme` makes such a provider from the address of a page or an OpenAPI file,
  in ./specs/providers/acme. One line for each; exit code 0: it promises the
  same, 1: it breaks at or above --fail-on, 3: it could not be read. Without
  names: every provider that has documents here.

\b
Live:
  Without --budget only what is free is sent: lists, unknown ids, wrong
  credentials, and requests that the document refuses (if one of these is
  taken after all, it is the last, and what it cost is said). With a budget
  whole tasks are bought for each family, to see what success looks like:
  created, polled to their end, asked for by their external id, listed. 3 or
  4 units show both families of the vendor. An API without tasks is only
  sent GETs. A recording is any HAR 1.2 file, such as `understudy verify
  --har` and `understudy record` keep.

Exit codes: 0 nothing at or above --fail-on; 1 something is; 2 usage, or a document that cannot be read;
3 could not tell (something is undecided, and nothing fails).
"""


def command(ask: Ask) -> click.Command:
    """The command, with the means to ask a provider of tasks."""
    made = copy.copy(drift)
    made.context_settings = {**drift.context_settings, "obj": ask}
    return made


@click.command(help=HELP)
@click.argument("sides", nargs=-1, metavar="[BASE REVISION | NAME...]")
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
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help=f"Where to write what; may be given more than once. Formats: {', '.join(FORMATS)}.",
)
@click.option("--json", "as_json", is_flag=True, help="Print findings and surfaces as JSON, nothing else.")
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
    run = Run(ask=ask, **options)
    if mode == "rules":
        click.echo(rules_table(as_json=run.as_json, width=terminal_width()), nl=False)
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


class Run:
    """One run with its options; each way to run returns the exit code."""

    def __init__(
        self,
        *,
        fail_on: str,
        levels: Path | None,
        waivers: Path | None,
        reports: tuple[str, ...],
        as_json: bool,
        everything: bool,
        verbose: bool,
        today: datetime.datetime | None,
        api_key: str | None,
        budget: Decimal,
        ask: Ask | None = None,
    ) -> None:
        self.fail_on = fail_on
        self.levels = read_levels(levels) if levels else Levels()
        self.waivers = read_waivers(waivers or WAIVERS)
        self.targets = prepared(parse_targets(reports))
        self.reported = bool(reports)
        self.as_json, self.everything, self.verbose = as_json, everything, verbose
        self.today = today.date() if today else datetime.date.today()  # noqa: DTZ011 - the local day
        self.api_key, self.budget, self.ask = api_key or "", budget, ask

    # --- ways to run

    def compare(self, sides: tuple[str, ...]) -> int:
        if len(sides) != 2:
            raise click.UsageError("give two sides: BASE and REVISION")
        base, revision = sides
        found = compare(load(base), load(revision), levels=self.levels)
        findings = self.waived(found.findings, base, revision)
        self.print(as_data(found, findings))
        self.show(f"Drift from {base} to {revision}", findings, (("base", base), ("revision", revision)))
        return exit_code(findings, self.fail_on)

    def matrix(self, names: tuple[str, ...]) -> int:
        from specs.drift.matrix import matrix

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
        from specs.cli.drift_watch import watched_data, watched_line, watched_rows
        from specs.drift.watch import watch, watchable

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
        from specs.cli.drift_live import answers, is_web
        from specs.drift.live import live

        if len(sides) != 1:
            raise click.UsageError("give one name: the provider, or its document")
        document = load(sides[0])
        asked = answers(
            target, document, ask=self.ask, name=sides[0], api_key=self.api_key, budget=self.budget
        )
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
            raise UnderstudyError(f"no provider {unknown[0]!r}", advice=f"known: {', '.join(all_names)}")
        return names

    def waived(self, findings: tuple[Finding, ...], base: str, revision: str) -> tuple[Finding, ...]:
        return waive(findings, self.waivers, base=base, revision=revision, today=self.today)

    def loud(self, finding: Finding) -> bool:
        return self.everything or bool(finding.waived) or finding.verdict not in QUIET

    def print(self, data: Any) -> None:
        if self.as_json:
            click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))

    def show(
        self,
        title: str,
        findings: tuple[Finding, ...],
        facts: tuple[tuple[str, str], ...],
        untold: Sequence[Row] = (),
    ) -> None:
        shown = [f for f in findings if self.loud(f)]
        rows = (*untold, *(finding_row(f, self.fail_on) for f in shown))
        self.emit(Report(title, rows, (*facts, *_left_out(findings, shown)), TOOL, _version()))

    def emit(self, report: Report) -> None:
        if not self.as_json or self.reported:
            emit(report, self.targets, stream=sys.stdout, verbose=self.verbose)


def exit_code(findings: tuple[Finding, ...], fail_on: str) -> int:
    """1 when a finding fails the run, 3 when one is undecided, else 0."""
    if any(fails(finding, fail_on) for finding in findings):
        return 1
    undecided = any(finding.verdict == "undecided" and not finding.waived for finding in findings)
    return COULD_NOT_TELL if undecided and fail_on != "never" else 0


def _left_out(findings: tuple[Finding, ...], shown: list[Finding]) -> tuple[tuple[str, str], ...]:
    """How many findings of no harm are not shown."""
    counts = [(v, sum(f.verdict == v for f in findings if f not in shown)) for v in QUIET]
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
