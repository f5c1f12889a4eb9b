"""The H.264 writer gives back what went in: read by a small reader of our own, and by ffmpeg where it is."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.mockserver.media.h264 import (
    Bits,
    Encoder,
    Frame,
    Macroblock,
    picture_parameters,
    sequence_parameters,
    unit,
)

ffmpeg = shutil.which("ffmpeg")


def encode(frame: Frame, pictures: list[list[Macroblock]]) -> list[bytes]:
    encoder = Encoder(frame)
    first, *rest = pictures
    return [encoder.key_frame(first), *(encoder.next_frame(dict(enumerate(one))) for one in rest)]


def flat(y: int, cb: int = 128, cr: int = 128) -> Macroblock:
    return Macroblock(bytes([y]) * 256, bytes([cb]) * 64, bytes([cr]) * 64)


def ramp(first: int, step: int, *, across: bool) -> Macroblock:
    """Lines of one value, as prediction repeats them."""
    lines = [max(16, min(235, first + step * at)) for at in range(16)]
    y = bytes(lines) * 16 if across else b"".join(bytes([line]) * 16 for line in lines)
    return Macroblock(y, bytes(lines[:8]) * 8, bytes([first]) * 64)


def noise(seed: bytes) -> Macroblock:
    """Samples with every value, zeros in a row among them, as start codes would have."""
    raw = (seed + b"\x00\x00\x01\x00\x00\x00\x03") * 200
    return Macroblock(raw[:256], raw[256:320], raw[320:384])


FEW = [
    flat(40),
    flat(200),
    flat(40, 90),
    flat(40, 128, 200),
    ramp(40, 3, across=True),
    ramp(40, 3, across=False),
]
blocks = st.one_of(st.sampled_from(FEW), st.sampled_from(FEW), st.binary(min_size=1, max_size=40).map(noise))


@st.composite
def films(draw):
    columns, rows = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    frame = Frame(columns, rows, columns * 16, rows * 16)
    total = columns * rows
    current = draw(st.lists(blocks, min_size=total, max_size=total))
    pictures = [current]
    for _ in range(draw(st.integers(0, 4))):
        changes = draw(st.dictionaries(st.integers(0, total - 1), blocks, max_size=4))
        current = [changes.get(at, block) for at, block in enumerate(current)]
        pictures.append(current)
    return frame, pictures


@settings(max_examples=60)
@given(films())
def test_every_picture_reads_back_as_it_was(decode, film):
    frame, pictures = film
    assert decode(frame, encode(frame, pictures)) == pictures


def annex_b(frame: Frame, pictures: list[bytes]) -> bytes:
    units = [sequence_parameters(frame), picture_parameters(), *pictures]
    return b"".join(b"\x00\x00\x00\x01" + one for one in units)


@pytest.mark.skipif(ffmpeg is None, reason="ffmpeg is not installed")
@settings(max_examples=12)
@given(films(), st.integers(0, 7), st.integers(0, 7))
def test_ffmpeg_decodes_every_picture_to_the_very_samples(planes, film, right, bottom):
    frame, pictures = film
    frame = frame._replace(width=frame.width - 2 * right, height=frame.height - 2 * bottom)
    options = [
        "-v",
        "warning",
        "-xerror",
        "-f",
        "h264",
        "-i",
        "-",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-fps_mode",
        "passthrough",
        "-",
    ]
    stream = annex_b(frame, encode(frame, pictures))
    decoded = subprocess.run([ffmpeg, *options], input=stream, capture_output=True)
    assert decoded.stderr == b""
    assert decoded.stdout == b"".join(planes(frame, picture) for picture in pictures)


def test_a_still_picture_costs_a_few_bytes():
    frame = Frame(40, 23, 640, 360)
    first, *rest = encode(frame, [[flat(40)] * 920] * 40)
    assert len(first) < 384 + 920 * 2
    assert {len(nal) for nal in rest} == {6}


def test_frame_numbers_go_round_after_sixteen_pictures(decode):
    frame = Frame(1, 1, 16, 16)
    pictures = [[flat(16 + number)] for number in range(40)]
    assert decode(frame, encode(frame, pictures)) == pictures


@pytest.mark.parametrize(
    ("payload", "escaped"),
    [
        (b"\x00\x00\x01", b"\x00\x00\x03\x01"),
        (b"\x00\x00\x00\x00\x01", b"\x00\x00\x03\x00\x00\x03\x01"),
        (b"\x00\x00\x03\x80", b"\x00\x00\x03\x03\x80"),
        (b"\x00\x00\x04\x00\x01", b"\x00\x00\x04\x00\x01"),
    ],
)
def test_start_codes_inside_a_unit_are_escaped(payload, escaped):
    assert unit(7, payload) == b"\x67" + escaped


@pytest.mark.parametrize(
    ("number", "code"),
    [(0, "1"), (1, "010"), (2, "011"), (3, "00100"), (6, "00111"), (7, "0001000"), (254, "000000011111111")],
)
def test_numbers_are_exp_golomb_codes_as_in_table_9_2(number, code):
    bits = Bits()
    bits.ue(number)
    written = "".join(f"{byte:08b}" for byte in bits.payload())
    assert written.rstrip("0")[:-1] == code


@pytest.mark.parametrize(("number", "same_as"), [(0, 0), (1, 1), (-1, 2), (2, 3), (-2, 4)])
def test_signed_numbers_are_mapped_as_in_table_9_3(number, same_as):
    signed, unsigned = Bits(), Bits()
    signed.se(number)
    unsigned.ue(same_as)
    assert signed.payload() == unsigned.payload()
