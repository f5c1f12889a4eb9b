"""Ten applications from end to end, in the calls that real clients make, and every request that the catalogue
of Kling's API shows."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.contracts.handle import Account

A, B, CLIP = "https://ex.test/a.png", "https://ex.test/b.png", "https://ex.test/v.mp4"
SPEECH = {"text": "Good morning.", "voice_id": "oversea_male1", "voice_language": "en"}


@pytest.fixture(scope="module")
def still() -> Iterator[Account]:
    """A mock whose clocks are moved by hand alone."""
    with mock_account(rate=0) as mock:
        yield mock


class Application:
    """What an application does: it asks, waits for results and passes them on."""

    def __init__(self, still: Account) -> None:
        self.client = Client(still.server.account(key=f"flow-{uuid.uuid4()}"))

    def asks(self, path: str, body: Any = None) -> Any:
        """The data of an answer that must be a success."""
        told = self.client.get(path) if body is None else self.client.post(path, body)
        assert (told.status, told.json["code"]) == (200, 0), (path, told.raw)
        return told.data

    def has_made(self, path: str, body: Any) -> dict[str, Any]:
        """The results of a task, followed to its end and found in the list."""
        made = self.asks(path, body)
        self.client.mock.clock.advance(600)
        record = self.asks(f"{path}/{made['task_id']}")
        assert record["task_status"] == "succeed", record
        result: dict[str, Any] = record["task_result"]
        if path != "/v1/audio/tts":
            assert self.asks(f"{path}?pageNum=1&pageSize=1")[0]["task_id"] == made["task_id"]
        return result

    def clip(self, path: str, body: Any) -> str:
        [video] = self.has_made(path, body)["videos"]
        assert self.client.get(video["url"]).raw[4:8] == b"ftyp"
        return str(video["id"])


def balance_then_clip(app: Application) -> None:
    [pack] = app.asks("/account/costs?start_time=1700000000000&end_time=1800000000000")[
        "resource_pack_subscribe_infos"
    ]
    assert pack["remaining_quantity"] > 0
    app.clip("/v1/videos/image2video", {"image": A, "prompt": "slow dolly"})


def clip_made_longer_and_speaking(app: Application) -> None:
    first = app.clip("/v1/videos/text2video", {"model_name": "kling-v1-6", "prompt": "a fox"})
    longer = app.clip("/v1/videos/video-extend", {"video_id": first, "prompt": "it runs"})
    words = {"video_id": longer, "mode": "text2video", "text": "hello", "voice_id": "oversea_male1"}
    app.clip("/v1/videos/lip-sync", {"input": {**words, "voice_language": "en"}})


def face_speaks_with_made_speech(app: Application) -> None:
    clip = app.clip("/v1/videos/image2video", {"image": A, "prompt": "she looks up"})
    session = app.asks("/v1/videos/identify-face", {"video_id": clip})
    [sound] = app.asks("/v1/audio/tts", SPEECH)["task_result"]["audios"]
    times = {"sound_start_time": 0, "sound_end_time": 3000, "sound_insert_time": 500}
    choice = {"face_id": session["face_data"][0]["face_id"], "audio_id": sound["id"], **times}
    app.clip("/v1/videos/advanced-lip-sync", {"session_id": session["session_id"], "face_choose": [choice]})


def selection_is_edited(app: Application) -> None:
    steps = "/v1/videos/multi-elements"
    session = app.asks(f"{steps}/init-selection", {"video_url": CLIP})["session_id"]
    points = {"session_id": session, "frame_index": 3, "points": [{"x": 0.2, "y": 0.9}]}
    assert app.asks(f"{steps}/add-selection", points)["status"] == 0
    app.asks(f"{steps}/preview-selection", {"session_id": session})
    app.clip(steps, {"session_id": session, "edit_mode": "removal", "prompt": "remove <<<video_1>>>'s cup"})


def clothes_are_tried_on(app: Application) -> None:
    app.asks("/v1/videos/image-recognize", {"image": A})
    [worn] = app.has_made("/v1/images/kolors-virtual-try-on", {"human_image": A, "cloth_image": B})["images"]
    app.clip("/v1/videos/image2video", {"image": worn["url"], "prompt": "she turns"})


def pictures_are_made_and_widened(app: Application) -> None:
    made = app.has_made("/v1/images/generations", {"model_name": "kling-v3", "prompt": "a boat", "n": 2})
    sides = {f"{side}_expansion_ratio": 0.1 for side in ("up", "down", "left", "right")}
    app.has_made("/v1/images/editing/expand", {"image": made["images"][1]["url"], **sides})


def element_is_used_in_pictures_and_clips(app: Application) -> None:
    front = app.has_made("/v1/general/ai-multi-shot", {"element_frontal_image": A})["images"][0]
    pictures = {"frontal_image": A, "refer_images": [{"image_url": front["url_1"]}]}
    element = {"element_name": "Ada", "element_description": "a woman", "reference_type": "image_refer"}
    path = "/v1/general/advanced-custom-elements"
    [made] = app.has_made(path, {**element, "element_image_list": pictures})["elements"]
    named = {"element_list": [{"element_id": made["element_id"]}], "prompt": "<<<element_1>>> runs"}
    app.has_made("/v1/images/omni-image", named)
    app.clip("/v1/videos/omni-video", {"model_name": "kling-v3-omni", "aspect_ratio": "16:9", **named})


def voice_is_made_and_sings(app: Application) -> None:
    app.asks("/v1/general/presets-voices")
    voice = {"voice_name": "Ada", "voice_url": "https://ex.test/ada.mp3"}
    [made] = app.has_made("/v1/general/custom-voices", voice)["voices"]
    song = {"model_name": "kling-v3", "image": A, "sound": "on", "prompt": "<<<voice_1>>> sings"}
    app.clip("/v1/videos/image2video", {**song, "voice_list": [{"voice_id": made["voice_id"]}]})
    app.asks("/v1/general/delete-voices", {"voice_id": made["voice_id"]})


def clip_has_sounds_and_an_avatar_speaks(app: Application) -> None:
    clip = app.clip("/v1/videos/text2video", {"prompt": "waves"})
    [sound] = app.has_made("/v1/audio/video-to-audio", {"video_id": clip, "bgm_prompt": "drums"})["audios"]
    assert app.client.get(sound["url_mp3"]).raw[:2] == b"\xff\xfb"
    app.clip("/v1/videos/avatar/image2video", {"image": A, "audio_id": sound["id"]})


def motion_and_effects(app: Application) -> None:
    assert app.asks("/account/concurrency?budget_type=video") > 0
    moved = {"image_url": A, "video_url": CLIP, "character_orientation": "image", "mode": "std"}
    app.clip("/v1/videos/motion-control", moved)
    app.clip("/v1/videos/effects", {"effect_scene": "hug_pro", "input": {"images": [A, B]}})
    app.clip("/v1/videos/multi-image2video", {"image_list": [{"image": A}], "prompt": "they wave"})


FLOWS: tuple[Callable[[Application], None], ...] = (
    balance_then_clip,
    clip_made_longer_and_speaking,
    face_speaks_with_made_speech,
    selection_is_edited,
    clothes_are_tried_on,
    pictures_are_made_and_widened,
    element_is_used_in_pictures_and_clips,
    voice_is_made_and_sings,
    clip_has_sounds_and_an_avatar_speaks,
    motion_and_effects,
)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_an_application_runs_from_end_to_end(still: Account, flow: Callable[[Application], None]) -> None:
    flow(Application(still))


FACE = {
    "face_id": "0",
    "audio_id": "930000000000000001",
    "sound_start_time": 0,
    "sound_end_time": 3000,
    "sound_insert_time": 500,
}
RATIOS = {"up": 0.1, "down": 0.1, "left": 0.2, "right": 0.2}
# Those that begin with a clip of the account's are in the flows.
SHOWN: dict[str, dict[str, Any]] = {
    "images/generations": {
        "model_name": "kling-v3",
        "prompt": "a paper boat on a pond",
        "n": 2,
        "aspect_ratio": "4:3",
    },
    "images/omni-image": {
        "model_name": "kling-v3-omni",
        "prompt": "<<<image_1>>> in snow",
        "image_list": [{"image": A}],
        "n": 1,
    },
    "images/kolors-virtual-try-on": {"human_image": A, "cloth_image": B},
    "images/editing/expand": {
        "image": A,
        **{f"{side}_expansion_ratio": ratio for side, ratio in RATIOS.items()},
    },
    "general/ai-multi-shot": {"element_frontal_image": A},
    "videos/text2video": {
        "model_name": "kling-v2-6",
        "prompt": "rain on a tin roof",
        "mode": "pro",
        "sound": "on",
        "duration": "5",
    },
    "videos/image2video": {
        "model_name": "kling-v2-5-turbo",
        "image": A,
        "image_tail": B,
        "prompt": "slow dolly",
        "mode": "pro",
        "duration": "10",
    },
    "videos/multi-image2video": {"image_list": [{"image": A}], "prompt": "they wave"},
    "videos/omni-video": {
        "model_name": "kling-v3-omni",
        "prompt": "<<<image_1>>> runs",
        "image_list": [{"image_url": A, "type": "first_frame"}],
        "duration": "8",
        "sound": "on",
    },
    "videos/motion-control": {
        "image_url": A,
        "video_url": CLIP,
        "character_orientation": "image",
        "mode": "std",
    },
    "videos/advanced-lip-sync": {"session_id": "850000000000000001", "face_choose": [FACE]},
    "videos/effects": {"effect_scene": "color_mixing", "input": {"image": A}},
    "videos/avatar/image2video": {"image": A, "audio_id": "930000000000000001"},
    "videos/multi-elements": {
        "session_id": "850000000000000001",
        "edit_mode": "removal",
        "prompt": "remove the cup from <<<video_1>>>",
    },
    "audio/tts": SPEECH,
    "audio/text-to-audio": {"prompt": "soft wind", "duration": 5.0},
    "audio/video-to-audio": {"video_url": CLIP, "asmr_mode": True},
}


@pytest.mark.parametrize("prefix", ["", "/kling"])
def test_every_request_that_the_catalogue_shows_is_accepted(still: Account, prefix: str) -> None:
    app = Application(still)
    for path, body in SHOWN.items():
        assert app.asks(f"{prefix}/v1/{path}", body)["task_id"], path
