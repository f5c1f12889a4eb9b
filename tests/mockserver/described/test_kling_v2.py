"""Kling's new generation: the model in the path, /tasks, succeeded, outputs; data alone plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = {"prompt": "a kite over dunes", "settings": {"resolution": "720p", "duration": 5}}
FRAME = {"type": "first_frame", "url": "https://example.com/a.png"}
LAST = {"type": "last_frame", "url": "https://example.com/b.png"}
SPOKEN = {"type": "voice", "voice_id": "5", "id": "v"}
ELEMENT = {"type": "element", "element_id": 829836802793406551, "id": "e"}
ELEMENTS = [{**ELEMENT, "id": name} for name in "abc"]
FEATURE, BASE = ({"type": kind, "url": "https://e.test/v.mp4"} for kind in ("feature_video", "base_video"))
WORDS = {"type": "prompt", "text": "a kite"}
SHARP, LOUD = {"resolution": "1080p"}, {"resolution": "1080p", "audio": "native"}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with mock_account("kling-v2", rate=0) as mock:
        yield Client(mock)


def test_a_task_goes_from_submitted_to_succeeded_with_outputs(client: Client) -> None:
    made = client.post("/text-to-video/kling-3.0", {**TEXT, "options": {"external_task_id": "v2-1"}})
    assert (made.status, made.json["code"], made.data["status"]) == (200, 0, "submitted")
    assert made.data["external_id"] == "v2-1"
    client.mock.clock.advance(600)
    [record] = client.get(f"/tasks?task_ids={made.data['id']}").data
    assert (record["status"], record["message"], record["external_id"]) == ("succeeded", "", "v2-1")
    [output] = record["outputs"]
    assert (output["type"], output["duration"]) == ("video", "5.0")
    assert client.get(output["url"]).headers["content-type"] == "video/mp4"


def test_several_tasks_are_asked_for_at_once(client: Client) -> None:
    mine = Client(client.mock.server.account(rate=0))
    ids = [
        mine.post("/text-to-video/kling-3.0", {**TEXT, "options": {"external_task_id": name}}).data["id"]
        for name in ("v2-a", "v2-b")
    ]
    by_id = mine.get(f"/tasks?task_ids={ids[1]},77,{ids[0]}")
    assert (by_id.status, by_id.json["code"], [one["id"] for one in by_id.data]) == (200, 0, ids[::-1])
    by_own = mine.get("/tasks?external_task_ids=v2-a,v2-b")
    assert [one["external_id"] for one in by_own.data] == ["v2-a", "v2-b"]
    assert [one["id"] for one in mine.get("/tasks?external_task_ids=v2-b").data] == ids[1:]
    assert mine.get(f"/tasks?task_ids={','.join('7' * 20)}").data == []
    many = mine.get(f"/tasks?task_ids={','.join('7' * 21)}")
    assert (many.status, many.json["code"]) == (400, 1201)


def test_tasks_are_listed_by_a_cursor_that_overrides_the_times(client: Client) -> None:
    mine = Client(client.mock.server.account(rate=0))
    assert mine.post("/tasks", {}).data == {"count": 0, "has_more": False}
    ids = []
    for _ in range(3):
        ids.insert(0, mine.post("/text-to-video/kling-3.0", TEXT).data["id"])
        mine.mock.clock.advance(600)
    times = {one["id"]: one["create_time"] for one in mine.post("/tasks", {}).data["result"]}
    assert list(times) == ids
    first = mine.post("/tasks", {"limit": 2}).data
    assert ([one["id"] for one in first["result"]], first["count"], first["has_more"]) == (ids[:2], 2, True)
    since = {"start_time": times[ids[0]]}
    last = mine.post("/tasks", {"cursor": first["next_cursor"], **since}).data
    assert ([one["id"] for one in last.pop("result")], last) == (ids[2:], {"count": 1, "has_more": False})
    assert [one["id"] for one in mine.post("/tasks", since).data["result"]] == ids[:1]
    until = {"end_time": str(times[ids[1]])}
    assert [one["id"] for one in mine.post("/tasks", until).data["result"]] == ids[1:]


def test_a_list_is_filtered_by_the_states_that_it_names(client: Client) -> None:
    mine = Client(client.mock.server.account(rate=0))
    done = mine.post("/text-to-video/kling-3.0", TEXT).data["id"]
    mine.mock.clock.advance(600)
    new = mine.post("/text-to-video/kling-3.0", TEXT).data["id"]

    def listed(*values: str) -> list[str]:
        filters = [{"key": "status", "values": values}, {"key": "product_type", "values": ["video"]}]
        return [one["id"] for one in mine.post("/tasks", {"filters": filters}).data.get("result", ())]

    assert [listed("succeeded"), listed("submitted", "succeeded"), listed("failed")] == [
        [done],
        [new, done],
        [],
    ]


def test_a_token_of_the_older_generation_is_refused(client: Client) -> None:
    token = jwt.encode({"iss": "key"}, "secret-of-thirty-two-bytes-or-more", algorithm="HS256")
    told = client.get("/tasks?task_ids=77", Authorization=f"Bearer {token}")
    assert (told.status, told.json["code"]) == (401, 1002)


def test_a_callback_tells_each_state_in_the_words_of_this_generation(
    client: Client, receiver: Receiver
) -> None:
    body = {**TEXT, "options": {"callback_url": receiver.url}}
    made = client.post("/text-to-video/kling-3.0", body).data["id"]
    client.mock.clock.advance(600)
    told = [received.json for received in receiver.wait(3)]
    assert [(one["id"], one["status"]) for one in told] == [
        (made, status) for status in ("submitted", "processing", "succeeded")
    ]
    assert [len(one["outputs"]) for one in told] == [0, 0, 1]


def test_an_unknown_task_is_an_empty_list(client: Client) -> None:
    told = client.get("/tasks?task_ids=77")
    assert (told.status, told.json["code"], told.data) == (200, 0, [])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("image-to-video/kling-2.6", {"contents": [FRAME]}, 200),
        (
            "image-to-video/kling-2.6",
            {"contents": [{"type": "last_frame", "url": "https://e.test/b.png"}]},
            400,
        ),
        ("image-to-video/kling-3.0-turbo", {"contents": [FRAME, {"type": "last_frame", "url": "x"}]}, 400),
        ("text-to-video/kling-2.6", {"prompt": "a", "settings": {"audio": "native"}}, 400),
        (
            "text-to-video/kling-2.6",
            {"prompt": "a", "settings": {"audio": "native", "resolution": "1080p"}},
            200,
        ),
        ("text-to-video/kling-2.5-turbo", {"prompt": "a", "settings": {"duration": 7}}, 400),
        ("text-to-video/kling-3.0", {"prompt": "a", "settings": {"duration": 7}}, 200),
        # R26, each with its neighbour.
        ("image-to-video/kling-2.6", {"contents": [FRAME, LAST]}, 400),
        ("image-to-video/kling-2.6", {"contents": [FRAME, LAST], "settings": SHARP}, 200),
        ("image-to-video/kling-2.6", {"contents": [FRAME, SPOKEN], "settings": SHARP}, 400),
        ("image-to-video/kling-2.6", {"contents": [FRAME, SPOKEN], "settings": LOUD}, 200),
        ("image-to-video/kling-2.6", {"contents": [FRAME, SPOKEN, SPOKEN, SPOKEN], "settings": LOUD}, 400),
        ("image-to-video/kling-2.5-turbo", {"contents": [FRAME, LAST]}, 400),
        ("image-to-video/kling-2.5-turbo", {"contents": [FRAME, LAST], "settings": SHARP}, 200),
        ("image-to-video/kling-3.0", {"contents": [FRAME, *[ELEMENT] * 4]}, 400),
        ("image-to-video/kling-3.0", {"contents": [FRAME, LAST, *ELEMENTS]}, 200),
        ("image-to-video/kling-3.0", {"contents": [FRAME, LAST, *ELEMENTS[:2], ELEMENTS[0]]}, 400),
        ("omni-video/kling-o1", {"contents": [WORDS]}, 400),
        ("omni-video/kling-o1", {"contents": [WORDS], "settings": {"aspect_ratio": "1:1"}}, 200),
        ("omni-video/kling-o1", {"contents": [WORDS, LAST], "settings": {"aspect_ratio": "1:1"}}, 400),
        ("omni-video/kling-o1", {"contents": [WORDS, FRAME, LAST]}, 200),
        ("omni-video/kling-3.0-omni", {"contents": [WORDS, FEATURE], "settings": {"audio": "native"}}, 400),
        ("omni-video/kling-3.0-omni", {"contents": [WORDS, FEATURE], "settings": {"audio": "off"}}, 200),
        ("omni-video/kling-3.0-omni", {"contents": [WORDS, BASE], "settings": {"audio": "native"}}, 400),
        ("omni-video/kling-3.0-omni", {"contents": [WORDS, BASE], "settings": {"multi_shot": True}}, 400),
        ("omni-video/kling-3.0-omni", {"contents": [WORDS, BASE, FRAME]}, 400),
        ("omni-video/kling-3.0-omni", {"contents": [WORDS, BASE]}, 200),
        ("motion-control/kling-3.0", {"contents": [{"type": "image", "url": "x"}], "settings": {}}, 400),
    ],
)
def test_each_model_has_its_own_limits(client: Client, path: str, body: dict[str, Any], status: int) -> None:
    assert client.post(f"/{path}", body).status == status
