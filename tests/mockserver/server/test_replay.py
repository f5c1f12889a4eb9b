"""A recorded conversation played back."""

# ruff: noqa: E501 - entries of a recording on one line

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from understudy.contracts.callback_listener import CallbackListener
from understudy.mockserver.errors import MockError
from understudy.mockserver.server.recorded import read_recording
from understudy.mockserver.server.replay import Replay

if TYPE_CHECKING:
    from pathlib import Path


def entry(method: str, url: str, answer: Any, *, body: Any = None, status: int = 200) -> dict[str, Any]:
    request: dict[str, Any] = {"method": method, "url": url}
    if body is not None:
        request["postData"] = {"text": json.dumps(body)}
    headers = [
        {"name": "Content-Type", "value": "application/json"},
        {"name": "Content-Length", "value": "999"},
        {"name": "Content-Encoding", "value": "br"},
        {"name": "X-Bad", "value": "a\r\nb"},
    ]
    content = {"text": json.dumps(answer)}
    return {"request": request, "response": {"status": status, "headers": headers, "content": content}}


def recording(tmp_path: Path, *entries: dict[str, Any], url: str = "") -> Path:
    file = tmp_path / "run.har"
    log: dict[str, Any] = {"entries": list(entries)}
    if url:
        log["_understudy"] = {"url": url}
    file.write_text(json.dumps({"log": log}))
    return file


def given(replay: Replay, method: str, target: str, body: Any = None) -> Any:
    found = replay.answer(method, target, json.dumps(body).encode() if body is not None else b"")
    return None if found is None else json.loads(found.answer)


def test_answers_come_in_their_order_and_the_last_one_again_and_again(tmp_path: Path) -> None:
    file = recording(tmp_path, *(entry("GET", "https://p/v1/t/7", n) for n in (1, 2, 3)))
    replay = Replay(read_recording(file))
    assert [given(replay, "GET", "/v1/t/7") for _ in range(5)] == [1, 2, 3, 3, 3]


def test_equal_body_goes_first_and_another_body_takes_the_next(tmp_path: Path) -> None:
    file = recording(
        tmp_path, *(entry("POST", "https://p/v1/t", f"made {n}", body={"n": n, "m": 0}) for n in (1, 2, 3))
    )
    replay = Replay(read_recording(file))
    assert given(replay, "POST", "/v1/t", {"m": 0, "n": 2}) == "made 2"
    assert given(replay, "POST", "/v1/t", {"n": 9}) == "made 1"
    assert given(replay, "POST", "/v1/t", {"n": 9}) == "made 3"


def test_query_and_method_belong_to_the_request(tmp_path: Path) -> None:
    file = recording(tmp_path, entry("GET", "https://p/v1/t?page=1", 1), entry("DELETE", "https://p/v1/t", 2))
    replay = Replay(read_recording(file))
    assert [given(replay, "GET", "/v1/t?page=1"), given(replay, "DELETE", "/v1/t")] == [1, 2]
    assert [given(replay, "GET", "/v1/t"), given(replay, "POST", "/v1/t?page=1")] == [None, None]


def test_paths_are_taken_from_below_the_recorded_address(tmp_path: Path) -> None:
    file = recording(tmp_path, entry("GET", "https://p/kling/v1/t", 1), url="https://p/kling")
    assert given(Replay(read_recording(file)), "GET", "/v1/t") == 1


def test_headers_of_the_old_connection_stay_behind(tmp_path: Path) -> None:
    (one,) = read_recording(recording(tmp_path, entry("GET", "https://p/v1/t", 1))).answers
    assert one.headers == ((b"content-type", b"application/json"),)


def test_request_without_an_answer_is_left_out(tmp_path: Path) -> None:
    file = recording(tmp_path, entry("GET", "https://p/a", 1, status=0), entry("GET", "https://p/b", 2))
    assert [one.target for one in read_recording(file).answers] == ["/b"]


async def ask(app: Replay, method: str, path: str, body: Any = None, host: str = "here") -> list[Any]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", host.encode())]
    scope = {
        "type": "http",
        "method": method,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }
    await app(scope, receive, send)
    return sent


def test_what_was_never_recorded_is_refused_with_what_was(tmp_path: Path) -> None:
    app = Replay(read_recording(recording(tmp_path, entry("GET", "https://p/v1/t/7", 1))))
    start, body = asyncio.run(ask(app, "GET", "/v1/t/8"))
    assert start["status"] == 404
    assert json.loads(body["body"]) == {
        "understudy": "no answer was recorded for GET /v1/t/8",
        "recorded": ["GET /v1/t/7"],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "is not a HAR file"),
        ('{"log": {"entries": [{}]}}', "is not a HAR file"),
        ('{"log": {"entries": []}}', "holds no answered request"),
    ],
)
def test_file_that_is_no_recording_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "run.har"
    file.write_text(text)
    with pytest.raises(MockError) as error:
        read_recording(file)
    assert str(error.value).startswith(f"{file}: {message}")


@pytest.mark.parametrize(
    ("status", "url", "message"),
    [
        (600, "https://p/a", "entry 2 has the status 600, which is not an HTTP status"),
        (99, "https://p/a", "entry 2 has the status 99"),
        (-1, "https://p/a", "entry 2 has the status -1"),
        ("teapot", "https://p/a", "is not a HAR file: ValueError"),
        (200, None, "is not a HAR file: ValueError a request's url is None"),
        (200, 7, "is not a HAR file: ValueError a request's url is 7"),
    ],
)
def test_entry_that_nothing_can_be_made_of_is_named(
    tmp_path: Path, status: Any, url: Any, message: str
) -> None:
    odd = {**entry("GET", "https://p/a", 1, status=200)}
    odd["response"]["status"], odd["request"]["url"] = status, url
    file = recording(tmp_path, entry("GET", "https://p/b", 2), odd)
    with pytest.raises(MockError) as error:
        read_recording(file)
    assert str(error.value).startswith(f"{file}: {message}")


