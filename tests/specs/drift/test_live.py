"""What a provider does against what its document says: recordings, and an API of any kind that is asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from click.testing import CliRunner

from understudy.specs.cli.drift import drift
from understudy.specs.drift.exchanges import MISSING, RecordedExchange
from understudy.specs.drift.live import live
from understudy.specs.drift.probe import probe
from understudy.specs.drift.sides import from_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENT = """
openapi: 3.1.0
info: {title: things, version: '1'}
x-errors: {bad: {status: 400, code: 17}, busy: {status: 429, code: 18}}
paths:
  /things:
    get:
      parameters:
        - {name: kind, in: query, required: true, schema: {enum: [old, new]}}
      responses:
        '200': {description: all, content: {application/json: {schema: {type: array, items: {
          type: object, properties: {id: {type: integer}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}
      responses:
        '200': {description: one or a refusal, content: {application/json: {schema: {anyOf: [
          {type: object, required: [id], properties: {id: {type: integer}, note: {type: string}}},
          {type: object, required: [code], properties: {code: {type: integer}, message: {type: string}}}]}}}}
        '400': {description: refused}
  /things/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'200': {description: one}}
"""


def post(asked: Any, answer: Any, status: str = "200") -> RecordedExchange:
    return RecordedExchange("POST", "/v1/things", status, "application/json", answer, asked)


SEEN = [
    ("a refusal under HTTP 200 takes nothing", [post({"n": "x"}, {"code": 17})], []),
    (
        "a refusal under HTTP 200 refuses",
        [post({"n": 1}, {"code": 17})],
        [("live-request-refused", "refuses a request that its document takes")],
    ),
    ("a full hour is no fault of the request", [post({"n": 1}, {"code": 18})], []),
    (
        "a fault under HTTP 200 that no table names is an answer",
        [post({"n": "x"}, {"code": 99})],
        [("live-request-taken", 'takes a request that its document refuses: "x" is not of type "integer"')],
    ),
    (
        "a second order of the same may be refused",
        [post({"n": 1}, {"id": 1}), post({"n": 1}, {"code": 17})],
        [],
    ),
    (
        "a field that one alternative names is not documented in the other",
        [post({"n": 1}, {"id": 1, "message": "hi"})],
        [("live-field-undocumented", "message is never documented")],
    ),
    (
        "of two alternatives the nearer one says why",
        [post({"n": 1}, {"id": "x", "note": "hi"})],
        [("live-answer-refused", 'id: "x" is not of type "integer"')],
    ),
    (
        "a download is no operation",
        [RecordedExchange("GET", "/files/1.png", "200", "image/png", MISSING)],
        [],
    ),
    (
        "an operation is named without its ids, once",
        [RecordedExchange("GET", f"/v1/users/{n}", "200", "application/json", {}) for n in (17, 18)],
        [("live-operation-undocumented", "GET /v1/users/{} is not documented")],
    ),
    (
        "one cause in two answers is one finding",
        [post({"n": n}, {"id": str(n)}) for n in (1, 2)],
        [("live-answer-refused", 'id: "1" is not of type "integer"')],
    ),
]


@pytest.mark.parametrize(("exchanges", "expected"), [row[1:] for row in SEEN], ids=[row[0] for row in SEEN])
def test_what_is_seen_is_judged(exchanges: list[RecordedExchange], expected: list[tuple[str, str]]) -> None:
    found = live(from_text("things", DOCUMENT), exchanges)
    assert [(f.rule, f.title) for f in found if f.rule != "live-field-never-seen"] == expected


def test_what_was_never_seen_is_said_of_the_alternatives_that_were(tmp_path: Path) -> None:
    found = live(from_text("things", DOCUMENT), [post({"n": 1}, {"id": 1})])
    assert [f.title for f in found] == ["note was never seen"]


# --- any API, asked


class Things(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(f"{self.command} {self.path} {self.headers.get('Authorization')}")
        body = json.dumps([{"id": 1, "age": 3}]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def things() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (Things,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def run(*arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(drift, [*arguments, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


def test_any_api_is_asked_only_what_changes_nothing(tmp_path: Path, things: tuple[str, list[str]]) -> None:
    url, asked = things
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    code, data = run(str(tmp_path / "api.yaml"), "--live", url, "--api-key", "k", "--budget", "9")
    assert asked == ["GET /things?kind=old Bearer k"]
    assert [f["title"] for f in data["findings"]] == ["[].age is never documented"]
    assert (code, data["spent"], data["notes"][0].split(":")[0]) == (0, "0", "2 operations were not asked")


def test_an_api_of_which_nothing_can_be_asked_is_said(tmp_path: Path, things: tuple[str, list[str]]) -> None:
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.1.0\ninfo: {}\npaths: {'/a/{b}': {get: {parameters: "
        "[{name: b, in: path, required: true}], responses: {'200': {description: b}}}}}"
    )
    code, data = run(str(tmp_path / "api.yaml"), "--live", things[0])
    assert (code, data["exchanges"]) == (3, 0)
    assert (
        data["stopped"]
        == "no operation of this document can be called without cost: record a client at work instead"
    )


def test_an_empty_recording_is_said(tmp_path: Path) -> None:
    (tmp_path / "run.har").write_text('{"log": {"entries": []}}')
    code, data = run("canonical", "--live", str(tmp_path / "run.har"))
    assert (code, data["stopped"]) == (3, "the recording contains no answers: record a client at work")


class Proxy(BaseHTTPRequestHandler):
    """Answers everything itself, and keeps what it was asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


def test_a_provider_elsewhere_is_asked_through_the_proxy() -> None:
    Proxy.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    data = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/things": {"get": {"responses": {"200": {"description": "ok"}}}}},
    }
    way = f"http://127.0.0.1:{server.server_port}"
    try:
        document = from_text("t.json", json.dumps(data))
        asked = probe("http://api.example.test", document, api_key="", proxy=way)
    finally:
        server.shutdown()
        server.server_close()
    assert Proxy.asked == ["http://api.example.test/things"]
    assert [e.status for e in asked.exchanges] == ["200"]
