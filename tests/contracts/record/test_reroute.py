"""`record --downloads --callbacks`: what passes the recorder is passed on, kept and judged."""

from __future__ import annotations

import asyncio
import json
import time
from urllib.parse import urlsplit

import aiohttp
import pytest
from click.testing import CliRunner
from tests.contracts.record.test_record import BODY, IMAGES, KEY, ask, command, listening, stop
from tests.mocks import mock_account

from understudy import mock_server
from understudy.contracts.cli import cli
from understudy.contracts.har import read_har
from understudy.contracts.problems import problem_of
from understudy.contracts.record import reroute
from understudy.contracts.record.recording import ConversationRecording
from understudy.contracts.record.reroute import Reroute, check, guarded
from understudy.contracts.target import read_target
from understudy.specs.pointers import at


def finished(url, task):
    """The record at the task's end, as the client sees it through the recorder."""
    for _ in range(100):
        record = json.loads(ask(url, "GET", f"{IMAGES}/{task}")[2])["data"]
        if record["task_status"] == "succeed":
            return record
        time.sleep(0.05)
    raise AssertionError("the task did not end")


def test_results_and_callbacks_pass_the_recorder_unchanged_but_for_their_urls(tmp_path):
    file = tmp_path / "run.har"
    words = ("--port", "0", "-o", str(file), "--downloads", "--callbacks")
    with mock_server("kling") as provider, listening() as (hook, came):
        account = provider.account(key=KEY)
        with command("record", provider.url, "-p", "kling", *words) as (url, recording):
            created = ask(url, "POST", IMAGES, {**BODY, "callback_url": hook})[2]
            task = json.loads(created)["data"]["task_id"]
            [result] = finished(url, task)["task_result"]["images"]
            arrived = [came.get(timeout=10) for _ in range(3)]
            status, headers, picture = ask(result["url"], path="")
            unknown = ask(result["url"] + "0", path="")[0]
            code, out, err = stop(recording)
        sent = account.journal[0]["request"]["callback_url"]
    assert (code, "broken" in out) == (0, False), out + err
    # The client: our address for the result, the provider's bytes behind it; and every callback.
    assert result["url"].startswith(f"{url}/__record__/")
    assert (status, headers["content-type"], picture[:4], unknown) == (200, "image/png", b"\x89PNG", 404)
    assert [json.loads(body)["task_status"] for _, body in arrived] == ["submitted", "processing", "succeed"]
    # The provider: our address for callbacks.
    assert sent.startswith("http://127.0.0.1:")
    assert sent != hook
    # What is kept is what the provider said, without secrets.
    kept = read_har(file)
    assert [d.json()["task_status"] for d in kept.deliveries] == ["submitted", "processing", "succeed"]
    [download] = [e for e in kept.exchanges if e.role == "download"]
    assert download.request.url.startswith(provider.url)
    assert (download.task, download.case["media"]["format"]) == (task, "png")
    assert "hush" not in file.read_text()
    judged = CliRunner().invoke(cli, ["verify", "--replay", str(file), "-v"]).stdout
    assert "kept  callback of multi-image2image" in judged
    assert "kept  result of multi-image2image" in judged


@pytest.mark.parametrize(("signing", "ours"), [((), True), (("whsec_" + "c2VjcmV0" * 4,), False)])
def test_results_in_callbacks_lead_here_unless_the_callback_is_signed(tmp_path, signing, ours):
    """A client that never polls learns its results from callbacks alone; a signed body cannot be changed."""
    with mock_account("kling", webhook_secrets=signing) as provider, listening() as (hook, came):
        given = ("--port", "0", "-o", str(tmp_path / "run.har"), "--downloads", "--callbacks")
        with command("record", provider.url, "-p", "kling", *given) as (url, recording):
            ask(url, "POST", IMAGES, {**BODY, "callback_url": hook})
            bodies = [json.loads(came.get(timeout=10)[1]) for _ in range(3)]
            [image] = bodies[-1]["task_result"]["images"]
            status, _, picture = ask(image["url"], path="")
            _, out, err = stop(recording)
    assert image["url"].startswith(f"{url}/__record__/") is ours
    assert (status, picture[:4]) == (200, b"\x89PNG")
    assert [line.split("  ")[0] for line in err.splitlines() if "  callback  " in line] == ["204"] * 3
    downloads = [e for e in read_har(tmp_path / "run.har").exchanges if e.role == "download"]
    assert len(downloads) == int(ours)
    assert (" promises: result URLs in signed callbacks stay as they are" in out) is not ours


def test_nothing_is_changed_unless_it_is_asked_for(tmp_path):
    with mock_server("kling", pace="instant") as provider, listening() as (hook, came):
        account = provider.account(key=KEY)
        with command("record", provider.url, "--port", "0", "-o", str(tmp_path / "run.har")) as (
            url,
            recording,
        ):
            created = ask(url, "POST", IMAGES, {**BODY, "callback_url": hook})[2]
            [result] = finished(url, json.loads(created)["data"]["task_id"])["task_result"]["images"]
            came.get(timeout=10)
            stop(recording)
        assert account.journal[0]["request"]["callback_url"] == hook.replace("=hush", "=[blotted%20out]")
    assert result["url"].startswith(provider.url)


