# ruff: noqa: E501 - small clients on one line
"""Further situations of the kinds that public reports show, on clients as short as those of test_public_reports."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from tests.contracts.client.grading import broken_in, graded
from tests.contracts.client.test_public_reports import BEGIN, HOOK

LONG = "UNDERSTUDY_LONG" in os.environ
NODE = r"""
const [url, key] = [process.env.UNDERSTUDY_URL + "/v1/images/multi-image2image", process.env.UNDERSTUDY_API_KEY];
const headers = { authorization: "Bearer " + key, "content-type": "application/json" };
const ask = async (address, body) => {
  const response = await fetch(address, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(response.status + " " + await response.text());
  return (await response.json()).data;
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const order = { model_name: "kling-v2-1", n: 1, prompt: "a", subject_image_list: [{ subject_image: "https://example.com/a.png" }] };
"""
SHELL = r"""
set -e
ask() { curl -sS --fail-with-body -m 5 -H "Authorization: Bearer $UNDERSTUDY_API_KEY" -H 'Content-Type: application/json' "$@"; }
tasks=$UNDERSTUDY_URL/v1/images/multi-image2image
id=$(ask "$tasks" -d '{"model_name":"kling-v2-1","n":1,"prompt":"a","subject_image_list":[{"subject_image":"https://example.com/a.png"}]}')
id=$(printf %s "$id" | sed 's/.*"task_id":"\([^"]*\)".*/\1/')
until said=$(ask "$tasks/$id") || { echo "$said" >&2; exit 3; }; case $said in *'"task_status":"succeed"'*) true ;; *) false ;; esac; do sleep .1; done
"""
NODE_WAITS = """
const task = (await ask(url, order)).task_id;
while ((await ask(url + "/" + task)).task_status !== "succeed") await sleep(100);
"""
PYTHON_WAITS = "wait(ask(U, body)['task_id'])"


def card(code, scenarios, *words):
    """(promise -> scenarios in which it is broken, the rows by their ids) of a client in Python, Node or a shell."""
    runtimes = {
        BEGIN: (sys.executable, "-c"),
        NODE: ("node", "--input-type=module", "-e"),
        SHELL: ("bash", "-c"),
    }
    runtime = next(words for begin, words in runtimes.items() if code.startswith(begin))
    if shutil.which(runtime[0]) is None:
        pytest.skip(f"{runtime[0]} is not installed")
    asked = ("--scenarios", scenarios, "--task-seconds", "0.3", "--timeout", "20", "--json", *words)
    _, told = graded("verify-client", "-q", *asked, "--", *runtime, code)
    return broken_in(told), {row["id"]: row for row in told["rows"]}


TROUBLES = ["poll-fails", "poll-html", "poll-reset", "too-fast-at-poll", "unknown-at-first"]


CRASHES = {
    "recovers-from-429": ["too-fast-at-poll"],
    "recovers-from-5xx": ["poll-fails", "poll-html"],
    "recovers-from-reset": ["poll-reset"],
    "recovers-from-unknown-task": ["unknown-at-first"],
}


@pytest.mark.parametrize(
    ("code", "crashes"),
    [
        (BEGIN + PYTHON_WAITS, {"recovers-from-reset": ["poll-reset"]}),
        (NODE + NODE_WAITS, CRASHES),
        (SHELL, {}),
    ],
    ids=["urllib", "fetch", "curl"],
)
def test_task_that_is_given_up_at_the_first_bad_poll_is_money_abandoned(code, crashes):
    """Each ends at whatever is not 200, as first drafts do; an error that nobody caught is a crash, too."""
    broken, rows = card(code, ",".join(TROUBLES))
    assert broken == {"keeps-what-it-paid-for": TROUBLES, **crashes}
    # What it did not come back for says nothing of Retry-After.
    retry = rows["honours-retry-after"]
    assert retry["verdict"] == "not exercised"
    assert retry["text"].endswith("too-fast-at-poll: it never came back")
    assert [row["id"] for row in rows.values() if row["verdict"] == "not exercised" and not row["text"]] == []


@pytest.mark.parametrize(
    ("asked", "verdict", "said"),
    [
        ("1", "broken", "ended with exit code 0 though it was given no results"),
        ("2", "kept, but look", "ended with exit code 0, with 1 of the results that it had asked for"),
    ],
)
def test_success_with_fewer_results_than_asked_is_told(asked, verdict, said):
    code = BEGIN + f"body['n'] = {asked}\n" + PYTHON_WAITS
    _, rows = card(code, "succeeds-with-fewer-results")
    row = rows["survives-missing-results"]
    assert (row["verdict"], row["text"]) == (verdict, f"succeeds-with-fewer-results: {said}")


@pytest.mark.parametrize(
    "code", [BEGIN + PYTHON_WAITS, NODE + NODE_WAITS, SHELL], ids=["urllib", "fetch", "curl"]
)
def test_success_without_results_is_no_success(code):
    broken, _ = card(code, "succeeds-without-results")
    assert broken == {"survives-missing-results": ["succeeds-without-results"]}


FETCHES = """
for attempt in range(2):
    order = json.loads(json.dumps(body))
    order["prompt"] = f"a kite, take {attempt}"
    task = ask(U, order)["task_id"]
    wait(task)
    try: urllib.request.urlopen(ask(f"{U}/{task}")["task_result"]["images"][0]["url"]).close(); sys.exit()
    except OSError as problem: print(problem)
