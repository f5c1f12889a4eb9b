"""The key is the account: what one does, no other sees."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import jwt
import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, VIDEO, VIDEO_REQUEST, Client

from understudy.mockserver.accounts.accounts import MOST_KEY_BYTES, AccountDefaults, Accounts
from understudy.mockserver.accounts.clock import Clock
from understudy.mockserver.accounts.journal import Journal
from understudy.mockserver.accounts.logs import ByteBudget
from understudy.mockserver.accounts.pace import read_pace
from understudy.mockserver.errors import Refused
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account


@pytest.fixture
def other(mock: Account) -> Client:
    """A second account on the same server."""
    return Client(mock.server.account(key=mock.api_key + "-other"))


def test_tasks_are_their_account_s_own(client: Client, other: Client) -> None:
    task_id = client.create({"external_task_id": "mine"})
    assert [other.get(f"{IMAGE}/{i}").json["code"] for i in (task_id, "mine")] == [1201, 1201]
    assert other.get(IMAGE).data == []
    other.create({"external_task_id": "mine"})


def test_clock_scenario_and_journal_are_their_account_s_own(client: Client, other: Client) -> None:
    other.mock.clock.rate = 0
    before = other.mock.clock.now
    client.mock.clock.advance(3600)
    client.mock.scenario("unavailable")
    client.get(IMAGE)
    assert (other.get(IMAGE).status, other.mock.clock.now - before) == (200, 0)
    assert [(e["operation"], e["verdict"]) for e in other.mock.journal] == [("list", "accepted")]


def test_sixteen_accounts_with_sixteen_clocks_never_meet(shared_server: Account) -> None:
    def run(number: int) -> tuple[list[str], int, int]:
        mine = Client(shared_server.server.account(key=f"{time.monotonic_ns()}-{number}"))
        mine.mock.clock.rate = 0
        mine.mock.pace("realistic" if number % 2 else "fast")
        ids = [mine.create({"external_task_id": f"same-{i}"}) for i in range(number)]
        mine.mock.clock.advance(1000 if number % 3 else 0)
        listed = mine.get(f"{IMAGE}?pageSize=500").data
        assert [record["task_id"] for record in listed] == ids[::-1]
        return [r["task_status"] for r in listed], mine.mock.count(operation="create"), number

    with ThreadPoolExecutor(16) as pool:
        for statuses, created, number in pool.map(run, range(1, 17)):
            assert created == number
            assert statuses == ["succeed" if number % 3 else "submitted"] * number


# --- who may come in


@pytest.fixture(scope="module")
def strict_door() -> Iterator[Account]:
    with mock_account(
        keys=("good", "AK-plain"), secrets=(("AK", "a-secret-that-is-thirty-two-bytes"),)
    ) as mock:
        yield mock


def token(issuer: str = "AK", secret: str = "a-secret-that-is-thirty-two-bytes", **claims: float) -> str:
    now = time.time()
    body = {"iss": issuer, "exp": now + 1800, "nbf": now - 5, **claims}
    return jwt.encode({k: v for k, v in body.items() if v is not None}, secret, algorithm="HS256")


OTHER_SECRET = "another-secret-of-thirty-two-bytes"
UNSIGNED = jwt.encode({"iss": "AK"}, None, algorithm="none")
DOOR = [
    ("the right key", lambda: "Bearer good", 200, 0),
    ("scheme in small letters", lambda: "bearer good", 200, 0),
    ("another key", lambda: "Bearer bad", 401, 1000),
    ("no scheme", lambda: "good", 401, 1002),
    ("a right token", lambda: f"Bearer {token()}", 200, 0),
    ("signed with another secret", lambda: f"Bearer {token(secret=OTHER_SECRET)}", 401, 1000),
    ("an unknown issuer", lambda: f"Bearer {token(issuer='AX')}", 401, 1002),
    ("not yet valid", lambda: f"Bearer {token(nbf=time.time() + 60)}", 401, 1003),
    ("expired", lambda: f"Bearer {token(exp=time.time() - 1)}", 401, 1004),
    ("without exp", lambda: f"Bearer {token(exp=None)}", 401, 1002),
    ("without iss", lambda: f"Bearer {token(issuer='')}", 401, 1002),
    ("no JWT at all", lambda: "Bearer a.b.c", 401, 1002),
    ("an algorithm of none", lambda: f"Bearer {UNSIGNED}", 401, 1002),
]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "status", "code"), [row[1:] for row in DOOR], ids=[row[0] for row in DOOR]
)
def test_door_lets_in_who_may(strict_door: Account, header: object, status: int, code: int) -> None:
    answer = Client(strict_door).get(IMAGE, Authorization=header())  # type: ignore[operator]
    assert (answer.status, answer.json["code"]) == (status, code)


def test_pairs_alone_let_no_plain_key_in() -> None:
    with mock_account(secrets=(("AK", "a-secret-that-is-thirty-two-bytes"),)) as mock:
        headers = ("Bearer plain", f"Bearer {token()}", f"Bearer {token(issuer='AX')}")
        answers = [Client(mock).get(IMAGE, Authorization=header).json for header in headers]
    assert [(answer["code"], answer["message"]) for answer in answers] == [
        (1002, "Authorization is invalid: it is not a JWT"),
        (0, "SUCCEED"),
        (1002, "access key not found"),
    ]


def test_every_token_of_an_access_key_is_the_same_account(strict_door: Account) -> None:
    client = Client(strict_door)
    made = client.post(IMAGE, IMAGE_REQUEST, Authorization=f"Bearer {token()}").data["task_id"]
    seen = client.get(IMAGE, Authorization=f"Bearer {token(exp=time.time() + 60)}").data
    assert [record["task_id"] for record in seen] == [made]


def test_without_secrets_a_token_is_taken_at_its_word(client: Client) -> None:
    issuer = client.key
    made = client.create(Authorization=f"Bearer {token(issuer)}")
    assert client.get(f"{IMAGE}/{made}", Authorization=f"Bearer {issuer}").status == 200
    expired = client.get(IMAGE, Authorization=f"Bearer {token(issuer, exp=1)}")
    assert (expired.status, expired.json["code"]) == (401, 1004)


# --- limits


def test_a_token_s_issuer_is_no_longer_than_a_key(client: Client) -> None:
    """Both name an account, which keeps its name."""
    answers = [client.get(IMAGE, Authorization=f"Bearer {token('a' * n)}") for n in (4096, 4097)]
    assert [(answer.status, answer.json["code"]) for answer in answers] == [(200, 0), (401, 1002)]


def test_keys_of_idle_accounts_are_bounded_in_bytes() -> None:
    """However many accounts there may be: their keys are what clients choose."""
    clock, budget = Clock(rate=0, start=0), ByteBudget(1, lambda: ())
    defaults = AccountDefaults(clock, read_pace("fast"))
    accounts = Accounts(defaults, lambda: Journal(1, budget), lambda _: False, 10**9)
    size = MOST_KEY_BYTES // 16
    for n in range(40):
        accounts.get(f"{n:02}" + "k" * size)
    assert len(accounts) == 15
    kept = accounts.get("39" + "k" * size)
    accounts.keep(kept)
    assert accounts.get("00" + "k" * size) is not kept
    assert accounts.known(kept.key) is kept
    for account in accounts:
        accounts.keep(account)
    with pytest.raises(Refused, match="unavailable"):
        accounts.get("40" + "k" * size)


def test_slots_are_held_from_create_to_the_end(client: Client, mock: Account) -> None:
    mock.limits(image=4, video=1)
    seen = [client.post(IMAGE, {**IMAGE_REQUEST, "n": n}).status for n in (3, 2, 1)]
    seen += [client.post(VIDEO, VIDEO_REQUEST).status for _ in range(2)]
    assert seen == [200, 429, 200, 200, 429]
    refused = client.post(IMAGE, IMAGE_REQUEST)
    assert (refused.json["code"], refused.json["message"]) == (1303, "parallel task over resource pack limit")
    mock.clock.advance(2)
    assert client.post(IMAGE, {**IMAGE_REQUEST, "n": 4}).status == 200


def test_slots_count_tasks_that_ran_before_the_limit(client: Client, mock: Account) -> None:
    client.create({"n": 2})
    mock.limits(image=2)
    assert client.post(IMAGE, IMAGE_REQUEST).json["code"] == 1303


def test_refused_creates_hold_no_slots(client: Client, mock: Account) -> None:
    mock.limits(image=1)
    client.post(IMAGE, {**IMAGE_REQUEST, "n": 0})
    mock.fault("internal_error", 1)
    client.post(IMAGE, IMAGE_REQUEST)
    assert client.post(IMAGE, IMAGE_REQUEST).status == 200


def test_requests_in_a_second_are_limited(client: Client, mock: Account) -> None:
    mock.limits(per_second=2)
    seen = [client.get(IMAGE).json["code"] for _ in range(3)]
    mock.clock.advance(1)
    assert [*seen, client.get(IMAGE).json["code"]] == [0, 0, 1302, 0]


@pytest.mark.parametrize("limits", [{"cats": 1}, {"image": -1}, {"image": True}, {"image": "2"}])
def test_limits_that_cannot_be_are_refused(mock: Account, limits: dict[str, int]) -> None:
    with pytest.raises(UnderstudyError, match="limit"):
        mock.limits(**limits)
