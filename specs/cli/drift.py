"""`understudy drift BASE REVISION`: what differs, whom it breaks, and the payload that proves it."""

from __future__ import annotations

import datetime
import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specs.cli.drift_rows import fails, report
from specs.drift import compare, load
from specs.drift.data import as_data
from specs.drift.waivers import read_waivers, waive
from specs.errors import UnderstudyError
from specs.report import FORMATS, emit, parse_targets
from specs.rules import RULES, Levels, read_levels

if TYPE_CHECKING:
    from specs.drift import Finding

QUIET = ("strict", "compatible", "no effect")
FAIL_ON = ("breaks clients", "breaks providers", "warns", "never")
COULD_NOT_TELL = 3
WAIVERS = Path(__file__).parents[1] / "waivers.toml"

HELP = """Compare two API documents; each finding comes with a payload that one side takes, the other refuses.

\b
A side is a file or URL with OpenAPI 3.0 or 3.1 of any API, `canonical`, a provider, or provider@gitref.
Examples:
  understudy drift old.yaml new.yaml
  understudy drift canonical chainhub                  what a client of the vendor meets at ChainHub
  understudy drift chainhub@v1.2 chainhub --report markdown=drift.md
  understudy drift old.yaml new.yaml --fail-on "breaks providers" --report github

\b
Verdicts, worst first:
  breaks clients     a client that stays with BASE breaks: proven with a witness
  breaks providers   a provider that stays with BASE breaks when its clients move on: proven with a witness
  undecided          may break; no witness, and no proof that there is none
  warns              no payload is refused for it, or a policy below says so
  strict             only a sender who sends what his document does not declare is refused
  compatible         of no harm
  no effect          looks like a break, and is shown to be none

\b
Policies:
  A sender does not send properties that its document does not declare, unless an object declares none at all
  or says with a schema what more may come (else: strict). readOnly properties are not sent in requests and
  never required there; writeOnly likewise in answers. A new value of an enum in an answer warns. A changed
  default warns: the same payload means something else. A format is an annotation, as JSON Schema has it: it
  warns, with a witness for validators that assert it. Parameters are compared as they stand on the wire.
  A property that is gone while one like it came is hinted at as a rename. --levels moves any rule.

\b
Exit codes: 0 nothing at or above --fail-on; 1 something is; 2 usage, or a document that cannot be read;
3 could not tell (something is undecided, and nothing fails).
"""


@click.command(help=HELP)
@click.argument("base", required=False)
@click.argument("revision", required=False)
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
@click.option("--rules", "list_rules", is_flag=True, help="Print the table of rules and exit.")
def drift(
    base: str | None,
    revision: str | None,
    fail_on: str,
    levels: Path | None,
    waivers: Path | None,
    reports: tuple[str, ...],
    as_json: bool,
    everything: bool,
    verbose: bool,
    today: datetime.datetime | None,
    list_rules: bool,
) -> None:
    if list_rules:
        click.echo(rules_table(as_json=as_json), nl=False)
        return
    if base is None or revision is None:
        raise click.UsageError("give two sides: BASE and REVISION")
    targets = parse_targets(reports)
    found = compare(load(base), load(revision), levels=read_levels(levels) if levels else Levels())
    day = today.date() if today else datetime.date.today()  # noqa: DTZ011 - a waiver expires by the local day
    findings = waive(
        found.findings, read_waivers(waivers or WAIVERS), base=base, revision=revision, today=day
    )
    if as_json:
        data = as_data(found, findings)
        click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))
    if not as_json or reports:
        shown = [f for f in findings if everything or f.waived or f.verdict not in QUIET]
        facts = (("base", base), ("revision", revision), *_left_out(findings, shown))
        made = report(
            f"Drift from {base} to {revision}", shown, facts=facts, fail_on=fail_on, version=_version()
        )
        emit(made, targets, stream=sys.stdout, verbose=verbose)
    sys.exit(exit_code(findings, fail_on))


def exit_code(findings: tuple[Finding, ...], fail_on: str) -> int:
    """1 when a finding fails the run, 3 when one is undecided, else 0."""
    if any(fails(finding, fail_on) for finding in findings):
        return 1
    undecided = any(finding.verdict == "undecided" and not finding.waived for finding in findings)
    return COULD_NOT_TELL if undecided and fail_on != "never" else 0


def _left_out(findings: tuple[Finding, ...], shown: list[Finding]) -> tuple[tuple[str, str], ...]:
    """How many findings of no harm are not shown."""
    counts = [(v, sum(f.verdict == v for f in findings if f not in shown)) for v in QUIET]
    said = ", ".join(f"{n} {verdict}" for verdict, n in counts if n)
    return (("not shown", f"{said} (--all shows them)"),) if said else ()


def rules_table(*, as_json: bool = False) -> str:
    """The table of rules: id, area, level, level when nothing tells the sides apart, sentence."""
    rows = [(r.id, r.area, r.level, r.otherwise, r.sentence) for _, r in sorted(RULES.items())]
    if as_json:
        keys = ("id", "area", "level", "otherwise", "sentence")
        return json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2) + "\n"
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[4]]) for row in rows]
    return "\n".join(lines) + "\n"


def _version() -> str:
    try:
        return version("understudy")
    except PackageNotFoundError:
        return ""


__all__ = ["UnderstudyError", "drift"]
