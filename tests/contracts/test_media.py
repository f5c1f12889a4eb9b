"""What a downloaded result is, from its headers."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from understudy.contracts.checks.media import MediaFacts, inspect
from understudy.contracts.strategies.values import png
from understudy.mockserver.media.audio import mp3, wav


def picture(kind: str, width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, kind)
    return out.getvalue()


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def movie(width: int, height: int, scale: int, duration: int) -> bytes:
    header = box(b"mvhd", bytes(12), struct.pack(">II", scale, duration), bytes(80))
    track = box(b"tkhd", bytes(76), struct.pack(">II", width << 16, height << 16))
    return box(b"ftyp", b"isom") + box(b"mdat", b"xyz") + box(b"moov", header, box(b"trak", track))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (picture("PNG", 640, 360), MediaFacts("image", "png", 640, 360)),
        (picture("JPEG", 300, 200), MediaFacts("image", "jpeg", 300, 200)),
        (picture("WEBP", 64, 32), MediaFacts("image", "webp", 64, 32)),
        (png(512, 300), MediaFacts("image", "png", 512, 300)),
        (movie(1280, 720, 1000, 5100), MediaFacts("video", "mp4", 1280, 720, 5.1)),
        (b"<html></html>", None),
        (b"", None),
        (b"\x89PNG\r\n\x1a\n", None),
    ],
)
def test_a_file_is_known_by_its_header(data: bytes, expected: MediaFacts | None) -> None:
    assert inspect(data) == expected


def test_our_own_picture_can_be_opened() -> None:
    with Image.open(io.BytesIO(png(320, 300))) as image:
        image.load()
        assert image.size == (320, 300)


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF0000WEBP", b"0000ftyp"]), st.binary())
def test_any_bytes_are_answered(head: bytes, tail: bytes) -> None:
    found = inspect(head + tail)
    assert found is None or found.kind in ("image", "video")


def test_sounds_are_known_by_their_heads() -> None:
    assert inspect(wav(2.5, "seed")) == MediaFacts("audio", "wav", seconds=2.5)
    assert inspect(mp3(2.5, "seed")) == MediaFacts("audio", "mp3")
    assert inspect(b"ID3\x04\x00" + bytes(20)) == MediaFacts("audio", "mp3")
    assert inspect(b"RIFF" + bytes(4) + b"WAVE" + bytes(40)) == MediaFacts("audio", "wav")
