"""`understudy specs import URL --name acme`, and from then on `understudy drift --watch acme`."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from understudy.specs.cli.drift import drift
from understudy.specs.cli.specs import specs
from understudy.specs.documents import _WebOnly
from understudy.specs.drift.watch import watch, watchable
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIXTURES = Path(__file__).parents[3] / "fixtures" / "docs"
PAGE = (FIXTURES / "chainhub-multi-image2video.md").read_bytes()
OTHER_PAGE = (FIXTURES / "chainhub-multi-image2image.md").read_bytes()

Answer = tuple[int, bytes]


class Web:
    """A web server with one page; `answer` is what it says next."""

    def __init__(self) -> None:
        self.answer: Answer | Callable[[BaseHTTPRequestHandler], None] = (200, PAGE)
        self.over = threading.Event()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if callable(web.answer):
                    web.answer(self)
                    return
                status, body = web.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/page.md"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Path]]:
    """A page on the web, and a folder in which `acme` was imported from it: once, for all tests."""
    folder, made = tmp_path_factory.mktemp("imported"), Web()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    with contextlib.chdir(folder):
        imported = CliRunner().invoke(specs, ["import", made.url, "--name", "acme"])
    assert imported.exit_code == 0, imported.output
    yield made, folder
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def web(served: tuple[Web, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The page as it was imported, and a folder of one's own with the provider that came of it."""
    made, folder = served
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    made.answer, made.over = (200, PAGE), threading.Event()
    yield made
    made.over.set()


def run(*arguments: str) -> Any:
    return CliRunner().invoke(drift, ["--watch", *arguments])


def line(output: str) -> str:
    """What is said of acme in one line."""
    return next(text for text in output.splitlines() if text.startswith("  acme: "))


def moves(provider: str, web: Web) -> None:
    """Let the provider's page be where nobody serves."""
    toml = Path(f"specs/providers/{provider}/provider.toml")
    toml.write_text(toml.read_text().replace(web.url, "http://127.0.0.1:9/page.md"))


def test_the_same_bytes_are_no_drift(web: Web) -> None:
    result = run("acme")
    assert result.exit_code == 0
    assert line(result.output) == f"  acme: the same bytes as when it was imported ({web.url})"


def test_other_words_that_promise_the_same_are_no_drift(web: Web) -> None:
    web.answer = (200, PAGE + b"\nWe moved our offices.\n")
    result = run("acme")
    assert (result.exit_code, line(result.output)) == (0, f"  acme: promises the same ({web.url})")


def test_a_stricter_limit_breaks_clients_and_stands_at_its_line(web: Web) -> None:
    web.answer = (200, PAGE.replace(b"2500", b"1500"))
    result = run("acme", "--json")
    [acme] = json.loads(result.output)["providers"]
    assert (result.exit_code, acme["same_bytes"]) == (1, False)
    [finding] = [f for f in acme["findings"] if f["rule"] == "request-max-length-decreased"]
    number = next(n for n, text in enumerate(PAGE.decode().splitlines(), 1) if "prompt:" in text)
    assert finding["revision_place"]["file"] == "page.md"
    assert number <= finding["revision_place"]["line"] < number + 8
    assert "changed: 1 breaks clients" in line(run("acme").output)


def test_a_second_import_accepts_the_change(web: Web) -> None:
    web.answer = (200, PAGE.replace(b"2500", b"1500"))
    CliRunner().invoke(specs, ["import", web.url, "--name", "acme"], catch_exceptions=False)
    assert run("acme").exit_code == 0


UNREADABLE: list[tuple[str, Answer, str]] = [
    ("gone", (410, b""), "the server answers 410 Gone"),
    ("not found", (404, b"nothing here"), "the server answers 404 Not Found"),
    ("broken", (500, b"oops"), "the server answers 500 Internal Server Error"),
    ("a login page", (200, b"<html><h1>Log in</h1></html>"), "the document is in no known format"),
    ("an error as JSON", (200, b'{"detail": "Not Found"}'), "the document is in no known format"),
    ("empty", (200, b""), "the document is empty (fetch it again)"),
    ("too large", (200, b" " * (20 * 1024 * 1024 + 1)), "the document is larger than 20,971,520 bytes"),
    ("another page", (200, OTHER_PAGE), "no longer POST /v1/videos/multi-image2video: has the page moved?"),
]


@pytest.mark.parametrize(("answer", "problem"), [r[1:] for r in UNREADABLE], ids=[r[0] for r in UNREADABLE])
def test_what_cannot_be_read_could_not_be_told(web: Web, answer: Answer, problem: str) -> None:
    web.answer = answer
    result = run("acme")
    assert result.exit_code == 3, result.output
    assert line(result.output) == "  acme: could not be read, see below"
    assert problem in result.output


def test_a_server_that_is_silent_is_given_up(web: Web) -> None:
    web.answer = lambda handler: web.over.wait(30) and None
    [acme] = watch(["acme"], timeout=0.2)
    assert "timed out" in acme.problem


def test_a_server_that_is_not_there_is_said(web: Web) -> None:
    moves("acme", web)
    result = run("acme")
    assert (result.exit_code, "Connection refused" in result.output) == (3, True)


def redirects_to(address: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", address)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return redirect


@pytest.mark.parametrize("address", ["file:///etc/passwd", "/page.md"], ids=["to a file", "in a circle"])
def test_a_redirect_that_leads_nowhere_is_said(web: Web, address: str) -> None:
    web.answer = redirects_to(address)
    result = run("acme")
    assert (result.exit_code, "the server answers 302" in result.output) == (3, True)


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "[::1]", "localhost"])
def test_a_page_on_the_web_does_not_redirect_into_this_network(inside: str) -> None:
    asked = urllib.request.Request("http://93.184.216.34/page.md")
    with pytest.raises(UnderstudyError, match="inside this network: not followed"):
        _WebOnly().redirect_request(asked, None, 302, "", {}, f"http://{inside}/")


def test_a_page_in_this_network_redirects_within_it(web: Web) -> None:
    asked = urllib.request.Request(web.url)
    assert _WebOnly().redirect_request(asked, None, 302, "", {}, "http://127.0.0.1/other") is not None


def test_one_that_cannot_be_read_does_not_hide_another_that_breaks(web: Web) -> None:
    imported = CliRunner().invoke(specs, ["import", web.url, "--name", "bravo"])
    assert imported.exit_code == 0
    moves("bravo", web)
    web.answer = (200, PAGE.replace(b"2500", b"1500"))
    result = run("acme", "bravo")
    assert (result.exit_code, "Connection refused" in result.output) == (1, True)


def test_without_names_all_that_have_documents_are_watched(web: Web) -> None:
    result = run("--json")
    names = [one["provider"] for one in json.loads(result.output)["providers"]]
    assert (result.exit_code, names[0], {"kling", "newapi"} & set(names)) == (0, "acme", set())


def test_a_provider_without_documents_that_is_asked_for_could_not_be_told() -> None:
    result = run("newapi")
    assert (result.exit_code, "enter one under [[documents]]" in result.output) == (3, True)


def test_an_installed_package_watches_no_documents_that_it_does_not_hold(web: Web, tmp_path: Path) -> None:
    """Those of the built-in providers are in the repository only; one's own are missed when they are gone."""
    (tmp_path / "empty").mkdir()
    assert watchable(tmp_path / "empty") == ["acme"]
