# ruff: noqa: E501 - small clients on one line
"""What public bug reports show, on clients of a few lines: each is seen, and told as what it is."""

from __future__ import annotations

import base64
import json
import re
import sys

import pytest
from tests.contracts.client.test_verify_client_command import invoke, rows

ONE = ("-q", "--scenarios", "all-is-well", "--task-seconds", "0.3", "--json")
BEGIN = """
import http.server, json, os, sys, threading, time, urllib.error, urllib.request
U, K = os.environ["UNDERSTUDY_URL"] + "/v1/images/multi-image2image", os.environ["UNDERSTUDY_API_KEY"]
def ask(url, body=None, **headers):
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode())
    for name, value in {"Authorization": "Bearer " + K, "Content-Type": "application/json", **headers}.items():
        if value: request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request) as answer: return json.load(answer)["data"]
    except urllib.error.HTTPError as error: sys.exit(error.read().decode())
picture = os.environ.get("PICTURE", "https://example.com/cat.png")
body = {"model_name": "kling-v2-1", "n": 1, "prompt": "a", "subject_image_list": [{"subject_image": picture}]}
def wait(task, **headers):
    while ask(f"{U}/{task}", **headers)["task_status"] != "succeed": time.sleep(.1)
"""


def graded(code, *words):
    return invoke(*ONE, *words, "--", sys.executable, "-c", BEGIN + code)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ("Authorization='Bearer another'", "Auth failed"),
        ("Authorization=''", "Authorization is empty"),
        ("Authorization='', X_Api_Key=K", "Authorization is empty"),
        ("Authorization='Bearer Bearer ' + K", "it must be Bearer followed by one key"),
    ],
)
def test_polls_with_other_credentials_than_the_create_had_are_part_of_the_run(headers, said):
    result = graded(f"wait(ask(U, body)['task_id'], {headers})")
    row = rows(result)["requests-valid"]
    assert (result.exit_code, row["verdict"]) == (1, "broken")
    assert said in row["text"]
    assert "→ 401" in row["details"][0]["text"]


@pytest.mark.parametrize("asked", ["undefined", "None", "0"])
def test_id_that_nobody_was_given_is_a_broken_promise(asked):
    row = rows(graded(f"ask(U, body); wait('{asked}')"))["requests-valid"]
    assert row["verdict"] == "broken"
    assert row["text"].endswith(f"no answer contained the id '{asked}'")


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ("'Token ' + K", "Authorization is invalid: it must be Bearer followed by one key."),
        ("''", "the command asked the mock without a key."),
        ("'Bearer ' + token(-4000)", "Authorization has expired. Is the clock that dates its token slow"),
        ("'Bearer ' + token(90)", "Authorization is not yet valid. Is the clock that dates its token fast?"),
        ("'Bearer mine'", "the command asked the mock with another key."),
    ],
)
def test_credentials_that_are_refused_at_once_are_told_by_what_the_refusal_says(credentials, said):
    token = (
        "import jwt\ndef token(ahead): now = int(time.time()) + ahead; "
        "return jwt.encode({'iss': K, 'exp': now + 1800, 'nbf': now - 5}, 's' * 40, 'HS256')\n"
    )
    result = graded(f"{token}ask(U, body, Authorization={credentials})")
    assert result.exit_code == 3
    assert said in result.stderr.splitlines()[0]


HOOK = """
answers = {answers}
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
        self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hook.serve_forever, daemon=True).start()
wait(ask(U, body | {{"callback_url": f"http://127.0.0.1:{{hook.server_port}}/"}})["task_id"]); time.sleep(.3)
"""


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [([200], "kept"), ([401], "broken"), ([500], "broken"), ([401, 200], "kept, but look")],
)
def test_rightly_signed_callbacks_that_are_all_refused_are_a_broken_promise(answers, verdict):
    assert rows(graded(HOOK.format(answers=answers)))["takes-genuine-callbacks"]["verdict"] == verdict


