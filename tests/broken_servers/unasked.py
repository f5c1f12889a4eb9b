"""Planted bugs in what is rarely asked: a list without a page, a task that has just begun, a wrong key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.broken_servers.bugs import _enter as enter
from tests.broken_servers.bugs import after, before, lenient
from tests.broken_servers.by_kind import ended, gone, has, odd, ours

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.broken_servers.proxy import Call, Callback


def _over(call: Call) -> set[str]:
    """The tasks whose end was told: the others count as running, however slow whoever asks is."""
    over: set[str] = call.state.setdefault("over", set())
    name = call.path.rpartition("/")[2]
    if call.kind == "query" and call.record and ended(call) and name == call.record["task_id"]:
        over.add(name)
    return over


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


@after("a-list-fails-while-a-task-runs", "answers-without-internal-errors", "list-limits-accepted")
def _(call: Call) -> None:
    """As who reads results that are not there yet: the list is asked for while they are not."""
    over = _over(call)
    if call.kind == "list" and any(r["task_id"] not in over for r in call.records):
        call.refuse(500, 5000, "Internal error")


@after("later-pages-are-upside-down", "list-newest-first")
def _(call: Call) -> None:
    if call.kind == "list" and call.accepted and call.query.get("pageNum", "1") != "1":
        call.answer["data"].reverse()


# --- identifiers, keys --------------------------------------------------------------------------------------


@after("external-ids-are-found-at-the-end-only", "query-by-external-id")
def _(call: Call) -> None:
    runs = call.record and call.record["task_id"] not in _over(call)
    if call.kind == "query" and runs and call.path.rpartition("/")[2] != call.record["task_id"]:
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


# --- what libraries send by themselves ----------------------------------------------------------------------


def header(call: Call, name: str) -> str:
    return next((v for n, v in call.headers.items() if n.lower() == name), "")


def blocked(name: str, which: Callable[[Call], bool], status: int = 403) -> None:
    odd(name, "any-client-is-answered", lambda c: c.kind == "create" and which(c), status)


blocked("java-is-blocked", lambda c: header(c, "user-agent").startswith("Java"))
blocked("clients-without-a-name-are-blocked", lambda c: not header(c, "user-agent"))
blocked("an-accept-of-several-types-is-refused", lambda c: "," in header(c, "accept"), 406)
odd("a-line-break-is-a-server-error", "accepts-unicode",
    lambda c: c.kind == "create" and "\n" in str(has(c, "prompt")), 500)  # fmt: skip
blocked("bodies-that-begin-with-blanks-are-refused", lambda c: c.raw[:1].isspace(), 400)
blocked("bodies-in-chunks-are-refused", lambda c: bool(c.state.get("chunked")), 411)

odd("a-type-in-capitals-is-refused", "content-type-with-charset",
    lambda c: header(c, "content-type").startswith("APPLICATION/JSON"), 400)  # fmt: skip

CHOKES = "odd-fields-without-server-errors"
odd("a-quote-in-an-id-is-a-server-error", CHOKES, lambda c: unquote(c.path).endswith("o'brien"), 500)
odd("a-slash-in-an-id-is-a-server-error", CHOKES, lambda c: "%2f" in c.path.lower(), 500)
odd("a-slash-behind-an-id-is-a-server-error", CHOKES, lambda c: c.path.endswith("/"), 500)
odd("blanks-before-a-body-are-a-server-error", CHOKES, lambda c: c.raw[:1].isspace(), 500)


@after("lists-may-be-kept-by-caches", "answers-are-fresh")
def _(call: Call) -> None:
    if call.kind == "list" and call.accepted:
        call.answer_headers = {**call.answer_headers, "Cache-Control": "public, max-age=3600"}


@before("every-fifth-request-ends-at-a-gateway", "answers-without-internal-errors")
def _(call: Call) -> None:
    call.state["passed"] = call.state.get("passed", 0) + 1
    if call.state["passed"] % 5 == 0:
        call.refuse(503, 5001, "Service temporarily unavailable")


@after("a-refusal-shows-anothers-key", "refusal-leaks-nothing")
def _(call: Call) -> None:
    if call.kind == "create" and call.status == 400 and isinstance(call.answer, dict):
        call.answer["message"] = "refused by the channel with the key sk-4kf83hf73hfk3jfh8fh3k9d1"


@before("a-key-behind-token-lists", "task-needs-its-key")
def _(call: Call) -> None:
    given = call.headers.get("Authorization", "")
    if call.kind == "list" and given.startswith("Token "):
        call.headers["Authorization"] = given.replace("Token", "Bearer")


@after("an-id-that-was-lost-finds-a-task", "unknown-task-refused")
def _(call: Call) -> None:
    if call.kind == "query" and call.path.endswith("/undefined"):
        record = {"task_id": "1", "task_status": "submitted", "task_info": {}, "task_result": {}}
        data = {**record, "created_at": 1795252588381, "updated_at": 1795252588381}
        number = f"r{next(call.state['ids'])}"
        call.status, call.answer = 200, {"code": 0, "message": "SUCCEED", "request_id": number, "data": data}


lenient(
    "one-picture-without-a-list-is-taken",
    "refuses-wrong-types",
    lambda c: isinstance(has(c, "subject_image_list"), dict) and "0" not in c.body["subject_image_list"],
)
lenient("n-below-zero-is-taken", "refuses-beyond-limits", lambda c: has(c, "n") == -1)  # fmt: skip
