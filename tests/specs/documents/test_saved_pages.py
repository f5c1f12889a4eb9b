"""Pages that a browser saved as one file are read as the HTML in them; files without text are refused."""

from __future__ import annotations

import base64
import gzip
import plistlib
import quopri
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.browser import browser, needs_chromium, visit  # noqa: F401 - fixtures

from understudy.specs.documents import Document, load_file
from understudy.specs.errors import UnderstudyError
from understudy.specs.readers import read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser import Visit

PAGE = """<!DOCTYPE html><html><body><h1>Clips</h1><p>POST /v1/clips</p>
<table>
<tr><th>Field</th><th>Type</th><th>Description</th></tr>
<tr><td>prompt</td><td>string</td><td>提示词，最多 500 个字符</td></tr>
</table></body></html>
"""
HEAD = "From: <Saved by Blink>\r\nSubject: Clips\r\nMIME-Version: 1.0\r\n"
KIND = 'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----Part--x----"\r\n\r\n\r\n'
STYLE = "------Part--x----\r\nContent-Type: text/css\r\n\r\na { b: c }\r\n"
END = "------Part--x------\r\n"


def archive(coding: str, body: bytes, kind: str = "text/html", before: str = "") -> bytes:
    head = f"{HEAD}{KIND}{before}------Part--x----\r\nContent-Type: {kind}\r\n"
    coded = f"Content-Transfer-Encoding: {coding}\r\n" if coding else ""
    return f"{head}{coded}\r\n".encode() + body + f"\r\n{STYLE}{END}".encode()


QUOTED = quopri.encodestring(PAGE.encode())
CODED = base64.encodebytes(PAGE.encode())
PLIST = {"WebMainResource": {"WebResourceData": PAGE.encode(), "WebResourceTextEncodingName": "UTF-8"}}


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (archive("quoted-printable", QUOTED), "MHTML"),
        (archive("Quoted-Printable", QUOTED, 'text/html; charset="utf-8"', STYLE), "MHTML"),
        (archive("base64", CODED), "MHTML"),
        (archive("8bit", PAGE.encode("gb18030"), 'text/html; charset="gb2312"'), "MHTML"),
        (archive("", PAGE.encode(), "text/html; charset=unheard-of"), "MHTML"),
        (plistlib.dumps(PLIST, fmt=plistlib.FMT_BINARY), "webarchive"),
    ],
)
def test_the_page_in_an_archive_is_read_at_its_own_lines(data: bytes, format_: str) -> None:
    reading = read(Document.from_bytes("clips.mhtml", data))

    (operation,) = reading.operations
    assert [(one.path, one.get("maxLength"), one.line) for one in operation.request] == [
        (("prompt",), 500, 4)
    ]
    assert (1, f"the HTML of an archive ({format_}) is read: lines count in it") in [
        (note.line, note.text) for note in reading.notes
    ]


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "hex", '"a\0b"', "unicode_escape"])
def test_a_codec_that_is_no_character_set_of_pages_is_not_used(charset: str) -> None:
    """idna took three minutes and 1.6 GB for 20 MB; others raised errors of their own."""
    page = PAGE.encode() + b"xn--a" * 20_000
    document = Document.from_bytes("clips.mhtml", archive("", page, f"text/html; charset={charset}"))

    assert document.text.encode().strip() == page


@needs_chromium
def test_a_page_that_scripts_make_is_read_as_chromium_saves_it(visit: Visit, tmp_path: Path) -> None:  # noqa: F811
    script = f"document.body.innerHTML = {PAGE.partition('<body>')[2].partition('</body>')[0]!r}"
    visit.page.set_content(f"<!DOCTYPE html><html><body></body><script>{script}</script></html>")
    told = visit.context.new_cdp_session(visit.page).send("Page.captureSnapshot", {"format": "mhtml"})
    (tmp_path / "clips.mhtml").write_bytes(told["data"].encode())

    (operation,) = read(load_file(tmp_path / "clips.mhtml")).operations
    assert [(one.path, one.get("maxLength")) for one in operation.request] == [(("prompt",), 500)]


def zipped(path: Path) -> bytes:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "<w:document/>")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("begins", "what"),
    [
        (b"%PDF-1.7\n", "this is a PDF, not"),
        (b"{\\rtf1 POST /v1/clips}", "this is rich text (RTF), not"),
        (b"\x89PNG\r\n\x1a\n", "this is a picture, not"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "this is a picture, not"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is a file of an old Word or Excel, not"),
        (gzip.compress(PAGE.encode()), "this is compressed (gzip), not"),
        (b"bplist00" + b"x" * 40, "an archive of Safari (.webarchive) without a page of HTML"),
        (
            plistlib.dumps({"a": 1}, fmt=plistlib.FMT_BINARY),
            "an archive of Safari (.webarchive) without a page",
        ),
        (archive("", b"x", "text/plain"), "an archive of a page (MHTML) without a page of HTML"),
    ],
)
def test_a_file_without_text_is_refused_as_what_it_is(begins: bytes, what: str) -> None:
    with pytest.raises(UnderstudyError) as caught:
        Document.from_bytes("clips", begins)

    assert str(caught.value).startswith(f"clips: {what}")


def test_a_word_file_is_refused_as_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(
        UnderstudyError, match="clips: this is a ZIP archive, as Word, Excel and Pages write them"
    ):
        Document.from_bytes("clips", zipped(tmp_path / "clips.docx"))


@pytest.mark.parametrize(
    "text",
    [
        "MIME-Version: 1.0\nContent-Type: text/html\n\nPOST /v1/clips\n",
        "POST: /v1/clips\nMIME-Version: 1.0\n",
        "Content-Type: multipart/related; boundary=x\n\n--x\n",
    ],
)
def test_headers_in_a_text_make_no_archive(text: str) -> None:
    assert Document.from_bytes("clips", text.encode()).text == text
