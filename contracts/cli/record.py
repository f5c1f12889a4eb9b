"""`understudy record URL`: a proxy between a client and a real provider that saves the conversation."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import sys
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from understudy.contracts.checks import judge
from understudy.contracts.cli.network import Network, network_options
from understudy.contracts.cli.verify import host_and_port, invocation_of
from understudy.contracts.receiver import Receiver
from understudy.contracts.record.har_file import RecordingFile
from understudy.contracts.record.proxy import Proxy
from understudy.contracts.record.recording import ConversationRecording
from understudy.contracts.record.reroute import Reroute
from understudy.contracts.report import brief, build, exit_code
from understudy.contracts.runner.callbacks import all_told
from understudy.contracts.runner.options import check_url, is_loopback
from understudy.contracts.target import read_target
from understudy.specs.cli.names import PROVIDER
from understudy.specs.cli.report_options import formats, report_options
from understudy.specs.errors import UnderstudyError
from understudy.specs.report import browse, emit, make_way, parse_targets, prepared
from understudy.specs.say import say, say_json

if TYPE_CHECKING:
    from understudy.contracts import trace
    from understudy.contracts.record.passed import Passed
    from understudy.contracts.target import Target

NOTHING_ANSWERED = 3
# Seconds that late callbacks have at the end, of a provider on this machine and of one elsewhere.
GRACE_NEAR, GRACE = 2.0, 15.0


@click.command()
@click.argument("url")
@click.option(
    "-p",
    "--provider",
    default="canonical",
    type=PROVIDER,
    show_default=True,
    help="The provider whose promises are checked.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8587, show_default=True, help="Port; 0 takes a free one and prints a line of JSON."
)
@click.option(
    "-o", "--har", "file", default="conversation.har", show_default=True,
    type=click.Path(path_type=Path, dir_okay=False), help="The HAR file to write.",
)  # fmt: skip
@click.option(
    "--timeout", default=120.0, show_default=True, type=click.FloatRange(0.1, 3600.0),
    help="Seconds to wait for an answer of the provider.",
)  # fmt: skip
@report_options()
@click.option("--downloads", is_flag=True,
              help="Route results through here, too: the client sees other URLs.")  # fmt: skip
@click.option("--callbacks", is_flag=True,
              help="Route callbacks through here, too: the provider sees another URL.")  # fmt: skip
@click.option("--callback-listen", callback=host_and_port, metavar="HOST:PORT",
              help="Where callbacks are taken [127.0.0.1; port 8788 with --callback-url].")  # fmt: skip
@click.option("--callback-url", default="",
              help="The public URL that leads there, for a provider elsewhere.")  # fmt: skip
@network_options
@click.option("-q", "--quiet", is_flag=True, help="Do not report each exchange.")
@click.option("-v", "--verbose", is_flag=True, help="Also show kept promises and the full evidence.")
def record(
    url: str,
    provider: str,
    host: str,
    port: int,
    file: Path,
    timeout: float,
    reports: tuple[str, ...],
    as_json: bool,
    open_page: bool,
    downloads: bool,
    callbacks: bool,
    callback_listen: tuple[str, int] | None,
    callback_url: str,
    proxy: str,
    direct: bool,
    ca_file: Path | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """Forward a client's requests to the provider at URL, save the conversation, and judge it.

    Give the client this address in place of the provider's. Each exchange is judged at once; Ctrl-C ends
    the recording with the verdict on the whole. Keys, cookies and signatures are redacted in the file.
    Requests and answers pass byte for byte. Callbacks and results go straight to the client, unless
    --callbacks and --downloads route them through here: they are passed on and judged, and only their URLs
    are changed. Neither goes to private addresses. Result URLs in a signed callback stay as they are: the
    signature is the provider's.

    \b
    understudy record https://api.example.com --provider cometapi --har run.har
    understudy serve --replay run.har     play it back, results and callbacks too
    understudy verify --replay run.har    judge it again

    Exit codes: 0 every promise kept, 1 a promise broken, 2 usage, 3 could not tell.
    """
    network = Network(proxy, direct, ca_file)
    url = check_url(url, "keys come with the client's requests")
    target = read_target(provider)
    targets = prepared(parse_targets(formats(reports, as_json=as_json)))
    recording = ConversationRecording(target, url)
    receiver = _receiver(recording, url, callback_listen, callback_url) if callbacks or callback_url else None
    kept = RecordingFile(recording.conversation, file, version("understudy"))
    make_way(file, "the conversation")
    kept.write()
    said = _silent if quiet else _say

    def keep(exchange: trace.Exchange, problems: list[str]) -> None:
        said(exchange, problems)
        try:
            room = kept.took(exchange, time.monotonic())
        except UnderstudyError as error:
            # What the client is told is the provider's answer, whatever our disk says.
            say(f"not kept so far: {error}", err=True)
            return
        if not room:
            say("the recording is full: from now on nothing more is kept", err=True)

    def heard(passed: Passed) -> None:
        if not kept.full:
            keep(*recording.write(passed))

    def told(delivery: trace.Delivery, status: int) -> None:
        if not quiet:
            _say_callback(delivery, status, recording.against(delivery))

    reroute = Reroute(
        recording, keep, downloads=downloads, receiver=receiver, near=is_loopback(url), told=told,
        way=network.way,
    )  # fmt: skip
    if receiver is not None:
        receiver.take = reroute.callback
    passing = Proxy(
        url, heard, timeout_seconds=timeout, reroute=reroute, proxy=network.way(url), tls=network.tls()
    )
    asyncio.run(_serve(passing, receiver, host, port, target, recording.conversation))
    kept.write()
    judgements = judge(recording.conversation, target)
    report = build(judgements, recording.conversation, target, version=version("understudy"))
    answered = any(exchange.response for exchange in recording.conversation.exchanges)
    code = exit_code(judgements, recording.conversation) if answered else NOTHING_ANSWERED
    report = replace(report, invocation=replace(invocation_of(recording.conversation), exit_code=code))
    for one in targets:
        whole = verbose or one.format != "terminal" or one.file is not None
        emit(report if whole else brief(report), [one], stream=sys.stdout, verbose=verbose)
    say(f"{len(recording.conversation.exchanges)} exchanges kept in {file}", err=True)
    if open_page:
        browse(report, targets, stream=sys.stderr)
    sys.exit(code)


def _receiver(
    recording: ConversationRecording, url: str, listen: tuple[str, int] | None, public: str
) -> Receiver:
    """Where callbacks are taken; raises UnderstudyError when the provider could not reach it."""
    near = is_loopback(url)
    if not near and not public:
        advice = "use --callback-url, the public URL that leads to --callback-listen"
        raise UnderstudyError(
            "a provider on another machine cannot call this one", where="--callbacks", advice=advice
        )
    recording.conversation.listening, recording.conversation.reachable = True, near
    host, port = listen or ("127.0.0.1", 8788 if public else 0)
    return Receiver(recording.conversation, host, port, public, secrets.token_urlsafe(9))


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
            say_json({"url": here}, indent=None)
        else:
            say(f"recording {conversation.url}: use {here} in its place (Ctrl-C ends it)", err=True)
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
        say(f"waiting for late callbacks, at most {seconds:g} s (Ctrl-C ends it now)", err=True)
    while time.monotonic() < until and not stop.is_set() and not all_told(target, families, conversation):
        await asyncio.sleep(0.05)


def _say(exchange: trace.Exchange, problems: list[str]) -> None:
    """ "200  34 ms  POST /v1/…", with what the contract has against it below."""
    parts = urlsplit(exchange.request.url)
    status = str(exchange.status) if exchange.response else "---"
    took = f"{exchange.ended - exchange.started:.0f} ms"
    other = "no promise covers it" if exchange.family else "not an operation of the contract"
    role = exchange.role or other
    say(f"{status}  {took:>8}  {exchange.request.method} {parts.path}  ({role})", err=True)
    for problem in [exchange.problem, *problems] if exchange.problem else problems:
        say(f"     ! {problem}", err=True, fg="red")


def _say_callback(delivery: trace.Delivery, status: int, problems: list[str]) -> None:
    """ "200  callback  multi-image2image/1", with what the contract has against it below."""
    say(f"{status}  callback  {delivery.task}  (what the client answered)", err=True)
    for problem in problems:
        say(f"     ! {problem}", err=True, fg="red")


def _silent(exchange: trace.Exchange, problems: list[str]) -> None:
    """Says nothing."""
