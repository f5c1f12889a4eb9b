"""A task that begins with the result of another: within the account, while that result lasts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

TEXT, EXTEND, LIPS = "/v1/videos/text2video", "/v1/videos/video-extend", "/v1/videos/lip-sync"


@pytest.fixture(scope="module")
def still() -> Iterator[Account]:
    """A mock whose clocks are moved by hand alone."""
    with mock_account(rate=0) as mock:
        yield mock


def made(client: Client, path: str, body: dict[str, Any]) -> str:
    told = client.post(path, body)
    assert told.status == 200, told.json
    return str(told.json["data"]["task_id"])


def ended(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The record of a task that has succeeded."""
    name = made(client, path, body)
    client.mock.clock.advance(600)
    record: dict[str, Any] = client.get(f"{path}/{name}").json["data"]
    assert record["task_status"] == "succeed", record
    return record


def video(record: dict[str, Any]) -> dict[str, Any]:
    [found] = record["task_result"]["videos"]
    return dict(found)


def fresh(still: Account) -> Client:
    return Client(still.server.account(key=f"fresh-{uuid.uuid4()}"))


def test_a_clip_is_made_longer_and_made_to_speak(still: Account) -> None:
    client = fresh(still)
    first = video(ended(client, TEXT, {"prompt": "a fox", "duration": "5"}))
    longer = ended(client, EXTEND, {"video_id": first["id"], "prompt": "it runs"})
    assert longer["task_info"] == {"parent_video": first}
    assert float(video(longer)["duration"]) > float(first["duration"]) + 4
    words = {"mode": "text2video", "text": "hello", "voice_id": "v", "video_id": video(longer)["id"]}
    spoken = ended(client, LIPS, {"input": words})
    assert spoken["task_info"]["parent_video"]["id"] == video(longer)["id"]
    assert client.get(video(spoken)["url"]).status == 200


def test_what_is_not_the_account_s_is_refused(still: Account) -> None:
    owner, other = fresh(still), fresh(still)
    clip = video(ended(owner, TEXT, {"prompt": "a fox"}))
    told = other.post(EXTEND, {"video_id": clip["id"]})
    unknown = other.post(EXTEND, {"video_id": "123"})
    assert [(one.status, one.json["code"]) for one in (told, unknown)] == [(400, 1201)] * 2
    said = "is not a result of this account that can be used here"
    assert told.json["message"] == f"video_id: {clip['id']} {said}"


def test_a_task_of_a_family_that_cannot_be_used_is_refused(still: Account) -> None:
    client = fresh(still)
    words = {"mode": "text2video", "text": "hello", "voice_id": "v", "video_url": "https://example.com/a.mp4"}
    clip = video(ended(client, LIPS, {"input": words}))
    assert client.post(EXTEND, {"video_id": clip["id"]}).status == 400


def test_a_task_that_has_not_ended_and_one_whose_result_has_expired_are_refused(still: Account) -> None:
    client = fresh(still)
    name = made(client, TEXT, {"prompt": "a fox"})
    ident = str(int(name) + 10**17)
    early = client.post(EXTEND, {"video_id": ident})
    assert early.json["message"] == f"video_id: {ident} belongs to a task that has not succeeded"
    client.mock.clock.advance(600)
    assert client.post(EXTEND, {"video_id": ident}).status == 200
    client.mock.clock.advance(31 * 24 * 3600)
    late = client.post(EXTEND, {"video_id": ident})
    assert (late.status, late.json["message"]) == (400, f"video_id: {ident} has expired")


def test_a_clip_does_not_become_longer_than_three_minutes(still: Account) -> None:
    client = fresh(still)
    clip = video(ended(client, TEXT, {"prompt": "a fox", "model_name": "kling-v1-6", "duration": "10"}))
    for _ in range(34):
        clip = video(ended(client, EXTEND, {"video_id": clip["id"]}))
    told = client.post(EXTEND, {"video_id": clip["id"]})
    assert told.json["message"] == "video_id: would be longer than 180 seconds"


@pytest.mark.parametrize(
    ("model", "more", "said"),
    [
        ("kling-v1-6", {"negative_prompt": "rain"}, ""),
        ("kling-v1", {}, ""),
        (
            "kling-v1",
            {"negative_prompt": "rain"},
            "negative_prompt: is not supported where the video is of kling-v1",
        ),
        ("kling-v2-6", {}, "video_id: is of kling-v2-6, must be of kling-v1 or kling-v1-5 or kling-v1-6"),
    ],
)
def test_the_model_of_a_clip_says_whether_and_how_it_is_made_longer(
    still: Account, model: str, more: dict[str, Any], said: str
) -> None:
    client = fresh(still)
    clip = video(ended(client, TEXT, {"prompt": "a fox", "model_name": model}))
    told = client.post(EXTEND, {"video_id": clip["id"], **more})
    assert (told.status, told.json["message"]) == ((400, said) if said else (200, "SUCCEED"))
