"""Sounds play: decoders read them, and find a tone of the right length."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from understudy.mockserver.media.audio import mp3, wav

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(("make", "end", "rate"), [(mp3, "mp3", 48_000), (wav, "wav", 16_000)])
def test_a_decoder_hears_a_tone_of_that_length(
    tmp_path: Path, make: Callable[[float, str], bytes], end: str, rate: int
) -> None:
    file = tmp_path / f"tone.{end}"
    file.write_bytes(make(1.2, "a seed"))
    command = ["ffmpeg", "-hide_banner", "-i", str(file), "-af", "volumedetect", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stderr
    samples, loudest = re.search(r"n_samples: (\d+)", said), re.search(r"max_volume: (-?[\d.]+) dB", said)
    assert samples is not None
    assert loudest is not None
    assert int(samples[1]) == pytest.approx(1.2 * rate, rel=0.001)
    assert -40 < float(loudest[1]) < -6
    assert "Error" not in said
    assert "invalid" not in said.lower()


@pytest.mark.parametrize("make", [mp3, wav])
def test_each_seed_gives_a_file_of_its_own_and_always_the_same(
    make: Callable[[float, str], bytes],
) -> None:
    assert len({make(2, f"seed {i}") for i in range(20)}) == 20
    assert make(2, "seed") == make(2, "seed")


@pytest.mark.parametrize("make", [mp3, wav])
def test_a_sound_of_no_length_is_still_one(make: Callable[[float, str], bytes]) -> None:
    assert len(make(0, "seed")) > 40