def test_results_lead_where_the_client_found_us(tmp_path):
    """Who listens on all addresses is reached under a name that only the client knows."""
    with mock_server("kling", pace="instant") as provider:
        words = ("--port", "0", "-o", str(tmp_path / "run.har"), "--downloads")
        with command("record", provider.url, "-p", "kling", *words) as (url, _):
            task = json.loads(ask(url, "POST", IMAGES, BODY)[2])["data"]["task_id"]
            told = json.loads(ask(url, "GET", f"{IMAGES}/{task}", Host="recorder.lan:81")[2])
    [image] = told["data"]["task_result"]["images"]
    assert image["url"].startswith("http://recorder.lan:81/__record__/")


def test_a_client_that_takes_no_callback_is_noted_and_the_provider_hears_of_it(tmp_path):
    file = tmp_path / "run.har"
    with mock_server("kling", pace="instant") as provider:
        account = provider.account(key=KEY)
        words = ("--port", "0", "-o", str(file), "--callbacks")
        with command("record", provider.url, "-p", "kling", *words) as (url, recording):
            ask(url, "POST", IMAGES, {**BODY, "callback_url": "http://10.1.2.3/hook"})
            for _ in range(100):
                if account.callbacks and account.callbacks[0]["attempts"]:
                    break
                time.sleep(0.05)
            stop(recording)
    assert read_har(file).notes[0].endswith("http://10.1.2.3/hook: 10.1.2.3 is no public address")


def test_the_last_callback_is_waited_for_before_anybody_is_accused(tmp_path):
    words = ("--port", "0", "-o", str(tmp_path / "run.har"), "--callbacks")
    with mock_server("kling") as provider, listening() as (hook, _):
        provider.account(key=KEY, scenario="callbacks-lost")
        with command("record", provider.url, "-p", "kling", *words) as (url, recording):
            task = json.loads(ask(url, "POST", IMAGES, {**BODY, "callback_url": hook})[2])["data"]["task_id"]
            finished(url, task)
            code, out, err = stop(recording)
    assert "waiting for late callbacks, at most 2 s (Ctrl-C ends it now)" in err
    assert (code, "[callback-on-each-change]" in out) == (1, True)


def test_a_provider_elsewhere_needs_a_public_url_to_call_back(tmp_path):
    words = ["https://api.example.com", "--callbacks", "--port", "0", "-o", str(tmp_path / "run.har")]
    result = CliRunner().invoke(cli, ["record", *words])
    assert list(tmp_path.iterdir()) == []
    assert "--callbacks: a provider on another machine cannot call this one" in str(result.exception)


def asked(url, *, loopback):
    """The status of a guarded request, or why there is none."""

    async def ask_once():
        async with guarded(loopback=loopback) as session, session.get(url) as answer:
            return answer.status

    try:
        return asyncio.run(ask_once())
    except aiohttp.ClientError as error:
        return problem_of(error, 0).text


PRIVATE = {
    "http://10.0.0.1/x": "10.0.0.1",
    "http://169.254.169.254/latest": "169.254.169.254",
    "http://[fd00::1]/x": "fd00::1",
    "http://[::ffff:10.0.0.1]/x": "::ffff:a00:1",
    "http://\uff11\uff10.0.0.1/x": "10.0.0.1",
    "http://0.0.0.0/x": "0.0.0.0",
}


@pytest.mark.parametrize("url", PRIVATE)
@pytest.mark.parametrize("loopback", [True, False])
def test_private_addresses_are_refused_whoever_names_them(url, loopback):
    assert asked(url, loopback=loopback) == f"{PRIVATE[url]} is no public address"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "http://[x/"])
def test_what_is_no_address_is_not_asked(url):
    assert asked(url, loopback=True) == "this is not a host name that can be reached"


# Digits of another script, and another script's full stop, are an address like any other.
THIS_MACHINE = [
    "127.0.0.1",
    "localhost",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "[::ffff:127.0.0.1]",
]


@pytest.mark.parametrize("host", THIS_MACHINE)
def test_this_machine_is_for_those_on_it(host):
    """A provider elsewhere may not have us fetch from this machine, however it spells it."""
    with listening() as (hook, _):
        url = f"http://{host}:{urlsplit(hook).port}/"
        assert asked(url, loopback=True) == 200
        assert asked(url, loopback=False) == "a provider elsewhere may not name a loopback address"


def test_a_redirect_leads_nowhere_that_its_target_may_not_be():
    with listening(redirect="http://169.254.169.254/latest") as (hook, _):
        assert asked(hook, loopback=True) == "169.254.169.254 is no public address"
    with listening(redirect="/hook") as (hook, _):
        assert asked(hook, loopback=True) == "it was redirected too often"


