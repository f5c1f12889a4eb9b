"""Operations that start no task: answered at once, from data."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

from understudy.mockserver.play.profile import read_profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

CLIP = "https://example.com/clip.mp4"
COSTS = "/account/costs?start_time=1700000000000&end_time=1700000001000"


@pytest.fixture(scope="module")
def still() -> Iterator[Account]:
    """A mock whose clocks are moved by hand alone."""
    with mock_account(rate=0) as mock:
        yield mock


def fresh(still: Account) -> Client:
    return Client(still.server.account(key=f"fresh-{uuid.uuid4()}"))


def data(told: Any) -> Any:
    assert told.status == 200, told.raw
    assert (told.json["code"], told.json["message"]) == (0, "SUCCEED")
    return told.json["data"]


def test_the_account_s_packs_are_told_under_both_prefixes(still: Account) -> None:
    client = fresh(still)
    told = [data(client.get(prefix + COSTS)) for prefix in ("", "/kling")]
    assert [one["code"] for one in told] == [0, 0]
    [pack] = told[0]["resource_pack_subscribe_infos"]
    assert (pack["status"], pack["resource_pack_type"]) == ("online", "decreasing_total")
    assert pack["remaining_quantity"] <= pack["total_quantity"]
    assert pack["purchase_time"] < pack["invalid_time"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "start_time: is required"),
        ("?start_time=1", "end_time: is required"),
        ("?start_time=soon&end_time=2", "start_time: must be of type integer"),
    ],
)
def test_a_query_string_is_held_to_its_schema(still: Account, query: str, said: str) -> None:
    told = fresh(still).get(f"/account/costs{query}")
    assert (told.status, told.json["code"]) == (400, 1201)
    assert told.json["message"].startswith(said)


def test_the_account_s_concurrency_is_one_number(still: Account) -> None:
    assert isinstance(data(fresh(still).get("/account/concurrency?budget_type=video")), int)


def test_faces_are_found_and_one_is_made_to_speak(still: Account) -> None:
    client = fresh(still)
    found = data(client.post("/v1/videos/identify-face", {"video_url": CLIP}))
    [face] = found["face_data"]
    picture = client.get(face["face_image"], Authorization="")
    assert (picture.status, picture.raw[:8]) == (200, b"\x89PNG\r\n\x1a\n")
    choice = {"face_id": face["face_id"], "sound_file": "https://example.com/a.mp3"}
    times = {"sound_start_time": 0, "sound_end_time": 3000, "sound_insert_time": 500}
    made = client.post(
        "/v1/videos/advanced-lip-sync",
        {"session_id": found["session_id"], "face_choose": [{**choice, **times}]},
    )
    assert data(made)["task_status"] == "submitted"


@pytest.mark.parametrize("body", [{}, {"video_url": CLIP, "video_id": "1"}])
def test_a_video_is_named_in_one_of_two_ways(still: Account, body: Any) -> None:
    told = fresh(still).post("/v1/videos/identify-face", body)
    assert (told.status, told.json["code"]) == (400, 1201)


def test_a_selection_goes_through_its_steps(still: Account) -> None:
    client = fresh(still)
    steps = "/v1/videos/multi-elements/"
    session = data(client.post(f"{steps}init-selection", {"video_url": CLIP}))["session_id"]
    points = {"session_id": session, "frame_index": 0, "points": [{"x": 0.4, "y": 0.5}]}
    told = [
        data(client.post(f"{steps}{name}-selection", body))
        for name, body in [
            ("add", points),
            ("delete", points),
            ("clear", {"session_id": session}),
            ("preview", {"session_id": session}),
        ]
    ]
    assert [(one["status"], one["session_id"]) for one in told] == [(0, session)] * 4
    assert client.get(told[-1]["video"], Authorization="").headers["content-type"] == "video/mp4"
    task = {"session_id": session, "edit_mode": "removal", "prompt": "remove the cup from <<<video_1>>>"}
    assert data(client.post("/v1/videos/multi-elements", task))["task_status"] == "submitted"


def test_a_picture_is_taken_apart(still: Account) -> None:
    told = data(fresh(still).post("/v1/videos/image-recognize", {"image": "https://example.com/a.png"}))
    kinds = [one["type"] for one in told["task_result"]["images"]]
    assert kinds == ["object_seg", "head_seg", "face_seg", "cloth_seg"]


def test_another_method_is_refused_with_the_ones_that_are_known(still: Account) -> None:
    told = fresh(still).post("/account/costs", {})
    assert (told.status, told.json["code"], told.headers["allow"]) == (405, 1202, "GET")


def test_scenarios_refuse_these_too_and_the_journal_has_them(still: Account) -> None:
    client = fresh(still)
    told = client.get(COSTS, X_Understudy_Scenario="too_many_requests")
    assert (told.status, told.json["code"]) == (429, 1302)
    entry = client.mock.journal[-1]
    assert (entry["operation"], entry["family"], entry["verdict"]) == (
        "call",
        "account-costs",
        "too_many_requests",
    )


LIPS = "/v1/videos/advanced-lip-sync"


def spoken(session: str) -> dict[str, Any]:
    sound = {"face_id": "0", "sound_file": "https://example.com/a.mp3"}
    times = {"sound_start_time": 0, "sound_end_time": 3000, "sound_insert_time": 500}
    return {"session_id": session, "face_choose": [{**sound, **times}]}


def session_of(client: Client) -> str:
    return str(data(client.post("/v1/videos/identify-face", {"video_url": CLIP}))["session_id"])


def test_a_session_is_the_account_s_own_and_ends_after_a_day(still: Account) -> None:
    owner, other = fresh(still), fresh(still)
    session = session_of(owner)
    foreign = other.post(LIPS, spoken(session))
    assert (foreign.status, foreign.json["message"]) == (
        400,
        f"session_id: {session} is not a session of this account",
    )
    assert owner.post(LIPS, spoken(session)).status == 200
    owner.mock.clock.advance(86_400)
    late = owner.post(LIPS, spoken(session))
    assert (late.status, late.json["message"]) == (400, f"session_id: {session} has expired")


@pytest.mark.parametrize(("inserted", "status"), [(3000, 200), (3001, 400), (6000, 400)])
def test_a_sound_is_heard_for_two_seconds_while_the_face_is_seen(
    still: Account, inserted: int, status: int
) -> None:
    """R22; the mock's clips have one face, in all their five seconds."""
    client = fresh(still)
    body = spoken(session_of(client))
    body["face_choose"][0]["sound_insert_time"] = inserted
    assert client.post(LIPS, body).status == status


