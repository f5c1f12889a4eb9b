"""What passes the recorder arrives as it was sent: heads, bodies and codings, to the byte, and as it comes.

The provider is a socket that keeps what it reads, and answers what the test says.
"""

# ruff: noqa: E501 - raw heads on one line

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import threading
import zlib

import pytest

from understudy.contracts.record import proxy as proxies
from understudy.contracts.record.passed import text
from understudy.contracts.record.proxy import Proxy
from understudy.contracts.record.recording import ConversationRecording
from understudy.contracts.target import read_target

PATH = "/v1/images/multi-image2image"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class SocketProvider:
    """Answers each request with the parts of `answer`; between two of them `more` has to be set."""

    def __init__(self, *answer: bytes, closes: bool = False):
        self.parts = answer
        self.closes = closes
        self.heard: list[bytes] = []
        self.more = threading.Event()
        self.more.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._talk, args=(self.listener.accept()[0],), daemon=True).start()

    def _talk(self, connection):
        with connection, contextlib.suppress(OSError):
            while data := _request(connection):
                self.heard.append(data)
                for n, part in enumerate(self.parts):
                    if n:
                        assert self.more.wait(20)
                    connection.sendall(part)
                if self.closes:
                    return

    @property
    def head(self):
        """The head of the last request, as lines; the first is the request's own."""
        return self.heard[-1].partition(b"\r\n\r\n")[0].split(b"\r\n")

    @property
    def body(self):
        return self.heard[-1].partition(b"\r\n\r\n")[2]


