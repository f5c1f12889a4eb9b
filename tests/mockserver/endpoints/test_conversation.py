"""What a client of the real service sees, from create to download."""

from __future__ import annotations

import gzip
import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, PICTURE, VIDEO, VIDEO_REQUEST, Client

from understudy.mockserver.play.checks import NOT_KNOWN

if TYPE_CHECKING:
    from tests.mockserver.conftest import Receiver

    from understudy.contracts.handle import Account

BOTH = pytest.mark.parametrize("path", [IMAGE, VIDEO])


@BOTH
def test_create_answers_200_with_a_submitted_record(client: Client, mock: Account, path: str) -> None:
    answer = client.post(path, {**IMAGE_REQUEST, **VIDEO_REQUEST, "external_task_id": "mine"})
    now = mock.clock.now
    assert answer.status == 200
    assert {**answer.json, "request_id": "", "data": {**answer.data, "task_id": ""}} == {
        "code": 0,
        "message": "SUCCEED",
        "request_id": "",
        "data": {
            "task_id": "",
            "task_info": {"external_task_id": "mine"},
            "task_status": "submitted",
            "created_at": now,
            "updated_at": now,
        },
    }
    assert len(answer.data["task_id"]) == 18
    assert answer.data["task_id"].isdigit()


@BOTH
def test_task_goes_through_its_states_by_the_clock(client: Client, mock: Account, path: str) -> None:
    task_id = client.create(path=path)
    start = mock.clock.now
    seen = []
    for _ in range(5):
        record = client.task(task_id, path)
        seen.append((record["task_status"], record["updated_at"] - start, bool(record["task_result"])))
        assert (record["task_id"], record["created_at"], record["task_info"]) == (task_id, start, {})
        mock.clock.advance(0.5)
    assert seen == [
        ("submitted", 0, False),
        ("processing", 500, False),
        ("processing", 500, False),
        ("processing", 500, False),
        ("succeed", 2000, True),
    ]


def test_images_are_as_many_as_asked_and_download_in_the_asked_shape(client: Client, mock: Account) -> None:
    task_id = client.create({"n": 3, "aspect_ratio": "2:3"})
    mock.clock.advance(2)
    record = client.task(task_id)
    images = record["task_result"]["images"]
    assert [image["index"] for image in images] == [0, 1, 2]
    assert record["final_unit_deduction"] == "3"
    for image in images:
        for key in ("", "Bearer a-stray-one"):
            answer = client.get(image["url"], Authorization=key)
            assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
            picture = Image.open(io.BytesIO(answer.raw))
            assert (picture.format, round(picture.width / picture.height, 1)) == ("PNG", 0.7)


def test_video_downloads_as_an_mp4_and_its_duration_is_a_string(client: Client, mock: Account) -> None:
    task_id = client.create({"duration": "10"}, VIDEO)
    mock.clock.advance(2)
    record = client.task(task_id, VIDEO)
    [video] = record["task_result"]["videos"]
    assert sorted(video) == ["duration", "id", "url"]
    assert re.fullmatch(r"[0-9]{18}", video["id"])
    assert video["duration"] in ("10.0", "10.1")
    answer = client.get(video["url"])
    assert (answer.status, answer.headers["content-type"], answer.raw[4:8]) == (200, "video/mp4", b"ftyp")


def test_watermark_is_echoed_and_has_a_url_of_its_own(client: Client, mock: Account) -> None:
    task_id = client.create({"watermark_info": {"enabled": True}})
    mock.clock.advance(2)
    record = client.task(task_id)
    [image] = record["task_result"]["images"]
    assert record["watermark_info"] == {"enabled": True}
    assert client.get(image["watermark_url"]).raw != client.get(image["url"]).raw


@BOTH
def test_callbacks_tell_every_change_in_order(
    client: Client, mock: Account, receiver: Receiver, path: str
) -> None:
    task_id = client.create({"callback_url": receiver.url, "external_task_id": "mine"}, path)
    receiver.wait(1)
    mock.clock.advance(10)
    got = [received.json for received in receiver.received]
    start = got[0]["created_at"]
    assert [(r["task_status"], r["updated_at"] - start) for r in got] == [
        ("submitted", 0),
        ("processing", 500),
        ("succeed", 2000),
    ]
    assert {r["task_id"] for r in got} == {task_id}
    assert {r["task_info"]["external_task_id"] for r in got} == {"mine"}
    assert got[-1] == client.task(task_id, path)
    assert receiver.received[0].headers["content-type"] == "application/json; charset=utf-8"


