"""Further planted bugs, by kind: what gateways do to tasks, results, lists, callbacks, keys, ids and money.

At least three a kind, and some that need two families or several tasks to be seen.
"""

from __future__ import annotations

import copy
import io
import time
from typing import TYPE_CHECKING, Any

from PIL import Image
from tests.broken_servers.bugs import _enter as enter
from tests.broken_servers.bugs import after, before, bend_results, on_callback, results

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.broken_servers.proxy import Call, Callback

# Bugs that show only when both families are asked, or with more money.
BOTH: set[str] = set()
RICHER: dict[str, int] = {}


def both(name: str) -> str:
    BOTH.add(name)
    return name


def richer(name: str, units: int) -> str:
    RICHER[name] = units
    return name


def has(call: Call, name: str) -> Any:
    body = call.body
    return body.get(name) if isinstance(body, dict) else None


def ours(call: Call) -> bool:
    return call.headers.get("Authorization", "").startswith("Bearer v")


def turn(call: Call, what: str) -> int:
    """How often this was asked before, for this task."""
    seen = call.state.setdefault(what, {})
    key = call.path.rpartition("/")[2]
    seen[key] = seen.get(key, 0) + 1
    return int(seen[key])


def made(call: Call) -> list[str]:
    """The ids of the tasks that were created, in order."""
    found: list[str] = call.state.setdefault("made", [])
    if call.kind == "create" and call.record.get("task_id"):
        found.append(call.record["task_id"])
    return found


def gone(call: Call) -> None:
    call.refuse(400, 1201, "Task not found by id/external id")


def ended(call: Call) -> bool:
    return call.record.get("task_status") in ("succeed", "failed")


# --- liveness -----------------------------------------------------------------------------------------------


def stuck(name: str, status: str, which: Callable[[Call, int], bool]) -> None:
    @after(richer(name, 8), "every-task-ends", "callback-agrees-with-query list-agrees-with-query")
    def _(call: Call) -> None:
        ids = made(call)
        if call.kind == "create" and ids and which(call, len(ids)):
            call.state.setdefault("stuck", {})[ids[-1]] = dict(call.record)
        held = call.state.get("stuck", {})
        for record in call.records if call.kind in ("query", "list") else ():
            if record["task_id"] in held:
                record |= {"task_status": status, "task_result": {}, "task_status_msg": ""}


stuck("every-third-task-stays-processing", "processing", lambda _, n: n % 3 == 0)
stuck("every-fourth-task-stays-submitted", "submitted", lambda _, n: n % 4 == 0)
stuck("a-task-with-an-empty-text-never-ends", "processing", lambda c, _: has(c, "negative_prompt") == "")


# --- durability ---------------------------------------------------------------------------------------------


@after(
    "ended-tasks-are-forgotten", "ended-tasks-stay", "query-by-task-id terminal-is-final list-contains-tasks"
)
def _(call: Call) -> None:
    if call.kind == "query" and ended(call) and turn(call, "ended") > 5:
        gone(call)


@after("external-ids-are-forgotten-after-the-end", "ended-tasks-stay", "query-by-external-id")
def _(call: Call) -> None:
    if call.kind == "query" and ended(call):
        name = call.path.rpartition("/")[2]
        if name != call.record["task_id"] and turn(call, "by external id") > 1:
            gone(call)


@after(
    "results-are-emptied-later", "ended-tasks-stay-unchanged", "terminal-is-final result-exactly-at-success"
)
def _(call: Call) -> None:
    if call.kind == "query" and ended(call) and turn(call, "asked") > 5:
        call.record["task_result"] = {}


@after("only-the-newest-tasks-are-kept", "ended-tasks-stay", "list-contains-tasks query-by-task-id")
def _(call: Call) -> None:
    ids = made(call)
    if call.kind == "query" and ended(call) and call.record["task_id"] in ids[:-2] and turn(call, "old") > 5:
        gone(call)


@after("result-urls-expire-at-once", "results-stay", "callback-agrees-with-query")
@bend_results
def _(items: list[dict[str, Any]], call: Call) -> None:
    call.state.setdefault("expiring", {})
    for item in items:
        name = item["url"].partition("?")[0].rpartition("/results/")[2].replace("/", "-")
        call.state["expiring"].setdefault(name, item["url"])
        item["url"] = f"{call.state['url']}/expiring/{name}"


