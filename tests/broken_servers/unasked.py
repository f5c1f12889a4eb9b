"""Planted bugs in what is rarely asked: a list without a page, a task that has just begun, a wrong key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.broken_servers.bugs import _enter as enter
from tests.broken_servers.bugs import after, before
from tests.broken_servers.by_kind import ended, gone, odd, ours

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.broken_servers.proxy import Call, Callback


# --- lists --------------------------------------------------------------------------------------------------


@after("the-list-without-a-page-is-empty", "list-contains-tasks")
def _(call: Call) -> None:
    if call.kind == "list" and call.accepted and not call.query:
        call.answer["data"] = []


@before("a-list-needs-its-page", "list-limits-accepted")
def _(call: Call) -> None:
    made = call.state["made"] = call.state.get("made") or call.kind == "create"
    if call.kind == "list" and not call.query and ours(call) and made:
        call.refuse(400, 1200, "pageNum: is required")


@after("later-pages-are-upside-down", "list-newest-first")
def _(call: Call) -> None:
    if call.kind == "list" and call.accepted and call.query.get("pageNum", "1") != "1":
        call.answer["data"].reverse()


# --- identifiers, keys --------------------------------------------------------------------------------------


@after("external-ids-are-found-at-the-end-only", "query-by-external-id")
def _(call: Call) -> None:
    name = call.path.rpartition("/")[2]
    if call.kind == "query" and call.record and not ended(call) and name != call.record["task_id"]:
        gone(call)


def _remember_key(call: Call) -> None:
    if call.kind == "create" and ours(call):
        call.state.setdefault("key", call.headers["Authorization"])


def _key_in_a_header(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.headers = {**callback.headers, "Authorization": state["key"]}
    return [callback]


def _key_in_the_body(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.body = {**callback.body, "token": state["key"]}
    return [callback]


enter("callbacks-carry-the-key", "answers-hide-the-key", "", before=_remember_key, callbacks=_key_in_a_header)
enter("callbacks-tell-the-key", "answers-hide-the-key", "", before=_remember_key, callbacks=_key_in_the_body)


# --- refusals, leniency -------------------------------------------------------------------------------------


odd("a-body-with-a-charset-is-not-read", "content-type-with-charset",
    lambda c: c.kind == "create" and ";charset=UTF-8" in c.headers.get("Content-Type", ""), 400)  # fmt: skip


def page(name: str, which: Callable[[Call], bool]) -> None:
    """Some refusals are web pages."""

    @after(name, "answers-are-json")
    def _(call: Call) -> None:
        if which(call):
            call.status = 404 if call.status == 400 else call.status
            call.answer, call.answer_raw = None, b"<h1>No</h1>"
            call.answer_headers = {"Content-Type": "text/html"}


page("unknown-tasks-are-web-pages", lambda c: c.kind == "query" and c.status == 400)
page("wrong-keys-are-web-pages", lambda c: c.status == 401)


@after("unknown-tasks-are-a-success-of-nothing", "unknown-task-refused")
def _(call: Call) -> None:
    if call.kind == "query" and call.status == 400:
        number = f"r{next(call.state['ids'])}"
        call.status = 200
        call.answer = {"code": 0, "message": "SUCCEED", "request_id": number, "data": None}


@after("results-come-after-the-end", "result-exactly-at-success")
def _(call: Call) -> None:
    polls = call.state.setdefault("ends", {})
    if call.kind == "query" and call.record.get("task_status") == "succeed":
        seen = polls[call.record["task_id"]] = polls.get(call.record["task_id"], 0) + 1
        if seen < 2:
            call.record["task_result"] = {}
