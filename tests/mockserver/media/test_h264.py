"""The H.264 writer gives back what went in: read by a small reader of our own, and by ffmpeg where it is."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.media.h264 import (
    Bits,
    Encoder,
    Frame,
    Macroblock,
    picture_parameters,
    sequence_parameters,
    unit,
)

ffmpeg = shutil.which("ffmpeg")


class Reader:
    """Bits of one NAL unit, with emulation prevention taken out (7.3.1)."""

    def __init__(self, nal: bytes) -> None:
        payload = nal[1:].replace(b"\x00\x00\x03", b"\x00\x00")
        self.bits = "".join(f"{byte:08b}" for byte in payload)
        self.end = self.bits.rindex("1")
        self.at = 0

    def u(self, width: int) -> int:
        self.at += width
        return int(self.bits[self.at - width : self.at] or "0", 2)

    def ue(self) -> int:
        zeros = self.bits.index("1", self.at) - self.at
        self.at += zeros
        return self.u(zeros + 1) - 1

    def more(self) -> bool:
        return self.at < self.end

    def samples(self, count: int) -> bytes:
        self.at += -self.at % 8
        return bytes(self.u(8) for _ in range(count))


def decode(frame: Frame, pictures: list[bytes]) -> list[list[Macroblock]]:
    """Every picture's macroblocks, for the subset that the writer uses."""
    decoded: list[list[Macroblock]] = []
    for number, nal in enumerate(pictures):
        reader = Reader(nal)
        intra = nal[0] & 31 == 5
        assert (reader.ue(), reader.ue(), reader.ue()) == (0, 7 if intra else 5, 0)
        assert reader.u(4) == number % 16
        assert (reader.ue(), reader.u(2)) == (0, 0) if intra else reader.u(3) == 0
        assert (reader.ue(), reader.ue()) == (0, 1)
        decoded.append(slice_data(reader, frame, None if intra else decoded[-1]))
    return decoded


def slice_data(reader: Reader, frame: Frame, before: list[Macroblock] | None) -> list[Macroblock]:
    blocks: list[Macroblock] = []
    raw: set[int] = set()
    total = frame.columns * frame.rows
    while reader.more():
        if before is not None:
            skipped = reader.ue()
            blocks += before[len(blocks) : len(blocks) + skipped]
            if not reader.more():
                break
        at = len(blocks)
        kind = reader.ue() - (0 if before is None else 5)
        if kind == 25:
            raw.add(at)
            blocks.append(Macroblock(reader.samples(256), reader.samples(64), reader.samples(64)))
            continue
        chroma = reader.ue()
        above = at - frame.columns if at >= frame.columns else None
        left = at - 1 if at % frame.columns else None
        assert reader.ue() == 0  # mb_qp_delta
        near = [16 if one in raw else 0 for one in (above, left) if one is not None]
        mean = (sum(near) + len(near) - 1) // len(near)
        assert reader.u(6 if mean >= 8 else 1) == (3 if mean >= 8 else 1)
        up = {1: True, 2: False}[kind]
        up_chroma = {2: True, 1: False}[chroma]
        blocks.append(
            Macroblock(
                predicted(blocks, 0, 16, above if up else None, left),
                predicted(blocks, 1, 8, above if up_chroma else None, left),
                predicted(blocks, 2, 8, above if up_chroma else None, left),
            )
        )
    assert len(blocks) == total
    return blocks


def predicted(blocks, plane, side, above, left):
    if above is not None:
        return blocks[above][plane][-side:] * side
    edge = blocks[left][plane][side - 1 :: side]
    return b"".join(bytes([value]) * side for value in edge)


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
def test_every_picture_reads_back_as_it_was(film):
    frame, pictures = film
    assert decode(frame, encode(frame, pictures)) == pictures


def annex_b(frame: Frame, pictures: list[bytes]) -> bytes:
    units = [sequence_parameters(frame), picture_parameters(), *pictures]
    return b"".join(b"\x00\x00\x00\x01" + one for one in units)


def planes(frame: Frame, picture: list[Macroblock]) -> bytes:
    """The samples as yuv420p, cropped."""
    out = bytearray()
    for plane, side, width, height in (
        (0, 16, frame.width, frame.height),
        (1, 8, frame.width // 2, frame.height // 2),
        (2, 8, frame.width // 2, frame.height // 2),
    ):
        for y in range(height):
            row = picture[y // side * frame.columns : (y // side + 1) * frame.columns]
            line = b"".join(block[plane][y % side * side : (y % side + 1) * side] for block in row)
            out += line[:width]
    return bytes(out)


@pytest.mark.skipif(ffmpeg is None, reason="ffmpeg is not installed")
@settings(max_examples=12)
@given(films(), st.integers(0, 7), st.integers(0, 7))
def test_ffmpeg_decodes_every_picture_to_the_very_samples(film, right, bottom):
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


def test_frame_numbers_go_round_after_sixteen_pictures():
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