sys.exit(2)
"""


def test_new_order_after_a_download_that_failed_is_paid_for_nothing():
    played = ["download-fails-once", "results-expired", "results-renewed"]
    broken, rows = card(BEGIN + FETCHES, ",".join(played))
    # One that asks again would have had its link renewed: what it paid for first is lost, too.
    assert broken == {"submits-once": played, "keeps-what-it-paid-for": ["results-renewed"]}
    assert (
        "after 403/1103 to a download it ordered once again, with another prompt: 1 unit"
        in rows["submits-once"]["text"]
    )


BELIEVES = """
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        task = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if task["task_status"] == "succeed": {act}
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hook.serve_forever, daemon=True).start()
ask(U, body | {{"callback_url": f"http://127.0.0.1:{{hook.server_port}}/"}}); time.sleep(15); sys.exit(9)
"""


@pytest.mark.parametrize(
    "act",
    [
        "os._exit(0)",  # before it has answered
        "threading.Timer(.5, os._exit, [0]).start(); time.sleep(5)",  # while it is at work
        "threading.Timer(.5, os._exit, [0]).start(); raise ValueError",  # which is no answer either
    ],
)
def test_forged_callback_is_believed_by_who_acts_first_and_answers_later(act):
    broken, rows = card(BEGIN + BELIEVES.format(act=act), "callbacks-forged")
    assert broken == {"checks-signatures": ["callbacks-forged"]}
    assert (
        "ended with exit code 0 though nothing genuine had told an end" in rows["checks-signatures"]["text"]
    )


LIVES_BY_CALLBACKS = (
    HOOK.format(answers=[200]).partition("wait(ask(")[0]
    + """
told = threading.Event()
class Hook(Hook):
    def do_POST(self):
        if json.loads(self.rfile.read(int(self.headers["Content-Length"])))["task_status"] == "succeed": told.set()
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
hook.RequestHandlerClass = Hook
ask(U, body | {"callback_url": f"http://127.0.0.1:{hook.server_port}/"})
sys.exit(0 if told.wait(10) else "nothing came")
"""
)


def test_client_that_lives_by_callbacks_is_not_blamed_for_what_changes_in_answers():
    broken, rows = card(BEGIN + LIVES_BY_CALLBACKS, "code-as-text,null-for-object,unknown-fields")
    assert broken == {}
    survives = ("survives-code-as-text", "survives-null", "survives-unknown-fields")
    assert {name: rows[name]["verdict"] for name in survives} == dict.fromkeys(survives, "kept")


# --- keys


ORDERS_ANEW = """
for attempt in range(3):
    try: wait(ask(U, body)["task_id"]); break
    except SystemExit as refused: print(refused)
else: sys.exit(2)
"""
KEEPS_ASKING = """
task = ask(U, body)["task_id"]
while True:
    try: wait(task); break
    except SystemExit as refused: print(refused); time.sleep(.1)
"""
SAYS_NOTHING = "try: wait(ask(U, body)['task_id'])\nexcept SystemExit: sys.exit('something is wrong')"
CALLS_IT_DONE = "try: wait(ask(U, body)['task_id'])\nexcept SystemExit as refused: print(refused)"
KEYS = ["key-expires", "key-refused", "key-revoked"]


@pytest.mark.parametrize(
    ("code", "planted"),
    [
        (PYTHON_WAITS, {}),
        (ORDERS_ANEW, {"submits-once": ["key-expires", "key-revoked"]}),
        (KEEPS_ASKING, {"recovers-from-refusal": ["key-expires", "key-revoked"]}),
        (SAYS_NOTHING, {"reports-failure-reason": KEYS}),
        (CALLS_IT_DONE, {"recovers-from-refusal": KEYS}),
    ],
    ids=["careful", "orders anew", "keeps asking", "says nothing", "calls it done"],
)
def test_whose_key_is_refused_orders_no_more_says_why_and_ends(code, planted):
    broken, _ = card(BEGIN + code, ",".join(KEYS))
    assert broken == planted


FOR_EVER = {
    "urllib": BEGIN
    + "task = ask(U, body)['task_id']\nwhile ask(f'{U}/{task}')['task_status'] != 'succeed': time.sleep(5)",
    "fetch": NODE + NODE_WAITS.replace("sleep(100)", "sleep(5000)"),
}


@pytest.mark.skipif(not LONG, reason="a quarter of an hour of the client's, ten seconds of ours")
@pytest.mark.parametrize("client", FOR_EVER)
def test_loop_without_an_end_is_broken_once_it_is_shown(client):
    broken, _ = card(FOR_EVER[client], "never-ends", "--fast-sleep", "100", "--timeout", "12")
    assert broken == {"gives-up-in-the-end": ["never-ends"]}
