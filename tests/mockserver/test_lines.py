"""The client that posts callbacks: what it makes of addresses and of answers, good and bad."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from mockserver import lines
from mockserver.guard import ForbiddenError
from mockserver.lines import MOST_BODY, MOST_HEAD, Line, Lines, Target, read_target
from mockserver.sender import Outcome, Sender

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOSE = b""  # in a script: the server closes the connection here
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class World:
    """A server that gives each request the next answer of its script, and counts connections."""

    def __init__(self, script: Sequence[bytes]) -> None:
        self.script = list(script)
        self.connections = 0
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.script:
                self.requests.append(await reader.readuntil(b"}"))
                writer.write(self.script.pop(0))
                if self.script[:1] == [CLOSE]:
                    del self.script[0]
                    break
            else:
                await reader.read()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


def post(script: Sequence[bytes], times: int, seconds: float = 5.0) -> tuple[list[Outcome], World]:
    """What comes of so many callbacks, one after another, to a server with that script."""
    world = World(script)

    async def run() -> list[Outcome]:
        server = await asyncio.start_server(world.serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        sender = Sender(timeout=seconds)
        try:
            url = f"http://{host}:{port}/hook?a=b"
            return [await sender.post(url, b"{}", {"X-A": "b"}) for _ in range(times)]
        finally:
            await sender.close()
            server.close()
            await server.wait_closed()

    return asyncio.run(run()), world


def test_a_request_is_sent_whole_and_the_connection_kept() -> None:
    outcomes, world = post([OK, OK, OK], 3)
    assert outcomes == [Outcome(200, "")] * 3
    assert world.connections == 1
    head, _, body = world.requests[2].partition(b"\r\n\r\n")
    first, host, *rest = head.split(b"\r\n")
    assert (first, rest, body) == (b"POST /hook?a=b HTTP/1.1", [b"X-A: b", b"Content-Length: 2"], b"{}")
    assert host.startswith(b"Host: 127.0.0.1:")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", Outcome(204, "")),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", Outcome(302, "HTTP 302")),
        (
            b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
            Outcome(500, "HTTP 500"),
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, Outcome(200, "")),
    ],
)
def test_answers_of_every_form_leave_the_connection_usable(answer: bytes, outcome: Outcome) -> None:
    outcomes, world = post([answer, OK], 2)
    assert (outcomes, world.connections) == ([outcome, Outcome(200, "")], 1)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", Outcome(200, "")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", Outcome(200, "")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", Outcome(200, "")),
        (b"HTTP/1.1 200 OK\r\nX: ", Outcome(0, "ConnectionError: the connection was closed")),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Outcome(0, "ConnectionError: the answer is not HTTP")),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * MOST_HEAD,
            Outcome(0, "ConnectionError: the head of the answer is too large"),
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + b"x" * (MOST_HEAD + MOST_BODY),
            Outcome(200, ""),
        ),
    ],
)
def test_answers_that_end_their_connection_are_followed_by_a_new_one(answer: bytes, outcome: Outcome) -> None:
    outcomes, world = post([answer, CLOSE, OK], 2)
    assert (outcomes, world.connections) == ([outcome, Outcome(200, "")], 2)


def test_a_kept_connection_that_closes_under_a_request_costs_no_attempt() -> None:
    async def run() -> tuple[list[Outcome], int]:
        lines: list[asyncio.StreamWriter] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines.append(writer)
            await reader.readuntil(b"}")
            writer.write(OK)
            if len(lines) == 1:
                # Hears the second request, and closes without a word.
                await reader.readuntil(b"}")
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        sender = Sender()
        url = "http://{}:{}".format(*server.sockets[0].getsockname())
        outcomes = [await sender.post(url, b"{}", {}) for _ in range(2)]
        await sender.close()
        server.close()
        for line in lines:
            line.close()
        return outcomes, len(lines)

    assert asyncio.run(run()) == ([Outcome(200, "")] * 2, 2)


def test_a_connection_lost_between_two_requests_is_not_waited_on() -> None:
    """Handed to who waits for one, it may be lost before that one wakes."""

    async def ask() -> None:
        server = await asyncio.start_server(World([OK]).serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        _, line = await asyncio.get_running_loop().create_connection(Line, host, port)
        assert await line.ask(b"{}", 60) == 200
        line.connection_lost(None)
        with pytest.raises(ConnectionError, match="the connection was closed"):
            await line.ask(b"{}", 60)
        assert not line.heard
        server.close()

    asyncio.run(asyncio.wait_for(ask(), 20))


def test_a_silent_target_is_given_up_after_the_timeout() -> None:
    outcomes, _ = post([b"HTTP/1.1 200 OK\r\n"], 1, seconds=0.05)
    assert outcomes == [Outcome(0, "no answer within 0.05 s")]


def test_a_port_where_nobody_listens_is_an_outcome() -> None:
    async def run() -> Outcome:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        url = "http://{}:{}".format(*server.sockets[0].getsockname())
        server.close()
        await server.wait_closed()
        return await Sender().post(url, b"{}", {})

    outcome = asyncio.run(run())
    assert (outcome.status, outcome.final) == (0, False)
    assert outcome.error.startswith("ConnectionRefusedError: ")


def test_a_forbidden_address_is_never_connected_to() -> None:
    async def run() -> None:
        await Lines(()).post(read_target("http://10.0.0.1:9/"), b"", 1.0)

    with pytest.raises(ForbiddenError, match=r"10\.0\.0\.1"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://a.example", Target("http", "a.example", 80, b"POST / HTTP/1.1\r\nHost: a.example\r\n")),
        (
            "HTTPS://A.example:8443/p q?x=ü#f",
            Target("https", "a.example", 8443, b"POST /p%20q?x=%C3%BC HTTP/1.1\r\nHost: a.example:8443\r\n"),
        ),
        ("http://[::1]:80/", Target("http", "::1", 80, b"POST / HTTP/1.1\r\nHost: [::1]:80\r\n")),
        (
            "http://bücher.example/",
            Target(
                "http", "xn--bcher-kva.example", 80, b"POST / HTTP/1.1\r\nHost: xn--bcher-kva.example\r\n"
            ),
        ),
        (
            "http://u:p%40@a.example/",
            Target(
                "http",
                "a.example",
                80,
                b"POST / HTTP/1.1\r\nHost: a.example\r\nAuthorization: Basic dTpwQA==\r\n",
            ),
        ),
        (
            "http://a.example/\r\nX-Injected: 1",
            Target("http", "a.example", 80, b"POST /X-Injected:%201 HTTP/1.1\r\nHost: a.example\r\n"),
        ),
        ("ftp://a.example/", None),
        ("http://", None),
        ("http://a b/", None),
        ("http://a.example:0/", None),
        ("http://a.example:99999/", None),
        ("http://[::1/", None),
        ("http://" + "ü" * 300, None),
        ("", None),
    ],
)
def test_a_target_is_read_from_its_address(url: str, target: Target | None) -> None:
    assert read_target(url) == target


# --- many at once


class Crowd:
    """A server that answers when its gate is open, and counts connections that wait for a first answer."""

    def __init__(self, answer: bytes = OK, *, gate: bool = True) -> None:
        self.answer = answer
        self.gate = asyncio.Event()
        if gate:
            self.gate.set()
        self.connections = 0
        self.fresh = 0
        self.most_fresh = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.fresh += 1
        self.most_fresh = max(self.most_fresh, self.fresh)
        answered = False
        try:
            while await reader.readuntil(b"}"):
                await self.gate.wait()
                if not answered:
                    answered, self.fresh = True, self.fresh - 1
                writer.write(self.answer)
                if b"close" in self.answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def all_at_once(crowd: Crowd, seconds: float = 5.0) -> tuple[list[int | BaseException], int]:
    """What comes of twenty callbacks at the same time, and how many doors are left afterwards."""

    async def run() -> tuple[list[int | BaseException], int]:
        server = await asyncio.start_server(crowd.serve, "127.0.0.1", 0)
        target = read_target(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        assert target is not None
        sender = Lines(())
        request = target.head + b"Content-Length: 2\r\n\r\n{}"
        came = await asyncio.gather(
            *(sender.post(target, request, seconds) for _ in range(20)), return_exceptions=True
        )
        sender.close()
        server.close()
        crowd.gate.set()
        await asyncio.sleep(0)
        return list(came), len(sender._doors)

    return asyncio.run(run())


CLOSING = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("answer", [OK, CLOSING])
def test_few_connections_wait_to_be_accepted(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own http.server queues five; what is more is tried again by the system after a second."""
    monkeypatch.setattr(lines, "SETTLED_SECONDS", 60.0)
    crowd = Crowd(answer)
    assert all_at_once(crowd) == ([200] * 20, 0)
    assert 1 <= crowd.most_fresh <= lines.MOST_FRESH
    assert crowd.connections == 20 if answer is CLOSING else crowd.connections < 20


def test_a_slow_target_gets_more_connections_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SETTLED_SECONDS", 0.0)
    crowd = Crowd(gate=False)
    came, doors = all_at_once(crowd, 0.5)
    assert ([type(one) for one in came], doors) == ([TimeoutError] * 20, 0)
    assert crowd.connections == 20


def test_who_waits_for_a_connection_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SETTLED_SECONDS", 60.0)
    crowd = Crowd(gate=False)
    came, doors = all_at_once(crowd, 0.2)
    assert ([type(one) for one in came], doors) == ([TimeoutError] * 20, 0)
