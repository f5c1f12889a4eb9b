"""A small reader for the H.264 that the writer writes, so that tests need no other program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from understudy.mockserver.media.h264 import Macroblock

if TYPE_CHECKING:
    from understudy.mockserver.media.h264 import Frame


@pytest.fixture(scope="session")
def decode():
    """Frame and NAL units → the macroblocks of each picture."""
    return read


@pytest.fixture(scope="session")
def planes():
    """Frame and macroblocks → the samples shown, as yuv420p."""
    return cropped


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


def read(frame: Frame, pictures: list[bytes]) -> list[list[Macroblock]]:
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
            assert skipped or reader.more()  # 7.3.4: no run behind the last macroblock
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
    assert (len(blocks), reader.at) == (total, reader.end)
    return blocks


def predicted(blocks: list[Macroblock], plane: int, side: int, above: int | None, left: int | None) -> bytes:
    if above is not None:
        return blocks[above][plane][-side:] * side
    edge = blocks[left][plane][side - 1 :: side]
    return b"".join(bytes([value]) * side for value in edge)


def cropped(frame: Frame, picture: list[Macroblock]) -> bytes:
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
