"""Results are real files that show what was asked, the same bytes every time."""

from __future__ import annotations

import colorsys
import hashlib
import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from understudy.mockserver.media import Render, render
from understudy.specs.errors import UnderstudyError

IMAGE = Render(
    kind="image",
    media_type="image/png",
    index=0,
    aspect_ratio="16:9",
    duration_seconds=0.0,
    text="A red fox runs through fresh snow",
    provider="kling",
    watermark=False,
    seed="task 1",
)
VIDEO = replace(IMAGE, kind="video", media_type="video/mp4", duration_seconds=5.0)


def opened(made: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(made))
    image.load()
    return image


def shows(image: Image.Image, words: str, *, tone: int, background: int = 28) -> bool:
    """Whether these words stand somewhere in the tones of the picture, in the font that ships with Pillow."""
    tones = image.tobytes()
    for size in range(11, 60):
        font = ImageFont.load_default(size)
        left, top, right, bottom = (int(edge) for edge in font.getbbox(words))
        stamp = Image.new("L", (right + 1, bottom + 1), background)
        ImageDraw.Draw(stamp).text((0, 0), words, fill=tone, font=font)
        stamp = stamp.crop((left + 1, top, right - 1, bottom))
        rows = [stamp.crop((0, y, stamp.width, y + 1)).tobytes() for y in range(stamp.height)]
        middle = len(rows) // 2
        at = tones.find(rows[middle])
        while at >= 0:
            first = at - middle * image.width
            places = range(first, first + len(rows) * image.width, image.width)
            if all(tones[p : p + stamp.width] == row for p, row in zip(places, rows, strict=True)):
                return True
            at = tones.find(rows[middle], at + 1)
    return False


@pytest.mark.parametrize(
    ("media_type", "name", "aspect_ratio", "size"),
    [
        ("image/png", "PNG", "16:9", (1024, 576)),
        ("image/png", "PNG", "2:3", (672, 1008)),
        ("image/jpeg", "JPEG", "1:1", (1024, 1024)),
        ("image/jpeg", "JPEG", "21:9", (1008, 432)),
    ],
)
def test_a_picture_is_of_the_asked_format_and_shape(media_type, name, aspect_ratio, size):
    made = render(replace(IMAGE, media_type=media_type, aspect_ratio=aspect_ratio))
    image = opened(made)
    assert (image.format, image.size) == (name, size)
    assert len(made) < 100_000


