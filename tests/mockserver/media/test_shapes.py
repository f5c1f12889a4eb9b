"""Aspect ratios to pixel sizes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.mockserver.media.shapes import Size, film_size, picture_size
from understudy.specs.errors import UnderstudyError


@pytest.mark.parametrize(
    ("aspect_ratio", "picture", "film"),
    [
        ("16:9", (1024, 576), (640, 360)),
        ("9:16", (576, 1024), (360, 640)),
        ("1:1", (1024, 1024), (480, 480)),
        ("4:3", (1024, 768), (544, 408)),
        ("3:4", (768, 1024), (408, 544)),
        ("3:2", (1008, 672), (576, 384)),
        ("2:3", (672, 1008), (384, 576)),
        ("21:9", (1008, 432), (728, 312)),
        (" 2:3", (672, 1008), (384, 576)),
        ("1920:1080", (1024, 576), (640, 360)),
        ("2.39:1", (956, 400), (478, 200)),
        ("1000:999", (1000, 999), (480, 480)),
        ("1024:1", (1024, 16), (1280, 16)),
        ("1:999999", (16, 1024), (16, 1280)),
    ],
)
def test_an_aspect_ratio_has_one_size_for_pictures_and_one_for_films(aspect_ratio, picture, film):
    assert (picture_size(aspect_ratio), film_size(aspect_ratio)) == (Size(*picture), Size(*film))


@given(st.integers(1, 32), st.integers(1, 32))
def test_sizes_are_exact_and_bounded_for_small_whole_ratios(width, height):
    shape = Fraction(width, height)
    picture, film = picture_size(f"{width}:{height}"), film_size(f"{width}:{height}")
    assert Fraction(*picture) == shape
    assert Fraction(*film) == shape
    assert 960 <= max(picture) <= 1024
    assert film.width % 2 == film.height % 2 == 0
    assert film.width * film.height <= 640 * 360


numbers = st.one_of(
    st.integers(1, 999_999).map(str), st.decimals("0.001", "9999", places=3, allow_nan=False).map(str)
)


@given(numbers, numbers)
def test_any_positive_ratio_has_a_size_that_can_be_drawn_and_encoded(width, height):
    picture, film = picture_size(f"{width}:{height}"), film_size(f"{width}:{height}")
    assert 16 <= min(picture) <= max(picture) <= 1024
    assert 16 <= min(film) <= max(film) <= 1280
    assert film.width % 2 == film.height % 2 == 0
    # Level 3 of H.264 (table A-1) allows 1620 macroblocks a picture.
    assert -(-film.width // 16) * -(-film.height // 16) <= 1620


@pytest.mark.parametrize(
    "aspect_ratio",
    [
        "",
        "16",
        "16x9",
        "16:9:1",
        "0:9",
        "16:0",
        "0.0:1",
        "-16:9",
        "a:b",
        "inf:1",
        "nan:1",
        "1e9:1",
        "١:١",
        "1:" + "9" * 12,
    ],
)
def test_what_is_no_ratio_is_refused_by_name(aspect_ratio):
    with pytest.raises(UnderstudyError) as caught:
        picture_size(aspect_ratio)
    assert str(caught.value) == (
        f"aspect_ratio: {aspect_ratio!r} is not an aspect ratio"
        " (use width:height in positive numbers, such as 16:9)"
    )