# --- integrity ----------------------------------------------------------------------------------------------


def served(name: str, promise: str, related: str, make: Callable[[int, int], tuple[str, bytes]]) -> None:
    """Results that are ours: `make` gives type and bytes for the n-th result of the m-th task."""

    @after(name, promise, related)
    @bend_results
    def _(items: list[dict[str, Any]], call: Call) -> None:
        files = call.state.setdefault("files", {})
        for number, item in enumerate(items):
            task = item["url"].split("/results/")[-1].split("/")[0] if "/results/" in item["url"] else "x"
            tasks = call.state.setdefault("numbers", {})
            place = tasks.setdefault(task, len(tasks))
            key = f"{task}-{number}.png"
            if key not in files:
                files[key] = make(number, place)
            item["url"] = f"{call.state['url']}/files/{key}"


def drawn(shade: int, width: int = 640, height: int = 360, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (shade % 256, 40, 90)).save(out, form)
    return out.getvalue()


QUERY_DISAGREES = "callback-agrees-with-query list-records-complete result-aspect-ratio"
served("pictures-are-cut-in-half", "result-is-whole", QUERY_DISAGREES,
       lambda n, m: ("image/png", drawn(n + 9 * m)[:700]))  # fmt: skip
served("pictures-are-zeros-behind-their-head", "result-is-whole", QUERY_DISAGREES,
       lambda n, m: ("image/png", drawn(n + 9 * m)[:60] + bytes([n, m]) + bytes(2000)))  # fmt: skip
served("one-picture-for-all", "results-differ", QUERY_DISAGREES, lambda n, m: ("image/png", drawn(7)))
served("one-picture-for-each-task", "results-differ", QUERY_DISAGREES,
       lambda n, m: ("image/png", drawn(m)))  # fmt: skip
served("webp-served-as-png", "result-type", QUERY_DISAGREES,
       lambda n, m: ("image/png", drawn(n + 9 * m, form="WEBP")))  # fmt: skip
served("the-second-result-is-square", "result-aspect-ratio", QUERY_DISAGREES,
       lambda n, m: ("image/png", drawn(n + 9 * m, 500, 500)))  # fmt: skip


def url_bug(name: str, promise: str, related: str, bend: Callable[[str], str]) -> None:
    @after(name, promise, f"{related} callback-agrees-with-query list-records-complete")
    @bend_results
    def _(items: list[dict[str, Any]], call: Call) -> None:
        for item in items:
            item["url"] = bend(item["url"])


url_bug(
    "result-urls-are-relative",
    "result-urls-are-absolute",
    "",
    lambda u: "/results/" + u.split("/results/")[-1],
)
url_bug("result-urls-have-no-scheme", "result-urls-are-absolute", "", lambda u: u.partition(":")[2])
url_bug("result-urls-are-javascript", "result-urls-are-absolute", "", lambda u: "javascript:alert(1)")
url_bug("result-urls-are-empty", "result-urls-are-absolute", "query-answer-shape result-exactly-at-success "
        "list-answer-shape", lambda u: "")  # fmt: skip
url_bug(
    "the-result-host-is-down",
    "result-downloads",
    "",
    lambda u: "http://127.0.0.1:9/" + u.split("/results/")[-1],
)


# --- lists --------------------------------------------------------------------------------------------------


@after("the-oldest-task-comes-first", "list-newest-first", "list-page-size-kept list-pages-without-loss")
def _(call: Call) -> None:
    if call.kind == "list" and call.records:
        call.answer["data"].sort(key=lambda r: r["created_at"])


@after("lists-leave-results-out", "list-records-complete", "list-answer-shape list-agrees-with-query")
def _(call: Call) -> None:
    for record in call.records if call.kind == "list" else ():
        record["task_result"] = {}


@after("lists-leave-reasons-out", "list-records-complete", "list-agrees-with-query")
def _(call: Call) -> None:
    for record in call.records if call.kind == "list" else ():
        record["task_status_msg"] = ""


@after("lists-leave-external-ids-out", "list-records-complete")
def _(call: Call) -> None:
    for record in call.records if call.kind == "list" else ():
        record["task_info"] = {}


@after(both("lists-mix-families"), "list-families-apart", "list-page-size-kept list-pages-without-loss "
       "list-newest-first list-answer-shape")  # fmt: skip
