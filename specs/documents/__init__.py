"""A provider's document as found: its text, name, address, date and hash, and where each line begins.

Documents come from a file or over HTTP(S); both are bounded in size, and the network also in time. What a
document *says* is the readers' business.
"""

from __future__ import annotations

import bisect
import codecs
import hashlib
import http.client
import ipaddress
import re
import socket
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from understudy.specs.documents import saved_pages
from understudy.specs.errors import UnderstudyError

MAX_BYTES = 20 * 1024 * 1024
TIMEOUT_SECONDS = 20.0
MAX_LINKS = 500
# Statuses that come with a whole document; 206 is a part of one (RFC 9110, 15.3.7).
WHOLE = frozenset({200, 203})
# Compressions that are undone, though none is asked for (stores of files send what they keep), by the window
# that zlib knows them by.
GZIP = 16 + zlib.MAX_WBITS
CODINGS = {"identity": None, "gzip": GZIP, "x-gzip": GZIP, "deflate": zlib.MAX_WBITS}

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKDOWN_LINK = re.compile(r"\[[^\]\n]{0,300}\]\(\s*<?([^)\s>]{1,2000})>?(?:\s+\"[^\"]*\")?\s*\)")


@dataclass(frozen=True)
class Document:
    """One document.

    `text` has its line ends unified to "\\n" (so lines count the same everywhere), `name` is what evidence
    calls it
    (the file name), `url` where it was fetched from or "", `date` the day it was fetched as YYYY-MM-DD or "",
    `sha256` the hash of the bytes as found, `encoding` how they were decoded; "" when `text` was given
    directly. `place` is its address or the path of its file, from which references to others lead on; "" when
    it has none.
    """

    name: str
    text: str
    url: str = ""
    date: str = ""
    sha256: str = ""
    encoding: str = field(default="", compare=False)
    place: str = field(default="", compare=False)

    @classmethod
    def from_bytes(
        cls, name: str, data: bytes, *, url: str = "", date: str = "", place: str = ""
    ) -> Document:
        """The document in `data`: UTF-8, or UTF-16/32 by its mark or its zeros, or GB18030, or Latin-1 as the
        last resort. Of an archive that a browser saved it is the HTML, and lines count in that.

        Raises UnderstudyError when `data` is larger than 20 MB, or no text (a PDF, a Word file).
        """
        if len(data) > MAX_BYTES:
            raise UnderstudyError(
                f"the document has {len(data):,} bytes; the limit is {MAX_BYTES:,}",
                where=url or name,
                advice="use the page of one operation, or the OpenAPI file alone",
            )
        saved = saved_pages.opened(data, url or name)
        text, encoding = _decode(data) if saved is None else _decode_saved(saved)
        return cls(
            name=name,
            text=text.replace("\r\n", "\n").replace("\r", "\n"),
            url=url,
            date=date,
            sha256=hashlib.sha256(data).hexdigest(),
            encoding=encoding,
            place=place or url,
        )

    def beside(self, address: str) -> Document:
        """The document that `address`, relative to this one's place, leads to: a file in the same
        folder, below it or in one beside it, or a page of the same host.

        Raises UnderstudyError when this document has no place, when the address leads elsewhere, and when
        there is nothing.
        """
        if self.place.startswith(("http://", "https://")):
            url = urllib.parse.urljoin(self.place, address)
            if urllib.parse.urlsplit(url).netloc != urllib.parse.urlsplit(self.place).netloc:
                raise UnderstudyError("another host than the document's: not followed", where=url)
            return load_url(url, date=self.date)
        if not self.place or re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", address):
            raise UnderstudyError("no file beside the document: not followed", where=address[:200])
        folder = Path(self.place).parent
        path = (folder / urllib.parse.unquote(address)).resolve()
        if not path.is_relative_to(folder.parent):
            raise UnderstudyError("outside of the document's folders: not followed", where=str(path))
        return load_file(path, date=self.date)

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; line n of the document is `lines[n - 1]`."""
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line_at(self, offset: int) -> int:
        """The line (from 1) of the character at `offset` of the text."""
        return bisect.bisect_right(self._starts, max(offset, 0))

    def offset_of(self, line: int) -> int:
        """The offset of the first character of `line` (from 1)."""
        return self._starts[min(line, len(self._starts)) - 1]


def _decode(data: bytes) -> tuple[str, str]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    if encoding := _wide(data):
        return data.decode(encoding, errors="replace"), encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    # Latin-1 takes any byte, but would turn a mostly Chinese page with one flipped byte into noise.
    text = data.decode("utf-8", errors="replace")
    if text.count("\ufffd") * 20 <= len(text):
        return text, "utf-8, damaged"
    return data.decode("latin-1"), "latin-1"


def _decode_saved(page: saved_pages.SavedPage) -> tuple[str, str]:
    try:
        text = page.html.decode(page.charset) if page.charset else _decode(page.html)[0]
    except (LookupError, UnicodeDecodeError):
        text = _decode(page.html)[0]
    return text, page.format


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: every other byte of what is written in ASCII is zero. "" for anything else."""
    head = data[:4000]
    if len(head) < 4 or len(data) % 2 or b"\0" not in head:
        return ""
    first, second = head[::2].count(0) * 2 / len(head), head[1::2].count(0) * 2 / len(head)
    if second > 0.4 and first < 0.05:
        return "utf-16-le"
    return "utf-16-be" if first > 0.4 and second < 0.05 else ""


