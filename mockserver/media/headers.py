"""Format and size of a picture, read from its header; pixels are never decoded.

PNG: W3C PNG (third edition), sections 5.2, 5.3, 11.2.1. JPEG: ITU-T T.81, annex B.1 and B.2.2.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple, Protocol

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_JPEG = b"\xff\xd8\xff"
# A picture with thumbnails and a large colour profile has a few hundred segments before its frame header.
_MOST_SEGMENTS = 4096
_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15 without DHT, JPG, DAC
_ALONE = frozenset([0x01, *range(0xD0, 0xD8)])  # TEM, RST: markers without a segment
_NO_HEADER = frozenset([0xD8, 0xD9, 0xDA])  # SOI, EOI, SOS: too late for a frame header

# Formats that are told by name only: (name, where the mark stands, the mark).
_OTHERS = (
    ("gif", 0, b"GIF8"),
    ("webp", 8, b"WEBP"),
    ("bmp", 0, b"BM"),
    ("tiff", 0, b"II*\0"),
    ("tiff", 0, b"MM\0*"),
    ("heic", 4, b"ftyphei"),
    ("avif", 4, b"ftypavif"),
    ("pdf", 0, b"%PDF"),
    ("svg", 0, b"<svg"),
)


class ByteSource(Protocol):
    """Bytes that can be read anywhere."""

    def read(self, start: int, count: int) -> bytes:
        """At most `count` bytes from `start` on."""


class DamagedError(ValueError):
    """The mark of a format, and no header of that format behind it; the message says what is wrong."""


class Header(NamedTuple):
    """`format` is a lower-case name; width and height are None where the format is known by name only."""

    format: str
    width: int | None
    height: int | None


def header(source: ByteSource) -> Header | None:
    """What the picture says it is; None when it has no mark of a known format. Raises DamagedError."""
    head = source.read(0, 33)
    if head.startswith(_PNG):
        return _png(head)
    if head.startswith(_JPEG):
        return _jpeg(source)
    for name, place, mark in _OTHERS:
        if head.startswith(mark, place):
            return Header(name, None, None)
    return None


def _png(head: bytes) -> Header:
    if len(head) < 33:
        raise DamagedError("the PNG ends inside its header")
    length, kind, width, height, depth, colour = struct.unpack_from(">I4sIIBB", head, 8)
    if (length, kind) != (13, b"IHDR"):
        raise DamagedError("the PNG does not begin with an IHDR chunk")
    if struct.unpack_from(">I", head, 29)[0] != zlib.crc32(head[12:29]):
        raise DamagedError("the checksum of the PNG header is wrong")
    if not (0 < width < 1 << 31 and 0 < height < 1 << 31):
        raise DamagedError(f"the PNG says that it is {width} × {height} px")
    if depth not in _PNG_DEPTHS.get(colour, ()):
        raise DamagedError(f"the PNG has colour type {colour} with {depth} bits, which PNG does not allow")
    return Header("png", width, height)


def _jpeg(source: ByteSource) -> Header:
    place = 2
    for _ in range(_MOST_SEGMENTS):
        segment = source.read(place, 9)
        if len(segment) < 2:
            raise DamagedError("the JPEG ends before its frame header")
        if segment[0] != 0xFF:
            raise DamagedError(f"the JPEG has no marker at byte {place}")
        marker = segment[1]
        if marker == 0xFF:  # fill
            place += 1
        elif marker in _ALONE:
            place += 2
        elif marker in _NO_HEADER:
            raise DamagedError("the JPEG has no frame header before its data")
        elif marker in _FRAME:
            return _jpeg_frame(segment)
        else:
            place += 2 + _jpeg_length(segment)
    raise DamagedError(f"the JPEG has more than {_MOST_SEGMENTS} segments before its frame header")


def _jpeg_length(segment: bytes) -> int:
    if len(segment) < 4:
        raise DamagedError("the JPEG ends inside a segment")
    length = int.from_bytes(segment[2:4], "big")
    if length < 2:
        raise DamagedError(f"the JPEG has a segment of length {length}")
    return length


def _jpeg_frame(segment: bytes) -> Header:
    if len(segment) < 9 or _jpeg_length(segment) < 8:
        raise DamagedError("the JPEG ends inside its frame header")
    height, width = struct.unpack_from(">HH", segment, 5)
    if not width or not height:
        raise DamagedError(f"the JPEG says that it is {width} × {height} px")
    return Header("jpeg", width, height)