def _(call: Call) -> None:
    kept = call.state.setdefault("listed", {})
    if call.kind == "list" and call.records:
        kept[call.path] = copy.deepcopy(call.answer["data"])
        other = [r for path, found in kept.items() if path != call.path for r in found]
        if int(call.query.get("pageSize", "30")) > 30:
            call.answer["data"] += other[:1]


@after("a-second-reading-loses-a-task", "list-is-stable", "list-pages-without-loss list-contains-tasks")
def _(call: Call) -> None:
    whole = call.query.get("pageSize") == "500" and "pageNum" in call.query
    if call.kind == "list" and len(call.records) > 1 and whole:
        call.state["readings"] = call.state.get("readings", 0) + 1
        if call.state["readings"] > 1:
            del call.answer["data"][0]


# --- callbacks ----------------------------------------------------------------------------------------------


@on_callback("the-query-string-is-dropped", "callback-url-is-kept")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.url = callback.url.partition("?")[0]
    return [callback]


@on_callback("the-query-string-is-decoded", "callback-url-is-kept")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.url = callback.url.replace("%2B", "+")
    return [callback]


@on_callback("callbacks-are-put", "callback-url-is-kept")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.method = "PUT"
    return [callback]


@on_callback("the-last-callback-comes-late", "callback-in-time")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.delay = 4.0 if callback.body["task_status"] in ("succeed", "failed") else 0.0
    return [callback]


def callback_bug(name: str, bend: Callable[[dict[str, Any]], None], related: str = "") -> None:
    @on_callback(name, "callback-agrees-with-query", related)
    def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
        body = callback.body
        bend(body)
        callback.body = body
        return [callback]


callback_bug("callbacks-say-another-updated-at", lambda b: b.update(updated_at=b["updated_at"] + 5))
callback_bug("callbacks-lose-the-external-id", lambda b: b.update(task_info={}))
callback_bug("callbacks-lose-the-results", lambda b: b.update(task_result={}), "result-exactly-at-success")
callback_bug("callbacks-say-another-cost",
             lambda b: "final_unit_deduction" in b and b.update(final_unit_deduction="7"))  # fmt: skip


@on_callback("callbacks-are-forms", "callback-shape", "callback-on-each-change callback-signature")
def _(callback: Callback, state: dict[str, Any]) -> list[Callback]:
    callback.headers = {**callback.headers, "Content-Type": "application/x-www-form-urlencoded"}
    return [callback]


# --- accounts and keys --------------------------------------------------------------------------------------


def key_bug(name: str, which: Callable[[Call, str], bool]) -> None:
    """A query whose key is nearly right is answered as with the right one."""

    @before(
        name,
        "task-needs-its-key",
        "other-account-cannot-query auth-missing-refused auth-malformed-refused refusal-status refusal-code",
    )
    def _(call: Call) -> None:
        given = call.headers.get("Authorization", "")
        if call.kind == "create" and given.startswith("Bearer v-") and "other" not in given:
            call.state.setdefault("owner", given)
        owner = call.state.get("owner", "")
        if call.kind == "query" and owner and given != owner and which(call, owner):
            call.headers["Authorization"] = owner


key_bug(
    "keys-are-compared-by-their-beginning",
    lambda c, o: o.startswith(c.headers.get("Authorization", "-")[:-1]),
)
key_bug("keys-have-no-case", lambda c, o: c.headers.get("Authorization", "").lower() == o.lower())
key_bug(
    "a-task-needs-no-key", lambda c, o: "Authorization" not in c.headers and not c.path.endswith("0" * 18)
)
key_bug("a-key-in-the-query-is-enough",
        lambda c, o: c.query.get("access_token", "-") == o.removeprefix("Bearer "))  # fmt: skip


# --- identifiers --------------------------------------------------------------------------------------------


def id_bug(name: str, related: str, bend: Callable[[str], str]) -> None:
    """External ids are kept in another form than they came."""

    @before(name, "create-echoes-external-id", related)
    def _(call: Call) -> None:
        given = has(call, "external_task_id")
        if call.kind == "create" and isinstance(given, str) and given:
            call.body = {**call.body, "external_task_id": bend(given)}


id_bug("external-ids-in-small-letters", "", str.lower)
id_bug(richer("external-ids-are-cut-at-32", 9), "external-id-is-unique", lambda v: v[:32])
id_bug("external-ids-lose-what-is-not-ascii", "", lambda v: v.encode("ascii", "ignore").decode())


