"""The first requests of a run: nobody, or somebody else, at the URL is one message and exit 3, at once."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.broken_servers.proxy import BrokenServer, Bug, Call
from tests.mocks import mock_account

from understudy.contracts.cli.verify import verify
from understudy.contracts.report import build
from understudy.contracts.runner.events import RunPlanned, RunProgress, Said
from understudy.contracts.runner.locate import addresses, cut
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target
from understudy.specs.library import profiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account
    from understudy.contracts.runner.events import Event
    from understudy.contracts.trace import Conversation

TARGET = read_target("canonical")
LIST = "/v1/images/multi-image2image"


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(pace="fast", rate=5.0) as running:
        yield running


def options(url: str, **changes: Any) -> Options:
    given: dict[str, Any] = {
        "url": url,
        "api_key": "locate-key-1",
        "pace": 0.04,
        "generated": 0,
        "timeout": 10.0,
    }
    return Options(**{**given, "families": ("multi-image2image",), "budget": 0, **changes})


def located(
    answer: bytes | None, *, scheme: str = "http", **changes: Any
) -> tuple[Conversation, list[Event], str]:
    """A run against a server that sends the same bytes whatever it is asked; None: it never answers."""
    heard: list[Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer is None:
            await reader.read()
        else:
            await reader.read(65536)
            writer.write(answer)
        writer.close()

    async def run() -> tuple[Conversation, list[Event], str]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            url = f"{scheme}://127.0.0.1:{port}"
            return await hold(options(url, **changes), TARGET, heard.append), heard, url

    return asyncio.run(run())


def answer(status: int, kind: str, body: str, *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, *headers, "", body]).encode()


JSON, HTML = "application/json", "text/html"
PAGE = "<!doctype html><p>Welcome</p>"
GIVE = f"give the URL that stands before {LIST}"

WEB, NONE, OTHER = (
    "URL answers with web pages (HTML)",
    f"URL has nothing at {LIST}",
    "URL answers, but not as",
)
MEND = "fix that first"

# what the server sends, the headline, what came back, what to do
ANSWERS = [
    (answer(200, HTML, PAGE), WEB, f"200 text/html {PAGE}", GIVE),
    (answer(404, HTML, PAGE), WEB, f"404 text/html {PAGE}", GIVE),
    (answer(404, JSON, '{"detail": 1}'), NONE, '404 application/json {"detail": 1}', GIVE),
    (answer(405, JSON, "{}"), NONE, "405 application/json {}", GIVE),
    (answer(200, JSON, '{"a": 1}'), OTHER, '200 application/json {"a": 1}', GIVE),
    (answer(200, JSON, "[]"), OTHER, "200 application/json []", GIVE),
    (answer(503, JSON, '{"message": "busy"}'), "the provider is not healthy: 503 busy", "503", "try again"),
    (answer(502, HTML, PAGE), "the provider is not healthy: 502", "502 text/html", "try again later"),
    (answer(401, JSON, '{"error": {"message": "bad"}}'), "the provider refuses the key: 401 bad", "401",
     "set UNDERSTUDY_API_KEY"),
    (answer(429, JSON, '{"code": 1101, "message": "in arrears"}'),
     "the provider refuses this account: 429 in arrears", "429", MEND),
    (answer(403, JSON, '{"code": 1103, "message": "no right"}'),
     "the provider refuses this account: 403 no right", "403", MEND),
    (answer(301, HTML, "", f"Location: https://other.example{LIST}"),
     f"URL redirects to https://other.example{LIST}", "301", "is there, give https://other.example"),
    (answer(302, HTML, "", "Location: /login"), "URL redirects to URL/login", "302", GIVE),
    (b"SSH-2.0-OpenSSH\r\n", "URL: the answer is not HTTP", "nothing", "another service listens there"),
    (b"", "URL: the connection was closed without an answer", "nothing", "if it speaks TLS, use https://"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "headline", "came", "advice"), ANSWERS)
def test_one_message_says_what_was_tried_what_came_and_what_to_do(
    raw: bytes, headline: str, came: str, advice: str
) -> None:
    conversation, heard, url = located(raw)
    first, *lines = conversation.stopped.split("\n")
    assert first.startswith(headline.replace("URL", url, 1).replace("URL", url))
    assert lines[0].strip() == f"tried: GET {url}{LIST}"
    assert lines[1].strip().startswith(f"came back: {came}")
    assert lines[-1].strip().startswith("what to do: ")
    assert advice in lines[-1]
    assert conversation.not_located
    assert not [e for e in heard if isinstance(e, RunPlanned)], "no plan is told of what will not be sent"
    assert len(conversation.exchanges) <= 6


def test_nobody_listens_and_no_such_host_are_told_in_words(unused_tcp_port: int) -> None:
    dead = asyncio.run(hold(options(f"http://127.0.0.1:{unused_tcp_port}"), TARGET))
    lost = asyncio.run(hold(options("http://no.such.host.invalid"), TARGET))
    assert dead.stopped.startswith(
        f"http://127.0.0.1:{unused_tcp_port}: connection refused: nothing listens there\n"
    )
    assert lost.stopped.startswith("http://no.such.host.invalid: no such host: no.such.host.invalid\n")
    assert "ssl:default" not in dead.stopped + lost.stopped
    assert (len(dead.exchanges), len(lost.exchanges)) == (1, 1)


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_tls_asked_of_a_server_without_it_is_told_in_words() -> None:
    conversation, _, url = located(answer(400, HTML, PAGE), scheme="https")
    assert conversation.stopped.startswith(f"{url}: it does not speak TLS\n")
    assert conversation.stopped.endswith("what to do: use http:// instead of https://")


def test_a_server_that_never_answers_is_left_after_the_deadline_and_the_wait_is_told() -> None:
    conversation, heard, url = located(None, answer_timeout=1.2)
    assert conversation.stopped.startswith(f"{url}: no answer within 1.2 s\n")
    assert len(conversation.exchanges) == 1
    assert [e.phase for e in heard if isinstance(e, RunProgress)][:1] == [
        f"waiting for an answer from {url}, at most 1.2 s"
    ]


def test_a_list_that_is_out_of_order_does_not_stop_the_run(mock: Account) -> None:
    """A provider without a list, or with a broken one, is known by its query or its create."""

    def no_gets(call: Call) -> None:
        if call.kind in ("list", "query"):
            call.refuse(404, 1203, "The requested resource does not exist")

    async def run() -> Conversation:
        async with BrokenServer(mock.url, Bug("no-gets", "", before=no_gets)) as server:
            return await hold(options(server.url), TARGET)

    assert asyncio.run(run()).stopped == ""


ADDRESSES = [
    ("http://h", ["http://h", "http://h/kling"]),
    ("http://h/kling", ["http://h/kling", "http://h"]),
    ("http://h/kling/v1", ["http://h/kling/v1", "http://h/kling/v1/kling", "http://h/kling", "http://h"]),
    ("http://h/kling/v1/images",
     ["http://h/kling/v1/images", "http://h/kling/v1/images/kling", "http://h/kling", "http://h"]),
    ("http://h/kling/v1/images/multi-image2image", ["http://h/kling", "http://h"]),
    ("http://h/kling/v1/videos/multi-image2video/17", ["http://h/kling", "http://h"]),
    ("http://h/v1/videos/multi-image2video", ["http://h", "http://h/kling"]),
    ("http://h/v1beta", ["http://h/v1beta", "http://h/v1beta/kling"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "tried"), ADDRESSES)
def test_addresses_are_what_may_stand_before_the_paths(given: str, tried: list[str]) -> None:
    assert addresses(given, TARGET.families, ["/kling"]) == tried


def test_cut_takes_the_last_segments() -> None:
    assert cut("https://h:1/a/b/c", 2) == "https://h:1/a"


@pytest.mark.parametrize("extra", ["/v1", "/v1/images", LIST, f"{LIST}/123"])
def test_a_path_given_twice_is_mended_with_a_note(extra: str, mock: Account) -> None:
    heard: list[Event] = []
    conversation = asyncio.run(hold(options(f"{mock.url}/kling{extra}"), TARGET, heard.append))
    note = (
        f"the API answers below {mock.url}/kling, so that is used; the URL given was {mock.url}/kling{extra}"
    )
    assert (conversation.stopped, conversation.url) == ("", f"{mock.url}/kling")
    assert [e.text for e in heard if isinstance(e, Said)] == [note]
    assert note in conversation.notes
    wrong = [e for e in conversation.exchanges if not e.request.url.startswith(f"{mock.url}/kling{LIST}")]
    assert {e.family for e in wrong} <= {"", "multi-image2video"}, "wrong addresses are held against nobody"


def test_the_command_says_it_once_and_the_reports_hold_one_row(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    result = CliRunner().invoke(verify, [url, "--report", "terminal", "--report", "json"])
    assert result.exit_code == 3
    # On a busy machine a line of progress comes first.
    said = [line for line in result.stderr.splitlines() if not line.startswith("waiting for an answer")]
    assert said[0].startswith(f"understudy: could not tell: {url}: connection refused")
    assert len(said) == 4
    report = json.loads(result.stdout)
    assert [(r["id"], r["verdict"]) for r in report["rows"]] == [("not-reached", "could not tell")]


def test_a_run_that_never_began_is_one_row_in_every_report() -> None:
    conversation, _, url = located(answer(404, JSON, "{}"))
    report = build([], conversation, TARGET)
    assert report.title == f"{url} could not be held to the promises of canonical"
    assert [row.title for row in report.rows] == [f"{url} has nothing at {LIST}"]


def below_prefix(call: Call) -> None:
    """A gateway that has the API below /kling only."""
    if call.path.startswith("/kling/"):
        call.path = call.path.removeprefix("/kling")
    else:
        call.refuse(404, 1203, "nothing here")


def above_prefix(call: Call) -> None:
    """A gateway that knows no prefix."""
    if call.path.startswith("/kling/"):
        call.refuse(404, 1203, "nothing here")


@pytest.mark.parametrize("given", ["", "/kling"])
@pytest.mark.parametrize("profile", profiles())
def test_url_with_or_without_prefix_works_for_every_profile(profile: str, given: str, mock: Account) -> None:
    async def run(url: str, bug: Bug) -> Conversation:
        async with BrokenServer(url, bug) as server:
            asked = options(
                server.url + given, provider=profile, promises=frozenset({"unknown-task-refused"})
            )
            return await hold(asked, read_target(profile))

    for bug in (Bug("below", "", before=below_prefix), Bug("above", "", before=above_prefix)):
        assert asyncio.run(run(mock.url, bug)).stopped == ""


def test_a_family_without_a_list_is_asked_for_none(mock: Account) -> None:
    held = asyncio.run(hold(options(mock.url, families=("tts",)), TARGET, lambda event: None))
    assert (held.stopped, held.not_located) == ("", False)
    assert [e.request.url for e in held.exchanges if e.request.url.endswith("/v1/audio/tts")] != []
    lists = [e for e in held.exchanges if e.request.method == "GET" and e.request.url.endswith("/tts")]
    assert lists == []
