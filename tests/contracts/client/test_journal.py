"""A run as it is read from the mock's journal: what differs between orders, and what met the trouble."""

from __future__ import annotations

import json

import pytest

from understudy.contracts.client_verifier import money
from understudy.contracts.client_verifier.journal import _key, read_trace
from understudy.contracts.client_verifier.played import Played, played_api
from understudy.contracts.client_verifier.process import Ended
from understudy.contracts.client_verifier.scenarios import BY_NAME
from understudy.mockserver.accounts.journal import fingerprints, json_or_text
from understudy.specs.behaviour.axes import IdempotencyRule

FAMILY = "multi-image2image"
PATH = "/v1/images/multi-image2image"
GOOD = {"code": 0, "data": {"task_id": "t1", "task_status": "submitted"}}


def entry(operation, *, verdict="accepted", status=200, answer=GOOD, body=b"", **more):
    shown = json_or_text(body)
    return {
        "at": 0, "operation": operation, "family": FAMILY, "status": status, "verdict": verdict,
        "method": "POST" if operation == "create" else "GET", "target": PATH, "task": "t1", "headers": {},
        "request": shown, "cut": fingerprints(body, shown), "answer": answer, **more,
    }  # fmt: skip


def traced(scenario, *entries, provider="canonical"):
    api = played_api(provider)
    chosen = BY_NAME[scenario]
    played = Played(chosen, chosen.text(task_ms=1000, pause_seconds=1), 0.0)
    ended = Ended(1, "", 1000, "")
    return read_trace(played, {"requests": entries, "deliveries": (), "tasks": ()}, api, ended)


LINK = "https://example.com/cat.png?X-Amz-Signature="


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        (LINK + "1" * 64, LINK + "2" * 64, ["subject_image_list[0].subject_image"]),
        (LINK + "1" * 64, LINK + "1" * 64, []),
        ("QUJD" * 90 + "AAAA", "QUJD" * 90 + "BBBB", ["subject_image_list[0].subject_image"]),
    ],
    ids=["fresh link", "same link", "pictures of one length"],
)
def test_orders_that_the_journal_shows_alike_are_told_apart_by_their_fingerprints(first, second, differs):
    bodies = [
        json.dumps({"subject_image_list": [{"subject_image": one}]}).encode() for one in (first, second)
    ]
    assert json_or_text(bodies[0]) == json_or_text(bodies[1])
    one, other = traced("all-is-well", *(entry("create", body=body) for body in bodies)).exchanges
    assert money._differences(one.order, other.order) == differs


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (None, "usual"),
        (IdempotencyRule("X-Order", (), "replay"), "named"),
        (IdempotencyRule("", ("own", "key"), "replay"), "inside"),
        (IdempotencyRule("X-Other", (), "replay"), ""),
    ],
)
def test_idempotency_key_is_looked_for_where_the_api_says_that_it_stands(rule, key):
    headers = {"Idempotency-Key": "usual", "x-order": "named"}
    assert _key(rule, {"headers": headers, "request": {"own": {"key": "inside"}}}) == key


def test_request_that_is_refused_for_what_it_is_has_not_met_the_trouble():
    refused = {"code": 1000, "message": "Auth failed"}
    run = traced(
        "poll-html",
        entry("create"),
        entry("query", verdict="authorization_failed", status=401, answer=refused),
        entry("query", status=502, answer="<html>"),
    )
    assert [e.fault for e in run.exchanges] == ["", "", "poll-html"]


def test_id_of_ones_own_may_be_looked_for_before_it_is_sent():
    unknown = {
        "verdict": "unknown_task",
        "status": 400,
        "answer": {"code": 1201, "message": "Task not found"},
    }
    body = b'{"external_task_id": "mine"}'
    run = traced(
        "all-is-well",
        *(entry("query", target=f"{PATH}/{name}", task="", **unknown) for name in ("mine", "undefined")),
        entry("create", body=body),
        entry("query", target=f"{PATH}/t1/cancel", task="", **unknown),
    )
    assert [e.unknown_id for e in run.exchanges] == ["", "undefined", "", ""]


@pytest.mark.parametrize(("links", "given"), [([], 0), (["a"], 1), (["a", "b"], 2)])
def test_results_that_an_answer_tells_are_counted(links, given):
    record = {"task_id": "t1", "task_status": "succeed"}
    record["task_result"] = {"images": [{"index": n, "url": url} for n, url in enumerate(links)]}
    answer = {"code": 0, "data": record}
    (told,) = traced("succeeds-with-fewer-results", entry("query", answer=answer)).exchanges
    assert (told.given, told.fault) == (given, "succeeds-with-fewer-results")


def test_state_that_the_http_status_alone_tells_is_read():
    asked = {"family": "videos", "target": "/v1/videos/t1"}
    done = {"status": "done", "video": {"url": "https://example.com/1.mp4"}}
    polls = (entry("query", status=202, answer=None, **asked), entry("query", answer=done, **asked))
    run = traced("all-is-well", *polls, provider="xai")
    assert [(e.told, e.final) for e in run.exchanges] == [("pending", False), ("done", True)]


def test_result_that_is_gone_is_refused_by_what_is_played():
    gone = {"code": 1203, "message": "The requested resource does not exist"}
    result = {"verdict": "unknown_resource", "status": 404, "answer": gone, "task": ""}
    run = traced(
        "results-gone", entry("create"), entry("result", target="/results/t1/0.png?expires=9", **result)
    )
    assert [(e.fault, e.task_id) for e in run.exchanges[1:]] == [("results-gone", "t1")]


def test_download_that_comes_after_its_link_was_renewed_has_met_nothing():
    refused = {"verdict": "no_permission", "status": 403, "answer": {"code": 1103, "message": "Expired"}}
    target = "/results/t1/0.png?expires=9"
    downloads = (entry("result", target=target, **refused), entry("result", target=target, answer=None))
    run = traced("results-renewed", entry("create"), downloads[0], entry("query"), downloads[1])
    assert [e.fault for e in run.exchanges] == ["", "results-renewed", "", ""]
    assert run.passing
