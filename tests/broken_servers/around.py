"""Planted bugs of what stands around a provider: stores, caches, codings, proxies, keys, clocks, logs."""

from __future__ import annotations

import copy
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from aiohttp import web
from tests.broken_servers.bugs import _enter as enter
from tests.broken_servers.bugs import after, before, bend_results, on_callback, results
from tests.broken_servers.by_kind import gone, has, key_bug, odd, ours, richer, turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.broken_servers.proxy import Call, Callback

QUERY_DISAGREES = "callback-agrees-with-query"


# --- stores: how a task is looked up ------------------------------------------------------------------------


def loose(name: str, which: Callable[[str, str], bool]) -> None:
    """A query finds the first task whose external id fits loosely."""

    @before(name, "external-ids-are-exact")
    def _(call: Call) -> None:
        given, names = has(call, "external_task_id"), call.state.setdefault("names", [])
        if call.kind == "create" and isinstance(given, str) and "subject_image_list" in call.body:
            names += [given] if given and "-bad-" not in given else []
        way, _, asked = call.path.rpartition("/")
        wanted = unquote(asked)
        if call.kind == "query" and ours(call) and wanted not in names:
            found = next((n for n in names if which(n, wanted)), None)
            call.path = f"{way}/{quote(found, safe='')}" if found else call.path


loose(
    "an-external-id-is-found-by-its-beginning", lambda name, asked: len(asked) > 5 and name.startswith(asked)
)
loose("an-external-id-is-found-in-any-case", lambda name, asked: name.lower() == asked.lower())
loose("a-percent-sign-finds-any-task", lambda name, asked: asked == "%")


@before(richer("an-external-id-is-free-after-the-end", 8), "external-id-is-unique")
def _(call: Call) -> None:
    given, seen = has(call, "external_task_id"), call.state.setdefault("taken", {})
    if not isinstance(given, str):
        return  # an id of another type is refused as ever
    old = time.monotonic() - seen.setdefault(given, time.monotonic()) > 1.0
    if call.kind == "create" and given and old and "Bearer v-other" not in call.headers["Authorization"]:
        call.body = {k: v for k, v in call.body.items() if k != "external_task_id"}


def _first_answer(call: Call) -> None:
    given = has(call, "external_task_id")
    if call.kind == "create" and isinstance(given, str) and given in call.state.get("answers", {}):
        call.status = 200
        call.answer = {**call.state["answers"][given], "request_id": f"r{next(call.state['ids'])}"}


def _remember(call: Call) -> None:
    given = has(call, "external_task_id")
    if call.kind == "create" and isinstance(given, str) and call.record:
        call.state.setdefault("answers", {}).setdefault(given, copy.deepcopy(call.answer))


enter("a-repeat-is-answered-with-the-first-task", "external-id-is-unique", "", before=_first_answer,
      after=_remember)  # fmt: skip


@after("the-price-grows-with-each-query", "ended-tasks-stay-unchanged", QUERY_DISAGREES)
def _(call: Call) -> None:
    if call.kind == "query" and results(call.record):
        cost = float(call.record["final_unit_deduction"])
        call.record["final_unit_deduction"] = str(cost + max(0, turn(call, "price") - 5))


# --- lists --------------------------------------------------------------------------------------------------


@after("the-last-page-comes-again", "list-pages-without-loss")
def _(call: Call) -> None:
    if call.kind == "list" and call.accepted:
        pages = call.state.setdefault("pages", {})
        if call.records:
            pages[call.path] = copy.deepcopy(call.answer["data"])
        elif call.query.get("pageNum", "1") != "1":
            call.answer["data"] = pages.get(call.path, [])


@after("the-whole-list-names-a-task-twice", "list-pages-without-loss", "list-is-stable list-page-size-kept")
def _(call: Call) -> None:
    if call.kind == "list" and len(call.records) > 1 and call.query.get("pageSize") == "500":
        call.answer["data"].append(copy.deepcopy(call.answer["data"][0]))


@after("lists-say-another-price", "list-records-complete")
def _(call: Call) -> None:
    for record in call.records if call.kind == "list" else ():
        if results(record):
            record["final_unit_deduction"] = "0.5"


# --- callbacks ----------------------------------------------------------------------------------------------


@on_callback("a-refused-callback-is-dropped", "callback-is-retried")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    state["never looks"] = True
    return [callback]


@on_callback("callbacks-go-to-another-tasks-url", "callback-url-is-kept", "callback-on-each-change")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.url = state.setdefault("first url", callback.url)
    return [callback]


# --- keys ---------------------------------------------------------------------------------------------------


key_bug(
    "a-key-needs-no-scheme",
    lambda call, own: call.headers.get("Authorization") == own.removeprefix("Bearer "),
)


# --- what parsers choke on ----------------------------------------------------------------------------------


CHOKES = "odd-fields-without-server-errors"
odd("nul-is-a-server-error", CHOKES, lambda c: b"\\u0000" in c.raw, 500)
odd("half-a-character-is-a-server-error", CHOKES, lambda c: b"\\ud800" in c.raw, 500)
odd("deep-nesting-is-a-server-error", CHOKES, lambda c: c.raw.count(b"[") > 100, 500)
odd("a-byte-order-mark-is-a-server-error", CHOKES, lambda c: c.raw.startswith(b"\xef\xbb\xbf"), 500)
odd("an-unknown-parameter-is-a-server-error", CHOKES,
    lambda c: c.kind == "list" and "x_client_version" in c.query, 500)  # fmt: skip
