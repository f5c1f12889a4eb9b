"""Planted bugs that are stranger: half-kept answers, copies that lag, texts and numbers that look alike."""

from __future__ import annotations

import copy
import html
import json
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import web
from tests.broken_servers.around import QUERY_DISAGREES, hosted
from tests.broken_servers.bugs import BUGS, after, before, bend_results, on_callback, results
from tests.broken_servers.bugs import _enter as enter
from tests.broken_servers.by_kind import RICHER, ended, has, id_bug, odd, ours, turn
from tests.broken_servers.proxy import signed

if TYPE_CHECKING:
    from tests.broken_servers.proxy import Call, Callback

OLDER = frozenset(BUGS)


# --- tasks after their end ----------------------------------------------------------------------------------


@after("reading-a-task-updates-it", "ended-tasks-stay-unchanged", f"{QUERY_DISAGREES} "
       "polls-of-one-instant-agree list-agrees-with-query updated-at-never-backwards")  # fmt: skip
def _(call: Call) -> None:
    if call.kind == "query" and ended(call):
        call.record["updated_at"] += turn(call, "read") * 1000


@after("results-change-places", "ended-tasks-stay-unchanged", f"{QUERY_DISAGREES} terminal-is-final "
       "polls-of-one-instant-agree list-records-complete result-indexes")  # fmt: skip
def _(call: Call) -> None:
    if call.kind == "query" and len(results(call.record)) > 1 and turn(call, "mixed") % 2 == 0:
        results(call.record).reverse()


@after("an-external-id-answers-an-older-state", "no-stale-answers", "query-by-external-id "
       "ended-tasks-stay-unchanged terminal-is-final status-moves-forward "
       "polls-of-one-instant-agree updated-at-never-backwards")  # fmt: skip
def _(call: Call) -> None:
    first = call.state.setdefault("first", {})
    if call.kind == "query" and call.record:
        old = first.setdefault(call.record["task_id"], copy.deepcopy(call.answer))
        if not call.path.endswith(call.record["task_id"]) and old["data"]["task_status"] == "submitted":
            call.answer = {**old, "request_id": f"r{next(call.state['ids'])}"}


@after("results-stand-in-another-order", "result-indexes", f"{QUERY_DISAGREES} list-records-complete")
def _(call: Call) -> None:
    for record in call.records if call.kind in ("query", "list") else ():
        results(record).reverse()


@after("a-failed-task-keeps-a-result", "result-exactly-at-success", QUERY_DISAGREES)
def _(call: Call) -> None:
    if call.kind == "query" and call.record.get("task_status") == "failed":
        call.record["task_result"] = {"images": [{"index": 0, "url": f"{call.state['url']}/none.png"}]}


@after(
    "success-with-an-empty-list",
    "result-exactly-at-success",
    f"{QUERY_DISAGREES} list-answer-shape query-answer-shape",
)
def _(call: Call) -> None:
    if call.kind in ("query", "list"):
        for record in call.records:
            if results(record):
                record["task_result"] = {"images": []}


# --- what only lists do -------------------------------------------------------------------------------------


@after("lists-cut-times-to-seconds", "list-agrees-with-query")
def _(call: Call) -> None:
    for record in call.records if call.kind == "list" else ():
        record["created_at"] -= record["created_at"] % 1000
        record["updated_at"] -= record["updated_at"] % 1000


@after("lists-write-states-large", "list-agrees-with-query", "list-answer-shape")
def _(call: Call) -> None:
    for record in call.records if call.kind == "list" else ():
        record["task_status"] = record["task_status"].upper()


@after("failed-tasks-are-not-listed", "list-contains-tasks", "list-page-size-kept list-pages-without-loss "
       "list-is-stable")  # fmt: skip
def _(call: Call) -> None:
    if call.kind == "list" and call.accepted:
        call.answer["data"] = [r for r in call.records if r["task_status"] != "failed"]


@after("lists-show-the-first-result-only", "list-records-complete")
def _(call: Call) -> None:
    for record in call.records if call.kind == "list" else ():
        del results(record)[1:]


odd("a-page-beyond-the-end-is-a-server-error", "list-limits-accepted",
    lambda c: c.kind == "list" and c.query.get("pageNum") == "1000", 500,
    "answers-without-internal-errors list-is-stable list-pages-without-loss refusal-status")  # fmt: skip


