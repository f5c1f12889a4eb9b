"""Vendors' own clients, unmodified, against the mock: create, poll, fetch the result, take the callback.

A test is skipped where its client is not installed (`pip install '.[sdks]'`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mockserver.described.conftest import RawListener

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
PNG, MP4 = b"\x89PNG", b"ftyp"


def fetched(url: str, **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.read()


# --- Replicate


def test_replicate_client_runs_lists_and_cancels(
    api: Callable[..., str], closing: Callable[..., Any]
) -> None:
    replicate = pytest.importorskip("replicate")
    client = closing(replicate.Client(api_token="key", base_url=api("replicate")), "_client")
    made = client.predictions.create(version="v1", input={"prompt": "boat", "num_outputs": 2})
    assert made.status == "starting"
    seen = []
    while made.status not in ("succeeded", "failed", "canceled"):
        made.reload()
        seen.append(made.status)
    assert seen == ["processing", "succeeded"]
    assert [fetched(url)[:4] for url in made.output] == [PNG, PNG]
    assert made.input == {"prompt": "boat", "num_outputs": 2}
    other = client.predictions.create(version="v1", input={})
    other.cancel()
    other.reload()
    assert other.status == "canceled"
    assert [one.id for one in client.predictions.list()] == [other.id, made.id]


def test_replicate_client_tells_why_a_prediction_failed(
    api: Callable[..., str], closing: Callable[..., Any]
) -> None:
    replicate = pytest.importorskip("replicate")
    client = closing(replicate.Client(api_token="key", base_url=api("replicate")), "_client")
    made = client.predictions.create(version="v1", input={"prompt": "#understudy:fail:reason=content"})
    for _ in range(2):
        made.reload()
    assert (made.status, made.output, made.error) == (
        "failed", None, "The input was refused by the safety filter",
    )  # fmt: skip


def test_replicate_client_waits_for_the_end_when_told_to(
    api: Callable[..., str], closing: Callable[..., Any]
) -> None:
    replicate = pytest.importorskip("replicate")
    client = closing(replicate.Client(api_token="key", base_url=api("replicate", "instant")), "_client")
    [image] = client.run("owner/model", input={"prompt": "boat"})
    assert fetched(image)[:4] == PNG


def test_replicate_client_accepts_the_signature_of_its_webhooks(
    api: Callable[..., str], closing: Callable[..., Any], listener: RawListener
) -> None:
    replicate = pytest.importorskip("replicate")
    client = closing(replicate.Client(api_token="key", base_url=api("replicate", "instant")), "_client")
    client.predictions.create(
        version="v1", input={}, webhook=listener.url, webhook_events_filter=["start", "completed"]
    )
    first, last = listener.wait(2)
    secret = client.webhooks.default.secret()
    for one in (first, last):
        replicate.webhook.Webhooks.validate(headers=one.headers, body=one.body.decode(), secret=secret)
    assert [json.loads(one.body)["status"] for one in (first, last)] == ["starting", "succeeded"]
    with pytest.raises(Exception, match="signature"):
        replicate.webhook.Webhooks.validate(headers=last.headers, body="{}", secret=secret)


def test_standard_webhooks_library_accepts_the_signature_and_no_other(
    api: Callable[..., str], closing: Callable[..., Any], listener: RawListener
) -> None:
    standardwebhooks = pytest.importorskip("standardwebhooks")
    replicate = pytest.importorskip("replicate")
    client = closing(replicate.Client(api_token="key", base_url=api("replicate", "instant")), "_client")
    client.predictions.create(
        version="v1", input={}, webhook=listener.url, webhook_events_filter=["completed"]
    )
    [callback] = listener.wait(1)
    verifier = standardwebhooks.Webhook(client.webhooks.default.secret().key)
    assert verifier.verify(callback.body.decode(), callback.headers)["status"] == "succeeded"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verifier.verify(callback.body.decode().replace("{", "{ "), callback.headers)


# --- Runway


def test_runway_client_waits_for_its_task_and_deletes_it(
    api: Callable[..., str], closing: Callable[..., Any]
) -> None:
    runwayml = pytest.importorskip("runwayml")
    client = closing(runwayml.RunwayML(api_key="key", base_url=api("runway")))
    made = client.text_to_video.create(model="gen4.5", prompt_text="boat", ratio="1280:720", duration=5)
    seen = [client.tasks.retrieve(made.id) for _ in range(2)]
    assert [one.status for one in seen] == ["RUNNING", "SUCCEEDED"]
    assert MP4 in fetched(seen[-1].output[0])[:12]
    client.tasks.delete(made.id)
    with pytest.raises(runwayml.NotFoundError):
        client.tasks.retrieve(made.id)


def test_runway_holds_back_one_task_too_many(api: Callable[..., str], closing: Callable[..., Any]) -> None:
    runwayml = pytest.importorskip("runwayml")
    client = closing(runwayml.RunwayML(api_key="key", base_url=api("runway", "realistic")))
    made = [
        client.text_to_video.create(model="gen4.5", prompt_text="boat", ratio="1280:720", duration=5)
        for _ in range(6)
    ]
    assert [client.tasks.retrieve(one.id).status for one in made] == [*["PENDING"] * 5, "THROTTLED"]


# --- Luma


def test_luma_client_creates_lists_and_deletes(
    api: Callable[..., str], closing: Callable[..., Any], listener: RawListener
) -> None:
    lumaai = pytest.importorskip("lumaai")
    client = closing(lumaai.LumaAI(auth_token="key", base_url=f"{api('luma', 'instant')}/dream-machine/v1"))
    made = client.generations.create(prompt="boat", model="ray-2", callback_url=listener.url)
    found = client.generations.get(made.id)
    assert (found.state, found.request.prompt) == ("completed", "boat")
    assert MP4 in fetched(found.assets.video)[:12]
    assert [json.loads(one.body)["state"] for one in listener.wait(2)] == ["dreaming", "completed"]
    assert [one.id for one in client.generations.list().generations] == [made.id]
    client.generations.delete(made.id)
    with pytest.raises(lumaai.NotFoundError):
        client.generations.get(made.id)


# --- OpenAI videos


def test_openai_client_creates_by_form_and_downloads(
    api: Callable[..., str], closing: Callable[..., Any]
) -> None:
    openai = pytest.importorskip("openai")
    client = closing(openai.OpenAI(api_key="key", base_url=f"{api('openai-videos')}/v1"))
    made = client.videos.create(prompt="boat", model="sora-2", seconds="4", input_reference=b"a picture")
    with pytest.raises(openai.BadRequestError, match="has not ended"):
        client.videos.download_content(made.id)
    done = client.videos.poll(made.id, poll_interval_ms=1)
    assert (made.status, done.status, done.progress, done.prompt) == ("queued", "completed", 100, "boat")
    assert MP4 in client.videos.download_content(made.id).read()[:12]
    thumbnail = client.videos.download_content(made.id, variant="thumbnail").read()
    assert (thumbnail[:4], thumbnail[8:12]) == (b"RIFF", b"WEBP")
    assert [one.id for one in client.videos.list()] == [made.id]
    assert client.videos.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(made.id)


def test_openai_client_is_refused_as_the_vendor_refuses(
    api: Callable[..., str], closing: Callable[..., Any]
) -> None:
    openai = pytest.importorskip("openai")
    client = closing(openai.OpenAI(api_key="key", base_url=f"{api('openai-videos')}/v1"))
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.create(prompt="")
    assert caught.value.code == "invalid_parameter"


# --- Ark


def test_ark_client_creates_lists_and_removes(api: Callable[..., str], closing: Callable[..., Any]) -> None:
    sdk = pytest.importorskip("volcenginesdkarkruntime")
    tasks = closing(sdk.Ark(api_key="key", base_url=f"{api('ark')}/api/v3")).content_generation.tasks
    made = tasks.create(model="seedance-1-0-pro", content=[{"type": "text", "text": "boat"}])
    seen = [tasks.get(task_id=made.id) for _ in range(2)]
    assert [one.status for one in seen] == ["running", "succeeded"]
    assert MP4 in fetched(seen[-1].content.video_url)[:12]
    assert [one.id for one in tasks.list().items] == [made.id]
    tasks.delete(task_id=made.id)
    with pytest.raises(sdk._exceptions.ArkNotFoundError):
        tasks.get(task_id=made.id)


# --- fal, whose client speaks https alone and reads its environment when it is loaded: in a process apart

FAL = """
import json, fal_client

