"""What `verify-client` needs of the mock: pauses, forged callbacks, and a journal that tells all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client

from understudy.mockserver.callbacks.signing import read_secret, signature
from understudy.mockserver.play.mutations import mutate
from understudy.specs.behaviour import read
from understudy.specs.library import effective

if TYPE_CHECKING:
    from tests.mockserver.conftest import Receiver

    from understudy.contracts.handle import Account

SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="


def test_refusal_says_how_long_to_stay_away_when_asked_to(client: Client, mock: Account) -> None:
    mock.scenario("too_many_requests:at=create,times=1,retry_after=7")
    refused = client.post(IMAGE, IMAGE_REQUEST)
    assert (refused.status, refused.headers.get("retry-after")) == (429, "7")
    assert "retry-after" not in client.post(IMAGE, IMAGE_REQUEST).headers


def test_scenario_of_the_account_and_of_its_task_is_counted_once(client: Client, mock: Account) -> None:
    mock.scenario("unavailable:at=query,times=2")
    path = f"{IMAGE}/{client.create()}"
    assert [client.get(path).status for _ in range(4)] == [503, 503, 200, 200]


def test_journal_names_the_task_that_was_made_behind_a_time_out(client: Client, mock: Account) -> None:
    mock.scenario("created-all-the-same:times=1")
    assert client.post(IMAGE, IMAGE_REQUEST).status == 504
    assert [e["task"] for e in mock.requests_to(operation="create")] == [t["id"] for t in mock.tasks]


def test_refused_result_is_in_the_journal_of_the_task_s_account(client: Client, mock: Account) -> None:
    mock.scenario("results-expired:status=404")
    task_id = client.create()
    mock.clock.advance(60)
    link = client.task(task_id)["task_result"]["images"][0]["url"]
    assert client.get(link, Authorization="").status == 404
    assert [(e["operation"], e["verdict"]) for e in mock.journal][-1] == ("result", "unknown_resource")


def test_callbacks_hold_unknown_fields_when_asked_to(
    client: Client, mock: Account, receiver: Receiver
) -> None:
    mock.scenario("callbacks-extra-fields")
    task_id = client.create({"callback_url": receiver.url})
    told = receiver.wait(1)[0].json
    assert told.keys() - client.task(task_id).keys() == {"x_understudy_extra"}


def test_new_field_among_texts_is_a_text_and_elsewhere_an_object() -> None:
    """A map of links gets another link: an SDK may well hold all of them to be texts."""
    family = read(effective("replicate"), "replicate").families[0]
    record = {"id": "p1", "metrics": {"seconds": 2}, "urls": {"get": "https://example.com/p1"}}
    told = mutate(record, ("extra-fields",), family)
    kinds = {name: type(told[name]["x_understudy_extra"]) for name in ("metrics", "urls")}
    assert (type(told["x_understudy_extra"]), kinds) == (dict, {"metrics": dict, "urls": str})


def test_forged_callback_tells_the_end_early_once_and_is_marked(receiver: Receiver) -> None:
    """A receiver that refuses the forgery gets the true callbacks as if nothing had been."""
    receiver.answers = [200, 401]
    with mock_account(webhook_secrets=(SECRET,)) as mock:
        mock.clock.rate = 0
        mock.scenario("callbacks-forged")
        Client(mock).create({"callback_url": receiver.url})
        received = receiver.wait(2)
        assert receiver.statuses == ["submitted", "succeed"]
        mock.clock.advance(60)
        assert receiver.statuses == ["submitted", "succeed", "processing", "succeed"]
        deliveries = mock.callbacks
    assert [(d["status"], d["genuine"], d["state"]) for d in deliveries] == [
        ("submitted", True, "delivered"),
        ("succeed", False, "given up"),
        ("processing", True, "delivered"),
        ("succeed", True, "delivered"),
    ]
    right = [
        one.headers["webhook-signature"]
        == signature(
            [read_secret(SECRET)], one.headers["webhook-id"], int(one.headers["webhook-timestamp"]), one.raw
        )
        for one in receiver.received
    ]
    assert (len(received), right) == (2, [True, False, True, True])
