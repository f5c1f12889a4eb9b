"""Vendors' own clients for Node, unmodified, against the mock. `node/` holds a small program for each.

They are installed once for all workers; without npm, or a registry that it reaches, these tests are skipped.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account
from tests.npm import SECONDS, npm_folder

from understudy import mock_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.mockserver.described.conftest import RawListener

PROGRAMS = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs with the clients that they use."""
    return npm_folder(tmp_path_factory, PROGRAMS)


@pytest.fixture
def play(folder: Path) -> Callable[..., Any]:
    """A function that runs one program, tells it what it needs, and gives what its client saw."""

    def run(program: str, **told: Any) -> Any:
        command = ["node", f"{program}.mjs", json.dumps(told)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_replicate_client_waits_cancels_lists_and_runs(
    play: Callable[..., Any], api: Callable[..., str]
) -> None:
    assert play("replicate", url=api("replicate")) == {
        "states": ["starting", "succeeded", "canceled"],
        "kinds": ["png"],
        "error": None,
        "listed": [1, 0],
        "run": "png",
    }


def test_replicate_client_tells_why_a_prediction_failed(
    play: Callable[..., Any], api: Callable[..., str]
) -> None:
    seen = play("replicate", url=api("replicate"), prompt="#understudy:fail:reason=content")
    assert seen["error"] == "Prediction failed: The input was refused by the safety filter"


def test_libraries_accept_the_signature_of_a_callback_and_of_no_other(
    play: Callable[..., Any], listener: RawListener
) -> None:
    with mock_server("replicate", pace="instant") as mock:
        play("replicate", url=mock.url, hook=listener.url)
        callback = listener.wait(1)[0]
        secret = mock.webhook_secret
    headers = {name.lower(): value for name, value in callback.headers.items()}
    assert play("signatures", body=callback.body.decode(), headers=headers, secret=secret) == {
        "standardwebhooks": [True, False],
        "replicate": [True, False],
    }


def test_fal_client_queues_cancels_and_subscribes(play: Callable[..., Any], api: Callable[..., str]) -> None:
    assert play("fal", url=api("fal")) == {
        "states": ["IN_PROGRESS", "COMPLETED"],
        "result": "mp4",
        "cancelled": "taken",
        "streamed": ["mp4", True],
        "subscribed": "mp4",
    }


def test_fal_client_is_told_at_the_result_that_a_request_failed(
    play: Callable[..., Any], api: Callable[..., str]
) -> None:
    seen = play("fal", url=api("fal"), prompt="#understudy:fail")
    assert (seen["states"][-1], seen["result"]["error"]) == ("COMPLETED", "ApiError")


STAINLESS = ("runway", "luma", "openai-videos")
COMPLETE = {
    "runway": {"states": ["RUNNING", "SUCCEEDED"], "result": "mp4", "after": "404"},
    "luma": {"states": ["dreaming", "completed"], "result": "mp4", "listed": 1},
    "openai": {"states": ["in_progress", "completed"], "result": "mp4", "deleted": True},
}
# What strikes one request, and is over when these clients try it again.
PASSING = ["", "#understudy:too_many_requests:at=create,times=1", "#understudy:unavailable:at=query,times=1"]


@pytest.mark.parametrize("prompt", PASSING)
def test_clients_of_one_generator_complete(
    play: Callable[..., Any], api: Callable[..., str], prompt: str
) -> None:
    urls = {name: api(name) for name in STAINLESS}
    assert play("stainless", urls=urls, prompt=prompt or "boat") == COMPLETE


# What comes out is the models' own: these of Replicate make one video, these of Luma one image.
OF_ONES_OWN = {
    "replicate": """
families:
  predictions:
    record: {output: {$status: {succeeded: $result_url}}}
    result: {kind: video, media_type: video/mp4}
""",
    "luma": """
families:
  generations:
    record: {generation_type: image, assets: {$status: {completed: {video: null, image: $result_url}}}}
    result: {kind: image, media_type: image/jpeg}
""",
}
# What each provider of the AI SDK makes, and what it says of a task that failed.
AI_SDK = {
    "ark": ("mp4", "BYTEDANCE_VIDEO_GENERATION_FAILED"),
    "bfl": ("jpeg", "Error"),
    "dashscope": ("mp4", "ALIBABA_VIDEO_GENERATION_FAILED"),
    "fal": ("mp4", "AI_APICallError"),
    "luma": ("jpeg", "AI_InvalidResponseDataError"),
    "replicate": ("mp4", "REPLICATE_VIDEO_GENERATION_FAILED"),
    "veo": ("mp4", "GOOGLE_VIDEO_GENERATION_FAILED"),
}


@pytest.fixture
def ai_sdk(play: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that lets every provider of the AI SDK make one video or image."""
    for name, text in OF_ONES_OWN.items():
        folder = tmp_path / f"own-{name}"
        folder.mkdir()
        (folder / "api.yaml").write_text(f"like: {name}\nname: {folder.name}\n{text}")
    with ExitStack() as stack:
        urls = {}
        for name in AI_SDK:
            api = str(tmp_path / f"own-{name}") if name in OF_ONES_OWN else name
            urls[name] = stack.enter_context(mock_server(api, pace="after 2 polls")).url
        # Its provider for fal asks for the result at once and takes 202 for one; its host stands in its code.
        fal = mock_account("fal", "instant", public_url="https://queue.fal.run")
        urls["fal"] = stack.enter_context(fal).url
        yield lambda prompt: play("aisdk", urls=urls, prompt=prompt)


@pytest.mark.parametrize("prompt", PASSING[:2])
def test_ai_sdk_makes_videos_and_images_with_every_provider(ai_sdk: Callable[..., Any], prompt: str) -> None:
    assert ai_sdk(prompt or "boat") == {name: made for name, (made, _) in AI_SDK.items()}


def test_ai_sdk_says_that_a_task_failed(ai_sdk: Callable[..., Any]) -> None:
    seen = {name: said["error"] for name, said in ai_sdk("#understudy:fail").items()}
    assert seen == {name: error for name, (_, error) in AI_SDK.items()}
