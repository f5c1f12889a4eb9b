"""The server's own way to write answers: one write a whole answer, whatever the client does on its line."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.mocks import inside
from tests.mockserver.conftest import IMAGE

from understudy.mockserver.server.protocol import MockProtocol, split_target

if TYPE_CHECKING:
    from understudy.contracts.handle import Account


def talk(mock: Account, sent: bytes) -> bytes:
    """All that the server says to `sent`, of which the last request must ask to close."""
    place = urlsplit(mock.url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as line:
        line.sendall(sent)
        return b"".join(iter(lambda: line.recv(65_536), b""))


def get(path: str, key: str, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    lines = [f"{method} {path} HTTP/{version}", "Host: mock", f"Authorization: Bearer {key}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def statuses(answer: bytes) -> list[bytes]:
    return [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]


def test_requests_sent_ahead_are_answered_in_their_order(mock: Account) -> None:
    key = mock.api_key
    sent = get(f"{IMAGE}/none", key) + get(IMAGE, key) + get("/nowhere", key, "Connection: close")
    assert statuses(talk(mock, sent)) == [b"400", b"200", b"404"]


BROKEN = [
    ("Transfer-Encoding: chunked", b"zz\r\n"),
    ("Transfer-Encoding: chunked", b'5\r\n{"a":1}\r\n0\r\n\r\n'),
    ("Transfer-Encoding: gzip", b"zz\r\n"),
]


@pytest.mark.parametrize(("header", "body"), BROKEN)
def test_a_body_that_is_cut_in_no_known_way_is_refused_in_words(
    mock: Account, header: str, body: bytes
) -> None:
    head, _, said = talk(mock, get(IMAGE, mock.api_key, header, method="POST") + body).partition(b"\r\n\r\n")
    assert (head[:12], b"\r\nconnection: close\r\n" in head + b"\r\n") == (b"HTTP/1.1 400", True)
    assert json.loads(said)["message"] == (
        "Invalid request parameters: the body does not end where its head says, or is cut in an unknown way"
    )
    assert mock.tasks == []


def test_an_old_client_gets_its_connection_closed(mock: Account) -> None:
    answer = talk(mock, get(IMAGE, mock.api_key, version="1.0"))
    assert b"\r\nconnection: close\r\n" in answer
    assert answer.count(b"content-length") == 1


def test_head_is_answered_without_a_body(mock: Account) -> None:
    head, _, body = talk(
        mock, get("/results/none/0.png", mock.api_key, "Connection: close", method="HEAD")
    ).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 ")
    assert body == b""


def test_headers_that_come_again_are_kept_once(mock: Account) -> None:
    sent = [get(IMAGE, mock.api_key)] * 2 + [get(IMAGE, mock.api_key, "Connection: close")]
    assert len(statuses(talk(mock, b"".join(sent)))) == 3
    first, second, third = inside(mock).app.state.accounts.get(mock.api_key).journal.entries()
    assert first.headers is second.headers
    assert third.headers[-1] == (b"connection", b"close")


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        (b"/a?b=1", (b"/a", b"b=1")),
        (b"//a", (b"//a", b"")),
        (b"/a?b?c", (b"/a", b"b?c")),
        (b"/a#b", (b"/a", b"")),
        (b"http://host/a?b", (b"/a", b"b")),
    ],
)
def test_a_target_is_split_at_its_query(target: bytes, parts: tuple[bytes, bytes]) -> None:
    assert split_target(target) == parts


class Line:
    """What `overdue` looks at of an idle connection."""

    cycle = type("Answered", (), {"response_complete": True})
    head_since = head_bytes = idle_since = 0.0
    timeout_keep_alive = 75
    untaken = untaken_since = 0
    transport = type("Written", (), {"get_write_buffer_size": lambda _: 0})()
    between_requests = MockProtocol.between_requests
    stalled = MockProtocol.stalled


def test_an_idle_connection_is_closed_when_the_sweep_has_seen_it_idle_long_enough() -> None:
    line = Line()
    assert [MockProtocol.overdue(line, now, 10, 30) for now in (100.0, 175.0, 175.1)] == [False, False, True]


def test_an_answer_in_between_makes_an_idle_connection_young_again() -> None:
    line = Line()
    assert not MockProtocol.overdue(line, 100.0, 10, 30)
    line.idle_since = 0.0  # as on_response_complete leaves it
    assert not MockProtocol.overdue(line, 180.0, 10, 30)