def video(result):
    return result["video"]["url"].rsplit(".", 1)[-1].partition("?")[0]

handle = fal_client.submit("fal-ai/veo", {"prompt": "boat"})
seen = [type(one).__name__ for one in handle.iter_events(with_logs=True, interval=0.01)]
other = fal_client.submit("fal-ai/veo/fast", {"prompt": "boat"})
other.cancel()
try:
    failed = fal_client.subscribe("fal-ai/veo", {"prompt": "#understudy:fail"})
except fal_client.FalClientError as error:
    failed = type(error).__name__
again = fal_client.subscribe("fal-ai/veo", {"prompt": "#understudy:too_many_requests:at=query,times=1"})
print(json.dumps([seen, video(handle.get()), failed, video(again)]))
"""


def test_fal_client_speaks_https_with_the_mock_and_tries_again() -> None:
    pytest.importorskip("fal_client")
    tls = Path(__file__).parents[1] / "server" / "tls"
    cert, key = str(tls / "cert.pem"), str(tls / "key.pem")
    with mock_account("fal", "after 2 polls", tls_cert=cert, tls_key=key) as mock:
        host = mock.url.removeprefix("https://")
        told = {"FAL_KEY": "key", "FAL_RUN_HOST": host, "FAL_QUEUE_RUN_HOST": host, "SSL_CERT_FILE": cert}
        done = subprocess.run(
            [sys.executable, "-c", FAL], env=os.environ | told, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["InProgress", "Completed"], "mp4", "FalClientHTTPError", "mp4"]


# --- fal as it is asked over http, for what its client does not show


def asked(url: str, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, Any]:
    """(status, JSON) of one request with fal's key."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Authorization": "Key k", **headers}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_fal_queue_answers_with_the_addresses_of_what_comes_next(api: Callable[..., str]) -> None:
    url = api("fal")
    status, made = asked(f"{url}/fal-ai/veo", "POST", {"prompt": "boat"})
    assert (status, made["status"], made["queue_position"]) == (200, "IN_QUEUE", 0)
    assert asked(made["response_url"]) == (202, {"detail": "Request is still in progress"})
    assert [(code, one["status"]) for code, one in (asked(made["status_url"]) for _ in range(2))] == [
        (202, "IN_PROGRESS"),
        (200, "COMPLETED"),
    ]
    code, result = asked(made["response_url"])
    assert code == 200
    assert MP4 in fetched(result["video"]["url"])[:12]
    assert asked(made["cancel_url"], "PUT") == (400, {"status": "ALREADY_COMPLETED"})


