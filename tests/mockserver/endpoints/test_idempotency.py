"""Creates that repeat an Idempotency-Key, where a scenario has one honoured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client

if TYPE_CHECKING:
    from understudy.contracts.handle import Account

OTHER = {**IMAGE_REQUEST, "n": 2}


def told(client: Client, key: str, body: dict[str, Any]) -> tuple[int, str]:
    """(HTTP status, task id or message) of a create with that key."""
    answer = client.request("POST", IMAGE, body, **({"Idempotency-Key": key} if key else {}))
    return answer.status, answer.json["data"]["task_id"] if answer.status == 200 else answer.json["message"]


@pytest.mark.parametrize("same", ["replay", "reject", "ignore"])
def test_same_key_and_body_are_answered_as_the_scenario_says(
    client: Client, mock: Account, same: str
) -> None:
    mock.scenario(f"idempotency:same={same}")
    first, again, other = (told(client, key, IMAGE_REQUEST) for key in ("a", "a", "b"))
    assert (first[0], other[0]) == (200, 200)
    assert len({first, other}) == 2
    refused = (400, "Invalid request parameters: the Idempotency-Key was used before")
    assert again == {"replay": first, "reject": refused}.get(same, again)
    assert len(mock.tasks) == (3 if same == "ignore" else 2)


def test_same_key_with_another_body_is_refused(client: Client, mock: Account) -> None:
    mock.scenario("idempotency")
    assert told(client, "a", IMAGE_REQUEST)[0] == 200
    assert told(client, "a", OTHER) == (
        400,
        "Invalid request parameters: the Idempotency-Key was used for another request",
    )


def test_keys_belong_to_their_account_and_without_one_nothing_is_repeated(
    client: Client, mock: Account
) -> None:
    mock.scenario("idempotency")
    assert len({told(client, "", IMAGE_REQUEST) for _ in range(2)}) == 2
    stranger = Client(mock.server.account(key="somebody-else"))
    mock.server.account(key="somebody-else").scenario("idempotency")
    assert told(client, "a", IMAGE_REQUEST) != told(stranger, "a", IMAGE_REQUEST)


def test_answer_that_is_lost_is_given_again(client: Client, mock: Account) -> None:
    """The create whose answer was a time-out has made a task: the same key gives that one."""
    mock.scenario("created-all-the-same:times=1+idempotency")
    assert told(client, "a", IMAGE_REQUEST)[0] == 504
    [task] = mock.tasks
    assert told(client, "a", IMAGE_REQUEST) == (200, task["id"])


def test_key_is_forgotten_after_its_time(client: Client, mock: Account) -> None:
    mock.scenario("idempotency:same=replay,seconds=60")
    first = told(client, "a", IMAGE_REQUEST)
    mock.clock.advance(59)
    assert told(client, "a", IMAGE_REQUEST) == first
    mock.clock.advance(1)
    second = told(client, "a", OTHER)
    assert second != first
    assert (second[0], told(client, "a", OTHER)) == (200, second)
