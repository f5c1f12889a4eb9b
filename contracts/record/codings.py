"""Bodies unpacked for reading: the content codings of HTTP (RFC 9110, 8.4.1; br: RFC 7932, zstd: RFC 8878).

What is passed on stays as it came; only the copy that is kept and judged is unpacked.
"""

from __future__ import annotations

import contextlib
import importlib
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# A small body may unpack to a very large one.
MOST_UNPACKED = 64 * 1024 * 1024
GZIP, RAW_DEFLATE = 16 + zlib.MAX_WBITS, -zlib.MAX_WBITS


class Packed(Exception):  # noqa: N818 - what the body stays
    """A body cannot be unpacked: not what it says, too large, or no library for it here."""


def unpacked(raw: bytes, codings: str) -> tuple[bytes, str]:
    """(the body unpacked, the codings that are left on it) of a body whose `Content-Encoding` is `codings`.

    A body that is not what its header says stays as it is.
    """
    left = [one.strip().lower() for one in codings.split(",") if one.strip()]
    data = raw
    while left:
        coding = left[-1]
        if coding != "identity":
            unpack = CODINGS.get(coding)
            if unpack is None or not data:
                break
            try:
                data = unpack(data)
            except (Packed, zlib.error, EOFError, ValueError, OSError):
                break
        left.pop()
    return data, ", ".join(left) if data else ""


def _zlib(window: int) -> Callable[[bytes], bytes]:
    def unpack(data: bytes) -> bytes:
        made, rest = bytearray(), data
        # A gzip body may be several members, one after the other (RFC 1952, 2.2).
        while rest:
            worker = zlib.decompressobj(window)
            made += worker.decompress(rest, MOST_UNPACKED - len(made) + 1)
            if len(made) > MOST_UNPACKED or not worker.eof:
                raise Packed
            rest = worker.unused_data
        return bytes(made)

    return unpack


def _deflate(data: bytes) -> bytes:
    """zlib's format, as the RFC has it, or bare deflate, as some send it."""
    try:
        return _zlib(zlib.MAX_WBITS)(data)
    except zlib.error:
        return _zlib(RAW_DEFLATE)(data)


def _brotli(data: bytes) -> bytes:
    module = _module("brotli", "brotlicffi")
    try:
        worker = module.Decompressor()
        made = bytes(worker.process(data, output_buffer_limit=MOST_UNPACKED + 1))
        if len(made) > MOST_UNPACKED or not worker.is_finished():
            raise Packed
    except module.error as error:
        raise Packed from error
    return made


def _zstd(data: bytes) -> bytes:
    module = _module("compression.zstd", "backports.zstd")
    made, rest = bytearray(), data
    try:
        while rest:
            worker = module.ZstdDecompressor()
            made += worker.decompress(rest, MOST_UNPACKED - len(made) + 1)
            if len(made) > MOST_UNPACKED or not worker.eof:
                raise Packed
            rest = worker.unused_data
    except module.ZstdError as error:
        raise Packed from error
    return bytes(made)


def _module(*names: str) -> Any:
    """The first of these modules that is there. Looked for when a body needs it: most need none."""
    for name in names:
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    raise Packed


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _zlib(GZIP),
    "x-gzip": _zlib(GZIP),
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
