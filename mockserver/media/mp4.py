"""A minimal MP4 file: one video track, the index before the samples so that players can start at once.

Boxes are those of ISO/IEC 14496-12 (section numbers below); the sample entry is that of ISO/IEC 14496-15.
"""

from __future__ import annotations

import struct
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMESCALE = 1000  # every time in the file is in milliseconds
_TRACK = 1
_UNITY = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


class Track(NamedTuple):
    """An H.264 track: its size in pixels, parameter sets, and the pictures with the time each is shown.

    `pictures` are NAL units, the first of them an IDR picture; `durations` are milliseconds, one a picture.
    """

    width: int
    height: int
    sequence_parameters: bytes
    picture_parameters: bytes
    pictures: Sequence[bytes]
    durations: Sequence[int]


def mux(track: Track) -> bytes:
    """The whole file. Its length and times must fit 32 bits: below 4 GiB and 49 days."""
    # 14496-15, 5.3.2: each NAL unit of a sample follows its own length.
    samples = [struct.pack(">I", len(picture)) + picture for picture in track.pictures]
    head = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isom", b"iso2", b"avc1", b"mp41")
    # The index names the place of the samples, which stand after it; its length does not depend on the
    # number.
    place = len(head) + len(_movie(track, samples, 0)) + 8
    return head + _movie(track, samples, place) + _box(b"mdat", *samples)


def _box(kind: bytes, *parts: bytes) -> bytes:
    """A box (4.2): length, kind, content."""
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def _full(kind: bytes, flags: int, *parts: bytes) -> bytes:
    """A box of version 0 with flags (4.2)."""
    return _box(kind, struct.pack(">I", flags), *parts)


def _table(kind: bytes, rows: Sequence[tuple[int, ...]], *before: int) -> bytes:
    """A full box that holds `before`, the number of rows, and the rows, all of 32 bits."""
    numbers = [*before, len(rows), *(number for row in rows for number in row)]
    return _full(kind, 0, struct.pack(f">{len(numbers)}I", *numbers))


def _movie(track: Track, samples: Sequence[bytes], place: int) -> bytes:
    length = sum(track.durations)
    # mvhd (8.2.2): created, modified, timescale, duration, rate, volume, reserved, matrix, next track.
    header = struct.pack(">4IiH10x", 0, 0, TIMESCALE, length, 0x10000, 0x100)
    movie = _full(b"mvhd", 0, header, _UNITY, bytes(24), struct.pack(">I", _TRACK + 1))
    # tkhd (8.3.2), flags: enabled, in movie, in preview.
    shown = struct.pack(">5I16x", 0, 0, _TRACK, 0, length)
    size = struct.pack(">2I", track.width << 16, track.height << 16)
    return _box(
        b"moov",
        movie,
        _box(b"trak", _full(b"tkhd", 7, shown, _UNITY, size), _media(track, samples, place)),
    )


def _media(track: Track, samples: Sequence[bytes], place: int) -> bytes:
    undetermined = 0x55C4  # "und" in three times five bits (8.4.2)
    header = struct.pack(">4I2H", 0, 0, TIMESCALE, sum(track.durations), undetermined, 0)
    handler = struct.pack(">I4s12x", 0, b"vide") + b"Understudy\x00"
    # dref (8.7.2): the samples are in this file.
    data = _box(b"dinf", _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1)))
    return _box(
        b"mdia",
        _full(b"mdhd", 0, header),
        _full(b"hdlr", 0, handler),
        _box(b"minf", _full(b"vmhd", 1, bytes(8)), data, _samples(track, samples, place)),
    )


def _samples(track: Track, samples: Sequence[bytes], place: int) -> bytes:
    """The sample table (8.5): all samples in one chunk at byte `place` of the file."""
    runs = [(len(list(run)), duration) for duration, run in groupby(track.durations)]
    return _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), _entry(track)),
        _table(b"stts", runs),
        _table(b"stss", [(1,)]),
        _table(b"stsc", [(1, len(samples), 1)]),
        _table(b"stsz", [(len(sample),) for sample in samples], 0),
        _table(b"stco", [(place,)]),
    )


def _entry(track: Track) -> bytes:
    """avc1 (14496-12, 12.1.3; 14496-15, 5.4.2) with its avcC (14496-15, 5.3.3)."""
    profile, constraints, level = track.sequence_parameters[1:4]
    parameters = b"".join(
        (
            bytes([1, profile, constraints, level, 0xFC | 3, 0xE0 | 1]),  # lengths of four bytes; one SPS
            struct.pack(">H", len(track.sequence_parameters)),
            track.sequence_parameters,
            bytes([1]),  # one PPS
            struct.pack(">H", len(track.picture_parameters)),
            track.picture_parameters,
        )
    )
    return _box(
        b"avc1",
        struct.pack(">6xH16x2H", 1, track.width, track.height),
        struct.pack(">2I4xH", 0x480000, 0x480000, 1),  # 72 dpi; one frame a sample
        bytes(32),  # no compressor name
        struct.pack(">Hh", 24, -1),
        _box(b"avcC", parameters),
    )
