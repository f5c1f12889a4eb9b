"""Pages of which an extractor kept descriptions and values alone: what stands where says what it is."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read
from understudy.specs.readers.rewritten import labels_left_out

PAGE = """Clip from words
POST https://api.example.com/v1/clips
Body
What is seen. At most 900 characters.
900"a boat at sea"
Which engine
nine-1 What is not seen. At most 900 characters.
900How it looks
warm: of the sun
cold: of the moon
warm, cold Seconds of the clip
4
, 8
"4"
How near it stays to the words
0 <= x <= 1Where the end is told
"https://example.com/told"
Response
The clip is waiting
"""


def test_values_without_labels_are_those_of_the_description_above() -> None:
    page = read(Document("clip.txt", PAGE))

    said = [
        (one.wording, {word.name: (word.value, word.evidence.line) for word in one.keywords})
        for one in page.operations[0].request
    ]
    assert said == [
        ("What is seen. At most 900 characters.", {"maxLength": (900, 5), "type": ("string", 5)}),
        ("Which engine", {"enum": (["nine-1"], 7)}),
        ("What is not seen. At most 900 characters.", {"maxLength": (900, 8), "type": ("string", 8)}),
        ("How it looks\n- warm: of the sun\n- cold: of the moon", {"enum": (["warm", "cold"], 11)}),
        ("Seconds of the clip", {"enum": (["4", "8"], 12)}),
        ("How near it stays to the words", {"maximum": (1, 16), "minimum": (0, 16)}),
        ("Where the end is told", {}),
    ]
    assert [note.kind for note in page.notes if note.field == ("",)] == ["unnamed"] * 7 + ["unnamed"]


@pytest.mark.parametrize(
    "text",
    [
        PAGE.replace("Body\n", ""),  # nothing says that fields follow
        PAGE.replace("warm, cold", "Available options:\nwarm, cold"),  # its labels are there
        PAGE.replace("Which engine\n", "engine\nstring\n"),  # its names are
        "Body\nSeconds of the clip\n4, 8\nand no more than that",
    ],
)
def test_page_that_has_its_labels_or_no_values_is_none_of_these(text: str) -> None:
    assert not labels_left_out.recognises(Document("clip.txt", text))
