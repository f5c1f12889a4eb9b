"""What a downloaded result is, read from its headers: kind, width, height, seconds. Nothing is decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass

# ISO 14496-12 boxes that hold other boxes on the way to the track and movie headers.
CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """kind: "image", "video" or "audio". Sizes in pixels, 0 when unknown; seconds of what lasts, 0.0 when
    unknown."""

    kind: str
    format: str
    width: int = 0
    height: int = 0
    seconds: float = 0.0


def inspect(data: bytes) -> MediaFacts | None:
    """What `data` is, or None when it is no PNG, JPEG, WebP, MP4, WAV or MP3."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack(">II", data[16:24])
            return MediaFacts("image", "png", width, height)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[4:8] == b"ftyp":
            return _mp4(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            return _wav(data)
        if data.startswith(b"ID3") or (data[:1] == b"\xff" and data[1] & 0xE6 == 0xE2):
            return MediaFacts("audio", "mp3")
    except (struct.error, IndexError):
        return None
    return None


def _jpeg(data: bytes) -> MediaFacts:
    place = 2
    while place + 9 < len(data):
        marker, length = data[place + 1], struct.unpack(">H", data[place + 2 : place + 4])[0]
        # SOF0…SOF15 without DHT, JPG and DAC (ITU T.81, table B.1)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return MediaFacts("image", "jpeg", width, height)
        place += 2 + length
    return MediaFacts("image", "jpeg")


def _webp(data: bytes) -> MediaFacts:
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
        return MediaFacts("image", "webp", width, height)
    if data[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return MediaFacts("image", "webp", width & 0x3FFF, height & 0x3FFF)
    return MediaFacts("image", "webp")


def _wav(data: bytes) -> MediaFacts:
    """Its length, where the two chunks stand in the usual order and nothing is before them."""
    each = struct.unpack("<I", data[28:32])[0]
    size = struct.unpack("<I", data[40:44])[0] if data[12:16] == b"fmt " and data[36:40] == b"data" else 0
    return MediaFacts("audio", "wav", seconds=size / each if each else 0.0)


def _mp4(data: bytes) -> MediaFacts:
    found = {"width": 0, "height": 0, "seconds": 0.0}
    _boxes(data, 0, len(data), found)
    return MediaFacts("video", "mp4", int(found["width"]), int(found["height"]), float(found["seconds"]))


def _boxes(data: bytes, start: int, end: int, found: dict[str, float]) -> None:
    while start + 8 <= end:
        size, kind = struct.unpack(">I4s", data[start : start + 8])
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", data[start + 8 : start + 16])[0], 16
        size = size or end - start
        if size < head:
            return
        body, stop = start + head, min(start + size, end)
        if kind in CONTAINERS:
            _boxes(data, body, stop, found)
        elif kind == b"mvhd":
            _movie_header(data[body:stop], found)
        elif kind == b"tkhd":
            width, height = struct.unpack(">II", data[stop - 8 : stop])
            if width and height:
                found["width"], found["height"] = width >> 16, height >> 16
        start += size


def _movie_header(body: bytes, found: dict[str, float]) -> None:
    if body[0] == 1:
        scale, duration = struct.unpack(">IQ", body[20:32])
    else:
        scale, duration = struct.unpack(">II", body[12:20])
    found["seconds"] = duration / scale if scale else 0.0