odd("a-number-of-30-digits-is-a-server-error", "refusal-status", lambda c: (has(c, "n") or 0) == 10**29, 500)
odd("a-limit-is-counted-in-utf-16", "accepts-limits",
    lambda c: c.kind == "create" and len(str(has(c, "negative_prompt") or "")) <= 2500
    < len(str(has(c, "negative_prompt")).encode("utf-16-le")) / 2, 400)  # fmt: skip


# --- what refusals show -------------------------------------------------------------------------------------


@after("a-traceback-in-a-tasks-reason", "refusal-leaks-nothing", QUERY_DISAGREES + " list-records-complete")
def _(call: Call) -> None:
    if call.kind == "query" and call.record.get("task_status") == "failed":
        call.record["task_status_msg"] = 'Traceback (most recent call last): File "/srv/worker.py", line 9'


@after("an-exception-in-a-header", "refusal-leaks-nothing")
def _(call: Call) -> None:
    if call.status == 400:
        call.answer_headers = {**call.answer_headers, "X-Exception": "java.lang.NullPointerException: task"}


@after("refusals-repeat-the-key", "refusal-leaks-nothing")
def _(call: Call) -> None:
    if call.status == 400 and isinstance(call.answer, dict):
        call.answer["message"] = f"not for {call.headers.get('Authorization', '')}"


# --- codings and types --------------------------------------------------------------------------------------


@after("refusals-are-web-pages", "answers-are-json", "unknown-task-refused")
def _(call: Call) -> None:
    if call.kind == "list" and call.status == 400:
        call.answer, call.answer_raw = None, b"<h1>Bad Request</h1>"
        call.answer_headers = {"Content-Type": "text/html"}


@after("a-name-comes-twice", "answers-are-json")
def _(call: Call) -> None:
    if call.kind == "query" and call.record:
        text = json.dumps(call.answer).replace(
            '"task_status"', '"task_status": "submitted", "task_status"', 1
        )
        call.answer, call.answer_raw = None, text.encode()


@after("lists-say-gzip-and-are-not", "answers-are-json", "list-limits-accepted")
def _(call: Call) -> None:
    if call.kind == "list":
        call.answer_headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}


@after("json-is-called-html", "answers-are-json")
def _(call: Call) -> None:
    call.answer_headers = {"Content-Type": "text/html; charset=utf-8"}


@after("a-query-by-external-id-redirects", "query-by-external-id", "answers-are-json")
def _(call: Call) -> None:
    if call.kind == "query" and call.record and not call.path.rpartition("/")[2].isdigit():
        call.status, call.answer, call.answer_raw = 302, None, b""
        call.answer_headers = {"Content-Type": "text/html", "Location": "/login"}


@after("request-ids-are-empty", "request-ids-differ")
def _(call: Call) -> None:
    if isinstance(call.answer, dict):
        call.answer["request_id"] = ""


# --- clocks -------------------------------------------------------------------------------------------------


@after("times-are-those-of-another-zone", "times-in-milliseconds", QUERY_DISAGREES)
def _(call: Call) -> None:
    # The mock's own clock runs faster than ours, and is ahead by then.
    for record in call.records:
        ahead = call.state.setdefault("ahead", record["created_at"] - int(time.time() * 1000))
        took = (record["updated_at"] - record["created_at"]) // 3
        record["created_at"] += 8 * 3600 * 1000 - ahead
        record["updated_at"] = record["created_at"] + took


@after("a-new-task-is-unknown-at-first", "query-by-task-id")
def _(call: Call) -> None:
    if call.kind == "query" and call.record and turn(call, "asked before") == 1:
        gone(call)


# --- results ------------------------------------------------------------------------------------------------


def hosted(
    name: str, promise: str, related: str, serve: Callable[[web.Request, bytes], web.Response]
) -> None:
    """Results lead through the broken server, which serves the faithful server's files in its own way."""

    @bend_results
    def lead(items: list[dict[str, Any]], call: Call) -> None:
        for item in items:
            own = item["url"].partition("?")[0].rpartition("/results/")[2].replace("/", "-")
            call.state.setdefault("real", {}).setdefault(own, item["url"])
            item["url"] = f"{call.state['url']}/files/{own}"

    enter(name, promise, f"{related} {QUERY_DISAGREES} list-records-complete", after=lead, serve=serve)


hosted("a-file-loses-its-end", "result-is-whole", "",
       lambda _, data: web.Response(body=data[:-40], content_type="image/png"))  # fmt: skip
hosted("a-login-page-for-a-file", "result-type", "result-downloads",
       lambda _, data: web.Response(text="<form>", content_type="text/html"))  # fmt: skip
hosted("a-file-packed-without-saying-so", "result-type", "",
       lambda _, data: web.Response(body=b"\x1f\x8b" + data, content_type="image/png"))  # fmt: skip
hosted("a-file-needs-the-key", "result-downloads", "", lambda _, data: web.Response(status=401))


@after("result-urls-hold-spaces", "result-urls-are-absolute", QUERY_DISAGREES + " list-records-complete")
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    for item in items:
        item["url"] = item["url"].replace("/results/", "/my results/")
