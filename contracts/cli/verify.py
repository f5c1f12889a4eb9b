"""`understudy verify URL`: hold a provider to its promises."""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contracts.checks import PROMISES, judge
from contracts.failures import TargetError
from contracts.har import read_har, write_har
from contracts.report import UNCLEAR, brief, build, exit_code, not_afforded
from contracts.runner.options import Options, options_for
from contracts.target import read_target
from specs.cli.amounts import units
from specs.library import CANONICAL
from specs.report import FORMATS, Report, emit, make_way, parse_targets, prepared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.checks import Judgement
    from contracts.target import Target
    from contracts.trace import Conversation

HELP = """Hold the provider at URL to its promises; URL is what stands before /v1/...

\b
Examples:
  understudy verify http://127.0.0.1:8585                  the mock, both families
  understudy verify https://api.example.com/kling --provider chainhub --budget 4
  understudy verify URL --budget 0                         only what costs nothing
  understudy verify --replay run.har                       judge a recorded run again

Requests that must be refused go first: they are free while the provider keeps its promises. Then tasks are
bought, the most informative requests first, up to --budget units (a unit is what the provider's documents
charge for one image). Keys come from UNDERSTUDY_API_KEY and UNDERSTUDY_OTHER_API_KEY, or from --api-key; the
secret that callbacks are signed with from UNDERSTUDY_WEBHOOK_SECRET.

Callbacks are listened for on this machine when the provider runs here. For one elsewhere give --callback-url,
the public URL that leads to --callback-listen (127.0.0.1:8788 unless you say otherwise).

\b
Exit codes: 0 every promise that was checked is kept; 1 one is broken, with the curl command that shows it;
2 usage; 3 we could not tell (nobody answers, no network, no time, no result seen, not the API, or a budget
above 0 that does not buy all: the last line says which would); 130 interrupted.
"""


def host_and_port(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """ "0.0.0.0:8788" as ("0.0.0.0", 8788)."""
    if value is None:
        return None
    host, _colon, port = value.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter("say HOST:PORT, for example 0.0.0.0:8788")
    return host.strip("[]") or "127.0.0.1", int(port)


@click.command(help=HELP)
@click.argument("url", required=False)
@click.option("--provider", default=CANONICAL, show_default=True, help="Whose promises: a profile's name.")
@click.option(
    "--family",
    "families",
    multiple=True,
    help="Only this family of tasks (repeatable); else all that the provider documents.",
)
@click.option("--api-key", envvar="UNDERSTUDY_API_KEY", default="", help="The key [UNDERSTUDY_API_KEY].")
@click.option(
    "--other-api-key",
    envvar="UNDERSTUDY_OTHER_API_KEY",
    default="",
    help="Another account's key, to see that accounts are kept apart [UNDERSTUDY_OTHER_API_KEY].",
)
@click.option("--budget", default="10", callback=units, show_default=True, help="Units to spend at most.")
@click.option("--only", multiple=True, metavar="PROMISE", help="Check only this promise (repeatable).")
@click.option("--skip", multiple=True, metavar="PROMISE", help="Do not check this promise (repeatable).")
@click.option("--list", "show_list", is_flag=True, help="Print the table of promises and stop.")
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the requests; repeatable.")
@click.option("--timeout", type=click.FloatRange(1), default=600, show_default=True, help="Seconds in all.")
@click.option(
    "--pace", type=click.FloatRange(0.01), help="Seconds between polls [0.1 on this machine, else 2]."
)
@click.option("--rate", type=click.FloatRange(0.1), help="Requests a second [none on this machine, else 5].")
@click.option("--callback-url", default="", help="The public URL that leads to our callback receiver.")
@click.option(
    "--callback-listen", callback=host_and_port, metavar="HOST:PORT", help="Where the receiver listens."
)
@click.option("--image", help="A picture to send: a URL, or a JPEG or PNG file [a plain grey one].")
@click.option("--generated", type=click.IntRange(0), default=40, show_default=True,
              help="Bad values from Schemathesis, for each family, besides our own.")  # fmt: skip
@click.option("--har", type=click.Path(dir_okay=False, path_type=Path), help="Keep the conversation here.")
@click.option("--replay", type=click.Path(dir_okay=False, exists=True, path_type=Path),
              help="Judge a kept conversation again; no network.")  # fmt: skip
@click.option("--report", "reports", multiple=True, metavar="FORMAT[=FILE]",
              help=f"{', '.join(FORMATS)} (repeatable).")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Show kept promises and whole evidence too.")
def verify(**given: Any) -> None:
    """Entry point; see HELP."""
    if given["show_list"]:
        show_table(given["provider"])
        return
    promises = choose(given["only"], given["skip"])
    targets = prepared(parse_targets(given["reports"]))
    if given["har"]:
        make_way(given["har"], "the conversation")
    secrets = tuple(os.environ.get("UNDERSTUDY_WEBHOOK_SECRET", "").split())
    if given["replay"]:
        conversation = read_har(given["replay"])
        target = read_target(conversation.provider)
    else:
        if not given["url"]:
            raise click.UsageError("give the URL of a provider, or --replay FILE, or --list")
        target = read_target(given["provider"])
        conversation = converse(options_from(given, promises), target, given["har"])
    judgements = judge(conversation, target, promises=promises, secrets=secrets)
    report = build(judgements, conversation, target, version=_version())
    if conversation.at_the_door:
        # One message, where errors belong; files and data are written all the same.
        targets = tuple(t for t in targets if t.format != "terminal" or t.file)
        click.echo(f"understudy: could not tell: {conversation.stopped}", err=True)
    publish(report, targets, verbose=given["verbose"])
    code = exit_code(judgements, conversation)
    if code == UNCLEAR and not conversation.at_the_door:
        click.echo(
            "could not tell everything that was asked (exit code 3): the rows above say what and why",
            err=True,
        )
    dear = not_afforded(judgements, conversation.budget)
    if dear:
        click.echo(dear, err=True)
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


def options_from(given: dict[str, Any], promises: frozenset[str]) -> Options:
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
        closed="auth-unknown-key-refused" in given["only"],
    )


