"""`understudy verify URL`: hold a provider to its promises."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from understudy.contracts.checks import PROMISES, judge, media, soundness
from understudy.contracts.cli.net import INTERNAL_ERROR, terminable
from understudy.contracts.cli.network import Network, network_options
from understudy.contracts.failures import TargetError
from understudy.contracts.har import read_har, write_har
from understudy.contracts.report import UNCLEAR, brief, build, exit_code, not_afforded
from understudy.contracts.runner.options import Options, check_url, options_for
from understudy.contracts.target import read_target
from understudy.specs.cli.amounts import units
from understudy.specs.cli.names import PROVIDER, completing
from understudy.specs.cli.report_options import formats, report_options, typed
from understudy.specs.library import CANONICAL
from understudy.specs.report import Invocation, Report, browse, emit, make_way, parse_targets, prepared
from understudy.specs.report.invocation import rfc3339, versions_of
from understudy.specs.say import say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.contracts.checks import Judgement
    from understudy.contracts.target import Target
    from understudy.contracts.trace import Conversation

# Imports stand in the functions that need them: help, completion and complaints come 40 ms sooner.

HELP = """Check that the provider at URL keeps its promises; URL is the part before /v1/...

\b
Examples:
  understudy verify http://127.0.0.1:8585      the mock: what 10 units buy
  understudy verify https://api.example.com/kling \\
      --provider chainhub --budget 4
  understudy verify URL --budget 0             only what costs nothing
  understudy verify --replay run.har           judge a recorded run again