@before("an-upper-case-id-is-refused", "accepts-external-ids", "accepts-valid-requests")
def _(call: Call) -> None:
    given = has(call, "external_task_id")
    if call.kind == "create" and isinstance(given, str) and given != given.lower():
        call.refuse(400, 1201, "external_task_id: small letters only")


@before("a-refused-create-uses-its-id-up", "refused-create-keeps-id-free")
def _(call: Call) -> None:
    given, used = has(call, "external_task_id"), call.state.setdefault("used", set())
    if call.kind == "create" and isinstance(given, str) and given:
        if given in used and "subject_image_list" in call.body:
            call.refuse(400, 1201, f"External_task_id {given} already exists")
        if "subject_image_list" not in call.body:
            used.add(given)


@before("two-creates-at-once-are-both-taken", "external-id-is-unique")
def _(call: Call) -> None:
    given, seen = has(call, "external_task_id"), call.state.setdefault("instants", {})
    if call.kind == "create" and isinstance(given, str) and given:
        if time.monotonic() - seen.setdefault(given, time.monotonic()) < 0.3 and call.state.get(given):
            call.body = {k: v for k, v in call.body.items() if k != "external_task_id"}
        call.state[given] = True


@before(both("any-family-answers-for-any-task"), "families-are-apart")
def _(call: Call) -> None:
    if call.kind == "query" and ours(call):
        seen = call.state.setdefault("families", {})
        name = call.path.rpartition("/")[2]
        call.path = f"{seen.setdefault(name, call.path.rpartition('/')[0])}/{name}"


@before(richer("external-ids-are-global", 8), "external-ids-are-per-account")
def _(call: Call) -> None:
    given, owners = has(call, "external_task_id"), call.state.setdefault("owners", {})
    if call.kind == "create" and isinstance(given, str) and given:
        key = call.headers.get("Authorization", "")
        if owners.setdefault(given, key) != key:
            call.refuse(400, 1201, f"External_task_id {given} already exists")


def _counted(call: Call) -> None:
    """Every id on the way out is a small number."""
    ids = call.state.setdefault("small", {})
    for record in call.records:
        record["task_id"] = ids.setdefault(record["task_id"], str(len(ids) + 1))


def _led_back(call: Call) -> None:
    way, _, name = call.path.rpartition("/")
    real = {small: long for long, small in call.state.get("small", {}).items()}
    call.path = f"{way}/{real.get(name, name)}"


enter("ids-are-counted", "task-ids-cannot-be-guessed", "callback-agrees-with-query callback-after-create "
      "callback-on-each-change list-agrees-with-query", before=_led_back, after=_counted)  # fmt: skip


# --- leniency -----------------------------------------------------------------------------------------------


def odd(name: str, promise: str, which: Callable[[Call], bool], status: int, related: str = "") -> None:
    @before(name, promise, related)
    def _(call: Call) -> None:
        if which(call):
            call.refuse(status, 5000 if status >= 500 else 1200, "no")


def content(call: Call) -> str:
    return next((v for n, v in call.headers.items() if n.lower() == "content-type"), "")


odd("head-is-a-server-error", "methods-without-server-errors", lambda c: c.method == "HEAD", 500)
odd("delete-is-a-server-error", "methods-without-server-errors", lambda c: c.method == "DELETE", 500)
odd("a-charset-is-refused", "content-type-with-charset", lambda c: "charset" in content(c).lower(), 415)
odd("expect-is-refused", "expect-is-answered", lambda c: any(n.lower() == "expect" for n in c.headers), 417)
odd("bodies-of-a-megabyte-are-refused", "expect-is-answered", lambda c: len(c.raw) > 1_000_000, 413,
    "refusal-status")  # fmt: skip
odd("null-is-a-server-error", "odd-fields-without-server-errors",
    lambda c: isinstance(c.body, dict) and None in c.body.values(), 500, "refusal-status")  # fmt: skip
odd("unknown-fields-are-a-server-error", "odd-fields-without-server-errors",
    lambda c: has(c, "x_client_version") is not None, 500, "accepts-valid-requests")  # fmt: skip