def test_what_is_no_answer_yet_is_left_out(tmp_path: Path) -> None:
    """101 of a WebSocket, in what browsers export."""
    file = recording(tmp_path, entry("GET", "https://p/a", 1, status=101), entry("GET", "https://p/b", 2))
    assert [one.target for one in read_recording(file).answers] == ["/b"]


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MockError, match="cannot read: No such file"):
        read_recording(tmp_path / "none.har")


PICTURE = bytes(range(256))


def picture(url: str, data: bytes = PICTURE, **more: Any) -> dict[str, Any]:
    content = {"mimeType": "image/png", "encoding": "base64", "text": base64.b64encode(data).decode(), **more}
    headers = [{"name": "Content-Type", "value": "image/png"}]
    return {
        "request": {"method": "GET", "url": url},
        "response": {"status": 200, "headers": headers, "content": content},
    }


def test_results_that_were_fetched_are_linked_to_and_played_back(tmp_path: Path) -> None:
    """As a browser keeps them too: nothing of ours is in the file, and the link is signed anew in each poll."""
    link = "https://cdn.example/r/kite.png?sig="
    file = recording(
        tmp_path,
        entry(
            "GET", "https://p/v1/t/7", {"url": f"{link}1", "other": "https://cdn.example/never-fetched.png"}
        ),
        picture(f"{link}2"),
    )
    app = Replay(read_recording(file))
    start, body = asyncio.run(ask(app, "GET", "/v1/t/7", host="127.0.0.1:5"))
    told = json.loads(body["body"])
    assert told == {
        "url": "http://127.0.0.1:5/__replay__/1/kite.png",
        "other": "https://cdn.example/never-fetched.png",
    }
    assert dict(start["headers"])[b"content-length"] == b"%d" % len(body["body"])
    start, body = asyncio.run(ask(app, "GET", "/__replay__/1/kite.png"))
    assert (start["status"], dict(start["headers"])[b"content-type"], body["body"]) == (
        200,
        b"image/png",
        PICTURE,
    )


def test_result_that_was_not_kept_whole_is_told_as_such(tmp_path: Path) -> None:
    link = "https://cdn.example/r/kite.png"
    file = recording(
        tmp_path, entry("GET", "https://p/v1/t/7", {"url": link}), picture(link, PICTURE[:64], size=5000)
    )
    start, body = asyncio.run(ask(Replay(read_recording(file)), "GET", "/__replay__/1/kite.png"))
    assert start["status"] == 404
    assert json.loads(body["body"])["understudy"] == f"the recording holds 64 of the 5000 bytes of {link}"


def test_body_that_is_still_packed_keeps_its_header(tmp_path: Path) -> None:
    packed = entry("GET", "https://p/v1/t", None)
    packed["response"]["content"] = {"text": "abc", "_packed": "x-own"}
    packed["response"]["headers"][2]["value"] = "x-own"
    (one,) = read_recording(recording(tmp_path, packed)).answers
    assert dict(one.headers)[b"content-encoding"] == b"x-own"


def test_callbacks_are_sent_to_the_client_that_asks_for_them(tmp_path: Path) -> None:
    """Two were recorded, 0.1 and 0.2 s after the create; their links lead to the replay as those of answers do."""
    link = "https://cdn.example/r/kite.png"
    create = entry(
        "POST", "https://p/v1/t", {"id": 7}, body={"hooks": [{"to": "http://recorder:1/callbacks/1"}]}
    )
    create["_understudy"] = {"started": 1000.0}
    file = recording(tmp_path, create, picture(link))
    data = json.loads(file.read_text())
    told = [
        {
            "url": "http://recorder:1/callbacks/1",
            "received": 1000.0 + ms,
            "headers": [{"name": "X-Number", "value": str(ms)}, {"name": "Host", "value": "recorder"}],
            "body": {"text": json.dumps({"status": status, "url": link})},
        }
        for ms, status in ((200, "done"), (100, "running"))
    ]
    data["log"]["_understudy"] = {"callbacks": told}
    file.write_text(json.dumps(data))
    recorded = read_recording(file)
    assert recorded.callbacks == 2

    async def play(to: str) -> None:
        app = Replay(recorded)
        for _ in range(2):
            await ask(app, "POST", "/v1/t", {"hooks": [{"to": to}]}, host="127.0.0.1:5")
        await asyncio.gather(*app._sending)

    with CallbackListener() as listener:
        asyncio.run(play(f"{listener.url}/mine"))
        came = listener.received
    assert [(one.headers["X-Number"], one.body["status"]) for one in came] == [
        ("100", "running"),
        ("200", "done"),
    ]
    assert [one.path for one in came] == ["/callbacks/mine"] * 2
    assert {one.body["url"] for one in came} == {"http://127.0.0.1:5/__replay__/1/kite.png"}


def test_callbacks_do_not_go_to_private_addresses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create = entry("POST", "https://p/v1/t", 1, body={"to": "http://recorder:1/1"})
    file = recording(tmp_path, create)
    data = json.loads(file.read_text())
    told = {"url": "http://recorder:1/1", "received": 0, "headers": [], "body": {"text": "{}"}}
    data["log"]["_understudy"] = {"callbacks": [told]}
    file.write_text(json.dumps(data))

    async def play() -> None:
        app = Replay(read_recording(file))
        await ask(app, "POST", "/v1/t", {"to": "http://10.1.2.3/hook"})
        await asyncio.gather(*app._sending)

    asyncio.run(play())
    assert "a callback was not sent to http://10.1.2.3/hook" in capsys.readouterr().err