FIVE = [{"subject_image": PICTURE}] * 5
SUBJECT = "subject_image_list[0].subject_image"
RATIOS = ", supported values: 16:9, 9:16, 1:1, 4:3, 3:4, 3:2, 2:3, 21:9"
NO_BASE64 = "File is not in a valid base64 format"
REFUSED = [
    (IMAGE, {"n": 0}, 1201, "n: must be at least 1"),
    (IMAGE, {"n": 10}, 1201, "n: must be at most 9"),
    (IMAGE, {"n": "2"}, 1201, "n: must be of type integer"),
    (IMAGE, {"subject_image_list": FIVE}, 1201, "subject_image_list: must have at most 4 items"),
    (IMAGE, {"subject_image_list": []}, 1201, "subject_image_list: must not be empty"),
    (IMAGE, {"subject_image_list": [{}]}, 1201, f"{SUBJECT}: is required"),
    (IMAGE, {"subject_image_list": [{"subject_image": ""}]}, 1201, f"{SUBJECT}: must not be empty"),
    (IMAGE, {"prompt": "x" * 2501}, 1201, "prompt: must have at most 2500 characters"),
    (IMAGE, {"aspect_ratio": "5:4"}, 1201, f"aspect_ratio value '5:4' is invalid{RATIOS}"),
    (IMAGE, {"scene_image": "data:image/png;base64,AAAA"}, 1201, f"{NO_BASE64}: scene_image"),
    (IMAGE, {"style_image": "no picture!"}, 1201, f"{NO_BASE64}: style_image"),
    (IMAGE, {"watermark_info": {"enabled": 1}}, 1201, "watermark_info.enabled: must be of type boolean"),
    (VIDEO, {"mode": "fast"}, 1201, "mode value 'fast' is invalid, supported values: std, pro"),
    (VIDEO, {"duration": 5}, 1201, f"duration: must be of type string ({NOT_KNOWN})"),
    (VIDEO, {"prompt": ""}, 1201, "prompt: must not be empty"),
    (VIDEO, {"prompt": None}, 1201, "prompt: must be of type string"),
    (VIDEO, {"image_list": [{"image": None}]}, 1201, "image_list[0].image: must be of type string"),
    (VIDEO, {"callback_url": 7}, 1201, "callback_url: must be of type string"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "change", "code", "message"), REFUSED)
def test_bad_fields_are_refused_by_name(
    client: Client, path: str, change: dict[str, object], code: int, message: str
) -> None:
    base = IMAGE_REQUEST if path == IMAGE else VIDEO_REQUEST
    answer = client.post(path, {**base, **change})
    assert (answer.status, answer.json["code"], answer.json["message"]) == (400, code, message)
    assert sorted(answer.json) == ["code", "message", "request_id"]


BODIES = [
    b"",
    b"{",
    b"[" * 5000,
    b'{"n": NaN}',
    b'{"prompt": "\xff\xfe"}',
    b'{"n": 1' + b"0" * 400 + b"}",
    b"[]",
    b"3",
    b"null",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:12]))
def test_bodies_that_are_no_json_object_are_refused(client: Client, body: bytes) -> None:
    answer = client.post(IMAGE, body)
    assert (answer.status, answer.json["code"]) == (400, 1200)


def test_a_compressed_body_is_refused_as_such(client: Client) -> None:
    answer = client.post(IMAGE, gzip.compress(json.dumps(IMAGE_REQUEST).encode()), Content_Encoding="gzip")
    assert (answer.status, answer.json["code"]) == (400, 1200)
    assert "the body is compressed (gzip), which is not supported: send it" in answer.json["message"]


NOBODY = [
    ("", 1001),
    ("   ", 1001),
    ("Bearer", 1002),
    ("Basic abc", 1002),
    ("Bearer two words", 1002),
]


@pytest.mark.parametrize(("header", "code"), NOBODY)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_requests_without_a_key_are_refused(client: Client, header: str, code: int, method: str) -> None:
    answer = client.request(method, IMAGE, IMAGE_REQUEST, Authorization=header)
    assert (answer.status, answer.json["code"]) == (401, code)


def test_unknown_tasks_paths_and_methods_are_refused_as_the_vendor_does(client: Client) -> None:
    told = [client.get(f"{IMAGE}/nope"), client.get("/v1/nope"), client.request("DELETE", IMAGE)]
    assert [(a.status, a.json["code"], a.json["message"]) for a in told] == [
        (400, 1201, "Task not found by id/external id: nope"),
        (404, 1203, "The requested resource does not exist: /v1/nope"),
        (405, 1202, "The requested method does not exist: DELETE"),
    ]


def test_a_task_is_found_in_its_own_family_only(client: Client) -> None:
    task_id = client.create({"external_task_id": "mine"})
    assert [client.get(f"{VIDEO}/{name}").json["code"] for name in (task_id, "mine")] == [1201, 1201]


def test_empty_texts_are_not_what_a_refusal_names(client: Client) -> None:
    answer = client.post(IMAGE, {**IMAGE_REQUEST, "aspect_ratio": "", "model_name": "", "n": 0})
    assert answer.json["message"] == "n: must be at least 1"


def test_an_external_id_can_be_used_once_in_an_account(client: Client) -> None:
    client.create({"external_task_id": "mine"})
    again = client.post(VIDEO, {**VIDEO_REQUEST, "external_task_id": "mine"})
    assert (again.status, again.json["code"], again.json["message"]) == (
        400,
        1201,
        "External_task_id mine already exists",
    )


def test_list_is_a_bare_array_newest_first_in_pages(client: Client) -> None:
    ids = [client.create() for _ in range(5)]
    client.create(path=VIDEO)
    pages = [client.get(f"{IMAGE}?pageNum={n}&pageSize=2").data for n in (1, 2, 3, 4)]
    assert [[r["task_id"] for r in page] for page in pages] == [
        [ids[4], ids[3]],
        [ids[2], ids[1]],
        [ids[0]],
        [],
    ]


PAGES = ["pageNum=0", "pageNum=1001", "pageNum=x", "pageSize=0", "pageSize=501", "pageSize=", "pageNum=1.5"]


@pytest.mark.parametrize("query", PAGES)
def test_pages_outside_the_document_are_refused(client: Client, query: str) -> None:
    answer = client.get(f"{IMAGE}?{query}")
    assert (answer.status, answer.json["code"]) == (400, 1201)
    assert answer.json["message"].startswith(query.partition("=")[0])


def test_without_page_the_newest_thirty_are_listed(client: Client) -> None:
    ids = [client.create() for _ in range(31)]
    assert [record["task_id"] for record in client.get(IMAGE).data] == ids[:0:-1]
