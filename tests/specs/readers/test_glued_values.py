"""Values that copying ran together are taken apart where the page's other words allow one way only."""

from __future__ import annotations

import pytest

from understudy.specs.readers.fields.glued_values import Words, taken_apart

PAGE = ["mode: std costs less", "extend_video and lip_sync", "duration 5", "video_generation", "16:9"]


@pytest.mark.parametrize(
    ("run", "type_", "values"),
    [
        ("stdpro", "string", ["std", "pro"]),
        ("510", "integer", ["5", "10"]),
        ("video_generationextend_videolip_synceffects", "string",
         ["video_generation", "extend_video", "lip_sync", "effects"]),
        ("16:99:161:1", "string", ["16:9", "9:16", "1:1"]),
        ('"16:9""9:16"', "string", ["16:9", "9:16"]),
        ("fastslow", "string", []),  # neither word is known
        ("std", "string", []),  # a word of its own
        ("a, b", "string", []),  # set apart already
    ],
)  # fmt: skip
def test_run_is_taken_apart_by_words_of_the_page(run: str, type_: str, values: list[str]) -> None:
    assert taken_apart(run, type_, Words(PAGE)) == values