def read_image(given: str | None) -> str | None:
    """A URL as it is, a file as Base64."""
    if not given or given.startswith(("http://", "https://")):
        return given
    import base64

    try:
        return base64.b64encode(Path(given).read_bytes()).decode()
    except OSError as error:
        raise TargetError(f"cannot read the picture: {error.strerror}", where=given) from error


def converse(options: Options, target: Target, har: Path | None) -> Conversation:
    """Run, with progress on a terminal and one line of plan anywhere, and keep what was said in `har`.

    Interrupted, it says what was spent, for money is gone even when nothing is judged.
    """
    from contracts.cli.progress import listener
    from contracts.runner.run import hold

    held: list[Conversation] = []
    with listener(sys.stderr, held) as listen:
        try:
            asyncio.run(hold(options, target, listen))
        except KeyboardInterrupt:
            for conversation in held:
                conversation.stopped = "interrupted"
                _say_what_is_left(conversation, har)
            raise
    if har is not None:
        write_har(held[0], har, _version())
    return held[0]


def _say_what_is_left(conversation: Conversation, har: Path | None) -> None:
    running = (
        "; tasks that run go on, for the API has no way to stop them" if conversation.spent != "0" else ""
    )
    click.echo(f"units spent so far: {conversation.spent}; nothing was judged{running}", err=True)
    if har is not None:
        write_har(conversation, har, _version())
        click.echo(f"kept in {har}: understudy verify --replay {har} judges what was said", err=True)


def publish(report: Report, targets: Any, *, verbose: bool) -> None:
    """Write the reports; under GitHub Actions the annotations as well."""
    for target in targets:
        whole = verbose or target.format != "terminal" or target.file is not None
        emit(report if whole else brief(report), [target], stream=sys.stdout, verbose=verbose)
    annotated = any(t.format == "github" for t in targets)
    if os.environ.get("GITHUB_ACTIONS") == "true" and not annotated:
        emit(report, parse_targets(["github"]), stream=sys.stdout)


def show_table(provider: str) -> None:
    """`--list`: id, operation, cost, sentence, and the file and line that promises it."""
    from contracts.evidence import source_of

    target = read_target(provider)
    family = target.families[0]
    for promise in PROMISES.values():
        source = source_of(target, family, promise.source, promise.operation)
        click.echo(
            f"{promise.id:<28} {promise.operation:<9} {promise.cost:<7} {promise.sentence}  [{source}]"
        )


def summary(judgements: Iterable[Judgement]) -> dict[str, str]:
    """ "promise family" -> verdict, for scripts and tests."""
    return {f"{j.promise.id} {j.family}": j.verdict.value for j in judgements}


def _version() -> str:
    try:
        return version("understudy")
    except PackageNotFoundError:
        return ""
