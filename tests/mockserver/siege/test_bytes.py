"""Bytes that no client library sends: what is no HTTP, what comes slowly, in pieces, or many at a time."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import pytest
from tests.mocks import inside
from tests.mockserver.siege.conftest import BODY, IMAGE, Wire, head, post

if TYPE_CHECKING:
    from understudy.contracts.handle import Account

NO_HTTP = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
    b"HELO mail.example\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
    b"GET / HTTP/1.1\r\nA\x00B: c\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n\r\n",
    b"GET /__understudy__/journal HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


@pytest.mark.parametrize("data", NO_HTTP, ids=lambda data: repr(data[:24]))
def test_what_is_no_http_is_refused_in_the_vendors_shape(fort: Account, data: bytes) -> None:
    with Wire(fort) as wire:
        answer = wire.send(data).answer()
        assert (answer.status, answer.headers["connection"]) == (400, "close")
        assert {**answer.json, "request_id": ""} == {
            "code": 1200,
            "message": "Invalid request parameters: this is not an HTTP request",
            "request_id": "",
        }
        assert wire.ended()


ODD = [
    (head("GET", f"http://elsewhere.example{IMAGE}"), (200, 0)),
    (head("GET", f"//{IMAGE}//?a=b"), (404, 1203)),
    (head("GET", "//v1//images/multi-image2image"), (200, 0)),
    (head("GET", "/v1/images/%6dulti-image2image"), (200, 0)),
    (head("GET", f"{IMAGE}/%FF%00%0A"), (400, 1201)),
    (head("GET", f"{IMAGE}?pageNum=%EF%BC%91"), (400, 1201)),
    (head("GET", f"{IMAGE}?" + "a&" * 5000), (400, 1200)),
    (head("GET", f"{IMAGE}?task_id="), (400, 1201)),
    (head("GET", "/results/../../etc/passwd"), (404, 1203)),
    (head("GET", "/results/1/0.png"), (404, 1203)),
    (head("GET", "*"), (404, 1203)),
    (head("OPTIONS", "*"), (404, 1203)),
    (head("TRACE"), (405, 1202)),
    (head("DELETE", f"{IMAGE}/1"), (405, 1202)),
    (head("GET", IMAGE, "Upgrade: websocket", "Connection: upgrade", "Sec-WebSocket-Key: x"), (200, 0)),
    (head("GET", IMAGE, "X-Understudy-Scenario: nobody knows this"), (400, 1200)),
    (head("GET", IMAGE, "X-Understudy-Scenario: " + "latency:ms=0+" * 3000), (400, 1200)),
    (head("GET", IMAGE, "X-Forwarded-Host: [::", "X-Forwarded-Proto: \xff"), (200, 0)),
]


@pytest.mark.parametrize(
    ("data", "told"), ODD, ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else ""
)
def test_odd_requests_are_answered_in_the_vendors_shape(
    fort: Account, data: bytes, told: tuple[int, int]
) -> None:
    with Wire(fort) as wire:
        assert wire.send(data).answer().told == told


def test_an_unknown_method_is_told_which_there_are(fort: Account) -> None:
    with Wire(fort) as wire:
        assert wire.send(head("PATCH")).answer().headers["allow"] == "GET, POST"
        assert wire.send(head("PUT", f"{IMAGE}/1")).answer().headers["allow"] == "GET"
        assert "allow" not in wire.send(head("PUT", "/v1/nothing")).answer().headers


def test_head_has_no_body(fort: Account) -> None:
    with Wire(fort) as wire:
        assert wire.send(head("HEAD")).answer("HEAD").status == 405
        assert wire.send(head("HEAD", "/nowhere")).answer("HEAD").status == 404
        assert wire.send(head("GET")).answer().told == (200, 0)


@pytest.mark.parametrize("upgrade", ["h2c", "websocket"])
def test_an_upgrade_that_is_not_offered_is_ignored(fort: Account, upgrade: str) -> None:
    """Java's own client offers h2c with every first request, bodies included (RFC 9110, 7.8)."""
    lines = [f"Upgrade: {upgrade}", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAEAAEAAAAIAAAAB"]
    with Wire(fort) as wire:
        assert wire.send(post(BODY, IMAGE, *lines)).answer().told == (200, 0)
        assert wire.send(post(BODY)).answer().told == (200, 0)
        assert wire.send(head("GET", IMAGE, *lines)).answer().told == (200, 0)


def test_a_head_and_a_big_body_in_one_piece_arrive_whole(fort: Account) -> None:
    body = b'{"x": "' + b"y" * 200_000 + b'", ' + BODY[1:]
    with Wire(fort) as wire:
        for _ in range(5):
            assert wire.send(post(body)).answer().told == (200, 0)


def test_pipelined_requests_are_answered_in_order(fort: Account) -> None:
    count = 500  # more than one read's worth
    with Wire(fort) as wire:
        wire.send(*(head("GET", f"{IMAGE}/number-{i}") for i in range(count)))
        told = [wire.answer().json["message"].rpartition(" ")[2] for _ in range(count)]
    assert told == [f"number-{i}" for i in range(count)]


def test_what_follows_a_request_and_is_no_http_does_not_spoil_its_answer(fort: Account) -> None:
    with Wire(fort) as wire:
        assert wire.send(post(BODY), b"\x00\x01 garbage\r\n\r\n").answer().told == (200, 0)
        assert wire.ended()


def test_a_head_that_is_too_large_is_refused_and_closed(fort: Account) -> None:
    for big in (b"A: " + b"a" * 100_000, b"\r\n".join(b"A%d: b" % i for i in range(20_000))):
        with Wire(fort) as wire:
            wire.send(b"GET / HTTP/1.1\r\nHost: x\r\n", big, b"\r\n\r\n")
            assert "too large" in wire.answer().json["message"]
            assert wire.ended()


def cut_off(wire: Wire, piece: bytes, *, pause: float = 0.0, seconds: float = 9) -> bool:
    """Send the piece again and again; whether the server ends the connection within that time."""
    wire.socket.settimeout(seconds)
    ends = time.monotonic() + seconds
    try:
        while time.monotonic() < ends:
            wire.send(piece)
            time.sleep(pause)
    except (ConnectionError, TimeoutError) as error:
        return isinstance(error, ConnectionError)
    return False


def test_an_endless_head_is_cut_off_even_behind_a_request_that_waits(fort: Account) -> None:
    with Wire(fort) as wire:
        wire.send(head("GET", IMAGE, "X-Understudy-Scenario: latency:ms=300"), b"GET / HTTP/1.1\r\nA: ")
        assert cut_off(wire, b"a" * 100_000)


CHUNKED = "Transfer-Encoding: chunked"


def chunks(body: bytes, size: int) -> bytes:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("size", [1, 7, 5000])
def test_chunked_bodies_are_taken(fort: Account, size: int) -> None:
    with Wire(fort) as wire:
        for _ in range(2):
            assert wire.send(head("POST", IMAGE, CHUNKED), chunks(BODY, size)).answer().told == (200, 0)


TRAILERS = ("Authorization: Bearer somebody-else", "X-Understudy-Scenario: html", "X-Big: " + "x" * 9000)


def test_trailers_change_neither_account_nor_scenario_nor_journal(fort: Account) -> None:
    """RFC 9110, 6.5: a recipient may ignore them; what they say was not said when the request was judged."""
    mine = fort.server.account(key="trailers")
    with Wire(fort) as wire:
        for _ in range(2):
            wire.send(
                head("POST", IMAGE, CHUNKED, key=mine.api_key), b"%x\r\n%s\r\n0\r\n" % (len(BODY), BODY)
            )
            wire.send("\r\n".join([*TRAILERS, "", ""]).encode())
            assert wire.answer().told == (200, 0)
    first, second = mine.journal
    assert first["headers"] == second["headers"]
    assert sorted(first["headers"]) == ["authorization", "host", "transfer-encoding"]
    assert fort.server.account(key="somebody-else").journal == []


def test_trailers_and_chunk_extensions_without_end_are_cut_off(fort: Account) -> None:
    for begun in (b"0\r\nX-Endless: ", b"1;x="):
        with Wire(fort) as wire:
            wire.send(head("POST", IMAGE, CHUNKED), begun)
            assert cut_off(wire, b"a" * 60_000)


def test_a_flood_of_pipelined_requests_is_read_only_as_fast_as_it_is_answered(fort: Account) -> None:
    """The client does not read its answers: the server stops reading, and holds few of its requests."""
    request = head("GET", f"{IMAGE}/flood")
    with Wire(fort, seconds=0.5) as wire:
        with contextlib.suppress(TimeoutError, ConnectionError):
            for _ in range(4000):
                wire.socket.sendall(request * 100)
        queues = [len(c.pipeline) for c in list(inside(fort).server_state.connections)]  # type: ignore[union-attr]
        unparsed = [len(c.unparsed) for c in list(inside(fort).server_state.connections)]  # type: ignore[union-attr]
    assert max(queues) <= 16 + 16_384 // len(request) + 1
    assert max(unparsed) < 1 << 20


def test_a_broken_chunk_is_refused_and_ends_the_connection(fort: Account) -> None:
    with Wire(fort) as wire:
        wire.send(head("POST", IMAGE, CHUNKED), b"5\r\nhello\r\nzz\r\n")
        assert wire.answer().told == (400, 1200)
        assert wire.ended()


def test_expecting_clients_are_told_to_continue(fort: Account) -> None:
    expect = [f"Content-Length: {len(BODY)}", "Expect: 100-continue"]
    with Wire(fort) as wire:
        assert wire.send(head("POST", IMAGE, *expect)).answer().status == 100
        assert wire.send(BODY).answer().told == (200, 0)


def test_expecting_clients_with_too_much_are_refused_before_they_send(fort: Account) -> None:
    expect = [f"Content-Length: {97 * 2**20}", "Expect: 100-continue"]
    with Wire(fort) as wire:
        answer = wire.send(head("POST", IMAGE, *expect)).answer()
        assert answer.told == (413, 1200)
        assert answer.headers["connection"] == "close"
        assert wire.rest == b""


SLOW = {
    "no head at all after a first byte": b"G",
    "half a head": b"GET / HTTP/1.1\r\nHost: x\r\n",
    "half a second head": head("GET") + b"GET / HT",
    "half a body": head("POST", IMAGE, "Content-Length: 100") + b"{",
    "half a chunked body": head("POST", IMAGE, CHUNKED) + b"5\r\nhe",
    "no body": head("POST", IMAGE, "Content-Length: 100000"),
    "no body of an expecting client": head("POST", IMAGE, "Content-Length: 9", "Expect: 100-continue"),
}


def test_slow_clients_are_cut_off(fort: Account) -> None:
    wires = {name: Wire(fort) for name in SLOW}
    started = time.monotonic()
    for name, data in SLOW.items():
        wires[name].send(data)
    for name, wire in wires.items():
        while wire.more():
            pass
        assert time.monotonic() - started < 5, name
        wire.close()
    assert time.monotonic() - started > 1


def test_a_client_that_drips_a_body_is_cut_off(fort: Account) -> None:
    with Wire(fort) as wire:
        wire.send(head("POST", IMAGE, "Content-Length: 100000"))
        assert cut_off(wire, b"x", pause=0.05)


def test_a_client_that_takes_no_answers_is_cut_off(fort: Account) -> None:
    """It asks for lists of 500 tasks, and never reads one."""
    with Wire(fort) as wire:
        for _ in range(500):
            wire.send(post(BODY, key="taker")).answer()
        assert cut_off(wire, head("GET", f"{IMAGE}?pageSize=500", key="taker") * 10, pause=0.05)


MISBEHAVING = ["reset", "truncated", "malformed", "html", "timeout", "latency:ms=20"]


@pytest.mark.parametrize("scenario", MISBEHAVING)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_scenarios_that_end_connections_are_no_mistakes_of_the_server(
    fort: Account, scenario: str, method: str
) -> None:
    """Alone and with requests behind them; the fixture `quiet` looks into the log."""
    body = BODY if method == "POST" else b""
    data = head(method, IMAGE, f"X-Understudy-Scenario: {scenario}", f"Content-Length: {len(body)}") + body
    for behind in (b"", head("GET") * 3, b"garbage\r\n\r\n"):
        with Wire(fort, 0.2) as wire:
            wire.send(data + behind)
            with contextlib.suppress(TimeoutError):
                while wire.more():
                    pass
    with Wire(fort) as wire:
        assert wire.send(head("GET")).answer().told == (200, 0)
