"""`understudy record URL`: stand between a client and a real provider, and keep what is said."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from contracts.checks import judge
from contracts.cli.verify import host_and_port
from contracts.receiver import Receiver
from contracts.record.detour import Detour
from contracts.record.keeper import Keeper
from contracts.record.proxy import Proxy
from contracts.record.scribe import Scribe
from contracts.report import brief, build, exit_code
from contracts.runner.options import check_url, is_loopback
from contracts.runner.tasks import all_told
from contracts.target import read_target
from specs.errors import UnderstudyError
from specs.report import emit, make_way, parse_targets, prepared

if TYPE_CHECKING:
    from contracts import trace
    from contracts.record.proxy import Passed
    from contracts.target import Target

NOTHING_ANSWERED = 3
# Seconds that late callbacks have at the end, of a provider on this machine and of one elsewhere.
GRACE_NEAR, GRACE = 2.0, 15.0


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
@click.option("--downloads", is_flag=True,
              help="Lead results through here, too: the client sees other URLs.")  # fmt: skip
@click.option("--callbacks", is_flag=True,
              help="Lead callbacks through here, too: the provider sees another URL.")  # fmt: skip
@click.option("--callback-listen", callback=host_and_port, metavar="HOST:PORT",
              help="Where callbacks are taken [127.0.0.1; port 8788 with --callback-url].")  # fmt: skip
@click.option("--callback-url", default="",
              help="The public URL that leads there, for a provider elsewhere.")  # fmt: skip
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
    downloads: bool,
    callbacks: bool,
    callback_listen: tuple[str, int] | None,
    callback_url: str,
    quiet: bool,
    verbose: bool,
) -> None:
    """Pass a client's requests on to the provider at URL, keep the conversation, and judge it.

    Give the client this address in place of the provider's. Each exchange is judged as it passes; Ctrl-C ends
    the recording with the verdict on the whole. Keys, cookies and signatures are blotted out of what is kept.
    Callbacks and results go straight to the client, unless --callbacks and --downloads lead them past here:
    they are passed on and judged, and only their URLs are changed. Neither goes to private addresses. Result
    URLs in a signed callback stay as they are: the signature is the provider's.

    \b
    understudy record https://api.example.com --provider cometapi --har run.har
    understudy serve --replay run.har            play it back (answers, not callbacks)
    understudy verify --replay run.har           judge it again

    Exit codes: 0 every promise kept, 1 a promise broken, 2 usage, 3 could not tell.
    """
    url = check_url(url, "keys come with the client's requests")
    target = read_target(provider)
    targets = prepared(parse_targets(reports))
    scribe = Scribe(target, url)
    receiver = _receiver(scribe, url, callback_listen, callback_url) if callbacks or callback_url else None
    keeper = Keeper(scribe.conversation, file, version("understudy"))
    make_way(file, "the conversation")
    keeper.write()
    said = _silent if quiet else _say

    def keep(exchange: trace.Exchange, problems: list[str]) -> None:
        said(exchange, problems)
        try:
            room = keeper.took(exchange, time.monotonic())
        except UnderstudyError as error:
            # What the client is told is the provider's answer, whatever our disk says.
            click.echo(f"not kept so far: {error}", err=True)
            return
        if not room:
            click.echo("the recording is full: what passes from now on is not kept", err=True)

    def heard(passed: Passed) -> None:
        if not keeper.full:
            keep(*scribe.write(passed))

    def told(delivery: trace.Delivery, status: int) -> None:
        if not quiet:
            _say_callback(delivery, status, scribe.against(delivery))

    detour = Detour(scribe, keep, downloads=downloads, receiver=receiver, near=is_loopback(url), told=told)
    if receiver is not None:
        receiver.take = detour.callback
    proxy = Proxy(url, heard, timeout_seconds=timeout, detour=detour)
    asyncio.run(_serve(proxy, receiver, host, port, target, scribe.conversation))
    keeper.write()
    judgements = judge(scribe.conversation, target)
    report = build(judgements, scribe.conversation, target, version=version("understudy"))
    for one in targets:
        whole = verbose or one.format != "terminal" or one.file is not None
        emit(report if whole else brief(report), [one], stream=sys.stdout, verbose=verbose)
    click.echo(f"{len(scribe.conversation.exchanges)} exchanges kept in {file}", err=True)
    answered = any(exchange.response for exchange in scribe.conversation.exchanges)
    sys.exit(exit_code(judgements, scribe.conversation) if answered else NOTHING_ANSWERED)


def _receiver(scribe: Scribe, url: str, listen: tuple[str, int] | None, public: str) -> Receiver:
    """Where callbacks are taken; raises UnderstudyError when the provider could not reach it."""
    near = is_loopback(url)
    if not near and not public:
        advice = "give --callback-url, the public URL that leads to --callback-listen"
        raise UnderstudyError("a provider elsewhere cannot call here", where="--callbacks", advice=advice)
    scribe.conversation.listening, scribe.conversation.reachable = True, near
    host, port = listen or ("127.0.0.1", 8788 if public else 0)
    return Receiver(scribe.conversation, host, port, public, secrets.token_urlsafe(9))


async def _serve(
    proxy: Proxy, receiver: Receiver | None, host: str, port: int, target: Target,
    conversation: trace.Conversation,
) -> None:  # fmt: skip
    """Pass on until Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        if receiver is not None:
            await stack.enter_async_context(receiver)
        here = await proxy.start(host, port)
        stack.push_async_callback(proxy.close)
        if port == 0:
            click.echo(json.dumps({"url": here}))
        else:
            click.echo(f"recording {conversation.url}: use {here} in its place (Ctrl-C ends it)", err=True)
        await stop.wait()
        if receiver is not None:
            stop.clear()
            await _late_callbacks(target, conversation, stop)


async def _late_callbacks(target: Target, conversation: trace.Conversation, stop: asyncio.Event) -> None:
    """Wait for the callbacks of tasks that were seen to end: who stops at once would accuse the provider."""
    families = [target.family(name) for name in conversation.families]
    seconds = GRACE_NEAR if conversation.reachable else GRACE
    until = time.monotonic() + seconds
    if not all_told(target, families, conversation):
        click.echo(f"waiting for late callbacks, at most {seconds:g} s (Ctrl-C ends it now)", err=True)
    while time.monotonic() < until and not stop.is_set() and not all_told(target, families, conversation):
        await asyncio.sleep(0.05)


def _say(exchange: trace.Exchange, problems: list[str]) -> None:
    """ "200  34 ms  POST /v1/…", with what the contract has against it below."""
    parts = urlsplit(exchange.request.url)
    status = str(exchange.status) if exchange.response else "---"
    took = f"{exchange.ended - exchange.started:.0f} ms"
    role = exchange.role or "not an operation of the contract"
    click.echo(f"{status}  {took:>8}  {exchange.request.method} {parts.path}  ({role})", err=True)
    for problem in [exchange.problem, *problems] if exchange.problem else problems:
        click.echo(click.style(f"     ! {problem}", fg="red"), err=True)


def _say_callback(delivery: trace.Delivery, status: int, problems: list[str]) -> None:
    """ "200  callback  multi-image2image/1", with what the contract has against it below."""
    click.echo(f"{status}  callback  {delivery.task}  (what the client answered)", err=True)
    for problem in problems:
        click.echo(click.style(f"     ! {problem}", fg="red"), err=True)


def _silent(exchange: trace.Exchange, problems: list[str]) -> None:
    """Says nothing."""
