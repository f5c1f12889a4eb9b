"""Callbacks: signed, retried, guarded, logged, in order."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest
from tests.mocks import inside, mock_account
from tests.mockserver.conftest import IMAGE, Client

from understudy.mockserver.callbacks.signing import read_secret, signature
from understudy.mockserver.errors import MockError
from understudy.specs.addresses import ForbiddenError, check_address, read_networks
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from tests.mockserver.conftest import Receiver

    from understudy.contracts.handle import Account

# The vendor's own vector (KLING.md, "Callbacks").
SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
ID, STAMP = "9876543210", 1781080794
BODY = (
    b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,'
    b'"update_time":1781080794151}'
)
SIGNATURE = "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="
NEW_SECRET = "whsec_bmV3c2VjcmV0bmV3c2VjcmV0"


def test_signature_is_the_vendor_s() -> None:
    assert signature([read_secret(SECRET)], ID, STAMP, BODY) == SIGNATURE


def test_while_a_secret_changes_both_sign() -> None:
    both = signature([read_secret(NEW_SECRET), read_secret(SECRET)], ID, STAMP, BODY)
    assert both.split(" ")[1] == SIGNATURE
    assert len(set(both.split(" "))) == 2


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_!!", "dGVzdA=="])
def test_secrets_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(MockError, match="--webhook-secret"):
        read_secret(text)


def test_posted_bytes_are_the_signed_ones(receiver: Receiver) -> None:
    with mock_account(webhook_secrets=(NEW_SECRET, SECRET), pace="instant") as mock:
        Client(mock).create({"callback_url": receiver.url})
        got = receiver.wait(3)
    keys = [read_secret(NEW_SECRET), read_secret(SECRET)]
    for one in got:
        headers = one.headers
        told = signature(keys, headers["webhook-id"], int(headers["webhook-timestamp"]), one.raw)
        assert headers["webhook-signature"] == told
    assert len({one.headers["webhook-id"] for one in got}) == 3


def test_unsigned_callbacks_have_no_webhook_headers(client: Client, receiver: Receiver) -> None:
    client.create({"callback_url": receiver.url})
    [first] = receiver.wait(1)
    assert not [name for name in first.headers if name.startswith("webhook")]


def test_refused_callbacks_are_sent_again_later_and_hold_up_the_next(
    client: Client, mock: Account, receiver: Receiver
) -> None:
    receiver.answers = [500, 503]
    client.create({"callback_url": receiver.url})
    receiver.wait(1)
    mock.clock.advance(2.4)
    assert receiver.statuses == ["submitted", "submitted"]
    mock.clock.advance(0.1)
    assert receiver.statuses == ["submitted", "submitted", "submitted", "processing", "succeed"]
    assert len({one.raw for one in receiver.received[:3]}) == 1


def test_callbacks_are_given_up_after_the_last_attempt(
    client: Client, mock: Account, receiver: Receiver
) -> None:
    receiver.answers = [500] * 15
    client.create({"callback_url": receiver.url})
    receiver.wait(1)
    mock.clock.advance(1000)
    log = mock.callbacks
    assert [(d["status"], d["state"], len(d["attempts"])) for d in log] == [
        ("submitted", "given up", 5),
        ("processing", "given up", 5),
        ("succeed", "given up", 5),
    ]
    assert {a["status"] for d in log for a in d["attempts"]} == {500}


def test_redirects_are_not_followed(client: Client, mock: Account, receiver: Receiver) -> None:
    receiver.answers = [302]
    receiver.headers = {"location": receiver.url}
    client.create({"callback_url": receiver.url})
    receiver.wait(1)
    mock.clock.advance(0)
    [first] = mock.callbacks
    assert [(a["status"], a["error"]) for a in first["attempts"]] == [(302, "HTTP 302")]
    assert len(receiver.received) == 1


def test_slow_receivers_are_given_up_by_time(receiver: Receiver) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        mock_account(callback_timeout=0.05, rate=0) as mock,
    ):
        Client(mock).create({"callback_url": f"http://127.0.0.1:{silent.getsockname()[1]}/"})
        mock.clock.advance(1)
        errors = {a["error"] for d in mock.callbacks for a in d["attempts"]}
    assert errors == {"no answer within 0.05 s"}


NOWHERE = [
    "not a url",
    "ftp://127.0.0.1/",
    "http://",
    "//127.0.0.1/x",
    "http://[::1",
    "http://a b/",
    "http://127.0.0.1:99999/",
]


@pytest.mark.parametrize("url", NOWHERE)
def test_callback_urls_that_lead_nowhere_are_accepted_and_logged(
    client: Client, mock: Account, url: str
) -> None:
    task_id = client.create({"callback_url": url})
    mock.clock.advance(10**4)
    assert client.task(task_id)["task_status"] == "succeed"
    assert [d["state"] for d in mock.callbacks] == ["given up"] * 3


def test_nobody_is_listening(client: Client, mock: Account) -> None:
    client.create({"callback_url": "http://127.0.0.1:9/"})
    mock.clock.advance(0.1)
    [first] = mock.callbacks
    assert first["attempts"][0]["status"] == 0
    assert "127.0.0.1" in first["attempts"][0]["error"]


def test_log_tells_attempts_headers_and_bodies(client: Client, mock: Account, receiver: Receiver) -> None:
    task_id = client.create({"callback_url": receiver.url})
    mock.clock.advance(2)
    log = mock.control("GET", "/deliveries", query={"task": task_id})
    assert [d["body"] for d in log] == [one.json for one in receiver.received]
    assert [(d["index"], d["status"], d["state"]) for d in log] == [
        (0, "submitted", "delivered"),
        (1, "processing", "delivered"),
        (2, "succeed", "delivered"),
    ]
    assert [d["due"] for d in log] == [one.json["updated_at"] for one in receiver.received]
    assert mock.control("GET", "/deliveries", query={"task": "another"}) == []


def test_callbacks_come_in_order_for_each_of_many_tasks(
    client: Client, mock: Account, receiver: Receiver
) -> None:
    ids = [client.create({"callback_url": receiver.url}) for _ in range(25)]
    mock.clock.advance(2)
    by_task: dict[str, list[str]] = {}
    for one in receiver.wait(75):
        by_task.setdefault(one.json["task_id"], []).append(one.json["task_status"])
    assert by_task == {task_id: ["submitted", "processing", "succeed"] for task_id in ids}
    times = [json.loads(one.raw)["updated_at"] for one in receiver.received]
    assert times == sorted(times)


def test_callbacks_of_polled_tasks_come_when_they_are_polled(
    client: Client, mock: Account, receiver: Receiver
) -> None:
    mock.pace("after 2 polls")
    task_id = client.create({"callback_url": receiver.url})
    mock.clock.advance(10)
    assert receiver.statuses == ["submitted"]
    client.task(task_id)
    mock.clock.advance(0)
    client.task(task_id)
    mock.clock.advance(0)
    assert receiver.statuses == ["submitted", "processing", "succeed"]


def test_finishing_by_hand_calls_back(client: Client, mock: Account, receiver: Receiver) -> None:
    task_id = client.create({"callback_url": receiver.url})
    receiver.wait(1)
    mock.clock.advance(0)
    mock.finish(task_id, "failed", "internal")
    mock.clock.advance(0)
    assert receiver.statuses == ["submitted", "processing", "failed"]


def test_reset_drops_what_is_owed(client: Client, mock: Account, receiver: Receiver) -> None:
    client.create({"callback_url": receiver.url})
    receiver.wait(1)
    mock.clock.advance(0)
    mock.reset()
    mock.clock.rate = 0
    mock.clock.advance(100)
    assert receiver.statuses == ["submitted"]
    assert client.get(IMAGE).data == []


def test_reset_while_a_callback_is_on_its_way_ends_with_it(client: Client, mock: Account) -> None:
    """The receiver answers only after the reset; the task, forgotten, has nothing more to tell."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        client.create({"callback_url": f"http://127.0.0.1:{server.getsockname()[1]}/"})
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            mock.reset()
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        mock.clock.rate = 0
        mock.clock.advance(100)
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()
    assert mock.callbacks == []


