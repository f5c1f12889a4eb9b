"""Documents from files and over HTTP: decoding, line positions, bounds in time and size, and `llms.txt`
indexes."""

from __future__ import annotations

import gzip
import hashlib
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.documents import (
    MAX_BYTES,
    Document,
    follow_index,
    index_links,
    load,
    load_file,
    load_url,
)
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = {
    "/docs/llms.txt": "# Pages\n- [One](one.md): first\n- [Two](/docs/two.md#part)\n- [Again](one.md)\n"
    "- [Lost](/docs/lost.md)\n- [Away](https://elsewhere.example.test/docs/x.md)\n"
    "- [Mail](mailto:a@example.test)\n",
    "/docs/one.md": "# One",
    "/docs/two.md": "# Two",
}


GZIP = {"Content-Encoding": "gzip"}
# Answers by path: status, headers, body.
SENT: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/gzip": (200, GZIP, gzip.compress(b"# One")),
    "/deflate": (200, {"Content-Encoding": "deflate"}, zlib.compress(b"# One")),
    "/gzip-half": (200, GZIP, gzip.compress(b"# One and two")[:20]),
    "/gzip-short": (200, {**GZIP, "Content-Length": "500"}, gzip.compress(b"# One and two")[:20]),
    "/gzip-bomb": (200, GZIP, gzip.compress(b"x" * 100_000)),
    "/not-gzip": (200, GZIP, b"# One"),
    "/brotli": (200, {"Content-Encoding": "br"}, b"# One"),
    "/part": (206, {"Content-Range": "bytes 0-4/10"}, b"# One"),
    "/no-content": (204, {}, b""),
    "/empty": (200, {}, b""),
}


class Site(BaseHTTPRequestHandler):
    """A small site: pages, a redirect to a file, pages without an end, without an answer, and broken off."""

    patience = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.patience.wait(30)
        elif self.path == "/to-file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 4096)
        elif self.path == "/dripping":
            self.send_response(200)
            self.end_headers()
            while not self.patience.wait(0.02):
                self.wfile.write(b"x")
        elif self.path == "/half":
            self.send_response(200)
            self.send_header("Content-Length", "500")
            self.end_headers()
            self.wfile.write(b"x" * 200)
        elif self.path == "/half-chunked":
            self.protocol_version = "HTTP/1.1"
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"c8\r\n" + b"x" * 200 + b"\r\nc8\r\n" + b"x" * 20)
            self.close_connection = True
        elif self.path in SENT:
            status, headers, body = SENT[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        elif self.path in PAGES:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(PAGES[self.path].encode())
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Nothing is printed in tests."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.patience = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Site.patience.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"a\r\nb\rc\n", "a\nb\nc\n", "utf-8"),
        ("模型".encode(), "模型", "utf-8"),
        (b"\xef\xbb\xbfa", "a", "utf-8-sig"),
        ("模型".encode("utf-16"), "模型", "utf-16"),
        ("参数 类型".encode("gb18030"), "参数 类型", "gb18030"),
        (b"\xe9t\xe9 \xff\xff", "\u00e9t\u00e9 \u00ff\u00ff", "latin-1"),
        (b"a" * 100 + b"\xff", "a" * 100 + "\ufffd", "utf-8, damaged"),
    ],
)
def test_bytes_are_decoded_and_line_ends_are_one(data: bytes, text: str, encoding: str) -> None:
    document = Document.from_bytes("page", data)

    assert (document.text, document.encoding) == (text, encoding)
    assert document.sha256 == hashlib.sha256(data).hexdigest()


@given(st.text(alphabet="ab\n", max_size=40))
def test_every_offset_has_its_line(text: str) -> None:
    document = Document("page", text)

    for offset in range(len(text) + 1):
        line = document.line_at(offset)
        assert line == text[:offset].count("\n") + 1
        begin = document.offset_of(line)
        assert begin <= offset <= begin + len(document.lines[line - 1])


def test_file_is_loaded_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(b"# Page\r\n")

    assert load(str(path)) == Document(
        "page.md", "# Page\n", sha256=hashlib.sha256(b"# Page\r\n").hexdigest(), encoding="utf-8"
    )


def test_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match=r"no\.md: cannot read the document: No such file or directory"):
        load_file(tmp_path / "no.md")


def test_file_over_20_mb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.md"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)

    with pytest.raises(UnderstudyError, match=r"the limit is 20,971,520"):
        load_file(path)


def test_page_is_loaded_with_url_and_date(site: str) -> None:
    document = load(f"{site}/docs/one.md", date="2026-11-21")

    assert (document.name, document.text) == ("one.md", "# One")
    assert (document.url, document.date) == (f"{site}/docs/one.md", "2026-11-21")


@pytest.mark.parametrize("path", ["/gzip", "/deflate"])
def test_page_that_is_sent_compressed_though_nobody_asked_is_read(site: str, path: str) -> None:
    assert load_url(site + path).text == "# One"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/nowhere", "the server answers 404 Not Found"),
        ("/to-file", "302 Found - Redirection to url 'file:///etc/passwd' is not allowed"),
        ("/dripping", "cannot fetch the document: timed out"),
        ("/endless", "the document is larger than 1,000 bytes"),
        ("/silent", "cannot fetch the document: timed out"),
        ("/half", "the document is incomplete: 200 bytes of 500"),
        ("/half-chunked", "the document is incomplete: 220 bytes, and its last part never came"),
        ("/gzip-half", "the document is incomplete: 20 bytes, and its last part never came"),
        ("/gzip-short", "the document is incomplete: 20 bytes of 500"),
        ("/gzip-bomb", "the document is larger than 1,000 bytes"),
        ("/not-gzip", "the document is not gzip"),
        ("/brotli", r"the document is compressed as 'br' \(known: deflate, gzip, identity, x-gzip"),
        ("/part", "the server answers 206 Partial Content, which is not a whole document"),
        ("/no-content", "the server answers 204 No Content, which is not a whole document"),
        ("/empty", "the document is empty"),
    ],
)
def test_page_that_cannot_be_had_is_one_clear_error(site: str, path: str, message: str) -> None:
    with pytest.raises(UnderstudyError, match=message):
        load_url(site + path, timeout=0.2, max_bytes=1000)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.test/x", "http://", "http://[x/", "data:text/plain,x"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(UnderstudyError):
        load_url(url)


def test_index_lists_its_pages_once_and_absolute() -> None:
    index = Document("llms.txt", PAGES["/docs/llms.txt"], url="https://site.example.test/docs/llms.txt")

    assert index_links(index) == [
        "https://site.example.test/docs/one.md",
        "https://site.example.test/docs/two.md",
        "https://site.example.test/docs/lost.md",
        "https://elsewhere.example.test/docs/x.md",
    ]
    assert index_links(index, containing="TWO") == ["https://site.example.test/docs/two.md"]


def test_index_is_followed_on_its_own_host(site: str) -> None:
    documents, errors = follow_index(load_url(f"{site}/docs/llms.txt"))

    assert [(d.name, d.text) for d in documents] == [("one.md", "# One"), ("two.md", "# Two")]
    assert [str(error) for error in errors] == [
        f"{site}/docs/lost.md: the server answers 404 Not Found",
        "https://elsewhere.example.test/docs/x.md: not followed: another host than the index",
    ]
