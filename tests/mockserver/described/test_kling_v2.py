"""Kling's new generation: the model in the path, /tasks, succeeded, outputs; data alone plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = {"prompt": "a kite over dunes", "settings": {"resolution": "720p", "duration": 5}}
FRAME = {"type": "first_frame", "url": "https://example.com/a.png"}


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
        ("motion-control/kling-3.0", {"contents": [{"type": "image", "url": "x"}], "settings": {}}, 400),
    ],
)
def test_each_model_has_its_own_limits(client: Client, path: str, body: dict[str, Any], status: int) -> None:
    assert client.post(f"/{path}", body).status == status
