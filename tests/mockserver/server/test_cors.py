"""`serve --cors`: what a web page on another origin may do, seen in a browser and header by header."""

from __future__ import annotations

import http.server
import inspect
import json
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from starlette.middleware.cors import CORSMiddleware
from tests.browser import browser, needs_chromium
from tests.mocks import mock_account

from understudy.mockserver.errors import MockError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

__all__ = ["browser"]
CREATE = "/v1/images/multi-image2image"
BODY = {"subject_image_list": [{"subject_image": "https://example.com/cat.png"}]}
PAGE = "http://localhost:5173"


def ask(url: str, method: str = "GET", body: Any = None, **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers (by lower-case name) of an answer."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}


def preflight(url: str, origin: str, **headers: str) -> tuple[int, dict[str, str]]:
    wanted = {
        "Origin": origin,
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "authorization,content-type",
    }
    return ask(url, "OPTIONS", **(wanted | headers))


def test_preflight_allows_what_a_client_sends() -> None:
    with mock_account(cors=("*",)) as mock:
        status, headers = preflight(mock.url + CREATE, PAGE, Access_Control_Request_Private_Network="true")
    assert status == 200
    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-allow-headers"] == "authorization,content-type"
    assert {"GET", "POST"} <= set(headers["access-control-allow-methods"].split(", "))
    if "allow_private_network" in inspect.signature(CORSMiddleware.__init__).parameters:
        assert headers["access-control-allow-private-network"] == "true"
    assert "access-control-allow-credentials" not in headers


def test_answers_expose_their_headers_to_named_origins_only() -> None:
    key = {"Authorization": "Bearer any", "X_Understudy_Scenario": "too_many_requests:retry_after=3"}
    with mock_account(cors=(PAGE, "https://app.example")) as mock:
        status, named = ask(mock.url + CREATE, "POST", BODY, Origin=PAGE, **key)
        _, other = ask(mock.url + CREATE, "POST", BODY, Origin="http://localhost:9", **key)
        refused, _ = preflight(mock.url + CREATE, "http://localhost:9")
    assert (status, named["retry-after"]) == (429, "3")
    assert (named["access-control-allow-origin"], named["access-control-expose-headers"]) == (PAGE, "*")
    assert "origin" in named["vary"].lower()
    assert "access-control-allow-origin" not in other
    assert refused == 400


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/__understudy__",
        "/__understudy__/journal",
        "//__understudy__/clock",
        "/%5F_understudy__/clock",
    ],
)
def test_control_plane_is_never_shared(path: str) -> None:
    with mock_account(cors=("*",)) as mock:
        _, headers = ask(mock.url + path, Origin=PAGE)
        asked, preflighted = preflight(mock.url + path, PAGE)
    shared = [name for name in (*headers, *preflighted) if name.startswith("access-control-")]
    assert (shared, asked >= 400) == ([], True)


def test_without_the_option_nothing_is_shared() -> None:
    with mock_account() as mock:
        _, headers = ask(mock.url + CREATE, "POST", BODY, Origin=PAGE, Authorization="Bearer any")
        status, _ = preflight(mock.url + CREATE, PAGE)
    assert [name for name in headers if name.startswith("access-control-")] == []
    assert status >= 400


@pytest.mark.parametrize(
    "origin", ["localhost:5173", "http://localhost/", "https://*.example.com", "ftp://a"]
)
def test_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with (
        pytest.raises(MockError, match=r"is not an origin.*http://localhost:5173"),
        mock_account(cors=(origin,)),
    ):
        pass


# What the page does, with the mock's address and a key put in; its last value comes back.
AS_A_CLIENT = """async ([url, body, key]) => {
  const headers = {Authorization: `Bearer ${key}`, "Content-Type": "application/json"};
  const created = await (await fetch(url, {method: "POST", headers, body: JSON.stringify(body)})).json();
  let task;
  for (let i = 0; i < 200; i++) {
    task = (await (await fetch(`${url}/${created.data.task_id}`, {headers})).json()).data;
    if (task.task_status === "succeed") break;
    await new Promise(done => setTimeout(done, 20));
  }
  const picture = await (await fetch(task.task_result.images[0].url)).blob();
  headers["X-Understudy-Scenario"] = "too_many_requests:retry_after=7";
  const refused = await fetch(url, {method: "POST", headers, body: JSON.stringify(body)});
  return [task.task_status, picture.type, refused.status, refused.headers.get("retry-after")];
}"""
AS_A_TEST = """async ([control, key]) => {
  const tries = [
    ["advance", "/clock/advance", {method: "POST", body: '{"seconds": 60}'}],
    ["advance as JSON", "/clock/advance",
     {method: "POST", body: '{"seconds": 60}', headers: {"Content-Type": "application/json"}}],
    ["advance unseen", "/clock/advance", {method: "POST", body: '{"seconds": 60}', mode: "no-cors"}],
    ["reset unseen", "/reset", {method: "POST", body: "{}", mode: "no-cors"}],
    ["journal", "/journal", {}],
    ["journal unseen", "/journal", {mode: "no-cors"}],
    ["overview", "", {}],
  ];
  const seen = [];
  for (const [name, path, options] of tries) {
    try {
      const answer = await fetch(`${control}${path}?account=${key}`, options);
      const text = await answer.text();
      seen.push([name, text]);
    } catch (error) {
      seen.push([name, ""]);
    }
  }
  const form = document.createElement("form");
  form.method = "POST"; form.action = `${control}/clock/advance?account=${key}`; form.enctype = "text/plain";
  const field = document.createElement("input");
  field.name = '{"seconds": 60, "x": "'; field.value = '"}';
  form.append(field); form.target = "frame";
  const frame = document.createElement("iframe");
  frame.name = "frame"; document.body.append(frame, form);
  const loaded = new Promise(done => frame.onload = done);
  form.submit();
  await loaded;
  return seen;
}"""


class EmptyPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>another origin</title><body>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def other_origin() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@needs_chromium
def test_page_on_another_origin_creates_and_polls_but_steers_nothing(
    browser: Browser, other_origin: str
) -> None:
    with mock_account(cors=("*",)) as mock:
        page = browser.new_page()
        page.goto(other_origin)
        as_client = page.evaluate(AS_A_CLIENT, [mock.url + CREATE, BODY, mock.api_key])
        mock.clock.rate = 0
        before, tasks = mock.clock.now, len(mock.tasks)
        as_test = page.evaluate(AS_A_TEST, [f"{mock.url}/__understudy__", mock.api_key])
        after = mock.clock.now, len(mock.tasks)
        page.close()
    assert as_client == ["succeed", "image/png", 429, "7"]
    assert [name for name, text in as_test if text] == []
    assert len(as_test) == 7
    assert after == (before, tasks)


@needs_chromium
def test_page_on_another_origin_creates_nothing_without_the_option(
    browser: Browser, other_origin: str
) -> None:
    with mock_account() as mock:
        page = browser.new_page()
        page.goto(other_origin)
        with pytest.raises(Exception, match="Failed to fetch"):
            page.evaluate(AS_A_CLIENT, [mock.url + CREATE, BODY, mock.api_key])
        page.close()
        assert mock.tasks == []
