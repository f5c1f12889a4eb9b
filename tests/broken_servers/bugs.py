"""The planted bugs, at least one for each promise.

`promise` is the one that must catch it; `related` are those that the same fault breaks as well, and that may
fail with it. Any other failure is a false alarm.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from tests.broken_servers.proxy import Bug, Call, Callback, signed

from understudy.contracts.strategies.values import png

if TYPE_CHECKING:
    from collections.abc import Callable

BUGS: dict[str, Bug] = {}


def _enter(name: str, promise: str, related: str, **hooks: Any) -> None:
    assert name not in BUGS
    BUGS[name] = Bug(name, promise, frozenset(related.split()), **hooks)


def after(name: str, promise: str, related: str = "") -> Callable[[Callable[[Call], None]], None]:
    """A bug in an answer."""
    return lambda bend: _enter(name, promise, related, after=bend)


def before(name: str, promise: str, related: str = "") -> Callable[[Callable[[Call], None]], None]:
    """A bug in how a request is read."""
    return lambda bend: _enter(name, promise, related, before=bend)


def on_callback(
    name: str, promise: str, related: str = ""
) -> Callable[[Callable[[Callback, dict[str, Any]], list[Callback]]], None]:
    """A bug in how callbacks are sent."""
    return lambda bend: _enter(name, promise, related, callbacks=bend)


def each_record(bend: Callable[[dict[str, Any]], None], *kinds: str) -> Callable[[Call], None]:
    def run(call: Call) -> None:
        if not kinds or call.kind in kinds:
            for record in call.records:
                bend(record)

    return run


def ended(record: dict[str, Any], status: str = "succeed") -> bool:
    return record.get("task_status") == status


def elsewhere(url: str) -> str:
    """The same URL with another path."""
    return url.replace("://", "://elsewhere.", 1)


def results(record: dict[str, Any]) -> list[dict[str, Any]]:
    found = record.get("task_result", {})
    return found.get("images") or found.get("videos") or []


# --- create: what must be taken -----------------------------------------------------------------------------


@before("refuses-a-plain-request", "accepts-valid-requests", "accepts-documented-values")
def _(call: Call) -> None:
    body = call.body
    if (
        call.kind == "create"
        and isinstance(body, dict)
        and body.get("watermark_info", {}) == {"enabled": True}
    ):
        call.refuse(400, 1201, "watermark_info: not now")


@before("500-on-an-emoji", "accepts-unicode")
def _(call: Call) -> None:
    if call.kind == "create" and "🦊" in call.raw.decode("utf-8", "ignore"):
        call.refuse(500, 5000, "Internal error")


@before("prompt-limit-is-2000", "accepts-limits")
def _(call: Call) -> None:
    body = call.body
    if call.kind == "create" and isinstance(body, dict):
        text = body.get("negative_prompt") or ""
        if isinstance(text, str) and 2000 < len(text) <= 2500:
            call.refuse(400, 1201, "negative_prompt: too long")


@before("a-documented-model-is-refused", "accepts-documented-values")
def _(call: Call) -> None:
    body = call.body
    if call.kind == "create" and isinstance(body, dict) and body.get("model_name") == "kling-v2-1":
        call.refuse(400, 1201, "model_name: kling-v2-1 is not supported")


@before("an-empty-text-is-refused", "accepts-empty-texts")
def _(call: Call) -> None:
    body = call.body
    if call.kind == "create" and isinstance(body, dict) and body.get("scene_image") == "":
        call.refuse(400, 1201, "scene_image: must not be empty")


@after("a-task-starts-in-the-middle", "create-starts-initial", "status-moves-forward")
def _(call: Call) -> None:
    if call.kind == "create" and call.record:
        call.record["task_status"] = "processing"


@after("create-times-differ", "create-times-agree", "updated-at-never-backwards")
def _(call: Call) -> None:
    if call.kind == "create" and call.record:
        call.record["updated_at"] += 1


@after("the-external-id-is-lost", "create-echoes-external-id")
def _(call: Call) -> None:
    if call.kind == "create" and call.record:
        call.record["task_info"] = {}


@after(
    "ids-repeat",
    "task-ids-differ",
    "bad-picture-fails callback-after-create callback-agrees-with-query callback-on-each-change "
    "callback-repeats-agree create-echoes-external-id created-at-is-constant list-agrees-with-query "
    "list-contains-tasks other-account-cannot-query query-by-external-id query-by-task-id "
    "reason-exactly-at-failure result-aspect-ratio result-count result-exactly-at-success terminal-is-final "
    "updated-at-never-backwards",
)
def _(call: Call) -> None:
    if call.kind == "create" and call.record:
        call.record["task_id"] = call.state.setdefault("one id", call.record["task_id"])


@before("small-pictures-are-taken", "bad-picture-fails")
def _(call: Call) -> None:
    body = call.body
    if call.kind == "create" and isinstance(body, dict):
        for item in (
            body.get("subject_image_list") or [] if isinstance(body.get("subject_image_list"), list) else []
        ):
            if isinstance(item, dict) and isinstance(item.get("subject_image"), str):
                text = item["subject_image"]
                if text.startswith("iVBOR") and len(text) < 200:
                    item["subject_image"] = base64.b64encode(png(512, 512)).decode()
        call.body = body


# --- lifecycle ----------------------------------------------------------------------------------------------


@after("status-goes-back-once", "status-moves-forward", "callback-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and call.record.get("task_status") == "processing":
        seen = call.state.setdefault(call.record["task_id"], [])
        seen.append(1)
        if len(seen) == 2:
            call.record["task_status"] = "submitted"


# Who first sees the end when it was asked for before, by a probe, downloads from where there is nothing.
@after("terminal-state-changes", "terminal-is-final", "list-agrees-with-query result-downloads")
def _(call: Call) -> None:
    if call.kind == "query" and ended(call.record):
        seen = call.state.setdefault(call.record["task_id"], [])
        seen.append(1)
        if len(seen) > 1 and results(call.record):
            results(call.record)[0]["url"] = elsewhere(results(call.record)[0]["url"])


@after(
    "terminal-status-flips",
    "terminal-is-final",
    "callback-agrees-with-query callback-on-each-change reason-exactly-at-failure result-exactly-at-success "
    "updated-at-moves polls-of-one-instant-agree",
)
def _(call: Call) -> None:
    if call.kind == "query" and ended(call.record):
        seen = call.state.setdefault(call.record["task_id"], [])
        seen.append(1)
        if len(seen) > 2:
            call.record["task_status"] = "failed"
            call.record["task_status_msg"] = "Internal error, please try again later"
            call.record["task_result"] = {}


@after("created-at-moves", "created-at-is-constant", "callback-agrees-with-query list-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and ended(call.record):
        call.record["created_at"] += 1


@after("updated-at-runs-backwards", "updated-at-never-backwards", "list-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and call.record.get("task_status") in ("succeed", "failed"):
        call.record["updated_at"] = call.record["created_at"] - 1


@after("updated-at-is-frozen", "updated-at-moves", "list-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and call.record:
        call.record["updated_at"] = call.record["created_at"]


@after("no-result-at-success", "result-exactly-at-success", "callback-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and ended(call.record):
        call.record["task_result"] = {}


@after("a-result-too-early", "result-exactly-at-success", "callback-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and ended(call.record, "processing"):
        call.record["task_result"] = {"images": [{"index": 0, "url": "http://127.0.0.1/early.png"}]}


@after("no-reason-at-failure", "reason-exactly-at-failure", "callback-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and ended(call.record, "failed"):
        call.record["task_status_msg"] = ""


@after("a-reason-at-success", "reason-exactly-at-failure", "callback-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and ended(call.record):
        call.record["task_status_msg"] = "well done"


@after("query-answers-another-task", "query-by-task-id", "callback-agrees-with-query list-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and call.record and call.path.rpartition("/")[2].isdigit():
        call.record["task_id"] = call.record["task_id"][:-1] + "x"


@before("external-ids-are-not-found", "query-by-external-id")
def _(call: Call) -> None:
    if call.kind == "query" and not call.path.rpartition("/")[2].isdigit():
        call.refuse(400, 1201, "Task not found by id/external id")


# --- results ------------------------------------------------------------------------------------------------


def bend_results(bend: Callable[[list[dict[str, Any]], Call], None]) -> Callable[[Call], None]:
    def run(call: Call) -> None:
        if call.kind in ("query", "list"):
            for record in call.records:
                if results(record):
                    bend(results(record), call)

    return run


# Callbacks go unbent, so a query whose result is bent disagrees with them.
DISAGREES = "callback-agrees-with-query"


@after("one-result-too-many", "result-count", DISAGREES)
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    items.append({**items[0], "index": len(items), "url": elsewhere(items[0]["url"])})


@after("indexes-from-one", "result-indexes", DISAGREES)
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    for item in items:
        item["index"] += 1


@after("one-url-for-all", "result-urls-differ", DISAGREES)
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    for item in items:
        item["url"] = items[0]["url"]


@after("result-is-404", "result-downloads", DISAGREES)
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    for number, item in enumerate(items):
        item["url"] = f"{call.state['url']}/files/gone-{number}.png"


@after("result-is-html", "result-type", DISAGREES)
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    call.state["files"] = {f"page-{n}.png": ("text/html", b"<p>soon</p>") for n in range(9)}
    for number, item in enumerate(items):
        item["url"] = f"{call.state['url']}/files/page-{number}.png"


@after("result-is-square", "result-aspect-ratio", f"{DISAGREES} results-differ")
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    call.state["files"] = {f"square-{n}.png": ("image/png", png(640, 630)) for n in range(9)}
    for number, item in enumerate(items):
        item["url"] = f"{call.state['url']}/files/square-{number}.png"


@after("duration-is-short", "result-duration", DISAGREES)
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    for item in items:
        item["duration"] = "3.0"


# --- callbacks ----------------------------------------------------------------------------------------------


@on_callback("the-last-callback-is-lost", "callback-on-each-change")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    return [] if callback.body["task_status"] in ("succeed", "failed") else [callback]


@on_callback("no-callbacks", "callback-on-each-change")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    return []


@on_callback(
    "callbacks-in-an-envelope", "callback-shape", "callback-on-each-change callback-agrees-with-query"
)
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.body = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": callback.body}
    return [callback]


@on_callback("callback-and-poll-disagree", DISAGREES)
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    body = callback.body
    for item in results(body):
        item["url"] = elsewhere(item["url"])
    callback.body = body
    return [callback]


@on_callback("callbacks-out-of-order", "callback-order")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    held = state.setdefault("held", {})
    if callback.body["task_status"] == "processing":
        held[callback.url] = callback
        return []
    return [callback, held.pop(callback.url)] if callback.url in held else [callback]


@on_callback("terminal-state-twice-with-other-results", "callback-repeats-agree",
             "terminal-is-final callback-agrees-with-query")  # fmt: skip
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    body = callback.body
    if not results(body):
        return [callback]
    results(body)[0]["url"] = elsewhere(results(body)[0]["url"])
    second = Callback(callback.url, callback.headers, b"")
    second.body = body
    return [callback, second]


def _slow_create(call: Call) -> None:
    if call.kind == "create" and call.accepted:
        call.delay = 0.4


_enter("callback-before-the-answer", "callback-after-create", "", after=_slow_create)


@on_callback("signature-over-other-bytes", "callback-signature")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    again = Callback(callback.url, callback.headers, json.dumps(callback.body, indent=1).encode())
    callback.headers = signed(again)
    return [callback]


# --- lists and accounts -------------------------------------------------------------------------------------


@before("the-largest-page-is-refused", "list-limits-accepted",
        "list-contains-tasks list-answer-shape refusal-creates-nothing")  # fmt: skip
def _(call: Call) -> None:
    if call.kind == "list" and call.query.get("pageSize") == "500" and "pageNum" not in call.query:
        call.refuse(400, 1201, "pageSize: too large")


@before("any-page-number-is-taken", "list-limits-refused")
def _(call: Call) -> None:
    if call.kind == "list" and call.query.get("pageNum") in ("0", "1001"):
        call.query["pageNum"] = "1"


@after("the-newest-task-is-not-listed", "list-contains-tasks", "list-page-size-kept list-pages-without-loss")
def _(call: Call) -> None:
    if call.kind == "list" and call.records:
        del call.answer["data"][0]


@after("the-list-is-stale", "list-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "list":
        for record in call.records:
            record["task_status"] = "processing"


@before("page-size-is-ignored", "list-page-size-kept", "list-pages-without-loss")
def _(call: Call) -> None:
    if call.kind == "list" and call.query.get("pageSize") in ("1", "2") and "pageNum" in call.query:
        call.query["pageSize"] = "3"


@before("page-2-repeats-page-1", "list-pages-without-loss")
def _(call: Call) -> None:
    if call.kind == "list" and call.query.get("pageNum") == "2":
        call.query["pageNum"] = "1"


def _as_owner(call: Call) -> None:
    """Remember the first key that created a task; let everybody be that account."""
    key = call.headers.get("Authorization", "")
    if call.kind == "create" and key.startswith("Bearer v"):
        call.state.setdefault("owner", key)


@before("everybody-may-query", "other-account-cannot-query")
def _(call: Call) -> None:
    _as_owner(call)
    if call.kind == "query" and call.headers.get("Authorization", "").startswith("Bearer v"):
        call.headers["Authorization"] = call.state.get("owner", call.headers["Authorization"])


@before("everybody-may-list", "other-account-cannot-list")
def _(call: Call) -> None:
    _as_owner(call)
    if call.kind == "list" and call.headers.get("Authorization", "").startswith("Bearer v"):
        call.headers["Authorization"] = call.state.get("owner", call.headers["Authorization"])


# --- refusals -----------------------------------------------------------------------------------------------


def lenient(name: str, promise: str, fits: Callable[[Any], bool]) -> None:
    """A provider that mends a bad request instead of refusing it."""

    def bend(call: Call) -> None:
        if (
            call.kind == "create"
            and call.headers.get("Authorization", "").startswith("Bearer v")
            and fits(call)
        ):
            good = {"subject_image_list": [{"subject_image": base64.b64encode(png(512, 512)).decode()}]}
            body = call.body
            if isinstance(body, dict) and isinstance(body.get("external_task_id"), str):
                good["external_task_id"] = body["external_task_id"]
            call.body = good

    _enter(name, promise, "create-echoes-external-id", before=bend)


def _has(call: Call, name: str) -> Any:
    body = call.body
    return body.get(name) if isinstance(body, dict) else None


lenient("a-missing-list-is-taken", "refuses-missing-fields",
        lambda c: isinstance(c.body, dict) and "subject_image_list" not in c.body)  # fmt: skip
lenient("numbers-are-taken-for-texts", "refuses-wrong-types", lambda c: isinstance(_has(c, "prompt"), int))
lenient("n-10-is-taken", "refuses-beyond-limits", lambda c: _has(c, "n") == 10)
lenient("any-aspect-ratio-is-taken", "refuses-unknown-values",
        lambda c: _has(c, "aspect_ratio") == "fast-and-wide")  # fmt: skip
lenient("any-model-is-taken", "refuses-invented-models", lambda c: _has(c, "model_name") == "no-such-model-9")
lenient("a-data-prefix-is-taken", "refuses-malformed-pictures",
        lambda c: str(_has(c, "scene_image")).startswith("data:"))  # fmt: skip
lenient("any-body-is-taken", "refuses-malformed-bodies", lambda c: c.raw == b"[]")


@before("shots-that-do-not-add-up-are-taken", "refuses-fields-that-do-not-fit", "create-echoes-external-id")
def _any_shots(call: Call) -> None:
    """Of text2video: whatever the shots last, a clip of the usual length is made."""
    shots = _has(call, "multi_prompt")
    if call.kind == "create" and isinstance(shots, list) and _has(call, "duration") == "6":
        call.body = {"prompt": "a kite", "external_task_id": _has(call, "external_task_id") or ""}


@before("a-second-create-is-accepted", "external-id-is-unique",
        "create-echoes-external-id")  # fmt: skip
def _(call: Call) -> None:
    name = _has(call, "external_task_id")
    if call.kind == "create" and isinstance(name, str) and name:
        if name in call.state.setdefault("names", set()):
            call.body = {k: v for k, v in call.body.items() if k != "external_task_id"}
        call.state["names"].add(name)


@after("unknown-tasks-are-made-up", "unknown-task-refused", "other-account-cannot-query")
def _(call: Call) -> None:
    if call.kind == "query" and call.status == 400:
        record = {"task_id": call.path.rpartition("/")[2], "task_status": "submitted", "task_info": {}}
        record |= {"task_result": {}, "created_at": 1795252588381, "updated_at": 1795252588381}
        call.status = 200
        call.answer = {
            "code": 0,
            "message": "SUCCEED",
            "data": record,
            "request_id": f"r{next(call.state['ids'])}",
        }


@before("lists-need-no-key", "auth-missing-refused")
def _(call: Call) -> None:
    if call.kind == "list" and "Authorization" not in call.headers:
        call.headers["Authorization"] = "Bearer anybody"


@before("any-scheme-is-taken", "auth-malformed-refused")
def _(call: Call) -> None:
    if call.kind == "list" and call.headers.get("Authorization", "").startswith("Basic"):
        call.headers["Authorization"] = "Bearer anybody"


# The mock takes any key by itself, so the unknown task of the query is refused for what it is.
_enter("any-key-is-taken", "auth-unknown-key-refused", "refusal-status refusal-code")


@after("codes-as-texts", "refusal-shape")
def _(call: Call) -> None:
    if call.status >= 400 and isinstance(call.answer, dict):
        call.answer["code"] = str(call.answer["code"])


@after("refusals-with-data", "refusal-has-no-data")
def _(call: Call) -> None:
    if call.status >= 400 and isinstance(call.answer, dict):
        call.answer["data"] = {"hint": "see the manual"}


@after("errors-under-200", "refusal-status")
def _(call: Call) -> None:
    if call.status >= 400:
        call.status = 200


@after("bad-types-are-500", "refusal-status")
def _(call: Call) -> None:
    if call.kind == "create" and isinstance(_has(call, "n"), str):
        call.refuse(500, 5000, "Internal error")


@after("one-code-for-all", "refusal-code")
def _(call: Call) -> None:
    if call.status == 400 and isinstance(call.answer, dict):
        call.answer["code"] = 1000


@after("refusals-without-a-word", "refusal-has-message")
def _(call: Call) -> None:
    if call.status >= 400 and isinstance(call.answer, dict):
        call.answer["message"] = ""


@after(
    "a-refused-create-leaves-a-task", "refusal-creates-nothing", "list-page-size-kept list-pages-without-loss"
)
def _(call: Call) -> None:
    name = _has(call, "external_task_id")
    if call.kind == "create" and call.status == 400 and isinstance(name, str) and "-bad-" in name:
        call.state["ghost"] = {
            "task_id": "ghost", "task_status": "failed", "task_status_msg": "refused", "task_result": {},
            "task_info": {"external_task_id": name}, "created_at": 1795252588381, "updated_at": 1795252588381,
        }  # fmt: skip
    if call.kind == "list" and call.accepted and "ghost" in call.state and "subject" not in call.path:
        size = int(call.query.get("pageSize", "30"))
        if size > 30:
            call.answer["data"].append(call.state["ghost"])


# --- answers ------------------------------------------------------------------------------------------------


@after("broken-json", "answers-are-json", "unknown-task-refused")
def _(call: Call) -> None:
    if call.kind == "query" and call.status == 400:
        call.answer, call.answer_raw = None, b'{"code": 1201, "message": '


@after("json-that-does-not-say-so", "answers-are-json")
def _(call: Call) -> None:
    if call.kind == "list":
        call.answer_headers = {"Content-Type": "text/plain"}


@after("task-info-is-missing", "create-answer-shape")
def _(call: Call) -> None:
    if call.kind == "create" and call.record and not call.record["task_info"]:
        del call.record["task_info"]


@after("ids-are-numbers", "query-answer-shape", "callback-agrees-with-query")
def _(call: Call) -> None:
    if call.kind == "query" and call.record:
        call.record["task_id"] = int(call.record["task_id"])


@after("task-result-is-null", "query-answer-shape")
def _(call: Call) -> None:
    if call.kind == "query" and call.record and not call.record["task_result"]:
        call.record["task_result"] = None


@after("lists-in-an-object", "list-answer-shape", "list-limits-accepted")
def _(call: Call) -> None:
    if call.kind == "list" and call.accepted:
        call.answer["data"] = {"tasks": call.answer["data"]}


@after("times-in-seconds", "times-in-milliseconds", "list-agrees-with-query callback-agrees-with-query")
def _(call: Call) -> None:
    if call.kind in ("create", "query"):
        for record in call.records:
            record["created_at"] //= 1000
            record["updated_at"] //= 1000


@after("succeeded-for-succeed", "status-known", "list-agrees-with-query")
def _(call: Call) -> None:
    for record in call.records:
        if ended(record):
            record["task_status"] = "succeeded"


@after("one-request-id", "request-ids-differ")
def _(call: Call) -> None:
    if isinstance(call.answer, dict):
        call.answer["request_id"] = "always-the-same"


@after("deduction-is-a-number", "deduction-is-decimal", "query-answer-shape")
def _(call: Call) -> None:
    if call.kind == "query" and call.record.get("final_unit_deduction"):
        call.record["final_unit_deduction"] = float(call.record["final_unit_deduction"])