def test_a_result_larger_than_any_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(reroute, "MOST_BYTES", 3 * 1024 * 1024)
    recording = a_recording()
    made = Reroute(recording, lambda *_: None, downloads=True, near=True)
    with listening(body=b"x" * (4 * 1024 * 1024)) as (hook, _):
        status, _, body = asyncio.run(made.download(made.lead(hook, "multi-image2image", "1")))
    assert (status, body) == (502, b'{"understudy": "the result: an answer of more than 3 MB"}')
    assert [e.problem for e in recording.conversation.exchanges] == ["an answer of more than 3 MB"]


def test_public_addresses_are_let_through():
    for address in ("93.184.216.34", "2606:2800:220:1::1"):
        check(address, loopback=False)


def a_recording():
    return ConversationRecording(read_target("canonical"), "https://api.example.com")


def test_of_results_under_ever_new_urls_the_last_are_known(monkeypatch):
    """Signed URLs are new in each answer: a client that polls for days must not fill the memory."""
    monkeypatch.setattr(reroute, "MOST_EXCHANGES", 3)
    made = Reroute(a_recording(), lambda *_: None, downloads=True, near=True)

    def led(url):
        record = {
            "task_id": "1",
            "task_status": "succeed",
            "task_result": {"images": [{"index": 0, "url": url}]},
        }
        answer = json.dumps({"code": 0, "data": record}).encode()
        [item] = json.loads(made.answer(f"{IMAGES}/1", 200, answer, "http://here"))["data"]["task_result"][
            "images"
        ]
        return item["url"].removeprefix("http://here")

    places = [led(f"http://10.0.0.1/{n}") for n in (1, 2, 2, 3, 4)]
    assert places[1] == places[2]
    assert [asyncio.run(made.download(place))[0] for place in places] == [404, 502, 502, 502, 502]
    assert led("http://10.0.0.1/4") == places[4]


FILE = "https://cdn.example/1.mp4"
# What an answer to a query tells at a task's end, where it stands, and at which path.
DONE = {
    "id": "7",
    "status": "succeeded",
    "outputs": [{"type": "video", "id": "8", "url": FILE, "duration": "5"}],
}
SUCCEED = {"code": 0, "message": "SUCCEED", "request_id": "r"}
URL = "/outputs/0/url"
DESCRIBED = {
    "runway": ("/v1/tasks/7", {"id": "7", "status": "SUCCEEDED", "output": [FILE]}, "/output/0"),
    "luma": (
        "/dream-machine/v1/generations/7",
        {"id": "7", "state": "completed", "assets": {"video": FILE, "image": None}},
        "/assets/video",
    ),
    "minimax": ("/v1/files/retrieve", {"file": {"file_id": 7, "download_url": FILE}}, "/file/download_url"),
    "dashscope": (
        "/api/v1/tasks/7",
        {"output": {"task_id": "7", "task_status": "SUCCEEDED", "results": [{"url": FILE}]}},
        "/output/results/0/url",
    ),
    # A record within a wrapper, the second of several that were asked for at once, and one of a list.
    "kling-v2": (
        "/tasks",
        {"code": 0, "message": "SUCCEED", "request_id": "r", "data": [DONE]},
        f"/data/0{URL}",
    ),
    "kling-v2 several": (
        "/tasks",
        {"code": 0, "message": "SUCCEED", "request_id": "r", "data": [{**DONE, "outputs": []}, DONE]},
        f"/data/1{URL}",
    ),
    "kling-v2 list": (
        "/tasks",
        {
            "code": 0,
            "message": "SUCCEED",
            "request_id": "r",
            "data": {"result": [DONE], "count": 1, "has_more": False},
        },
        f"/data/result/0{URL}",
    ),
}


@pytest.mark.parametrize("api", DESCRIBED)
def test_results_of_described_apis_pass_the_recorder(api):
    path, told, place = DESCRIBED[api]
    recording = ConversationRecording(read_target(api.split()[0]), "https://api.example.com")
    made = Reroute(recording, lambda *_: None, downloads=True, near=True)
    seen = json.loads(made.answer(path, 200, json.dumps(told).encode(), "http://here") or b"null")
    led = at(seen, place, "")
    assert led.startswith("http://here/__record__/")
    assert json.dumps(seen).replace(led, FILE) == json.dumps(told)


ODD = [
    {"url": "http://[x?token=y", "prompt": "a"},
    {"url": "http://h/x?token=y", "prompt": "\ud800"},
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_answers_and_requests_are_passed_on(odd, tmp_path):
    """URLs that are none, and half of a character: they are the provider's and the client's business."""
    with mock_server("kling", pace="instant") as provider:
        words = ("--port", "0", "-o", str(tmp_path / "run.har"), "--callbacks", "--downloads")
        with command("record", provider.url, "-p", "kling", *words) as (url, recording):
            body = {**BODY, "prompt": odd["prompt"], "callback_url": odd["url"]}
            status = ask(url, "POST", IMAGES, body)[0]
            direct = ask(provider.url, "POST", IMAGES, body)[0]
            _, _, err = stop(recording)
    assert status == direct
    assert "Traceback" not in err
