"""What unmodified clients of this API depend on: each of these broke at least one when it was absent."""

from __future__ import annotations

import base64
import io
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, VIDEO, Client

if TYPE_CHECKING:
    from understudy.contracts.handle import Account


def test_post_answers_200(client: Client) -> None:
    assert client.post(IMAGE, IMAGE_REQUEST).status == 200


@pytest.mark.parametrize(
    "path", ["//v1/images/multi-image2image", "/kling//v1/images//multi-image2image", "/%761" + IMAGE[3:]]
)
def test_doubled_slashes_and_needless_escapes_are_tolerated(client: Client, path: str) -> None:
    task_id = client.post(path, IMAGE_REQUEST).data["task_id"]
    assert client.get(f"{path}//{task_id}").data["task_id"] == task_id


def test_ids_durations_and_deductions_are_strings_and_the_rest_numbers(client: Client, mock: Account) -> None:
    task_id = client.create({"duration": "5"}, VIDEO)
    mock.clock.advance(2)
    answer = client.get(f"{VIDEO}/{task_id}").json
    record = answer["data"]
    [video] = record["task_result"]["videos"]
    texts = [record["task_id"], video["id"], video["duration"], record["final_unit_deduction"]]
    assert [type(value) for value in texts] == [str] * 4
    assert [type(value) for value in (answer["code"], record["created_at"], record["updated_at"])] == [
        int
    ] * 3
    mock.pace("instant")
    image = client.task(client.create())["task_result"]["images"][0]
    assert type(image["index"]) is int


def test_objects_are_never_null(client: Client, mock: Account) -> None:
    mock.scenario("fail")
    task_id = client.create({"external_task_id": ""})
    seen = []
    for _ in range(3):
        record = client.task(task_id)
        seen.append((record["task_info"], record["task_result"]))
        mock.clock.advance_to_next()
    assert seen == [({}, {})] * 3


def test_lookup_by_external_id_in_the_path_and_as_a_parameter(client: Client) -> None:
    name = "mine/with slash & ümlaut?"
    task_id = client.create({"external_task_id": name})
    from urllib.parse import quote, urlencode

    paths = [
        f"{IMAGE}/{quote(name, safe='')}",
        f"{IMAGE}?{urlencode({'external_task_id': name})}",
        f"{IMAGE}?task_id={task_id}",
        f"{IMAGE}/{task_id}",
    ]
    assert [client.get(path).data["task_id"] for path in paths] == [task_id] * 4


def test_unknown_fields_are_tolerated(client: Client) -> None:
    client.create({"cfg_scale": 0.5, "nested": {"more": [1, None]}})


def test_empty_texts_and_lists_count_as_absent(client: Client, mock: Account) -> None:
    empty = dict.fromkeys(("model_name", "prompt", "scene_image", "callback_url", "external_task_id"), "")
    client.create({**empty, "aspect_ratio": "", "negative_prompt": ""})
    client.create({**empty, "aspect_ratio": ""})
    mock.clock.advance(2)
    for record in client.get(IMAGE).data:
        assert record["task_info"] == {}
        picture = Image.open(io.BytesIO(client.get(record["task_result"]["images"][0]["url"]).raw))
        assert round(picture.width / picture.height, 2) == 1.78


EITHER = (
    "model_name",
    "negative_prompt",
    "aspect_ratio",
    "callback_url",
    "external_task_id",
    "watermark_info",
)
OPTIONAL = {
    IMAGE: (*EITHER, "prompt", "n", "scene_image", "style_image"),
    VIDEO: (*EITHER, "mode", "duration"),
}


@pytest.mark.parametrize("path", OPTIONAL)
def test_null_counts_as_absent(path: str, client: Client, mock: Account) -> None:
    """The vendor's own nodes for ComfyUI send null for every option that was left alone."""
    for nothing in ({}, dict.fromkeys(OPTIONAL[path])):
        client.create(nothing, path)
    mock.clock.advance(200)
    changing = ("task_id", "created_at", "updated_at", "task_result")
    with_null, without = [{k: v for k, v in r.items() if k not in changing} for r in client.get(path).data]
    assert with_null == without
    assert without["task_status"] == "succeed"


def test_picture_urls_are_never_fetched(client: Client, mock: Account) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/cat.png"
        client.create({"subject_image_list": [{"subject_image": url}], "scene_image": url})
        mock.clock.advance(10)
        with pytest.raises(TimeoutError):
            trap.accept()


def test_callbacks_leave_after_the_create_answer(mock: Account) -> None:
    """A receiver that looks the task up at once finds it, and the client has its answer by then."""
    client = Client(mock)
    answered = threading.Event()
    order: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def receive() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                order.append("callback" if not answered.wait(2) else "after the answer")
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

        thread = threading.Thread(target=receive)
        thread.start()
        client.create({"callback_url": f"http://127.0.0.1:{server.getsockname()[1]}/"})
        answered.set()
        thread.join()
    assert order == ["after the answer"]


# What KLING.md says under "Images in requests":


def picture(width: int, height: int, kind: str = "PNG") -> str:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


ACCEPTED = [picture(300, 300), picture(750, 300, "JPEG"), picture(300, 750)]


@pytest.mark.parametrize("text", ACCEPTED, ids=["square png", "wide jpeg", "tall png"])
def test_good_pictures_make_results(client: Client, mock: Account, text: str) -> None:
    task_id = client.create({"subject_image_list": [{"subject_image": text}]})
    mock.clock.advance(2)
    assert client.task(task_id)["task_status"] == "succeed"


BAD: dict[str, Any] = {
    "too small": picture(299, 300),
    "too wide": picture(1000, 300),
    "a gif": picture(300, 300, "GIF"),
    "no picture": base64.b64encode(b"hello, world").decode(),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_pictures_are_accepted_and_the_task_fails_later(client: Client, mock: Account, text: str) -> None:
    task_id = client.create({"scene_image": text})
    assert client.task(task_id)["task_status"] == "submitted"
    mock.clock.advance(2)
    record = client.task(task_id)
    assert (record["task_status"], record["task_status_msg"]) == ("failed", "Image pixel is invalid")


def test_a_picture_with_a_data_prefix_is_refused_at_create(client: Client) -> None:
    answer = client.post(
        IMAGE, {**IMAGE_REQUEST, "scene_image": "data:image/png;base64," + picture(300, 300)}
    )
    assert (answer.status, answer.json["code"]) == (400, 1201)
    assert answer.json["message"] == "File is not in a valid base64 format: scene_image"


def test_six_pictures_of_ten_megabytes_fit_in_a_body(client: Client, mock: Account) -> None:
    header = base64.b64decode(picture(400, 400))
    big = base64.b64encode(header + bytes(10 * 1024 * 1024 - len(header))).decode()
    body = {"subject_image_list": [{"subject_image": big}] * 4, "scene_image": big, "style_image": big}
    task_id = client.post(IMAGE, body).data["task_id"]
    mock.clock.advance(2)
    assert client.task(task_id)["task_status"] == "succeed"
    [entry] = mock.requests_to(operation="create")
    assert len(str(entry["request"])) < 2000
    assert "characters)" in entry["request"]["scene_image"]