@pytest.mark.parametrize(("end", "status"), [(3000, 200), (3001, 400)])
def test_no_more_of_a_sound_is_used_than_there_is(still: Account, end: int, status: int) -> None:
    client = fresh(still)
    made = data(client.post("/v1/audio/text-to-audio", {"prompt": "wind", "duration": 3.0}))
    client.mock.clock.advance(600)
    record = data(client.get(f"/v1/audio/text-to-audio/{made['task_id']}"))
    body = spoken(session_of(client))
    choice = body["face_choose"][0]
    choice |= {"sound_file": "", "audio_id": record["task_result"]["audios"][0]["id"], "sound_end_time": end}
    told = client.post(LIPS, body)
    assert told.status == status
    if status == 400:
        assert "is after the end of" in told.json["message"]


def test_a_session_that_nobody_knows_is_taken(still: Account) -> None:
    """What the vendor says to one is not known, and an earlier run may have opened it."""
    assert fresh(still).post(LIPS, spoken("850000000000000001")).status == 200


def test_served_document_allows_null_wherever_the_mock_takes_it_for_absent() -> None:
    paths = read_profile("canonical").document["paths"]
    schema = paths["/v1/videos/multi-elements/init-selection"]["post"]["requestBody"]["content"][
        "application/json"
    ]["schema"]
    for absent in (None, ""):
        jsonschema_rs.validate(schema, {"video_id": "1", "video_url": absent})
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema, {"video_id": "1", "video_url": 7})