def test_fal_queue_cancels_what_has_not_ended(api: Callable[..., str]) -> None:
    _, made = asked(f"{api('fal')}/fal-ai/veo/fast", "POST", {"prompt": "boat"})
    assert asked(made["cancel_url"], "PUT") == (202, {"status": "CANCELLATION_REQUESTED"})
    assert asked(made["status_url"])[1]["status"] == "CANCELLED"


def test_fal_queue_cancels_too_late_what_has_succeeded_just_before(api: Callable[..., str]) -> None:
    chosen = {"X-Understudy-Scenario": "never-finish+cancel-too-late"}
    _, made = asked(f"{api('fal')}/fal-ai/veo", "POST", {"prompt": "boat"}, **chosen)
    assert asked(made["cancel_url"], "PUT") == (400, {"status": "ALREADY_COMPLETED"})
    assert asked(made["status_url"])[1]["status"] == "COMPLETED"
    assert asked(made["response_url"])[0] == 200


def test_fal_queue_takes_a_cancel_of_what_succeeds_all_the_same(api: Callable[..., str]) -> None:
    chosen = {"X-Understudy-Scenario": "never-finish+cancel-without-effect"}
    _, made = asked(f"{api('fal')}/fal-ai/veo", "POST", {"prompt": "boat"}, **chosen)
    assert asked(made["cancel_url"], "PUT") == (202, {"status": "CANCELLATION_REQUESTED"})
    assert asked(made["status_url"])[1]["status"] == "COMPLETED"
    assert asked(made["cancel_url"], "PUT") == (400, {"status": "ALREADY_COMPLETED"})


