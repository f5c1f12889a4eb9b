"""The client that posts callbacks: what it makes of addresses and of answers, good and bad."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from understudy.mockserver.callbacks import http_client
from understudy.mockserver.callbacks.connections import MOST_BODY, MOST_HEAD, HttpConnection
from understudy.mockserver.callbacks.http_client import ConnectionPool
from understudy.mockserver.callbacks.sender import AttemptOutcome, Sender
from understudy.mockserver.callbacks.targets import RequestTarget as Target
from understudy.mockserver.callbacks.targets import read_target
from understudy.specs.addresses import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOSE = b""  # in a script: the server closes the connection here
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class ScriptedServer:
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


def post(
    script: Sequence[bytes], times: int, seconds: float = 5.0
) -> tuple[list[AttemptOutcome], ScriptedServer]:
    """What comes of so many callbacks, one after another, to a server with that script."""
    world = ScriptedServer(script)

    async def run() -> list[AttemptOutcome]:
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
    assert outcomes == [AttemptOutcome(200, "")] * 3
    assert world.connections == 1
    head, _, body = world.requests[2].partition(b"\r\n\r\n")
    first, host, *rest = head.split(b"\r\n")
    assert (first, rest, body) == (b"POST /hook?a=b HTTP/1.1", [b"X-A: b", b"Content-Length: 2"], b"{}")
    assert host.startswith(b"Host: 127.0.0.1:")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", AttemptOutcome(204, "")),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", AttemptOutcome(302, "HTTP 302")),
        (
            b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
            AttemptOutcome(500, "HTTP 500"),
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, AttemptOutcome(200, "")),
    ],
)
def test_answers_of_every_form_leave_the_connection_usable(answer: bytes, outcome: AttemptOutcome) -> None:
    outcomes, world = post([answer, OK], 2)
    assert (outcomes, world.connections) == ([outcome, AttemptOutcome(200, "")], 1)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", AttemptOutcome(200, "")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", AttemptOutcome(200, "")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", AttemptOutcome(200, "")),
        (b"HTTP/1.1 200 OK\r\nX: ", AttemptOutcome(0, "ConnectionError: the connection was closed")),
        (b"SSH-2.0-OpenSSH_9.2\r\n", AttemptOutcome(0, "ConnectionError: the answer is not HTTP")),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * MOST_HEAD,
            AttemptOutcome(0, "ConnectionError: the head of the answer is too large"),
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + b"x" * (MOST_HEAD + MOST_BODY),
            AttemptOutcome(200, ""),
        ),
    ],
)
def test_answers_that_end_their_connection_are_followed_by_a_new_one(
    answer: bytes, outcome: AttemptOutcome
) -> None:
    outcomes, world = post([answer, CLOSE, OK], 2)
    assert (outcomes, world.connections) == ([outcome, AttemptOutcome(200, "")], 2)


def test_a_kept_connection_that_closes_under_a_request_costs_no_attempt() -> None:
    async def run() -> tuple[list[AttemptOutcome], int]:
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

    assert asyncio.run(run()) == ([AttemptOutcome(200, "")] * 2, 2)


def test_a_connection_lost_between_two_requests_is_not_waited_on() -> None:
    """Handed to who waits for one, it may be lost before that one wakes."""

    async def ask() -> None:
        server = await asyncio.start_server(ScriptedServer([OK]).serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        _, line = await asyncio.get_running_loop().create_connection(HttpConnection, host, port)
        assert await line.exchange(b"{}", 60) == 200
        line.connection_lost(None)
        with pytest.raises(ConnectionError, match="the connection was closed"):
            await line.exchange(b"{}", 60)
        assert not line.has_answered
        server.close()

    asyncio.run(asyncio.wait_for(ask(), 20))


def test_a_silent_target_is_given_up_after_the_timeout() -> None:
    outcomes, _ = post([b"HTTP/1.1 200 OK\r\n"], 1, seconds=0.05)
    assert outcomes == [AttemptOutcome(0, "no answer within 0.05 s")]


def test_a_port_where_nobody_listens_is_an_outcome() -> None:
    async def run() -> AttemptOutcome:
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
        await ConnectionPool(()).post(read_target("http://10.0.0.1:9/"), b"", 1.0)

    with pytest.raises(ForbiddenError, match=r"10\.0\.0\.1"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (
            "http://a.example",
            Target("http", "a.example", 80, b"POST / HTTP/1.1\r\nHost: a.example\r\n"),
        ),
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
    """What comes of twenty callbacks at the same time, and how many gates are left afterwards."""

    async def run() -> tuple[list[int | BaseException], int]:
        server = await asyncio.start_server(crowd.serve, "127.0.0.1", 0)
        target = read_target(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        assert target is not None
        sender = ConnectionPool(())
        request = target.head + b"Content-Length: 2\r\n\r\n{}"
        came = await asyncio.gather(
            *(sender.post(target, request, seconds) for _ in range(20)), return_exceptions=True
        )
        sender.close()
        server.close()
        crowd.gate.set()
        await asyncio.sleep(0)
        return list(came), len(sender._gates)

    return asyncio.run(run())


CLOSING = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("answer", [OK, CLOSING])
def test_few_connections_wait_to_be_accepted(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own http.server queues five; what is more is tried again by the system after a second."""
    monkeypatch.setattr(http_client, "SETTLED_SECONDS", 60.0)
    crowd = Crowd(answer)
    assert all_at_once(crowd) == ([200] * 20, 0)
    assert 1 <= crowd.most_fresh <= http_client.MOST_FRESH
    assert crowd.connections == 20 if answer is CLOSING else crowd.connections < 20


def test_a_slow_target_gets_more_connections_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "SETTLED_SECONDS", 0.0)
    crowd = Crowd(gate=False)
    came, gates = all_at_once(crowd, 0.5)
    assert ([type(one) for one in came], gates) == ([TimeoutError] * 20, 0)
    assert crowd.connections == 20


def test_who_waits_for_a_connection_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "SETTLED_SECONDS", 60.0)
    crowd = Crowd(gate=False)
    came, gates = all_at_once(crowd, 0.2)
    assert ([type(one) for one in came], gates) == ([TimeoutError] * 20, 0)


def test_connections_to_all_targets_together_are_bounded_and_idle_ones_make_room() -> None:
    """As a process that may open few files has to live: nobody is refused, everyone waits."""

    async def run() -> tuple[list[int], int]:
        servers = [await asyncio.start_server(answering, "127.0.0.1", 0) for _ in range(6)]
        pool = ConnectionPool((), most_open=2)
        most = 0
        try:
            targets = [read_target(f"http://127.0.0.1:{s.sockets[0].getsockname()[1]}/") for s in servers] * 3
            posts = [
                asyncio.ensure_future(pool.post(t, t.head + b"Content-Length: 0\r\n\r\n", 20))
                for t in targets
                if t
            ]
            while not all(post.done() for post in posts):
                most = max(most, pool._open_count)
                await asyncio.sleep(0)
            return [post.result() for post in posts], most
        finally:
            pool.close()
            for server in servers:
                server.close()
            # The servers' ends of the connections, too.
            await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)

    assert asyncio.run(run()) == ([200] * 18, 2)


async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request of a connection with 200, until it ends."""
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK)
    except asyncio.IncompleteReadError:
        writer.close()
        await writer.wait_closed()