def test_clocks_that_nobody_goes_by_any_more_are_let_go(client: Client, mock: Account) -> None:
    agendas = inside(mock).app.state.outbox._agendas
    before = len(agendas)
    for _ in range(5):
        mock.reset()
        mock.clock.rate = 0
    assert len(agendas) <= before


# --- where callbacks may go

ADDRESSES = [
    ("127.0.0.1", True),
    ("127.8.8.8", True),
    ("::1", True),
    ("::ffff:127.0.0.1", True),
    ("8.8.8.8", True),
    ("2606:4700:4700::1111", True),
    ("0.0.0.0", False),
    ("::", False),
    ("10.0.0.1", False),
    ("172.16.0.1", False),
    ("192.168.1.1", False),
    ("100.64.0.1", False),
    ("169.254.169.254", False),
    ("::ffff:169.254.169.254", False),
    ("64:ff9b::a9fe:a9fe", False),
    ("2002:a9fe:a9fe::1", False),
    ("fe80::1%eth0", False),
    ("fd00:ec2::254", False),
    ("224.0.0.1", False),
    ("ff02::1", False),
    ("255.255.255.255", False),
]


@pytest.mark.parametrize(("address", "allowed"), ADDRESSES)
def test_addresses_that_callbacks_may_reach(address: str, allowed: bool) -> None:
    if allowed:
        check_address(address, ())
    else:
        with pytest.raises(ForbiddenError, match="callbacks may not go to"):
            check_address(address, ())
        check_address(address, read_networks(["0.0.0.0/0", "::/0"]))


