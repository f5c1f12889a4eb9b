"""Whether a downloaded file is whole: pictures are decoded, the boxes of an MP4 walked to their end."""

from __future__ import annotations

import shutil
import struct
import subprocess
import warnings
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from understudy.contracts.checks.media import MediaFacts

# Pixels beyond which a picture is not decoded: a bomb, or nothing that these APIs make.
MOST_PIXELS = 80_000_000
# What an MP4 must have to play: its description and its frames (ISO 14496-12, 8.2 and 8.1.1).
NEEDED = frozenset({b"moov", b"mdat"})
FFPROBE_SECONDS = 20.0


def damage(path: Path, facts: MediaFacts | None) -> str:
    """What is wrong with a file, for a person; "" when it is whole, or its format is not known."""
    if facts is None:
        return ""
    if facts.kind == "image":
        return _picture(path) if facts.width * facts.height <= MOST_PIXELS else ""
    if facts.kind == "audio":
        return _ffprobe(path)
    with path.open("rb") as file:
        found = _boxes(file, path.stat().st_size)
    return found or _ffprobe(path)


def _picture(path: Path) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                picture.load()
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise whatever a damaged file provokes
        return f"the picture cannot be decoded: {str(error) or type(error).__name__}"
    return ""


def _boxes(file: BinaryIO, end: int) -> str:
    """Walk the boxes at the top of an MP4 (ISO 14496-12, 4.2): each must end within the file."""
    place, seen = 0, set()
    while place < end:
        file.seek(place)
        head = file.read(16)
        if len(head) < 8:
            return f"the video ends {end - place} bytes into a box"
        size, kind = struct.unpack(">I4s", head[:8])
        if size == 1 and len(head) == 16:
            size = struct.unpack(">Q", head[8:])[0]
        size = size or end - place
        if size < 8:
            return f"the video has a box of {size} bytes"
        if place + size > end:
            lost = place + size - end
            return f"the video ends early: its last box ({kind.decode('latin-1')}) misses {lost} bytes"
        seen.add(kind)
        place += size
    missing = sorted(box.decode() for box in NEEDED - seen)
    return f"the video has no {' and no '.join(missing)} box" if missing else ""


def _ffprobe(path: Path) -> str:
    """What ffprobe says against the file, where it is installed."""
    program = shutil.which("ffprobe")
    if program is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - our own file, a fixed command
            [program, "-v", "error", "-i", str(path)],
            capture_output=True, timeout=FFPROBE_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"ffprobe: {said[-1][:120]}" if done.returncode and said else ""