A few tasks that the account already has are looked at first, and requests that must be refused follow: both
are free while the provider keeps its promises. Then tasks are bought, the most informative requests first,
up to --budget units (a unit is what the provider's documents charge for one image): of the cheapest family
that charges a unit or more, until it is searched in depth, then of the others. A note names the families
that the budget does not buy, and the budget that does. Keys come from UNDERSTUDY_API_KEY and
UNDERSTUDY_OTHER_API_KEY, or from --api-key; the secret that callbacks are signed with from
UNDERSTUDY_WEBHOOK_SECRET.

Callbacks are listened for on this machine when the provider runs here. For one elsewhere give --callback-url,
the public URL that leads to --callback-listen (default: 127.0.0.1:8788).

Exit codes: 0 every promise that was checked is kept; 1 one is broken, with the curl command that shows it;
2 usage; 3 could not tell (no answer, no network, no time left, no result seen, not this API, or a budget
above 0 that does not buy every check: the last line names one that does); 4 an error of ours, with a
traceback in a file; 130 interrupted, 143 terminated: the units spent are reported, and --har is written.
"""


def host_and_port(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """ "0.0.0.0:8788" as ("0.0.0.0", 8788)."""
    if value is None:
        return None
    host, _colon, port = value.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter("use HOST:PORT, for example 0.0.0.0:8788")
    return host.strip("[]") or "127.0.0.1", int(port)


@click.command(help=HELP)
@click.argument("url", required=False)
@click.option(
    "-p",
    "--provider",
    default=CANONICAL,
    type=PROVIDER,
    show_default=True,
    help="The provider whose promises are checked.",
)
@click.option(
    "--family",
    "families",
    multiple=True,
    help="Only this family of tasks (repeatable) [all that the provider documents].",
)
@click.option("--api-key", envvar="UNDERSTUDY_API_KEY", default="", help="The API key [UNDERSTUDY_API_KEY].")
@click.option(
    "--other-api-key",
    envvar="UNDERSTUDY_OTHER_API_KEY",
    default="",
    help="The key of another account, to check that accounts are isolated [UNDERSTUDY_OTHER_API_KEY].",
)
@click.option("--budget", default="10", callback=units, show_default=True, help="The most units to spend.")
@click.option("--only", multiple=True, metavar="PROMISE", shell_complete=completing(lambda _: PROMISES),
              help="Check only this promise (repeatable).")  # fmt: skip
@click.option("--skip", multiple=True, metavar="PROMISE", shell_complete=completing(lambda _: PROMISES),
              help="Do not check this promise (repeatable).")  # fmt: skip
@click.option("--list", "show_list", is_flag=True, help="Print the table of promises and exit.")
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Seed that chooses the requests: the same in every run.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    help="Time limit for the whole run, in seconds [600, or more for many requests at --rate].",
)
@click.option(
    "--pace", type=click.FloatRange(0.01), help="Seconds between polls [0.1 on this machine, else 2]."
)
@click.option("--rate", type=click.FloatRange(0.1), help="Requests a second [none on this machine, else 5].")
@click.option("--callback-url", default="", help="The public URL that leads to our callback receiver.")
@click.option(
    "--callback-listen", callback=host_and_port, metavar="HOST:PORT", help="Where the receiver listens."
)
@click.option("--callback-retry", is_flag=True,
              help="Answer the first callback with 500, to check that it is retried.")  # fmt: skip
@click.option("--image", help="A picture to send: a URL, or a JPEG or PNG file [a plain grey one].")
@click.option("--generated", type=click.IntRange(0), default=40, show_default=True,
              help="Invalid values from Schemathesis to add for each family.")  # fmt: skip
@click.option(
    "--har", type=click.Path(dir_okay=False, path_type=Path), help="Save the conversation to this HAR file."
)
@click.option("--replay", type=click.Path(dir_okay=False, exists=True, path_type=Path),
              help="Judge a saved conversation again, without the network.")  # fmt: skip
@network_options
@click.option("--allow-result-net", "result_nets", multiple=True, metavar="CIDR",
              help="Fetch results from this private network, too (repeatable).")  # fmt: skip
@report_options()
@click.option("-q", "--quiet", is_flag=True, help="Do not report the plan and how the run goes on.")
@click.option("-v", "--verbose", is_flag=True, help="Also show kept promises and the full evidence.")
def verify(**given: Any) -> None:
    """Entry point; see HELP."""
    if given["show_list"]:
        show_table(given["provider"], as_json=given["as_json"])
        return
    promises = choose(given["only"], given["skip"])
    targets = prepared(parse_targets(formats(given["reports"], as_json=given["as_json"])))
    if given["har"]:
        make_way(given["har"], "the conversation")
    secrets = tuple(os.environ.get("UNDERSTUDY_WEBHOOK_SECRET", "").split())
    lost = False
    if given["replay"]:
        conversation = read_har(given["replay"])
        target = read_target(conversation.provider)
    else:
        if not given["url"]:
            raise click.UsageError("use the URL of a provider, or --replay FILE, or --list")
        target = read_target(given["provider"])
        network = Network(given["proxy"], given["direct"], given["ca_file"])
        options = options_from(given, promises, network)
        conversation = converse(options, target, given["har"], quiet=given["quiet"])
        lost = given["har"] is not None and not _keep(conversation, given["har"])
    judgements = judge(conversation, target, promises=promises, secrets=secrets)
    report = build(judgements, conversation, target, version=_version())
    if conversation.not_located:
        # One message, where errors belong; files and data are written all the same.
        targets = tuple(t for t in targets if t.format != "terminal" or t.file)
        say(f"understudy: could not tell: {conversation.stopped}", err=True)
    code = exit_code(judgements, conversation) or (INTERNAL_ERROR if lost else 0)
    report = replace(report, invocation=replace(invocation_of(conversation), exit_code=code))
    publish(report, targets, verbose=given["verbose"])
    if given["open_page"]:
        browse(report, targets, stream=sys.stderr)
    if code == UNCLEAR and not conversation.not_located:
        say(
            "some promises could not be checked (exit 3): the rows above say what and why",
            err=True,
        )
    dear = not_afforded(judgements, conversation.budget)
    if dear and (code == UNCLEAR or not given["quiet"]):
        say(dear, err=True)
    sys.exit(code)


def choose(only: Iterable[str], skip: Iterable[str]) -> frozenset[str]:
    """The promises to check; raises TargetError for a name that is none."""
    for name in [*only, *skip]:
        if name not in PROMISES:
            near = [p for p in PROMISES if name.split("-")[0] in p] or list(PROMISES)
            raise TargetError(
                f"no promise {name!r}", where="--only/--skip", advice=f"known: {', '.join(near)}"
            )
    chosen = frozenset(only or PROMISES) - frozenset(skip)
    if not chosen:
        raise TargetError("no promise is left to check", where="--only/--skip")
    return chosen


def options_from(given: dict[str, Any], promises: frozenset[str], network: Network) -> Options:
    """The run's options from the command line's."""
    return options_for(
        given["url"],
        api_key=given["api_key"],
        other_api_key=given["other_api_key"],
        provider=given["provider"],
        families=tuple(given["families"]),
        budget=given["budget"],
        promises=promises,
        seed=given["seed"],
        timeout=given["timeout"],
        pace=given["pace"],
        rate=given["rate"],
        generated=given["generated"],
        image=read_image(given["image"]),
        callback_url=given["callback_url"],
        callback_listen=given["callback_listen"],
        callback_retry=given["callback_retry"],
        closed="auth-unknown-key-refused" in given["only"],
        result_nets=tuple(given["result_nets"]),
        proxy=network.way(check_url(given["url"])),
        tls=network.tls(),
    )


def read_image(given: str | None) -> str | None:
    """A URL as it is, a file as Base64; raises TargetError for a file that is no whole picture."""
    if not given or given.startswith(("http://", "https://")):
        return given
    path = Path(given)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TargetError(f"cannot read the picture: {error.strerror}", where=given) from error
    facts = media.inspect(data)
    if facts is None or facts.kind != "image":
        advice = "use a JPEG or PNG file, or a URL"
        raise TargetError("not a picture", where=f"--image {given}", advice=advice)
    damage = soundness.damage(path, facts)
    if damage:
        raise TargetError(damage, where=f"--image {given}", advice="every task would fail with it")
    return base64.b64encode(data).decode()


def converse(options: Options, target: Target, har: Path | None, *, quiet: bool = False) -> Conversation:
    """Run, with progress on a terminal and one line of plan anywhere, and keep what was said in `har`.

    `quiet`: say neither.
    Interrupted, it says what was spent, for money is gone even when nothing is judged.
    """
    from understudy.contracts.cli.progress import listener, silent
    from understudy.contracts.runner.run import hold

    held: list[Conversation] = []
    told = silent(held) if quiet else listener(sys.stderr, held)
    with told as listen, terminable():
        try:
            asyncio.run(hold(options, target, listen))
        except BaseException as error:
            said = "interrupted" if isinstance(error, KeyboardInterrupt) else "an error of understudy's own"
            for conversation in held:
                conversation.stopped = said
                _say_what_is_left(conversation, har)
            raise
    return held[0]


def _keep(conversation: Conversation, har: Path) -> bool:
    """Write the recording; a disk that is full must not cost the verdict as well."""
    try:
        write_har(conversation, har, _version())
    except TargetError as error:
        say(f"understudy: {error}", err=True)
        return False
    return True


def _say_what_is_left(conversation: Conversation, har: Path | None) -> None:
    running = (
        "; tasks that run go on, for the API has no way to stop them" if conversation.spent != "0" else ""
    )
    say(f"units spent so far: {conversation.spent}; nothing was judged{running}", err=True)
    if har is not None and _keep(conversation, har):
        say(f"kept in {har}: understudy verify --replay {har} judges what was said", err=True)


def publish(report: Report, targets: Any, *, verbose: bool) -> None:
    """Write the reports; under GitHub Actions the annotations as well."""
    for target in targets:
        whole = verbose or target.format != "terminal" or target.file is not None
        emit(report if whole else brief(report), [target], stream=sys.stdout, verbose=verbose)
    annotated = any(t.format == "github" for t in targets)
    if os.environ.get("GITHUB_ACTIONS") == "true" and not annotated:
        # GitHub reads both streams; what a program reads is left alone.
        data = any(t.file is None and t.format != "terminal" for t in targets)
        emit(report, parse_targets(["github"]), stream=sys.stderr if data else sys.stdout)


def invocation_of(conversation: Conversation) -> Invocation:
    """How a conversation came about: the same for a run and for its recording judged again."""
    moments = [moment for e in conversation.exchanges for moment in (e.started, e.ended)]
    moments += [delivery.received for delivery in conversation.deliveries]
    first, last = (min(moments), max(moments)) if moments else (0.0, 0.0)
    return Invocation(
        command=typed(),
        began=rfc3339(first) if moments else "",
        ended=rfc3339(last) if moments else "",
        seconds=round((last - first) / 1000, 3) if moments else None,
        seed=conversation.seed,
        versions=versions_of("understudy", "schemathesis", "hypothesis"),
    )


def show_table(provider: str, *, as_json: bool = False) -> None:
    """`--list`: id, operation, cost, sentence, and the file and line that promises it."""
    from understudy.contracts.checks.judge import applies
    from understudy.contracts.evidence import source_of
    from understudy.specs.render.text import hanging, terminal_width

    target = read_target(provider)
    family = target.families[0]
    made = [
        one
        for one in PROMISES.values()
        if one.offered is None or any(applies(one, every) for every in target.families)
    ]
    if as_json:
        rows = [
            {
                "id": one.id,
                "area": one.area,
                "operation": one.operation,
                "cost": one.cost,
                "sentence": one.sentence,
                "source": source_of(target, family, one.source, one.operation),
            }
            for one in made
        ]
        say_json(rows)
        return
    width = terminal_width()
    for promise in made:
        source = source_of(target, family, promise.source, promise.operation)
        lead = f"{promise.id:<28} {promise.operation:<9} {promise.cost:<7} "
        say(hanging(lead, f"{promise.sentence}  [{source}]", width))


def summary(judgements: Iterable[Judgement]) -> dict[str, str]:
    """ "promise family" -> verdict, for scripts and tests."""
    return {f"{j.promise.id} {j.family}": j.verdict.value for j in judgements}


def _version() -> str:
    try:
        return version("understudy")
    except PackageNotFoundError:
        return ""
