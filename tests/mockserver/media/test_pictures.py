"""Pictures sent in are judged by their header, exactly at every edge."""

from __future__ import annotations

import base64
import io
import re
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from understudy.mockserver.media import PictureProblem, check_picture
from understudy.specs.library import effective

MOST = 10 * 1024 * 1024
LIMITS = {
    "formats": ["jpg", "jpeg", "png"],
    "max_bytes": MOST,
    "min_side": 300,
    "min_aspect_ratio": 0.4,
    "max_aspect_ratio": 2.5,
}


IMAGE = effective("kling")["components"]["schemas"]["MultiImage2ImageRequest"]["properties"]["scene_image"]


def picture(width: int, height: int, kind: str = "PNG", mode: str = "L", **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, kind, **options)
    return file.getvalue()


def sent(content: bytes) -> str:
    return base64.b64encode(content).decode()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_head(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG that is nothing but signature and header."""
    ihdr = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr)


def jpeg_head(width: int, height: int, before: bytes = b"", frame: int = 0xC0) -> bytes:
    """A JPEG that ends after its frame header."""
    return b"\xff\xd8" + before + struct.pack(">BBHBHHB", 0xFF, frame, 11, 8, height, width, 1) + b"\1\x11\0"


def kind(value: str | bytes | memoryview, limits: dict[str, object] = LIMITS) -> str | None:
    problem = check_picture(value, limits)
    return problem and problem.kind


def test_the_limits_here_are_those_of_the_vendor():
    assert IMAGE["x-image"] == LIMITS


@pytest.mark.parametrize("file_kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    ("size", "problem"),
    [
        ((300, 300), None),
        ((299, 300), "pixels"),
        ((300, 299), "pixels"),
        ((750, 300), None),
        ((751, 300), "ratio"),
        ((300, 750), None),
        ((300, 751), "ratio"),
        ((1000, 400), None),
        ((1001, 400), "ratio"),
        ((5000, 2000), None),
        ((1999, 5000), "ratio"),
    ],
)
def test_size_and_shape_are_judged_exactly(file_kind, size, problem):
    assert kind(sent(picture(*size, file_kind))) == problem


@pytest.mark.parametrize(
    ("length", "problem"), [(MOST - 1, None), (MOST, None), (MOST + 1, "size"), (MOST + 2, "size")]
)
def test_ten_megabytes_are_allowed_and_not_a_byte_more(length, problem):
    content = picture(300, 300)
    assert kind(sent(content.ljust(length, b"\0"))) == problem


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            "data:image/png;base64,iVBORw0KGgo=",
            ("prefix", "begins with 'data:image/png;base64,'; send the Base64 alone, without a data: prefix"),
        ),
        ("", ("base64", "is neither an http(s) URL nor Base64: it is empty")),
        (
            "iVBORw0\nKGgo=",
            (
                "base64",
                (
                    "is neither an http(s) URL nor Base64: character 7 is '\\n',"
                    " which is not in the alphabet A-Z a-z 0-9 + /"
                ),
            ),
        ),
        (
            "ftp://x/y.png",
            (
                "base64",
                (
                    "is neither an http(s) URL nor Base64: character 3 is ':',"
                    " which is not in the alphabet A-Z a-z 0-9 + /"
                ),
            ),
        ),
        (
            "iVBORw0KGgo",
            (
                "base64",
                (
                    "is neither an http(s) URL nor Base64: its 11 characters are not a multiple of 4,"
                    " so it is cut off or lacks padding"
                ),
            ),
        ),
        ("aGVsbG8=", ("format", "is not a picture in a known format; allowed: jpg, jpeg, png")),
        (sent(picture(400, 400, "GIF")), ("format", "is GIF; allowed: jpg, jpeg, png")),
        (sent(picture(400, 400, "WEBP")), ("format", "is WEBP; allowed: jpg, jpeg, png")),
        (sent(picture(400, 400, "BMP")), ("format", "is BMP; allowed: jpg, jpeg, png")),
        (sent(picture(400, 400, "TIFF")), ("format", "is TIFF; allowed: jpg, jpeg, png")),
        (sent(png_head(400, 400)[:20]), ("format", "is damaged: the PNG ends inside its header")),
        (
            sent(picture(299, 400)),
            ("pixels", "is 299 × 400 px; width and height must each be at least 300 px"),
        ),
        (
            sent(picture(1000, 300)),
            ("ratio", "is 1000 × 300 px, width / height 3.333; it must be at least 0.4 and at most 2.5"),
        ),
        (
            sent(picture(300, 300).ljust(MOST + 1, b"\0")),
            ("size", "is 10485761 bytes; at most 10485760 are allowed"),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "-",
)
def test_a_problem_says_what_was_found_and_what_is_allowed(value, problem):
    assert check_picture(value, LIMITS) == PictureProblem(*problem)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/fox.png", "https://example.com/fox", "HTTPS://EXAMPLE.COM/", "http://"]
)
def test_urls_are_never_fetched(url):
    assert check_picture(url, LIMITS) is None


@pytest.mark.parametrize("prefix", ["data:", "DATA:image/png;base64,", "data:" + "x" * 1000])
def test_a_data_prefix_is_told_from_other_text(prefix):
    assert kind(prefix + sent(picture(400, 400))) == "prefix"


def test_text_bytes_and_views_are_judged_alike():
    for value in (sent(picture(400, 400)), sent(picture(200, 400)), "data:,", "http://x", "", "a b"):
        data = value.encode()
        assert check_picture(value, LIMITS) == check_picture(data, LIMITS)
        assert check_picture(value, LIMITS) == check_picture(memoryview(data), LIMITS)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, None),
        ({"formats": ["PNG"]}, None),
        ({"formats": ["webp"]}, "format"),
        ({"min_side": 200}, None),
        ({"min_side": 201}, "pixels"),
        ({"max_aspect_ratio": 2}, None),
        ({"max_aspect_ratio": 1.9}, "ratio"),
        ({"min_aspect_ratio": 2}, None),
        ({"min_aspect_ratio": 2.1}, "ratio"),
        ({"max_bytes": len(picture(400, 200))}, None),
        ({"max_bytes": len(picture(400, 200)) - 1}, "size"),
    ],
)
def test_a_limit_that_is_absent_does_not_limit(limits, expected):
    assert kind(sent(picture(400, 200)), limits) == expected


def test_without_formats_anything_in_base64_passes():
    assert kind("aGVsbG8=", {"min_side": 300}) is None


@pytest.mark.parametrize(
    "content",
    [
        png_head(0, 400),
        png_head(400, 0),
        png_head(400, 1 << 31),
        png_head(400, 400, depth=3),
        png_head(400, 400, colour=5),
        png_head(400, 400)[:-1] + b"\0",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", bytes(13)),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8\xff\xe0\x00\x01",
        b"\xff\xd8\xff\xe0\x00\x08abcdef",
        b"\xff\xd8\xff\xe0\x00\x02\x00",
        b"\xff\xd8\xff\xda\x00\x08",
        b"\xff\xd8\xff\xd9",
        jpeg_head(400, 400)[:-6],
        jpeg_head(0, 400),
        jpeg_head(400, 0),
        b"\xff\xd8" + b"\xff" * 100_000,
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 100_000 + jpeg_head(400, 400)[2:],
    ],
)
def test_a_damaged_header_is_a_problem_of_format_and_takes_no_time(content):
    problem = check_picture(sent(content), LIMITS)
    assert problem is not None
    assert (problem.kind, problem.text.split(":")[0]) == ("format", "is damaged")


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\xff\xff\xff",
        b"\xff\xe1\xff\xff" + bytes(0xFFFD),
        (b"\xff\xe2\xff\xff" + b"\xff\xc0" * 0x7FFE + b"\0") * 60,
        b"\xff\xc4\x00\x04\xff\xd9\xff\x01\xff\xd0",
    ],
)
@pytest.mark.parametrize("frame", [0xC0, 0xC1, 0xC2, 0xCF])
def test_the_frame_header_of_a_jpeg_is_found_behind_what_precedes_it(before, frame):
    assert kind(sent(jpeg_head(640, 480, before, frame))) is None
    assert kind(sent(jpeg_head(640, 240, before, frame))) == "pixels"


def test_a_picture_of_a_billion_pixels_costs_nothing():
    assert kind(sent(png_head(65_000, 65_000)), LIMITS) is None


def test_a_large_picture_is_not_copied():
    value = sent(picture(300, 300).ljust(MOST, b"\0"))
    tracemalloc.start()
    check_picture(value, LIMITS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_gets_an_answer(text):
    assert kind(text) in {None, "prefix", "base64", "format", "size", "pixels", "ratio"}


@given(st.sampled_from([b"", png_head(400, 400), jpeg_head(400, 400), b"\xff\xd8\xff"]), st.data())
def test_any_bytes_behind_any_head_get_an_answer(head, data):
    cut = data.draw(st.integers(0, len(head)))
    content = head[:cut] + data.draw(st.binary(max_size=60))
    assert kind(sent(content)) in {None, "base64", "format", "pixels", "ratio"}


@given(st.text("ABab01+/=\n -_é", max_size=24))
def test_base64_is_what_the_vendors_pattern_takes(text):
    fine = bool(text) and re.fullmatch(IMAGE["pattern"], text) is not None
    assert (kind(text, {}) is None) == fine
    if fine:
        # To the byte: what is decoded is as long as we say it is.
        assert kind(text, {"max_bytes": len(base64.b64decode(text))}) is None
        assert kind(text, {"max_bytes": len(base64.b64decode(text)) - 1}) == "size"


@settings(max_examples=60)
@given(
    st.integers(1, 900),
    st.integers(1, 900),
    st.sampled_from(
        [
            ("PNG", "L", {}),
            ("PNG", "1", {}),
            ("PNG", "RGBA", {}),
            ("PNG", "P", {"bits": 2}),
            ("PNG", "I;16", {}),
            ("JPEG", "RGB", {}),
            ("JPEG", "L", {"progressive": True}),
            ("JPEG", "CMYK", {"icc_profile": b"x" * 200_000}),
            ("JPEG", "RGB", {"exif": b"Exif\0\0" + b"y" * 60_000, "comment": b"z" * 5000}),
        ]
    ),
)
def test_the_header_says_what_pillow_says(width, height, made):
    file_kind, mode, options = made
    content = picture(width, height, file_kind, mode, **options)
    seen = Image.open(io.BytesIO(content))
    exact = {"formats": [seen.format.lower()], "max_bytes": len(content), "min_side": min(seen.size)}
    assert check_picture(sent(content), exact) is None
    assert kind(sent(content), {**exact, "max_bytes": len(content) - 1}) == "size"
    problem = check_picture(sent(content), {"min_side": 901})
    assert problem.text.startswith(f"is {seen.width} × {seen.height} px;")
