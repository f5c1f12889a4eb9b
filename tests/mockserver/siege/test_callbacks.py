"""Callbacks: any text for a URL, addresses that must not be reached, receivers that misbehave."""

from __future__ import annotations

import asyncio
import collections
import itertools
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mocks import mock_account
from tests.mockserver.conftest import Client, Receiver
from tests.mockserver.siege.conftest import LONG

from understudy.mockserver.callbacks.resolver import Resolver
from understudy.mockserver.callbacks.sender import AttemptOutcome, Sender
from understudy.specs.addresses import ForbiddenError, check_address, read_networks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.contracts.handle import Account

ALLOWED = [
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "::ffff:127.0.0.1",
    "8.8.8.8",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
]
FORBIDDEN = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "169.254.169.254",
    "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "::", "::2", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1",
    "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::169.254.169.254",
    "64:ff9b::169.254.169.254", "64:ff9b:1::10.0.0.1", "2002:0a00:0001::", "2002:a9fe:a9fe::1",
    "2001:0:a00:1::f5ff:fffe", "192.0.0.8", "192.0.0.255", "192.88.99.1", "3fff::1", "3fff:fff::1",
    "5f00::1", "5f00:ffff::1", "100:0:0:1::1",
]  # fmt: skip


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_and_this_machine_may_be_called(address: str) -> None:
    check_address(address, ())


@pytest.mark.parametrize("address", FORBIDDEN)
def test_private_and_special_addresses_may_not(address: str) -> None:
    with pytest.raises(ForbiddenError, match="allow-callback-net"):
        check_address(address, ())


def test_a_network_that_is_allowed_may_be_called_however_it_is_written() -> None:
    nets = read_networks(["10.0.0.0/8", "fd00::/8"])
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1"):
        check_address(address, nets)
    with pytest.raises(ForbiddenError):
        check_address("192.168.0.1", nets)


def post(url: str, resolve: Callable[[str], str] | None = None, timeout: float = 2.0) -> AttemptOutcome:
    """One attempt; `resolve` stands for the name server, without which no name is known."""

    def look_up(host: str) -> list[str]:
        if resolve is None:
            raise OSError("unknown")
        return [resolve(host)]

    async def run() -> AttemptOutcome:
        sender = Sender((), timeout)
        sender._pool.resolver = Resolver(look_up)
        try:
            return await sender.post(url, b"{}", {})
        finally:
            await sender.close()

    return asyncio.run(run())


LITERAL = [
    "http://0.0.0.0:9/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::]:9/",
    "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://[64:ff9b::a00:1]/", "http://[fe80::1]/",
    "http://user:word@10.0.0.1/", "http://10.0.0.1:80#@127.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", LITERAL)
def test_literal_addresses_are_checked(url: str) -> None:
    outcome = post(url)
    assert (outcome.status, outcome.final) == (0, True)
    assert outcome.error.startswith("callbacks may not go to ")


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1", "0.0.0.0"])
def test_names_that_lead_to_such_addresses_are_checked(address: str) -> None:
    outcome = post("http://hook.example/", lambda _: address)
    assert (outcome.status, outcome.final) == (0, True)
    assert outcome.error.startswith("callbacks may not go to ")


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"])
def test_addresses_in_disguise_are_checked(host: str) -> None:
    outcome = post(f"http://{host}/")
    assert (outcome.status, outcome.final) == (0, True)


def test_redirects_and_proxies_are_not_followed(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    other = Receiver()
    receiver.headers["Location"] = other.url
    receiver.answers = [307, 308, 302]
    try:
        assert [post(receiver.url).status for _ in range(4)] == [307, 308, 302, 200]
        assert (len(receiver.received), other.received) == (4, [])
    finally:
        other.close()


PARTS = st.sampled_from(
    [
        "http://", "https://", "//", "[", "]", "::1", "127.0.0.1:9", "@", ":", "%", "%zz", "#", "?", "\r\n",
        "\x00", "\u2100", "é", "。", "0x7f.1", "..", "-", "xn--", "xn--a", "99999", " ", "ftp://", "ws://127.0.0.1:9",
        "http+unix://",
    ]
)  # fmt: skip


@settings(max_examples=3000 if LONG else 200, deadline=None)
@given(st.one_of(st.lists(PARTS, max_size=6).map("".join), st.text(max_size=20).map("http://".__add__)))
def test_no_text_for_a_url_raises(url: str) -> None:
    assert post(url).status == 0


@pytest.fixture
def impatient() -> Iterator[Account]:
    with mock_account(callback_timeout=0.5) as mock:
        yield mock


NO_URLS = [
    "",
    "x",
    "http://",
    "http://[",
    "http://]x",
    "http://\u2100/",
    "//a",
    "javascript:1",
    "http://a:99999/",
    "http://a..b/",
    f"http://{'a' * 64}/",
    "\x00",
]


def test_no_text_for_a_url_stops_the_callbacks_of_others(impatient: Account, receiver: Receiver) -> None:
    """An exception where deliveries are sent off would end the timer for every task of the server."""
    client = Client(impatient)
    for url in NO_URLS:
        client.create({"callback_url": url})
    task = client.create({"callback_url": receiver.url})
    received = receiver.wait(3)
    assert [each.json["task_status"] for each in received] == ["submitted", "processing", "succeed"]
    assert {each.json["task_id"] for each in received} == {task}
    errors = {each["attempts"][0]["error"] for each in impatient.callbacks if each["url"] == "javascript:1"}
    assert errors == {"not an http or https URL"}


def test_a_forbidden_callback_is_given_up_and_says_why(impatient: Account) -> None:
    client = Client(impatient)
    impatient.clock.rate = 0
    client.create({"callback_url": "http://169.254.169.254/latest"})
    impatient.clock.advance(10)
    deliveries = impatient.callbacks
    assert [(d["state"], len(d["attempts"])) for d in deliveries] == [("given up", 1)] * 3
    assert "--allow-callback-net" in deliveries[0]["attempts"][0]["error"]


def test_a_receiver_that_never_stops_talking_does_not_hold_a_delivery(impatient: Account) -> None:
    """It answers 200 and then sends for ever: what it says is not read to an end that never comes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        client = Client(impatient)
        impatient.scenario("callbacks-terminal-only")
        impatient.pace("instant")
        client.create({"callback_url": f"http://127.0.0.1:{listening.getsockname()[1]}/"})
        talker, _ = listening.accept()
        with talker:
            talker.recv(65536)
            talker.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            talker.settimeout(10)
            endless = (talker.sendall(b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n") for _ in itertools.count())
            with pytest.raises(ConnectionError):
                collections.deque(endless, maxlen=0)
    assert [d["state"] for d in impatient.callbacks] == ["delivered"]