def _request(connection):
    """One request whole: its head, and as many bytes as that says."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def recorder(provider_url, **options):
    """A recorder before a provider: (its address, the recording)."""
    recording = ConversationRecording(read_target("canonical"), provider_url)
    told = []
    loop = asyncio.new_event_loop()
    passing = Proxy(provider_url, lambda passed: told.append(recording.write(passed)[1]), **options)
    recording.told = told
    url = loop.run_until_complete(passing.start("127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield ("127.0.0.1", int(url.rpartition(":")[2])), recording
    finally:
        asyncio.run_coroutine_threadsafe(passing.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def say(address, raw):
    """Send bytes; all that comes back until the connection ends."""
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def post(body, *headers, path=PATH):
    lines = [f"POST {path} HTTP/1.1".encode(), b"Host: here", b"Authorization: Bearer k", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


BODY = json.dumps(
    {"prompt": "a kite", "subject_image_list": [{"subject_image": "https://e.com/a.png"}]}
).encode()
PACKED = [
    ("gzip", gzip.compress(BODY, mtime=0)),
    ("deflate", zlib.compress(BODY)),
    ("deflate", zlib.compress(BODY)[2:-4]),
    ("gzip, gzip", gzip.compress(gzip.compress(BODY, mtime=0), mtime=0)),
    # None of these is what it says.
    ("br", BODY),
    ("zstd", b"\x00\xff not packed"),
    ("gzip", BODY),
    ("x-own-packing", b"\x01\x02"),
]


@pytest.mark.parametrize(("coding", "sent"), PACKED)
def test_packed_request_is_passed_on_packed_under_its_header(coding, sent):
    provider = SocketProvider(OK)
    with recorder(provider.url) as (address, recording):
        answer = say(address, post(sent, b"Content-Encoding: " + coding.encode()))
    assert answer.endswith(b"{}")
    assert provider.body == sent
    assert b"Content-Encoding: " + coding.encode() in provider.head
    [kept] = recording.conversation.exchanges
    assert kept.request.body == (BODY if unpacks(coding, sent) else sent)


def unpacks(coding, sent):
    return sent == BODY or coding in ("deflate", "gzip, gzip") or sent[:2] == b"\x1f\x8b"


@pytest.mark.parametrize("module", ["brotli", "backports.zstd"])
def test_packings_of_libraries_are_read_too(module):
    library = pytest.importorskip(module)
    coding = "br" if module == "brotli" else "zstd"
    packed = library.compress(BODY)
    provider = SocketProvider(OK)
    with recorder(provider.url) as (address, recording):
        say(address, post(packed, f"Content-Encoding: {coding}".encode()))
    assert provider.body == packed
    assert recording.conversation.exchanges[0].request.body == BODY


def test_packed_answer_reaches_the_client_packed_and_is_judged_unpacked():
    packed = gzip.compress(b"<html>", mtime=0)
    head = b"HTTP/1.1 502 Bad\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with recorder(SocketProvider(head + packed).url) as (address, recording):
        answer = say(address, post(BODY, b"Accept-Encoding: gzip, br"))
    assert answer == head + packed
    [kept] = recording.conversation.exchanges
    assert kept.response.body == b"<html>"
    assert recording.told == [["the answer is no JSON"]]


def test_answer_that_cannot_be_unpacked_is_kept_as_it_is_and_not_judged():
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: x-own\r\nContent-Length: 3\r\n\r\nabc"
    with recorder(SocketProvider(head).url) as (address, recording):
        assert say(address, post(BODY)).endswith(b"abc")
    [kept] = recording.conversation.exchanges
    assert (kept.response.body, kept.response.packed, kept.family) == (b"abc", "x-own", "")
    assert recording.told == [["the answer is encoded as x-own, which cannot be decoded here"]]


ODD = [
    "Ünïcode 图片.png".encode(),
    "文件.png".encode("gbk"),
    "café".encode("latin-1"),
    b"a\x01b\x7fc",
]


@pytest.mark.parametrize("value", ODD)
def test_bytes_beyond_ascii_pass_unchanged_both_ways_and_are_kept_readably(value):
    answer = b'HTTP/1.1 200 OK\r\nX-File-Name: "' + value + b'"\r\nContent-Length: 2\r\n\r\n{}'
    provider = SocketProvider(answer)
    with recorder(provider.url) as (address, recording):
        got = say(address, post(BODY, b'X-File-Name: "' + value + b'"'))
    assert got == answer
    assert b'X-File-Name: "' + value + b'"' in provider.head
    [kept] = recording.conversation.exchanges
    shown = {v for n, v in (*kept.request.headers, *kept.response.headers) if n == "X-File-Name"}
    assert shown == {f'"{text(value)}"'}


def test_names_in_three_encodings_are_read():
    assert [text(value) for value in ODD] == ["Ünïcode 图片.png", "文件.png", "café", "a\x01b\x7fc"]
    assert text("résumé".encode("latin-1")) == "résumé"


def test_heads_keep_their_order_and_spelling_and_lose_what_is_one_hops():
    provider = SocketProvider(
        b"HTTP/1.1 200 Fine\r\nX-b: 2\r\nx-A: 1\r\nConnection: X-Own, close\r\nX-Own: 3\r\nContent-Length: 2\r\n\r\n{}"
    )
    with recorder(provider.url + "/base") as (address, _):
        got = say(
            address, post(BODY, b"X-Zoo: 1", b"aCCept: x", b"Connection: X-Hop", b"X-Hop: y", b"TE: trailers")
        )
    host = provider.url.removeprefix("http://").encode()
    assert provider.head == [
        b"POST /base" + PATH.encode() + b" HTTP/1.1",
        b"Host: " + host,
        b"Authorization: Bearer k",
        b"X-Zoo: 1",
        b"aCCept: x",
        b"Content-Length: %d" % len(BODY),
    ]
    assert got == b"HTTP/1.1 200 Fine\r\nX-b: 2\r\nx-A: 1\r\nContent-Length: 2\r\n\r\n{}"


def test_nothing_is_added_to_a_request():
    provider = SocketProvider(OK)
    with recorder(provider.url) as (address, _):
        say(address, f"GET {PATH}/1 HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    assert [line.split(b":")[0] for line in provider.head] == [f"GET {PATH}/1 HTTP/1.1".encode(), b"Host"]


CHUNKED = (
    f"POST {PATH} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-Continue\r\n\r\n".encode()
)


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (post(BODY, b"Expect: 100-continue"), OK),
        # A stream, as .NET and libcurl send it; a server of HTTP/1.0, which knows no 100.
        (CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY), OK),
        (post(BODY, b"Expect: 100-continue"), OK.replace(b"HTTP/1.1", b"HTTP/1.0")),
    ],
    ids=["length", "chunks", "HTTP/1.0"],
)
def test_request_that_expects_100_is_sent_on_whatever_the_provider_does(sent, answer):
    """RFC 9110, 10.1.1. The provider is one that never says 100."""
    provider = SocketProvider(answer)
    with recorder(provider.url) as (address, _), socket.create_connection(address, timeout=20) as connection:
        head, _, body = sent.partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(65536).partition(b" ")[2].startswith(b"200 ")
    assert provider.body == BODY
    assert not any(line.lower().startswith(b"expect") for line in provider.head)


def test_chunked_request_arrives_with_its_length():
    provider = SocketProvider(OK)
    chunks = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    raw = f"POST {PATH} HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunks
    with recorder(provider.url) as (address, _):
        say(address, raw)
    assert (provider.body, provider.head[-1]) == (b"hello world", b"Content-Length: 11")


def test_stream_of_events_reaches_the_client_event_by_event():
    provider = SocketProvider(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n7\r\ndata: 1\r\n",
        b"7\r\ndata: 2\r\n0\r\n\r\n",
    )
    provider.more.clear()
    with recorder(provider.url) as (address, _), socket.create_connection(address, timeout=20) as connection:
        connection.sendall(post(BODY))
        got = b""
        while b"data: 1" not in got:
            got += connection.recv(65536)
        assert b"data: 2" not in got
        provider.more.set()
        while b"0\r\n\r\n" not in got:
            got += connection.recv(65536)
    assert got.count(b"data: ") == 2


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n"),
        ("DELETE", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"),
    ],
)
def test_answers_without_a_body_end_where_their_heads_do(method, answer):
    with recorder(SocketProvider(answer).url) as (address, _):
        assert say(address, f"{method} {PATH}/1 HTTP/1.1\r\nHost: here\r\n\r\n".encode()) == answer


def test_connection_is_kept_for_the_next_request():
    provider = SocketProvider(OK)
    one = f"GET {PATH}/1 HTTP/1.1\r\nHost: here\r\n\r\n".encode()
    with recorder(provider.url) as (address, recording):
        assert say(address, one * 3) == OK * 3
    assert len(recording.conversation.exchanges) == len(provider.heard) == 3


@pytest.mark.parametrize(
    ("answer", "status", "why"),
    [
        (b"", 502, "the connection was closed without an answer"),
        (b"SMTP ready\r\n\r\n", 502, "the answer is not HTTP: "),
    ],
)
def test_provider_that_does_not_answer_is_told_as_such(answer, status, why):
    with recorder(SocketProvider(answer, closes=True).url) as (address, recording):
        got = say(address, post(BODY))
    assert got.startswith(b"HTTP/1.1 %d" % status)
    assert b"X-Understudy: record" in got
    assert recording.conversation.exchanges[0].problem.startswith(why)


def test_answer_that_breaks_off_breaks_off_for_the_client_too():
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    with recorder(SocketProvider(half, closes=True).url) as (address, recording):
        assert say(address, post(BODY)) == half
    assert (
        recording.conversation.exchanges[0].problem == "the connection was lost in the middle of the answer"
    )


def test_what_is_held_of_large_answers_is_bounded_and_they_pass_all_the_same(monkeypatch):
    monkeypatch.setattr(proxies, "MOST_KEPT", 1000)
    body = b"x" * 5000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    with recorder(SocketProvider(head + body).url) as (address, recording):
        assert say(address, post(BODY)) == head + body
    [kept] = recording.conversation.exchanges
    assert (kept.response.size, len(kept.response.body) <= 1000, kept.family) == (5000, True, "")
    assert recording.told == [["the answer has 5000 bytes, too many to be kept and read"]]


def test_uploads_that_together_are_more_than_may_be_held_wait_for_each_other_and_all_arrive(monkeypatch):
    """Each has sent a part before any is whole: none may hold what another needs to go on."""
    monkeypatch.setattr(proxies, "MOST_HELD", 250_000)
    monkeypatch.setattr(proxies, "MOST_REQUEST", 200_000)
    provider = SocketProvider(OK)
    whole = [post(b"x" * 190_000), post(b"y" * 190_000), _chunked(b"z" * 190_000), _chunked(b"w" * 10)]
    with recorder(provider.url) as (address, recording), contextlib.ExitStack() as open_:
        clients = [open_.enter_context(socket.create_connection(address, timeout=60)) for _ in whole]
        for client, raw in zip(clients, whole, strict=True):
            client.sendall(raw[:150])
        for client, raw in zip(clients, whole, strict=True):
            threading.Thread(target=client.sendall, args=(raw[150:],), daemon=True).start()
        assert [client.recv(65536).partition(b"\r\n")[0] for client in clients] == [b"HTTP/1.1 200 OK"] * 4
    assert sorted(len(data.partition(b"\r\n\r\n")[2]) for data in provider.heard) == [
        10,
        190_000,
        190_000,
        190_000,
    ]
    assert len(recording.conversation.exchanges) == 4


def _chunked(body):
    head = post(b"", b"Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
    return (
        head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:])) + b"0\r\n\r\n"
    )


def test_answers_that_together_are_more_than_may_be_held_pass_and_are_not_all_kept(monkeypatch):
    """Nobody waits for room to keep a copy in; what an exchange held is free when it is over."""
    monkeypatch.setattr(proxies, "MOST_HELD", 6000)
    head, body = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x" * 5000
    provider = SocketProvider(head + body[:4000], body[4000:])
    provider.more.clear()
    with recorder(provider.url) as (address, recording), contextlib.ExitStack() as open_:
        clients = [open_.enter_context(socket.create_connection(address, timeout=60)) for _ in range(2)]
        for client in clients:
            client.sendall(post(b"{}"))
        begun = [_until(client, len(head) + 4000) for client in clients]
        provider.more.set()
        rest = [_until(client, 1000) for client in clients]
        assert [one + other for one, other in zip(begun, rest, strict=True)] == [head + body] * 2
        assert say(address, post(b"{}")) == head + body
    kept = [len(one.response.body) for one in recording.conversation.exchanges]
    assert (sorted(kept[:2]) < [5000, 5000], kept[2]) == (True, 5000)


def _until(client, size):
    """So many bytes from a socket."""
    got = b""
    while len(got) < size:
        got += client.recv(size - len(got))
    return got


def test_request_that_is_too_large_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(proxies, "MOST_REQUEST", 100)
    provider = SocketProvider(OK)
    with recorder(provider.url) as (address, _):
        got = say(address, post(b"x" * 101))
    assert got.startswith(b"HTTP/1.1 413 ")
    assert (b"the body is larger than 100 bytes" in got, provider.heard) == (True, [])


def test_proxy_is_asked_for_the_whole_url_with_its_own_login():
    proxy = SocketProvider(OK)
    where = proxy.url.replace("http://", "http://me:s%40t@")
    with recorder("http://api.example.test/base", proxy=where) as (address, recording):
        assert say(address, post(BODY)).endswith(b"{}")
    assert proxy.head[:2] == [
        f"POST http://api.example.test/base{PATH} HTTP/1.1".encode(),
        b"Host: api.example.test",
    ]
    assert b"Proxy-Authorization: Basic bWU6c0B0" in proxy.head
    assert "bWU6c0B0" not in str(recording.conversation)


def test_proxy_that_does_not_connect_to_a_provider_of_https_is_told_as_such():
    proxy = SocketProvider(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    with recorder("https://api.example.test", proxy=proxy.url) as (address, recording):
        say(address, post(BODY))
    assert proxy.head == [b"CONNECT api.example.test:443 HTTP/1.1", b"Host: api.example.test:443"]
    problem = "the proxy does not connect to api.example.test:443: 403"
    assert recording.conversation.exchanges[0].problem == problem