odd("unknown-fields-are-refused", "accepts-odd-fields", lambda c: has(c, "x_client_version") is not None, 400)
odd("a-limit-is-counted-in-bytes", "accepts-limits",
    lambda c: c.kind == "create" and len(str(has(c, "negative_prompt") or "").encode()) > 2500
    and len(str(has(c, "negative_prompt"))) <= 2500, 400)  # fmt: skip


@before("the-scheme-has-a-case", "scheme-in-any-case")
def _(call: Call) -> None:
    if call.headers.get("Authorization", "").startswith("bearer "):
        call.refuse(401, 1002, "Authorization is invalid")


# --- money and refusals -------------------------------------------------------------------------------------


def cost_bug(name: str, promise: str, bend: Callable[[dict[str, Any]], None]) -> None:
    @after(name, promise, "callback-agrees-with-query list-agrees-with-query")
    def _(call: Call) -> None:
        for record in call.records if call.kind in ("query", "list") else ():
            bend(record)


def _double(record: dict[str, Any]) -> None:
    if record.get("final_unit_deduction") not in (None, "", "0"):
        record["final_unit_deduction"] = str(float(record["final_unit_deduction"]) * 2)


def _flat(record: dict[str, Any]) -> None:
    if results(record):
        record["final_unit_deduction"] = "1"


def _charged(record: dict[str, Any]) -> None:
    if record.get("task_status") == "failed":
        record["final_unit_deduction"] = "1"


cost_bug("everything-is-charged-twice", "deduction-fits-request", _double)
cost_bug("two-results-cost-as-one", "deduction-fits-request", _flat)
cost_bug("failed-tasks-are-charged", "failed-tasks-are-free", _charged)


def leak(name: str, text: str) -> None:
    @after(name, "refusal-leaks-nothing")
    def _(call: Call) -> None:
        if call.status == 400 and call.kind == "create" and isinstance(call.answer, dict):
            call.answer["message"] = text


leak("a-traceback-in-a-refusal", 'Traceback (most recent call last): File "/srv/api/create.py", line 17')
leak("a-query-in-a-refusal", "SELECT id FROM tasks WHERE external_id = 'x': relation does not exist")
leak("an-inner-address-in-a-refusal", "upstream 10.2.0.17:8080 answered 400")


@after("a-refusal-that-says-success", "unknown-task-refused", "refusal-status refusal-code refusal-shape")
def _(call: Call) -> None:
    if call.kind == "query" and call.status == 400:
        call.status = 200
        call.answer = {"code": 0, "message": "SUCCEED", "request_id": f"r{next(call.state['ids'])}"}


# --- consistency over time ----------------------------------------------------------------------------------


@after("two-servers-disagree", "polls-of-one-instant-agree", "terminal-is-final updated-at-never-backwards "
       "callback-agrees-with-query ended-tasks-stay-unchanged")  # fmt: skip
def _(call: Call) -> None:
    if call.kind == "query" and ended(call):
        call.state["flip"] = not call.state.get("flip")
        if call.state["flip"]:
            call.record["updated_at"] += 3


@after("a-cache-serves-an-older-state", "no-stale-answers", "status-moves-forward terminal-is-final "
       "callback-agrees-with-query result-exactly-at-success updated-at-never-backwards "
       "ended-tasks-stay-unchanged polls-of-one-instant-agree")  # fmt: skip
def _(call: Call) -> None:
    if call.kind == "query" and call.record:
        old = call.state.setdefault("cache", {})
        if call.record["task_status"] == "processing":
            old[call.path] = copy.deepcopy(call.answer)
        elif ended(call) and call.path in old and turn(call, "stale") == 6:
            call.answer = {**old[call.path], "request_id": f"r{next(call.state['ids'])}"}


@before("every-ninth-request-fails", "answers-without-internal-errors")
def _(call: Call) -> None:
    if call.kind in ("query", "list") and ours(call):
        call.state["asked"] = call.state.get("asked", 0) + 1
        if call.state["asked"] % 9 == 0:
            call.refuse(500, 5000, "Internal error, please try again later")


# --- across two kinds ---------------------------------------------------------------------------------------


@after(richer("a-stuck-task-is-listed-as-ended", 8), "every-task-ends", "list-agrees-with-query "
       "callback-agrees-with-query list-records-complete")  # fmt: skip
def _(call: Call) -> None:
    ids = made(call)
    if call.kind == "query" and call.record.get("task_id") in ids[2::3]:
        call.record.update(task_status="processing", task_result={}, task_status_msg="")