def test_networks_that_are_none_are_refused() -> None:
    with pytest.raises(UnderstudyError, match=r"not a network: '10\.0\.0\.0/99'"):
        read_networks(["10.0.0.0/99"])


@pytest.mark.parametrize(
    ("host", "address"), [("172.18.0.3",) * 2, ("192.168.1.20",) * 2, ("[fd12::7]", "fd12::7")]
)
def test_a_callback_that_is_not_sent_is_told_once_for_its_target(
    client: Client, mock: Account, caplog: pytest.LogCaptureFixture, host: str, address: str
) -> None:
    """In a network of Docker's, in that of an office, in one of IPv6."""
    for path in ("one", "two"):
        client.create({"callback_url": f"http://{host}:8000/{path}"})
    mock.clock.advance(3)
    told = [record.getMessage() for record in caplog.records if address in record.getMessage()]
    where = f"understudy: no callback is sent to {host}:8000: callbacks may not go to {address}"
    assert told == [f"{where} (--allow-callback-net {address} allows it)"]


HOSTS = ["10.255.255.1", "[::ffff:169.254.169.254]", "0.0.0.0", "169.254.169.254", "0xa9fea9fe"]


@pytest.mark.parametrize("host", HOSTS)
def test_forbidden_addresses_are_never_connected_to(client: Client, mock: Account, host: str) -> None:
    """Literal addresses too, in any spelling: they never ask a resolver."""
    client.create({"callback_url": f"http://{host}/latest/meta-data"})
    mock.clock.advance(2)
    log = mock.callbacks
    assert [len(d["attempts"]) for d in log] == [1, 1, 1]
    assert all("callbacks may not go to" in d["attempts"][0]["error"] for d in log)


def test_proxies_of_the_environment_are_not_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with mock_account(pace="instant") as mock:
        Client(mock).create({"callback_url": receiver.url})
        receiver.wait(3)
