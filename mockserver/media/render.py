"""Results that show what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from understudy.mockserver.media import audio, lettering, shapes, stills, video
from understudy.mockserver.media.drawing import TitleCard
from understudy.specs.errors import UnderstudyError


@dataclass(frozen=True)
class Render:
    """One result to be made.

    `kind` is `image`, `video` or `audio`; `index` is the result's place among those of its task, from 0;
    `aspect_ratio` is `W:H`; `duration_seconds` counts for videos and sounds only; `text` is the prompt, of
    which the first words are shown; `seed` gives colours and pattern.
    """

    kind: str
    media_type: str
    index: int
    aspect_ratio: str
    duration_seconds: float
    text: str
    provider: str
    watermark: bool
    seed: str


def render(wanted: Render) -> bytes:
    """The bytes of a result: PNG or JPEG of about 1024 px, MP4 of 640×360 px or the like, MP3 or WAV.

    The same arguments give the same bytes, in any process (with the same Pillow). Raises UnderstudyError
    for a kind or media type that is not known, an aspect ratio that is not two positive numbers, and a
    video not longer than nothing.
    """
    types = _WRITERS.get(wanted.kind)
    if types is None:
        raise _unknown("kind", wanted.kind, _WRITERS)
    write = types.get(wanted.media_type)
    if write is None:
        raise _unknown("media_type", wanted.media_type, types)
    return write(wanted)


def _unknown(
    name: str, value: str, known: dict[str, dict[str, _Writer]] | dict[str, _Writer]
) -> UnderstudyError:
    return UnderstudyError(
        f"unknown {name.replace('_', ' ')} {value!r}", where=name, advice=f"known: {', '.join(known)}"
    )


def _card(wanted: Render, size: shapes.Size, fact: str) -> TitleCard:
    return TitleCard(
        size=size,
        title=lettering.first_words(wanted.text),
        facts=(
            f"{wanted.kind} · index {wanted.index}",
            f"{wanted.aspect_ratio.strip()} · {size.width} x {size.height}{fact}",
            f"{lettering.first_words(wanted.provider)} · understudy",
        ),
        mark=f"WATERMARK {lettering.first_words(wanted.provider, characters=16)}" if wanted.watermark else "",
        seed=wanted.seed,
        film=wanted.kind == "video",
    )


def _png(wanted: Render) -> bytes:
    return stills.png(_card(wanted, shapes.picture_size(wanted.aspect_ratio), ""))


def _jpeg(wanted: Render) -> bytes:
    return stills.jpeg(_card(wanted, shapes.picture_size(wanted.aspect_ratio), ""))


def _webp(wanted: Render) -> bytes:
    return stills.webp(_card(wanted, shapes.picture_size(wanted.aspect_ratio), ""))


def _mp4(wanted: Render) -> bytes:
    size = shapes.film_size(wanted.aspect_ratio)
    return video.film(_card(wanted, size, f" · {wanted.duration_seconds:g} s"), wanted.duration_seconds)


def _wav(wanted: Render) -> bytes:
    return audio.wav(wanted.duration_seconds, f"{wanted.seed} {wanted.index}")


def _mp3(wanted: Render) -> bytes:
    return audio.mp3(wanted.duration_seconds, f"{wanted.seed} {wanted.index}")


_Writer = Callable[[Render], bytes]
_WRITERS: dict[str, dict[str, _Writer]] = {
    "image": {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp},
    "video": {"video/mp4": _mp4},
    "audio": {"audio/mpeg": _mp3, "audio/wav": _wav},
}
