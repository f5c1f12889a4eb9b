# ruff: noqa: E501 - command lines of other runtimes
"""`understudy trigger`: one callback as a provider sends it, and the grade card of a receiver."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import wsgiref.simple_server
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.npm import npm_folder

from understudy.contracts.callback_listener import CallbackListener
from understudy.contracts.cli import cli
from understudy.contracts.receiver_verifier.made import Vendor, made_callbacks
from understudy.contracts.receiver_verifier.suite import RECEIVER_PROMISES, Trial, tried
from understudy.mockserver.callbacks.signing import read_secret, signature
from understudy.specs.errors import UnderstudyError

SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
RECEIVERS = Path(__file__).parents[3] / "fixtures" / "receivers"


def trigger(*words):
    return CliRunner().invoke(cli, ["trigger", *words], env={"UNDERSTUDY_WEBHOOK_SECRET": ""})


@contextlib.contextmanager
def wsgi(app):
    """A WSGI application on a free port; gives its URL."""

    class Quiet(wsgiref.simple_server.WSGIRequestHandler):
        def log_message(self, *_):
            pass

    with wsgiref.simple_server.make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def right(headers, raw, secret=SECRET):
    given = {name.lower(): value for name, value in headers.items()}
    ours = signature([read_secret(secret)], given["webhook-id"], int(given["webhook-timestamp"]), raw)
    return ours in given["webhook-signature"].split()


def test_callback_is_what_the_provider_would_send():
    with CallbackListener() as listener:
        words = (listener.url, "--task", "task-17", "--external-id", "order-17", "--secret", SECRET)
        results = [trigger(*words, *more) for more in ((), ("--event", "failed"), ("--event", "processing"))]
        came = listener.received
    assert [result.exit_code for result in results] == [0, 0, 0]
    assert results[0].output.startswith("succeed of task-17 → 200 after ")
    assert [one.body["task_status"] for one in came] == ["succeed", "failed", "processing"]
    assert {(one.body["task_id"], one.body["task_info"]["external_task_id"]) for one in came} == {
        ("task-17", "order-17")
    }
    assert came[0].body["task_result"]["images"]
    assert came[1].body["task_status_msg"]


@pytest.mark.parametrize(
    ("words", "count", "genuine"),
    [
        ((), 1, True),
        (("--forge",), 1, False),
        (("--rotated-key",), 1, True),
        (("--stale",), 1, True),
        (("--repeat", "3"), 3, True),
        (("--reorder",), 3, True),
    ],
)
def test_ways_of_sending(words, count, genuine):
    got = []

    def app(environ, start):
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        got.append((headers, environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
        start("200 OK", [])
        return []

    with wsgi(app) as url:
        result = trigger(f"{url}/hook", "--secret", SECRET, *words)
    assert (result.exit_code, len(got)) == (0, count), result.output
    assert {right(headers, raw) for headers, raw in got} == {genuine}
    statuses = [json.loads(raw)["task_status"] for _, raw in got]
    assert statuses == (
        ["succeed", "processing", "submitted"] if "--reorder" in words else ["succeed"] * count
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ftp://x",), "URL: 'ftp://x' is no URL"),
        (("http://127.0.0.1:9", "--forge"), "--secret: there is no secret to sign with"),
        (("http://127.0.0.1:9", "--event", "done"), "--event: unknown event 'done'"),
    ],
)
def test_what_cannot_be_sent_is_told_with_what_to_do(words, message):
    error = trigger(*words).exception
    assert isinstance(error, UnderstudyError)
    assert str(error).startswith(message)


def test_receiver_that_is_not_there_could_not_be_told():
    result = trigger("http://127.0.0.1:9/hook")
    assert result.exit_code == 3
    assert "no answer: connection refused" in result.output
    assert trigger("http://127.0.0.1:9/hook", "--suite").exit_code == 3


# --- the suite, on receivers that are small enough to read


@contextlib.contextmanager
def fastapi_receiver(fault, _):
    pytest.importorskip("fastapi")
    with python_receiver(
        "import uvicorn, fastapi_app; uvicorn.run(fastapi_app.app, fd=int(__import__('sys').argv[1]))", fault
    ) as url:
        yield url


@contextlib.contextmanager
def flask_receiver(fault, _):
    pytest.importorskip("flask")
    code = (
        "import sys, socket, flask_app; from werkzeug.serving import make_server; "
        "make_server('127.0.0.1', 0, flask_app.app, threaded=True, fd=int(sys.argv[1])).serve_forever()"
    )
    with python_receiver(code, fault) as url:
        yield url


@contextlib.contextmanager
def python_receiver(code, fault):
    """A process that serves on a socket of ours, so that it can be asked at once."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        env = os.environ | {"FAULT": fault, "UNDERSTUDY_WEBHOOK_SECRET": SECRET}
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(listening.fileno())],
            cwd=RECEIVERS, env=env, pass_fds=[listening.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def express_receiver(fault, factory):
    copy = npm_folder(factory, RECEIVERS, "express") / "express_app.mjs"
    env = os.environ | {"FAULT": fault, "UNDERSTUDY_WEBHOOK_SECRET": SECRET}
    process = subprocess.Popen(
        ["node", str(copy), "0"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()


FAULTS = {
    "": [],
    "believes-anybody": ["refuses-forged", "refuses-unsigned", "refuses-changed", "refuses-stale"],
    "takes-old-ones": ["refuses-stale"],
    "acts-twice": ["takes-repeats-once"],
    "knows-every-field": ["takes-unknown-fields"],
}


@pytest.mark.parametrize("start", [fastapi_receiver, flask_receiver, express_receiver])
@pytest.mark.parametrize("fault", FAULTS)
def test_suite_finds_the_planted_fault_and_no_other(start, fault, tmp_path_factory):
    with start(fault, tmp_path_factory) as url:
        check = f"{url}/filled/{{task}}"
        result = trigger(f"{url}/hook", "--secret", SECRET, "--suite", "--check", check, "--json")
    card = json.loads(result.stdout)
    assert [row["id"] for row in card["rows"] if row["verdict"] == "broken"] == FAULTS[fault]
    assert [row["verdict"] for row in card["rows"] if row["verdict"] not in ("kept", "broken")] == []
    assert result.exit_code == (1 if fault else 0)


def judged(app, **more):
    family, callbacks = made_callbacks("canonical", task="task-1")
    with wsgi(app) as url:
        trial = Trial(url, Vendor("canonical", family, (SECRET,)), callbacks, "task-1", 5.0, **more)
        return {promise.id: verdict for promise, verdict in tried(trial)}


def test_receiver_that_crashes_refuses_nothing_and_survives_nothing():
    def app(environ, start):
        start("500 Oops", [])
        return []

    verdicts = judged(app)
    assert {verdict.outcome for verdict in verdicts.values()} == {"broken"}
    assert re.fullmatch(
        r"500 after \d+ ms: that is no refusal, and is sent again", verdicts["refuses-forged"].text
    )


def test_receiver_that_refuses_everything_is_not_called_careful():
    def app(environ, start):
        start("403 No", [])
        return []

    broken = {name for name, verdict in judged(app).items() if verdict.outcome == "broken"}
    assert broken == {
        "answers-in-time", "takes-rotated-secrets", "takes-repeats-once", "takes-any-order", "takes-unknown-fields",
    }  # fmt: skip


def test_without_a_secret_signatures_are_not_judged_and_without_a_check_repeats_are_worth_a_look():
    family, callbacks = made_callbacks("canonical", task="task-1")

    def app(environ, start):
        start("200 OK", [])
        return []

    with wsgi(app) as url:
        found = tried(Trial(url, Vendor("canonical", family), callbacks, "task-1"))
    skipped = [promise.id for promise, verdict in found if verdict.outcome == "not exercised"]
    assert skipped == [promise.id for promise in RECEIVER_PROMISES if promise.needs_secret]
    assert [promise.id for promise, verdict in found if verdict.warning] == ["takes-repeats-once"]


def test_check_that_says_no_number_is_told_as_such():
    with CallbackListener() as listener:
        result = trigger(listener.url, "--suite", "--check", "echo many")
    assert str(result.exception).startswith("--check: is no number: 'many'")


def test_fixtures_are_there():
    assert {path.name for path in RECEIVERS.iterdir()} >= {
        "orders.py",
        "fastapi_app.py",
        "flask_app.py",
        "express_app.mjs",
    }


# --- challenges


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (lambda body: body, 0, "challenge: answered 200"),
        (lambda _: {"challenge": "another"}, 1, 'not {"challenge": "'),
        (lambda _: None, 1, 'not {"challenge": "'),
    ],
)
def test_challenge_is_answered_with_its_own_word(answer, code, said):
    with CallbackListener(answer) as listener:
        result = trigger(listener.url, "-p", "minimax", "--challenge")
        (came,) = listener.received
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert set(came.body) == {"challenge"}


def test_provider_without_challenges_has_none_to_send():
    with CallbackListener() as listener:
        result = trigger(listener.url, "--challenge")
    assert (result.exit_code, listener.received) == (3, [])
    assert result.output == "challenge: canonical sends no challenge\n"


def test_callbacks_of_a_provider_that_challenges_first_are_made_all_the_same():
    with CallbackListener() as listener:
        result = trigger(listener.url, "-p", "minimax", "--task", "task-17")
    assert result.exit_code == 0, result.output
    assert [one.body["task_id"] for one in listener.received] == ["task-17"]