@after("a-cached-page-for-another-account", "other-account-cannot-list")
def _(call: Call) -> None:
    """The first page is cached, for whoever asks."""
    kept = call.state.setdefault("page", [])
    if call.kind == "list" and call.records and ours(call):
        kept[:] = call.records[:1]
    if call.kind == "list" and "v-other" in call.headers.get("Authorization", "") and call.accepted:
        call.answer["data"] = [*call.records, *kept]


# --- callbacks ----------------------------------------------------------------------------------------------


@on_callback("callbacks-are-plain-text", "callback-shape", "callback-signature")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.headers = {**callback.headers, "Content-Type": "text/plain"}
    return [callback]


@on_callback("callbacks-come-in-an-envelope", "callback-shape", QUERY_DISAGREES + " callback-on-each-change")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.body = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": callback.body}
    return [callback]


@on_callback("failures-are-not-called-back", "callback-on-each-change")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    return [] if callback.body["task_status"] == "failed" else [callback]


@on_callback("callbacks-have-one-id", "callback-ids-differ")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.headers = {
        **callback.headers,
        "webhook-id": state.setdefault("id", callback.headers["webhook-id"]),
    }
    callback.headers = signed(callback)
    return [callback]


@on_callback("callbacks-are-signed-an-hour-ago", "callback-signature")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    stamp = int(callback.headers["webhook-timestamp"]) - 3600
    callback.headers = signed(
        type(callback)(callback.url, {**callback.headers, "webhook-timestamp": str(stamp)}, callback.raw)
    )
    return [callback]


@on_callback("callbacks-hold-another-tasks-result", QUERY_DISAGREES, "result-urls-differ terminal-is-final")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    body = callback.body
    if results(body):
        body["task_result"] = state.setdefault("a result", body["task_result"])
        callback.body = body
    return [callback]


# --- identifiers --------------------------------------------------------------------------------------------


id_bug("external-ids-are-escaped-for-html", "", html.escape)
id_bug("external-ids-are-taken-apart", "", lambda v: unicodedata.normalize("NFD", v))


def near_id(name: str, promise: str, bend: Any) -> None:
    """A query finds a task by an id that is read loosely."""

    @before(name, promise, "unknown-task-refused")
    def _(call: Call) -> None:
        way, _, asked = call.path.rpartition("/")
        if call.kind == "query" and ours(call) and asked != "0" * 18:
            call.path = f"{way}/{bend(asked)}"


near_id("task-ids-lose-leading-zeros", "task-ids-are-exact", lambda asked: asked.lstrip("0"))
near_id("task-ids-end-where-letters-begin", "task-ids-are-exact",
        lambda asked: asked.rstrip("x") if asked.rstrip("x").isdigit() else asked)  # fmt: skip


@before("an-external-id-is-read-by-anybody", "other-account-cannot-query", "task-needs-its-key")
def _(call: Call) -> None:
    key, given = call.headers.get("Authorization", ""), has(call, "external_task_id")
    owners = call.state.setdefault("owners", {})
    if call.kind == "create" and isinstance(given, str):
        owners.setdefault(given, key)
    if call.kind == "query" and ours(call):
        call.headers["Authorization"] = owners.get(unquote(call.path.rpartition("/")[2]), key)


def _same_second(call: Call) -> None:
    """Two creates at once are told one task."""
    made = call.state.setdefault("first made", {})
    if call.kind == "create" and call.record and len(made) == 0:
        made["answer"] = copy.deepcopy(call.answer["data"])
    elif call.kind == "create" and call.record and made.get("told", 0) < 1:
        made["told"] = 1
        call.answer["data"]["task_id"] = made["answer"]["task_id"]


enter("two-creates-are-told-one-task", "task-ids-differ", "query-by-external-id callback-url-is-kept "
      "external-id-is-unique list-contains-tasks", after=_same_second)  # fmt: skip


# --- money --------------------------------------------------------------------------------------------------


def price(name: str, promise: str, related: str, bend: Any) -> None:
    @after(name, promise, f"{QUERY_DISAGREES} list-records-complete {related}")
    def _(call: Call) -> None:
        for record in call.records if call.kind in ("query", "list") else ():
            bend(record)


price("a-price-below-nothing", "deduction-is-decimal", "deduction-fits-request",
      lambda r: results(r) and r.update(final_unit_deduction="-1"))  # fmt: skip
price("a-price-with-a-comma", "deduction-is-decimal", "deduction-fits-request",
      lambda r: results(r) and r.update(final_unit_deduction="1,0"))  # fmt: skip
price("a-price-before-the-end", "callback-agrees-with-query", "",
      lambda r: r["task_status"] == "processing" and r.update(final_unit_deduction="9"))  # fmt: skip


