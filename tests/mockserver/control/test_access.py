"""Who may give orders over the control plane, and what its answers never show."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client

from understudy.mockserver.accounts.keys import Keyring
from understudy.mockserver.control.access import Access, is_loopback
from understudy.mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

ROOT = "/__understudy__"
CONTROL_KEY = "opens-all"


@pytest.fixture(scope="module")
def closed() -> Iterator[Account]:
    """A server that lets two keys in, and has a control key."""
    with mock_account(keys=("one", "two"), control_key=CONTROL_KEY) as mock:
        yield mock


def order(
    mock: Account, path: str, *, method: str = "GET", body: Any = None, **headers: str
) -> tuple[int, Any]:
    answer = Client(mock).request(method, ROOT + path, body, **{"Authorization": "", **headers})
    return answer.status, answer.json


WHO = [
    # path, headers, status
    ("/journal", {}, 401),
    ("/journal?account=one", {}, 401),
    ("/journal", {"Authorization": "Bearer one"}, 200),
    ("/journal?account=one", {"Authorization": "Bearer one"}, 200),
    ("/journal?account=two", {"Authorization": "Bearer one"}, 403),
    ("/journal?account=", {"Authorization": "Bearer one"}, 401),
    ("/journal?account=one", {"Authorization": "Bearer guessed"}, 401),
    ("/journal", {"Authorization": f"Bearer {CONTROL_KEY}"}, 200),
    ("/journal?account=two", {"X-Understudy-Control-Key": CONTROL_KEY}, 200),
    ("/journal?account=two", {"X-Understudy-Control-Key": "guessed"}, 401),
    ("/tasks", {"Authorization": "Bearer two"}, 200),
    ("/scenarios", {}, 200),
    ("/health", {}, 200),
    ("/ready", {}, 200),
    ("/metrics", {}, 404),
    ("/openapi.json", {}, 200),
    ("", {}, 200),
]


@pytest.mark.parametrize(("path", "headers", "status"), WHO)
def test_a_key_opens_its_own_account_and_the_control_key_all(
    closed: Account, path: str, headers: dict[str, str], status: int
) -> None:
    said = order(closed, path, **headers)
    assert said[0] == status, said
    if status == 401:
        assert "X-Understudy-Control-Key" in said[1]["error"]


def test_no_order_of_a_stranger_is_carried_out(closed: Account) -> None:
    mine = Client(closed.server.account(key="one"))
    task = mine.create()
    orders = [
        ("/reset", {}),
        ("/clock", {"rate": 0}),
        ("/clock/advance", {"seconds": 1}),
        ("/scenario", {"scenario": "html"}),
        ("/faults", {"scenario": "html"}),
        (f"/tasks/{task}/finish", {"status": "failed"}),
        ("/deliveries/send", {"task": task}),
    ]
    for path, body in orders:
        for headers in ({}, {"Authorization": "Bearer guessed"}):
            assert order(closed, path + "?account=one", method="POST", body=body, **headers)[0] == 401
        assert (
            order(closed, path + "?account=one", method="POST", body=body, Authorization="Bearer two")[0]
            == 403
        )
    # Nor by a task's id alone, with a key of one's own.
    for path, body in orders[-2:]:
        status, said = order(closed, path, method="POST", body=body, Authorization="Bearer two")
        assert (status, said["error"]) == (400, f"unknown task {task}")
    assert mine.task(task)["task_status"] in ("submitted", "processing")


def test_without_keys_on_loopback_everything_is_open(mock: Account) -> None:
    assert order(mock, "/journal")[0] == 200
    assert order(mock, "/journal?account=anybody")[0] == 200


PAGES = [
    # Host, Origin, allowed
    ("127.0.0.1:8585", "", True),
    ("localhost:8585", "http://localhost:8585", True),
    ("[::1]:8585", "", True),
    ("kling.localhost:8585", "", True),
    ("mock:8585", "", True),  # a service's name in Docker Compose
    ("host.docker.internal:8585", "", True),
    ("10.1.2.3", "", True),
    ("rebound.attacker.example:8585", "http://rebound.attacker.example:8585", False),
    ("rebound.attacker.example", "", False),
    ("[[[", "", False),
    ("localhost:8585", "http://attacker.example", False),
    ("localhost:8585", "null", False),
    ("localhost:8585", "http://localhost:3000", False),
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("host", "origin", "allowed"), PAGES)
def test_web_pages_of_other_hosts_are_turned_away(
    mock: Account, method: str, host: str, origin: str, allowed: bool
) -> None:
    body = {"rate": 1} if method == "POST" else None
    status, said = order(mock, "/clock?account=page", method=method, body=body, Host=host, Origin=origin)
    assert (status == 200) is allowed, said
    assert allowed or status == 403


def test_the_name_that_public_url_gives_is_known() -> None:
    access = Access.of(Settings(public_url="https://mock.example.com/kling"), Keyring((), (), lambda: 0.0))
    assert [access.knows(host) for host in ("mock.example.com", "MOCK.example.com:443", "example.com")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("host", "closed"),
    [
        ("127.0.0.1", False),
        ("localhost", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("::", True),
        ("lan", True),
    ],
)
def test_listening_beyond_loopback_closes_the_control_plane(host: str, closed: bool) -> None:
    assert is_loopback(host) is not closed
    assert Access.of(Settings(host=host), Keyring((), (), lambda: 0.0)).closed is closed


def test_journals_blot_out_keys_wherever_they_stand(mock: Account) -> None:
    client = Client(mock)
    url = "http://user:hush@127.0.0.1:9/hook?job=7&token=hush"
    body = {**IMAGE_REQUEST, "callback_url": url, "clientSecret": "hush", "of": [{"auth_token": "hush"}]}
    client.post(f"{IMAGE}?api_key=hush&page=2", body, X_Api_Key="hush", Ocp_Apim_Subscription_Key="hush")
    client.post(IMAGE, b'{"clientSecret": "hush", "callback_url": "http://h/?sign=hush')
    entry, cut_off = mock.journal
    assert "hush" not in f"{entry}{cut_off}"
    assert entry["request"]["callback_url"] == "http://…@127.0.0.1:9/hook?job=7&token=[blotted%20out]"
    assert entry["request"]["clientSecret"] == "[blotted out]"
    assert "page=2" in entry["target"]
    assert "hush" not in str(mock.tasks)
    assert "hush" not in str(mock.callbacks)


def test_a_short_secret_is_the_providers_and_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        token = jwt.encode({"iss": "access", "exp": 100}, "short", algorithm="HS256")
    keyring = Keyring((), (("access", "short"),), lambda: 50.0)
    assert keyring.account(b"Bearer " + token.encode()) == "access"
    assert list(recwarn) == []


def test_tasks_are_listed_page_by_page(mock: Account) -> None:
    client = Client(mock)
    made = [client.create() for _ in range(5)][::-1]
    first = client.get(f"{ROOT}/tasks?limit=2").json
    rest = client.get(f"{ROOT}/tasks?limit=9&before={first[-1]['id']}").json
    assert [task["id"] for task in (*first, *rest)] == made
    assert client.get(f"{ROOT}/tasks?limit=0").status == 400
    assert "before=ID gives the next page" in client.get(f"{ROOT}/tasks?limit=5001").json["error"]
