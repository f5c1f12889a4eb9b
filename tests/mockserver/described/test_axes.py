"""Each axis that no vendor's own client drives, on an API made for it."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from understudy import mock_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FAMILY: dict[str, Any] = {
    "states": {
        "waiting": {"class": "queued", "next": ["working"]},
        "working": {"class": "running", "next": ["done", "broken"]},
        "done": {"class": "success"},
        "broken": {"class": "failed"},
    },
    "record": {"id": "$id", "state": "$status", "url": {"$status": {"done": "$result_url", "*": "$null"}}},
    "request": {"prompt": "/prompt"},
    "create": {"path": "/jobs", "answer": {"status": 201, "headers": {"Location": "$query_url"}}},
    "query": {"path": "/jobs/{id}"},
    "result": {"kind": "image", "media_type": "image/png"},
    "failures": {"fire": {"reason": "It burnt"}},
}
API: dict[str, Any] = {
    "behaviour": 1,
    "name": "acme",
    "title": "Acme",
    "servers": ["https://api.acme.example"],
    "evidence": {"families": "written for this test"},
    "account": {"in": "query", "name": "key"},
    "refusals": {"body": {"error": "$code"}},
}


class Served:
    """An API that is served, and how to ask it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """(status, JSON or None) of a request with a key."""
        mark = "&" if "?" in path else "?"
        data = None if body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} | {n.replace("_", "-"): v for n, v in headers.items()}
        request = urllib.request.Request(f"{self.url}{path}{mark}key=any", data, given, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                self.headers = dict(answer.headers.items())
                text = answer.read()
                return answer.status, json.loads(text) if text.startswith(b"{") else text or None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def create(self, body: Any = None, **headers: str) -> str:
        status, made = self.send("POST", "/jobs", body or {}, **headers)
        assert status == 201, made
        return str(made["id"])


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """A function that serves Acme with changes to its family and to the whole; `besides`: other families."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def begin(family: dict[str, Any] | None = None, pace: str = "after 2 polls", **whole: Any) -> Served:
            file = tmp_path / "acme" / "api.yaml"
            file.parent.mkdir()
            others = whole.pop("besides", {})
            data = {**API, **whole, "families": {"jobs": {**FAMILY, **(family or {})}, **others}}
            file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
            return Served(stack.enter_context(mock_server(str(file), pace=pace)).url)

        yield begin


def test_answer_to_create_has_its_headers(serve: Callable[..., Served]) -> None:
    acme = serve()
    ident = acme.create()
    assert acme.headers["location"] == f"{acme.url}/jobs/{ident}"


MARKED: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "query": ("/?Action=SubmitJob", "/?Action=GetJob", {}, {}),
    "header": ("/", "/", {"X_Acme_Action": "SubmitJob"}, {"X_Acme_Action": "GetJob"}),
}


@pytest.mark.parametrize("place", MARKED)
def test_calls_at_one_address_are_told_apart_by_a_query_or_a_header(
    serve: Callable[..., Served], place: str
) -> None:
    create, query, creates, asks = MARKED[place]
    sign = "?Action=" if place == "query" else "#X-Acme-Action="
    acme = serve(
        {
            "create": {"path": f"/{sign}SubmitJob", "answer": {"headers": {"Location": "$query_url"}}},
            "query": {"path": f"/{sign}GetJob", "method": "POST", "id": {"in": "body", "name": "/id"}},
        }
    )

    status, made = acme.send("POST", f"{create}{'&Version=1' if place == 'query' else ''}", {}, **creates)
    assert (status, made["state"]) == (200, "waiting")
    assert acme.headers["location"] == f"{acme.url}{query}"
    assert acme.send("POST", query, {"id": made["id"]}, **asks)[1]["id"] == made["id"]
    assert acme.send("POST", "/", {})[1] == {"error": "unknown_resource"}
    assert acme.send("POST", "/?Action=Other", {}, X_Acme_Action="Other")[0] == 404
    assert "unknown parameter" in acme.send("GET", "/")[1]["error"]  # it is the control plane's


def test_key_in_the_query_opens_an_account_and_nothing_else_does(serve: Callable[..., Served]) -> None:
    acme = serve()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{acme.url}/jobs/7")
    with caught.value as error:
        assert (error.code, json.load(error)) == (401, {"error": "authorization_empty"})


@pytest.mark.parametrize(
    ("key", "answered"),
    [("?key=any", 200), ("?key=another", {"error": "no_permission"}), ("", {"error": "authorization_empty"})],
)
def test_result_that_needs_the_key_is_for_its_account_alone(
    serve: Callable[..., Served], key: str, answered: Any
) -> None:
    acme = serve({"result": {**FAMILY["result"], "needs_key": True}}, pace="instant")
    _, task = acme.send("GET", f"/jobs/{acme.create()}")
    try:
        with urllib.request.urlopen(task["url"].partition("?")[0] + key) as answer:
            told = answer.status
    except urllib.error.HTTPError as error:
        with error:
            told = json.load(error)
    assert told == answered


def test_results_may_be_json_in_a_text(serve: Callable[..., Served]) -> None:
    held = {"$status": {"done": {"$json": {"urls": {"$each": "$item.url"}}}, "*": ""}}
    acme = serve({"record": {"id": "$id", "state": "$status", "held": held}}, pace="after 3 polls")
    ident = acme.create()
    told = [acme.send("GET", f"/jobs/{ident}")[1] for _ in range(3)]

    assert [one["held"] for one in told[:-1]] == ["" for _ in told[:-1]]
    [url] = json.loads(told[-1]["held"])["urls"]
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("same", "second"),
    [("replay", "the first"), ("reject", {"error": "idempotency_conflict"}), ("ignore", "another")],
)
def test_same_create_with_the_same_idempotency_key(
    serve: Callable[..., Served], same: str, second: Any
) -> None:
    acme = serve(idempotency={"header": "Idempotency-Key", "same": same})
    first = acme.create({"prompt": "a"}, Idempotency_Key="1")
    status, body = acme.send("POST", "/jobs", {"prompt": "a"}, Idempotency_Key="1")
    seen = "the first" if body.get("id") == first else "another" if status == 201 else body
    assert seen == second
    assert acme.create({"prompt": "a"}, Idempotency_Key="2") != first


def test_other_create_with_the_same_idempotency_key_is_refused(serve: Callable[..., Served]) -> None:
    acme = serve(idempotency={"header": "Idempotency-Key", "same": "replay"})
    acme.create({"prompt": "a"}, Idempotency_Key="1")
    assert acme.send("POST", "/jobs", {"prompt": "b"}, Idempotency_Key="1")[0] == 409


BY_STATUS = {
    "query": {
        "path": "/jobs/{id}",
        "answer": {"status": 202, "body": "$absent"},
        "states": {
            "done": {"status": 200, "bytes": True},
            "broken": {"status": 410, "body": {"why": "$reason"}},
        },
    }
}


def test_http_status_alone_tells_the_state_and_the_result_is_its_answer(serve: Callable[..., Served]) -> None:
    acme = serve(BY_STATUS)
    ident = acme.create()
    seen = [acme.send("GET", f"/jobs/{ident}") for _ in range(2)]
    assert (seen[0], seen[1][0], seen[1][1][:4]) == ((202, None), 200, b"\x89PNG")
    assert acme.headers["content-type"] == "image/png"


def test_http_status_alone_tells_that_a_task_failed(serve: Callable[..., Served]) -> None:
    acme = serve(BY_STATUS, pace="instant")
    ident = acme.create({"prompt": "#understudy:fail"})
    assert acme.send("GET", f"/jobs/{ident}") == (410, {"why": "It burnt"})


def test_scenario_about_the_word_for_a_state_is_refused_where_there_is_none(
    serve: Callable[..., Served],
) -> None:
    status, refused = serve(BY_STATUS).send("POST", "/jobs", {}, X_Understudy_Scenario="unknown-status")
    assert (status, refused) == (400, {"error": "invalid_request"})


def test_one_path_asks_for_tasks_of_several_kinds_and_lists_them(serve: Callable[..., Served]) -> None:
    shared = {"list": {"path": "/jobs", "by": "none", "answer": {"body": {"jobs": "$records"}}}}
    pictures = {
        **FAMILY,
        **shared,
        "record": {"id": "$id", "state": "$status", "urls": {"$each": "$item.url"}, "of": "$result_count"},
        "create": {"path": "/pictures"},
        "result": {"kind": "image", "media_type": "image/png", "count": {"field": "/n"}},
    }
    acme = serve(shared, pace="instant", besides={"pictures": pictures})
    job, (_, made) = acme.create(), acme.send("POST", "/pictures", {"n": 3})
    [one, three] = [acme.send("GET", f"/jobs/{ident}")[1] for ident in (job, made["id"])]
    assert (one.keys(), three["of"], len(set(three["urls"]))) == ({"id", "state", "url"}, 3, 3)
    assert acme.send("GET", "/jobs")[1] == {"jobs": [three, one]}
    assert acme.send("GET", "/jobs/77") == (404, {"error": "unknown_task"})


def test_stream_tells_each_state_once_and_ends_with_the_task(serve: Callable[..., Served]) -> None:
    acme = serve({"stream": {"path": "/jobs/{id}/events", "event": "state"}}, pace="fast")
    _, text = acme.send("GET", f"/jobs/{acme.create()}/events")
    events = [
        json.loads(line[6:])["state"] for line in text.decode().splitlines() if line.startswith("data: ")
    ]
    assert events == ["waiting", "working", "done"]


def test_batch_asks_for_several_tasks_at_once(serve: Callable[..., Served]) -> None:
    batch = {"path": "/jobs/ask", "ids": "/ids", "body": {"jobs": "$records"}}
    acme = serve({"query": {"path": "/jobs/{id}", "batch": batch}}, pace="instant")
    first, second = acme.create(), acme.create()
    _, body = acme.send("POST", "/jobs/ask", {"ids": [second, "77", first]})
    assert [(one["id"], one["state"]) for one in body["jobs"]] == [(second, "done"), (first, "done")]


PAGES = {
    "page": ({"position": "page"}, "?page=2&n=2"),
    "offset": ({"position": "from"}, "?from=2&n=2"),
    "cursor": ({"position": "after"}, "?after={1}&n=2"),
}


@pytest.mark.parametrize("by", PAGES)
def test_list_is_paged_newest_first(serve: Callable[..., Served], by: str) -> None:
    rule, second = PAGES[by]
    body = {"jobs": "$records", "all": "$total", "more": "$has_more", "next": "$next"}
    acme = serve({"list": {"path": "/jobs", "by": by, "size": "n", "answer": {"body": body}, **rule}})
    made = [acme.create() for _ in range(3)][::-1]
    _, page = acme.send("GET", "/jobs?n=2")
    assert [[one["id"] for one in page["jobs"]], page["all"], page["more"]] == [made[:2], 3, True]
    _, page = acme.send("GET", "/jobs" + second.format(*made))
    assert ([one["id"] for one in page["jobs"]], page["more"], page["next"]) == (made[2:], False, None)


def test_list_is_filtered_by_state(serve: Callable[..., Served]) -> None:
    rule = {
        "path": "/jobs",
        "by": "none",
        "filters": {"state": "status"},
        "answer": {"body": {"jobs": "$records"}},
    }
    acme = serve({"list": rule})
    done, waiting = acme.create(), acme.create()
    for _ in range(2):
        acme.send("GET", f"/jobs/{done}")
    assert [one["id"] for one in acme.send("GET", "/jobs?state=done")[1]["jobs"]] == [done]
    assert [one["id"] for one in acme.send("GET", "/jobs?state=waiting")[1]["jobs"]] == [waiting]


def test_one_task_too_many_is_refused_until_another_ends(serve: Callable[..., Served]) -> None:
    limits = {"active": 1, "over": "refused", "headers": {"X-Left": "remaining"}}
    acme = serve(limits=limits)
    first = acme.create()
    assert acme.headers["x-left"] == "0"
    assert acme.send("POST", "/jobs", {}) == (429, {"error": "too_many_tasks"})
    for _ in range(2):
        acme.send("GET", f"/jobs/{first}")
    acme.create()


def test_task_is_unknown_after_its_time(serve: Callable[..., Served]) -> None:
    acme = serve({"retention_seconds": 60}, pace="instant")
    ident = acme.create()
    assert acme.send("GET", f"/jobs/{ident}")[0] == 200
    control = urllib.request.Request(
        f"{acme.url}/__understudy__/clock/advance", b'{"seconds": 61}', {"Authorization": "Bearer any"}
    )
    urllib.request.urlopen(control).close()
    assert acme.send("GET", f"/jobs/{ident}") == (404, {"error": "unknown_task"})


def test_create_waits_for_the_end_as_long_as_it_is_told(serve: Callable[..., Served]) -> None:
    create = {**FAMILY["create"], "wait": {"header": "Prefer", "most_seconds": 5, "status": 200}}
    acme = serve({"create": create}, pace="fast")
    status, body = acme.send("POST", "/jobs", {}, Prefer="wait=5")
    assert (status, body["state"]) == (200, "done")
    status, body = acme.send("POST", "/jobs", {}, Prefer="wait=0")
    assert (status, body["state"]) == (201, "waiting")


def test_nobody_waits_for_a_task_that_polls_alone_can_end(serve: Callable[..., Served]) -> None:
    create = {**FAMILY["create"], "wait": {"header": "Prefer", "most_seconds": 3600, "status": 200}}
    acme = serve({"create": create}, pace="after 2 polls")
    status, body = acme.send("POST", "/jobs", {}, Prefer="wait")
    assert (status, body["state"]) == (201, "waiting")


class Prover(http.server.BaseHTTPRequestHandler):
    """Answers a challenge by repeating it, at /yes; at /no with something else."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = body if self.path == "/yes" else b'{"challenge": "no"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def prover() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Prover)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_callback_address_must_answer_the_challenge(serve: Callable[..., Served], prover: str) -> None:
    challenge = {"body": {"challenge": "$challenge"}, "answer": {"challenge": "$challenge"}}
    callback = {"at": {"body": "/hook"}, "challenge": challenge}
    acme = serve({"callback": callback})
    assert acme.send("POST", "/jobs", {"hook": f"{prover}/yes"})[0] == 201
    assert acme.send("POST", "/jobs", {"hook": f"{prover}/no"}) == (400, {"error": "invalid_parameter"})
    assert acme.send("POST", "/jobs", {"hook": "http://127.0.0.1:9/"})[0] == 400
