"""Reading the JSON body of a request, within bounds; a body that is not JSON is named as what it is."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.errors import Refused
from understudy.mockserver.jsontext import MOST_DEPTH, MOST_VALUES, too_deep, too_many

if TYPE_CHECKING:
    from collections.abc import Mapping

# So much of a body is tried in other encodings, in bytes.
MOST_TRIED = 1_048_576
# First bytes of formats: RFC 1952 (gzip), RFC 8878 (Zstandard). Brotli (RFC 7932) has none.
MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
PLAIN = (b"", b"identity")


def read_json(body: bytes, headers: Mapping[bytes, bytes]) -> Any:
    """The value of a JSON body; raises Refused for other text, too many values, and nesting too deep."""
    if len(body) > MOST_VALUES and too_many(body):
        raise Refused("invalid_request", reason=f"the body holds more than {MOST_VALUES} values")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused("invalid_request", reason=why_unreadable(body, headers, error)) from None
    if too_deep(body):
        raise Refused("invalid_request", reason=f"the body is nested more than {MOST_DEPTH} deep")
    return value


def why_unreadable(body: bytes, headers: Mapping[bytes, bytes], error: Exception) -> str:
    """Why a body is no JSON, as far as can be seen: "the body is GBK: JSON is UTF-8 (RFC 8259, 8.1)"."""
    coding = headers.get(b"content-encoding", b"").strip().lower()
    packed = coding.decode("latin-1") if coding not in PLAIN else compression(body)
    if packed:
        return f"the body is compressed ({packed}), which is not supported: send it uncompressed"
    if body.startswith(codecs.BOM_UTF8):
        return "the body begins with a byte order mark, which JSON does not allow (RFC 8259, 8.1)"
    encoding = other_encoding(body)
    if encoding:
        return f"the body is {encoding}: JSON is UTF-8 (RFC 8259, 8.1)"
    sent = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if sent in (b"application/x-www-form-urlencoded", b"multipart/form-data"):
        return f"the body is a form ({sent.decode()}), not JSON"
    return f"the body is not JSON: {error}"


def compression(body: bytes) -> str:
    """The coding that a body's first bytes tell, "" for none."""
    for magic, name in MAGIC.items():
        if body.startswith(magic):
            return name
    # RFC 1950, 2.2: deflate with a window, and a check over both bytes.
    zlib = len(body) > 2 and body[0] & 0x0F == 8 and body[0] >> 4 <= 7 and (body[0] << 8 | body[1]) % 31 == 0
    return "deflate" if zlib else ""


def other_encoding(body: bytes) -> str:
    """The encoding of a text that is not UTF-8, "" when it is, or is no text at all."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return name
    if body[:1] + body[2:3] == b"\0\0" or body[1:2] + body[3:4] == b"\0\0":
        # JSON begins with two characters of ASCII.
        return "UTF-32" if body[:2] == b"\0\0" or body[2:4] == b"\0\0" else "UTF-16"
    tried = body[:MOST_TRIED]
    try:
        codecs.getincrementaldecoder("utf-8")().decode(tried)
    except UnicodeDecodeError:
        pass
    else:
        return ""
    for name, shown in (("gb18030", "GBK"), ("shift_jis", "Shift JIS"), ("latin-1", "Latin-1")):
        try:
            orjson.loads(tried.decode(name))
        except (UnicodeDecodeError, orjson.JSONDecodeError):
            continue
        return shown
    return ""
