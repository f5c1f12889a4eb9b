"""Text is cut to its first words and broken into lines that fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.mockserver.media.lettering import first_words, measure, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("  a\n\tred   fox ", "a red fox"),
        ("one two six four", "one two six…"),
        ("one two six", "one two six"),
        ("abcdefghijklmnopq", "abcdefghijkl…"),
        ("abcdefghijk lmn", "abcdefghijk…"),
        ("红色的狐狸在清晨的雪地里奔跑", "红色的狐狸在清晨的雪地里…"),
        (" " * 1000 + "fox", "…"),
    ],
)
def test_the_first_words_are_kept_and_the_cut_is_marked(text, shown):
    assert first_words(text, words=3, characters=12) == shown


@given(st.text("aWi 红é.", max_size=60), st.integers(8, 60), st.integers(60, 400))
def test_lines_fit_and_nothing_is_lost(text, size, width):
    lines = wrap(text, size, width)
    assert "".join(lines).replace(" ", "") == text.replace("é", "e").replace(" ", "")
    # A single character may be wider than the line.
    assert all(measure(line, size) <= width + 1 or len(line) == 1 for line in lines)


def test_lines_break_at_spaces_first():
    width = measure("a red fox", 20)
    assert wrap("a red fox runs far", 20, width) == ["a red fox", "runs far"]
