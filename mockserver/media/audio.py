"""Sound: a tone of a given length, as WAV or MP3. The seed is in the file, so that no two are the same.

A WAV file is 16-bit mono at 16 kHz. An MP3 file is MPEG-1 Layer III, mono, 48 kHz at 32 kbit/s (ISO/IEC
11172-3, 2.4.1): a frame is 96 bytes and 24 ms, and needs nothing of any other.
"""

from __future__ import annotations

import math
import struct
import zlib

WAV_RATE = 16_000
# Samples of one wave: 320, 400 and 500 Hz. A whole number of them makes every wave the same bytes.
WAVES = (50, 40, 32)
LOUDNESS = 6_000
FRAME_MS = 24
FRAME_BYTES = 96
FRAME_HEADER = bytes.fromhex("fffb14c0")
# Spectral lines are 41.7 Hz apart: 333, 417 and 500 Hz.
LINES = (8, 10, 12)
# The scale of the lines: 210 would be full.
GAIN = 196


def _mark(seed: str) -> bytes:
    return zlib.crc32(seed.encode()).to_bytes(4, "big")


def _kind(seed: str) -> int:
    return _mark(seed)[-1] % len(WAVES)


def wav(seconds: float, seed: str) -> bytes:
    """A tone as WAV (RIFF, linear PCM); `seed` gives its height."""
    period = WAVES[_kind(seed)]
    samples = [round(LOUDNESS * math.sin(2 * math.pi * i / period)) for i in range(period)]
    wave = struct.pack(f"<{period}h", *samples)
    size = 2 * max(1, round(seconds * WAV_RATE))
    sound = (wave * (size // len(wave) + 1))[:size]
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, WAV_RATE, 2 * WAV_RATE, 2, 16)
    mark = struct.pack("<4sI4s4sI8s", b"LIST", 20, b"INFO", b"ICMT", 8, _mark(seed).hex().encode())
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + size + len(mark), b"WAVE")
    return b"".join([head, form, struct.pack("<4sI", b"data", size), sound, mark])


def mp3(seconds: float, seed: str) -> bytes:
    """A tone as MP3; `seed` gives its height. It is a whole number of frames long."""
    line = LINES[_kind(seed)]
    frames = max(1, round(seconds * 1000 / FRAME_MS))
    # The lines of a steady tone change their signs from one half of a frame to the next, two by two.
    pair = _frame(line, "00", _mark(seed)) + _frame(line, "11", _mark(seed))
    return (pair * (frames // 2 + 1))[: frames * FRAME_BYTES]


def _frame(line: int, signs: str, mark: bytes) -> bytes:
    """One frame; `signs` are those of the one line that sounds, in each half of it (a granule). `mark` stands
    at its end, where decoders find data that is not theirs."""
    granules = [_lines(line, sign) for sign in signs]
    # main_data_begin, private_bits, scfsi
    side = f"{0:09b}{0:05b}{0:04b}"
    for bits in granules:
        # part2_3_length, big_values, global_gain, scalefac_compress, window_switching_flag
        side += f"{len(bits):012b}{line // 2 + 1:09b}{GAIN:08b}{0:04b}{0:01b}"
        # table_select of three regions, region0_count, region1_count, preflag, scalefac_scale, count1table
        side += f"{1:05b}{1:05b}{1:05b}{15:04b}{7:03b}{0:03b}"
    bits = side + "".join(granules)
    filled = bits.ljust(8 * (FRAME_BYTES - len(FRAME_HEADER) - len(mark)), "0")
    return FRAME_HEADER + int(filled, 2).to_bytes(len(filled) // 8, "big") + mark


def _lines(line: int, sign: str) -> str:
    """The lines of a granule as Huffman codes of table 1: pairs of zeros, then the pair of one that is 1."""
    return "1" * (line // 2) + ("01" if line % 2 == 0 else "001") + sign
