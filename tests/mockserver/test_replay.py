"""A recorded conversation played back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.errors import MockError
from mockserver.replay import Replay, read_recording

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
    (one,) = read_recording(recording(tmp_path, entry("GET", "https://p/v1/t", 1)))
    assert one.headers == ((b"content-type", b"application/json"),)


def test_request_without_an_answer_is_left_out(tmp_path: Path) -> None:
    file = recording(tmp_path, entry("GET", "https://p/a", 1, status=0), entry("GET", "https://p/b", 2))
    assert [one.target for one in read_recording(file)] == ["/b"]


async def ask(app: Replay, method: str, path: str) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "raw_path": path.encode(), "query_string": b"", "headers": []}
    await app(scope, receive, send)
    return sent


def test_what_was_never_recorded_is_refused_with_what_was(tmp_path: Path) -> None:
    import asyncio

    app = Replay(read_recording(recording(tmp_path, entry("GET", "https://p/v1/t/7", 1))))
    start, body = asyncio.run(ask(app, "GET", "/v1/t/8"))
    assert start["status"] == 404
    assert json.loads(body["body"]) == {
        "understudy": "nothing was recorded for GET /v1/t/8",
        "recorded": ["GET /v1/t/7"],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no HAR file"),
        ('{"log": {"entries": [{}]}}', "is no HAR file"),
        ('{"log": {"entries": []}}', "holds no answered request"),
    ],
)
def test_file_that_is_no_recording_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "run.har"
    file.write_text(text)
    with pytest.raises(MockError) as error:
        read_recording(file)
    assert str(error.value).startswith(f"{file}: {message}")


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MockError, match="cannot be read: No such file"):
        read_recording(tmp_path / "none.har")