# --- numbers, texts and codes -------------------------------------------------------------------------------


def coerced(name: str, promise: str, which: Any, mend: Any) -> None:
    @before(name, promise, "create-echoes-external-id result-count")
    def _(call: Call) -> None:
        if call.kind == "create" and isinstance(call.body, dict) and ours(call) and which(call.body):
            call.body = mend(call.body)


coerced("a-number-in-quotes-is-taken", "refuses-wrong-types",
        lambda b: isinstance(b.get("n"), str) and b["n"].isdigit(),
        lambda b: {**b, "n": int(b["n"])})  # fmt: skip
coerced("true-is-taken-for-one", "refuses-wrong-types",
        lambda b: b.get("n") is True, lambda b: {**b, "n": 1})  # fmt: skip
coerced("enums-in-any-case-are-taken", "refuses-unknown-values",
        lambda b: str(b.get("aspect_ratio")).endswith(" "),
        lambda b: {**b, "aspect_ratio": b["aspect_ratio"].strip()})  # fmt: skip
coerced("null-is-taken-for-a-required-list", "refuses-missing-fields",
        lambda b: "subject_image_list" in b and b["subject_image_list"] is None,
        lambda b: {**b, "subject_image_list": [{"subject_image": "https://example.com/a.png"}]})  # fmt: skip


@after("created-is-201", "create-answer-shape", "accepts-valid-requests")
def _(call: Call) -> None:
    if call.kind == "create" and call.accepted:
        call.status = 201


@after(
    "a-refusal-with-the-code-of-success", "refusal-code", "refusal-shape refusal-status unknown-task-refused"
)
def _(call: Call) -> None:
    if call.status == 400 and isinstance(call.answer, dict):
        call.answer["code"] = 0


@after("a-refusal-says-null", "refusal-shape")
def _(call: Call) -> None:
    if call.status == 400 and isinstance(call.answer, dict):
        call.answer["message"] = None


@after("not-a-number-in-a-record", "answers-are-json", "query-by-task-id query-by-external-id")
def _(call: Call) -> None:
    if call.kind == "query" and results(call.record):
        text = json.dumps({**call.answer, "eta": 0}).replace('"eta": 0', '"eta": NaN')
        call.answer, call.answer_raw = None, text.encode()


@after("messages-in-another-coding", "answers-are-json")
def _(call: Call) -> None:
    if call.kind == "query" and call.record:
        text = json.dumps({**call.answer, "message": "réussi"}, ensure_ascii=False)
        call.answer, call.answer_raw = None, text.encode("latin-1", "replace")


@after("times-are-texts", "times-in-milliseconds", f"{QUERY_DISAGREES} list-agrees-with-query "
       "create-answer-shape query-answer-shape created-at-is-constant")  # fmt: skip
def _(call: Call) -> None:
    for record in call.records:
        record.update(created_at=str(record["created_at"]), updated_at=str(record["updated_at"]))


# --- results ------------------------------------------------------------------------------------------------


@after("a-result-url-holds-the-key", "answers-hide-the-key", f"{QUERY_DISAGREES} list-records-complete "
       "result-urls-differ")  # fmt: skip
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    key = call.headers.get("Authorization", "").removeprefix("Bearer ")
    for item in items:
        item["url"] += f"{'&' if '?' in item['url'] else '?'}token={key}"


hosted("a-file-is-one-pixel", "result-aspect-ratio", "result-is-whole",
       lambda _, data: web.Response(body=data[:16] + b"\0\0\0\1" * 2 + data[24:],
                                    content_type="image/png"))  # fmt: skip
hosted("a-file-answers-206", "result-downloads", "",
       lambda _, data: web.Response(status=206, body=data, content_type="image/png"))  # fmt: skip


# --- ids that nobody has ------------------------------------------------------------------------------------


def odd_id(name: str, which: Any) -> None:
    odd(name, "odd-fields-without-server-errors",
        lambda c: c.kind == "query" and which(unquote(c.path.rpartition("/")[2])), 500)  # fmt: skip


odd_id("an-id-with-a-nul-is-a-server-error", lambda asked: "\x00" in asked)
odd_id("a-long-id-is-a-server-error", lambda asked: len(asked) > 255)
odd_id("an-id-beyond-ascii-is-a-server-error", lambda asked: "任" in asked)

# Two results, two tasks that succeed, an external id with reserved characters: each needs some tasks more.
RICHER.update(dict.fromkeys(BUGS.keys() - OLDER, 8))
