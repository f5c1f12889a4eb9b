"""Which field of an answer is taken for the result's address, where its name is the API's own word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from understudy.specs.importing.result_field import result_field
from understudy.specs.model import Evidence, Field, FieldPath, Keyword


def field(name: str, type_: str = "string") -> Field:
    path = tuple(name.replace("[]", ".[]").split("."))
    return Field(path, (Keyword("type", type_, Evidence("page.md", 1, "declared")),))


def found(said: dict[str, str]) -> FieldPath:
    answer = [field("id"), field("state"), *(field(name) for name in said)]
    words = {tuple(name.replace("[]", ".[]").split(".")): text for name, text in said.items()}
    return result_field(answer, "/v2/loops", words).path


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"loop_url": ""}, ("loop_url",)),
        ({"clip_link": ""}, ("clip_link",)),
        ({"stillUri": ""}, ("stillUri",)),
        ({"output.loop_url": ""}, ("output", "loop_url")),
        ({"loops[].loop_url": ""}, ("loops", "[]", "loop_url")),
        ({"loop_url": "", "cover_url": "", "status_url": ""}, ("loop_url",)),
        ({"left_url": "", "loop_url": ""}, ("loop_url",)),
        ({"left_url": "", "right_url": "there once it is done"}, ("right_url",)),
        ({"loop": "the address, filled when done"}, ("loop",)),
        ({"loop": "完成后返回的地址"}, ("loop",)),
    ],
)
def test_a_field_named_by_what_is_made_is_the_result(said: dict[str, str], path: FieldPath) -> None:
    assert found(said) == path


@pytest.mark.parametrize(
    "said",
    [
        {"status_url": ""},
        {"cancel_url": "", "docs_url": ""},
        {"thumbnail_url": ""},
        {"source_url": "what was sent"},
        {"left_url": "", "right_url": ""},
        {"note": "there when the task is done"},
        {"finished_by": "when it is finished"},
        {"message": "why it failed"},
    ],
)
def test_what_is_of_another_thing_or_one_of_several_is_not(said: dict[str, str]) -> None:
    assert found(said) == ()


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        ({"loop": "https://x.example/a.mp4?key=1", "note": "https://x.example/help"}, ("loop",)),
        ({"cover": "https://x.example/a.png", "loop": "https://x.example/a.mp4"}, ("loop",)),
        ({"left": "https://x.example/a.png", "right": "https://x.example/b.png"}, ()),
        ({"note": "https://x.example/page", "file": "a.mp4"}, ()),
        ({"loop": "https://x.example/a.mp4", "clip_url": "https://x.example/b"}, ("clip_url",)),
    ],
)
def test_a_field_that_an_example_shows_as_the_address_of_a_file_is_the_result(
    shown: dict[str, str], path: FieldPath
) -> None:
    answer = [replace(field(name), shown=(value,)) for name, value in shown.items()]

    assert result_field(answer, "/v2/loops").path == path


def test_of_several_each_is_named() -> None:
    answer = [field("left_url"), field("right_url")]

    assert result_field(answer, "/v2/loops").several == ("left_url", "right_url")
