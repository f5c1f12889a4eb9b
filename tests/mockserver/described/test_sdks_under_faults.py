"""Vendors' own clients for Python when something goes wrong: what a program that uses them gets to see.

Each client orders one task and waits for its end; the fault is asked for in the prompt. The table holds what
they do with it today: by the statuses and errors that the vendor would show them.
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
MOST_POLLS = 6


def polled(ask: Callable[[], tuple[str, Any]], *ends: str) -> Any:
    """The last (state, what is said of it), when it is one of `ends` or after so many polls."""
    for _ in range(MOST_POLLS):
        last = ask()
        if last[0] in ends:
            break
    return last


def replicate(url: str, prompt: str, closing: Callable[..., Any]) -> Any:
    client = closing(pytest.importorskip("replicate").Client(api_token="key", base_url=url), "_client")
    made = client.predictions.create(version="v1", input={"prompt": prompt})

    def ask() -> tuple[str, Any]:
        made.reload()
        return made.status, made.error

    return polled(ask, "succeeded", "failed")


def runway(url: str, prompt: str, closing: Callable[..., Any]) -> Any:
    client = closing(pytest.importorskip("runwayml").RunwayML(api_key="key", base_url=url))
    made = client.text_to_video.create(model="gen4.5", prompt_text=prompt, ratio="1280:720", duration=5)

    def ask() -> tuple[str, Any]:
        task = client.tasks.retrieve(made.id)
        return task.status, getattr(task, "failure_code", None)

    return polled(ask, "SUCCEEDED", "FAILED")


def luma(url: str, prompt: str, closing: Callable[..., Any]) -> Any:
    client = closing(
        pytest.importorskip("lumaai").LumaAI(auth_token="key", base_url=f"{url}/dream-machine/v1")
    )
    made = client.generations.create(prompt=prompt, model="ray-2")

    def ask() -> tuple[str, Any]:
        found = client.generations.get(made.id)
        return found.state, found.failure_reason

    return polled(ask, "completed", "failed")


def openai(url: str, prompt: str, closing: Callable[..., Any]) -> Any:
    client = closing(pytest.importorskip("openai").OpenAI(api_key="key", base_url=f"{url}/v1"))
    done = client.videos.create_and_poll(prompt=prompt, poll_interval_ms=1)
    return done.status, done.error and done.error.code


def ark(url: str, prompt: str, closing: Callable[..., Any]) -> Any:
    sdk = pytest.importorskip("volcenginesdkarkruntime")
    tasks = closing(sdk.Ark(api_key="key", base_url=f"{url}/api/v3")).content_generation.tasks
    made = tasks.create(model="seedance", content=[{"type": "text", "text": prompt}])

    def ask() -> tuple[str, Any]:
        task = tasks.get(task_id=made.id)
        return task.status, task.error and task.error.code

    return polled(ask, "succeeded", "failed")


def veo(url: str, prompt: str, closing: Callable[..., Any]) -> Any:
    genai = pytest.importorskip("google.genai")
    client = closing(genai.Client(api_key="key", http_options={"base_url": url}))
    made = client.models.generate_videos(model="veo-3.1", prompt=prompt)

    def ask() -> tuple[str, Any]:
        found = client.operations.get(made)
        return str(found.done), found.error and found.error["message"]

    return polled(ask, "True")


def dashscope(url: str, prompt: str, closing: Callable[..., Any]) -> Any:
    sdk = pytest.importorskip("dashscope")
    sdk.base_http_api_url = f"{url}/api/v1"
    made = sdk.VideoSynthesis.async_call(api_key="key", model="wan2.5-t2v", prompt=prompt)

    def ask() -> tuple[str, Any]:
        found = sdk.VideoSynthesis.fetch(made, api_key="key")
        return (found.output.task_status, found.output.get("code")) if found.output else ("", found.code)

    return polled(ask, "SUCCEEDED", "FAILED")


SAME_AGAIN = "too_many_requests:at=create,times=1", "unavailable:at=query,times=1", "reset:at=query,times=1"
TAKEN_ALL_THE_SAME = "created-all-the-same:times=1"

# The client, what it shows of a task that succeeds and of one that fails, and what of each fault that is over
# after one request: "" when it shows the success all the same, else the name of its error.
CLIENTS: dict[str, tuple[Callable[..., Any], Any, Any, tuple[str, str, str]]] = {
    "replicate": (
        replicate, ("succeeded", None), ("failed", "Prediction failed"), ("ReplicateError", "", "ReadError"),
    ),
    "runway": (runway, ("SUCCEEDED", None), ("FAILED", "INTERNAL.BAD_OUTPUT.CODE01"), ("", "", "")),
    "luma": (luma, ("completed", None), ("failed", "Internal error"), ("", "", "")),
    "openai-videos": (openai, ("completed", None), ("failed", "video_generation_failed"), ("", "", "")),
    "ark": (ark, ("succeeded", None), ("failed", "InternalServiceError"), ("", "", "")),
    "veo": (veo, ("True", None), ("True", "Internal error"), ("ClientError", "ServerError", "ReadError")),
    "dashscope": (
        dashscope, ("SUCCEEDED", None), ("FAILED", "InternalError"), ("InvalidTask", "", "ConnectionError"),
    ),
}  # fmt: skip
# Whose retry of a create that was answered by a time-out orders the same again.
ORDERS_ANEW = {"ark": 2, "luma": 2, "openai-videos": 2, "runway": 2, "replicate": 1, "veo": 1, "dashscope": 1}


def outcome(client: Callable[..., Any], *args: Any) -> Any:
    """What a client shows, or the name of its error."""
    try:
        return client(*args)
    except Exception as error:  # noqa: BLE001 - each has classes of its own
        return type(error).__name__


@pytest.mark.parametrize("name", CLIENTS)
def test_client_tells_why_its_task_failed(name: str, api: Callable[..., str], closing: Any) -> None:
    client, _, failed, _ = CLIENTS[name]
    assert client(api(name), "#understudy:fail", closing) == failed


@pytest.mark.parametrize("name", CLIENTS)
def test_client_completes_where_answers_hold_fields_of_tomorrow(
    name: str, api: Callable[..., str], closing: Any
) -> None:
    client, succeeded, _, _ = CLIENTS[name]
    assert outcome(client, api(name), "#understudy:extra-fields", closing) == succeeded


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("number", range(len(SAME_AGAIN)), ids=SAME_AGAIN)
def test_client_asks_again_or_says_what_was_wrong(
    name: str, number: int, api: Callable[..., str], closing: Any
) -> None:
    client, succeeded, _, errors = CLIENTS[name]
    shown = outcome(client, api(name), f"#understudy:{SAME_AGAIN[number]}", closing)
    assert shown == (errors[number] or succeeded)


@pytest.mark.parametrize("name", CLIENTS)
def test_mock_counts_what_a_lost_answer_makes_a_client_order(
    name: str, api: Callable[..., str], closing: Any
) -> None:
    url = api(name)
    outcome(CLIENTS[name][0], url, f"#understudy:{TAKEN_ALL_THE_SAME}", closing)
    request = urllib.request.Request(f"{url}/__understudy__/tasks", headers={"Authorization": "Bearer key"})
    with urllib.request.urlopen(request) as answer:
        assert len(json.load(answer)) == ORDERS_ANEW[name]
