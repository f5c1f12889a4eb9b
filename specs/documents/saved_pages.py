"""Files that hold a page inside of something else: archives of browsers are opened, other files refused.

Chrome and Edge save a page as MHTML (RFC 2557), Safari as a property list (.webarchive). Both hold the HTML
that the browser shows, also where scripts have made it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import plistlib
import re
from dataclasses import dataclass

from understudy.specs.errors import UnderstudyError

# The headers of an archive, and of a part of it.
MAX_HEAD = 16_000
MAX_PARTS = 500

# What begins a file that holds no text to be read: what it is, and what to do instead.
FOREIGN = (
    (b"%PDF-", "a PDF", "give the page that it was printed from, or its text (`pdftotext -layout FILE`)"),
    (b"PK\x03\x04", "a ZIP archive, as Word, Excel and Pages write them", "save it as HTML or as text"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of an old Word or Excel", "save it as HTML or as text"),
    (b"{\\rtf", "rich text (RTF)", "save it as HTML or as text"),
    (b"\x89PNG\r\n", "a picture", "give the page's text"),
    (b"\xff\xd8\xff", "a picture", "give the page's text"),
    (b"\x1f\x8b\x08", "compressed (gzip)", "unpack it first"),
)
FORMATS = ("MHTML", "webarchive")
_MHTML = re.compile(rb"\A(?:[\w-]{2,40}:[^\n]*\n(?:[ \t][^\n]*\n)*+)*?MIME-Version:", re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]{1,80}")
_HEADER = re.IGNORECASE | re.MULTILINE
_KIND = re.compile(r"^content-type:[ \t]*(?P<type>[\w/.+-]{1,100})(?P<parameters>.*)$", _HEADER)
_CODING = re.compile(r"^content-transfer-encoding:[ \t]*([\w-]{1,40})", _HEADER)
_VALUE = r"=(?:\"(?P<quoted>[^\"\r\n]{1,200})\"|(?P<token>[^\s;\"]{1,200}))"
_BOUNDARY = re.compile(rf";\s{{0,80}}boundary{_VALUE}", _HEADER)
_CHARSET = re.compile(rf";\s{{0,80}}charset{_VALUE}", _HEADER)
# Character sets of pages (Encoding Standard, 4.2). Python knows more under such names, among them codecs that
# take minutes for a page (idna) or are no character sets.
_CHARSETS = re.compile(
    r"utf-?8|utf-?16(?:-?[lb]e)?|us-ascii|ascii|latin-?1|l1|iso[-_]?8859[-_]?\d{1,2}|windows-(?:125\d|874)|cp125\d|ibm866|"
    r"koi8-[ru]|macintosh|gb2312|gbk|gb18030|big5(?:-hkscs)?|euc-(?:jp|kr)|shift[-_]?jis|sjis|iso-2022-jp|ks_c_5601-1987",
    re.IGNORECASE,
)
_END_OF_HEAD = re.compile(rb"\r?\n[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The HTML of an archive: its bytes, the character set that the archive names or "", the format."""

    html: bytes
    charset: str
    format: str


def opened(data: bytes, where: str) -> SavedPage | None:
    """The page that an archive of a browser holds; None for what is no archive.

    Raises UnderstudyError for an archive without a page, and for what holds no text: a PDF, a ZIP, a picture.
    """
    for begins, what, advice in FOREIGN:
        if data.startswith(begins):
            raise UnderstudyError(f"this is {what}, not a readable document", where=where, advice=advice)
    if data.startswith(b"bplist00"):
        return _webarchive(data, where)
    if _MHTML.match(data[:MAX_HEAD]) and (boundary := _boundary(data)):
        return _mhtml(data, boundary, where)
    return None


def _no_page(where: str, what: str) -> UnderstudyError:
    return UnderstudyError(f"{what} without a page of HTML", where=where, advice="save the page once more")


def _head(data: bytes, at: int = 0) -> tuple[str, int]:
    """The headers at `at`, each on one line, and the offset behind them."""
    end = _END_OF_HEAD.search(data, at, at + MAX_HEAD)
    stop = end.end() if end else min(len(data), at + MAX_HEAD)
    return _FOLD.sub(" ", data[at:stop].decode("latin-1")), stop


def _parameter(pattern: re.Pattern[str], head: str) -> str:
    """A parameter of the Content-Type (RFC 2045, 5.1): a token, or a text in quotes; "" for none."""
    kind = _KIND.search(head)
    found = pattern.search(kind["parameters"]) if kind else None
    return (found["quoted"] or found["token"] or "") if found else ""


def _boundary(data: bytes) -> bytes:
    head, _ = _head(data)
    kind = _KIND.search(head)
    named = _parameter(_BOUNDARY, head) if kind and kind["type"].lower().startswith("multipart/") else ""
    return b"--" + named.encode("latin-1") if named else b""


def _mhtml(data: bytes, boundary: bytes, where: str) -> SavedPage:
    at = data.find(boundary)
    for _ in range(MAX_PARTS):
        begin = data.find(b"\n", at) + 1 if at >= 0 else 0
        if not begin:
            break
        end = data.find(b"\n" + boundary, begin)
        head, body = _head(data, begin)
        kind, coding = _KIND.search(head), _CODING.search(head)
        if kind and kind["type"].lower() == "text/html":
            html = data[body : end if end >= 0 else len(data)]
            charset = _known(_parameter(_CHARSET, head))
            return SavedPage(_decoded(html, coding[1].lower() if coding else ""), charset, "MHTML")
        at = end + 1 if end >= 0 else -1
    raise _no_page(where, "an archive of a page (MHTML)")


def _known(charset: str) -> str:
    """The character set, or "" for one that no page has."""
    return charset if _CHARSETS.fullmatch(charset) else ""


def _decoded(body: bytes, coding: str) -> bytes:
    if coding == "quoted-printable":
        return binascii.a2b_qp(body)
    if coding == "base64":
        # What is no Base64 in it is passed over, as RFC 2045, 6.8 asks for; a cut one lacks its end.
        with contextlib.suppress(binascii.Error):
            return base64.b64decode(body + b"==")
    return body


def _webarchive(data: bytes, where: str) -> SavedPage:
    try:
        main = plistlib.loads(data)["WebMainResource"]
        html, charset = main["WebResourceData"], str(main.get("WebResourceTextEncodingName", ""))
        if not isinstance(html, bytes):
            raise TypeError
    except (plistlib.InvalidFileException, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _no_page(where, "an archive of Safari (.webarchive)") from None
    return SavedPage(html, _known(charset), "webarchive")