def load_file(path: Path | str, *, name: str = "", url: str = "", date: str = "") -> Document:
    """The document in the file at `path`. Raises UnderstudyError when it cannot be read or is over 20 MB."""
    path = Path(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnderstudyError(
            f"cannot read the document: {error.strerror or error}",
            where=str(path),
            advice="use a file or a URL",
        ) from error
    return Document.from_bytes(name or path.name, data, url=url, date=date, place=str(path.resolve()))


def load_url(
    url: str, *, timeout: float = TIMEOUT_SECONDS, max_bytes: int = MAX_BYTES, name: str = "", date: str = ""
) -> Document:
    """The document at an http or https `url`. `timeout` is in seconds, for the answer and again for the body.

    Raises UnderstudyError for any other scheme, when the server cannot be reached, refuses or is silent for
    `timeout` seconds, and when the body is larger than `max_bytes`.
    """
    parts = _web_address(url)
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        url,
        headers={
            "User-Agent": "understudy",
            "Accept": "text/markdown, application/json, text/plain, */*;q=0.5",
        },
    )
    opener = urllib.request.build_opener(_WebOnly())
    try:
        with opener.open(request, timeout=timeout) as response:
            data = _read_until(response, max_bytes + 1, time.monotonic() + timeout)
    except urllib.error.HTTPError as error:
        error.close()
        said = (str(error.reason).splitlines() or [""])[0]
        raise UnderstudyError(f"the server answers {error.code} {said}".rstrip(), where=url) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise UnderstudyError(f"cannot fetch the document: {reason}", where=url) from error
    if len(data) > max_bytes:
        raise UnderstudyError(f"the document is larger than {max_bytes:,} bytes", where=url)
    return Document.from_bytes(name or _name_of(parts), data, url=url, date=date)


def _read_until(response: http.client.HTTPResponse, size: int, deadline: float) -> bytes:
    """Up to `size` bytes of the document in the answer; a server that drips its bytes out is given up at
    `deadline` (monotonic seconds). Raises UnderstudyError for a part of a document, for a body that ends
    before its length, its last chunk or the end of its compression, and for a compression not known here."""
    if response.status not in WHOLE:
        what = f"the server answers {response.status} {response.reason}, which is not a whole document"
        raise UnderstudyError(what, where=response.url, advice="use the URL of the document itself")
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in CODINGS:
        raise UnderstudyError(
            f"the document is compressed as {coding!r}", where=response.url,
            advice=f"known: {', '.join(sorted(CODINGS))}; or save it and give the file",
        )  # fmt: skip
    data = _read_body(response, size, deadline)
    window = CODINGS[coding]
    if window is None or len(data) >= size:
        return data
    inflater = zlib.decompressobj(window)
    try:
        inflated = inflater.decompress(data, size)
    except zlib.error as error:
        raise UnderstudyError(f"the document is not {coding}: {error}", where=response.url) from error
    if not inflater.eof and len(inflated) < size:
        raise _cut_short(len(data), response)
    return inflated


