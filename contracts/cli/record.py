"""`understudy record URL`: stand between a client and a real provider, and keep what is said."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from contracts.checks import judge
from contracts.record.keeper import Keeper
from contracts.record.proxy import Proxy, check_target
from contracts.record.scribe import Scribe
from contracts.report import brief, build, exit_code
from contracts.target import read_target
from specs.errors import UnderstudyError
from specs.report import emit, make_way, parse_targets, prepared

if TYPE_CHECKING:
    from contracts import trace
    from contracts.record.proxy import Passed

NOTHING_ANSWERED = 3


@click.command()
@click.argument("url")
@click.option(
    "-p", "--provider", default="canonical", show_default=True, help="Whose promises it is held to."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8587, show_default=True, help="Port; 0 takes a free one and prints a line of JSON."
)
@click.option(
    "-o", "--har", "file", default="conversation.har", show_default=True,
    type=click.Path(path_type=Path, dir_okay=False), help="Where the conversation is kept.",
)  # fmt: skip
@click.option(
    "--timeout", default=120.0, show_default=True, type=click.FloatRange(0.1, 3600.0),
    help="Seconds that the provider may take for an answer.",
)  # fmt: skip
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT[=FILE]",
    help="terminal (default), junit, json, html, markdown, github or sarif; again for more.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Do not tell each exchange as it passes.")
@click.option("-v", "--verbose", is_flag=True, help="Show kept promises and whole evidence too.")
def record(
    url: str,
    provider: str,
    host: str,
    port: int,
    file: Path,
    timeout: float,
    reports: tuple[str, ...],
    quiet: bool,
    verbose: bool,
) -> None:
    """Pass a client's requests on to the provider at URL, keep the conversation, and judge it.

    Give the client this address in place of the provider's. Each exchange is judged as it passes; Ctrl-C ends
    the recording with the verdict on the whole. Keys, cookies and signatures are blotted out of what is kept.
    Callbacks and results do not pass here: they go straight to the client.

    \b
    understudy record https://api.example.com --provider cometapi --har run.har
    understudy serve --replay run.har            play it back
    understudy verify --replay run.har           judge it again

    Exit codes: 0 every promise kept, 1 a promise broken, 2 usage, 3 could not tell.
    """
    target = read_target(provider)
    targets = prepared(parse_targets(reports))
    scribe = Scribe(target, check_target(url))
    keeper = Keeper(scribe.conversation, file, version("understudy"))
    make_way(file, "the conversation")
    keeper.write()
    said = _silent if quiet else _say

    def heard(passed: Passed) -> None:
        if keeper.full:
            return
        exchange, problems = scribe.write(passed)
        said(exchange, problems)
        try:
            room = keeper.took(exchange, time.monotonic())
        except UnderstudyError as error:
            # What the client is told is the provider's answer, whatever our disk says.
            click.echo(f"not kept so far: {error}", err=True)
            return
        if not room:
            click.echo("the recording is full: what passes from now on is not kept", err=True)

    asyncio.run(_serve(Proxy(url, heard, timeout_seconds=timeout), host, port, scribe.conversation))
    keeper.write()
    judgements = judge(scribe.conversation, target)
    report = build(judgements, scribe.conversation, target, version=version("understudy"))
    for one in targets:
        whole = verbose or one.format != "terminal" or one.file is not None
        emit(report if whole else brief(report), [one], stream=sys.stdout, verbose=verbose)
    click.echo(f"{len(scribe.conversation.exchanges)} exchanges kept in {file}", err=True)
    answered = any(exchange.response for exchange in scribe.conversation.exchanges)
    sys.exit(exit_code(judgements, scribe.conversation) if answered else NOTHING_ANSWERED)


async def _serve(proxy: Proxy, host: str, port: int, conversation: trace.Conversation) -> None:
    """Pass on until Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    here = await proxy.start(host, port)
    try:
        if port == 0:
            click.echo(json.dumps({"url": here}))
        else:
            click.echo(f"recording {conversation.url}: use {here} in its place (Ctrl-C ends it)", err=True)
        await stop.wait()
    finally:
        await proxy.close()


def _say(exchange: trace.Exchange, problems: list[str]) -> None:
    """ "200  34 ms  POST /v1/…", with what the contract has against it below."""
    parts = urlsplit(exchange.request.url)
    status = str(exchange.status) if exchange.response else "---"
    took = f"{exchange.ended - exchange.started:.0f} ms"
    role = exchange.role or "not an operation of the contract"
    click.echo(f"{status}  {took:>8}  {exchange.request.method} {parts.path}  ({role})", err=True)
    for problem in [exchange.problem, *problems] if exchange.problem else problems:
        click.echo(click.style(f"     ! {problem}", fg="red"), err=True)


def _silent(exchange: trace.Exchange, problems: list[str]) -> None:
    """Says nothing."""