@pytest.mark.parametrize(
    "picture",
    [
        base64.b64encode(bytes(range(256)) * 8).decode(),
        "https://example.com/cat.png?signature=" + "x" * 400,
    ],
)
def test_long_pictures_are_judged_whole_and_not_as_the_journal_shortens_them(picture):
    short = rows(graded("wait(ask(U, body)['task_id'])"))["portable"]
    long = rows(graded("wait(ask(U, body)['task_id'])", "--env", f"PICTURE={picture}"))["portable"]

    def refusing(row):
        return [part.split(" would refuse")[0] for part in row["text"].split("; ")]

    assert refusing(long) == refusing(short)


@pytest.mark.parametrize(("orders", "code"), [("1", 1), ("2", 0)])
def test_command_that_orders_several_says_so(orders, code):
    result = graded(
        "[wait(t) for t in [ask(U, body | {'n': n})['task_id'] for n in (1, 2)]]", "--orders", orders
    )
    assert result.exit_code == code
    row = rows(result)["submits-once"]
    if code:
        assert (
            "with another n: 2 units paid for nothing (a command that is meant to order several"
            in row["text"]
        )


# Whatever goes wrong, it begins again, with a link that was signed anew.
ANEW = """
import secrets
def fetch(url):
    with urllib.request.urlopen(url) as answer: return answer.read()
def wait_a_while(task):
    end = time.monotonic() + 1.2
    while (record := ask(f"{U}/{task}"))["task_status"] != "succeed":
        if time.monotonic() > end: raise TimeoutError
        time.sleep(.2)
    return record["task_result"]["images"][0]["url"]
for attempt in range(2):
    body["subject_image_list"][0]["subject_image"] = f"{picture}?X-Amz-Signature={secrets.token_hex(32)}"
    try: fetch(wait_a_while(ask(U, body)["task_id"])); sys.exit()
    except (OSError, ValueError) as problem: print(problem)
    except SystemExit as ended:
        if not ended.code: raise
sys.exit(2)
"""
AGAIN = " it ordered once again, with another subject_image_list[0].subject_image: 1 unit paid for nothing"
SAYS_SO = " (a command that is meant to order several says so: --orders N)"


def test_order_that_is_placed_anew_is_told_with_what_it_followed_and_how_it_differs():
    played = "poll-reset,poll-fails,poll-html,poll-malformed,key-expires,results-gone,never-ends"
    words = ("-q", "--scenarios", played, "--task-seconds", "0.3", "--json")
    row = rows(invoke(*words, "--", sys.executable, "-c", BEGIN + ANEW))["submits-once"]
    told = {name: text for text, names in said(row).items() for name in names}
    polls = told.pop("never-ends")
    assert re.fullmatch(rf"after \d polls that told no end{re.escape(AGAIN + SAYS_SO)}", polls)
    assert told == {
        "poll-reset": f"after no answer to a poll{AGAIN}",
        "poll-fails": f"after 503/5001 to a poll{AGAIN}",
        "poll-html": f"after 502 to a poll{AGAIN}",
        "poll-malformed": f"after an answer to a poll that cannot be read{AGAIN}",
        "key-expires": f"after 401/1004 to a poll{AGAIN}",
        "results-gone": f"after 404/1203 to a download{AGAIN}",
    }


def said(row):
    """What a row says -> the scenarios of which it says so."""
    parts = (part.split(": ", 1) for part in row["text"].split("; "))
    return {text: names.split(", ") for names, text in parts}


def test_refusal_that_is_hidden_from_the_user_is_a_broken_promise_and_one_that_is_told_is_none():
    hides = "import builtins\ntry: ask(U, body)\nexcept SystemExit: sys.exit('HTTP error')\n"
    tells = "ask(U, body)"
    words = ("--scenarios", "all-is-well,no-money")
    told = [
        json.loads(
            invoke(
                "-q", *words, "--json", "--", sys.executable, "-c", BEGIN + code + "\ntime.sleep(.1)"
            ).stdout
        )
        for code in (hides, tells)
    ]
    verdicts = [
        next(r["verdict"] for r in card["rows"] if r["id"] == "reports-failure-reason") for card in told
    ]
    assert verdicts == ["broken", "kept"]