def _read_body(response: http.client.HTTPResponse, size: int, deadline: float) -> bytes:
    """Up to `size` bytes as they were sent; raises UnderstudyError for a body that ends too early."""
    parts: list[bytes] = []
    most = size
    try:
        while size > 0 and (part := response.read1(min(size, 65_536))):
            parts.append(part)
            size -= len(part)
            if time.monotonic() > deadline:
                raise TimeoutError("timed out")
    except http.client.IncompleteRead as error:
        raise _cut_short(sum(map(len, parts)) + len(error.partial), response) from error
    got = sum(map(len, parts))
    promised = response.headers.get("Content-Length", "")
    if promised.isdecimal() and got < min(int(promised), most):
        raise _cut_short(got, response)
    if not got:
        raise UnderstudyError("the document is empty", where=response.url, advice="fetch it again")
    return b"".join(parts)


def _cut_short(got: int, response: http.client.HTTPResponse) -> UnderstudyError:
    promised = response.headers.get("Content-Length", "")
    is_short = promised.isdecimal() and got < int(promised)
    of = f" of {int(promised):,}" if is_short else ", and its last part never came"
    return UnderstudyError(
        f"the document is incomplete: {got:,} bytes{of}", where=response.url, advice="fetch it again"
    )


class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Follow redirects, but only to other web addresses, never to a file or an FTP server; and never from
    the public web into this machine or its network."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        parts = _web_address(newurl)
        if _is_inside(parts.hostname) and not _is_inside(urllib.parse.urlsplit(req.full_url).hostname):
            raise UnderstudyError(
                f"redirects to {parts.netloc}, inside this network: not followed", where=req.full_url
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_inside(host: str | None) -> bool:
    """Whether a host name leads to an address that is not of the public internet."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False  # not to be reached at all
    return any(not ipaddress.ip_address(str(one).partition("%")[0]).is_global for one in found)


def _web_address(url: str) -> urllib.parse.SplitResult:
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise UnderstudyError(f"not a URL: {error}", where=url) from error
    if parts.scheme not in ("http", "https") or not host:
        raise UnderstudyError("not a web address", where=url, advice="known schemes: http, https")
    return parts


def _name_of(parts: urllib.parse.SplitResult) -> str:
    return urllib.parse.unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]) or parts.netloc


def load(source: str, *, timeout: float = TIMEOUT_SECONDS, date: str = "") -> Document:
    """The document at `source`: a URL, the path of a file, or "-" for standard input, called "stdin".
    Raises as `load_url` and `load_file` do."""
    if source == "-":
        return Document.from_bytes("stdin", sys.stdin.buffer.read(MAX_BYTES + 1), date=date)
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", source):
        return load_url(source, timeout=timeout, date=date)
    return load_file(source, date=date)


def index_links(index: Document, *, containing: str = "") -> list[str]:
    """Addresses that an `llms.txt` index lists, in its order, each once; relative ones are resolved against
    its URL.

    Only those whose address holds `containing` (any case) are given; at most one more than MAX_LINKS, which
    says that there are more.
    """
    found: dict[str, None] = {}
    for match in _MARKDOWN_LINK.finditer(index.text):
        try:
            address = urllib.parse.urljoin(index.url, match.group(1)) if index.url else match.group(1)
        except ValueError:
            continue
        address = address.split("#", 1)[0]
        if address.startswith(("http://", "https://")) and containing.lower() in address.lower():
            found.setdefault(address)
        if len(found) > MAX_LINKS:
            break
    return list(found)


def follow_index(
    index: Document, *, containing: str = "", timeout: float = TIMEOUT_SECONDS
) -> tuple[list[Document], list[UnderstudyError]]:
    """The documents that an `llms.txt` index lists, and one error for each that could not be fetched.

    `containing` narrows the addresses (see `index_links`); pages on another host than the index are not
    followed.
    """
    host = urllib.parse.urlsplit(index.url).netloc
    documents: list[Document] = []
    errors: list[UnderstudyError] = []
    links = index_links(index, containing=containing)
    for address in links[:MAX_LINKS]:
        if host and urllib.parse.urlsplit(address).netloc != host:
            errors.append(UnderstudyError("not followed: another host than the index", where=address))
            continue
        try:
            documents.append(load_url(address, timeout=timeout, date=index.date))
        except UnderstudyError as error:
            errors.append(error)
    if len(links) > MAX_LINKS:
        what = f"the index lists more than {MAX_LINKS} pages; from this one on none was fetched"
        errors.append(UnderstudyError(what, where=links[MAX_LINKS]))
    return documents, errors
