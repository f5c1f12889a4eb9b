"""Downloads: parts, expiry, and what leads nowhere; and the app without a server of ours."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, VIDEO, Client

from understudy.mockserver.endpoints.results import part_of
from understudy.mockserver.server.app import MockApp
from understudy.mockserver.settings import Settings

if TYPE_CHECKING:
    from understudy.contracts.handle import Account

DAY = 86_400

RANGES = [
    (b"", 200, None, b"abcdef"),
    (b"bytes=0-", 206, b"bytes 0-5/6", b"abcdef"),
    (b"bytes=2-3", 206, b"bytes 2-3/6", b"cd"),
    (b"bytes=4-99", 206, b"bytes 4-5/6", b"ef"),
    (b"bytes=-2", 206, b"bytes 4-5/6", b"ef"),
    (b"bytes=-99", 206, b"bytes 0-5/6", b"abcdef"),
    (b"bytes=6-", 416, b"bytes */6", b""),
    (b"bytes=-0", 416, b"bytes */6", b""),
    (b"bytes=3-2", 200, None, b"abcdef"),
    (b"bytes=0-1,3-4", 200, None, b"abcdef"),
    (b"bytes=-", 200, None, b"abcdef"),
    (b"pages=1-2", 200, None, b"abcdef"),
]


@pytest.mark.parametrize(("wanted", "status", "told", "body"), RANGES)
def test_part_that_is_asked_for_is_sent(wanted: bytes, status: int, told: bytes | None, body: bytes) -> None:
    got = part_of(b"abcdef", wanted)
    assert (got[0], dict(got[1]).get(b"content-range"), got[2]) == (status, told, body)


def test_video_can_be_read_in_parts(client: Client, mock: Account) -> None:
    mock.pace("instant")
    [video] = client.task(client.create(path=VIDEO), VIDEO)["task_result"]["videos"]
    whole = client.get(video["url"]).raw
    part = client.get(video["url"], Range="bytes=4-7")
    assert (part.status, part.raw, part.headers["content-range"]) == (206, b"ftyp", f"bytes 4-7/{len(whole)}")
    head = client.request("HEAD", video["url"])
    assert (head.status, head.raw, head.headers["content-length"]) == (200, b"", str(len(whole)))


def test_a_file_is_not_sent_again_to_who_has_it(client: Client, mock: Account) -> None:
    mock.pace("instant")
    url = client.task(client.create())["task_result"]["images"][0]["url"]
    tag = client.get(url).headers["etag"]
    again = client.get(url, If_None_Match=f'"other", W/{tag}')
    assert (again.status, again.raw, again.headers["etag"]) == (304, b"", tag)
    assert [client.get(url, If_None_Match=known).status for known in ("*", '"other"', "")] == [304, 200, 200]
    assert [entry["status"] for entry in mock.requests_to(operation="result")] == [200, 304, 304, 200, 200]


def test_a_part_is_of_the_very_file_that_the_client_has(client: Client, mock: Account) -> None:
    """A download is resumed only where it was broken off (RFC 9110, 13.1.5), and only by GET (14.2)."""
    mock.pace("instant")
    url = client.task(client.create())["task_result"]["images"][0]["url"]
    tag = client.get(url).headers["etag"]
    asked = [{"If_Range": tag}, {"If_Range": '"other"'}, {}]
    assert [client.get(url, Range="bytes=0-3", **more).status for more in asked] == [206, 200, 206]
    head = client.request("HEAD", url, Range="bytes=0-3")
    assert (head.status, head.headers["content-length"]) == (200, str(len(client.get(url).raw)))


def test_a_result_can_only_be_fetched(client: Client, mock: Account) -> None:
    mock.pace("instant")
    url = client.task(client.create())["task_result"]["images"][0]["url"]
    answer = client.post(url, {})
    assert (answer.status, answer.headers["allow"], answer.json["code"]) == (405, "GET, HEAD", 1202)


def test_results_are_the_same_whenever_they_are_fetched(client: Client, mock: Account) -> None:
    mock.pace("instant")
    [image] = client.task(client.create())["task_result"]["images"]
    assert client.get(image["url"]).raw == client.get(image["url"]).raw


def test_results_expire_after_thirty_days(client: Client, mock: Account) -> None:
    mock.pace("instant")
    [image] = client.task(client.create())["task_result"]["images"]
    mock.clock.advance(30 * DAY - 1)
    assert client.get(image["url"]).status == 200
    mock.clock.advance(1)
    gone = client.get(image["url"])
    assert (gone.status, gone.json["code"]) == (403, 1103)


def test_results_of_tasks_that_have_not_succeeded_do_not_exist(client: Client, mock: Account) -> None:
    task_id = client.create()
    early = client.get(f"/results/{task_id}/0.png").status
    mock.scenario("fail-at-once")
    failed = client.create()
    mock.clock.advance(60)
    paths = [f"/results/{failed}/0.png", f"/results/{task_id}/1.png", "/results/nope/0.png", "/results/x"]
    assert (early, [client.get(path).status for path in paths]) == (404, [404] * 4)
    assert client.get(f"/results/{task_id}/0.png").status == 200


def call(app: MockApp, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """One request to the ASGI app itself, with the least that ASGI asks of a scope."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode() if body else b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"authorization", b"Bearer k")]}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], json.loads(b"".join(part.get("body", b"") for part in sent[1:]))


def test_links_that_lead_nowhere_have_a_status_of_http_whatever_the_api_makes_of_errors() -> None:
    app = MockApp(Settings(profiles=("cometapi",)))
    answers = [call(app, "GET", path) for path in (f"/kling{IMAGE}/nope", "/results/1/0.png")]
    assert [(status, body["code"]) for status, body in answers] == [(200, "1201"), (404, "1203")]


def test_app_works_in_process_without_a_server() -> None:
    app = MockApp(Settings(pace="instant"))
    status, created = call(app, "POST", IMAGE, {**IMAGE_REQUEST, "external_task_id": "mine ü/1"})
    assert status == 200
    assert call(app, "GET", f"{IMAGE}/{created['data']['task_id']}")[1]["data"]["task_status"] == "succeed"
    assert call(app, "GET", f"/kling{IMAGE}")[0] == 200
    assert call(app, "GET", "/__understudy__/health") == (200, {"status": "ok"})
    assert call(app, "GET", "/nope")[0] == 404
    assert call(app, "POST", IMAGE, {"n": 1})[0] == 400
