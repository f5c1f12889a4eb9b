"""The checks on conversations, written by hand, with providers that answer in forms of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from understudy.contracts import trace
from understudy.contracts.checks import judge
from understudy.contracts.failures import Verdict
from understudy.contracts.target import read_target
from understudy.contracts.trace import Conversation, Exchange, Request, Response

JSON = (("Content-Type", "application/json"),)


def exchange(number: int, family: str, role: str, body: Any, **more: Any) -> Exchange:
    """One exchange about task `one`, a second after the one before it."""
    sent = Request("POST" if role == trace.CREATE else "GET", "http://provider.example/tasks", (), b"{}")
    answer = Response(200, JSON, json.dumps(body).encode())
    at = 1_795_252_588_000 + number * 1000
    return Exchange(number, family, role, "own", sent, answer, at, at + 5, task="one", **more)


def broken(provider: str, family: str, exchanges: list[Exchange]) -> set[str]:
    held = Conversation(provider, "http://provider.example", families=(family,), exchanges=exchanges)
    held.other_account = True
    found = (Verdict.BROKEN, Verdict.ARGUABLE)
    return {j.promise.id for j in judge(held, read_target(provider)) if j.verdict in found}


# (Provider, family, a task's record, what is said of an id that does not exist), in an answer each.
UNKNOWN = [
    (
        *("bfl", "flux"),
        {"id": "f-1", "status": "Pending"},
        {"id": "f-1", "status": "Task not found", "result": None},
    ),
    (
        *("dashscope", "tasks"),
        {"request_id": "r-1", "output": {"task_id": "d-1", "task_status": "PENDING"}},
        {"request_id": "r-2", "output": {"task_id": "d-1", "task_status": "UNKNOWN"}},
    ),
]
HIDDEN = {
    trace.OTHER_QUERY: "other-account-cannot-query",
    trace.NEARLY_ID: "task-ids-are-exact",
    trace.WRONG_KEY: "task-needs-its-key",
}


@pytest.mark.parametrize("role", HIDDEN)
@pytest.mark.parametrize(("provider", "family", "record", "unknown"), UNKNOWN, ids=["bfl", "dashscope"])
def test_a_record_that_says_that_there_is_no_task_shows_none(
    provider: str, family: str, record: dict[str, Any], unknown: dict[str, Any], role: str
) -> None:
    created = exchange(0, family, trace.CREATE, record)

    def answered(body: dict[str, Any]) -> set[str]:
        asked = exchange(1, family, role, body, case={"must": "refuse", "situations": ["unknown_task"]})
        return broken(provider, family, [created, asked]) & {*HIDDEN.values()}

    assert answered(unknown) == set()
    assert answered(record) == {HIDDEN[role]}


def test_what_the_answer_to_a_create_does_not_tell_has_not_changed_afterwards() -> None:
    created = {
        "id": "7",
        "task_id": "7",
        "object": "video",
        "model": "",
        "progress": 0,
        "created_at": 1_795_252_588,
        "status": "completed",
    }

    def told(file: str) -> dict[str, Any]:
        url = f"https://cdn.example/{file}"
        times = {"created_at": 1_795_252_588_000, "updated_at": 1_795_252_588_001}
        record = {"task_id": "7", "task_status": "succeed", "task_status_msg": "", "task_info": {}, **times}
        record["task_result"] = {"audios": [{"id": "a-1", "url": url, "duration": "3.0"}]}
        wrapped = {"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": record}
        outer = {"submit_time": 1_795_252_588, "start_time": 0, "finish_time": 1_795_252_588}
        outer |= {"task_id": "7", "progress": "100%", "status": "SUCCESS", "fail_reason": url}
        return {"code": "success", "message": "", "data": {**outer, "data": wrapped}}

    def seen(last: str) -> set[str]:
        asked = [exchange(n, "tts", trace.POLL, told(file)) for n, file in enumerate(("1.mp3", last), 1)]
        at_the_end = exchange(3, "tts", trace.POLL, told(last), case={"purpose": trace.AGAIN})
        held = [exchange(0, "tts", trace.CREATE, created), *asked, at_the_end]
        return broken("newapi", "tts", held) & {"terminal-is-final", "ended-tasks-stay-unchanged"}

    assert seen("1.mp3") == set()
    assert seen("2.mp3") == {"terminal-is-final", "ended-tasks-stay-unchanged"}


def test_a_list_is_read_where_the_description_of_the_api_says() -> None:
    record = {"request_id": "r-1", "output": {"task_id": "d-1", "task_status": "PENDING"}}
    created = exchange(0, "tasks", trace.CREATE, record)

    def listed(*tasks: dict[str, Any]) -> set[str]:
        body = {"data": [*tasks], "total": 1, "page_no": 1, "page_size": 10, "request_id": "r-2"}
        whole = exchange(1, "tasks", trace.LIST, body, case={"purpose": "whole", "size": 10})
        return broken("dashscope", "tasks", [created, whole])

    assert listed(record) == set()
    assert listed() == {"list-contains-tasks"}