def test_fal_callbacks_are_signed_by_a_key_of_the_jwks(
    api: Callable[..., str], listener: RawListener
) -> None:
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    url = api("fal", "instant")
    asked(f"{url}/fal-ai/veo?fal_webhook={listener.url}", "POST", {"prompt": "boat"})
    [callback] = listener.wait(1)
    [key] = asked(f"{url}/.well-known/jwks.json")[1]["keys"]
    public = ed25519.Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
    names = ("Request-Id", "User-Id", "Timestamp")
    parts = [callback.headers[f"X-Fal-Webhook-{name}"] for name in names]
    signed = "\n".join([*parts, hashlib.sha256(callback.body).hexdigest()]).encode()
    signature = bytes.fromhex(callback.headers["X-Fal-Webhook-Signature"])
    public.verify(signature, signed)
    with pytest.raises(Exception):  # noqa: B017, PT011 - InvalidSignature, of a package that may be absent
        public.verify(signature, signed + b"!")
    assert json.loads(callback.body)["status"] == "OK"


# --- Veo


def test_google_client_polls_an_operation_that_has_no_word_for_its_state(
    api: Callable[..., str], closing: Callable[..., Any]
) -> None:
    genai = pytest.importorskip("google.genai")
    if int(genai.__version__.split(".")[0]) > 2:
        pytest.skip("this version speaks Veo in Vertex AI only")
    client = closing(genai.Client(api_key="key", http_options={"base_url": api("veo")}))
    made = client.models.generate_videos(model="veo-3.1", prompt="boat")
    seen = [client.operations.get(made) for _ in range(2)]
    assert [one.done for one in seen] == [None, True]
    video = seen[-1].response.generated_videos[0].video
    assert MP4 in fetched(video.uri, **{"x-goog-api-key": "key"})[:12]


def test_google_client_sees_that_a_video_was_filtered(
    api: Callable[..., str], closing: Callable[..., Any]
) -> None:
    genai = pytest.importorskip("google.genai")
    if int(genai.__version__.split(".")[0]) > 2:
        pytest.skip("this version speaks Veo in Vertex AI only")
    client = closing(genai.Client(api_key="key", http_options={"base_url": api("veo", "instant")}))
    made = client.models.generate_videos(model="veo-3.1", prompt="#understudy:fail:reason=filtered")
    found = client.operations.get(made)
    assert (found.done, found.response.rai_media_filtered_count) == (True, 1)


# --- DashScope


@pytest.fixture
def wan(api: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Any:
    dashscope = pytest.importorskip("dashscope")
    monkeypatch.setattr(dashscope, "base_http_api_url", f"{api('dashscope')}/api/v1")
    return dashscope.VideoSynthesis


def test_dashscope_client_polls_until_the_video_is_there(wan: Any) -> None:
    made = wan.async_call(api_key="key", model="wan2.5-t2v", prompt="boat")
    seen = [wan.fetch(made, api_key="key").output for _ in range(2)]
    assert [made.output.task_status, *(one.task_status for one in seen)] == [
        "PENDING",
        "RUNNING",
        "SUCCEEDED",
    ]
    assert MP4 in fetched(seen[-1].video_url)[:12]


def test_dashscope_client_finds_as_many_pictures_as_it_asked_for(wan: Any) -> None:
    import dashscope

    pictures, video = dashscope.ImageSynthesis, wan.async_call(api_key="key", model="wan2.5-t2v", prompt="a")
    made = pictures.async_call(api_key="key", model="wan2.5-t2i", prompt="boat", n=3)
    seen = [pictures.fetch(made, api_key="key") for _ in range(2)][-1]
    assert (seen.output.task_status, seen.usage.image_count) == ("SUCCEEDED", 3)
    urls = [one.url for one in seen.output.results]
    assert (len(set(urls)), {fetched(url)[:4] for url in urls}) == (3, {b"\x89PNG"})
    assert wan.fetch(video, api_key="key").output.task_status == "RUNNING"


def test_dashscope_knows_no_task_by_another_id_and_says_so_with_200(wan: Any) -> None:
    found = wan.fetch("77", api_key="key")
    assert (found.status_code, found.output.task_status) == (200, "UNKNOWN")


def test_dashscope_client_cancels_what_has_not_begun(wan: Any) -> None:
    made = wan.async_call(api_key="key", model="wan2.5-t2v", prompt="boat")
    assert wan.cancel(made, api_key="key").status_code == 200
    assert wan.fetch(made, api_key="key").output.task_status == "CANCELED"
    assert wan.cancel(made, api_key="key").status_code == 409
