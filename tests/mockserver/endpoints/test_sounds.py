"""Results that are sounds, answers at once, and what an account makes for later requests to name."""

from __future__ import annotations

import struct
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

PICTURE, CLIP = "https://example.com/a.png", "https://example.com/clip.mp4"
SPEECH = {"text": "Good morning.", "voice_id": "oversea_male1", "voice_language": "en"}
VOICES, ELEMENTS = "/v1/general/custom-voices", "/v1/general/advanced-custom-elements"
VOICE = {"voice_name": "Ada", "voice_url": "https://example.com/ada.mp3"}
ELEMENT = {
    "element_name": "Ada",
    "element_description": "a woman",
    "reference_type": "image_refer",
    "element_image_list": {"frontal_image": PICTURE, "refer_images": [{"image_url": PICTURE}]},
}


@pytest.fixture(scope="module")
def still() -> Iterator[Account]:
    """A mock whose clocks are moved by hand alone."""
    with mock_account(rate=0) as mock:
        yield mock


def fresh(still: Account) -> Client:
    return Client(still.server.account(key=f"fresh-{uuid.uuid4()}"))


def ended(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The results of a task that has succeeded."""
    told = client.post(path, body)
    assert told.status == 200, told.json
    client.mock.clock.advance(600)
    record = client.get(f"{path}/{told.json['data']['task_id']}").json["data"]
    assert record["task_status"] == "succeed", record
    result: dict[str, Any] = record["task_result"]
    return result


def mp3_seconds(data: bytes) -> float:
    """The length of an MP3 file whose frames are all of 96 bytes and 24 ms."""
    assert len(data) % 96 == 0
    assert {data[i : i + 4] for i in range(0, len(data), 96)} == {b"\xff\xfb\x14\xc0"}
    return len(data) / 96 * 0.024


def wav_seconds(data: bytes) -> float:
    """The length of a WAV file, by its head."""
    riff, whole, wave = struct.unpack("<4sI4s", data[:12])
    rate, size = struct.unpack("<I", data[28:32])[0], struct.unpack("<I", data[40:44])[0]
    assert (riff, wave, whole, data[44 + size :][:4]) == (b"RIFF", b"WAVE", len(data) - 8, b"LIST")
    return float(size / rate)


def test_speech_is_in_the_answer_to_create_and_can_be_asked_for(still: Account) -> None:
    client = fresh(still)
    record = client.post("/v1/audio/tts", SPEECH).json["data"]
    assert record["task_status"] == "succeed"
    [sound] = record["task_result"]["audios"]
    assert sound.keys() == {"id", "url", "duration"}
    played = client.get(sound["url"], Authorization="")
    assert played.headers["content-type"] == "audio/mpeg"
    assert mp3_seconds(played.raw) == pytest.approx(float(sound["duration"]), abs=1.1)
    assert client.get(f"/v1/audio/tts/{record['task_id']}").json["data"] == record


def test_speech_may_fail_at_once(still: Account) -> None:
    told = fresh(still).post("/v1/audio/tts", SPEECH, X_Understudy_Scenario="fail")
    assert (told.status, told.json["data"]["task_status"]) == (200, "failed")


def test_a_sound_is_a_file_of_either_kind(still: Account) -> None:
    client = fresh(still)
    [sound] = ended(client, "/v1/audio/text-to-audio", {"prompt": "wind", "duration": 6.5})["audios"]
    mp3, wav = (client.get(sound[name], Authorization="") for name in ("url_mp3", "url_wav"))
    assert [one.headers["content-type"] for one in (mp3, wav)] == ["audio/mpeg", "audio/wav"]
    assert mp3_seconds(mp3.raw) == pytest.approx(6.5, abs=0.024)
    assert wav_seconds(wav.raw) == 6.5
    assert (sound["duration_mp3"], sound["duration_wav"]) == ("6.5", "6.5")


def test_a_clip_has_its_sounds_beside_it(still: Account) -> None:
    client = fresh(still)
    [clip] = ended(client, "/v1/videos/text2video", {"prompt": "a fox"})["videos"]
    made = ended(client, "/v1/audio/video-to-audio", {"video_id": clip["id"], "bgm_prompt": "drums"})
    [video], [sound] = made["videos"], made["audios"]
    assert len({video["id"], sound["id"], clip["id"]}) == 3
    assert client.get(video["url"]).headers["content-type"] == "video/mp4"
    assert wav_seconds(client.get(sound["url_wav"]).raw) == 5


def test_a_face_speaks_with_a_sound_of_the_account_s_own(still: Account) -> None:
    client, other = fresh(still), fresh(still)
    [sound] = client.post("/v1/audio/tts", SPEECH).json["data"]["task_result"]["audios"]
    body = {"image": PICTURE, "audio_id": sound["id"]}
    path = "/v1/videos/avatar/image2video"
    assert client.post(path, body).status == 200
    told = other.post(path, body)
    said = f"audio_id: {sound['id']} is not a result of this account that can be used here"
    assert (told.status, told.json["message"]) == (400, said)
    assert other.post(path, {**body, "audio_id": "930000000000000001"}).status == 200


def test_a_voice_is_made_used_and_deleted(still: Account) -> None:
    client = fresh(still)
    [voice] = ended(client, VOICES, VOICE)["voices"]
    assert (voice["voice_name"], voice.keys()) == ("Ada", {"voice_id", "voice_name", "trial_url", "owned_by"})
    assert mp3_seconds(client.get(voice["trial_url"]).raw) == pytest.approx(5, abs=0.024)
    clip = {"model_name": "kling-v3", "image": PICTURE, "prompt": "a song", "sound": "on"}
    path, named = "/v1/videos/image2video", [{"voice_id": voice["voice_id"]}]
    assert client.post(path, {**clip, "voice_list": named}).status == 200
    assert client.post("/v1/general/delete-voices", {"voice_id": voice["voice_id"]}).json["data"] == {}
    told = client.post(path, {**clip, "voice_list": named})
    assert told.json["message"] == f"voice_list.[].voice_id: {voice['voice_id']} has been deleted"


def test_what_an_account_has_not_made_it_cannot_delete(still: Account) -> None:
    owner, other = fresh(still), fresh(still)
    [voice] = ended(owner, VOICES, VOICE)["voices"]
    for name in (voice["voice_id"], "1"):
        told = other.post("/v1/general/delete-voices", {"voice_id": name})
        assert (told.status, told.json["code"]) == (400, 1201)


def test_an_element_s_id_is_a_number_above_2_to_the_53(still: Account) -> None:
    client, other = fresh(still), fresh(still)
    [element] = ended(client, ELEMENTS, ELEMENT)["elements"]
    assert element.pop("element_id") > 2**53
    assert element == {
        "element_name": "Ada",
        "element_description": "a woman",
        "reference_type": "image_refer",
    }
    [element] = ended(client, ELEMENTS, ELEMENT)["elements"]
    body = {"prompt": "a boat", "element_list": [{"element_id": element["element_id"]}]}
    assert client.post("/v1/images/omni-image", body).status == 200
    assert other.post("/v1/images/omni-image", body).status == 400
    for name in ("delete-elements", "delete-advanced-elements"):
        assert client.post(f"/v1/general/{name}", {"element_id": element["element_id"]}).status == 200
    assert client.post("/v1/images/omni-image", body).status == 400


@pytest.mark.parametrize(
    ("path", "what"), [("presets-voices", "voices"), ("advanced-presets-elements", "elements")]
)
def test_the_vendor_s_own_are_listed(still: Account, path: str, what: str) -> None:
    [record] = fresh(still).get(f"/v1/general/{path}?pageNum=1&pageSize=30").json["data"]
    assert record["task_result"][what]


def test_sets_of_three_pictures_are_files_of_their_own(still: Account) -> None:
    client = fresh(still)
    sets = ended(client, "/v1/general/ai-multi-shot", {"element_frontal_image": PICTURE})["images"]
    assert [one["index"] for one in sets] == [0, 1, 2]
    urls = [one[f"url_{number}"] for one in sets for number in (1, 2, 3)]
    assert len(set(urls)) == 9
    assert client.get(urls[-1]).headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("amount", "count"), [({}, 4), ({"series_amount": 3}, 3), ({"series_amount": "auto"}, 4)]
)
def test_a_series_is_told_apart_from_single_pictures(
    still: Account, amount: dict[str, Any], count: int
) -> None:
    client = fresh(still)
    body = {"model_name": "kling-v3-omni", "prompt": "a comic", "result_type": "series", "n": 2, **amount}
    made = ended(client, "/v1/images/omni-image", body)
    assert (made["result_type"], len(made["series_images"]), "images" in made) == ("series", count, False)
    single = ended(client, "/v1/images/omni-image", {"prompt": "a comic", "n": 2, **amount})
    assert (len(single["images"]), single.keys()) == (2, {"images"})


def test_family_without_a_list_refuses_to_list_and_allows_what_it_has() -> None:
    with mock_account(textbook=True) as mock:
        told = Client(mock).get("/v1/audio/tts")
    assert (told.status, told.headers["allow"]) == (405, "POST")
