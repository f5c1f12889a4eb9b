"""What an exchange that passed is taken for, and what the contract has against it."""

from __future__ import annotations

import json

import pytest

from understudy.contracts import trace
from understudy.contracts.har import read_har
from understudy.contracts.record.har_file import EVERY_SECONDS, MOST_BYTES, RecordingFile
from understudy.contracts.record.passed import NO_BODY, Passed, passed_body
from understudy.contracts.record.recording import ConversationRecording
from understudy.contracts.target import read_target

IMAGES = "https://p.example/kling/v1/images/multi-image2image"
GOOD = {"subject_image_list": [{"subject_image": "https://example.com/cat.png"}]}
AUTH = ((b"Authorization", b"Bearer k"),)
TASK = {
    "task_id": "7",
    "task_info": {},
    "task_status": "submitted",
    "created_at": 1795250000000,
    "updated_at": 1795250000000,
}


def passed(method, url, body=None, answer=None, status=200, headers=AUTH, problem=""):
    sent = json.dumps(body).encode() if body is not None else b""
    envelope = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": answer}
    raw = json.dumps(
        envelope if isinstance(answer, dict | list) and "code" not in answer else answer
    ).encode()
    kind = ((b"Content-Type", b"application/json"),)
    asked, back = passed_body(sent, len(sent), headers), passed_body(raw, len(raw), kind)
    return Passed(method, url, headers, asked, 1.0, 2.0, 0 if problem else status, kind, back, problem)


@pytest.fixture
def recording():
    return ConversationRecording(read_target("kling"), "https://p.example/kling")


def test_roles_follow_the_conversation(recording):
    mine = GOOD | {"external_task_id": "mine"}
    refused = {"code": 1201, "message": "no", "request_id": "r"}
    said = [
        (passed("POST", IMAGES, mine, TASK), trace.CREATE, "7"),
        (passed("GET", f"{IMAGES}/7", answer=TASK | {"task_result": {}}), trace.POLL, "7"),
        (passed("GET", f"{IMAGES}/mine", answer=TASK | {"task_result": {}}), trace.BY_EXTERNAL_ID, "7"),
        (passed("GET", f"{IMAGES}?external_task_id=mine", answer=TASK), trace.BY_EXTERNAL_ID, "7"),
        (passed("GET", f"{IMAGES}?pageNum=1", answer=[]), trace.LIST, ""),
        (passed("POST", IMAGES, mine, refused, 400), trace.REPEAT, ""),
        (passed("POST", IMAGES, GOOD | {"n": 0}, refused, 400), trace.REFUSE, ""),
        (passed("POST", IMAGES, GOOD, refused, 401, headers=()), trace.AUTH, ""),
        (passed("POST", f"{IMAGES}/", GOOD, problem="reset"), trace.CREATE, ""),
        (passed("GET", "https://p.example/health", answer={}), "", ""),
    ]
    written = [recording.write(one)[0] for one, _, _ in said]
    assert [(e.role, e.task) for e in written] == [(role, task) for _, role, task in said]
    assert [e.superseded for e in written] == [*[False] * 8, True, False]
    assert recording.conversation.families == ("multi-image2image",)


@pytest.mark.parametrize(
    ("one", "problems"),
    [
        (passed("POST", IMAGES, GOOD, TASK), []),
        (passed("POST", IMAGES, {}, TASK), ['request "subject_image_list" is a required property']),
        (
            passed("POST", IMAGES, GOOD, TASK | {"task_id": 7}),
            ['answer /data/task_id: 7 is not of type "string"'],
        ),
        (
            passed("POST", IMAGES, GOOD, {"code": "1201", "message": "no", "request_id": "r"}, 400),
            ['answer /code: "1201" is not of type "integer"'],
        ),
        (passed("GET", "https://p.example/health", answer={}), []),
        (passed("POST", IMAGES, GOOD, problem="reset"), []),
    ],
)
def test_problems_are_told_at_once(recording, one, problems):
    assert recording.write(one)[1] == problems


def test_answer_that_is_no_json_is_a_problem(recording):
    page = passed_body(b"<html>", 6, ())
    kind = ((b"Content-Type", b"text/html"),)
    html = Passed("GET", f"{IMAGES}/7", AUTH, NO_BODY, 1.0, 2.0, 200, kind, page)
    assert recording.write(html)[1] == ["the answer is no JSON"]


def test_file_is_written_now_and_then_and_holds_all_in_the_end(recording, tmp_path):
    file = tmp_path / "run.har"
    kept = RecordingFile(recording.conversation, file)
    counts = []
    for now in (0.0, 1.0, EVERY_SECONDS - 0.1, EVERY_SECONDS):
        exchange, _ = recording.write(passed("POST", IMAGES, GOOD, TASK))
        assert kept.took(exchange, now)
        counts.append(len(read_har(file).exchanges))
    assert counts == [1, 1, 1, 4]
    assert [p.name for p in tmp_path.iterdir()] == ["run.har"]


def test_recording_has_an_end(recording, tmp_path):
    kept = RecordingFile(recording.conversation, tmp_path / "run.har")
    exchange = trace.Exchange(
        0, "", "", "", trace.Request("GET", "/"), trace.Response(200, (), b"x" * (MOST_BYTES // 2)), 0.0, 0.0
    )
    assert [kept.took(exchange, 0.0) for _ in range(2)] == [True, False]