@pytest.mark.parametrize("aspect_ratio", ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"])
def test_a_picture_shows_what_was_asked(aspect_ratio):
    image = opened(render(replace(IMAGE, aspect_ratio=aspect_ratio, index=7, provider="chainhub")))
    assert shows(image, "image · index 7", tone=200)
    assert shows(image, f"{aspect_ratio} · {image.width} x {image.height}", tone=200)
    assert shows(image, "chainhub · understudy", tone=200)
    assert shows(image, "A red fox", tone=255)


def test_a_picture_does_not_show_what_was_not_asked():
    image = opened(render(IMAGE))
    assert not shows(image, "image · index 8", tone=200)
    assert not shows(image, "A red box", tone=255)
    assert not shows(image, "WATERMARK kling", tone=28, background=255)


def test_a_watermark_is_visible_when_asked_and_changes_nothing_else():
    plain, marked = opened(render(IMAGE)), opened(render(replace(IMAGE, watermark=True)))
    assert shows(marked, "WATERMARK kling", tone=28, background=255)
    corner = (700, 450, 1024, 576)
    for image in (plain, marked):
        image.paste(0, corner)
    assert plain.tobytes() == marked.tobytes()


def test_a_long_prompt_is_cut_and_says_so():
    words = [f"word{number}" for number in range(1000)]
    image = opened(render(replace(IMAGE, text=" ".join(words))))
    assert shows(image, "word0 word1", tone=255)
    assert not shows(image, "word20", tone=255)
    assert render(replace(IMAGE, text=" ".join(words[:500]))) == render(replace(IMAGE, text=" ".join(words)))


@pytest.mark.parametrize(
    ("text", "upper", "lower"),
    [("红", "7E", "A2"), ("😀", "01F", "600"), ("\ud8ab", "D8", "AB"), ("я", "04", "4F")],
)
def test_a_character_without_a_glyph_shows_its_code_point(text, upper, lower):
    image = opened(render(replace(IMAGE, text=text)))
    assert shows(image, upper, tone=255)
    assert shows(image, lower, tone=255)


def test_accents_are_taken_off_letters_that_the_font_knows():
    assert render(replace(IMAGE, text="Déjà vu — naïve")) == render(replace(IMAGE, text="Deja vu - naive"))


def test_colours_and_pattern_follow_the_seed():
    pictures = [opened(render(replace(IMAGE, seed=f"task {number}"))) for number in range(12)]
    assert len({tuple(image.getpalette()) for image in pictures}) == 12
    assert len({image.tobytes() for image in pictures}) == 12
    hues = [colorsys.rgb_to_hsv(*image.convert("RGB").getpixel((0, 0)))[0] for image in pictures]
    assert max(hues) - min(hues) > 0.5


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_equal_arguments_give_the_same_bytes_in_any_process(hash_seed):
    wanted = [replace(IMAGE, watermark=True), replace(IMAGE, media_type="image/jpeg"), VIDEO]
    script = (
        "import hashlib\nfrom mockserver.media import Render, render\n"
        f"for one in {wanted!r}:\n    print(hashlib.sha256(render(one)).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == [hashlib.sha256(render(one)).hexdigest() for one in wanted]


def test_threads_that_render_at_once_get_what_one_alone_gets():
    wanted = [replace(IMAGE, index=number, seed=f"{number}", text=f"fox {number} 红") for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(render, wanted)) == [render(one) for one in wanted]


def test_pillow_is_not_imported_before_something_is_rendered():
    script = "import sys, mockserver.media; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


texts = st.text(st.characters(exclude_categories=()), max_size=80)


@settings(max_examples=40)
@given(
    text=texts,
    provider=texts,
    seed=texts,
    aspect_ratio=st.sampled_from(["16:9", "1:1", "9:16", "100:1", "1:100", "7:1", "1:7"]),
    index=st.integers(-1, 10**20),
    watermark=st.booleans(),
)
def test_any_text_is_drawn(text, provider, seed, aspect_ratio, index, watermark):
    wanted = replace(
        IMAGE,
        text=text,
        provider=provider,
        seed=seed,
        aspect_ratio=aspect_ratio,
        index=index,
        watermark=watermark,
    )
    assert opened(render(wanted)).format == "PNG"


@settings(max_examples=15)
@given(text=texts, aspect_ratio=st.sampled_from(["16:9", "1:1", "9:16", "100:1", "1:100", "7:1", "1:7"]))
def test_any_text_is_filmed(text, aspect_ratio):
    wanted = replace(VIDEO, text=text, aspect_ratio=aspect_ratio, duration_seconds=0.3, watermark=True)
    assert render(wanted)[4:12] == b"ftypisom"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (replace(IMAGE, kind="smell"), "kind: unknown kind 'smell' (known: image, video, audio)"),
        (
            replace(IMAGE, media_type="image/avif"),
            "media_type: unknown media type 'image/avif' (known: image/png, image/jpeg, image/webp)",
        ),
        (
            replace(VIDEO, media_type="image/png"),
            "media_type: unknown media type 'image/png' (known: video/mp4)",
        ),
        (
            replace(VIDEO, aspect_ratio="wide"),
            (
                "aspect_ratio: 'wide' is not an aspect ratio"
                " (use width:height in positive numbers, such as 16:9)"
            ),
        ),
        *(
            (
                replace(VIDEO, duration_seconds=seconds),
                (
                    f"duration_seconds: a video of {seconds} seconds cannot be made"
                    " (use a number of seconds from 0.001 to 86400)"
                ),
            )
            for seconds in (0.0, -5.0, float("nan"), float("inf"), 86_401.0)
        ),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(wanted, message):
    with pytest.raises(UnderstudyError) as caught:
        render(wanted)
    assert str(caught.value) == message
